"""Taking awards back: Undo as if they had not been, revoking with the history kept.

Like `bot.awarding`: inside the caller's transaction, and nothing here calls Slack.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from bot.deps import WorkspaceRef
from bot.errors import BadRequestError, NotFoundError, NotPermittedError
from bot.gifts import REASON_LIMIT, too_long
from bot.messages import text
from bot.permissions import is_badge_admin, may_revoke
from bot.requests import telling
from bot.requests.reading import requested
from bot.settings import Settings
from bot.standing import standing_of
from storage import audit, awards, outbox, people, requests
from storage.awards import AwardRow
from storage.database import TransactionConflictError
from storage.outbox import NewDelivery
from storage.people import PersonRow
from storage.types import new_id

UNDO_WINDOW = timedelta(minutes=10)
_MOST_CODES = 10  # in one sentence


def undo(
    session: Connection,
    *,
    workspace: WorkspaceRef,
    giver: PersonRow,
    batch_id: UUID,
    now: datetime,
) -> list[AwardRow]:
    """Take back what one command awarded, as if it had not been; returns what was taken back.

    Only its giver may, within ten minutes. Nothing is returned when it had been taken back before.
    """
    rows = awards.of_batch(session, workspace_id=workspace.id, batch_id=batch_id)
    if not rows or rows[0].giver_id != giver.id:
        raise NotFoundError("I can’t find that award any more.")
    standing = [row for row in rows if row.revoked_at is None]
    if not standing:
        _refuse_what_was_revoked(session, workspace, giver, rows)
    elif now - rows[0].awarded_at > UNDO_WINDOW:
        raise BadRequestError(_undo_is_closed([row.code for row in standing]))
    else:
        _take(session, workspace, standing, giver, "", now, undone=True)
        amend(session, workspace, standing, now)
        _note(session, workspace, "award.undone", standing, giver, now)
    return standing


def _refuse_what_was_revoked(
    session: Connection, workspace: WorkspaceRef, giver: PersonRow, rows: Sequence[AwardRow]
) -> None:
    revoked = [row for row in rows if not row.undone]
    if not revoked:
        return
    ids = {row.revoked_by for row in revoked if row.revoked_by is not None}
    by = people.by_ids(session, workspace_id=workspace.id, ids=ids).values()
    names = ["you" if one.id == giver.id else text.named(one.name) for one in by]
    who = f" by {text.in_words(sorted(names))}" if names else ""
    raise BadRequestError(f"That was revoked already{who}, so there is nothing left to undo.")


def _undo_is_closed(codes: Sequence[str]) -> str:
    closed = "It’s been more than ten minutes, so Undo is closed."
    if len(codes) == 1:
        return f"{closed} `/award revoke {codes[0]}` still works."
    shown = [f"`{code}`" for code in codes[:_MOST_CODES]]
    if len(codes) > len(shown):
        shown.append(f"{len(codes) - len(shown):,} more")
    return f"{closed} `/award revoke` with an award’s id still works: {text.in_words(shown)}."


def revoke(
    session: Connection,
    *,
    workspace: WorkspaceRef,
    settings: Settings,
    actor: PersonRow,
    code: str,
    reason: str,
    now: datetime,
) -> AwardRow:
    """Revoke the award people call by this code; the row stays in the history.

    An award that the actor may not know of is refused in the words for one that does not exist.
    """
    if len(reason) > REASON_LIMIT:
        raise BadRequestError(too_long(reason))
    row = awards.by_code(session, workspace_id=workspace.id, code=code)
    standing = standing_of(session, workspace, settings, actor)
    admin = is_badge_admin(standing)
    involved = row is not None and actor.id in (row.giver_id, row.recipient_id)
    if row is not None and row.undone and row.giver_id == actor.id:
        raise BadRequestError(f"{code} was undone already.")
    if row is None or row.undone or (row.private and not involved and not admin):
        raise NotFoundError(
            f"I don’t know an award {code}. Its id is in the message you got when you gave it,"
            " and on the profile of whoever has it."
        )
    if not may_revoke(standing, giver=row.giver_id == actor.id):
        raise NotPermittedError(
            f"Only whoever gave {code} and badge admins can revoke it."
            " To keep it off your own profile, there is `/badges hide`."
            if row.recipient_id == actor.id
            else f"Only whoever gave {code} and badge admins can revoke it."
        )
    if row.revoked_at is not None:
        by_you = row.revoked_by == actor.id
        raise BadRequestError(
            f"You revoked {code} already." if by_you else f"{code} was revoked already."
        )
    _take(session, workspace, [row], actor, reason, now)
    amend(session, workspace, [row], now)
    _note(session, workspace, "award.revoked", [row], actor, now)
    return row


def _take(
    session: Connection,
    workspace: WorkspaceRef,
    rows: Sequence[AwardRow],
    actor: PersonRow,
    reason: str,
    now: datetime,
    *,
    undone: bool = False,
) -> None:
    """Take awards that stand. Raises TransactionConflictError where somebody was first just now."""
    taken = awards.revoke(
        session,
        workspace_id=workspace.id,
        ids=[row.id for row in rows],
        by=actor.id,
        reason=reason,
        now=now,
        undone=undone,
    )
    if taken < len(rows):
        raise TransactionConflictError("an award was taken back in this very moment")


def _note(
    session: Connection,
    workspace: WorkspaceRef,
    action: str,
    rows: Sequence[AwardRow],
    actor: PersonRow,
    now: datetime,
) -> None:
    """Write down who took awards back: whose they were, and why, is with the awards themselves."""
    audit.note(
        session,
        workspace_id=workspace.id,
        action=action,
        subject=rows[0].code if len(rows) == 1 else str(rows[0].batch_id),
        detail=json.dumps({"awards": [row.code for row in rows]}),
        now=now,
        actor_id=actor.id,
    )


def amend(
    session: Connection, workspace: WorkspaceRef, rows: Sequence[AwardRow], now: datetime
) -> None:
    """Have the feed post and the direct messages of these awards of one batch say what is true now.

    What is still to be sent is put right in its own lane, so that this comes after it; what was sent
    long ago does not wait behind those of an award to many.
    """
    batch_id = rows[0].batch_id
    posts = outbox.posts_of_batch(session, workspace_id=workspace.id, batch_id=batch_id)
    keys = {row.recipient_id: f"notify:{batch_id}:{row.recipient_id}" for row in rows}
    told = outbox.by_keys(session, workspace_id=workspace.id, keys=keys.values())
    lanes = {key: one.lane for key, one in told.items() if one.state in ("pending", "sending")}
    deliveries = [
        NewDelivery(
            lanes.get(key, "dm"),
            "amend",
            f"amend:{new_id(now)}",
            batch_id,
            person_id,
        )
        for person_id, key in keys.items()
    ]
    deliveries += [
        NewDelivery(post.lane, "amend", f"amend:{new_id(now)}", batch_id, subject=post.key)
        for post in posts
    ]
    outbox.enqueue(session, workspace_id=workspace.id, deliveries=deliveries, now=now)
    answered = requests.answered(
        session, workspace_id=workspace.id, award_ids=[row.id for row in rows]
    )
    came_of = [request_id for row in rows if (request_id := requested(row)) is not None]
    telling.amend(session, workspace, {*answered, *came_of}, now)
