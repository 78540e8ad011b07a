"""Correcting an award: another reason, or another badge. Its id, time and recipient stay.

Like `bot.awarding`: inside the caller's transaction, and nothing here calls Slack. The feed post and
the direct message say afterwards what is true now.
"""

import json
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from bot.awarding import expires_at
from bot.deps import WorkspaceRef
from bot.errors import BadRequestError, NotFoundError, NotPermittedError
from bot.feeds import tells_of
from bot.gifts import REASON_LIMIT, held_key, too_long
from bot.messages.text import named
from bot.permissions import may_award, require
from bot.revoking import amend
from bot.settings import Settings
from bot.standing import standing_of
from storage import audit, awards, badges, correcting, outbox, searching
from storage.awards import AwardRow
from storage.badges import BadgeRow
from storage.people import PersonRow

GONE = "I can’t find that award any more."
_SAME = "It says that already, so nothing changed."


def correct_reason(
    session: Connection,
    *,
    workspace: WorkspaceRef,
    settings: Settings,
    actor: PersonRow,
    award_id: UUID,
    reason: str,
    now: datetime,
) -> AwardRow:
    """Give an award another reason. Raises NotPermittedError, NotFoundError and BadRequestError."""
    row = _correctable(session, workspace, settings, actor, award_id)
    if len(reason) > REASON_LIMIT:
        raise BadRequestError(too_long(reason, "Nothing changed"))
    if reason == row.reason:
        raise BadRequestError(_SAME)
    correcting.set_reason(session, workspace_id=workspace.id, award_id=row.id, reason=reason)
    _tell(session, workspace, actor, row, {"what": "reason"}, now)
    return row._replace(reason=reason)


def correct_badge(
    session: Connection,
    *,
    workspace: WorkspaceRef,
    settings: Settings,
    actor: PersonRow,
    award_id: UUID,
    badge_id: UUID,
    now: datetime,
) -> tuple[AwardRow, BadgeRow]:
    """Make an award one of another badge, which the actor has to be allowed to award.

    Limits do not count. Raises NotPermittedError, NotFoundError, and BadRequestError where the
    recipient holds that badge already.
    """
    row = _correctable(session, workspace, settings, actor, award_id)
    badge = badges.by_ids(session, workspace_id=workspace.id, ids=[badge_id]).get(badge_id)
    standing = standing_of(
        session, workspace, settings, actor, awarders=[badge.awarders] if badge else ()
    )
    if badge is None or not badge.active or not may_award(standing, badge):
        raise NotFoundError("That badge can’t be awarded, so nothing changed.")
    if badge.id == row.badge_id:
        raise BadRequestError(_SAME)
    ends = expires_at(badge, row.awarded_at)
    if ends is not None and ends <= now:
        raise BadRequestError(f"An award of {named(badge.name)} of that day would be over by now.")
    # Where its post tells of the new badge, everybody learns of that, and else nobody does.
    posts = outbox.posts_of_batch(session, workspace_id=workspace.id, batch_id=row.batch_id)
    if posts:
        row = row._replace(quiet=not any(tells_of(post, badge.id) for post in posts))
    held = held_key(row.recipient_id, badge, row.giver_id, secret=row.secret)
    if held is not None:
        _make_room(session, workspace, row, badge, held, now)
    correcting.set_badge(
        session,
        workspace_id=workspace.id,
        award_id=row.id,
        badge_id=badge.id,
        version_id=badge.version_id,
        quiet=row.quiet,
        held_key=held,
        expires_at=ends,
    )
    detail = {"what": "badge", "from": str(row.badge_id), "to": str(badge.id)}
    _tell(session, workspace, actor, row, detail, now)
    return row._replace(badge_id=badge.id, version_id=badge.version_id, expires_at=ends), badge


def _correctable(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    actor: PersonRow,
    award_id: UUID,
) -> AwardRow:
    require(standing_of(session, workspace, settings, actor), "correct")
    row = searching.by_id(session, workspace_id=workspace.id, award_id=award_id)
    if row is None or row.undone:
        raise NotFoundError(GONE)
    if row.revoked_at is not None:
        raise BadRequestError(f"{row.code} was revoked, so there is nothing to correct.")
    if row.recipient_id == actor.id and not settings.self_awards:
        raise NotPermittedError(
            "You can’t correct what you were awarded yourself; another badge admin can."
        )
    return row


def _make_room(
    session: Connection,
    workspace: WorkspaceRef,
    row: AwardRow,
    badge: BadgeRow,
    held: str,
    now: datetime,
) -> None:
    """Let go of what is over. Raises BadRequestError where the recipient holds the badge."""
    standing = awards.earlier(
        session, workspace_id=workspace.id, recipient_ids=[row.recipient_id], badge_ids=[badge.id]
    )
    over = [one.id for one in standing if one.is_over(now)]
    if over:
        awards.let_go(session, workspace_id=workspace.id, award_ids=over)
    if correcting.is_held(session, workspace_id=workspace.id, held_key=held, besides=row.id):
        raise BadRequestError(
            f"They hold {named(badge.name)} already, and it is held once. Revoke one of the two instead."
        )


def _tell(
    session: Connection,
    workspace: WorkspaceRef,
    actor: PersonRow,
    row: AwardRow,
    detail: dict[str, str],
    now: datetime,
) -> None:
    """Have it said where it was told, and noted; the note holds no words of anybody's."""
    amend(session, workspace, [row], now)
    audit.note(
        session,
        workspace_id=workspace.id,
        action="award.corrected",
        subject=row.code,
        detail=json.dumps({"code": row.code} | detail),
        now=now,
        actor_id=actor.id,
    )
