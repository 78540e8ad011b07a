"""Posts that wait in 1,000 lanes: how soon all are sent, and whether a lane starves; 7 minutes.

Slack takes one post a second and channel, so 100 in each lane take 100 seconds however many send them:
that is the ideal. LAUREL_LANES (1000) and LAUREL_EACH (100) say how many.
"""

import itertools
import os
import statistics
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from storage.database import Database
from tests.benchmarks import waiting
from tests.benchmarks.fleet import apart
from tests.benchmarks.quick_slack import Came
from tests.benchmarks.report import Target, table
from tests.benchmarks.surroundings import (
    QuickSlack,
    folder,
    furnish,
    laurel,
    postgresql,
    quick_slack,
)

LANES = int(os.environ.get("LAUREL_LANES", "1000"))
EACH = int(os.environ.get("LAUREL_EACH", "100"))
PATIENCE = 900.0  # seconds
PACE = 1.0  # seconds that Slack wants between two posts to a channel
TOO_SOON = 0.95  # what arrives sooner after the one before was sent too soon


class Drained(NamedTuple):
    """How a backlog was sent, in seconds."""

    took: float
    first_lane: float  # until the first lane was done
    last_lane: float
    longest_gap: float  # between two posts of a lane, or before its first
    typical_gap: float
    cpu: float  # of all processes, for a post
    too_soon: int
    missing: int


def run() -> list[Target]:
    """Measure, print, and return the targets."""
    found: dict[str, Drained] = {}
    with ExitStack() as stack:
        scratch = stack.enter_context(folder())
        slack = stack.enter_context(quick_slack())
        server = stack.enter_context(postgresql(scratch / "postgresql", "backlog"))
        on_sqlite = f"sqlite:///{scratch / 'laurel.db'}"
        for name, url, workers in (
            ("SQLite, one process", on_sqlite, 0),
            ("PostgreSQL, 1 worker", server, 1),
            ("PostgreSQL, 2 workers", server, 2),
        ):
            found[name] = _drained(url, slack, scratch, workers)
    ideal = (EACH - 1) * PACE
    rows = [
        (
            name,
            one.took,
            LANES * EACH / one.took,
            one.first_lane,
            one.last_lane,
            one.typical_gap,
            one.longest_gap,
            one.cpu * 1000,
        )
        for name, one in found.items()
    ]
    heads = ("s", "a second", "first lane", "last lane", "gap", "longest gap", "CPU ms")
    table((f"{EACH} posts in each of {LANES} lanes", *heads), rows)
    print(f"  ideal: {ideal:.0f} s, {LANES} a second")
    targets = []
    for name, one in found.items():
        # No lane is to wait while others are sent to: all are done within few of their turns.
        apart_by = (one.last_lane - one.first_lane) / one.typical_gap
        targets += [
            Target(f"{name}: lanes' ends apart, in typical gaps", apart_by, 5),
            Target(f"{name}: longest gap, in typical ones", one.longest_gap / one.typical_gap, 5),
            Target(f"{name}: posts too soon after the one before", one.too_soon, 0),
            Target(f"{name}: posts lost or doubled", one.missing, 0),
        ]
    return targets


def _drained(url: str, slack: QuickSlack, scratch: Path, workers: int) -> Drained:
    database = Database(url)
    furnish(database, picture=slack.picture)
    waiting.fill(database, posts=LANES * EACH, lanes=LANES)
    slack.came()
    with ExitStack() as stack:
        began = time.monotonic()
        if workers:
            args = ("", url, slack, scratch)
            processes = apart(stack, *args, web=0, workers=workers, furnished=False).processes
        else:
            serving = stack.enter_context(laurel(url, slack, scratch, furnished=False))
            processes = [serving.process]
        came: list[Came] = []
        while len(came) < LANES * EACH and time.monotonic() - began < PATIENCE:
            time.sleep(1)
            came += [one for one in slack.came() if "LANE" in one.channel]
        time.sleep(1)  # the last ones are noted
        cpu = sum(process.cpu_seconds for process in processes) / max(1, len(came))
    left = waiting.left(database)
    database.close()
    return _summed_up(came, cpu, left)


def _summed_up(came: list[Came], cpu: float, left: int) -> Drained:
    start = came[0].at
    times: dict[str, list[float]] = defaultdict(lambda: [start])
    marks = {one.mark for one in came}
    for one in came:
        times[one.channel].append(one.at)
    gaps = [
        [after - before for before, after in itertools.pairwise(each)] for each in times.values()
    ]
    ends = [each[-1] - start for each in times.values()]
    between = [gap for each in gaps for gap in each[1:]] or [0.0]
    return Drained(
        took=came[-1].at - start,
        first_lane=min(ends),
        last_lane=max(ends),
        longest_gap=max(gap for each in gaps for gap in each),
        typical_gap=max(statistics.median(between), 0.001),
        cpu=cpu,
        too_soon=sum(gap < TOO_SOON for gap in between),
        missing=max(left, LANES * EACH - len(marks), len(came) - LANES * EACH),
    )
