"""Lanes of the outbox: leased by one worker at a time, who sends what waits there in order."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Subquery,
    and_,
    bindparam,
    case,
    or_,
    select,
    update,
)

from storage.each import ChangeEach
from storage.outbox import DeliveryRow, add_lane, delivery_columns, is_waiting
from storage.prepared import Change, Query
from storage.tables import Delivery, Lane, table_of

_lane = table_of(Lane)
_delivery = table_of(Delivery)


class LeaseLostError(Exception):
    """Another worker has the lane by now; raised inside a transaction, which it rolls back."""


class Waiting(NamedTuple):
    """A lane in which something waits, and when it can be claimed, perhaps long ago."""

    at: datetime
    workspace_id: int
    lane: str


class Lease(NamedTuple):
    """The right to send what waits in a lane, until it is released or somebody takes it over."""

    workspace_id: int
    lane: str
    token: UUID


class Settled(NamedTuple):
    """What came of a delivery: sent, skipped, or dead until an admin has it sent again.

    Or `pending` for another attempt at the head of its lane, or `sending` where it may have been sent,
    so that it is looked for first.
    """

    lease: Lease
    delivery_id: UUID
    state: str
    sent_at: datetime | None = None  # when it was done
    channel: str | None = None  # where Slack put it
    message_ts: str | None = None
    error: str | None = None


class Free(NamedTuple):
    """A lane that is given back, to be claimed then at the earliest."""

    lease: Lease
    next_at: datetime


_has_waiting = (
    select(_delivery.c.id)
    .where(
        _delivery.c.workspace_id == _lane.c.workspace_id,
        _delivery.c.lane == _lane.c.key,
        is_waiting,
    )
    .correlate(_lane)
    .exists()
)
_free_at = case(
    (_lane.c.leased_until > _lane.c.next_at, _lane.c.leased_until), else_=_lane.c.next_at
)
_waiting = Query(
    select(_free_at, _lane.c.workspace_id, _lane.c.key)
    .where(_has_waiting)
    .order_by(_free_at, _lane.c.workspace_id, _lane.c.key)
    .limit(bindparam("most", type_=Integer))
)
_these_lanes = and_(
    _lane.c.workspace_id == bindparam("of_workspace"),
    _lane.c.key.in_(bindparam("of_lanes", expanding=True)),
)
# Of one workspace: a database spread by workspace locks rows on one of its nodes only.
_due_lanes = Query(
    select(_lane.c.key)
    .where(
        _these_lanes,
        _lane.c.next_at <= bindparam("now"),
        or_(_lane.c.leased_until.is_(None), _lane.c.leased_until <= bindparam("now")),
    )
    # NO KEY: a transaction that is just adding to the lane holds its key, and must not hide it.
    .with_for_update(of=_lane, skip_locked=True, key_share=True)
)
_take_lanes = Change(
    update(_lane)
    .where(_these_lanes)
    .values(leased_until=bindparam("until"), lease=bindparam("token"))
)
_this_lane = and_(
    _lane.c.workspace_id == bindparam("of_workspace"), _lane.c.key == bindparam("of_lane")
)
_held_lane = and_(_this_lane, _lane.c.lease == bindparam("of_token"))
_renew_lane = Change(update(_lane).where(_held_lane).values(leased_until=bindparam("until")))
_postpone_lane = update(_lane).where(_this_lane).values(next_at=bindparam("new_next_at"))
_first_waiting = (
    select(_delivery.c.id)
    .where(
        _delivery.c.workspace_id == _lane.c.workspace_id,
        _delivery.c.lane == _lane.c.key,
        is_waiting,
    )
    .correlate(_lane)
    .order_by(_delivery.c.id)
    .limit(1)
    .scalar_subquery()
)
_heads = Query(
    select(*delivery_columns).where(
        _delivery.c.workspace_id == bindparam("of_workspace"),
        _delivery.c.id.in_(select(_first_waiting).select_from(_lane).where(_these_lanes)),
    )
)
_mark_sending = Change(
    update(_delivery)
    .where(
        _delivery.c.workspace_id == bindparam("of_workspace"),
        _delivery.c.id.in_(bindparam("of_ids", expanding=True)),
    )
    .values(state="sending", attempts=_delivery.c.attempts + 1)
)
_this_delivery = and_(
    _delivery.c.workspace_id == bindparam("of_workspace"), _delivery.c.id == bindparam("of_id")
)
_change_lane = update(_delivery).where(_this_delivery).values(lane=bindparam("new_lane"))
_LEASED = {"lane": _lane.c.key.type, "token": _lane.c.lease.type}
_DELIVERED = {**_LEASED, "id": _delivery.c.id.type, "state": _delivery.c.state.type}


def _under(given: Subquery) -> ColumnElement[bool]:
    """That a lane is still held under the lease that is given with it."""
    return and_(
        _lane.c.workspace_id == bindparam("of_workspace"),
        _lane.c.key == given.c.lane,
        _lane.c.lease == given.c.token,
    )


def _held(given: Subquery) -> ColumnElement[bool]:
    """That a delivery is the one that is given, and its lane still held under the lease."""
    return and_(
        _delivery.c.workspace_id == bindparam("of_workspace"),
        _delivery.c.id == given.c.id,
        _under(given),
    )


_RESULT = ("sent_at", "channel", "message_ts", "error")
_settle = ChangeEach(
    _DELIVERED | {name: _delivery.c[name].type for name in _RESULT},
    lambda given: (
        update(_delivery)
        .where(_held(given))
        .values({name: given.c[name] for name in ("state", *_RESULT)})
    ),
)
_leave = ChangeEach(
    _DELIVERED,
    lambda given: (
        update(_delivery)
        .where(_held(given))
        .values(state=given.c.state, attempts=_delivery.c.attempts - 1)
    ),
)
_release = ChangeEach(
    _LEASED | {"next_at": _lane.c.next_at.type},
    lambda given: (
        update(_lane)
        .where(_under(given))
        .values(next_at=given.c.next_at, leased_until=None, lease=None)
    ),
)


def waiting(session: Connection, *, most: int) -> list[Waiting]:
    """The lanes in which something waits, of every workspace, the longest due first.

    It looks at every lane there is, and locks none.
    """
    return [Waiting._make(row) for row in _waiting.rows(session, {"most": most})]


def claim(
    session: Connection,
    *,
    workspace_id: int,
    lanes: Collection[str],
    now: datetime,
    until: datetime,
) -> list[Lease]:
    """Lease those of these lanes of a workspace that are due and free to the caller until then.

    What a lane holds is sent under its lease alone, so it keeps its order and its rate across all
    threads and processes.
    """
    due = {"of_workspace": workspace_id, "of_lanes": lanes, "now": now}
    keys = [row[0] for row in _due_lanes.rows(session, due)]
    token = uuid4()
    if keys:
        values = {"of_workspace": workspace_id, "of_lanes": keys, "until": until, "token": token}
        _take_lanes.count(session, values)
    return [Lease(workspace_id, key, token) for key in keys]


def renew(session: Connection, *, lease: Lease, until: datetime) -> None:
    """Keep the lane until then. Raises LeaseLostError."""
    named = {"of_workspace": lease.workspace_id, "of_lane": lease.lane, "of_token": lease.token}
    if _renew_lane.count(session, {**named, "until": until}) == 0:
        raise LeaseLostError


def release(session: Connection, *, workspace_id: int, free: Sequence[Free]) -> None:
    """Give lanes back. Raises LeaseLostError where one of them is somebody else's by now."""
    rows = [(lease.lane, lease.token, next_at) for lease, next_at in free]
    _all_of(_release, session, workspace_id, rows)


def postpone_all(session: Connection, *, workspace_id: int, next_at: datetime) -> None:
    """Have every lane of a workspace rest until then."""
    session.execute(
        update(_lane).where(_lane.c.workspace_id == workspace_id).values(next_at=next_at)
    )


def wake(session: Connection, *, workspace_id: int, now: datetime, after: datetime) -> None:
    """Have the lanes of a workspace go on that were to rest until after then."""
    session.execute(
        update(_lane)
        .where(_lane.c.workspace_id == workspace_id, _lane.c.next_at > after)
        .values(next_at=now)
    )


def set_back(
    session: Connection, *, now: datetime, after: datetime, until: datetime, lease: timedelta
) -> int:
    """After the clock was set back, have lanes wait no longer than they were to; how many did.

    What rests until between these two goes on in a second, and a lease lasts `lease` at most.
    """
    resting = session.execute(
        update(_lane)
        .where(_lane.c.next_at > after, _lane.c.next_at <= until)
        .values(next_at=now + timedelta(seconds=1))
    )
    session.execute(
        update(_lane).where(_lane.c.leased_until > now + lease).values(leased_until=now + lease)
    )
    return resting.rowcount


def heads(
    session: Connection, *, workspace_id: int, lanes: Collection[str]
) -> dict[str, DeliveryRow]:
    """The deliveries whose turn it is in these lanes, by lane; an empty one has none.

    In state `sending` somebody began to send it and never noted what came of it.
    """
    rows = _heads.rows(session, {"of_workspace": workspace_id, "of_lanes": lanes})
    found = (DeliveryRow._make(row) for row in rows)
    return {row.lane: row for row in found}


def mark_sending(session: Connection, *, workspace_id: int, ids: Collection[UUID]) -> None:
    """Note that these are about to be sent, and count the attempt, under leases just claimed."""
    _mark_sending.count(session, {"of_workspace": workspace_id, "of_ids": ids})


def settle(session: Connection, *, workspace_id: int, settled: Sequence[Settled]) -> None:
    """Note what came of these. Raises LeaseLostError where a lane of them is somebody else's by now."""
    rows = [
        (one.lease.lane, one.lease.token, one.delivery_id, one.state, *one[-len(_RESULT) :])
        for one in settled
    ]
    _all_of(_settle, session, workspace_id, rows)


def leave(
    session: Connection, *, workspace_id: int, left: Sequence[tuple[Lease, DeliveryRow]]
) -> None:
    """Leave deliveries as they were when their lanes were claimed: nobody has begun to send them.

    Raises LeaseLostError.
    """
    rows = [(lease.lane, lease.token, delivery.id, delivery.state) for lease, delivery in left]
    _all_of(_leave, session, workspace_id, rows)


def put_aside(
    session: Connection, *, workspace_id: int, delivery_id: UUID, lane: str, next_at: datetime
) -> None:
    """Have a delivery, just settled for another attempt, wait in another lane, so that its own goes on."""
    add_lane.add(session, [(lane,)], (workspace_id, next_at))
    session.execute(
        _postpone_lane, {"of_workspace": workspace_id, "of_lane": lane, "new_next_at": next_at}
    )
    session.execute(
        _change_lane, {"of_workspace": workspace_id, "of_id": delivery_id, "new_lane": lane}
    )


def _all_of(
    change: ChangeEach, session: Connection, workspace_id: int, rows: Sequence[tuple[object, ...]]
) -> None:
    if change.count(session, rows, {"of_workspace": workspace_id}) < len(rows):
        raise LeaseLostError
