"""The composition root: the one place where the parts of Laurel are put together."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from prometheus_client import REGISTRY, CollectorRegistry, Gauge, generate_latest
from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from starlette.applications import Starlette

import commands
from bot import celebrating, web
from bot.access import Access, access
from bot.announcing import Announcer
from bot.authorization import OurWorkspace
from bot.boot import EVERYTHING, Boot, Parts
from bot.delivery import Courier
from bot.delivery.courier import POLL, POLL_OTHERS
from bot.deps import Clock, Deps, WorkspaceRef
from bot.dispatch import Dispatcher
from bot.listeners import Listeners
from bot.pictures import Pictures
from bot.pool import Inline
from bot.scheduler import Scheduler
from bot.settings import Settings
from bot.socket_mode import Socket
from storage.database import Database
from storage.memory import Memory

# One for each thread that answers or does what follows, and a few for delivery.
CONNECTIONS = 24


def utc_now() -> datetime:
    """The machine's time."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Laurel:
    """All of Laurel, put together and not yet running."""

    settings: Settings
    app: App
    dispatcher: Dispatcher
    listeners: Listeners
    deps: Deps
    ours: OurWorkspace
    client: WebClient
    courier: Courier
    boot: Boot
    socket: Socket | None
    web: Starlette
    meet_workspace: Callable[[], WorkspaceRef]  # see `Access.meet_workspace`
    forget: Callable[[], object]  # what is remembered of installations for some seconds

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
    slack = access(settings, database, clock)
    app, dispatcher = _answering(settings, slack, slow)
    listeners = Listeners()
    app.use(listeners)
    pictures = Pictures(database, public_url=settings.public_url, clock=clock)
    meet_workspace = partial(slack.meet_workspace, database, clock)
    courier = _courier(settings, database, slack, pictures, clock)
    deps = Deps(
        settings=settings,
        database=database,
        memory=Memory(),
        clock=clock,
        slack=slack.clients,
        pictures=pictures,
        after_acknowledgement=dispatcher.after_acknowledgement,
        wake_delivery=courier.wake,
    )
    commands.register(listeners, deps)
    socket = None
    if settings.app_token and parts.web:
        socket = Socket(app_token=settings.app_token, client=slack.client, dispatcher=dispatcher)
    boot = Boot(
        deps=deps,
        ours=slack.ours,
        meet=None if settings.by_oauth else meet_workspace,
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
        installing=slack.installing if parts.web else (),
    )
    return Laurel(
        settings=settings,
        app=app,
        dispatcher=dispatcher,
        listeners=listeners,
        deps=deps,
        ours=slack.ours,
        client=slack.client,
        courier=courier,
        boot=boot,
        socket=socket,
        web=web.create(site),
        meet_workspace=meet_workspace,
        forget=slack.forget,
    )


def _courier(
    settings: Settings, database: Database, slack: Access, pictures: Pictures, clock: Clock
) -> Courier:
    return Courier(
        database=database,
        slack=slack.clients,
        clock=clock,
        announcing=Announcer(pictures.sources, settings=settings),
        draw=pictures.draw,
        witness=partial(celebrating.note, settings=settings),
        poll=POLL if database.is_sqlite else POLL_OTHERS,
    )


def _answering(settings: Settings, slack: Access, slow: Inline | None) -> tuple[App, Dispatcher]:
    # Without a signing secret nothing may come over HTTP: one that nobody knows keeps it so.
    signing_secret = settings.signing_secret or secrets.token_hex(32)
    app = _bolt(signing_secret, slack.authorize, slack.client)
    dispatcher = Dispatcher(
        app, client=slack.client, clients=slack.clients, signing_secret=signing_secret, slow=slow
    )
    return app, dispatcher


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
