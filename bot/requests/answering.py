"""Answering requests: what was decided is noted and told; an award answers what it was asked for by.

Like `bot.awarding`: inside the caller's transaction, and nothing here calls Slack.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from bot.deps import WorkspaceRef
from bot.gifts import Gift, Given
from bot.requests import reading, telling
from bot.requests.reading import Shown
from bot.settings import Settings
from bot.standing import standing_of
from storage import audit, awards, requests
from storage.awards import AwardRow
from storage.badges import BadgeRow
from storage.people import PersonRow
from storage.requests import RequestRow, State

Wanted = tuple[UUID, UUID]  # a recipient and a badge


@dataclass(frozen=True)
class Awaited:
    """Requests that awards about to be given answer, and the occasions of these awards."""

    giver: PersonRow
    requests: Sequence[tuple[Shown, str]]


def by_gift(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    gift: Gift,
    wanted: Sequence[tuple[PersonRow, BadgeRow]],
) -> Awaited | None:
    """What a gift would answer; without a statement where nobody asks for anything for these people.

    To be asked before awards are written: whoever decides on a request locks it before, too.
    """
    keys = {
        (recipient.id, badge.id): gift.key(recipient, badge)
        for recipient, badge in wanted
        if recipient.awaited
    }
    if gift.giver is None or gift.private or not keys:
        return None
    return awaited(session, workspace, settings, gift.giver, keys)


def awaited(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    giver: PersonRow,
    keys: Mapping[Wanted, str],
) -> Awaited | None:
    """What awards of these occasions would answer: what the giver may decide on, or asked for."""
    rows = requests.awaited(
        session,
        workspace_id=workspace.id,
        recipient_ids={recipient_id for recipient_id, _ in keys},
        badge_ids={badge_id for _, badge_id in keys},
    )
    rows = [row for row in rows if (row.recipient_id, row.badge_id) in keys]
    if not rows:
        return None
    # What was served before they asked is no answer, and may be taken back by now.
    wanted = {keys[row.recipient_id, row.badge_id] for row in rows}
    served = awards.by_occasions(session, workspace_id=workspace.id, keys=wanted)
    rows = [row for row in rows if keys[row.recipient_id, row.badge_id] not in served]
    if not rows:
        return None
    found = reading.shown(session, workspace, rows)
    awarders = {one.badge.awarders for one in found}
    standing = standing_of(session, workspace, settings, giver, awarders=awarders)
    theirs = [
        (one, keys[one.row.recipient_id, one.row.badge_id])
        for one in found
        if one.row.asker_id == giver.id or reading.is_theirs(standing, one)
    ]
    return Awaited(giver, theirs) if theirs else None


def answer(
    session: Connection, workspace: WorkspaceRef, found: Awaited | None, now: datetime
) -> None:
    """Once the awards are written: settle what they answer, and have it told."""
    if found is None:
        return
    keys = {key for _, key in found.requests}
    given = awards.by_occasions(session, workspace_id=workspace.id, keys=keys)
    for one, key in found.requests:
        award = given.get(key)
        if award is None:
            continue
        approves = key.startswith(f"{reading.occasion(one.row.id)}:")
        if not approves and award.secret:
            continue
        settle(
            session,
            workspace,
            one.row,
            "awarded",
            by=found.giver,
            badge=one.badge,
            now=now,
            award=award,
        )


def answer_held(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    gift: Gift,
    given: Sequence[Given],
    now: datetime,
) -> None:
    """Settle what a gift would have answered, were it not held already, as everybody may know."""
    keys = {
        (one.recipient.id, one.badge.id): gift.key(one.recipient, one.badge)
        for one in given
        if one.outcome == "held" and one.recipient.awaited
    }
    if gift.giver is None or gift.private or not keys:
        return
    found = awaited(session, workspace, settings, gift.giver, keys)
    for one, _ in found.requests if found else ():
        if reading.is_held_openly(session, workspace, one, now=now):
            settle(session, workspace, one.row, "held", by=gift.giver, badge=one.badge, now=now)


def settle(
    session: Connection,
    workspace: WorkspaceRef,
    row: RequestRow,
    state: State,
    *,
    by: PersonRow,
    badge: BadgeRow,
    now: datetime,
    answer: str = "",
    award: AwardRow | None = None,
) -> None:
    """Note what became of a request, and have it told; where it is not open any more, nothing happens."""
    settled = requests.settle(
        session,
        workspace_id=workspace.id,
        request_id=row.id,
        state=state,
        by=by.id,
        now=now,
        answer=answer,
        award_key=award.occasion_key if award else None,
    )
    if not settled:
        return
    detail: dict[str, object] = {"request": row.id.hex}
    if award is not None:
        detail["awards"] = [award.code]
    audit.note(
        session,
        workspace_id=workspace.id,
        action=f"request.{state}",
        subject=badge.slug,
        detail=json.dumps(detail),
        now=now,
        actor_id=by.id,
    )
    decided = row._replace(state=state, decided_by=by.id)
    telling.answer(session, workspace, decided, now)
