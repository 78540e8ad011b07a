"""A whole Laurel in a whole Slack workspace, in one process and without threads of its own.

    def test_an_award_is_posted(world: World) -> None:
        outcome = world.command("maria", "/award", "@tom ping-pong-champion Great final!")
        world.deliver()
        assert "Tom" in world.feed()[0].reads()

Time stands still until `advance` or `deliver` moves it. What follows an acknowledgement has been done
when an act returns.
"""

import shutil
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, select

from bot import rules
from bot.deps import WorkspaceRef
from bot.dispatch import FollowUp
from bot.playground import Channel, Engine, InProcess, Message, Outcome, User, View
from bot.pool import Inline
from bot.settings import Settings
from bot.web.reading import request_of
from storage import badges, people, whole
from storage.badges import BadgeRow
from storage.database import Database
from storage.people import PersonRow
from storage.tables import SlackFile, table_of
from storage.upsert import insert_for
from tests.badges.shelf import badge
from tests.cast import CAST, NOW

if TYPE_CHECKING:
    from bot.app import Laurel
    from tests.databases import Kept

# slug, name, category, kind, private, active
BADGES = (
    ("ping-pong-champion", "Ping-Pong Champion", "Contests", "flair", False, True),
    ("team-player", "Team Player", "Culture", "flair", False, True),
    ("customer-hero", "Customer Hero", "Culture", "flair", False, True),
    ("event-speaker", "Event Speaker", "Events", "flair", False, True),
    ("first-course", "First Course", "Courses", "achievement", False, True),
    ("night-owl", "Night Owl", "Culture", "flair", True, True),
    ("summer-2019", "Summer 2019", "Events", "flair", False, False),
)

# The smallest PNG: one transparent pixel.
DOT = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)

Someone = User | str


class World:
    """Acme's workspace, its people (by first name: ada, maria, tom, …) and Laurel in it."""

    def __init__(
        self,
        database: Database,
        engine: Engine,
        *,
        draw: bool = False,
        name: str = "Acme",
        **settings: Any,
    ) -> None:
        from bot.app import build  # all of Laurel: only for tests that ask for a world

        self.engine = engine
        self.database = database
        engine.workspace.team_name, engine.workspace.domain = name, name.casefold()
        self.users = {
            user.name: user
            for user in (
                engine.add_user(
                    profile.slack_id.removeprefix("U").lower(),
                    profile.name,
                    id=profile.slack_id,
                    email=profile.email or "",
                    tz=profile.timezone or "UTC",
                    locale=profile.locale or "en-US",
                    is_admin=profile.slack_admin,
                    is_bot=profile.bot,
                    is_restricted=profile.guest,
                    deleted=not profile.active,
                )
                for profile in CAST
            )
        }
        self.kudos = engine.add_channel("kudos", members=["ada", "maria", "tom", "yuki"])
        self.settings = replace(
            Settings(
                bot_token=engine.bot_token,
                signing_secret=engine.signing_secret,
                slack_api_url=engine.api_url,
                feed_channel="kudos",
            ),
            **settings,
        )
        self.laurel: Laurel = build(self.settings, clock=self.now, database=database, slow=Inline())
        self.workspace: WorkspaceRef = self.laurel.meet_workspace()
        self.people, self.badges = database.write(self._furnish)
        self._draw = draw
        self._pictured: set[UUID] = set()
        if not draw:
            self.give_pictures()
        self._follow_ups: list[FollowUp] = []
        engine.connect(InProcess(self._call))

    # -- time ------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The time, for Slack and for Laurel."""
        return self.engine.clock.now()

    def advance(self, **by: float) -> datetime:
        """Let time pass: `seconds=`, `minutes=`, `hours=`, `days=`."""
        return self.engine.advance(timedelta(**by))

    def deliver(self, *, within: timedelta = timedelta(minutes=10)) -> int:
        """Send the outbox until it is empty, moving time as its rates ask; how many were tried."""
        if not self._draw:
            self.give_pictures()
        end, tried = self.now() + within, 0
        while True:
            tried += self.laurel.courier.run_due()
            due = self.laurel.courier.next_at()
            if due is None or due > end:
                return tried
            if due > self.now():
                self.engine.advance(due - self.now())

    # -- acts ------------------------------------------------------------------------------------

    def command(self, user: Someone, command: str, text: str = "", **how: Any) -> Outcome:
        """Type a slash command, in #kudos unless `channel=` says otherwise.

        An answer with pictures comes behind the acknowledgement, and is the outcome's message too.
        """
        how.setdefault("channel", self.kudos)
        before = len(self.ephemerals(user))
        outcome = self._act(user, lambda: self.engine.command(user, command, text, **how))
        message = outcome.message or next(iter(self.ephemerals(user)[before:]), None)
        return replace(outcome, message=message)

    def click(self, user: Someone, action_id: str | None = None, **how: Any) -> Outcome:
        """Click a button."""
        return self._act(user, lambda: self.engine.click(user, action_id, **how))

    def choose(self, user: Someone, action_id: str, **how: Any) -> Outcome:
        """Choose in a menu, a picker, …"""
        return self._act(user, lambda: self.engine.choose(user, action_id, **how))

    def submit(self, user: Someone, view: View | None = None, **how: Any) -> Outcome:
        """Submit the modal on top, after filling in `values=`."""
        return self._act(user, lambda: self.engine.submit(user, view, **how))

    def close(self, user: Someone, view: View | None = None, **how: Any) -> Outcome:
        """Close the modal on top."""
        return self._act(user, lambda: self.engine.close(user, view, **how))

    def shortcut(self, user: Someone, callback_id: str, message: Message) -> Outcome:
        """Use a message shortcut."""
        return self._act(user, lambda: self.engine.message_shortcut(user, callback_id, message))

    def type_ahead(self, user: Someone, action_id: str, typed: str, **how: Any) -> list[str]:
        """Type into a select; the options' texts."""
        options = self.engine.type_ahead(user, action_id, typed, **how)
        self.settle()
        return [option["text"]["text"] for option in options]

    def decide(self, **changes: Any) -> None:
        """Have the workspace decide rules of its own, by the names of Settings: `trades=True`."""
        self.database.write(
            lambda session: rules.decide(
                session, workspace_id=self.workspace.id, changes=changes, now=self.now()
            )
        )

    def settle(self) -> None:
        """Do what follows acknowledgements; for acts done on `engine` itself."""
        while self._follow_ups:
            self._follow_ups.pop(0)()

    # -- what people see -------------------------------------------------------------------------

    def feed(self) -> list[Message]:
        """The messages in #kudos, oldest first."""
        return self.engine.messages(self.kudos)

    def dms(self, user: Someone) -> list[Message]:
        """What Laurel wrote to a person, oldest first."""
        return self.engine.dms(user)

    def ephemerals(self, user: Someone) -> list[Message]:
        """What only this person sees, oldest first."""
        return self.engine.ephemerals(user)

    def view(self, user: Someone) -> View | None:
        """The modal on top of a person's screen."""
        return self.engine.view(user)

    # -- the rest --------------------------------------------------------------------------------

    def _act(self, user: Someone, act: Callable[[], Outcome]) -> Outcome:
        outcome = act()
        self.settle()
        return replace(outcome, view=self.engine.view(user))

    def _call(self, body: str, headers: dict[str, list[str]]) -> tuple[int, dict[str, Any], str]:
        request = request_of(body, headers)
        answer = self.laurel.dispatcher.answer_here(request)
        self._follow_ups.extend(answer.follow_ups)
        return answer.status, dict(answer.headers), answer.body

    def _furnish(self, session: Connection) -> tuple[dict[str, PersonRow], dict[str, BadgeRow]]:
        """Keep the people and the badges, unless the database came with them."""
        among = {"workspace_id": self.workspace.id}
        ids = [profile.slack_id for profile in CAST]
        if not people.by_slack_ids(session, **among, slack_ids=ids):
            people.save_profiles(session, **among, profiles=CAST, now=NOW)
            self._keep_badges(session)
        found = people.by_slack_ids(session, **among, slack_ids=ids)
        kept = {row.slug: row for row in badges.catalogue(session, **among)}
        return (
            {id_.removeprefix("U").lower(): found[id_] for id_ in ids},
            {slug: kept[slug] for slug, *_ in BADGES},
        )

    def _keep_badges(self, session: Connection) -> None:
        for position, (slug, name, category, kind, private, active) in enumerate(BADGES):
            badge(
                session,
                self.workspace.id,
                name,
                slug=slug,
                description=f"For a {name}.",
                criteria=f"Be a {name}.",
                category=category,
                kind=kind,
                private=private,
                active=active,
                position=position,
            )

    def give_pictures(self) -> None:
        """Let Slack have a picture of every new badge: to draw one takes a fifth of a second."""
        rows = self.database.read(
            lambda session: badges.catalogue(session, workspace_id=self.workspace.id)
        )
        new = {row.version_id for row in rows} - self._pictured
        if not new:
            return
        if not self._pictured:
            self._dot = self.engine.upload(self.engine.workspace.bot_user, "dot.png", DOT).id
        self._pictured |= new
        common = {"workspace_id": self.workspace.id, "file_id": self._dot, "uploaded_at": NOW}
        found = [{"key": f"{kind}:{id_}", **common} for id_ in new for kind in ("card", "tile")]
        self.database.write(
            lambda session: session.execute(
                insert_for(session, table_of(SlackFile)).on_conflict_do_nothing(), found
            )
        )

    def channel(self, name: str, **how: Any) -> Channel:
        """Another channel."""
        return self.engine.add_channel(name, **how)


def rows(database: Database, workspace: WorkspaceRef) -> dict[str, list[Any]]:
    """All of a workspace, by table."""

    def read(session: Connection) -> dict[str, list[Any]]:
        return {
            table.name: [
                tuple(row)
                for row in session.execute(
                    select(table)
                    .where(table.c.workspace_id == workspace.id)
                    .order_by(*table.primary_key.columns)
                )
            ]
            for table in whole.every_table()
        }

    return database.read(read)


@contextmanager
def beside(database: Database, **settings: Any) -> Iterator[World]:
    """Globex: another workspace on a world's database, with people of the same Slack ids."""
    with Engine(clock=lambda: NOW, app_name="Laurel") as engine:
        engine.workspace.team_id = "T2GLOBEX"
        engine.limits.enabled = False
        yield World(database, engine, name="Globex", **settings)


@pytest.fixture
def globex(world: World) -> Iterator[World]:
    """A workspace beside that of `world`."""
    with beside(world.database) as found:
        yield found


MakeWorld = Callable[..., World]


def furnish_file(template: Path, path: Path, furnish: Callable[[World], object]) -> Path:
    """Copy a SQLite file, do something in a world in it, and return its path."""
    shutil.copy(template, path)
    database = Database(f"sqlite:///{path}")
    with Engine(clock=lambda: NOW, app_name="Laurel") as engine:
        furnish(World(database, engine, draw=True))
    database.close()
    return path


@pytest.fixture(scope="session")
def furnished(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file in which Laurel has met Acme, its people and its badges, to be copied."""
    path = tmp_path_factory.mktemp("acme") / "furnished.db"
    return furnish_file(sqlite_template, path, lambda _world: None)


@pytest.fixture
def make_world(furnished: Path, kept_sqlite: "Kept") -> Iterator[MakeWorld]:
    """Makes a world on SQLite, with settings of its own: `make_world(feed_channel="")`.

    `draw=True` has pictures drawn and uploaded.
    """
    with kept_sqlite.lend_copy(furnished) as database:
        yield from _made_on(database)


@pytest.fixture
def make_world_pg(postgresql_database: Database) -> Iterator[MakeWorld]:
    """Makes a world on PostgreSQL."""
    yield from _made_on(postgresql_database)


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """A world on SQLite."""
    return make_world()


@pytest.fixture
def world_pg(make_world_pg: MakeWorld) -> World:
    """A world on PostgreSQL."""
    return make_world_pg()


def _made_on(database: Database) -> Iterator[MakeWorld]:
    with ExitStack() as stack:

        def make(*, draw: bool = False, **settings: Any) -> World:
            engine = stack.enter_context(Engine(clock=lambda: NOW, app_name="Laurel"))
            return World(database, engine, draw=draw, **settings)

        yield make
