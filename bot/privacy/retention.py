"""Forgetting people some time after they left, what is late about them, and what is old in the audit."""

import json
import logging
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from bot.deps import Deps, WorkspaceRef
from bot.privacy.erasing import erase, erase_again
from storage import audit, forgetting

_log = logging.getLogger(__name__)

_AT_ONCE = 20
_MONTH = timedelta(days=365.2425 / 12)  # of the Gregorian calendar, on average
_ENTRIES_AT_ONCE = 500
# The database has a year of 366 days at times, and a clock of its own.
_MARGIN = timedelta(days=2)


def forget_who_left(deps: Deps, workspace: WorkspaceRef) -> int:
    """Erase whoever left longer ago than the workspace keeps people; return how many that were."""
    forgotten = 0
    while True:
        now = deps.clock()
        settings = deps.settings_of(workspace)
        if not settings.forget_after_months:
            return forgotten
        count = _some(deps, workspace, now - settings.forget_after_months * _MONTH, now)
        forgotten += count
        if count < _AT_ONCE:
            break
    if forgotten:
        _log.info("people who left were erased", extra={"people": forgotten})
        deps.wake_delivery()
    return forgotten


def _some(deps: Deps, workspace: WorkspaceRef, before: datetime, now: datetime) -> int:
    people = deps.database.read(
        lambda session: forgetting.left_before(
            session, workspace_id=workspace.id, before=before, limit=_AT_ONCE
        )
    )
    for person_id in people:
        deps.database.write(partial(erase, workspace=workspace, person_id=person_id, now=now))
    return len(people)


def forget_what_came_late(deps: Deps, workspace: WorkspaceRef) -> int:
    """Forget what was recorded of people while they were erased; how many people that may concern."""
    now = deps.clock()
    lately = deps.database.read(
        lambda session: forgetting.erased_lately(
            session, workspace_id=workspace.id, before=now - forgetting.LATELY
        )
    )
    for person_id, at in lately.items():
        again = partial(
            erase_again, workspace=workspace, person_id=person_id, erased_at=at, now=now
        )
        deps.database.write(again)
    if lately:
        deps.wake_delivery()
    return len(lately)


def clear_audit(deps: Deps, workspace: WorkspaceRef) -> int:
    """Delete entries older than the workspace keeps its audit; return how many that were.

    Each batch is noted in the audit itself, with the day up to which it is gone.
    """
    months, now = deps.settings_of(workspace).audit_months, deps.clock()
    if not months:
        return 0
    before, cleared = now - months * _MONTH - _MARGIN, 0

    def clear(session: Connection) -> int:
        count = audit.clear(
            session, workspace_id=workspace.id, before=before, limit=_ENTRIES_AT_ONCE
        )
        if count:
            audit.note(
                session,
                workspace_id=workspace.id,
                action="audit.cleared",
                subject="audit",
                detail=json.dumps({"entries": count, "before": f"{before:%Y-%m-%d}"}),
                now=now,
            )
        return count

    while True:
        count = deps.database.write(clear)
        cleared += count
        if count < _ENTRIES_AT_ONCE:
            break
    if cleared:
        _log.info("old entries of the audit were cleared", extra={"entries": cleared})
    return cleared
