"""Requests: badges that somebody asks for, until somebody decides."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    or_,
    select,
    text,
    update,
)

from storage import mentions
from storage.outbox import DeliveryRow, delivery_columns
from storage.tables import (
    Award,
    BadgeVersion,
    Delivery,
    Person,
    Request,
    table_of,
)
from storage.types import new_id
from storage.upsert import insert_for

_request: Table = table_of(Request)
_award: Table = table_of(Award)
_version: Table = table_of(BadgeVersion)
_delivery: Table = table_of(Delivery)
_person: Table = table_of(Person)

# held: the recipient came to hold it otherwise
State = Literal["open", "awarded", "held", "declined"]
MESSAGES = (
    "request",
    "answer",
)  # the kinds of deliveries about requests, whose batch is the request


class RequestRow(NamedTuple):
    """A request, as stored."""

    id: UUID
    asker_id: UUID
    recipient_id: UUID
    badge_id: UUID
    version_id: UUID
    reason: str
    state: State
    created_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    answer: str
    award_key: str | None = None  # the occasion of the award that answered it


_columns = tuple(_request.c[name] for name in RequestRow._fields)
# Spelled out, because a partial index serves only a condition that reads like its own.
_is_open = text("request.state = 'open'")


def add(
    session: Connection,
    *,
    workspace_id: int,
    asker_id: UUID,
    recipient_id: UUID,
    badge_id: UUID,
    version_id: UUID,
    reason: str,
    now: datetime,
) -> RequestRow | None:
    """Keep a request; None where the same person waits for the same already."""
    row = RequestRow(
        new_id(now),
        asker_id,
        recipient_id,
        badge_id,
        version_id,
        reason,
        "open",
        now,
        None,
        None,
        "",
    )
    added = session.execute(
        insert_for(session, _request)
        .values(workspace_id=workspace_id, **row._asdict())
        .on_conflict_do_nothing()
        .returning(_request.c.id)
    )
    return row if added.one_or_none() else None


def by_id(
    session: Connection, *, workspace_id: int, request_id: UUID, lock: bool = False
) -> RequestRow | None:
    """A request; `lock`: others who lock it wait for the end of this transaction."""
    wanted = select(*_columns).where(_one(workspace_id, request_id))
    row = session.execute(wanted.with_for_update() if lock else wanted).one_or_none()
    return RequestRow._make(row) if row else None


def open_by(session: Connection, *, workspace_id: int, asker_id: UUID) -> list[RequestRow]:
    """What somebody asked for and waits for, oldest first."""
    mine = and_(_request.c.workspace_id == workspace_id, _request.c.asker_id == asker_id)
    return _listed(session, mine)


def asked_for(session: Connection, *, workspace_id: int) -> list[UUID]:
    """The badges that somebody waits for."""
    rows = session.execute(
        select(_request.c.badge_id)
        .where(_request.c.workspace_id == workspace_id, _is_open)
        .distinct()
    )
    return list(rows.scalars())


def waiting(
    session: Connection,
    *,
    workspace_id: int,
    badge_ids: Collection[UUID],
    reader_id: UUID,
    limit: int,
) -> list[RequestRow]:
    """What others ask for and wait for of these badges, oldest first; never what is for the reader."""
    wanted = and_(
        _request.c.workspace_id == workspace_id,
        _request.c.badge_id.in_(list(badge_ids)),
        _request.c.recipient_id != reader_id,
        _request.c.asker_id != reader_id,
    )
    return _listed(session, wanted, limit)


def awaited(
    session: Connection,
    *,
    workspace_id: int,
    recipient_ids: Collection[UUID],
    badge_ids: Collection[UUID],
) -> list[RequestRow]:
    """What is asked for of these badges for these people, oldest first.

    Others who settle one of them wait for the end of this transaction.
    """
    rows = session.execute(
        select(*_columns)
        .where(
            _request.c.workspace_id == workspace_id,
            _request.c.recipient_id.in_(list(recipient_ids)),
            _request.c.badge_id.in_(list(badge_ids)),
            _is_open,
        )
        .with_for_update()
    )
    # Asked for them in order, SQLite would go through all that are open.
    return sorted((RequestRow._make(row) for row in rows), key=lambda row: row.id)


def answered(session: Connection, *, workspace_id: int, award_ids: Collection[UUID]) -> list[UUID]:
    """The requests that these awards answered."""
    rows = session.execute(
        select(_request.c.id)
        .join(
            _award,
            and_(
                _award.c.workspace_id == _request.c.workspace_id,
                _award.c.occasion_key == _request.c.award_key,
            ),
        )
        .where(_request.c.workspace_id == workspace_id, _award.c.id.in_(list(award_ids)))
    )
    return list(rows.scalars())


def settle(
    session: Connection,
    *,
    workspace_id: int,
    request_id: UUID,
    state: State,
    by: UUID,
    now: datetime,
    answer: str = "",
    award_key: str | None = None,
) -> bool:
    """Note what became of a request; False where it is not open any more.

    `award_key`: the occasion of the award that answers it.
    """
    settled = session.execute(
        update(_request)
        .where(_one(workspace_id, request_id), _is_open)
        .values(state=state, decided_by=by, decided_at=now, answer=answer, award_key=award_key)
    )
    return settled.rowcount == 1


def remove(session: Connection, *, workspace_id: int, request_id: UUID) -> bool:
    """Forget an open request; False where it is not open any more."""
    gone = session.execute(delete(_request).where(_one(workspace_id, request_id), _is_open))
    return gone.rowcount == 1


def remove_of_badge(session: Connection, *, workspace_id: int, badge_id: UUID) -> list[UUID]:
    """Forget every request for a badge; which those were."""
    return _remove(
        session, and_(_request.c.workspace_id == workspace_id, _request.c.badge_id == badge_id)
    )


def forget_person(
    session: Connection, *, workspace_id: int, person_id: UUID, called: Sequence[str], instead: str
) -> list[UUID]:
    """Forget every request by somebody and for them, and what others are told of them in the rest.

    What they are `called` there becomes another word. Returns the requests that messages about them
    have to be put right of.
    """
    ours = _request.c.workspace_id == workspace_id
    theirs = or_(_request.c.asker_id == person_id, _request.c.recipient_id == person_id)
    changed = _remove(session, and_(ours, theirs))
    by_them = select(_request.c.id).where(ours, _request.c.decided_by == person_id)
    changed += session.execute(by_them).scalars()
    said = _request.c.reason, _request.c.answer
    changed += mentions.replace_in(
        session,
        workspace_id=workspace_id,
        columns=said,
        which=or_(*(mentions.may_have(column, called) for column in said)),
        otherwise=lambda words: mentions.without(words, called, instead),
    )
    return list(dict.fromkeys(changed))


def asked_by(session: Connection, *, workspace_id: int, person_id: UUID) -> list[dict[str, Any]]:
    """What somebody asked for, by the names of the columns, as their export has it."""
    rows = session.execute(
        select(
            *(_request.c[name] for name in ("id", "reason", "state", "created_at")),
            *(_request.c[name] for name in ("decided_at", "answer")),
            _version.c.name.label("badge_name"),
            _person.c.name.label("recipient"),
        )
        .join(
            _version,
            and_(
                _version.c.workspace_id == _request.c.workspace_id,
                _version.c.id == _request.c.version_id,
            ),
        )
        .join(
            _person,
            and_(
                _person.c.workspace_id == _request.c.workspace_id,
                _person.c.id == _request.c.recipient_id,
            ),
        )
        .where(_request.c.workspace_id == workspace_id, _request.c.asker_id == person_id)
        .order_by(_request.c.id)
    )
    return [dict(row) for row in rows.mappings()]


def told(
    session: Connection, *, workspace_id: int, request_ids: Collection[UUID]
) -> list[DeliveryRow]:
    """The messages about these requests, sent or still to be sent."""
    rows = session.execute(
        select(*delivery_columns)
        .where(
            _delivery.c.workspace_id == workspace_id,
            _delivery.c.batch_id.in_(list(request_ids)),
            _delivery.c.kind.in_(MESSAGES),
        )
        .order_by(_delivery.c.id)
    )
    return [DeliveryRow._make(row) for row in rows]


def _one(workspace_id: int, request_id: UUID) -> ColumnElement[bool]:
    return and_(_request.c.workspace_id == workspace_id, _request.c.id == request_id)


def _listed(
    session: Connection, wanted: ColumnElement[bool], limit: int | None = None
) -> list[RequestRow]:
    rows = session.execute(
        select(*_columns).where(wanted, _is_open).order_by(_request.c.id).limit(limit)
    )
    return [RequestRow._make(row) for row in rows]


def _remove(session: Connection, which: ColumnElement[bool]) -> list[UUID]:
    found = list(session.execute(select(_request.c.id).where(which)).scalars())
    session.execute(delete(_request).where(which))
    return found
