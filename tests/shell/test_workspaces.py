"""Workspaces as a whole: listed, handed out, erased."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from bot.cli import workspaces as command
from bot.deps import WorkspaceRef, reference
from bot.playground import Engine
from bot.settings import Settings
from storage import audit, migrate, people, whole, workspaces
from storage.database import Database
from tests.cast import CAST, NOW
from tests.world import World


@pytest.fixture
def migrated(tmp_path: Path) -> Iterator[Database]:
    """A database as `laurel db upgrade` makes it."""
    database = Database(f"sqlite:///{tmp_path}/several.db")
    migrate.upgrade(database)
    yield database
    database.close()


def keep(database: Database, team_id: str, name: str) -> WorkspaceRef:
    """A workspace with everybody of the cast, and an entry in its audit."""

    def save(session: Connection) -> WorkspaceRef:
        row = workspaces.save(
            session, team_id=team_id, name=name, url="", bot_user_id="U0", bot_id="B0", now=NOW
        )
        people.save_profiles(session, workspace_id=row.id, profiles=CAST, now=NOW)
        audit.note(session, workspace_id=row.id, action="a", subject="b", detail="{}", now=NOW)
        return reference(row)

    return database.write(save)


def everything(database: Database, workspace_id: int) -> dict[str, list[object]]:
    """All rows of a workspace."""

    def read(session: Connection) -> dict[str, list[object]]:
        return {
            table.name: [
                tuple(row)
                for row in session.execute(
                    select(table)
                    .where(table.c.workspace_id == workspace_id)
                    .order_by(*table.primary_key.columns)
                )
            ]
            for table in whole.every_table()
        }

    return database.read(read)


def test_workspaces_are_listed_with_their_size(
    migrated: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(database_url=str(migrated.url))
    assert command.show(settings, as_json=False) == 0
    keep(migrated, "T1", "Acme")
    gone = keep(migrated, "T2", "Globex")
    migrated.write(lambda session: workspaces.uninstall(session, workspace_id=gone.id, now=NOW))
    assert command.show(settings, as_json=False) == 0
    assert capsys.readouterr().out.splitlines() == [
        "There is no workspace yet.",
        "T1  Acme: 7 people, 0 awards",
        "T2  Globex: 7 people, 0 awards; removed on 2026-11-20",
    ]
    command.show(settings, as_json=True)
    assert [one["id"] for one in json.loads(capsys.readouterr().out)] == ["T1", "T2"]


def test_a_workspace_is_handed_out_whole_without_its_secrets(
    migrated: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Engine(clock=lambda: NOW, app_name="Laurel") as engine:
        world = World(migrated, engine)
        keep(migrated, "T2", "Globex")
        world.command("maria", "/award", "@tom team-player Thank you, 由紀!")
        world.deliver()
    settings, file = Settings(database_url=str(migrated.url)), tmp_path / "acme.zip"
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
    database, other = world.database, keep(world.database, "T2", "Globex")
    world.command("maria", "/award", "@tom team-player Thank you!")
    world.command("tom", "/award", "@yuki customer-hero")
    world.deliver()
    keep(database, world.workspace.team_id, "Acme")  # with an entry in its audit
    before = everything(database, other.id)
    # Broken off in the middle.
    award = next(table for table in whole.every_table() if table.name == "delivery")
    database.write(
        lambda session: whole.erase_some(
            session, workspace_id=world.workspace.id, table=award, limit=1
        )
    )
    assert command.erase_whole(database, world.workspace) > 20
    assert not any(everything(database, world.workspace.id).values())
    assert [row.id for row in database.read(workspaces.every)] == [other.id]
    assert everything(database, other.id) == before
    with pytest.raises(DBAPIError, match="kept for a year"), database.engine.begin() as one:
        one.execute(text("DELETE FROM audit_entry WHERE at > '2026-01-01'"))


def test_nothing_is_erased_unasked(migrated: Database, capsys: pytest.CaptureFixture[str]) -> None:
    keep(migrated, "T1", "Acme")
    settings = Settings(database_url=str(migrated.url))
    assert command.erase(settings, team="T1", sure=False) == 1
    assert "Nothing was erased" in capsys.readouterr().err
    assert command.erase(settings, team="T1", sure=True) == 0
    assert "Erased Acme: " in capsys.readouterr().out
    assert migrated.read(workspaces.every) == []
