"""Laurels to put load on: one on SQLite, several processes on a PostgreSQL, and what they are held against."""

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from tests.benchmarks.processes import Child, child, free_port, wait_until_ready
from tests.benchmarks.surroundings import (
    FLAIR,
    PEOPLE,
    SECRET,
    TEAM,
    LocalSlack,
    QuickSlack,
    Serving,
    laurel,
)


class Fleet(NamedTuple):
    """Servers that share the load, and who else works for them."""

    name: str
    ports: list[int]
    processes: list[Child]  # whose processor time is counted
    expected: str = ""  # stands in every right answer to `/award`
    serving: Serving | None = None  # for a Laurel: where to count afterwards

    @property
    def cpu_seconds(self) -> float:
        """Processor time that all of them took so far, the database's not among it."""
        return sum(process.cpu_seconds for process in self.processes)

    @property
    def megabytes(self) -> float:
        """Resident memory of all of them."""
        return sum(process.resident for process in self.processes)


class Asked(NamedTuple):
    """What a load found: requests a second, seconds, and processor time of the servers for a request."""

    rate: float
    p50: float
    p99: float
    cpu: float


def plain(stack: ExitStack, kind: str, name: str) -> Fleet:
    """A server that is not Laurel: `noop` or `bare`."""
    port = free_port()
    process = stack.enter_context(child("-m", "tests.benchmarks.servers", kind, str(port)))
    wait_until_ready(f"http://127.0.0.1:{port}/slack/events", every=0.05, status=405)
    return Fleet(name, [port], [process])


def apart(
    stack: ExitStack,
    name: str,
    url: str,
    slack: LocalSlack | QuickSlack,
    scratch: Path,
    *,
    web: int,
    workers: int = 1,
    furnished: bool = True,
) -> Fleet:
    """So many processes that answer, and others that send, on one PostgreSQL."""
    parts = ["--web"] * web + ["--worker"] * workers
    all_of_it = []
    for number, part in enumerate(parts):
        first = furnished and number == 0
        all_of_it.append(stack.enter_context(laurel(url, slack, scratch, part, furnished=first)))
    answering = all_of_it[:web]
    return Fleet(
        name,
        [serving.port for serving in answering],
        [serving.process for serving in all_of_it],
        "Undo",
        all_of_it[0],
    )


def alone(
    stack: ExitStack,
    name: str,
    url: str,
    slack: LocalSlack | QuickSlack,
    scratch: Path,
    *,
    furnished: bool = True,
) -> Fleet:
    """One process that does everything."""
    serving = stack.enter_context(laurel(url, slack, scratch, furnished=furnished))
    return Fleet(name, [serving.port], [serving.process], "Undo", serving)


def ask(load: Child, fleet: Fleet, *, count: int, connections: int, **more: Any) -> Asked:
    """Put so many commands on a fleet. Raises RuntimeError where an answer is not as it should be."""
    awards = more.get("command", "/award") == "/award"
    job = {
        "ports": fleet.ports,
        "connections": max(connections, 1),
        "count": count,
        "secret": SECRET,
        "team": TEAM,
        "people": PEOPLE,
        "badges": FLAIR,
        "mark": f"{time.monotonic_ns()}",
        "expected": fleet.expected if awards else "",
        **more,
    }
    before = fleet.cpu_seconds
    answer = load.ask(job)
    if answer["failed"] or answer["answered"] != count:
        raise RuntimeError(f"{fleet.name}: {answer}")
    cpu = (fleet.cpu_seconds - before) / count
    return Asked(answer["rate"], answer["p50"], answer["p99"], cpu)
