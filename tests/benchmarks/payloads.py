"""50,000 spoiled payloads with Slack's signature: no error, no 500, nothing done that nobody may."""

import logging
import os
import shutil
import time
from pathlib import Path

from sqlmodel import SQLModel

from bot.playground import Engine
from storage.database import Database
from tests.benchmarks.report import Target, table
from tests.benchmarks.surroundings import folder
from tests.cast import NOW
from tests.hostile.door import Door
from tests.hostile.trial import Found, Trial
from tests.world import World

INPUTS = int(os.environ.get("LAUREL_PAYLOADS", "50000"))
# Slack, and what is kept of it, would grow with every payload: the world is made anew at times.
WORLD_LASTS = 2_000


def run() -> list[Target]:
    """Send them, print what became of them, and return the targets."""
    logging.getLogger().setLevel(logging.ERROR)
    logging.getLogger().addHandler(logging.NullHandler())
    found, began = Found(), time.perf_counter()
    with folder() as scratch:
        for first in range(0, INPUTS, WORLD_LASTS):
            _some(scratch, range(first, min(first + WORLD_LASTS, INPUTS)), found)
    table(("answered with", "payloads"), sorted(found.statuses.items()))
    for one in (*found.mistakes[:20], *found.unpermitted[:20]):
        print(f"  {one}")
    sent = sum(found.statuses.values())
    print(f"  {sent:,} in {time.perf_counter() - began:.0f} s; {found.changes:,} changed something")
    return [
        Target("payloads", sent, INPUTS, at_least=True),
        Target("answered with a 500", sum(n for s, n in found.statuses.items() if s >= 500), 0),
        Target("unhandled errors", len(found.mistakes), 0),
        Target("changes without authority", len(found.unpermitted), 0),
    ]


def _some(scratch: Path, seeds: range, found: Found) -> None:
    path = scratch / str(seeds.start)
    path.mkdir()
    database = Database(f"sqlite:///{path}/laurel.db")
    with database.engine.begin() as connection:
        SQLModel.metadata.create_all(connection)
    with Engine(clock=lambda: NOW, app_name="Laurel") as engine:
        world = World(database, engine)
        door = Door(world)
        trial = Trial(world, door)
        for seed in seeds:
            trial.send(seed, found)
        door.close()
        world.laurel.stop(within=5)  # its threads, and its database
    shutil.rmtree(path)
