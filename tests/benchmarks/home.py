"""App Home of somebody with 24 badges by 2,000 awards, with 5,000 badges to earn; against `/badges`."""

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection

from bot import home, profiles
from bot.answers import own_or_other
from bot.app import build
from bot.authorization import reference
from bot.home_frame import Place
from bot.pool import Inline
from bot.settings import Settings
from storage import migrate, workspaces
from storage.database import Database
from tests.benchmarks.report import Target, table
from tests.cast import NOW
from tests.home import crowd

ROUNDS = 15
AWARDS = 2_000
MOST = 300  # milliseconds of our own time until Home can be published

_PLACES = {
    "as it opens": Place(),
    "the catalogue": Place(section="catalogue"),
    "its page 400": Place(section="catalogue", page=400),
    "a search in it": Place(section="catalogue", query="badge 49"),
    "a search that only comes near": Place(section="catalogue", query="bagde nunber"),
    "own settings": Place(section="own"),
    "Settings": Place("settings"),
    "Anniversaries": Place("settings", section="anniversaries"),
}


def run() -> list[Target]:
    """Measure, print, and return the targets."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'home.db'}")
        try:
            return _measured(database)
        finally:
            database.close()


def _measured(database: Database) -> list[Target]:
    migrate.upgrade(database)
    crowd.fill(database, awards=AWARDS, plain=True)
    settings = Settings(public_url="https://laurel.example.com", feed_channel="kudos")
    deps = build(settings, clock=lambda: NOW, database=database, slow=Inline()).deps
    workspace = reference(database.read(workspaces.every)[0])

    def own_profile(session: Connection) -> str:
        reader = profiles.reader_of(session, workspace, settings, crowd.OWNER, asked=True)
        answer = own_or_other(session, deps, workspace, reader=reader, owner=reader.person)
        return json.dumps(answer.message.payload())

    def at(place: Place) -> Callable[[Connection], str]:
        return lambda session: json.dumps(
            home.draw(session, deps, workspace, crowd.OWNER, place, asked=True).view()
        )

    badges = _milliseconds(lambda: database.read(own_profile))
    found = {
        name: _milliseconds(lambda place=place: database.read(at(place)))  # type: ignore[misc]
        for name, place in _PLACES.items()
    }
    rows = [(name, taken, taken / badges) for name, taken in found.items()]
    table(("Home", "ms", "of /badges"), [("`/badges`", badges, 1.0), *rows])
    return [
        Target("Home as it opens, ms of our own time", found["as it opens"], MOST),
        Target("its slowest place, ms of our own time", max(found.values()), MOST),
    ]


def _milliseconds(act: Callable[[], object]) -> float:
    """The processor time that one takes, SQLite and all, the first left out."""
    act()
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        act()
        times.append(time.process_time() - began)
    return statistics.median(times) * 1000
