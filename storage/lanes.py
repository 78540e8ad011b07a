"""Lanes of the outbox: leased by one worker at a time, who sends what waits there in order."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import Connection, and_, bindparam, case, func, or_, select, update

from storage.outbox import DeliveryRow, add_lane, delivery_columns, waiting
from storage.tables import Delivery, Lane, table_of

_lane = table_of(Lane)
_delivery = table_of(Delivery)


class LeaseLostError(Exception):
    """Another worker has the lane by now; raised inside a transaction, which it rolls back."""


class Waiting(NamedTuple):
    """A workspace in which something waits, and when a lane of it can be claimed, perhaps long ago."""

    at: datetime
    workspace_id: int


class Lease(NamedTuple):
    """The right to send what waits in a lane, until it is released or somebody takes it over."""

    workspace_id: int
    lane: str
    token: UUID


_has_waiting = (
    select(_delivery.c.id)
    .where(
        _delivery.c.workspace_id == _lane.c.workspace_id,
        _delivery.c.lane == _lane.c.key,
        waiting,
    )
    .correlate(_lane)
    .exists()
)
_free_at = case(
    (_lane.c.leased_until > _lane.c.next_at, _lane.c.leased_until), else_=_lane.c.next_at
)
_waiting = (
    select(func.min(_free_at), _lane.c.workspace_id)
    .where(_has_waiting)
    .group_by(_lane.c.workspace_id)
)
# Of one workspace: a database spread by workspace locks rows on one of its nodes only.
_due_lane = (
    select(_lane.c.key)
    .where(
        _lane.c.workspace_id == bindparam("of_workspace"),
        _lane.c.next_at <= bindparam("now"),
        or_(_lane.c.leased_until.is_(None), _lane.c.leased_until <= bindparam("now")),
        _has_waiting,
    )
    .order_by(_lane.c.next_at, _lane.c.key)
    .limit(1)
    # NO KEY: a transaction that is just adding to the lane holds its key, and must not hide it.
    .with_for_update(of=_lane, skip_locked=True, key_share=True)
)
_this_lane = and_(
    _lane.c.workspace_id == bindparam("of_workspace"), _lane.c.key == bindparam("of_lane")
)
_take_lane = (
    update(_lane)
    .where(_this_lane)
    .values(leased_until=bindparam("until"), lease=bindparam("token"))
)
_held_lane = and_(_this_lane, _lane.c.lease == bindparam("of_token"))
_renew_lane = update(_lane).where(_held_lane).values(leased_until=bindparam("until"))
_release_lane = (
    update(_lane)
    .where(_held_lane)
    .values(next_at=bindparam("new_next_at"), leased_until=None, lease=None)
)
_postpone_lane = update(_lane).where(_this_lane).values(next_at=bindparam("new_next_at"))
_lock_lane = select(_lane.c.lease).where(_held_lane).with_for_update(key_share=True)
_head = (
    select(*delivery_columns)
    .where(
        _delivery.c.workspace_id == bindparam("of_workspace"),
        _delivery.c.lane == bindparam("of_lane"),
        waiting,
    )
    .order_by(_delivery.c.id)
    .limit(1)
)
_this_delivery = and_(
    _delivery.c.workspace_id == bindparam("of_workspace"), _delivery.c.id == bindparam("of_id")
)
_change_lane = update(_delivery).where(_this_delivery).values(lane=bindparam("new_lane"))
_mark_sending = (
    update(_delivery)
    .where(_this_delivery)
    .values(state="sending", attempts=_delivery.c.attempts + 1)
)
_settle = (
    update(_delivery)
    .where(_this_delivery)
    .values(
        state=bindparam("new_state"),
        sent_at=bindparam("new_sent_at"),
        channel=bindparam("new_channel"),
        message_ts=bindparam("new_ts"),
        error=bindparam("new_error"),
    )
)


def waiting_in(session: Connection) -> list[Waiting]:
    """The workspaces in which something waits, the longest due first; nothing is locked."""
    return sorted(Waiting._make(row) for row in session.execute(_waiting))


def claim(
    session: Connection, *, workspace_id: int, now: datetime, until: datetime
) -> Lease | None:
    """Lease the lane of a workspace that has been due longest to the caller until then.

    None: nothing is due, or others are at it. What a lane holds is sent under its lease alone, so it
    keeps its order and its rate across all threads and processes.
    """
    key = session.execute(
        _due_lane, {"of_workspace": workspace_id, "now": now}
    ).scalar_one_or_none()
    if key is None:
        return None
    lease = Lease(workspace_id, key, uuid4())
    session.execute(
        _take_lane,
        {
            "of_workspace": lease.workspace_id,
            "of_lane": lease.lane,
            "until": until,
            "token": lease.token,
        },
    )
    return lease


def renew(session: Connection, *, lease: Lease, until: datetime) -> None:
    """Keep the lane until then. Raises LeaseLostError."""
    if session.execute(_renew_lane, {**_named(lease), "until": until}).rowcount == 0:
        raise LeaseLostError


def release(session: Connection, *, lease: Lease, next_at: datetime) -> None:
    """Give the lane back, to be claimed at `next_at` at the earliest. Raises LeaseLostError."""
    if session.execute(_release_lane, {**_named(lease), "new_next_at": next_at}).rowcount == 0:
        raise LeaseLostError


def postpone_all(session: Connection, *, workspace_id: int, next_at: datetime) -> None:
    """Have every lane of a workspace rest until then, or go on from then."""
    session.execute(
        update(_lane).where(_lane.c.workspace_id == workspace_id).values(next_at=next_at)
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


def head(session: Connection, *, lease: Lease) -> DeliveryRow | None:
    """The delivery whose turn it is in a lane.

    In state `sending` somebody began to send it and never noted what came of it.
    """
    named = {"of_workspace": lease.workspace_id, "of_lane": lease.lane}
    row = session.execute(_head, named).one_or_none()
    return DeliveryRow._make(row) if row else None


def mark_sending(session: Connection, *, lease: Lease, delivery_id: UUID) -> None:
    """Note that it is about to be sent, and count the attempt. Raises LeaseLostError."""
    _hold(session, lease)
    session.execute(_mark_sending, {"of_workspace": lease.workspace_id, "of_id": delivery_id})


def mark_sent(
    session: Connection,
    *,
    lease: Lease,
    delivery_id: UUID,
    channel: str | None,
    message_ts: str | None,
    now: datetime,
) -> None:
    """Note that it is done, and where Slack put it. Raises LeaseLostError."""
    _settled(session, lease, delivery_id, "sent", now, channel, message_ts)


def mark_skipped(
    session: Connection, *, lease: Lease, delivery_id: UUID, reason: str, now: datetime
) -> None:
    """Note that there was nothing to send after all, and why. Raises LeaseLostError."""
    _settled(session, lease, delivery_id, "skipped", now, error=reason)


def mark_dead(
    session: Connection, *, lease: Lease, delivery_id: UUID, error: str, now: datetime
) -> None:
    """Give it up until an admin has it sent again; the lane goes on. Raises LeaseLostError."""
    _settled(session, lease, delivery_id, "dead", None, error=error)


def put_back(
    session: Connection, *, lease: Lease, delivery_id: UUID, error: str, in_doubt: bool
) -> None:
    """Leave it at the head of its lane for another attempt. Raises LeaseLostError.

    `in_doubt`: it may have been sent, so it stays `sending` and is looked for first.
    """
    state = "sending" if in_doubt else "pending"
    _settled(session, lease, delivery_id, state, None, error=error)


def put_aside(
    session: Connection,
    *,
    lease: Lease,
    delivery_id: UUID,
    lane: str,
    next_at: datetime,
    error: str,
    in_doubt: bool,
) -> None:
    """Leave it for another attempt in another lane, so that this one goes on. Raises LeaseLostError."""
    put_back(session, lease=lease, delivery_id=delivery_id, error=error, in_doubt=in_doubt)
    add_lane.add(session, [(lane,)], (lease.workspace_id, next_at))
    session.execute(
        _postpone_lane,
        {"of_workspace": lease.workspace_id, "of_lane": lane, "new_next_at": next_at},
    )
    session.execute(
        _change_lane,
        {"of_workspace": lease.workspace_id, "of_id": delivery_id, "new_lane": lane},
    )


def _named(lease: Lease) -> dict[str, object]:
    return {
        "of_workspace": lease.workspace_id,
        "of_lane": lease.lane,
        "of_token": lease.token,
    }


def _hold(session: Connection, lease: Lease) -> None:
    """Keep the lane from being claimed until the transaction ends. Raises LeaseLostError."""
    if session.execute(_lock_lane, _named(lease)).one_or_none() is None:
        raise LeaseLostError


def _settled(
    session: Connection,
    lease: Lease,
    delivery_id: UUID,
    state: str,
    sent_at: datetime | None,
    channel: str | None = None,
    message_ts: str | None = None,
    *,
    error: str | None = None,
) -> None:
    _hold(session, lease)
    session.execute(
        _settle,
        {
            "of_workspace": lease.workspace_id,
            "of_id": delivery_id,
            "new_state": state,
            "new_sent_at": sent_at,
            "new_channel": channel,
            "new_ts": message_ts,
            "new_error": error,
        },
    )
