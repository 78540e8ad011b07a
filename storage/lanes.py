"""Lanes of the outbox: leased by one worker at a time, who sends what waits there in order."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import Connection, Integer, and_, bindparam, case, or_, select, update

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
_release_lane = Change(
    update(_lane)
    .where(_held_lane)
    .values(next_at=bindparam("new_next_at"), leased_until=None, lease=None)
)
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
_under_lease = and_(
    _this_delivery,
    select(_lane.c.key).where(_held_lane).correlate(None).exists(),
)
_settle = Change(
    update(_delivery)
    .where(_under_lease)
    .values(
        state=bindparam("new_state"),
        sent_at=bindparam("new_sent_at"),
        channel=bindparam("new_channel"),
        message_ts=bindparam("new_ts"),
        error=bindparam("new_error"),
    )
)
_leave = Change(
    update(_delivery)
    .where(_under_lease)
    .values(state=bindparam("new_state"), attempts=_delivery.c.attempts - 1)
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
    if _renew_lane.count(session, {**_named(lease), "until": until}) == 0:
        raise LeaseLostError


def release(session: Connection, *, lease: Lease, next_at: datetime) -> None:
    """Give the lane back, to be claimed at `next_at` at the earliest. Raises LeaseLostError."""
    if _release_lane.count(session, {**_named(lease), "new_next_at": next_at}) == 0:
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


def leave(session: Connection, *, lease: Lease, delivery: DeliveryRow) -> None:
    """Leave a delivery as it was when its lane was claimed: nobody has begun to send it after all.

    Raises LeaseLostError.
    """
    values = {**_named(lease), "of_id": delivery.id, "new_state": delivery.state}
    if _leave.count(session, values) == 0:
        raise LeaseLostError


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
    values = {
        **_named(lease),
        "of_id": delivery_id,
        "new_state": state,
        "new_sent_at": sent_at,
        "new_channel": channel,
        "new_ts": message_ts,
        "new_error": error,
    }
    if _settle.count(session, values) == 0:
        raise LeaseLostError
