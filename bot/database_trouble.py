"""Why the database cannot be used, in a sentence that says what to do about it."""

import sqlite3
from pathlib import Path

from sqlalchemy import URL

from storage.database import CommitInDoubtError
from storage.migrate import RightsMissingError

_NOT_WRITABLE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def sqlite_file(url: URL) -> Path | None:
    """The file of a SQLite database, wherever one stands; None for PostgreSQL."""
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    return Path(url.database).absolute()


def missing_file(url: URL) -> str:
    """That there is no SQLite file, which asking it anything would make; "" where there is one."""
    file = sqlite_file(url)
    if file is None or file.exists():
        return ""
    return (
        f"There is no database yet: {file} does not exist. Run this where Laurel runs, or set"
        " DATABASE_URL; `laurel db upgrade` makes a new one, as `laurel run` does."
    )


def newer_tables(migration: str) -> str:
    """That a newer version of Laurel has migrated the database; "" where no migration is named."""
    if not migration:
        return ""
    return (
        f"The tables are those of a newer version of Laurel ({migration}). This one works with them:"
        " they have all that it needs. Bring it up to date too."
    )


def unanswered(problem: Exception, url: URL) -> str:
    """What is wrong with a database that did not do what it was asked; no password is in it."""
    reason = " ".join(str(problem).split()) or "no answer"
    file = sqlite_file(url)
    if file is not None:
        return _of_sqlite(file, _code(problem), reason)
    if "@" in (url.host or ""):
        # What stands before it is the end of a password, and the driver's words repeat it.
        return "DATABASE_URL cannot be read: write an @ within its password as %40."
    # Parameters may hold a password too (libpq's sslpassword, for one).
    place = url.set(query={}).render_as_string(hide_password=True)
    if isinstance(problem, RightsMissingError):
        return (
            f"The role of {place} may not change its tables ({reason}): run `laurel db upgrade` with"
            " the role that owns them."
        )
    if isinstance(problem, CommitInDoubtError):
        return (
            f"The connection to {place} was lost while this was being saved, and whether it was is not"
            " known: please look before you do it again."
        )
    return (
        f"The database {place} does not answer ({reason}): check DATABASE_URL, and that the database"
        " runs, may be reached from here, and knows this user."
    )


def _of_sqlite(file: Path, code: int | None, reason: str) -> str:
    if code == sqlite3.SQLITE_NOTADB:
        return (
            f"{file} is not a SQLite database: let DATABASE_URL name another file, or bring a backup"
            " back with `laurel db restore`."
        )
    if code == sqlite3.SQLITE_CORRUPT:
        return (
            f"The database {file} is damaged ({reason}): stop Laurel, and bring a backup back with"
            " `laurel db restore`."
        )
    if code in _NOT_WRITABLE:
        return (
            f"The database {file} cannot be written to ({reason}): its folder must exist, and the file"
            " and the folder must be writable for Laurel's user."
        )
    if code in _BUSY:
        return f"The database {file} is in use ({reason}): try again in a moment."
    return f"The database {file} does not answer ({reason}): check DATABASE_URL, and its disk."


def _code(problem: Exception) -> int | None:
    """SQLite's primary result code, where it gave one (sqlite.org/rescode.html)."""
    found = getattr(getattr(problem.__cause__, "orig", None), "sqlite_errorcode", None)
    return None if found is None else found & 0xFF
