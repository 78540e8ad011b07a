"""Whose requests Laurel answers, and with which tokens: one workspace's, or those that installed it."""

import logging
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.oauth.token_rotation import TokenRotator
from starlette.routing import Route

from bot.authorization import InstalledWorkspaces, OurWorkspace
from bot.clients import InstalledClients
from bot.delivery.parts import SlackClients
from bot.delivery.trouble import ask
from bot.deps import Clock, WorkspaceRef
from bot.installing import Installing, serve
from bot.kept_alive import KeptAlive
from bot.settings import Settings
from bot.web import install
from storage.database import Database
from storage.installations import installation_store

SLACK_PATIENCE = 10  # seconds that one call to Slack may take


@dataclass(frozen=True)
class Access:
    """What Laurel comes to Slack with, and Slack to Laurel."""

    client: WebClient  # with the environment's token, if that has one
    clients: SlackClients
    authorize: Callable[..., AuthorizeResult]
    ours: OurWorkspace
    installing: Sequence[Route]  # the pages on which the app is installed, if it can be
    forget: Callable[[], object]  # what is remembered of installations for some seconds

    def meet_workspace(self, database: Database, clock: Clock) -> WorkspaceRef:
        """Ask Slack once whose token this is, keep it, and answer its requests from now on.

        Raises SlackTroubleError when Slack cannot be asked or refuses the token.
        """
        said = ask(self.client.auth_test)
        workspace = database.write(
            lambda session: serve(
                session,
                team_id=str(said["team_id"]),
                name=str(said["team"]),
                url=str(said["url"]),
                bot_user_id=str(said["user_id"]),
                bot_id=str(said.get("bot_id") or ""),
                now=clock(),
            )
        )
        self.ours.meet(workspace)
        return workspace


def access(settings: Settings, database: Database, clock: Clock) -> Access:
    """By the token of the environment, or by OAuth where that is set up."""
    client = slack_client(settings)
    ours = OurWorkspace(settings.bot_token)
    if not settings.by_oauth:
        return Access(client, lambda _workspace: client, ours, ours, (), lambda: None)
    clients = _installed_clients(settings, database, client, clock)
    installed = InstalledWorkspaces(database, install_at=settings.install_url)

    def forget() -> None:
        installed.forget()
        clients.forget()

    installing = Installing(
        settings=settings,
        client=client,
        database=database,
        clock=clock,
        pages=install.pages(),
        arrived=forget,
    )
    return Access(client, clients, installed, ours, install.routes(installing), forget)


def slack_client(settings: Settings) -> WebClient:
    """A client for the workspace: patient for 10 s, never repeating a call by itself."""
    # Reading the certificates takes 30 ms of CPU: once, not for every call.
    context = ssl.create_default_context() if settings.slack_api_url.startswith("https") else None
    logger = logging.getLogger("slack_sdk.web")
    # It logs what it raises as well, quoting what came back; and below INFO whole answers, tokens too.
    logger.setLevel(logging.CRITICAL)
    return KeptAlive(
        token=settings.bot_token or None,
        base_url=settings.slack_api_url,
        timeout=SLACK_PATIENCE,
        ssl=context,
        retry_handlers=[],  # what may be repeated is the caller's to know: a post may not
        logger=logger,
    )


def _installed_clients(
    settings: Settings, database: Database, template: WebClient, clock: Clock
) -> InstalledClients:
    return InstalledClients(
        template=template,
        store=installation_store(database, settings.client_id),
        rotator=TokenRotator(
            client_id=settings.client_id, client_secret=settings.client_secret, client=template
        ),
        database=database,
        clock=clock,
    )
