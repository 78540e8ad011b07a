"""Who is told of a request, and what their messages say, worked out when they are sent."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from bot.deps import WorkspaceRef
from bot.grants import ADMINS, Grant, parse_grant
from bot.messages import requests as words
from bot.messages.awards import Post
from bot.requests import reading
from bot.requests.reading import Shown
from bot.settings import Settings
from bot.standing import standing_of
from storage import outbox, people, requests
from storage.grantees import grantees
from storage.outbox import DeliveryRow, NewDelivery
from storage.people import PersonRow
from storage.requests import RequestRow
from storage.types import new_id

MOST_TOLD = 20  # people, of one request
_LOOKED_AT = 100  # people of each kind who might decide, of whom those are chosen


def deciders(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    request: Shown,
) -> list[PersonRow]:
    """Who is told of a request: the first so many of those who may decide.

    Those whom the badge names come before badge admins, then those whom Settings name as awarders,
    then owners.
    """
    badge, told = request.badge, dict[UUID, PersonRow]()
    owners = Grant(people=settings.admins)
    # Only badge admins award a private badge that names nobody.
    named = ADMINS if badge.private else settings.awarders
    own, others = (parse_grant(badge.awarders), ADMINS) if badge.awarders else (ADMINS, named)
    for grant in (own, settings.badge_admins, others, owners):
        ids = grantees(
            session,
            workspace_id=workspace.id,
            slack_ids=grant.people,
            groups=grant.groups,
            managers=grant.managers,
            admins=grant is owners,
            limit=_LOOKED_AT,
        )
        found = people.by_ids(session, workspace_id=workspace.id, ids=ids)
        for one in ids:
            if len(told) == MOST_TOLD:
                return list(told.values())
            if one in told:
                continue
            standing = standing_of(
                session, workspace, settings, found[one], awarders=[badge.awarders]
            )
            if reading.is_theirs(standing, request):
                told[one] = found[one]
    return list(told.values())


def enqueue(
    session: Connection,
    workspace: WorkspaceRef,
    row: RequestRow,
    told: Sequence[PersonRow],
    now: datetime,
) -> None:
    """Have people told of a request that they may decide on."""
    outbox.enqueue(
        session,
        workspace_id=workspace.id,
        deliveries=[
            NewDelivery(
                "dm", "request", f"request:{row.id.hex}:{one.id.hex}", row.id, person_id=one.id
            )
            for one in told
        ],
        now=now,
    )


def answer(session: Connection, workspace: WorkspaceRef, row: RequestRow, now: datetime) -> None:
    """Have the asker told what became of a request, and all that was said of it put right.

    Whoever is awarded what they asked for, or awards it themselves, reads that anyway.
    """
    amend(session, workspace, [row.id], now)
    if row.state != "awarded" or row.asker_id not in (row.recipient_id, row.decided_by):
        key = f"answer:{row.id.hex}"
        outbox.enqueue(
            session,
            workspace_id=workspace.id,
            deliveries=[NewDelivery("dm", "answer", key, row.id, row.asker_id)],
            now=now,
        )


def amend(
    session: Connection, workspace: WorkspaceRef, request_ids: Collection[UUID], now: datetime
) -> None:
    """Have the messages about requests say what is true now; those of a request that is no more go."""
    if not request_ids:
        return
    told = requests.told(session, workspace_id=workspace.id, request_ids=request_ids)
    deliveries = [
        NewDelivery(one.lane, "amend", f"amend:{new_id(now)}", one.batch_id, one.person_id, one.key)
        for one in told
        if one.state != "skipped"
    ]
    if deliveries:
        outbox.enqueue(session, workspace_id=workspace.id, deliveries=deliveries, now=now)


def message(
    session: Connection, workspace: WorkspaceRef, settings: Settings, told: DeliveryRow
) -> Post | None:
    """What a message about a request says now; None: nothing (any more)."""
    assert told.batch_id is not None
    assert told.person_id is not None
    row = requests.by_id(session, workspace_id=workspace.id, request_id=told.batch_id)
    if row is None:
        return None
    (found,) = reading.shown(session, workspace, [row])
    if told.kind == "answer":
        return words.answer(found)
    reader = people.by_ids(session, workspace_id=workspace.id, ids=[told.person_id])[told.person_id]
    standing = standing_of(session, workspace, settings, reader, awarders=[found.badge.awarders])
    if not reading.is_theirs(standing, found):
        return None
    if found.is_open:
        return words.to_decide(found)
    # Who was not told of it before need not hear of it now.
    return words.decided_post(found) if told.message_ts else None
