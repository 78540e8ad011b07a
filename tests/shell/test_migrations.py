"""The tables of a database are brought up to date, by one process at a time."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, bindparam, column, table, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from bot.__main__ import main
from storage import audit, badges, migrate, workspaces
from storage.database import Database
from storage.types import UtcDateTime, new_id
from tests.badges.shelf import badge
from tests.cast import NOW

VERSIONS = Path(migrate.__file__).parent / "migrations" / "versions"
EVERY = sorted(path.stem for path in VERSIONS.glob("0*.py"))


@pytest.fixture
def empty_postgresql(postgresql_url: str) -> Iterator[Database]:
    """A database without a single table."""
    maker = Database(postgresql_url)
    with maker.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP DATABASE IF EXISTS migrated"))
        connection.execute(text("CREATE DATABASE migrated"))
    maker.close()
    database = Database(postgresql_url.replace("/laurel", "/migrated", 1))
    yield database
    database.close()


@pytest.fixture
def empty_sqlite(tmp_path: Path) -> Iterator[Database]:
    """A file that is not there yet."""
    database = Database(f"sqlite:///{tmp_path}/new.db")
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest) -> Database:
    """A database without tables, of each kind."""
    found = request.getfixturevalue(f"empty_{request.param}")
    assert isinstance(found, Database)
    return found


def test_migrating_makes_exactly_the_tables_that_laurel_declares(empty: Database) -> None:
    assert not migrate.is_current(empty)
    assert migrate.upgrade(empty) == EVERY
    assert migrate.is_current(empty)
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "render_as_batch": True}
        )
        assert compare_metadata(context, SQLModel.metadata) == []


def test_checks_and_partial_indexes_are_the_declared_ones_too(
    empty_sqlite: Database, sqlite_database: Database
) -> None:
    migrate.upgrade(empty_sqlite)

    def ddl(database: Database) -> dict[str, str]:
        rows = database.read(
            lambda session: session.execute(
                text("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'alembic%'")
            ).all()
        )
        # The order of a table's constraints means nothing.
        return {name: sorted((sql or "").replace(",", " ").split()) for name, sql in rows}

    migrated = {name: sql for name, sql in ddl(empty_sqlite).items() if "autoindex" not in name}
    declared = {name: sql for name, sql in ddl(sqlite_database).items() if "autoindex" not in name}
    assert migrated == declared


def test_migrating_again_changes_nothing_of_what_is_stored(empty: Database) -> None:
    migrate.upgrade(empty)
    workspace = empty.write(
        lambda session: workspaces.save(
            session, team_id="T1", name="Acme", url="", bot_user_id="U0", bot_id="B0", now=NOW
        )
    )
    kept_before = empty.write(lambda session: badge(session, workspace.id, "Team Player"))
    assert migrate.upgrade(empty) == []
    kept = empty.read(lambda session: badges.catalogue(session, workspace_id=workspace.id))
    assert kept == [kept_before]


def test_the_audit_of_a_migrated_database_cannot_be_rewritten(empty: Database) -> None:
    migrate.upgrade(empty)
    with empty.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO workspace (id, enterprise_id, team_id, name, url, bot_user_id, bot_id,"
                " link_key, created_at) VALUES (1, '', 'T1', 'Acme', '', '', '', '', '2026-01-01')"
            )
        )
    empty.write(
        lambda session: audit.note(
            session, workspace_id=1, action="a", subject="b", detail="{}", now=datetime.now(UTC)
        )
    )

    for statement in ("UPDATE audit_entry SET subject = 'c'", "DELETE FROM audit_entry"):
        with pytest.raises(DBAPIError, match="audit entries are"), empty.engine.begin() as one:
            one.execute(text(statement))


def test_a_request_that_was_awarded_knows_its_award_afterwards(empty: Database) -> None:
    _upgrade_to(empty, "0006_clearing")

    def ask(session: Connection) -> tuple[UUID, UUID, UUID]:
        workspace = workspaces.save(
            session, team_id="T1", name="Acme", url="", bot_user_id="U0", bot_id="B0", now=NOW
        )
        wanted = badge(session, workspace.id, "Team Player")
        ids = [new_id(NOW), new_id(NOW), wanted.id]
        session.execute(
            text(
                "INSERT INTO person (workspace_id, id, name, active, guest, bot, slack_admin,"
                " updated_at) VALUES (:workspace, :maria, 'Maria', true, false, false, false, :now)"
            ).bindparams(bindparam("now", type_=UtcDateTime)),
            {"workspace": workspace.id, "maria": ids[1].hex, "now": NOW},
        )
        for id_, state in zip([ids[0], new_id(NOW)], ("awarded", "declined"), strict=True):
            session.execute(
                text(
                    "INSERT INTO request (workspace_id, id, asker_id, recipient_id, badge_id,"
                    " version_id, reason, state, created_at, answer) VALUES"
                    " (:workspace, :id, :maria, :maria, :badge, :version, '', :state, :now, '')"
                ).bindparams(bindparam("now", type_=UtcDateTime)),
                {
                    "workspace": workspace.id,
                    "id": id_.hex,
                    "maria": ids[1].hex,
                    "badge": wanted.id.hex,
                    "version": wanted.version_id.hex,
                    "state": state,
                    "now": NOW,
                },
            )
        return ids[0], ids[1], ids[2]

    request, maria, wanted = empty.write(ask)
    migrate.upgrade(empty)
    found = empty.read(
        lambda session: session.execute(text("SELECT state, award_key FROM request")).all()
    )
    awarded = f"request:{request.hex}:{maria.hex}:{wanted.hex}"
    assert sorted(tuple(row) for row in found) == [("awarded", awarded), ("declined", None)]


def test_what_is_hidden_and_was_never_posted_is_in_nobodys_way_afterwards(
    empty: Database,
) -> None:
    _upgrade_to(empty, "0009_told")
    maria, tom, under_way = (new_id(NOW) for _ in range(3))

    def fill(session: Connection) -> list[tuple[str, bool, str]]:
        workspace = workspaces.save(
            session, team_id="T1", name="Acme", url="", bot_user_id="U0", bot_id="B0", now=NOW
        ).id
        course = badge(session, workspace, "First Course")
        _insert(session, "lane", workspace_id=workspace, key="channel:C1", next_at=NOW)
        for id_ in (maria, tom):
            flags = dict.fromkeys(("guest", "bot", "slack_admin"), False)
            person = {"id": id_.hex, "name": "", "active": True, "updated_at": NOW, **flags}
            _insert(session, "person", workspace_id=workspace, **person)
        bulk = {"id": under_way.hex, "giver_id": tom.hex, "state": "running", "plan": ""}
        counts = {"total": 9, "done": 8, "quiet": False, "created_at": NOW}
        _insert(session, "bulk", workspace_id=workspace, **bulk, **counts)
        this, other = course.id.hex, new_id(NOW).hex
        posted_in_full: list[str | None] = [None]
        # What an award is, the subjects of its posts, and what becomes of it: quiet, whose alone.
        cases: list[tuple[dict[str, Any], list[str | None], tuple[bool, str | None]]] = [
            ({"hidden": True, "quiet": True}, [], (True, tom.hex)),
            ({"hidden": True}, [], (True, tom.hex)),
            ({"hidden": True, "giver_id": None}, [], (True, "")),
            ({"hidden": True}, posted_in_full, (False, None)),
            ({"hidden": True}, [f"!{other}", other], (False, None)),
            ({"hidden": True}, [f"!{this}", other], (True, tom.hex)),
            ({"hidden": True}, [f"!{this}", this], (False, None)),
            ({"hidden": True, "batch_id": under_way.hex}, [], (False, None)),
            ({}, [], (True, None)),
        ]
        after = []
        for number, (said, subjects, (quiet, whose)) in enumerate(cases):
            batch, held = new_id(NOW).hex, f"{number}:{this}"
            plain = dict.fromkeys(("private", "quiet", "hidden", "undone"), False)
            award = {
                **plain,
                "batch_id": batch,
                "recipient_id": maria.hex,
                "giver_id": tom.hex,
                "badge_id": this,
                "version_id": course.version_id.hex,
                "reason": "",
                "awarded_at": NOW,
                "held_key": held,
                **said,
            }
            names = {"id": new_id(NOW).hex, "code": str(number), "occasion_key": str(number)}
            _insert(session, "award", workspace_id=workspace, **names, **award)
            for place, subject in enumerate(subjects):
                post = {"id": new_id(NOW).hex, "key": f"{number}:{place}", "lane": "channel:C1"}
                state = {"kind": "announce", "state": "sent", "attempts": 1, "created_at": NOW}
                about = {"batch_id": batch, "subject": subject}
                _insert(session, "delivery", workspace_id=workspace, **post, **state, **about)
            after.append((str(number), quiet, held if whose is None else f"{held}:{whose}"))
        return after

    after = empty.write(fill)
    migrate.upgrade(empty)

    found = empty.read(
        lambda session: session.execute(
            text("SELECT code, quiet, held_key FROM award ORDER BY code")
        ).all()
    )
    assert [(code, bool(quiet), held) for code, quiet, held in found] == after


def _insert(session: Connection, into: str, **values: Any) -> None:
    """Write a row of a table as it was: those that Laurel declares may have more columns by now."""
    columns = [
        column(key, UtcDateTime() if isinstance(value, datetime) else None)
        for key, value in values.items()
    ]
    session.execute(table(into, *columns).insert().values(values))


def _upgrade_to(database: Database, revision: str) -> None:
    config = migrate._config()
    with (
        database.engine.connect().execution_options(laurel_write=True) as connection,
        connection.begin(),
    ):
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


THREE_AT_ONCE = """
import os, sys
from alembic import command
from storage import migrate
from storage.database import Database

for _ in range(3):
    if os.fork() == 0:
        print(migrate.upgrade(Database(sys.argv[1], patience=20)), flush=True)
        os._exit(0)
while True:
    try:
        os.wait()
    except ChildProcessError:
        break
"""


def test_processes_that_start_at_once_migrate_once(empty: Database) -> None:
    url = empty.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-c", THREE_AT_ONCE, url],
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=True,
    )
    assert sorted(done.stdout.splitlines()) == [str(EVERY), "[]", "[]"]
    assert migrate.is_current(empty)


def of_tomorrow(database: Database) -> None:
    """Have the database migrated by a version that is newer than this one."""
    migrate.upgrade(database)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_tomorrow'"))


def test_what_a_newer_version_migrated_is_served_and_left_as_it_is(
    empty_sqlite: Database,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of_tomorrow(empty_sqlite)
    assert migrate.upgrade(empty_sqlite) == []
    assert migrate.is_current(empty_sqlite)
    assert "the database is newer" in caplog.text
    monkeypatch.setenv("DATABASE_URL", str(empty_sqlite.url))
    assert main(["db", "upgrade"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("The tables are those of a newer version of Laurel (9999_tomorrow).")


def test_a_role_that_may_not_change_the_tables_is_told_who_may(
    empty_postgresql: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate.upgrade(empty_postgresql)
    with empty_postgresql.engine.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS of_no_rights"))
        connection.execute(text("CREATE ROLE of_no_rights LOGIN"))
    url = empty_postgresql.url.set(username="of_no_rights")
    monkeypatch.setenv("DATABASE_URL", url.render_as_string(hide_password=False))
    assert main(["db", "upgrade"]) == 1
    said = capsys.readouterr().err
    assert "permission denied" in said
    assert said.endswith("run `laurel db upgrade` with the role that owns them.\n")
    other = Database(url.render_as_string(hide_password=False))
    with pytest.raises(migrate.RightsMissingError):
        migrate.is_current(other)
    other.close()
    with empty_postgresql.engine.begin() as connection:
        connection.execute(text("DROP ROLE of_no_rights"))
