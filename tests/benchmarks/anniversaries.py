"""One day's milestones of 1,000,000 people against bare SQL, and 100,000 people through a year."""

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from bot import anniversaries
from bot.authorization import reference
from bot.due import AT_ONCE
from bot.recording import Ran
from bot.seniority import CATEGORY
from bot.settings import Settings
from bot.tenure import Length
from storage import migrate, workspaces
from storage.database import Database, take_time
from storage.workspaces import WorkspaceRow
from tests.badges.shelf import badge
from tests.benchmarks.report import Target, table
from tests.benchmarks.surroundings import folder, postgresql

PEOPLE = 1_000_000
YEAR_PEOPLE = 100_000
ROUNDS = 5
FIRST = date(2026, 3, 2)
YEARS = 20
SETTINGS = Settings(feed_channel="C0KUDOS")
TABLES = ("milestone", "award", "delivery")

_NUMBERS = {
    "sqlite": "WITH RECURSIVE people(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM people"
    " WHERE n < {count})",
    "postgresql": "WITH people AS (SELECT generate_series(1, {count}) AS n)",
}
_ID = {
    "sqlite": "printf('{kind}%031x', n)",
    "postgresql": "('{kind}' || lpad(to_hex(n), 31, '0'))::uuid",
}
_START = {
    "sqlite": "date('{first}', '+' || (n % 365) || ' days', '-' || (1 + n % {years}) || ' years')",
    "postgresql": "(date '{first}' + (n % 365)::int - make_interval(years => (1 + n % {years})::int))::date",
}
_NEXT = {
    "sqlite": "date('{first}', '+' || (n % 365) || ' days')",
    "postgresql": "(date '{first}' + (n % 365)::int)::date",
}


def run() -> list[Target]:
    """Measure, print, and return the targets."""
    rows: list[tuple[object, ...]] = []
    targets: list[Target] = []
    with ExitStack() as stack:
        path = stack.enter_context(folder())
        urls = {
            "SQLite": f"sqlite:///{path / 'million.db'}",
            "PostgreSQL": stack.enter_context(postgresql(path / "postgresql", "million")),
        }
        for name, url in urls.items():
            database = Database(url, patience=120.0)
            stack.callback(database.close)
            workspace = fill(database, PEOPLE)
            ours, bare, done = _compare(database, workspace)
            ratio = ours / bare
            rows.append((f"{name}: a day of {PEOPLE:,}", ours * 1000, bare * 1000, ratio))
            targets.append(
                Target(f"{name}: one day's milestones against bare SQL", ratio, 4.0, "×")
            )
            _reset(database)
            memory = _memory(url)
            rows.append((f"{name}: {done.recorded:,} recorded, MB resident", memory, "", ""))
            targets.append(Target(f"{name}: memory of a process that does it", memory, 200, " MB"))
        year = Database(f"sqlite:///{path / 'year.db'}")
        stack.callback(year.close)
        seconds, recorded = _year(year)
        rows.append(
            (f"SQLite: {YEAR_PEOPLE:,} for 365 days, {recorded:,} recorded", seconds * 1000, "", "")
        )
        targets.append(Target("SQLite: 100,000 people for each of 365 days", seconds, 60, " s"))
    table(("what", "ours ms", "bare ms", "ratio"), rows)
    return targets


def fill(database: Database, count: int) -> WorkspaceRow:
    """People who each complete years on one of 365 days, of whom that is all to come."""
    migrate.upgrade(database)
    kind = "sqlite" if database.is_sqlite else "postgresql"
    now = datetime(2026, 3, 1, tzinfo=UTC)
    workspace = database.write(
        lambda session: workspaces.save(
            session, team_id="T1", name="Acme", url="", bot_user_id="U0", bot_id="B0", now=now
        )
    )
    numbers = _NUMBERS[kind].format(count=count)
    person, spell = (_ID[kind].format(kind=letter) for letter in "ab")
    start = _START[kind].format(first=FIRST, years=YEARS)
    following = _NEXT[kind].format(first=FIRST)
    moment = "'2026-03-01 00:00:00.000000'" if kind == "sqlite" else "timestamptz '2026-03-01Z'"
    false, true = ("0", "1") if kind == "sqlite" else ("false", "true")

    def write(session: Connection) -> None:
        take_time(session)
        for statement in (
            (
                "INSERT INTO person (workspace_id, id, name, timezone, active, guest, bot, slack_admin,"
                f" updated_at) {numbers} SELECT {workspace.id}, {person}, 'Person ' || n, 'UTC', {true},"
                f" {false}, {false}, {false}, {moment} FROM people"
            ),
            (
                "INSERT INTO person_identity (workspace_id, kind, value, person_id)"
                f" {numbers} SELECT {workspace.id}, 'slack', 'U' || n, {person} FROM people"
            ),
            (
                "INSERT INTO service_spell (workspace_id, id, person_id, started_on, source, entered_at,"
                f" next_on) {numbers} SELECT {workspace.id}, {spell}, {person}, {start}, 'hr', {moment},"
                f" {following} FROM people"
            ),
        ):
            # WITH stands before SELECT on both, after INSERT INTO … (…).
            session.execute(text(statement))
        for years in range(1, YEARS + 2):
            length = Length(years, "y")
            badge(
                session,
                workspace.id,
                length.words.title(),
                slug=length.slug,
                category=CATEGORY,
                at=now,
            )
        anniversaries.begin(session, workspace=reference(workspace), timezone="UTC", now=now)

    database.write(write)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as session:
        session.execute(text("ANALYZE"))
    return workspace


def celebrate(database: Database, workspace: WorkspaceRow, day: date) -> Ran:
    """What the clock has Laurel do, at noon."""
    now = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return anniversaries.run(database, workspace=reference(workspace), settings=SETTINGS, now=now)


def _compare(database: Database, workspace: WorkspaceRow) -> tuple[float, float, Ran]:
    done = celebrate(database, workspace, FIRST)
    bare = _Bare(database)
    ours_took, bare_took = [], []
    for _ in range(ROUNDS):
        _reset(database)
        ours_took.append(_seconds(lambda: celebrate(database, workspace, FIRST)))
        _reset(database)
        bare_took.append(_seconds(bare.run))
    return statistics.median(ours_took), statistics.median(bare_took), done


class _Bare:
    """The same rows selected and inserted by the driver, in as many transactions."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows: dict[str, list[Any]] = {}
        self._columns: dict[str, list[str]] = {}
        with database.engine.connect() as connection:
            for name in TABLES:
                cursor = connection.connection.cursor()
                cursor.execute(f"SELECT * FROM {name}")
                self._columns[name] = [column[0] for column in cursor.description]
                self._rows[name] = list(cursor.fetchall())
            cursor.execute(
                f"SELECT next_on, id FROM service_spell WHERE next_on > '{FIRST}' AND id IN"
                " (SELECT spell_id FROM milestone)"
            )
            self._next = list(cursor.fetchall())
            cursor.close()

    def run(self) -> None:
        mark = "?" if self._database.is_sqlite else "%s"
        with self._database.engine.connect() as holder:
            connection: Any = holder.connection.dbapi_connection
            cursor = connection.cursor()
            if not self._database.is_sqlite:
                connection.autocommit = False
            for start in range(0, len(self._next), AT_ONCE):
                if self._database.is_sqlite:
                    cursor.execute("BEGIN IMMEDIATE")
                cursor.execute(
                    "SELECT s.id, s.person_id, s.started_on, s.ended_on, s.next_on, p.timezone,"
                    " p.active, p.guest, p.bot, i.value FROM service_spell s JOIN person p ON"
                    " p.workspace_id = s.workspace_id AND p.id = s.person_id JOIN person_identity i"
                    " ON i.workspace_id = s.workspace_id AND i.person_id = s.person_id"
                    f" WHERE s.workspace_id = 1 AND s.next_on <= '{FIRST}'"
                    f" ORDER BY s.next_on, s.id LIMIT {AT_ONCE}"
                )
                cursor.fetchall()
                part = slice(start, start + AT_ONCE)
                for name in ("award", "milestone", "delivery"):
                    # As many deliveries as there are: a digest's among them.
                    whole = self._rows[name]
                    last = start + AT_ONCE >= len(self._next)
                    rows = whole[start:] if last else whole[part]
                    columns = self._columns[name]
                    marks = ", ".join([mark] * len(columns))
                    cursor.executemany(
                        f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})", rows
                    )
                cursor.executemany(
                    f"UPDATE service_spell SET next_on = {mark} WHERE workspace_id = 1 AND id = {mark}",
                    self._next[part],
                )
                connection.commit()
            cursor.close()


def _reset(database: Database) -> None:
    def write(session: Connection) -> None:
        take_time(session)
        session.execute(
            text(
                f"UPDATE service_spell SET next_on = '{FIRST}' WHERE id IN"
                " (SELECT spell_id FROM milestone)"
            )
        )
        for name in TABLES:
            session.execute(text(f"DELETE FROM {name}"))
        session.execute(text("DELETE FROM setting WHERE key = 'anniversaries.hour'"))

    database.write(write)


def _memory(url: str) -> float:
    """Megabytes resident of a process that does one day, at its most."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.anniversaries", url],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    return float(json.loads(told.stdout)["megabytes"])


def _year(database: Database) -> tuple[float, int]:
    workspace = fill(database, YEAR_PEOPLE)
    recorded = 0

    def through() -> None:
        nonlocal recorded
        for day in range(365):
            recorded += celebrate(database, workspace, FIRST + timedelta(days=day)).recorded

    return _seconds(through), recorded


def _seconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def _alone(url: str) -> None:
    database = Database(url)
    (workspace,) = database.read(workspaces.every)
    celebrate(database, workspace, FIRST)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"megabytes": most}))


if __name__ == "__main__":
    _alone(sys.argv[1])
