"""`laurel db`: the tables as this version of Laurel needs them, and copies of the database."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url

from bot.cli import DONE, FAILED, USED_WRONGLY, complain, is_meant
from bot.cli.database import using_database
from bot.database_trouble import newer_tables, sqlite_file
from bot.settings import Settings
from storage import backup, migrate
from storage.backup import InUseError, NotABackupError
from storage.database import PATIENCE, Database

POSTGRESQL = (
    "That is for SQLite. PostgreSQL has better tools of its own: docs/operations.md shows how to"
    " back up and restore with pg_dump and pg_restore."
)


def upgrade(settings: Settings) -> int:
    """Run the migrations that the database lacks."""

    def work(database: Database) -> int:
        done = migrate.upgrade(database)
        if done:
            print(f"Upgraded: {', '.join(done)}.")
        else:
            print(newer_tables(migrate.newer(database)) or "The tables are up to date.")
        return DONE

    return using_database(settings, work, patience=PATIENCE, make=True)


def back_up(settings: Settings, *, path: str) -> int:
    """Copy the SQLite database, in use or not, to a file; by default one named after the time."""
    database = _file(settings)
    if database is None:
        return USED_WRONGLY
    to = Path(path or f"{database.stem}-{datetime.now(UTC):%Y%m%d-%H%M%S}.db")
    try:
        if to.exists() and to.samefile(database):
            complain("That is the database itself: name another file.")
            return USED_WRONGLY
        size = backup.copy(database, to)
    except (OSError, NotABackupError) as problem:
        complain(f"No backup was made: {_reason(problem)}.")
        return FAILED
    print(f"Backed up to {to}: {size:,} bytes, read back and sound.")
    return DONE


def restore(settings: Settings, *, path: str, sure: bool) -> int:
    """Put a backup in the database's place, keeping what was there beside it."""
    database = _file(settings)
    if database is None:
        return USED_WRONGLY
    try:
        revision = backup.check(Path(path))
        if migrate.is_newer(revision):
            complain(
                f"{path} was made by a newer version of Laurel ({revision}): restore it with that"
                " one. Nothing was restored."
            )
            return FAILED
        if database.exists() and not is_meant(
            f"Replace {database}?", sure=sure, otherwise="Nothing was restored"
        ):
            return FAILED
        aside = database.with_name(f"{database.stem}-before-{datetime.now(UTC):%Y%m%d-%H%M%S}.db")
        kept = backup.bring_back(Path(path), database, aside=aside)
    except InUseError:
        complain(f"{database} is in use: stop Laurel first, then restore.")
        return FAILED
    except NotABackupError as problem:
        complain(f"{path} cannot be restored: {problem}.")
        return FAILED
    except OSError as problem:
        complain(f"Nothing was restored: {_reason(problem)}.")
        return FAILED
    print(f"Restored {database} from {path}.")
    if kept:
        print(f"What was there before is in {', '.join(map(str, kept))}.")
    return upgrade(settings)


def restored(settings: Settings) -> int:
    """Make a database that pg_restore brought back ready for Laurel to start with."""

    def work(database: Database) -> int:
        database.write(backup.doubt)
        print("What waits is looked for in Slack before it is sent. Laurel may start now.")
        return DONE

    return upgrade(settings) or using_database(settings, work)


def _file(settings: Settings) -> Path | None:
    """The file of the SQLite database; None, having said so, where it is another kind."""
    url = make_url(settings.database_url)
    if sqlite_file(url) is None:
        complain(POSTGRESQL)
        return None
    return Path(str(url.database))


def _reason(problem: Exception) -> str:
    if isinstance(problem, OSError):
        return f"{problem.filename}: {problem.strerror}"
    return str(problem)
