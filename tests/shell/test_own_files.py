"""What Laurel writes to the disk is for whom it runs as, whatever the machine's umask is."""

import os
from collections.abc import Iterator
from pathlib import Path
from stat import S_IMODE

import pytest

from bot.__main__ import main
from storage import workspaces
from storage.database import Database
from storage.people import Profile, save_profiles
from tests.cast import ACME, NOW


@pytest.fixture(autouse=True)
def _open_to_everybody() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_nobody_else_reads_the_database_its_backups_or_exports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///laurel.db")
    assert main(["db", "upgrade"]) == 0
    database = Database("sqlite:///laurel.db")
    row = database.write(lambda session: workspaces.save(session, **ACME, now=NOW))
    maria = Profile("UMARIA", "Maria", email="maria@acme.example")
    database.write(
        lambda session: save_profiles(session, workspace_id=row.id, profiles=[maria], now=NOW)
    )

    for command in (
        ["db", "backup", "copy.db"],
        ["people", "export", "maria@acme.example", "maria.zip"],
        ["audit", "export", "audit.csv"],
        ["workspaces", "export", row.team_id, "acme.zip"],
    ):
        assert main(command) == 0, command

    modes = {path.name: S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    database.close()
    assert modes.keys() >= {"laurel.db", "laurel.db-wal", "laurel.db-shm", "copy.db", "maria.zip"}
    assert set(modes.values()) == {0o600}, modes


def test_a_database_that_a_link_leads_to_is_for_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///laurel.db")
    Path("disk").mkdir()
    Path("laurel.db").symlink_to("disk/kept.db")

    assert main(["db", "upgrade"]) == 0

    assert S_IMODE(Path("disk/kept.db").stat().st_mode) == 0o600


def test_a_file_that_is_there_keeps_the_mode_that_somebody_gave_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///laurel.db")
    Path("laurel.db").touch(0o640)

    assert main(["db", "upgrade"]) == 0

    assert S_IMODE(Path("laurel.db").stat().st_mode) == 0o640
