"""Slack's user groups by name, for menus: asked for seldom, since Slack lists them all at once."""

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.delivery.trouble import SlackTroubleError, ask
from bot.deps import Deps, WorkspaceRef
from bot.organisation import teams_of

_KEPT_FOR = timedelta(minutes=5)
Names = dict[str, str]  # by id: @platform-team


def listed(deps: Deps, workspace: WorkspaceRef) -> list[Mapping[str, Any]]:
    """The user groups, as Slack lists them. Calls Slack; raises SlackTroubleError."""
    client = deps.slack(workspace)

    def every() -> list[Mapping[str, Any]]:
        return [
            group
            for team in teams_of(client, workspace)
            for group in client.usergroups_list(team_id=team or None)["usergroups"]
        ]

    return ask(every)


class UserGroups:
    """The names of user groups as they were a few minutes ago at most; threads share one."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[datetime, Names]] = {}
        self._lock = threading.Lock()

    def known(self, deps: Deps, workspace: WorkspaceRef) -> Names | None:
        """What is known without asking Slack, if anything is."""
        with self._lock:
            at, names = self._kept.get(workspace.id, (None, None))
        return names if at is not None and deps.clock() - at < _KEPT_FOR else None

    def ask(self, deps: Deps, workspace: WorkspaceRef) -> Names:
        """The same, asking Slack where it was long ago; none where Slack does not say."""
        names = self.known(deps, workspace)
        if names is not None:
            return names
        try:
            said = listed(deps, workspace)
        except SlackTroubleError:
            return {}
        names = {str(one["id"]): f"@{one.get('handle') or one.get('name')}" for one in said}
        with self._lock:
            self._kept[workspace.id] = deps.clock(), names
        return names
