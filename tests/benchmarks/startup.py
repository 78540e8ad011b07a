"""From nothing to answering, and the memory that takes."""

import statistics
import subprocess
import sys
import time
from contextlib import ExitStack

from tests.benchmarks.processes import ROOT, child
from tests.benchmarks.report import Target, table
from tests.benchmarks.surroundings import (
    FLAIR,
    PEOPLE,
    SECRET,
    TEAM,
    folder,
    laurel,
    local_slack,
)

ROUNDS = 5
COMMANDS = 600


def run() -> list[Target]:
    """Measure, print, and return the targets."""
    helped, ready = [], []
    with ExitStack() as stack:
        scratch = stack.enter_context(folder())
        slack = stack.enter_context(local_slack())
        for number in range(ROUNDS):
            began = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "bot", "--help"], cwd=ROOT, check=True, capture_output=True
            )
            helped.append(time.perf_counter() - began)
            # A database of its own each time: its tables are made, and the catalogue is loaded.
            url = f"sqlite:///{scratch / f'{number}.db'}"
            with laurel(url, slack, scratch, furnished=False) as serving:
                ready.append(serving.ready_after)
        url = f"sqlite:///{scratch / 'memory.db'}"
        serving = stack.enter_context(laurel(url, slack, scratch))
        at_first = serving.process.resident
        time.sleep(1.5)  # the people of the local Slack are read
        load = stack.enter_context(child("-m", "tests.benchmarks.load"))
        job = {
            "port": serving.port,
            "connections": 8,
            "count": COMMANDS,
            "secret": SECRET,
            "team": TEAM,
            "people": PEOPLE,
            "badges": FLAIR,
            "mark": "memory",
        }
        load.ask({**job, "expected": "Undo"})
        profile = {**job, "connections": 1, "count": 4, "mark": "profile", "command": "/badges"}
        load.ask({**profile, "expected": ""})
        time.sleep(3)  # the trophy case is drawn after the acknowledgement
        resident = serving.process.resident
    rows = [
        ("laurel --help, s", statistics.median(helped)),
        ("ready on a new database, s", statistics.median(ready)),
        ("resident when ready, MB", at_first),
        (f"resident after {COMMANDS} commands and a trophy case, MB", resident),
    ]
    table(("", "found"), rows)
    return [
        Target("laurel --help", statistics.median(helped), 1, " s"),
        Target("ready", statistics.median(ready), 3, " s"),
        Target("resident memory", resident, 150, " MB"),
    ]
