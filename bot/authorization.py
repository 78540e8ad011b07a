"""Whether a request is from our workspace, answered from memory: nothing asks Slack per request."""

from typing import Any

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.authorize import Authorize
from slack_bolt.context.context import BoltContext

from bot.deps import WorkspaceRef
from bot.errors import UserFacingError
from storage.workspaces import WorkspaceRow


class NotOurWorkspaceError(UserFacingError):
    """The request is from a workspace that this Laurel does not serve."""


class NotReadyError(UserFacingError):
    """Laurel has not met its workspace yet."""


def reference(row: WorkspaceRow) -> WorkspaceRef:
    """A stored workspace as requests know it."""
    return WorkspaceRef(
        id=row.id,
        team_id=row.team_id,
        name=row.name,
        url=row.url,
        bot_user_id=row.bot_user_id,
        bot_id=row.bot_id,
        link_key=row.link_key,
    )


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
