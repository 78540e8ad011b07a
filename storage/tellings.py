"""What is told of milestones together, and what became of the messages that tell of them."""

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select, update

from storage import milestones
from storage.prepared import Query
from storage.tables import Award, Delivery, Milestone, Preference, ServiceSpell, table_of
from storage.tenure import CHOICE

_milestone = table_of(Milestone)
_award = table_of(Award)
_delivery = table_of(Delivery)
_spell = table_of(ServiceSpell)
_preference = table_of(Preference)


class Telling(NamedTuple):
    """A milestone as a message tells of it, with what is checked again when it is sent."""

    spell_id: UUID
    length: str
    person_id: UUID
    celebrated_on: date
    recorded_at: datetime
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


_told_of = (
    select(
        _milestone.c.spell_id,
        _milestone.c.length,
        _milestone.c.person_id,
        _milestone.c.celebrated_on,
        _milestone.c.recorded_at,
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
_of_batch = Query(_told_of)


def of_batch(session: Connection, *, workspace_id: int, batch_id: UUID) -> list[Telling]:
    """What is told together, in the order it was recorded; [] for awards of another kind."""
    rows = _of_batch.rows(session, {"workspace_id": workspace_id, "batch_id": batch_id})
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


_of_milestones = Query(
    select(_milestone.c.batch_id)
    .where(
        _milestone.c.workspace_id == bindparam("workspace_id"),
        _milestone.c.batch_id.in_(bindparam("batch_ids", expanding=True)),
    )
    .distinct()
)


def of_milestones(
    session: Connection, *, workspace_id: int, batch_ids: Collection[UUID]
) -> frozenset[UUID]:
    """Those of these batches of awards that are of milestones."""
    rows = _of_milestones.rows(session, {"workspace_id": workspace_id, "batch_ids": batch_ids})
    return frozenset(row[0] for row in rows)


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
    milestones.change(
        session,
        workspace_id=workspace_id,
        keys=keys,
        state="announced",
        told_at=func.coalesce(_milestone.c.told_at, now),
        channel=channel,
        message_ts=message_ts,
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
