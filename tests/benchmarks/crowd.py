"""Awards by the million, made by the database itself and kept between runs."""

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from storage import migrate, people, workspaces
from storage.database import Database

PEOPLE, AWARDS, BADGES = 100_000, 1_000_000, 120
COLLECTOR = UUID(int=1)  # holds every 500th award: 2,000
FOLDER = Path(tempfile.gettempdir()) / "laurel-benchmarks"
NOW = datetime(2026, 6, 1, tzinfo=UTC)

_NAMED = """
INSERT INTO person (workspace_id, id, name, active, guest, bot, slack_admin, updated_at)
    SELECT 1, {id:n}, 'Person ' || n, {true}, {false}, {false}, {false}, {now} FROM {people};
INSERT INTO person_identity (workspace_id, kind, value, person_id)
    SELECT 1, 'slack', 'U' || n, {id:n} FROM {people};
INSERT INTO badge (workspace_id, id, slug, name_key, version_id, kind, private, active, feed,
                   position, created_at)
    SELECT 1, {id:n}, 'badge-' || n, 'badge ' || n, {id:n}, 'flair', {false}, {true}, {true}, n, {now}
    FROM {badges};
INSERT INTO badge_version (workspace_id, id, badge_id, number, name, description, criteria, category,
                           created_at)
    SELECT 1, {id:n}, {id:n}, 1, 'Badge ' || n, 'For number ' || n, '', 'Contests', {now}
    FROM {badges};
INSERT INTO award (workspace_id, id, code, batch_id, recipient_id, giver_id, badge_id, version_id,
                   reason, private, quiet, hidden, awarded_at, revoked_at, undone, occasion_key)
    SELECT 1, {id:n}, 'A-' || n, {id:n},
        CASE WHEN n % 500 = 0 THEN {id:1} ELSE {id:(2 + n * 7919 % 99999)} END,
        {id:(2 + n * 104729 % 99999)},
        {id:(1 + (CASE WHEN n % 500 = 0 THEN n / 500 ELSE n END) % 120)},
        {id:(1 + (CASE WHEN n % 500 = 0 THEN n / 500 ELSE n END) % 120)},
        'For what happened on occasion ' || n, n % 5000 = 0, {false}, {false}, {moment},
        CASE WHEN n % 12500 = 500 THEN {now} END, {false}, 'made:' || n
    FROM {awards}
"""
# Who holds the same whatever the size is.
COLLEAGUES, EACH, _FIRST = 400, 20, 200_000
_COLLEAGUES = """
INSERT INTO person (workspace_id, id, name, active, guest, bot, slack_admin, updated_at)
    SELECT 1, {id:(200000 + n)}, 'Colleague ' || n, {true}, {false}, {false}, {false}, {now}
    FROM {colleagues};
INSERT INTO person_identity (workspace_id, kind, value, person_id)
    SELECT 1, 'slack', 'U' || (200000 + n), {id:(200000 + n)} FROM {colleagues};
INSERT INTO award (workspace_id, id, code, batch_id, recipient_id, giver_id, badge_id, version_id,
                   reason, private, quiet, hidden, awarded_at, undone, occasion_key)
    SELECT 1, {id:(1000000000 + n)}, 'K-' || n, {id:(1000000000 + n)}, {id:(200001 + n % 400)},
        {id:(2 + n * 104729 % 99999)}, {id:(1 + n / 400 % 120)}, {id:(1 + n / 400 % 120)},
        'For what happened on occasion ' || n, {false}, {false}, {false}, {moment}, {false},
        'known:' || n
    FROM {theirs}
"""
Execute = Callable[[str], Any]


class _Dialect(dict[str, str]):
    """The words of one database; `{id:…}` is an identifier made of a number."""

    def __init__(self, identifier: str, **words: str) -> None:
        super().__init__(words)
        self._identifier = identifier

    def spell(self, statement: str) -> str:
        """The statement in this database's words."""
        for word, meaning in self.items():
            statement = statement.replace("{" + word + "}", meaning)
        while (start := statement.find("{id:")) >= 0:
            end = statement.index("}", start)
            made = self._identifier.replace("N", statement[start + 4 : end])
            statement = statement[:start] + made + statement[end + 1 :]
        return statement


def _upto(count: int) -> str:
    return (
        f"(WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers"
        f" WHERE n < {count}) SELECT n FROM numbers)"
    )


def _words(*, is_sqlite: bool, counts: dict[str, int]) -> _Dialect:
    """The words of a database; each name in `counts` stands for the numbers n up to its count."""
    if is_sqlite:
        return _Dialect(
            "printf('%032x', N)",
            true="1",
            false="0",
            now="'2026-01-01 00:00:00.000000'",
            moment="strftime('%Y-%m-%d %H:%M:%S.000000', 1600000000 + n * 30, 'unixepoch')",
            **{name: _upto(count) for name, count in counts.items()},
        )
    return _Dialect(
        "lpad(to_hex((N)::bigint), 32, '0')::uuid",
        true="true",
        false="false",
        now="'2026-01-01 00:00:00+00'::timestamptz",
        moment="to_timestamp(1600000000 + n * 30)",
        **{
            name: f"generate_series(1::bigint, {count}) AS numbers(n)"
            for name, count in counts.items()
        },
    )


def fill(database: Database, *, awards: int = AWARDS, team: str = "T1") -> None:
    """Migrate and fill a database, unless that was done already."""
    migrate.upgrade(database)
    if database.read(workspaces.every):
        return
    print(f"  making {awards:,} awards, once …", flush=True)
    with in_bulk(database, people=PEOPLE, badges=BADGES, awards=awards) as execute:
        found = _indexes_of_awards(database, execute)
        for name, _ in found:
            execute(f"DROP INDEX {name}")
        for statement in _NAMED.split(";"):
            execute(statement)
        for _, made in found:
            execute(made)
    # Last, because it says that all of it is there.
    database.write(
        lambda session: workspaces.save(
            session, team_id=team, name="Acme", url="", bot_user_id="", bot_id="", now=NOW
        )
    )


def colleagues() -> list[str]:
    """The Slack ids of those who hold the same whatever the size is."""
    return [f"U{_FIRST + number}" for number in range(1, COLLEAGUES + 1)]


def add_colleagues(database: Database) -> None:
    """Have 400 people hold 20 awards each, unless they do already."""
    first = colleagues()[:1]
    if database.read(lambda s: people.by_slack_ids(s, workspace_id=1, slack_ids=first)):
        return
    with in_bulk(database, colleagues=COLLEAGUES, theirs=COLLEAGUES * EACH) as execute:
        for statement in _COLLEAGUES.split(";"):
            execute(statement)


@contextmanager
def in_bulk(database: Database, **counts: int) -> Iterator[Execute]:
    """Runs statements in this database's words, in one transaction that checks nothing row by row."""
    words = _words(is_sqlite=database.is_sqlite, counts=counts)
    if database.is_sqlite:
        connection = sqlite3.connect(str(database.url.database), isolation_level=None)
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA cache_size = -400000")
        connection.execute("BEGIN")
        yield lambda statement: connection.execute(words.spell(statement))
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        return
    raw: Any = database.engine.raw_connection()
    raw.execute("SET statement_timeout = 0")
    raw.dbapi_connection.limit = None
    raw.execute("SET session_replication_role = replica")
    yield lambda statement: raw.execute(words.spell(statement))
    raw.commit()
    raw.dbapi_connection.autocommit = True
    raw.execute("VACUUM ANALYZE")
    raw.invalidate()


def _indexes_of_awards(database: Database, execute: Execute) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index'"
        " AND tbl_name = 'award' AND sql IS NOT NULL"
        if database.is_sqlite
        else "SELECT indexname, indexdef FROM pg_indexes"
        " WHERE tablename = 'award' AND indexname LIKE 'ix_%'"
    ).fetchall()
    return found
