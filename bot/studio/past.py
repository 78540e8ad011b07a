"""Past awards that are to show what their badge says and looks like now: a few at a time, to the end."""

from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import Connection

from bot.deps import Deps, WorkspaceRef
from bot.turns import turn
from storage import editing, past
from storage.badges import BadgeRow
from storage.past import Change

AT_ONCE = 500  # awards that are changed in one transaction


def begin(
    session: Connection, workspace: WorkspaceRef, badge: BadgeRow, *, now: datetime
) -> tuple[int, bool]:
    """Have the awards given until now show a badge as it is; how many do, and whether more are to."""
    return _change_some(
        session, workspace, badge.id, Change(badge.version_id, None, now), AT_ONCE, now
    )


def go_on(deps: Deps, workspace: WorkspaceRef, badge_id: UUID, *, at_once: int = AT_ONCE) -> None:
    """Change the rest, a transaction for every few, unless another process is at it."""
    with turn(deps, workspace, f"turn:past:{badge_id.hex}") as ours:
        while ours is not None and deps.database.write(
            partial(_step, deps, workspace, badge_id, at_once)
        ):
            if not ours.keep():
                return


def resume(deps: Deps, workspace: WorkspaceRef) -> None:
    """Go on with what a process that died left."""
    for workspace_id, badge_id in deps.database.read(lambda session: list(past.left(session))):
        if workspace_id == workspace.id:
            go_on(deps, workspace, badge_id)


def _step(
    deps: Deps, workspace: WorkspaceRef, badge_id: UUID, at_once: int, session: Connection
) -> bool:
    """Change a few more; whether others are left."""
    change = past.kept(session, workspace_id=workspace.id, badge_id=badge_id)
    if change is None:
        return False
    return _change_some(session, workspace, badge_id, change, at_once, deps.clock())[1]


def _change_some(
    session: Connection,
    workspace: WorkspaceRef,
    badge_id: UUID,
    change: Change,
    at_once: int,
    now: datetime,
) -> tuple[int, bool]:
    changed, following = editing.apply_to_past(
        session,
        workspace_id=workspace.id,
        badge_id=badge_id,
        version_id=change.version_id,
        since=change.since,
        until=change.until,
        limit=at_once,
    )
    if following is None:
        past.done(session, workspace_id=workspace.id, badge_id=badge_id)
    else:
        past.keep(
            session,
            workspace_id=workspace.id,
            badge_id=badge_id,
            change=change._replace(since=following),
            now=now,
        )
    return changed, following is not None
