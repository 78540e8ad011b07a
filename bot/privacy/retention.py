"""Forgetting people some time after they left."""

import logging
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import Connection

from bot.deps import Deps, WorkspaceRef
from bot.privacy.erasing import erase
from storage import belongings

_log = logging.getLogger(__name__)

_AT_ONCE = 20
_MONTH = timedelta(days=365.2425 / 12)  # of the Gregorian calendar, on average


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
        lambda session: belongings.left_before(
            session, workspace_id=workspace.id, before=before, limit=_AT_ONCE
        )
    )
    for person_id in people:
        deps.database.write(partial(_erase, deps, workspace, person_id, now))
    return len(people)


def _erase(
    deps: Deps, workspace: WorkspaceRef, person_id: UUID, now: datetime, session: Connection
) -> bool:
    return erase(
        session,
        workspace=workspace,
        settings=deps.settings_in(session, workspace),
        person_id=person_id,
        now=now,
    )
