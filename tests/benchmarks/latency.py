"""From a command's arrival to its post's arrival at Slack, where the lane is free; 4 minutes.

On SQLite in one process, and on PostgreSQL with the answering and the sending process apart.
LAUREL_SAMPLES (100) are sent one every 1.2 seconds, so that the feed's lane has had its rest.
"""

import os
import statistics
import time
from contextlib import ExitStack

from tests.benchmarks.fleet import Fleet, alone, apart, ask
from tests.benchmarks.processes import Child, child
from tests.benchmarks.report import Target, table
from tests.benchmarks.surroundings import QuickSlack, folder, postgresql, quick_slack

COMMANDS = int(os.environ.get("LAUREL_SAMPLES", "100"))
EVERY = 1.2  # seconds
PATIENCE = 30.0  # seconds until a post is given up
MOST = 400  # milliseconds


def run() -> list[Target]:
    """Measure, print, and return the targets."""
    rows: list[tuple[object, ...]] = []
    targets: list[Target] = []
    with ExitStack() as stack:
        scratch = stack.enter_context(folder())
        load = stack.enter_context(child("-m", "tests.benchmarks.load"))
        server = stack.enter_context(postgresql(scratch / "postgresql", "latency"))
        # A Slack each: what came is noted there.
        slacks = [stack.enter_context(quick_slack()) for _ in range(2)]
        url = f"sqlite:///{scratch / 'laurel.db'}"
        fleets = [
            alone(stack, "SQLite, one process", url, slacks[0], scratch),
            apart(stack, "PostgreSQL, 1 + 1", server, slacks[1], scratch, web=1),
        ]
        time.sleep(1.5)  # the people of Slack are read
        for fleet, slack in zip(fleets, slacks, strict=True):
            found = sorted(_waits(load, fleet, slack))
            p99 = found[min(len(found) - 1, int(len(found) * 0.99))]
            median = statistics.median(found)
            rows.append((fleet.name, median * 1000, p99 * 1000, found[-1] * 1000))
            targets.append(Target(f"{fleet.name}: command to post, p99", p99 * 1000, MOST, " ms"))
    table(("from command to post", "p50 ms", "p99 ms", "most ms"), rows)
    return targets


def _waits(load: Child, fleet: Fleet, slack: QuickSlack) -> list[float]:
    """Seconds that each command's post in the feed took; the first command warms up."""
    found = []
    for number in range(COMMANDS + 1):
        slack.came()
        began = time.monotonic()
        ask(load, fleet, count=1, connections=1, first=number)
        answered = time.monotonic()
        at = None
        while at is None and time.monotonic() - began < PATIENCE:
            time.sleep(0.02)
            at = next((one.at for one in slack.came() if one.channel == slack.feed), None)
        if at is None:
            raise RuntimeError(f"{fleet.name}: nothing came of command {number}")
        if number:
            found.append(at - began)
        # The lane rests for a second after its post.
        time.sleep(max(0.0, EVERY - (time.monotonic() - answered)))
    return found
