"""Erasing a person: their awards become someone's, and what was posted about them is put right."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from uuid import UUID

from sqlalchemy import Connection

from bot import rules
from bot.deps import WorkspaceRef
from bot.grants import Grant, parse_grant
from bot.requests import telling
from bot.revoking import amend
from storage import audit, badges, forgetting, outbox, people, requests
from storage.awards import AwardRow
from storage.outbox import NewDelivery
from storage.people import PersonRow, Profile
from storage.types import new_id

ACTION = "person.erased"


def erase(
    session: Connection,
    *,
    workspace: WorkspaceRef,
    person_id: UUID,
    now: datetime,
    actor_id: UUID | None = None,
) -> bool:
    """Forget somebody, and have posts and messages about them edited or deleted; False: done before.

    Raises KeyError for somebody who never was. What colleagues shared in a channel themselves is
    theirs, and stays.
    """
    found = people.by_ids(session, workspace_id=workspace.id, ids=[person_id])
    person = found[person_id]
    called = _called(person)
    told = forgetting.posts_about(
        session, workspace_id=workspace.id, person_id=person_id, called=called
    )
    reminders = forgetting.reminders_about(session, workspace_id=workspace.id, person_id=person_id)
    if not forgetting.forget(
        session,
        workspace_id=workspace.id,
        person_id=person_id,
        called=called,
        told=told,
        remembered=_remembered(workspace, person.slack_id),
        now=now,
    ):
        return False
    about = requests.forget_person(
        session,
        workspace_id=workspace.id,
        person_id=person_id,
        called=called,
        instead=forgetting.NAMELESS.lower(),
    )
    telling.amend(session, workspace, about, now)
    _leave_out(session, workspace, person.slack_id, now)
    _put_right(session, workspace, told, now)
    _take_back(session, workspace, reminders, now)
    audit.note(
        session,
        workspace_id=workspace.id,
        action=ACTION,
        subject=str(person_id),
        detail="{}",
        now=now,
        actor_id=actor_id,
    )
    return True


def erase_again(
    session: Connection,
    *,
    workspace: WorkspaceRef,
    person_id: UUID,
    erased_at: datetime,
    now: datetime,
) -> None:
    """Forget what was recorded of somebody while they were erased, and put right what was told of it.

    Whoever awards in that moment may know them still, and give a reason. To be done once, when nothing
    that began before can be under way (`forgetting.erased_lately`).
    """
    told = forgetting.posts_about(
        session,
        workspace_id=workspace.id,
        person_id=person_id,
        called=(),
        since=erased_at - forgetting.LATELY,
    )
    forgetting.forget_again(session, workspace_id=workspace.id, person_id=person_id)
    about = requests.forget_person(
        session, workspace_id=workspace.id, person_id=person_id, called=(), instead=""
    )
    telling.amend(session, workspace, about, now)
    _put_right(session, workspace, told, now)


def _take_back(
    session: Connection, workspace: WorkspaceRef, messages: Mapping[str, str], now: datetime
) -> None:
    """Have messages deleted: the lane of each, by its delivery's key."""
    retracts = [
        NewDelivery(lane, "retract", f"retract:{new_id(now)}", subject=key)
        for key, lane in messages.items()
    ]
    if retracts:
        outbox.enqueue(session, workspace_id=workspace.id, deliveries=retracts, now=now)


def without_erased(
    session: Connection, workspace: WorkspaceRef, profiles: Sequence[Profile]
) -> Sequence[Profile]:
    """These profiles without those of people who were erased, and are in Slack no more."""
    gone = {
        _remembered(workspace, profile.slack_id): profile.slack_id
        for profile in profiles
        if not profile.active
    }
    erased = forgetting.erased_among(session, workspace_id=workspace.id, remembered=gone)
    if not erased:
        return profiles
    ids = {gone[one] for one in erased}
    # Who came back after all, and left again, is somebody known.
    ids -= set(people.by_slack_ids(session, workspace_id=workspace.id, slack_ids=ids))
    return [profile for profile in profiles if profile.slack_id not in ids]


def _remembered(workspace: WorkspaceRef, slack_id: str) -> str:
    """What recognises a Slack user, without saying who it is."""
    if not slack_id:
        return ""
    return hmac.new(workspace.link_key.encode(), slack_id.encode(), sha256).hexdigest()


def _called(person: PersonRow) -> tuple[str, ...]:
    """How reasons may speak of somebody; a single name could be any word, so only with its @."""
    ways = [f"@{person.name}"]
    if person.slack_id:
        ways.append(f"@{person.slack_id}")
    if " " in person.name:
        ways.append(person.name)
    return tuple(ways)


def _put_right(
    session: Connection, workspace: WorkspaceRef, told: Sequence[AwardRow], now: datetime
) -> None:
    rows = sorted(told, key=lambda row: row.batch_id)
    for _batch, of_batch in groupby(rows, key=lambda row: row.batch_id):
        amend(session, workspace, list(of_batch), now)


def _leave_out(session: Connection, workspace: WorkspaceRef, slack_id: str, now: datetime) -> None:
    """Take somebody out of every role and out of the badges that name them."""
    if not slack_id:
        return
    changes: dict[str, Grant] = {}
    for name, value in rules.decided(session, workspace_id=workspace.id).items():
        if isinstance(value, Grant) and (without := _without(value, slack_id)) != value:
            changes[name] = without
    if changes:
        rules.decide(session, workspace_id=workspace.id, changes=changes, now=now)
    for badge in badges.catalogue(session, workspace_id=workspace.id):
        own = parse_grant(badge.awarders) if badge.awarders else None
        if own is not None and (without := _without(own, slack_id)) != own:
            badges.set_awarders(
                session, workspace_id=workspace.id, badge_id=badge.id, awarders=str(without)
            )


def _without(grant: Grant, slack_id: str) -> Grant:
    return replace(
        grant,
        people=grant.people - {slack_id},
        denied_people=grant.denied_people - {slack_id},
    )
