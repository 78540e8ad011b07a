"""Whether a request is from a workspace of ours, answered without asking Slack."""

import time
from typing import Any

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.authorize import Authorize
from slack_bolt.context.context import BoltContext

from bot.deps import WorkspaceRef, reference
from bot.errors import UserFacingError
from storage import workspaces
from storage.database import Database

__all__ = [
    "InstalledWorkspaces",
    "NotOurWorkspaceError",
    "NotReadyError",
    "OurWorkspace",
    "reference",
]

REMEMBERED = 5.0  # seconds after which a removed workspace is noticed by every process


class NotOurWorkspaceError(UserFacingError):
    """The request is from a workspace that this Laurel does not serve."""


class NotReadyError(UserFacingError):
    """Laurel has not met its workspace yet."""


class OurWorkspace(Authorize):
    """The one workspace that Laurel's token is for; Bolt asks here about every request."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._workspace: WorkspaceRef | None = None
        self._result: AuthorizeResult | None = None

    @property
    def workspace(self) -> WorkspaceRef | None:
        """The workspace, once Laurel has met it."""
        return self._workspace

    def meet(self, workspace: WorkspaceRef) -> None:
        """From now on, answer the requests of this workspace."""
        self._result = AuthorizeResult(
            enterprise_id=None,
            team_id=workspace.team_id,
            bot_token=self._token,
            bot_id=workspace.bot_id,
            bot_user_id=workspace.bot_user_id,
        )
        self._workspace = workspace

    def __call__(
        self,
        *,
        context: BoltContext,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        **_others: Any,
    ) -> AuthorizeResult:
        """Raises NotReadyError and NotOurWorkspaceError, whose sentences the person reads."""
        workspace, result = self._workspace, self._result
        if workspace is None or result is None:
            raise NotReadyError("Laurel is still starting. Please try again in a minute.")
        # An app installed for a whole organisation is told the organisation instead of the team.
        if workspace.team_id not in (team_id, enterprise_id):
            raise NotOurWorkspaceError(
                "This Laurel works for another Slack workspace, so it cannot do that here."
            )
        context["workspace"] = workspace
        return result


class InstalledWorkspaces(Authorize):
    """The workspaces that installed the app, by OAuth; Bolt asks here about every request."""

    def __init__(self, database: Database, *, install_at: str) -> None:
        self._database = database
        self._install_at = install_at
        self._known: dict[tuple[str, str], tuple[float, WorkspaceRef]] = {}

    def __call__(
        self,
        *,
        context: BoltContext,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        **_others: Any,
    ) -> AuthorizeResult:
        """Raises NotOurWorkspaceError, whose sentence the person reads."""
        workspace = self._find(team_id or "", enterprise_id or "")
        if workspace is None:
            raise NotOurWorkspaceError(
                "Laurel is not installed in this workspace (any more), so it cannot do that here."
                f" It can be installed at {self._install_at}."
            )
        context["workspace"] = workspace
        # No token: what calls Slack asks `Deps.slack` for its client.
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_id=workspace.bot_id,
            bot_user_id=workspace.bot_user_id,
        )

    def forget(self) -> None:
        """Look everything up again: something was installed or removed."""
        self._known.clear()

    def _find(self, team_id: str, enterprise_id: str) -> WorkspaceRef | None:
        asked, now = (team_id, enterprise_id), time.monotonic()
        known = self._known.get(asked)
        if known is not None and now < known[0]:
            return known[1]
        row = self._database.read(
            lambda session: workspaces.serving(
                session, team_id=team_id, enterprise_id=enterprise_id
            )
        )
        if row is None:
            self._known.pop(asked, None)  # strangers take no room
            return None
        found = reference(row)
        self._known[asked] = (now + REMEMBERED, found)
        return found
