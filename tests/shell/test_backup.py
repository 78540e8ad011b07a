"""`laurel db backup` and `restore`: a copy of a database in use, brought back whole or not at all."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.__main__ import main
from storage import people, workspaces
from storage.database import Database
from storage.people import Profile
from tests.cast import NOW
from tests.terminal import on_a_terminal


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database in use, which knows Maria."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/laurel.db")
    assert main(["db", "upgrade"]) == 0
    database = Database(f"sqlite:///{tmp_path}/laurel.db")
    know(database, "Maria")
    yield database
    database.close()


def know(database: Database, name: str) -> None:
    def work(session: Connection) -> None:
        row = workspaces.save(
            session,
            team_id="T1",
            name="Acme",
            url="https://acme.slack.com/",
            bot_user_id="U1",
            bot_id="B1",
            now=NOW,
        )
        profile = Profile(f"U{name.upper()}", name)
        people.save_profiles(session, workspace_id=row.id, profiles=[profile], now=NOW)

    database.write(work)


def known(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {row[0] for row in connection.execute("SELECT name FROM person")}


def test_a_database_in_use_is_copied_whole(
    live: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", "backup", "copy.db"]) == 0
    assert "read back and sound" in capsys.readouterr().out
    assert known(tmp_path / "copy.db") == {"Maria"}
    know(live, "Tom")
    assert known(tmp_path / "copy.db") == {"Maria"}


def test_a_backup_ends_while_others_write(live: Database, tmp_path: Path) -> None:
    copied, gave_up = threading.Event(), threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(tmp_path / "laurel.db")) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            end = time.monotonic() + 20
            while not copied.wait(0.001):
                connection.execute("UPDATE generation SET number = number + 1")
                connection.commit()
                if time.monotonic() > end:
                    gave_up.set()
                    return

    with closing(sqlite3.connect(tmp_path / "laurel.db")) as connection:
        connection.execute("CREATE TABLE pad (here BLOB)")
        connection.execute("INSERT INTO pad VALUES (zeroblob(40000000))")
        connection.commit()
    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert main(["db", "backup", "copy.db"]) == 0
        assert not gave_up.is_set()
    finally:
        copied.set()
        writer.join()
    assert known(tmp_path / "copy.db") == {"Maria"}


def test_a_backup_is_brought_back_and_what_was_there_is_kept(
    live: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["db", "backup", "copy.db"])
    know(live, "Tom")
    live.close()
    assert main(["db", "restore", "copy.db", "--yes"]) == 0
    assert known(tmp_path / "laurel.db") == {"Maria"}
    [kept] = tmp_path.glob("laurel-before-*.db")
    assert known(kept) == {"Maria", "Tom"}


def test_nothing_is_replaced_unless_that_is_meant(
    live: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["db", "backup", "copy.db"])
    know(live, "Tom")
    live.close()
    capsys.readouterr()
    assert main(["db", "restore", "copy.db"]) == 1
    said = capsys.readouterr().err
    assert said == "Nothing was restored: --yes says that you are sure.\n"
    assert on_a_terminal("db", "restore", "copy.db", answer="n")[0] == 1
    assert known(tmp_path / "laurel.db") == {"Maria", "Tom"}
    status, screen = on_a_terminal("db", "restore", "copy.db", answer="y")
    assert status == 0, screen
    assert f"Replace {tmp_path}/laurel.db? [y/N] " in screen
    assert known(tmp_path / "laurel.db") == {"Maria"}


def test_whoever_restores_the_file_stays_as_laurels_user_needs_it(
    live: Database, tmp_path: Path
) -> None:
    main(["db", "backup", "copy.db"])
    live.close()
    database = tmp_path / "laurel.db"
    database.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(database, 12345, 12345)
    before = database.stat()
    assert main(["db", "restore", "copy.db", "--yes"]) == 0
    after = database.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (
        before.st_mode,
        before.st_uid,
        before.st_gid,
    )
    assert after.st_ino != before.st_ino


def test_nothing_is_restored_under_a_running_laurel(
    live: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["db", "backup", "copy.db"])
    know(live, "Tom")
    assert main(["db", "restore", "copy.db", "--yes"]) == 1
    assert "stop Laurel first" in capsys.readouterr().err
    assert known(tmp_path / "laurel.db") == {"Maria", "Tom"}
    assert not list(tmp_path.glob("laurel-before-*"))


@pytest.mark.parametrize("spoiled", [b"", b"not a database at all", None])
def test_a_file_that_is_no_backup_changes_nothing(
    live: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str], spoiled: bytes | None
) -> None:
    if spoiled is not None:
        (tmp_path / "copy.db").write_bytes(spoiled)
    live.close()
    assert main(["db", "restore", "copy.db", "--yes"]) == 1
    assert "copy.db cannot be restored" in capsys.readouterr().err
    assert known(tmp_path / "laurel.db") == {"Maria"}


def test_a_backup_of_a_newer_version_changes_nothing(
    live: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["db", "backup", "copy.db"])
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999_tomorrow'")
        connection.execute("UPDATE person SET name = 'Somebody'")
        connection.commit()
    live.close()
    assert main(["db", "restore", "copy.db", "--yes"]) == 1
    assert "copy.db was made by a newer version of Laurel" in capsys.readouterr().err
    assert known(tmp_path / "laurel.db") == {"Maria"}


def test_a_damaged_backup_is_noticed(live: Database, tmp_path: Path) -> None:
    main(["db", "backup", "copy.db"])
    content = bytearray((tmp_path / "copy.db").read_bytes())
    content[8192:12288] = b"\xff" * 4096
    (tmp_path / "copy.db").write_bytes(content)
    live.close()
    assert main(["db", "restore", "copy.db", "--yes"]) == 1
    assert known(tmp_path / "laurel.db") == {"Maria"}


def test_a_place_that_cannot_be_written_to_is_named(
    live: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", "backup", "nowhere/copy.db"]) == 1
    assert main(["db", "backup", str(tmp_path)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "No backup was made: nowhere: there is no such folder.",
        f"No backup was made: {tmp_path}: that is a folder: name a file in it.",
    ]
    assert main(["db", "backup", "copy.db"]) == 0
    with pytest.MonkeyPatch.context() as elsewhere:
        elsewhere.setenv("DATABASE_URL", "sqlite:///nowhere/laurel.db")
        assert main(["db", "restore", "copy.db", "--yes"]) == 1
    assert capsys.readouterr().err == "Nothing was restored: nowhere: there is no such folder.\n"


def test_a_backup_takes_the_place_of_a_file_that_is_no_database_which_is_kept(
    live: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["db", "backup", "copy.db"])
    live.close()
    (tmp_path / "laurel.db").write_bytes(b"spoiled, and long enough to be looked at")
    assert main(["db", "backup", "again.db"]) == 1
    assert "No backup was made: what is there cannot be read" in capsys.readouterr().err
    assert main(["db", "restore", "copy.db", "--yes"]) == 0
    assert known(tmp_path / "laurel.db") == {"Maria"}
    [kept] = tmp_path.glob("laurel-before-*.db")
    assert kept.read_bytes().startswith(b"spoiled")


def test_what_was_left_beside_a_database_that_is_gone_is_kept_and_none_of_it_is_restored(
    live: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["db", "backup", "copy.db"])
    know(live, "Tom")
    # As after a kill, with the database itself moved away since.
    left = {end: (tmp_path / f"laurel.db-{end}").read_bytes() for end in ("wal", "shm")}
    live.close()
    left["journal"] = b"of another time"
    (tmp_path / "laurel.db").unlink()
    for end, content in left.items():
        (tmp_path / f"laurel.db-{end}").write_bytes(content)
    assert main(["db", "restore", "copy.db", "--yes"]) == 0
    said = capsys.readouterr().out
    assert known(tmp_path / "laurel.db") == {"Maria"}
    with sqlite3.connect(tmp_path / "laurel.db") as restored:
        assert restored.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    for end, content in left.items():
        [kept] = tmp_path.glob(f"laurel-before-*.db-{end}")
        assert kept.read_bytes() == content
        assert str(kept) in said


def test_postgresql_is_left_to_its_own_tools(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://laurel@127.0.0.1:9/laurel")
    assert main(["db", "backup", "x.db"]) == 2
    assert "pg_dump" in capsys.readouterr().err


def test_a_backup_is_not_spoiled_by_the_log_of_an_earlier_one(
    live: Database, tmp_path: Path
) -> None:
    backup = tmp_path / "backup.db"
    assert main(["db", "backup", str(backup)]) == 0
    log = tmp_path / "backup.db-wal"
    with sqlite3.connect(backup) as opened:
        opened.execute("PRAGMA journal_mode = WAL")
        opened.execute("CREATE TABLE stray (here INTEGER)")
        opened.commit()
        left = log.read_bytes()
    opened.close()
    log.write_bytes(left)  # as by a process that was killed

    assert main(["db", "backup", str(backup)]) == 0

    assert not log.exists()
    with sqlite3.connect(backup) as opened:
        tables = {row[0] for row in opened.execute("SELECT name FROM sqlite_schema")}
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    opened.close()
    assert "stray" not in tables
    assert "Maria" in known(backup)
