"""Brings the tables of a database to what this version of Laurel needs."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from storage.database import Database, DatabaseUnavailableError, is_outage, take_time

_log = logging.getLogger(__name__)

_HERE = Path(__file__).parent / "migrations"
_LOCK = 0x6C617572656C  # "laurel", as PostgreSQL's advisory locks want it: a number


def upgrade(database: Database) -> list[str]:
    """Run the migrations that the database lacks, and return their names.

    When several processes start at once, one does it and the others wait. Raises
    DatabaseUnavailableError where the database cannot be reached.
    """
    with _alone(database) as connection:
        before = _revision(connection)
        if before == _head():
            return []
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        done = _between(before)
    for name in done:
        _log.info("migrated", extra={"migration": name})
    return done


def is_current(database: Database) -> bool:
    """Whether the database has the tables that this version of Laurel needs."""
    return database.read(_revision) == _head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _head() -> str | None:
    return ScriptDirectory(str(_HERE)).get_current_head()


def _between(before: str | None) -> list[str]:
    scripts = ScriptDirectory(str(_HERE)).iterate_revisions("head", before or "base")
    return [script.revision for script in scripts][::-1]


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """A connection in a transaction that no other migration runs beside."""
    try:
        with database.engine.connect() as connection:
            if database.is_sqlite:
                # The write lock of the file. Tables are rebuilt with foreign keys off, which
                # SQLite allows to be switched outside of a transaction only.
                connection.execution_options(laurel_write=True)
            with connection.begin():
                if not database.is_sqlite:
                    # Waiting for another process, and a long change, are not an outage.
                    take_time(connection)
                    connection.execute(text("SET LOCAL lock_timeout = 0"))
                    connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
                yield connection
    except DBAPIError as problem:
        if is_outage(problem):
            raise DatabaseUnavailableError(str(problem.orig)) from problem
        raise
