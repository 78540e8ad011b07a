"""Who is told of a request, and what their messages say, worked out when they are sent."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from bot.deps import WorkspaceRef
from bot.grants import ADMINS, parse_grant
from bot.messages import requests as words
from bot.messages.awards import Post
from bot.permissions import ROLES, Standing, role_of
from bot.requests import reading
from bot.requests.reading import Shown
from bot.settings import Settings
from bot.standing import standing_of
from storage import outbox, people, requests
from storage.outbox import DeliveryRow, NewDelivery
from storage.people import PersonRow
from storage.requests import RequestRow
from storage.types import new_id

MOST_TOLD = 20  # people, of one request
_LOOKED_AT = 100  # people who might decide, of whom those are chosen


def deciders(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    request: Shown,
) -> list[PersonRow]:
    """Who is told of a request: those whom the badge names, badge admins, owners; the first so many."""
    badge = request.badge
    own = parse_grant(badge.awarders) if badge.awarders else ADMINS
    grants = (own, settings.badge_admins)
    ids = requests.candidates(
        session,
        workspace_id=workspace.id,
        slack_ids=settings.admins.union(*(grant.people for grant in grants)),
        groups=frozenset().union(*(grant.groups for grant in grants)),
        managers=any(grant.managers for grant in grants),
        limit=_LOOKED_AT,
    )
    found = people.by_ids(session, workspace_id=workspace.id, ids=ids)
    every = [
        standing_of(session, workspace, settings, found[one], awarders=[badge.awarders])
        for one in ids
    ]
    theirs = [one for one in every if reading.is_theirs(one, request, settings)]

    def place(standing: Standing) -> tuple[bool, int]:
        named = own.people | own.groups
        return not named & {standing.person.slack_id, *standing.groups}, ROLES.index(
            role_of(standing, settings)
        )

    return [one.person for one in sorted(theirs, key=place)[:MOST_TOLD]]


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
        NewDelivery("dm", "amend", f"amend:{new_id(now)}", one.batch_id, one.person_id, one.key)
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
    if not reading.is_theirs(standing, found, settings):
        return None
    if found.is_open:
        return words.to_decide(found)
    # Who was not told of it before need not hear of it now.
    return words.decided_post(found) if told.message_ts else None
