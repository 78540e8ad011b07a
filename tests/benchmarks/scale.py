"""`/award` and `/badges` at 1 to 256 connections, by one process and by several; 12 minutes.

LAUREL_SECONDS (0.5) is about how long each server is asked in each of the rounds.
"""

import os
import statistics
import time
from collections import defaultdict
from contextlib import ExitStack

from tests.benchmarks.awards import missing
from tests.benchmarks.fleet import Asked, Fleet, alone, apart, ask, plain
from tests.benchmarks.processes import Child, child
from tests.benchmarks.report import Target, table
from tests.benchmarks.surroundings import folder, local_slack, postgresql

ROUNDS = int(os.environ.get("LAUREL_ROUNDS", "5"))
CONNECTIONS = (1, 16, 64, 256)
COMMANDS = ("/award", "/badges")
SECONDS = float(os.environ.get("LAUREL_SECONDS", "0.5"))
WARM_UP = 100
PROCESSES = (1, 2, 4)

Found = dict[tuple[str, str, int], Asked]


def run() -> list[Target]:
    """Measure, print, and return the targets."""
    with ExitStack() as stack:
        scratch = stack.enter_context(folder())
        slack = stack.enter_context(local_slack())
        fleets = [
            plain(stack, "noop", "Bolt, no-op listener"),
            plain(stack, "bare", "bare signed endpoint"),
            alone(stack, "SQLite, 1", f"sqlite:///{scratch / 'laurel.db'}", slack, scratch),
        ]
        server = stack.enter_context(postgresql(scratch / "postgresql", "one_process"))
        for web in PROCESSES:
            name = f"processes_{web}"
            url = server.replace("/one_process?", f"/{name}?")
            stack.enter_context(postgresql(scratch / "postgresql", name))
            fleets.append(apart(stack, f"PostgreSQL, {web} + 1", url, slack, scratch, web=web))
        time.sleep(1.5)  # the people of the local Slack are read
        load = stack.enter_context(child("-m", "tests.benchmarks.load"))
        found: Found = {}
        awarded: dict[str, int] = defaultdict(int)
        for connections in CONNECTIONS:
            for command in COMMANDS:
                found |= _measure(load, fleets, connections, command, awarded)
        wrong = sum(
            missing(fleet.serving, awarded[fleet.name]) for fleet in fleets if fleet.serving
        )
    return [*_show(fleets, found), Target("awards lost, doubled or not announced", wrong, 0)]


def _measure(
    load: Child, fleets: list[Fleet], connections: int, command: str, awarded: dict[str, int]
) -> Found:
    counts: dict[str, int] = {}
    rounds: dict[str, list[Asked]] = defaultdict(list)
    for number in range(ROUNDS + 1):
        for fleet in fleets:
            # The first round warms up, and says how many are asked in the others.
            count = counts.get(fleet.name, WARM_UP + connections)
            one = ask(load, fleet, count=count, connections=connections, command=command)
            if command == "/award":
                awarded[fleet.name] += count
            if number:
                rounds[fleet.name].append(one)
            else:
                counts[fleet.name] = int(max(100, 2 * connections, one.rate * SECONDS))
    return {
        (name, command, connections): Asked(*map(statistics.median, zip(*all_of_it, strict=True)))
        for name, all_of_it in rounds.items()
    }


def _show(fleets: list[Fleet], found: Found) -> list[Target]:
    noop, bare = (fleet.name for fleet in fleets[:2])
    for command in COMMANDS:
        rows = []
        for connections in CONNECTIONS:
            for fleet in fleets:
                one = found[fleet.name, command, connections]
                shares = [
                    one.rate / found[name, command, connections].rate for name in (noop, bare)
                ]
                milliseconds = [seconds * 1000 for seconds in (one.p50, one.p99, one.cpu)]
                rows.append((fleet.name, connections, one.rate, *milliseconds, *shares))
        heads = ("connections", "a second", "p50 ms", "p99 ms", "CPU ms", "of no-op", "of bare")
        table((command, *heads), rows)
        print()
    slowest = max(
        found[fleet.name, command, CONNECTIONS[-1]].p99
        for fleet in fleets[2:]
        for command in COMMANDS
    )
    return [Target(f"p99 at {CONNECTIONS[-1]} connections", slowest, 2.5, " s")]
