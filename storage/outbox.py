"""The outbox: what is to be sent, written in the transaction of what it tells of."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    TextClause,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    text,
    update,
)

from storage.database import TransactionConflictError, is_again
from storage.prepared import Insertion, Query
from storage.tables import Delivery, Lane, table_of
from storage.types import new_id

GAVE_UP = "gave_up"  # the error of a dead delivery for which nothing worked: gave_up:http_500

_lane = table_of(Lane)
_delivery = table_of(Delivery)
_LANES = "laurel_lanes"  # in a connection’s `info`: those that it has written or met
add_lane = Insertion(_lane, ("key",), common=("workspace_id", "next_at"))


class NewDelivery(NamedTuple):
    """Something to send. `key` says which thing it is: twice the same is sent once."""

    lane: str
    kind: str
    key: str
    batch_id: UUID | None = None
    person_id: UUID | None = None
    subject: str | None = None


class DeliveryRow(NamedTuple):
    """A delivery, as stored. `state` is pending, sending, sent, skipped or dead."""

    workspace_id: int
    id: UUID
    lane: str
    kind: str
    key: str
    batch_id: UUID | None
    person_id: UUID | None
    subject: str | None
    state: str
    attempts: int
    created_at: datetime
    sent_at: datetime | None
    channel: str | None
    message_ts: str | None
    error: str | None


_insert_delivery = Insertion(
    _delivery,
    ("id", *NewDelivery._fields),
    common=("workspace_id", "state", "attempts", "created_at"),
)
delivery_columns = tuple(_delivery.c[name] for name in DeliveryRow._fields)
# Spelled out, because a partial index serves only a condition that reads like its own.
is_waiting = text("delivery.state IN ('pending', 'sending')")
dead = text("delivery.state = 'dead'")
_done = text(
    "(delivery.state = 'skipped'"
    " OR delivery.state = 'sent' AND delivery.kind NOT IN ('announce', 'notify'))"
)
_OF_NO_USE = ("amend", "retract", "upload")  # once they are sent
_by_keys = Query(
    select(*delivery_columns).where(
        _delivery.c.workspace_id == bindparam("of_workspace"),
        _delivery.c.key.in_(bindparam("of_keys", expanding=True)),
    )
)


def enqueue(
    session: Connection,
    *,
    workspace_id: int,
    deliveries: Sequence[NewDelivery],
    now: datetime,
) -> None:
    """Write deliveries, each behind those already waiting in its lane.

    They are written with the commit at the latest, which raises TransactionConflictError where a lane is
    gone that there was before.
    """
    seen: set[tuple[int, str]] = session.info.setdefault(_LANES, set())
    wanted = {(workspace_id, delivery.lane) for delivery in deliveries}
    # Where a transaction is run anew, one of them may be the reason, and other connections know no better.
    missing = wanted if is_again(session) else wanted - seen
    if missing:
        # An existing lane's row is not touched here: awards to one channel would wait for each other.
        add_lane.add(session, [(key,) for _, key in sorted(missing)], (workspace_id, now))
        seen |= missing

    def lane_is_gone() -> Exception:
        seen.clear()
        return TransactionConflictError("a lane is gone")

    _insert_delivery.add_later(
        session,
        [(new_id(now), *delivery) for delivery in deliveries],
        (workspace_id, "pending", 0, now),
        refused=None if missing == wanted else lane_is_gone,
    )


_posts_of_batch = select(*delivery_columns).where(
    _delivery.c.workspace_id == bindparam("of_workspace"),
    _delivery.c.batch_id == bindparam("of_batch"),
    _delivery.c.kind == "announce",
)


def posts_of_batch(session: Connection, *, workspace_id: int, batch_id: UUID) -> list[DeliveryRow]:
    """The posts, sent or still to be sent, by which a batch of awards is announced in channels."""
    rows = session.execute(_posts_of_batch, {"of_workspace": workspace_id, "of_batch": batch_id})
    # Asked for them in order, SQLite would go through all deliveries there are.
    return sorted((DeliveryRow._make(row) for row in rows), key=lambda row: row.id)


def by_keys(
    session: Connection, *, workspace_id: int, keys: Collection[str]
) -> dict[str, DeliveryRow]:
    """The deliveries of these keys, in whatever state, by key."""
    rows = _by_keys.rows(session, {"of_workspace": workspace_id, "of_keys": keys})
    return {row.key: row for row in map(DeliveryRow._make, rows)}


def last_channel(session: Connection, *, workspace_id: int, lane: str) -> str | None:
    """The Slack id of the channel that a lane's latest post went to."""
    return session.execute(
        select(_delivery.c.channel)
        .where(
            _delivery.c.workspace_id == workspace_id,
            _delivery.c.lane == lane,
            _delivery.c.channel.is_not(None),
        )
        .order_by(_delivery.c.id.desc())
        .limit(1)
    ).scalar_one_or_none()


def list_waiting(session: Connection, *, workspace_id: int, limit: int = 100) -> list[DeliveryRow]:
    """What is still to be sent, oldest first."""
    return _listed(session, workspace_id, is_waiting, limit)


def list_dead(session: Connection, *, workspace_id: int, limit: int = 100) -> list[DeliveryRow]:
    """What could not be sent, oldest first; `error` says why."""
    return _listed(session, workspace_id, dead, limit)


def retry(
    session: Connection,
    *,
    workspace_id: int,
    now: datetime,
    ids: Collection[UUID] | None = None,
) -> int:
    """Have dead deliveries (these, or all) sent again, and return how many; their time starts anew.

    What was given up may have been sent in an attempt whose answer was lost: it is looked for first.
    """
    chosen = and_(_delivery.c.workspace_id == workspace_id, dead)
    if ids is not None:
        chosen = and_(chosen, _delivery.c.id.in_(list(ids)))
    in_doubt = _delivery.c.error.startswith(f"{GAVE_UP}:", autoescape=True)
    return session.execute(
        update(_delivery)
        .where(chosen)
        .values(
            state=case((in_doubt, "sending"), else_="pending"),
            attempts=0,
            # The search begins at this time.
            created_at=case((in_doubt, _delivery.c.created_at), else_=now),
            error=None,
        )
    ).rowcount


def rearm(session: Connection, *, workspace_id: int, keys: Collection[str], now: datetime) -> None:
    """Have done deliveries of these keys done once more; dead and waiting ones stay as they are."""
    session.execute(
        update(_delivery)
        .where(
            _delivery.c.workspace_id == workspace_id,
            _delivery.c.key.in_(list(keys)),
            _delivery.c.state.in_(["sent", "skipped"]),
        )
        .values(state="pending", attempts=0, created_at=now, sent_at=None, error=None)
    )


def counts_by_state(session: Connection) -> dict[str, int]:
    """How many deliveries of all workspaces are pending, sending and dead; cheap at any size."""
    counts = {"pending": 0, "sending": 0, "dead": 0}
    for condition in (is_waiting, dead):
        rows = session.execute(
            select(_delivery.c.state, func.count()).where(condition).group_by(_delivery.c.state)
        )
        counts |= {row[0]: row[1] for row in rows}
    return counts


def clear_done(
    session: Connection, *, workspace_id: int, before: datetime, limit: int = 500
) -> int:
    """Delete up to `limit` deliveries done before then, and return how many.

    Posts and direct messages that Slack has are kept: revoking an award edits them, years later too,
    and erasing a person deletes what reminded their manager.
    """
    of_no_use = or_(_delivery.c.state == "skipped", _delivery.c.kind.in_(_OF_NO_USE))
    old = and_(_done, of_no_use, _delivery.c.sent_at < before)
    return _delete(session, workspace_id, old, _delivery.c.sent_at, limit)


def clear_dead(
    session: Connection, *, workspace_id: int, before: datetime, limit: int = 500
) -> int:
    """Delete up to `limit` dead deliveries written before then, and return how many."""
    old = and_(dead, _delivery.c.created_at < before)
    return _delete(session, workspace_id, old, _delivery.c.id, limit)


def _delete(
    session: Connection,
    workspace_id: int,
    condition: ColumnElement[bool],
    order: ColumnElement[Any],  # that of an index which holds no more than the condition
    limit: int,
) -> int:
    found = (
        select(_delivery.c.id)
        .where(_delivery.c.workspace_id == workspace_id, condition)
        .order_by(order)
        .limit(limit)
        .scalar_subquery()
    )
    return session.execute(
        delete(_delivery).where(_delivery.c.workspace_id == workspace_id, _delivery.c.id.in_(found))
    ).rowcount


def _listed(
    session: Connection, workspace_id: int, condition: TextClause, limit: int
) -> list[DeliveryRow]:
    rows = session.execute(
        select(*delivery_columns)
        .where(_delivery.c.workspace_id == workspace_id, condition)
        .order_by(_delivery.c.id)
        .limit(limit)
    )
    return [DeliveryRow._make(row) for row in rows]
