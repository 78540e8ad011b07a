"""The playground: a throwaway Slack workspace in a browser page, with the real Laurel in it.

Slack is `bot.playground` on a port of this machine; Laurel is what `bot.app` builds, on another one,
over a SQLite file in a temporary folder. They speak signed HTTP and the Web API, as anywhere.
"""

import io
import logging
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn

from bot import anniversaries, hr_file, jobs, people_import, samples, seniority
from bot.app import Laurel, build, utc_now
from bot.deps import Clock, WorkspaceRef
from bot.grants import Grant
from bot.manifest import manifest
from bot.playground import Engine, SignedHttp
from bot.playground.page import Offer, Shortcut, SlashCommand, Step, company, create, waiting
from bot.settings import Settings
from storage import outbox

APP = "Laurel"
FEED = "kudos"
ADMIN = "priya"
FONTS = Path(__file__).parent.parent / "assets" / "fonts"
PATIENCE = 20.0  # seconds that Laurel may take to be ready
SENDING = 4.0  # seconds that it may take to send what one day brought


class Playground:
    """A workspace, its page and Laurel, running; use it as a context manager, or start and stop it.

    `port` 0 takes a free one. `with_samples` gives the first awards before the page is shown. A
    `clock` of one's own has to run; moving time on the page comes on top of it.
    """

    def __init__(
        self, port: int = 0, *, with_samples: bool = True, clock: Clock | None = None
    ) -> None:
        self.engine = Engine(clock, app_name=APP, port=port)
        self._clock = clock or utc_now
        self._first_day = self._clock().date()
        self._with_samples = with_samples
        self._folder = Path(tempfile.mkdtemp(prefix="laurel-playground-"))
        self._listener = _free_port()
        self._server: uvicorn.Server | None = None
        self._serving: threading.Thread | None = None
        self.laurel: Laurel | None = None

    @property
    def url(self) -> str:
        """Where the page is."""
        return self.engine.url

    def start(self) -> Self:
        """Start everything and return once the page can be used; its address answers before that.

        Raises OSError where the port is taken, RuntimeError where Laurel does not become ready.
        """
        try:
            self.engine.mount(waiting(APP, fonts=_fonts()))
            self.engine.start()
            self._populate()
            laurel = self._build_laurel()
            workspace = laurel.boot.prepare()
            assert workspace is not None
            jobs.sync_people(laurel.deps, workspace, threading.Event())
            if self._with_samples:
                self._give_samples(laurel, workspace)
            self._import_start_dates(laurel, workspace)
            laurel.start()
            self._wait_until_ready(laurel)
            self.engine.mount(create(self.engine, self._offer()))
            if self._with_samples:
                laurel.deps.after_acknowledgement(lambda: self._draw_ahead(laurel))
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End everything and remove the temporary folder."""
        self.engine.weather.clear()
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            self._serving.join(5)
        if self.laurel is not None:
            self.laurel.stop(within=3.0)
        self.engine.stop()
        self._listener.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # -- parts -----------------------------------------------------------------------------------

    def _populate(self) -> None:
        engine, app = self.engine, manifest()
        company.populate(engine, self._first_day)
        engine.scopes = set(app["oauth_config"]["scopes"]["bot"])
        engine.subscriptions = set(app["settings"]["event_subscriptions"]["bot_events"])
        if self._with_samples:
            engine.clock.move(-samples.EARLIER)

    def _build_laurel(self) -> Laurel:
        address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.laurel = laurel = build(self._settings(address), clock=self._now)
        self._server = uvicorn.Server(
            uvicorn.Config(
                laurel.web,
                http="httptools",
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._serving = threading.Thread(
            target=self._server.run, args=([self._listener],), name="laurel-web", daemon=True
        )
        self._serving.start()
        self.engine.connect(SignedHttp(f"{address}/slack/events"))
        return laurel

    def _give_samples(self, laurel: Laurel, workspace: WorkspaceRef) -> None:
        """Let what happened before happen; Laurel sends in this thread, while the clock jumps."""

        def send() -> bool:
            laurel.courier.run_due()
            return self._is_to_send(laurel, workspace)

        samples.give(self.engine, feed=FEED, send=send, clock=self._clock)

    def _import_start_dates(self, laurel: Laurel, workspace: WorkspaceRef) -> None:
        """Hand in the company's HR file, as `laurel people import` does."""
        people = [user for user in self.engine.workspace.users.values() if user.start_date]
        rows = ["Slack ID,Start date", *(f"{user.id},{user.start_date}" for user in people)]
        file = hr_file.read(io.BytesIO("\n".join(rows).encode()), today=self._now().date())
        people_import.carry_out(
            laurel.deps.database,
            workspace=workspace,
            settings=laurel.settings,
            file=file,
            now=self._now(),
        )

    def _draw_ahead(self, laurel: Laurel) -> None:
        """Draw the badges of tomorrow's anniversaries, so that nobody waits for them then."""
        workspace = laurel.ours.workspace
        assert workspace is not None
        now, database = self._now(), laurel.deps.database
        plans = anniversaries.foresee(
            database,
            workspace=workspace,
            settings=laurel.settings,
            on=now.date() + timedelta(days=1),
            now=now,
        )
        missing = {plan.length.slug: plan.length for plan in plans}
        seniority.add_badges(database, workspace_id=workspace.id, missing=missing, now=now)
        laurel.courier.wake()

    def _settings(self, address: str) -> Settings:
        return Settings(
            bot_token=self.engine.bot_token,
            signing_secret=self.engine.signing_secret,
            slack_api_url=self.engine.api_url,
            database_url=f"sqlite:///{self._folder / 'laurel.db'}",
            feed_channel=self.engine.channel(FEED).id,
            admins=frozenset({self.engine.user(ADMIN).id}),
            awarders=Grant(everyone=True),
            public_url=address,
        )

    def _now(self) -> datetime:
        return self.engine.clock.now()

    def _wait_until_ready(self, laurel: Laurel) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            state = laurel.boot.readiness()
            if all(found == "ok" for found in state.values()):
                return
            time.sleep(0.02)
        raise RuntimeError(f"Laurel did not become ready: {dict(state)}")

    def _offer(self) -> Offer:
        features = manifest()["features"]
        home = features["app_home"]
        return Offer(
            commands=tuple(
                SlashCommand(one["command"], one["description"], one.get("usage_hint", ""))
                for one in features["slash_commands"]
            ),
            shortcuts=tuple(
                Shortcut(one["callback_id"], one["name"], one["type"] == "global")
                for one in features["shortcuts"]
            ),
            steps=(*STEPS, _journey()),
            act_as="maria",
            channel=FEED,
            home=home["home_tab_enabled"],
            answers=not home["messages_tab_read_only_enabled"],
            fonts=_fonts(),
            journeys=lambda now: company.journeys(self._first_day, now),
            after_time_moved=self._time_moved,
        )

    def _time_moved(self) -> None:
        """Let Laurel do and send what a day brought, before time moves on."""
        laurel = self.laurel
        if laurel is None or laurel.ours.workspace is None:
            return
        workspace = laurel.ours.workspace
        jobs.celebrate(laurel.deps, workspace)
        laurel.courier.wake()
        end = time.monotonic() + SENDING
        # In bad weather time moves on, and what waits is sent once it is calm.
        while (
            self.engine.weather.calm
            and self._is_to_send(laurel, workspace)
            and time.monotonic() < end
        ):
            time.sleep(0.005)
            self.engine.advance(samples.REST)

    def _is_to_send(self, laurel: Laurel, workspace: WorkspaceRef) -> bool:
        """Whether people are still to be told something, or something is on its way."""
        waiting = laurel.deps.database.read(
            lambda session: outbox.list_waiting(session, workspace_id=workspace.id)
        )
        return any(one.kind != "upload" or one.state == "sending" for one in waiting)


STEPS = (
    Step(
        title="Award a badge",
        text="Tom won the table tennis final. Put the command into the box and press Enter.",
        button="Write the command",
        fill="/award @tom ping-pong-champion Great final!",
        channel=FEED,
        done="/award",
    ),
    Step(
        title="Look at a profile",
        text="Everybody has a trophy case. Have a look at Tom’s.",
        button="Write the command",
        fill="/badges @tom",
        channel=FEED,
        done="/badges",
    ),
)


def _journey() -> Step:
    """The third step, which shows what Laurel does of itself as time passes."""
    return Step(
        title="Travel to an anniversary",
        text="Tomorrow it is twelve years that Tom came. The clock at the top moves time for everybody.",
        button="Travel to tomorrow, 09:00",
        travel="tomorrow 09:00",
        done="clock",
    )


def _fonts() -> Mapping[str, Path]:
    return {font.name: font for font in FONTS.glob("Inter-*.otf")}


def _free_port() -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    return listener


def run(host: str = "127.0.0.1", port: int = 3000) -> int:
    """Serve the playground until Ctrl-C or SIGTERM; return the exit status.

    Only this machine can reach it, so a `host` that is not this machine's own is refused.
    """
    if host not in ("127.0.0.1", "localhost"):
        sys.stderr.write(
            "The playground is for this machine alone: unset LAUREL_HOST, or set it to 127.0.0.1.\n"
        )
        return 2
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: ended.set())
    sys.stdout.write("Setting up a made-up company …\n")
    sys.stdout.flush()
    playground = Playground(port)
    try:
        playground.start()
    except OSError as problem:
        sys.stderr.write(
            f"Port {port} cannot be used ({problem.strerror}): LAUREL_PORT=3001 chooses another.\n"
        )
        return 1
    sys.stdout.write(
        f"\n  Laurel’s playground is at {playground.url.replace('127.0.0.1', 'localhost')}\n"
        "  Nothing leaves this machine, and nothing stays: Ctrl-C ends it.\n\n"
    )
    sys.stdout.flush()
    ended.wait()
    playground.stop()
    return 0
