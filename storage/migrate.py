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
_NOT_ALLOWED = "42501"  # insufficient_privilege (PostgreSQL's manual, appendix A)
_LOCK = 0x6C617572656C  # "laurel", as PostgreSQL's advisory locks want it: a number


class RightsMissingError(DatabaseUnavailableError):
    """The role may not do with the tables what it takes."""


def upgrade(database: Database) -> list[str]:
    """Run the migrations that the database lacks, and return their names.

    When several processes start at once, one does it and the others wait. A database that a newer
    version has migrated stays as it is, since that only added to it. Raises DatabaseUnavailableError
    where the database cannot be reached, RightsMissingError where it is not for this role to change.
    """
    with _alone(database) as connection:
        before = _revision(connection)
        if before == _head():
            return []
        if not _is_known(before):
            _log.warning("the database is newer", extra={"migration": before})
            return []
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        done = _between(before)
    for name in done:
        _log.info("migrated", extra={"migration": name})
    return done


def is_current(database: Database) -> bool:
    """Whether the database has the tables that this version of Laurel needs, or those of a newer one.

    Raises what `upgrade` does.
    """
    revision = _read_revision(database)
    return revision == _head() or not _is_known(revision)


def newer(database: Database) -> str:
    """The last migration of a newer version of Laurel that the database has; "" where it has none.

    Raises what `upgrade` does.
    """
    revision = _read_revision(database)
    return "" if revision is None or _is_known(revision) else revision


def is_newer(revision: str) -> bool:
    """Whether a revision is one that only a newer version of Laurel knows."""
    return not _is_known(revision)


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


def _is_known(revision: str | None) -> bool:
    scripts = ScriptDirectory(str(_HERE)).walk_revisions()
    return revision is None or revision in {script.revision for script in scripts}


def _read_revision(database: Database) -> str | None:
    with _by_right():
        return database.read(_revision)


@contextmanager
def _by_right() -> Iterator[None]:
    try:
        yield
    except DBAPIError as problem:
        if getattr(problem.orig, "sqlstate", None) == _NOT_ALLOWED:
            raise RightsMissingError(str(problem.orig)) from problem
        raise


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """A connection in a transaction that no other migration runs beside."""
    try:
        with _by_right(), database.engine.connect() as connection:
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
