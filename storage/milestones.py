"""The ledger of milestones: each recorded once, with where it comes from and what became of it."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, insert, select, update

from storage.tables import Award, Delivery, Milestone, Preference, ServiceSpell, table_of
from storage.tenure import CHOICE

_milestone = table_of(Milestone)
_award = table_of(Award)
_delivery = table_of(Delivery)
_spell = table_of(ServiceSpell)
_preference = table_of(Preference)


class MilestoneRow(NamedTuple):
    """One line of the ledger. `state`: recorded, announced (feed), told (alone), silent, withdrawn."""

    spell_id: UUID
    length: str
    person_id: UUID
    due_on: date
    celebrated_on: date
    moved: str
    counted_from: date
    source: str
    recorded_at: datetime
    state: str
    reason: str
    belated: bool
    withdrawals: int
    award_id: UUID | None
    batch_id: UUID | None
    told_at: datetime | None
    channel: str | None
    message_ts: str | None


class Recorded(NamedTuple):
    """What a run has to know of a line that is there."""

    spell_id: UUID
    length: str
    state: str
    withdrawals: int


class Telling(NamedTuple):
    """A milestone as a message tells of it, with what is checked again when it is sent."""

    spell_id: UUID
    length: str
    person_id: UUID
    celebrated_on: date
    belated: bool
    state: str
    version_id: UUID
    code: str
    reason: str
    private: bool
    quiet: bool
    revoked_at: datetime | None
    undone: bool
    ended_on: date | None
    removed_at: datetime | None
    choice: str | None


_of_spell = (_milestone.c.workspace_id == _spell.c.workspace_id) & (
    _milestone.c.spell_id == _spell.c.id
)
COLUMNS = tuple(_milestone.c[name] for name in MilestoneRow._fields)
_recorded = select(
    _milestone.c.spell_id, _milestone.c.length, _milestone.c.state, _milestone.c.withdrawals
).where(
    _milestone.c.workspace_id == bindparam("workspace_id"),
    _milestone.c.spell_id.in_(bindparam("spells", expanding=True)),
)
_recorded_since = _recorded.where(_milestone.c.due_on >= bindparam("since"))
_insert = insert(_milestone)
_this = (
    _milestone.c.workspace_id == bindparam("of_workspace"),
    _milestone.c.spell_id == bindparam("of_spell"),
    _milestone.c.length == bindparam("of_length"),
)
_again = update(_milestone).where(*_this)


def recorded(
    session: Connection,
    *,
    workspace_id: int,
    spell_ids: Collection[UUID],
    since: date | None = None,
) -> list[Recorded]:
    """The lines of these spells, or those whose day is not before `since`."""
    values: dict[str, object] = {"workspace_id": workspace_id, "spells": list(spell_ids)}
    if since is None:
        rows = session.execute(_recorded, values)
    else:
        rows = session.execute(_recorded_since, values | {"since": since})
    return [Recorded._make(row) for row in rows]


def add(session: Connection, *, workspace_id: int, rows: Sequence[MilestoneRow]) -> None:
    """Write new lines. Raises IntegrityError where one is there already."""
    if rows:
        session.execute(_insert, [{"workspace_id": workspace_id, **row._asdict()} for row in rows])


def record_again(session: Connection, *, workspace_id: int, rows: Sequence[MilestoneRow]) -> None:
    """Write lines that were withdrawn anew, on their right days."""
    for row in rows:
        values = row._asdict()
        del values["spell_id"], values["length"]
        session.execute(
            _again.values(**values),
            {"of_workspace": workspace_id, "of_spell": row.spell_id, "of_length": row.length},
        )


def of_spells(
    session: Connection, *, workspace_id: int, spell_ids: Collection[UUID]
) -> list[MilestoneRow]:
    """The whole ledger of these spells, by day."""
    if not spell_ids:
        return []
    rows = session.execute(
        select(*COLUMNS)
        .where(
            _milestone.c.workspace_id == workspace_id, _milestone.c.spell_id.in_(list(spell_ids))
        )
        .order_by(_milestone.c.due_on, _milestone.c.spell_id, _milestone.c.length)
    )
    return [MilestoneRow._make(row) for row in rows]


def of_person(session: Connection, *, workspace_id: int, person_id: UUID) -> list[MilestoneRow]:
    """The whole ledger of a person by day, of spells that were a mistake too."""
    rows = session.execute(
        select(*COLUMNS)
        .select_from(_spell.join(_milestone, _of_spell))
        .where(_spell.c.workspace_id == workspace_id, _spell.c.person_id == person_id)
        .order_by(_milestone.c.due_on, _milestone.c.spell_id, _milestone.c.length)
    )
    return [MilestoneRow._make(row) for row in rows]


def standing(
    session: Connection, *, workspace_id: int, person_ids: Collection[UUID]
) -> list[MilestoneRow]:
    """The lines of these people that were not withdrawn, of spells that were a mistake too."""
    rows = session.execute(
        select(*COLUMNS)
        .select_from(_spell.join(_milestone, _of_spell))
        .where(
            _spell.c.workspace_id == workspace_id,
            _spell.c.person_id.in_(list(person_ids)),
            _milestone.c.state != "withdrawn",
        )
        .order_by(_milestone.c.due_on, _milestone.c.spell_id, _milestone.c.length)
    )
    return [MilestoneRow._make(row) for row in rows]


def told(
    session: Connection, *, workspace_id: int, person_ids: Collection[UUID]
) -> list[tuple[UUID, UUID, str, bool]]:
    """What these people were told of: person, spell, length, and whether the spell still counts."""
    if not person_ids:
        return []
    rows = session.execute(
        select(_spell.c.person_id, _spell.c.id, _milestone.c.length, _spell.c.removed_at.is_(None))
        .select_from(_spell.join(_milestone, _of_spell))
        .where(
            _spell.c.workspace_id == workspace_id,
            _spell.c.person_id.in_(list(person_ids)),
            _milestone.c.state.in_(["announced", "told"]),
        )
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


class Announced(NamedTuple):
    """Where and when the feed was told of a milestone."""

    told_at: datetime
    channel: str
    message_ts: str


_announced_of = (
    select(_milestone.c.told_at, _milestone.c.channel, _milestone.c.message_ts)
    .select_from(
        _milestone.join(
            _award,
            (_award.c.workspace_id == _milestone.c.workspace_id)
            & (_award.c.id == _milestone.c.award_id),
        )
    )
    .where(
        _milestone.c.workspace_id == bindparam("workspace_id"),
        _milestone.c.spell_id.in_(
            select(_spell.c.id).where(
                _spell.c.workspace_id == bindparam("workspace_id"),
                _spell.c.person_id == bindparam("person_id"),
            )
        ),
        _milestone.c.length == bindparam("length"),
        _milestone.c.state == "announced",
        _milestone.c.message_ts.is_not(None),
        _award.c.private.is_(False),
        _award.c.hidden.is_(False),
        _award.c.revoked_at.is_(None),
    )
    .order_by(_milestone.c.told_at.desc())
    .limit(1)
)


def announced(
    session: Connection, *, workspace_id: int, person_id: UUID, length: str
) -> Announced | None:
    """When the feed was last told of this, as far as everybody may still see it; else None."""
    row = session.execute(
        _announced_of, {"workspace_id": workspace_id, "person_id": person_id, "length": length}
    ).first()
    return Announced._make(row) if row else None


def failures(
    session: Connection, *, workspace_id: int, batch_id: UUID, person_id: UUID
) -> list[str]:
    """Why the post of a batch, or the message of it to this person, was given up."""
    rows = session.execute(
        select(_delivery.c.error).where(
            _delivery.c.workspace_id == workspace_id,
            _delivery.c.batch_id == batch_id,
            _delivery.c.kind.in_(["announce", "notify"]),
            _delivery.c.state == "dead",
            (_delivery.c.person_id == person_id) | _delivery.c.person_id.is_(None),
        )
    )
    return [row[0] or "" for row in rows]


_told_of = (
    select(
        _milestone.c.spell_id,
        _milestone.c.length,
        _milestone.c.person_id,
        _milestone.c.celebrated_on,
        _milestone.c.belated,
        _milestone.c.state,
        _award.c.version_id,
        _award.c.code,
        _award.c.reason,
        _award.c.private,
        _award.c.quiet,
        _award.c.revoked_at,
        _award.c.undone,
        _spell.c.ended_on,
        _spell.c.removed_at,
        _preference.c.value,
    )
    .select_from(
        _milestone.join(
            _award,
            (_award.c.workspace_id == _milestone.c.workspace_id)
            & (_award.c.id == _milestone.c.award_id),
        )
        .join(
            _spell,
            (_spell.c.workspace_id == _milestone.c.workspace_id)
            & (_spell.c.id == _milestone.c.spell_id),
        )
        .outerjoin(
            _preference,
            (_preference.c.workspace_id == _milestone.c.workspace_id)
            & (_preference.c.person_id == _milestone.c.person_id)
            & (_preference.c.key == CHOICE),
        )
    )
    .where(
        _milestone.c.workspace_id == bindparam("workspace_id"),
        _milestone.c.batch_id == bindparam("batch_id"),
    )
    .order_by(_award.c.id)
)


def of_batch(session: Connection, *, workspace_id: int, batch_id: UUID) -> list[Telling]:
    """What is told together, in the order it was recorded; [] for awards of another kind."""
    rows = session.execute(_told_of, {"workspace_id": workspace_id, "batch_id": batch_id})
    return [Telling._make(row) for row in rows]


_to_person = _told_of.where(_milestone.c.person_id == bindparam("person_id"))


def of_batch_for(
    session: Connection, *, workspace_id: int, batch_id: UUID, person_id: UUID
) -> list[Telling]:
    """What one person is told of a batch."""
    rows = session.execute(
        _to_person, {"workspace_id": workspace_id, "batch_id": batch_id, "person_id": person_id}
    )
    return [Telling._make(row) for row in rows]


def in_batch(session: Connection, *, workspace_id: int, batch_id: UUID) -> bool:
    """Whether a batch of awards is of milestones."""
    return (
        session.execute(
            select(_milestone.c.length)
            .where(_milestone.c.workspace_id == workspace_id, _milestone.c.batch_id == batch_id)
            .limit(1)
        ).first()
        is not None
    )


def note_announced(
    session: Connection,
    *,
    workspace_id: int,
    keys: Collection[tuple[UUID, str]],
    channel: str | None,
    message_ts: str | None,
    now: datetime,
) -> None:
    """Note that the feed was told of these, and where."""
    for spell_id, length in keys:
        session.execute(
            _again.values(
                state="announced",
                told_at=func.coalesce(_milestone.c.told_at, now),
                channel=channel,
                message_ts=message_ts,
            ),
            {"of_workspace": workspace_id, "of_spell": spell_id, "of_length": length},
        )


def note_told(
    session: Connection, *, workspace_id: int, batch_id: UUID, person_id: UUID, now: datetime
) -> None:
    """Note that the person was told of theirs; what the feed was told of stays announced."""
    of_theirs = (
        _milestone.c.workspace_id == workspace_id,
        _milestone.c.batch_id == batch_id,
        _milestone.c.person_id == person_id,
    )
    session.execute(
        update(_milestone)
        .where(*of_theirs, _milestone.c.state.in_(["recorded", "silent"]))
        .values(state="told", told_at=now)
    )


def note_silent(
    session: Connection,
    *,
    workspace_id: int,
    batch_id: UUID,
    reason: str,
    person_id: UUID | None = None,
) -> None:
    """Note why nobody was told after all, of what waited in a batch (for one person)."""
    chosen = [
        _milestone.c.workspace_id == workspace_id,
        _milestone.c.batch_id == batch_id,
        _milestone.c.state == "recorded",
    ]
    if person_id is not None:
        chosen.append(_milestone.c.person_id == person_id)
    session.execute(update(_milestone).where(*chosen).values(state="silent", reason=reason))


def being_sent(
    session: Connection, *, workspace_id: int, batch_ids: Collection[UUID]
) -> set[tuple[UUID, UUID | None]]:
    """Which posts (batch, None) and messages (batch, person) are sent or just being sent.

    Holds the deliveries until the transaction ends: what is not sent by then is not sent meanwhile.
    """
    if not batch_ids:
        return set()
    rows = session.execute(
        select(_delivery.c.batch_id, _delivery.c.person_id, _delivery.c.state)
        .where(
            _delivery.c.workspace_id == workspace_id,
            _delivery.c.batch_id.in_(list(batch_ids)),
            _delivery.c.kind.in_(["announce", "notify"]),
        )
        .with_for_update()
    )
    return {(row[0], row[1]) for row in rows if row[2] in ("sending", "sent")}


def withdraw(
    session: Connection, *, workspace_id: int, keys: Collection[tuple[UUID, str]], reason: str
) -> None:
    """Take lines back that nobody has been told of: they fall due again on their right day."""
    for spell_id, length in keys:
        session.execute(
            _again.values(
                state="withdrawn",
                reason=reason,
                award_id=None,
                batch_id=None,
                withdrawals=_milestone.c.withdrawals + 1,
            ),
            {"of_workspace": workspace_id, "of_spell": spell_id, "of_length": length},
        )


def mark(
    session: Connection, *, workspace_id: int, keys: Collection[tuple[UUID, str]], reason: str
) -> None:
    """Keep lines of which people have been told, and note what was corrected since."""
    for spell_id, length in keys:
        session.execute(
            _again.values(reason=reason),
            {"of_workspace": workspace_id, "of_spell": spell_id, "of_length": length},
        )
