"""Telling an admin, in one message, how far an award to many is."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from bot.bulk_work import Report
from bot.deps import Deps, WorkspaceRef
from bot.messages import bulk as words
from bot.messages.message import Message
from bot.respond import edit
from storage import bulk, outbox
from storage.bulk import BulkRow

# Slack takes about 50 edits a minute, and the outbox edits messages too.
EVERY = timedelta(seconds=4)


def reporter(deps: Deps, workspace: WorkspaceRef) -> Report:
    """Edits the message of a bulk award, not too often, and always at its end."""
    last: dict[UUID, datetime] = {}

    def report(row: BulkRow) -> bool:
        now = deps.clock()
        at_end = row.finished_at is not None
        if not at_end and row.id in last and now - last[row.id] < EVERY:
            return True
        last[row.id] = now
        return show(deps, workspace, row)

    return report


def show(deps: Deps, workspace: WorkspaceRef, row: BulkRow) -> bool:
    """Have the message of a bulk award say how it stands; False: Slack may take that later."""
    if row.channel is None or row.message_ts is None:
        return True
    message = deps.database.read(lambda session: _message(session, workspace, row))
    return edit(deps.slack(workspace), row.channel, row.message_ts, message)


def _message(session: Connection, workspace: WorkspaceRef, row: BulkRow) -> Message:
    if row.state == "undone":
        counts = bulk.counts(session, workspace_id=workspace.id, batch_id=row.id)
        if row.finished_at is None:
            return words.taking_back(counts.standing)
        undone = counts.undone > 0
        return words.taken_back(counts.undone if undone else counts.revoked, undone=undone)
    if row.state != "done":
        return words.running(row.done, row.total)
    posts = outbox.posts_of_batch(session, workspace_id=workspace.id, batch_id=row.id)
    awarded = bulk.counts(session, workspace_id=workspace.id, batch_id=row.id).standing
    feed = [post.lane.removeprefix("channel:") for post in posts]
    return words.finished(awarded, row.total, row.id, feed=feed)
