"""What Laurel does by the clock; each is safe to run twice, and in two processes at once."""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection

from bot import (
    anniversaries,
    bulk,
    bulk_progress,
    bulk_work,
    people,
    policies,
    profile_dates,
    welcome,
)
from bot.delivery.trouble import SlackTroubleError, ask
from bot.deps import Deps, WorkspaceRef
from bot.rota import NotYetError
from bot.studio import past
from storage import bulk as kept_bulk
from storage import outbox

_log = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=30)
GIVEN_UP_KEPT_FOR = timedelta(days=365)


def sync_people(deps: Deps, workspace: WorkspaceRef, stopping: threading.Event) -> None:
    """Read everyone in Slack, and the user groups that decide who may award.

    The groups come first: everyone takes long in a large workspace, and may fail.
    """
    try:
        ask(lambda: sync_groups(deps, workspace, stopping))
        groups_read = True
    except SlackTroubleError as trouble:
        # With hundreds of strangers among them Slack asks for a pause. Once everyone is known, it is
        # one call a group.
        _log.warning("user groups not read yet", extra={"error": trouble.code})
        groups_read = False
    read_everyone(deps, workspace, stopping)
    if not groups_read:
        sync_groups(deps, workspace, stopping)


def arrival(deps: Deps, stopping: threading.Event) -> Mapping[str, Callable[[WorkspaceRef], None]]:
    """What a process does once in each workspace that it comes to serve, by name."""
    return {
        "groups": lambda workspace: sync_groups(deps, workspace, stopping),
        "people": lambda workspace: read_everyone_if_due(deps, workspace, stopping),
    }


def read_everyone_if_due(deps: Deps, workspace: WorkspaceRef, stopping: threading.Event) -> None:
    """Read everyone in Slack where the last time is more than a day ago, and welcome the owners.

    Whom of these Laurel knows already are welcomed even where Slack does not answer. Raises
    NotYetError while another process is at it, which may die, and where the reading was broken off.
    """
    try:
        if people.is_due(deps, workspace):
            read_everyone(deps, workspace, stopping)
            if people.is_due(deps, workspace):
                raise NotYetError("not everyone is read")
    finally:
        welcome_owners(deps, workspace)


def read_everyone(deps: Deps, workspace: WorkspaceRef, stopping: threading.Event) -> None:
    """Read everyone in Slack, unless another process is at it."""
    if people.sync(deps, workspace, pause=stopping.wait) is None:
        _log.info("people are being synced by another process")


def welcome_owners(deps: Deps, workspace: WorkspaceRef) -> None:
    """Tell those whom `LAUREL_ADMINS` names where to begin, once each, while that is to be done."""
    written = deps.database.write(
        lambda session: welcome.enqueue(
            session, workspace, deps.settings_in(session, workspace), now=deps.clock()
        )
    )
    if written:
        deps.wake_delivery()


def sync_groups(deps: Deps, workspace: WorkspaceRef, stopping: threading.Event) -> None:
    """Read the members of the user groups that decide who may award."""
    watched = people.watched_groups(deps, workspace)
    people.look_up_groups(deps, workspace, watched, pause=stopping.wait)


def read_profiles(deps: Deps, workspace: WorkspaceRef, stopping: threading.Event) -> None:
    """Read start dates from Slack profiles for a part of the night."""
    profile_dates.read_on(deps, workspace, pause=stopping.wait)


def keep_house(deps: Deps, workspace: WorkspaceRef) -> int:
    """Forget what was sent long ago and is of no further use; how much that was."""
    now, of = deps.clock(), workspace.id
    deps.database.write(
        partial(kept_bulk.remove_stale, workspace_id=of, before=now - bulk.KEPT_FOR)
    )
    cleared = _clear(deps, partial(outbox.clear_done, workspace_id=of, before=now - KEPT_FOR))
    given_up = partial(outbox.clear_dead, workspace_id=of, before=now - GIVEN_UP_KEPT_FOR)
    cleared += _clear(deps, given_up)
    _log.info("house kept", extra={"cleared": cleared})
    return cleared


def _clear(deps: Deps, some: Callable[[Connection], int]) -> int:
    """Clear a few at a time, so that nobody waits for it."""
    cleared = 0
    while count := deps.database.write(some):
        cleared += count
    return cleared


def resume_bulk(deps: Deps, workspace: WorkspaceRef) -> int:
    """Go on with awards to many that a process which died left unfinished; how many those were.

    Before that with spells that are to be looked at again, and with past awards that are to show what
    their badge says now. Raises NotYetError where the end of an award to many could not be told.
    """
    policies.go_on(deps.database, workspace_id=workspace.id, now=deps.clock())
    past.resume(deps, workspace)
    return bulk_work.resume(deps, workspace, bulk_progress.reporter(deps, workspace))


def celebrate(deps: Deps, workspace: WorkspaceRef) -> None:
    """Record and announce the anniversaries that are due, what fell due while Laurel was down among them."""
    done = anniversaries.run(
        deps.database, workspace=workspace, settings=deps.settings_of(workspace), now=deps.clock()
    )
    if done.posts or done.messages or done.reminders:
        deps.wake_delivery()
