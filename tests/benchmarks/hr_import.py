"""An HR file of 200,000 people by the command line: first, again, and 50 MB of nonsense."""

import os
import random
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from storage import migrate, workspaces
from storage.database import Database
from tests.benchmarks.processes import ROOT
from tests.benchmarks.report import Target, table
from tests.benchmarks.surroundings import folder, postgresql

PEOPLE = 200_000
NONSENSE = 25_000_000  # bytes, written as twice as many digits


class Took(NamedTuple):
    """What a command took."""

    seconds: float
    megabytes: float
    status: int


def run() -> list[Target]:
    """Measure, print, and return the targets."""
    rows: list[tuple[str, float, float]] = []
    targets: list[Target] = []
    with ExitStack() as stack:
        scratch = stack.enter_context(folder())
        people, nonsense = scratch / "people.csv", scratch / "nonsense.csv"
        _write_people(people)
        nonsense.write_bytes(b"email,start\n" + random.Random(1).randbytes(NONSENSE).hex().encode())
        server = stack.enter_context(postgresql(scratch / "postgresql", "hr_import"))
        for kind, url in (("SQLite", f"sqlite:///{scratch / 'laurel.db'}"), ("PostgreSQL", server)):
            _prepare(url)
            for what in ("first import", "the same again"):
                took = _import(people, url)
                assert took.status == 0
                rows.append((f"{kind}, {what}", took.seconds, took.megabytes))
                targets.append(Target(f"{kind}, {what}", took.seconds, 60, " s"))
                targets.append(Target(f"{kind}, {what}, memory", took.megabytes, 600, " MB"))
        took = _import(nonsense, url)
        assert took.status == 1
        rows.append(("50 MB of nonsense refused", took.seconds, took.megabytes))
        targets.append(Target("nonsense refused", took.seconds, 10, " s"))
    table(("200,000 people", "seconds", "MB at most"), rows)
    return targets


def _write_people(path: Path) -> None:
    chance = random.Random(1)
    with path.open("w", encoding="utf-8") as out:
        out.write("Employee ID,Email,Full name,Hire date,End date,Manager email,Country\n")
        for number in range(PEOPLE):
            started = date(2000, 1, 1) + timedelta(days=chance.randrange(9_000))
            out.write(
                f"E{number:06},person{number}@acme.example,Person Number {number},{started},,"
                f"person{number // 10}@acme.example,PT\n"
            )


def _prepare(url: str) -> None:
    database = Database(url)
    migrate.upgrade(database)
    database.write(
        lambda session: workspaces.save(
            session,
            team_id="T1",
            name="Acme",
            url="https://acme.slack.com/",
            bot_user_id="U0LAUREL",
            bot_id="B0LAUREL",
            now=datetime.now(UTC),
        )
    )
    database.close()


def _import(path: Path, url: str) -> Took:
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "people", "import", str(path)],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Took(time.perf_counter() - began, used.ru_maxrss / 1024, process.returncode)
