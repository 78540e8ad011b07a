"""Coming into a workspace by OAuth, and leaving it: slack_bolt's own flow, on our database."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from slack_bolt import BoltRequest
from slack_bolt.oauth.callback_options import CallbackOptions
from slack_bolt.oauth.oauth_flow import OAuthFlow
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk import WebClient
from slack_sdk.oauth.installation_store import Installation
from sqlalchemy import Connection

from bot import starters
from bot.authorization import reference
from bot.delivery.trouble import SlackTroubleError, ask
from bot.deps import Clock, Deps, WorkspaceRef
from bot.manifest import OPTIONAL_SCOPES, REDIRECT_PATH, SCOPES
from bot.settings import INSTALL_PATH, Settings
from storage import installations, lanes, workspaces
from storage.database import Database

_log = logging.getLogger(__name__)
# The library warns of what Slack refuses, with the code it was refused for.
_library_log = logging.getLogger(__name__ + ".library")
_library_log.setLevel(logging.ERROR)

AUTHORIZE_AT = "https://slack.com/oauth/v2/authorize"
_AT_REST = timedelta(days=3650)  # what a lane waits for is `serve`
_LONGER_THAN_ANY_PAUSE = timedelta(days=1)  # that Slack asked for: those hold


class Installing(OAuthFlow):
    """Installs the app into workspaces and whole organisations."""

    def __init__(
        self,
        *,
        settings: Settings,
        client: WebClient,
        database: Database,
        clock: Clock,
        pages: CallbackOptions,
        arrived: Callable[[], object],
    ) -> None:
        super().__init__(
            client=client,
            logger=_library_log,
            settings=OAuthSettings(
                client_id=settings.client_id,
                client_secret=settings.client_secret,
                scopes=[*SCOPES, *OPTIONAL_SCOPES],
                user_scopes=[],
                redirect_uri=f"{settings.public_url}{REDIRECT_PATH}",
                install_path=INSTALL_PATH,
                redirect_uri_path=REDIRECT_PATH,
                install_page_rendering_enabled=False,
                callback_options=pages,
                authorization_url=AUTHORIZE_AT,
                installation_store=installations.installation_store(database, settings.client_id),
                state_store=installations.state_store(database),
                state_expiration_seconds=installations.STATE_LASTS,
            ),
        )
        self._database = database
        self._clock = clock
        self._upload = not settings.public_url
        self._arrived = arrived

    def store_installation(self, request: BoltRequest, installation: Installation) -> None:
        """Keep the tokens, and begin to serve the workspace. Raises what Slack and the database do."""
        # Where a workspace is on the web is all that the installation itself does not say.
        said = ask(lambda: self.client.auth_test(token=installation.bot_token))
        super().store_installation(request, installation)
        whole = bool(installation.is_enterprise_install)
        name = installation.enterprise_name if whole else installation.team_name
        now = self._clock()

        def begin(session: Connection) -> WorkspaceRef:
            workspace = serve(
                session,
                team_id="" if whole else str(installation.team_id),
                enterprise_id=installation.enterprise_id or "",
                name=str(name or said["team"]),
                url=str(said["url"]),
                bot_user_id=str(installation.bot_user_id),
                bot_id=str(installation.bot_id),
                now=now,
            )
            starters.load_starters(
                session,
                workspace_id=workspace.id,
                starters=starters.starter_badges(),
                now=now,
                upload=self._upload,
            )
            return workspace

        workspace = self._database.write(begin)
        self._arrived()
        _log.info("installed", extra={"workspace": workspace.team_id or workspace.enterprise_id})


def serve(
    session: Connection, *, team_id: str, enterprise_id: str = "", now: datetime, **said: str
) -> WorkspaceRef:
    """Serve a workspace from now on, of which Slack said this; what rests since `leave` goes on."""
    row = workspaces.save(session, team_id=team_id, enterprise_id=enterprise_id, now=now, **said)
    lanes.wake(session, workspace_id=row.id, now=now, after=now + _LONGER_THAN_ANY_PAUSE)
    return reference(row)


def leave(deps: Deps, workspace: WorkspaceRef, *, at: datetime) -> bool:
    """Serve a workspace no more, whose app was removed at this time; False: it was installed since.

    Where there is one token, of which nobody notes when it came, Slack is asked whether it works. What
    was awarded stays as it is, for when the app comes back, or until `laurel workspaces erase`.
    """

    def go(session: Connection) -> bool:
        there = {"team_id": workspace.team_id, "enterprise_id": workspace.enterprise_id}
        since = installations.installed_at(session, **there)
        if since is not None and since > at:
            return False
        now = deps.clock()
        installations.remove(session, **there)
        workspaces.uninstall(session, workspace_id=workspace.id, now=now)
        lanes.postpone_all(session, workspace_id=workspace.id, next_at=now + _AT_REST)
        return True

    works = not deps.settings.by_oauth and _works(deps.slack(workspace))
    gone = not works and deps.database.write(go)
    if gone:
        _log.info("removed", extra={"workspace": workspace.team_id or workspace.enterprise_id})
    return gone


def _works(client: WebClient) -> bool:
    """Whether Slack takes the token; where it does not say so, it may have been taken away."""
    try:
        ask(client.auth_test)
    except SlackTroubleError:
        return False
    return True
