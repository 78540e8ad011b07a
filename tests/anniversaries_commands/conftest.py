"""A workspace whose milestones have badges already, so that none is drawn."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.tenure import Length
from tests.anniversaries_commands.office import manage
from tests.badges.shelf import badge
from tests.databases import Kept
from tests.world import MakeWorld, World, furnish_file
from tests.world import _made_on as made_on

_LENGTHS = ("30d", "90d", "6m", *(f"{years}y" for years in range(1, 41)))


@pytest.fixture(params=["sqlite", "postgresql"])
def make_any_world(request: pytest.FixtureRequest) -> MakeWorld:
    """Makes worlds on SQLite, and on PostgreSQL."""
    found: MakeWorld = request.getfixturevalue(
        "make_world" if request.param == "sqlite" else "make_world_pg"
    )
    return found


def furnish(world: World) -> None:
    """Add the badges of milestones; Tom manages Maria and Yuki."""

    def add(session: Connection) -> None:
        for length in _LENGTHS:
            badge(session, world.workspace.id, Length.parse(length).words.title())

    world.database.write(add)
    manage(world, "tom", "maria", "yuki")


@pytest.fixture(scope="session")
def furnished(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all of that, to be copied."""
    return furnish_file(furnished, tmp_path_factory.mktemp("office") / "office.db", furnish)


def opened(make_world: MakeWorld, **settings: object) -> World:
    """A world so furnished."""
    world = make_world(public_url="https://laurel.acme.example", **settings)
    if not world.database.is_sqlite:
        furnish(world)
    return world


@pytest.fixture
def office(make_world: MakeWorld) -> World:
    """Acme, where Tom manages Maria and Yuki; Ada is a badge admin, Kim a guest, Gil left."""
    return opened(make_world)


@pytest.fixture
def any_office(make_any_world: MakeWorld) -> World:
    """The same on each database."""
    return opened(make_any_world)


@pytest.fixture
def make_offices(make_world: MakeWorld, make_other_world: MakeWorld) -> tuple[World, World]:
    """Two of them, alike."""
    return opened(make_world), opened(make_other_world)


@pytest.fixture(scope="session")
def kept_other(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Another database on SQLite."""
    return Kept(f"sqlite:///{tmp_path_factory.mktemp('other') / 'laurel.db'}")


@pytest.fixture
def make_other_world(furnished: Path, kept_other: Kept) -> Iterator[MakeWorld]:
    """Makes a world over a database of its own."""
    with kept_other.lend_copy(furnished) as database:
        yield from made_on(database)
