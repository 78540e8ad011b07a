"""Copies of a SQLite database, made while it is in use, and brought back."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from stat import S_IMODE

from sqlalchemy import Connection

from storage import own_files

# What SQLite keeps beside a database, and would apply to whatever comes to stand in its place
# (sqlite.org/howtocorrupt.html, 1.4); the index of the log means nothing without the log.
_BESIDE = ("-wal", "-shm", "-journal")
_DOUBT = (
    "UPDATE delivery SET state = 'sending' WHERE state = 'pending'",
    "UPDATE lane SET leased_until = NULL, lease = NULL",
)


class NotABackupError(Exception):
    """A file that is no sound database of Laurel's; the text says why."""


class InUseError(Exception):
    """The database is open elsewhere, so that it cannot be replaced."""


def copy(database: Path, to: Path) -> int:
    """Copy a database that may be in use, as it is at one moment, and return the size in bytes.

    What stood at `to` is replaced only once the copy is whole and on disk. Raises NotABackupError where
    the copy turns out damaged, and OSError.
    """
    if not database.is_file():
        raise FileNotFoundError(errno.ENOENT, "there is no such database", str(database))
    if to.is_dir():
        raise IsADirectoryError(errno.EISDIR, "that is a folder: name a file in it", str(to))
    with _partial(to) as partial:
        with closing(_opened(database)) as source, closing(sqlite3.connect(partial)) as target:
            # In one step: one of several begins anew whenever another process has written since the
            # one before (sqlite.org/backup.html). Beside WAL, nobody who writes waits for it.
            source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")
        check(partial)
        for suffix in _BESIDE:  # of what stood there
            to.with_name(f"{to.name}{suffix}").unlink(missing_ok=True)
        _settle(partial, to)
    return to.stat().st_size


def check(path: Path) -> str:
    """The revision of a sound database of Laurel's. Raises NotABackupError."""
    if not path.is_file():
        raise NotABackupError("there is no such file")
    try:
        with closing(_opened(path)) as connection:
            [[verdict]] = connection.execute("PRAGMA integrity_check(1)").fetchall()
            if verdict != "ok":
                raise NotABackupError(f"the file is damaged ({verdict})")
            [[revision]] = connection.execute("SELECT version_num FROM alembic_version").fetchall()
            return str(revision)
    except (sqlite3.DatabaseError, ValueError) as problem:
        raise NotABackupError("it is not a database of Laurel’s") from problem


def bring_back(backup: Path, database: Path, *, aside: Path) -> list[Path]:
    """Put a backup in a database's place, in one step, and return where what was there is kept: `aside`.

    What was left beside a database that is gone, or is none, comes to lie beside `aside` in the same
    way. Raises InUseError where the database is open elsewhere, NotABackupError, and OSError: then
    nothing was restored, and no copy is left.
    """
    check(backup)
    with _partial(database) as partial, _gone_unless_restored(aside):
        with closing(_opened(backup)) as source, closing(sqlite3.connect(partial)) as target:
            source.backup(target)
            for statement in _DOUBT:
                target.execute(statement)
            target.commit()
        kept = []
        if database.exists():
            _have_alone(database)  # before a copy of it is made in vain
            _set_aside(database, aside)
            kept.append(aside)
            _have_alone(database)
        kept += [
            left.replace(aside.with_name(f"{aside.name}{suffix}"))
            for suffix in _BESIDE
            if (left := database.with_name(f"{database.name}{suffix}")).exists()
        ]
        _settle(partial, database)
    return kept


def _set_aside(database: Path, to: Path) -> None:
    """Keep what is in a database's place at another: a copy of it, or of a file that is none."""
    try:
        copy(database, to)
    except NotABackupError:
        own_files.make(to)
        shutil.copyfile(database, to)


@contextmanager
def _gone_unless_restored(aside: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


@contextmanager
def _partial(to: Path) -> Iterator[Path]:
    """A file beside `to` to write into, gone at the end; raises OSError, NotABackupError of SQLite's."""
    if not to.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(to.parent))
    partial = to.with_name(f".{to.name}.partial")
    partial.unlink(missing_ok=True)
    own_files.make(partial)
    try:
        yield partial
    except sqlite3.OperationalError as problem:  # no room, no permission, a lock
        raise OSError(errno.EIO, str(problem), str(to)) from problem
    except sqlite3.DatabaseError as problem:
        raise NotABackupError(f"what is there cannot be read ({problem})") from problem
    finally:
        partial.unlink(missing_ok=True)


def _settle(partial: Path, to: Path) -> None:
    with partial.open("rb+") as file:
        with suppress(FileNotFoundError):  # who restores may be another than whom Laurel runs as
            replaced = to.stat()
            with suppress(PermissionError):
                os.fchown(file.fileno(), replaced.st_uid, replaced.st_gid)
            os.fchmod(file.fileno(), S_IMODE(replaced.st_mode))
        os.fsync(file.fileno())
    partial.replace(to)


def _opened(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA query_only = ON")
    return connection


def doubt(session: Connection) -> None:
    """Have what was still to be sent looked for in Slack before: it may have been sent since."""
    for statement in _DOUBT:
        session.exec_driver_sql(statement)


def _have_alone(database: Path) -> None:
    """Fold the log into the file, for which nobody else may have it open."""
    with closing(sqlite3.connect(database, timeout=1.0)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as problem:
            raise InUseError(str(database)) from problem
        except sqlite3.DatabaseError:
            return  # it is none, so nobody works with it
