"""Workspaces as a whole: listed, handed out, erased."""

import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.cli import privacy
from bot.cli import workspaces as command
from bot.playground import Engine
from bot.settings import Settings
from storage import audit, whole, workspaces
from storage.database import Database
from tests.cast import NOW
from tests.world import World, beside, rows


@pytest.fixture
def migrated(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    """A database as `laurel db upgrade` makes it."""
    shutil.copy(migrated_sqlite, tmp_path / "several.db")
    database = Database(f"sqlite:///{tmp_path}/several.db")
    yield database
    database.close()


@pytest.fixture
def acme(migrated: Database) -> Iterator[World]:
    """Acme in that database."""
    with Engine(clock=lambda: NOW, app_name="Laurel") as engine:
        yield World(migrated, engine)


def noted(world: World) -> None:
    """Have an entry in the audit."""
    world.database.write(
        lambda session: audit.note(
            session,
            workspace_id=world.workspace.id,
            action="a",
            subject="b",
            detail="{}",
            now=NOW,
        )
    )


def settings_of(database: Database) -> Settings:
    return Settings(database_url=str(database.url))


def test_there_is_no_workspace_at_first(
    migrated: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.show(settings_of(migrated), as_json=False) == 0
    assert capsys.readouterr().out == "There is no workspace yet.\n"


def test_workspaces_are_listed_with_their_size(
    acme: World, capsys: pytest.CaptureFixture[str]
) -> None:
    settings, team = settings_of(acme.database), acme.workspace.team_id
    with beside(acme.database) as globex:
        acme.database.write(
            lambda session: workspaces.uninstall(session, workspace_id=globex.workspace.id, now=NOW)
        )
    assert command.show(settings, as_json=False) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{team}  Acme: 7 people, 0 awards",
        "T2GLOBEX  Globex: 7 people, 0 awards; removed on 2026-11-20",
    ]
    command.show(settings, as_json=True)
    assert [one["id"] for one in json.loads(capsys.readouterr().out)] == [team, "T2GLOBEX"]


def test_a_workspace_is_handed_out_whole_without_its_secrets(
    acme: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = acme
    with beside(world.database):
        world.command("maria", "/award", "@tom team-player Thank you, 由紀!")
        world.deliver()
    settings, file = settings_of(world.database), tmp_path / "acme.zip"
    team = world.workspace.team_id
    assert command.export(settings, team=team, path=str(file)) == 0
    assert capsys.readouterr().out.startswith(f"Acme is in {file}: ")
    with zipfile.ZipFile(file) as archive:
        found = {
            name: [json.loads(line) for line in archive.read(name).splitlines()]
            for name in archive.namelist()
            if name.endswith(".jsonl")
        }
        content = b"".join(archive.read(name) for name in archive.namelist())
    assert set(found) == {"workspace.jsonl"} | {
        f"{table.name}.jsonl" for table in whole.every_table()
    }
    assert [row["reason"] for row in found["award.jsonl"]] == ["Thank you, 由紀!"]
    assert len(found["person.jsonl"]) == 7
    assert world.workspace.link_key.encode() not in content
    assert b"Globex" not in content
    assert command.export(settings, team="T9", path=str(file)) == 1
    assert "There is no workspace “T9” here" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["world", "world_pg"])
def test_an_erased_workspace_leaves_nothing_and_the_others_everything(
    request: pytest.FixtureRequest, kind: str
) -> None:
    world: World = request.getfixturevalue(kind)
    database = world.database
    with beside(database) as globex:
        other = globex.workspace
        noted(globex)
    world.command("maria", "/award", "@tom team-player Thank you!")
    world.command("tom", "/award", "@yuki customer-hero")
    world.deliver()
    noted(world)
    before = rows(database, other)
    # Broken off in the middle.
    award = next(table for table in whole.every_table() if table.name == "delivery")
    database.write(
        lambda session: whole.erase_some(
            session, workspace_id=world.workspace.id, table=award, limit=1
        )
    )
    assert command.erase_whole(database, world.workspace) > 20
    assert not any(rows(database, world.workspace).values())
    assert [row.id for row in database.read(workspaces.every)] == [other.id]
    assert rows(database, other) == before
    with pytest.raises(DBAPIError, match="kept for a year"), database.engine.begin() as one:
        one.execute(text("DELETE FROM audit_entry WHERE at > '2026-01-01'"))


def test_nothing_is_erased_unasked(acme: World, capsys: pytest.CaptureFixture[str]) -> None:
    settings, team = settings_of(acme.database), acme.workspace.team_id
    assert command.erase(settings, team=team, sure=False) == 1
    assert "Nothing was erased" in capsys.readouterr().err
    assert command.erase(settings, team=team, sure=True) == 0
    assert "Erased Acme: " in capsys.readouterr().out
    assert acme.database.read(workspaces.every) == []


def test_nobody_is_erased_unless_that_is_meant(
    acme: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert privacy.erase(settings_of(acme.database), who="UMARIA", sure=False) == 1
    said = capsys.readouterr().err
    assert said == "Nobody was erased: --yes says that you are sure.\n"
    assert "Maria Silva" in acme.command("tom", "/badges", "@maria").reads()
