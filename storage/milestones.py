"""The ledger of milestones: each recorded once, with where it comes from and what became of it."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, bindparam, select, update

from storage.database import TransactionConflictError
from storage.prepared import Insertion, Query
from storage.tables import Award, Milestone, ServiceSpell, table_of

_milestone = table_of(Milestone)
_award = table_of(Award)
_spell = table_of(ServiceSpell)


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


_of_spell = (_milestone.c.workspace_id == _spell.c.workspace_id) & (
    _milestone.c.spell_id == _spell.c.id
)
COLUMNS = tuple(_milestone.c[name] for name in MilestoneRow._fields)
_lines = select(
    _milestone.c.spell_id, _milestone.c.length, _milestone.c.state, _milestone.c.withdrawals
).where(
    _milestone.c.workspace_id == bindparam("workspace_id"),
    _milestone.c.spell_id.in_(bindparam("spells", expanding=True)),
)
_recorded = Query(_lines)
_recorded_since = Query(_lines.where(_milestone.c.due_on >= bindparam("since")))
_insert = Insertion(_milestone, MilestoneRow._fields, common=("workspace_id",))
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
    if not spell_ids:
        return []
    values: dict[str, object] = {"workspace_id": workspace_id, "spells": spell_ids}
    if since is None:
        rows = _recorded.rows(session, values)
    else:
        rows = _recorded_since.rows(session, values | {"since": since})
    return [Recorded._make(row) for row in rows]


def add(session: Connection, *, workspace_id: int, rows: Sequence[MilestoneRow]) -> None:
    """Write new lines. Raises TransactionConflictError where one is there already."""
    added = _insert.add(session, rows, (workspace_id,))
    if added < len(rows):
        raise TransactionConflictError("another process recorded one of them in this very moment")


def record_again(session: Connection, *, workspace_id: int, rows: Sequence[MilestoneRow]) -> None:
    """Write lines that were withdrawn anew, on their right days."""
    for row in rows:
        values = row._asdict()
        key = values.pop("spell_id"), values.pop("length")
        change(session, workspace_id=workspace_id, keys=[key], **values)


def change(
    session: Connection,
    *,
    workspace_id: int,
    keys: Collection[tuple[UUID, str]],
    **values: Any,
) -> None:
    """Give these lines, by spell and length, other values."""
    for spell_id, length in keys:
        session.execute(
            _again.values(**values),
            {"of_workspace": workspace_id, "of_spell": spell_id, "of_length": length},
        )


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


def withdraw(
    session: Connection, *, workspace_id: int, keys: Collection[tuple[UUID, str]], reason: str
) -> None:
    """Take lines back that nobody has been told of: they fall due again on their right day."""
    change(
        session,
        workspace_id=workspace_id,
        keys=keys,
        state="withdrawn",
        reason=reason,
        award_id=None,
        batch_id=None,
        withdrawals=_milestone.c.withdrawals + 1,
    )


def mark(
    session: Connection, *, workspace_id: int, keys: Collection[tuple[UUID, str]], reason: str
) -> None:
    """Keep lines of which people have been told, and note what was corrected since."""
    change(session, workspace_id=workspace_id, keys=keys, reason=reason)
