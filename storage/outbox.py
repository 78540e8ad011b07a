"""The outbox: what is to be sent, written in the transaction of what it tells of."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from storage.tables import Delivery, Lane, table_of
from storage.types import new_id
from storage.upsert import insert_for

_lane = table_of(Lane)
_delivery = table_of(Delivery)


class NewDelivery(NamedTuple):
    """Something to send. `key` says which thing it is: twice the same is sent once."""

    lane: str
    kind: str
    key: str
    batch_id: UUID | None = None
    person_id: UUID | None = None
    subject: str | None = None


def enqueue(
    session: Connection,
    *,
    workspace_id: int,
    deliveries: Sequence[NewDelivery],
    now: datetime,
) -> None:
    """Write deliveries, each behind those already waiting in its lane."""
    # An existing lane's row is not touched here: awards to one channel would wait for each other.
    session.execute(
        insert_for(session, _lane)
        .on_conflict_do_nothing()
        .values(
            [
                {"workspace_id": workspace_id, "key": key, "next_at": now}
                for key in dict.fromkeys(delivery.lane for delivery in deliveries)
            ]
        )
    )
    session.execute(
        insert_for(session, _delivery)
        .on_conflict_do_nothing()
        .values(
            [
                {
                    "workspace_id": workspace_id,
                    "id": new_id(now),
                    "state": "pending",
                    "attempts": 0,
                    "created_at": now,
                    **delivery._asdict(),
                }
                for delivery in deliveries
            ]
        )
    )


_lanes_of_batch = select(_delivery.c.lane).where(
    _delivery.c.workspace_id == bindparam("workspace_id"),
    _delivery.c.batch_id == bindparam("batch_id"),
    _delivery.c.kind == "announce",
)


def lanes_of_batch(session: Connection, *, workspace_id: int, batch_id: UUID) -> list[str]:
    """The lanes in which a batch of awards is, or is to be, announced in a channel."""
    rows = session.execute(
        _lanes_of_batch, {"workspace_id": workspace_id, "batch_id": batch_id}
    )
    return list(dict.fromkeys(rows.scalars()))
