"""`/award` over signed HTTP, against Bolt with nothing to do and a bare signed endpoint."""

import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from tests.benchmarks.processes import Child, child, free_port, wait_until_ready
from tests.benchmarks.report import Target, table
from tests.benchmarks.surroundings import (
    FLAIR,
    PEOPLE,
    SECRET,
    TEAM,
    LocalSlack,
    Serving,
    folder,
    laurel,
    local_slack,
    postgresql,
)

ROUNDS = 5
CONNECTIONS = (1, 16, 64)
SECONDS = 0.5  # about so long each server is asked in a round
WARM_UP = 150


class Asked(NamedTuple):
    """A server under load."""

    name: str
    port: int
    process: Child
    expected: str  # stands in every right answer
    serving: Serving | None = None  # for a Laurel: what to count afterwards


class Median(NamedTuple):
    """The medians of the rounds: requests a second, and seconds."""

    rate: float
    p50: float
    p99: float
    cpu: float  # that the server took for a request


def run() -> list[Target]:
    """Measure, print, and return the targets."""
    with ExitStack() as stack:
        scratch = stack.enter_context(folder())
        slack = stack.enter_context(local_slack())
        servers = [
            _plain(stack, "noop", "Bolt, no-op listener"),
            _plain(stack, "bare", "bare signed endpoint"),
        ]
        urls = {
            "Laurel on SQLite": f"sqlite:///{scratch / 'laurel.db'}",
            "Laurel on PostgreSQL": stack.enter_context(
                postgresql(scratch / "postgresql", "laurel")
            ),
        }
        for name, url in urls.items():
            serving = stack.enter_context(laurel(url, slack, scratch))
            servers.append(Asked(name, serving.port, serving.process, "Undo", serving))
        time.sleep(1.5)  # the people of the local Slack are read
        load = stack.enter_context(child("-m", "tests.benchmarks.load"))
        found, lost = _measure(load, servers, slack)
    return [*_show(servers, found), Target("awards lost, doubled or not announced", lost, 0)]


def _plain(stack: ExitStack, kind: str, name: str) -> Asked:
    port = free_port()
    process = stack.enter_context(child("-m", "tests.benchmarks.servers", kind, str(port)))
    wait_until_ready(f"http://127.0.0.1:{port}/slack/events", every=0.05, status=405)
    return Asked(name, port, process, "")


def _measure(
    load: Child, servers: list[Asked], slack: LocalSlack
) -> tuple[dict[tuple[str, int], Median], int]:
    found: dict[tuple[str, int], Median] = {}
    awarded: dict[str, int] = defaultdict(int)
    lost = 0
    for connections in CONNECTIONS:
        counts = {
            server.name: int(
                max(100, _ask(load, server, connections, WARM_UP, awarded)["rate"] * SECONDS)
            )
            for server in servers
        }
        rounds: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for _ in range(ROUNDS):
            for server in servers:
                answer = _ask(load, server, connections, counts[server.name], awarded)
                rounds[server.name].append(answer)
                if server.serving:
                    lost += missing(server.serving, awarded[server.name])
        for name, answers in rounds.items():
            found[name, connections] = Median(
                *(statistics.median(answer[key] for answer in answers) for key in Median._fields)
            )
    return found, lost + _unsent(servers, slack)


def _ask(
    load: Child, server: Asked, connections: int, count: int, awarded: dict[str, int]
) -> dict[str, Any]:
    job = {
        "port": server.port,
        "connections": connections,
        "count": count,
        "secret": SECRET,
        "team": TEAM,
        "people": PEOPLE,
        "badges": FLAIR,
        "mark": f"{server.port}-{awarded[server.name]}",
        "expected": server.expected,
    }
    before = server.process.cpu_seconds
    answer = load.ask(job)
    answer["cpu"] = (server.process.cpu_seconds - before) / count
    if answer["failed"] or answer["answered"] != count:
        raise RuntimeError(f"{server.name}: {answer}")
    awarded[server.name] += count
    return answer


def missing(serving: Serving, awarded: int) -> int:
    """How far awards and what announces them are from what was answered to be awarded."""

    def count(session: Connection) -> int:
        ask: Callable[[str], int] = lambda sql: session.execute(text(sql)).scalar_one()  # noqa: E731
        wrong = abs(ask("SELECT count(*) FROM award") - awarded)
        for kind in ("announce", "notify"):
            sql = f"SELECT count(*) FROM delivery WHERE state <> 'dead' AND kind = '{kind}'"
            wrong += abs(ask(sql) - awarded)
        return wrong

    return serving.database.read(count)


def _unsent(servers: list[Asked], slack: LocalSlack) -> int:
    """How many of the messages that were noted as sent the local Slack does not have."""
    sql = text("SELECT count(*) FROM delivery WHERE state = 'sent'")
    noted = sum(
        server.serving.database.read(lambda session: session.execute(sql).scalar_one())
        for server in servers
        if server.serving
    )
    print(f"  meanwhile {noted} messages were delivered\n")
    return max(0, noted - slack.counted("chat.postMessage"))


def _show(servers: list[Asked], found: dict[tuple[str, int], Median]) -> list[Target]:
    noop, bare = (server.name for server in servers[:2])
    rows = [
        (
            server.name,
            connections,
            found[server.name, connections].rate,
            found[server.name, connections].p50 * 1000,
            found[server.name, connections].p99 * 1000,
            found[server.name, connections].cpu * 1000,
            found[server.name, connections].rate / found[noop, connections].rate,
            found[server.name, connections].rate / found[bare, connections].rate,
        )
        for connections in CONNECTIONS
        for server in servers
    ]
    heads = (
        "server",
        "connections",
        "a second",
        "p50 ms",
        "p99 ms",
        "CPU ms",
        "of no-op",
        "of bare",
    )
    table(heads, rows)
    targets = []
    for server, share in zip(servers[2:], (0.30, 0.20), strict=True):
        name = server.name
        ratio = found[name, 16].rate / found[noop, 16].rate
        targets += [
            Target(f"{name}: of no-op at 16 connections", ratio, share, at_least=True),
            Target(f"{name}: p99 at 16 connections", found[name, 16].p99 * 1000, 60, " ms"),
            Target(f"{name}: p50 at 1 connection", found[name, 1].p50 * 1000, 6, " ms"),
        ]
    return targets
