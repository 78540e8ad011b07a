"""Resident memory over 1,000,000 commands of every kind; 30 to 60 minutes (LAUREL_COMMANDS=20000: one).

While the database is small it grows with it, probably through SQLite's caches of pages: up to 2 MB for
each of 24 connections. So growth is counted from the second quarter of the commands to the last.
"""

import os
import statistics
import time
from contextlib import ExitStack
from typing import NamedTuple

from tests.benchmarks.processes import child
from tests.benchmarks.report import Target, table
from tests.benchmarks.surroundings import FLAIR, PEOPLE, SECRET, TEAM, folder, laurel, quick_slack

COMMANDS = int(os.environ.get("LAUREL_COMMANDS", "1000000"))
STEPS = 20  # readings, a quarter of which is five
CONNECTIONS = 16
GIVERS = 200


class Reading(NamedTuple):
    """The server after so many commands."""

    commands: int
    rate: float
    megabytes: float


def run() -> list[Target]:
    """Measure, print as it goes, and return the targets."""
    step = max(200, COMMANDS // STEPS)
    found: list[Reading] = []
    with ExitStack() as stack:
        scratch = stack.enter_context(folder())
        slack = stack.enter_context(quick_slack())
        url = f"sqlite:///{scratch / 'memory.db'}"
        serving = stack.enter_context(laurel(url, slack, scratch))
        time.sleep(1.5)  # the people of Slack are read
        load = stack.enter_context(child("-m", "tests.benchmarks.load"))
        job = {
            "port": serving.port,
            "connections": CONNECTIONS,
            "count": step,
            "secret": SECRET,
            "team": TEAM,
            "people": PEOPLE,
            "givers": GIVERS,
            "badges": FLAIR,
            "command": "mixed",
            "mark": "memory",
            "statuses": ["200", "401"],
            "expected": "",
        }
        for first in range(0, COMMANDS, step):
            answer = load.ask({**job, "first": first})
            if answer["failed"]:
                raise RuntimeError(str(answer))
            time.sleep(1)  # what follows the acknowledgements is done
            found.append(Reading(first + step, answer["rate"], serving.process.resident))
            last = found[-1]
            print(
                f"  {last.commands:>9,} commands, {last.rate:,.0f} a second:"
                f" {last.megabytes:.1f} MB",
                flush=True,
            )
    quarters = [
        statistics.median(one.megabytes for one in found[first : first + STEPS // 4])
        for first in range(0, STEPS, STEPS // 4)
    ]
    table(
        ("resident memory", "MB"),
        [
            (f"after {found[0].commands:,} commands", found[0].megabytes),
            *((f"median of quarter {number}", some) for number, some in enumerate(quarters, 1)),
            ("at most", max(one.megabytes for one in found)),
        ],
    )
    growth = (quarters[-1] / quarters[1] - 1) * 100
    return [Target("growth from the second quarter to the last", growth, 5, " %")]
