"""`/award` and `/badges` with 1,000, 100,000 and 5,000,000 awards in the database; 15 minutes, 8 GB, once.

The awards are made by the database itself and kept between runs, then it is 4 minutes; the smallest is
made anew. LAUREL_AWARDS (1000,100000,5000000) are the sizes.
"""

import os
import statistics
import time
from collections import defaultdict
from contextlib import ExitStack

from storage.database import Database
from tests.benchmarks import crowd
from tests.benchmarks.fleet import Asked, Fleet, alone, ask
from tests.benchmarks.processes import Child, child
from tests.benchmarks.report import Target, table
from tests.benchmarks.surroundings import TEAM, folder, postgresql, quick_slack

AWARDS = [int(size) for size in os.environ.get("LAUREL_AWARDS", "1000,100000,5000000").split(",")]
ROUNDS = int(os.environ.get("LAUREL_ROUNDS", "5"))
COUNT = int(os.environ.get("LAUREL_COUNT", "300"))  # commands a round
CONNECTIONS = 16
COMMANDS = ("/award", "/badges")
MOST = 1.5  # times what it costs with the fewest


def run() -> list[Target]:
    """Measure, print, and return the targets."""
    crowd.FOLDER.mkdir(exist_ok=True)
    rows: list[tuple[object, ...]] = []
    targets: list[Target] = []
    with ExitStack() as stack:
        load = stack.enter_context(child("-m", "tests.benchmarks.load"))
        for kind in ("SQLite", "PostgreSQL"):
            with ExitStack() as servers:
                fleets = [_fleet(servers, kind, awards) for awards in AWARDS]
                time.sleep(1.5)
                found = _measure(load, fleets)
            for command in COMMANDS:
                least = found[fleets[0].name, command]
                for fleet in fleets:
                    one = found[fleet.name, command]
                    rows.append(
                        (
                            f"{fleet.name}, {command}",
                            one.cpu * 1000,
                            one.p50 * 1000,
                            one.p99 * 1000,
                            one.cpu / least.cpu,
                            one.p50 / least.p50,
                        )
                    )
                most = found[fleets[-1].name, command]
                what = f"{kind}, {command}: "
                targets += [
                    Target(f"{what}CPU, of that with the fewest", most.cpu / least.cpu, MOST),
                    Target(f"{what}median, of that with the fewest", most.p50 / least.p50, MOST),
                ]
    table(("awards", "CPU ms", "p50 ms", "p99 ms", "CPU ratio", "p50 ratio"), rows)
    return targets


def _fleet(stack: ExitStack, kind: str, awards: int) -> Fleet:
    small = awards < 10_000
    where = stack.enter_context(folder()) if small else crowd.FOLDER
    if kind == "SQLite":
        url = f"sqlite:///{where / f'grown-{awards}.db'}"
    else:
        url = stack.enter_context(postgresql(where / f"grown-{awards}", f"grown_{awards}"))
    database = Database(url)
    crowd.fill(database, awards=awards, team=TEAM)
    crowd.add_colleagues(database)
    database.close()
    slack = stack.enter_context(quick_slack())
    scratch = stack.enter_context(folder())
    return alone(stack, f"{kind}, {awards:,}", url, slack, scratch, furnished=False)


def _measure(load: Child, fleets: list[Fleet]) -> dict[tuple[str, str], Asked]:
    rounds: dict[tuple[str, str], list[Asked]] = defaultdict(list)
    # Who have as many awards each, whatever there is besides.
    people = crowd.colleagues()
    badges = [f"badge-{number}" for number in range(1, crowd.BADGES + 1)]
    for number in range(ROUNDS + 1):
        for command in COMMANDS:
            for fleet in fleets:
                one = ask(
                    load,
                    fleet,
                    count=COUNT,
                    connections=CONNECTIONS,
                    command=command,
                    people=people,
                    badges=badges,
                )
                if number:  # the first warms up
                    rounds[fleet.name, command].append(one)
    return {
        key: Asked(*map(statistics.median, zip(*some, strict=True))) for key, some in rounds.items()
    }
