"""Awards to many at once: the plan, how far it is, and what its messages tell."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from storage.awards import COLUMNS, AwardRow
from storage.prepared import Query
from storage.tables import Award, Bulk, Delivery, table_of

_bulk: Table = table_of(Bulk)
_award: Table = table_of(Award)
_delivery: Table = table_of(Delivery)

# planned: shown, and waits to be confirmed; undone: taken back, or, until it is finished, being so
State = Literal["planned", "running", "done", "undone"]


class BulkRow(NamedTuple):
    """A bulk award, as stored, without its plan; `id` is the batch of its awards."""

    id: UUID
    giver_id: UUID
    state: State
    total: int
    done: int
    quiet: bool
    channel: str | None
    message_ts: str | None
    created_at: datetime
    finished_at: datetime | None


class Awarded(NamedTuple):
    """Of a badge’s version: how many of a batch’s awards stand, how many were revoked."""

    version_id: UUID
    standing: int
    revoked: int


# In the plan's place, once all is done, until whoever wanted it has been told so.
UNTOLD = '"untold"'
_columns = tuple(_bulk.c[name] for name in BulkRow._fields)
_unfinished = or_(
    _bulk.c.state == "running",
    and_(_bulk.c.state == "undone", _bulk.c.finished_at.is_(None)),
)
under_way = or_(_unfinished, _bulk.c.plan == UNTOLD)


def add(
    session: Connection,
    *,
    workspace_id: int,
    bulk_id: UUID,
    giver_id: UUID,
    plan: str,
    total: int,
    quiet: bool,
    now: datetime,
) -> None:
    """Keep a plan that waits to be confirmed."""
    session.execute(
        insert(_bulk).values(
            workspace_id=workspace_id,
            id=bulk_id,
            giver_id=giver_id,
            state="planned",
            plan=plan,
            total=total,
            done=0,
            quiet=quiet,
            created_at=now,
        )
    )


_by_ids = Query(
    select(*_columns).where(
        _bulk.c.workspace_id == bindparam("workspace_id"),
        _bulk.c.id.in_(bindparam("bulk_ids", expanding=True)),
    )
)


def by_ids(
    session: Connection, *, workspace_id: int, bulk_ids: Collection[UUID]
) -> dict[UUID, BulkRow]:
    """The bulk awards whose awards are these batches, by batch; others have none."""
    rows = _by_ids.rows(session, {"workspace_id": workspace_id, "bulk_ids": bulk_ids})
    return {row[0]: BulkRow._make(row) for row in rows}


def by_id(session: Connection, *, workspace_id: int, bulk_id: UUID) -> BulkRow | None:
    """The bulk award whose awards are this batch, or None."""
    return by_ids(session, workspace_id=workspace_id, bulk_ids=[bulk_id]).get(bulk_id)


def among(
    session: Connection, *, workspace_id: int, batch_ids: Collection[UUID]
) -> frozenset[UUID]:
    """Those of these batches that are bulk awards."""
    rows = session.execute(
        select(_bulk.c.id).where(
            _bulk.c.workspace_id == workspace_id, _bulk.c.id.in_(list(batch_ids))
        )
    )
    return frozenset(rows.scalars())


def plan_of(session: Connection, *, workspace_id: int, bulk_id: UUID) -> str:
    """The plan of a bulk award, or of taking it back; once that is done UNTOLD, and then ""."""
    found = select(_bulk.c.plan).where(_bulk.c.workspace_id == workspace_id, _bulk.c.id == bulk_id)
    return str(session.execute(found).scalar_one())


def unfinished(session: Connection, *, workspace_id: int) -> list[BulkRow]:
    """What was begun, awarding or taking back, and is not at its end, oldest first."""
    return _where(session, workspace_id, _unfinished)


def to_resume(session: Connection, *, workspace_id: int) -> list[BulkRow]:
    """The same, and what is at its end and was not told."""
    return _where(session, workspace_id, under_way)


def _where(session: Connection, workspace_id: int, which: ColumnElement[bool]) -> list[BulkRow]:
    rows = session.execute(
        select(*_columns).where(_bulk.c.workspace_id == workspace_id, which).order_by(_bulk.c.id)
    )
    return [BulkRow._make(row) for row in rows]


def untold(session: Connection, *, workspace_id: int, bulk_id: UUID) -> BulkRow | None:
    """A bulk award at its end of which that was not told; None: it was, or is not at its end."""
    rows = _where(session, workspace_id, and_(_bulk.c.id == bulk_id, _bulk.c.plan == UNTOLD))
    return rows[0] if rows else None


def note_told(session: Connection, *, workspace_id: int, bulk_id: UUID, at: datetime) -> None:
    """Note that the end of it was told; from then on it is finished, unless it is taken back by now."""
    changed = {"plan": "", "finished_at": at}
    _update(session, workspace_id, bulk_id, [_bulk.c.plan == UNTOLD], changed)


def change(
    session: Connection,
    *,
    workspace_id: int,
    bulk_id: UUID,
    state: State,
    to: State,
    plan: str | None = None,
    finished_at: datetime | None = None,
) -> bool:
    """Bring a bulk award from one state to another; False when it is not in the first any more."""
    values: dict[str, object] = {"state": to, "finished_at": finished_at}
    if plan is not None:
        values["plan"] = plan
    return _update(session, workspace_id, bulk_id, [_bulk.c.state == state], values)


def advance(session: Connection, *, workspace_id: int, bulk_id: UUID, done: int, to: int) -> bool:
    """Note how many rows of the plan are dealt with; False when another process was quicker."""
    running = [_bulk.c.state == "running", _bulk.c.done == done]
    return _update(session, workspace_id, bulk_id, running, {"done": to})


def place(
    session: Connection, *, workspace_id: int, bulk_id: UUID, channel: str, message_ts: str
) -> None:
    """Remember which message tells how far it is."""
    values: dict[str, object] = {"channel": channel, "message_ts": message_ts}
    _update(session, workspace_id, bulk_id, [], values)


def _update(
    session: Connection,
    workspace_id: int,
    bulk_id: UUID,
    conditions: Sequence[ColumnElement[bool]],
    values: dict[str, object],
) -> bool:
    done = session.execute(
        update(_bulk)
        .where(_bulk.c.workspace_id == workspace_id, _bulk.c.id == bulk_id, *conditions)
        .values(**values)
    )
    return done.rowcount == 1


def rename_person(
    session: Connection, *, workspace_id: int, person_id: UUID, other_id: UUID
) -> None:
    """Have one person stand in plans where the other did, who is no more."""
    session.execute(
        update(_bulk)
        .where(_bulk.c.workspace_id == workspace_id, _bulk.c.plan.contains(other_id.hex))
        .values(plan=func.replace(_bulk.c.plan, other_id.hex, person_id.hex))
    )


def remove(session: Connection, *, workspace_id: int, bulk_id: UUID) -> bool:
    """Forget a plan that nobody confirmed; False when it was, or is not there."""
    done = session.execute(
        delete(_bulk).where(
            _bulk.c.workspace_id == workspace_id, _bulk.c.id == bulk_id, _bulk.c.state == "planned"
        )
    )
    return done.rowcount == 1


def remove_stale(session: Connection, *, workspace_id: int, before: datetime) -> int:
    """Forget plans made before then that nobody confirmed; how many those were."""
    return session.execute(
        delete(_bulk).where(
            _bulk.c.workspace_id == workspace_id,
            _bulk.c.state == "planned",
            _bulk.c.created_at < before,
        )
    ).rowcount


# -- what is told of a batch, however large it is ------------------------------------------------

_in_batch = and_(
    _award.c.workspace_id == bindparam("workspace_id"),
    _award.c.batch_id == bindparam("batch_id"),
)
# What was undone is as if it had never been.
_told_of = and_(
    _in_batch,
    _award.c.private.is_(False),
    _award.c.quiet.is_(False),
    _award.c.undone.is_(False),
)
_of_versions = and_(
    _told_of,
    _award.c.revoked_at.is_(None),
    _award.c.version_id.in_(bindparam("version_ids", expanding=True)),
)
_counted = Query(
    select(_award.c.version_id, func.count(), func.count(_award.c.revoked_at))
    .where(_told_of)
    .group_by(_award.c.version_id)
)
_named = Query(
    select(_award.c.recipient_id, _award.c.version_id)
    .where(_of_versions)
    .order_by(_award.c.id)
    .limit(bindparam("limit"))
)
_reasons = Query(select(_award.c.reason).where(_of_versions).distinct().limit(2))


def in_feed(session: Connection, *, workspace_id: int, batch_id: UUID) -> list[Awarded]:
    """How many awards of a batch are for everyone to read, by badge version, the most first."""
    rows = _counted.rows(session, {"workspace_id": workspace_id, "batch_id": batch_id})
    counted = [Awarded(row[0], row[1] - row[2], row[2]) for row in rows]
    return sorted(counted, key=lambda one: (-one.standing, one.version_id))


def recipients_in_feed(
    session: Connection,
    *,
    workspace_id: int,
    batch_id: UUID,
    version_ids: Collection[UUID],
    limit: int,
) -> list[tuple[UUID, UUID]]:
    """The first who were given these versions for everyone to read, each with the version."""
    values = {
        "workspace_id": workspace_id,
        "batch_id": batch_id,
        "version_ids": version_ids,
        "limit": limit,
    }
    return [(row[0], row[1]) for row in _named.rows(session, values)]


def common_reason(
    session: Connection, *, workspace_id: int, batch_id: UUID, version_ids: Collection[UUID]
) -> str:
    """The reason that all of these awards have in common; "" where they differ."""
    values = {"workspace_id": workspace_id, "batch_id": batch_id, "version_ids": version_ids}
    rows = _reasons.rows(session, values)
    return str(rows[0][0]) if len(rows) == 1 else ""


# Read by the person: a batch may be thousands of awards, and there is a message about each.
_theirs = (
    select(*COLUMNS)
    .where(
        _award.c.workspace_id == bindparam("workspace_id"),
        _award.c.recipient_id == bindparam("recipient_id"),
    )
    .cte("theirs")
    .prefix_with("MATERIALIZED")
)
_of_person = Query(
    select(*_theirs.c).where(_theirs.c.batch_id == bindparam("batch_id")).order_by(_theirs.c.id)
)


def of_person(
    session: Connection, *, workspace_id: int, batch_id: UUID, recipient_id: UUID
) -> list[AwardRow]:
    """The awards of a batch that one person received, revoked ones too."""
    values = {"workspace_id": workspace_id, "batch_id": batch_id, "recipient_id": recipient_id}
    return [AwardRow._make(row) for row in _of_person.rows(session, values)]


_standing = Query(
    select(_award.c.id, _award.c.recipient_id)
    .where(_in_batch, _award.c.revoked_at.is_(None))
    .order_by(_award.c.id)
    .limit(bindparam("limit"))
)


def standing(
    session: Connection, *, workspace_id: int, batch_id: UUID, limit: int
) -> list[tuple[UUID, UUID]]:
    """Awards of a batch that stand, at most so many, each with its recipient."""
    values = {"workspace_id": workspace_id, "batch_id": batch_id, "limit": limit}
    return [(row[0], row[1]) for row in _standing.rows(session, values)]


class Counts(NamedTuple):
    """How many awards of a batch stand, were revoked, and were undone."""

    standing: int
    revoked: int
    undone: int


_counting: Any = select(
    func.count(), func.count(_award.c.revoked_at), func.count(case((_award.c.undone, 1)))
)
_counts = Query(_counting.select_from(_award).where(_in_batch))


def counts(session: Connection, *, workspace_id: int, batch_id: UUID) -> Counts:
    """How many awards of a batch there are, and what became of them."""
    (row,) = _counts.rows(session, {"workspace_id": workspace_id, "batch_id": batch_id})
    every, gone, undone = row
    return Counts(every - gone, gone - undone, undone)


def told_among(
    session: Connection, *, workspace_id: int, batch_id: UUID, person_ids: Collection[UUID]
) -> list[UUID]:
    """Those of these people who were told of their awards of a batch, or are being told now.

    Holds the messages until the transaction ends: who is not told by then reads what is true then.
    """
    rows = session.execute(
        select(_delivery.c.person_id, _delivery.c.state)
        .where(
            _delivery.c.workspace_id == workspace_id,
            _delivery.c.key.in_([notify_key(batch_id, one) for one in person_ids]),
        )
        .with_for_update()
    )
    return sorted({row[0] for row in rows if row[1] in ("sending", "sent")})


def notify_key(batch_id: UUID, person_id: UUID) -> str:
    """The key of the message that tells a person of a batch."""
    return f"notify:{batch_id}:{person_id}"
