"""The composition root: the one place where the parts of Laurel are put together."""

import logging
import secrets
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from prometheus_client import REGISTRY, CollectorRegistry, Gauge, generate_latest
from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.oauth.token_rotation import TokenRotator
from starlette.applications import Starlette
from starlette.routing import Route

import commands
from bot import celebrating, web
from bot.announcing import Announcer
from bot.authorization import InstalledWorkspaces, OurWorkspace, reference
from bot.boot import EVERYTHING, Boot, Parts
from bot.clients import InstalledClients
from bot.delivery import Courier
from bot.delivery.courier import POLL, POLL_OTHERS
from bot.delivery.parts import SlackClients
from bot.delivery.trouble import ask
from bot.deps import Clock, Deps, WorkspaceRef
from bot.dispatch import Dispatcher
from bot.installing import INSTALL_PATH, Installing
from bot.pictures import Pictures
from bot.pool import Inline
from bot.scheduler import Scheduler
from bot.settings import Settings
from bot.socket_mode import Socket
from bot.web import install
from storage import workspaces
from storage.database import Database
from storage.installations import installation_store

_log = logging.getLogger(__name__)

# One for each thread that answers, and a few for what follows and for delivery.
CONNECTIONS = 24
SLACK_PATIENCE = 10  # seconds that one call to Slack may take


def utc_now() -> datetime:
    """The machine's time."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Laurel:
    """All of Laurel, put together and not yet running."""

    settings: Settings
    app: App
    dispatcher: Dispatcher
    deps: Deps
    ours: OurWorkspace
    client: WebClient
    courier: Courier
    boot: Boot
    socket: Socket | None
    web: Starlette
    forget: Callable[[], object]  # what is remembered of installations for some seconds

    def meet_workspace(self) -> WorkspaceRef:
        """Ask Slack once whose token this is, keep it, and answer its requests from now on.

        Raises SlackTroubleError when Slack cannot be asked or refuses the token.
        """
        said = ask(self.client.auth_test)
        row = self.deps.database.write(
            lambda session: workspaces.save(
                session,
                team_id=str(said["team_id"]),
                name=str(said["team"]),
                url=str(said["url"]),
                bot_user_id=str(said["user_id"]),
                bot_id=str(said.get("bot_id") or ""),
                now=self.deps.clock(),
            )
        )
        workspace = reference(row)
        self.ours.meet(workspace)
        return workspace

    def start(self) -> None:
        """Bring everything up but the web server, in threads of its own."""
        self.boot.start()

    def stop(self, *, within: float = 8.0) -> bool:
        """Finish what was begun, and tell whether that was done within so many seconds."""
        done = self.dispatcher.stop(within=within / 2)
        done = self.boot.stop(within=within / 2) and done
        self.deps.database.close()
        return done


def build(
    settings: Settings,
    *,
    clock: Clock = utc_now,
    database: Database | None = None,
    slow: Inline | None = None,
    parts: Parts = EVERYTHING,
) -> Laurel:
    """Put Laurel together; nothing connects yet.

    `parts` says which of it this process is; `slow` has calls to Slack made at once, for tests.
    """
    database = database or Database(settings.database_url, connections=CONNECTIONS)
    client = slack_client(settings)
    ours = OurWorkspace(settings.bot_token)
    clients: SlackClients = lambda _workspace: client  # noqa: E731 - the other has state
    authorize: Callable[..., AuthorizeResult] = ours
    installing: Sequence[Route] = ()
    forget: Callable[[], object] = lambda: None  # noqa: E731
    if settings.by_oauth:
        clients = by_installation = installed_clients(settings, database, client, clock)
        authorize = installed = InstalledWorkspaces(
            database, install_at=f"{settings.public_url}{INSTALL_PATH}"
        )

        def forget() -> None:
            installed.forget()
            by_installation.forget()

        installing = install.routes(
            Installing(
                settings=settings,
                client=client,
                database=database,
                clock=clock,
                pages=install.pages(),
                arrived=forget,
            )
        )
    # Without a signing secret nothing may come over HTTP: one that nobody knows keeps it so.
    signing_secret = settings.signing_secret or secrets.token_hex(32)
    app = _bolt(signing_secret, authorize, client)
    dispatcher = Dispatcher(
        app, client=client, clients=clients, signing_secret=signing_secret, slow=slow
    )
    pictures = Pictures(database, public_url=settings.public_url, clock=clock)
    courier = Courier(
        database=database,
        slack=clients,
        clock=clock,
        announcing=Announcer(pictures.source, settings=settings),
        draw=pictures.draw,
        witness=celebrating.note,
        poll=POLL if database.is_sqlite else POLL_OTHERS,
    )
    deps = Deps(
        settings=settings,
        database=database,
        clock=clock,
        slack=clients,
        pictures=pictures,
        after_acknowledgement=dispatcher.after_acknowledgement,
        wake_delivery=courier.wake,
    )
    commands.register(app, deps)
    socket = None
    if settings.app_token and parts.web:
        socket = Socket(app_token=settings.app_token, client=client, dispatcher=dispatcher)

    def meet() -> WorkspaceRef:
        """Asks Slack, where there is but one token."""
        return laurel.meet_workspace()

    boot = Boot(
        deps=deps,
        ours=ours,
        meet=None if settings.by_oauth else meet,
        courier=courier,
        scheduler=Scheduler(),
        socket=socket,
        parts=parts,
    )
    site = web.Site(
        dispatcher=dispatcher if settings.signing_secret and parts.web else None,
        readiness=boot.readiness,
        picture=pictures.serve if parts.web else None,
        metrics=lambda: _metrics(dispatcher, socket),
        installing=installing if parts.web else (),
    )
    laurel = Laurel(
        settings=settings,
        app=app,
        dispatcher=dispatcher,
        deps=deps,
        ours=ours,
        client=client,
        courier=courier,
        boot=boot,
        socket=socket,
        web=web.create(site),
        forget=forget,
    )
    return laurel


def slack_client(settings: Settings) -> WebClient:
    """A client for the workspace: patient for 10 s, never repeating a call by itself."""
    # Reading the certificates takes 30 ms of CPU: once, not for every call.
    context = ssl.create_default_context() if settings.slack_api_url.startswith("https") else None
    logger = logging.getLogger("slack_sdk.web")
    logger.setLevel(logging.INFO)  # below it the library logs whole answers, tokens too
    return WebClient(
        token=settings.bot_token or None,
        base_url=settings.slack_api_url,
        timeout=SLACK_PATIENCE,
        ssl=context,
        retry_handlers=[],  # what may be repeated is the caller's to know: a post may not
        logger=logger,
    )


def installed_clients(
    settings: Settings, database: Database, template: WebClient, clock: Clock
) -> InstalledClients:
    """The clients of the workspaces that installed the app."""
    return InstalledClients(
        template=template,
        store=installation_store(database, settings.client_id),
        rotator=TokenRotator(
            client_id=settings.client_id, client_secret=settings.client_secret, client=template
        ),
        database=database,
        clock=clock,
    )


def _bolt(signing_secret: str, authorize: Callable[..., AuthorizeResult], client: WebClient) -> App:
    logger = logging.getLogger("slack_bolt")
    # Bolt's warnings quote whole requests, reasons and all; and it warns that a client has a token.
    logger.setLevel(logging.ERROR)
    return App(
        name="laurel",
        logger=logger,
        process_before_response=True,
        raise_error_for_unhandled_request=True,
        signing_secret=signing_secret,
        authorize=authorize,
        client=client,
        token_verification_enabled=False,
        ssl_check_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
        ignoring_self_assistant_message_events_enabled=False,
    )


def _metrics(dispatcher: Dispatcher, socket: Socket | None) -> bytes:
    """What is counted all along, and how things stand at this moment."""
    registry = CollectorRegistry()
    now = {
        "laurel_requests_in_line": (
            "Requests of Slack that no thread has taken yet.",
            dispatcher.answering.in_line,
        ),
        "laurel_follow_ups_in_line": (
            "Calls to Slack that wait for a thread.",
            dispatcher.slow.in_line,
        ),
    }
    if socket is not None:
        now["laurel_socket_connected"] = (
            "Whether the connection to Slack is open and alive.",
            int(socket.is_connected),
        )
        now["laurel_socket_replaced"] = (
            "Connections replaced because they went silent.",
            socket.replaced,
        )
    for name, (meaning, value) in now.items():
        Gauge(name, meaning, registry=registry).set(value)
    return generate_latest(REGISTRY) + generate_latest(registry)
