"""What a delivery costs, against a bare call of slack_sdk over a kept-alive connection; 1 minute.

All that the courier does is counted: finding what is due, taking it, putting the message into words,
sending it, and noting where it is.
"""

import os
import statistics
import time
from contextlib import ExitStack
from typing import NamedTuple

from storage.database import Database
from tests.benchmarks import waiting
from tests.benchmarks.processes import Child, child
from tests.benchmarks.report import Target, table
from tests.benchmarks.surroundings import (
    QuickSlack,
    folder,
    furnish,
    laurel,
    postgresql,
    quick_slack,
)

POSTS = int(os.environ.get("LAUREL_POSTS", "3000"))
ROUNDS = 3
POSTING = "chat.postMessage"


class Cost(NamedTuple):
    """Of one message: processor time of whoever sends it, and how many a second there were."""

    milliseconds: float
    rate: float


def run() -> list[Target]:
    """Measure, print, and return the targets."""
    found: dict[str, list[Cost]] = {}
    with ExitStack() as stack:
        scratch = stack.enter_context(folder())
        slack = stack.enter_context(quick_slack())
        sdk = stack.enter_context(child("-m", "tests.benchmarks.bare_sdk"))
        server = stack.enter_context(postgresql(scratch / "postgresql", "sending"))
        databases = {
            "Laurel on SQLite": Database(f"sqlite:///{scratch / 'laurel.db'}"),
            "Laurel on PostgreSQL": Database(server),
        }
        for database in databases.values():
            stack.callback(database.close)
            furnish(database, picture=slack.picture)
        for _ in range(ROUNDS):
            for way in ("kept-alive", "as it comes"):
                found.setdefault(f"slack_sdk, {way}", []).append(_bare(sdk, slack, way))
            for name, database in databases.items():
                waiting.fill(database, posts=POSTS, lanes=POSTS)
                url = database.url.render_as_string(hide_password=False)
                before = slack.counted(POSTING)
                with laurel(url, slack, scratch, "--worker", furnished=False) as serving:
                    found.setdefault(name, []).append(_sent(serving.process, slack, before))
                if waiting.left(database):
                    raise RuntimeError(f"{name}: not everything was noted as sent")
    costs = {
        name: Cost(*(statistics.median(each) for each in zip(*rounds, strict=True)))
        for name, rounds in found.items()
    }
    least = costs["slack_sdk, kept-alive"].milliseconds
    rows = [
        (name, cost.milliseconds, cost.rate, cost.milliseconds / least)
        for name, cost in costs.items()
    ]
    table(("a message", "CPU ms", "a second", "of kept-alive"), rows)
    return [
        Target(f"{name}: a delivery, of a bare call", costs[name].milliseconds / least, 2)
        for name in databases
    ]


def _bare(sdk: Child, slack: QuickSlack, way: str) -> Cost:
    job = {"url": f"{slack.url}/api/", "way": way, "count": POSTS}
    before = sdk.cpu_seconds
    took = sdk.ask(job)["seconds"]
    return Cost((sdk.cpu_seconds - before) / POSTS * 1000, POSTS / took)


def _sent(worker: Child, slack: QuickSlack, before: int) -> Cost:
    """From the first tenth, when everything is loaded, to the last one."""
    marks: list[tuple[float, float, int]] = []
    for wanted in (POSTS // 10, POSTS):
        while (done := slack.counted(POSTING) - before) < wanted:
            time.sleep(0.02)
        marks.append((time.monotonic(), worker.cpu_seconds, done))
    time.sleep(0.5)  # the last ones are noted
    (began, cpu, first), (ended, spent, last) = marks
    return Cost((spent - cpu) / (last - first) * 1000, (last - first) / (ended - began))
