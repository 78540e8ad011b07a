"""The audit: what is written down, who reads it, and that nobody rewrites it."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from bot.__main__ import main
from bot.audit_file import write
from storage import audit, migrate, workspaces
from storage.audit import Entry
from storage.database import Database
from storage.people import PersonRow
from storage.tables import Award, table_of
from storage.workspaces import WorkspaceRow
from tests.cast import NOW
from tests.world import World


def note(database: Database, workspace_id: int, action: str, **how: Any) -> None:
    values = {"subject": "x", "detail": "{}", "now": NOW, **how}
    database.write(
        lambda session: audit.note(session, workspace_id=workspace_id, action=action, **values)
    )


def entries(database: Database, workspace_id: int, **wanted: Any) -> list[Entry]:
    return database.read(
        lambda session: audit.entries(session, workspace_id=workspace_id, limit=50, **wanted)
    )


def test_the_database_refuses_to_change_or_drop_what_was_done_within_a_year(
    database: Database, workspace: WorkspaceRow
) -> None:
    now = datetime.now(UTC)
    note(database, workspace.id, "old", now=now - timedelta(days=400))
    note(database, workspace.id, "new", now=now)

    for statement in (
        "UPDATE audit_entry SET actor_id = NULL WHERE action = 'old'",
        "DELETE FROM audit_entry",
    ):
        with pytest.raises(DBAPIError, match="audit entries are"), database.engine.begin() as one:
            one.execute(text(statement))
    with database.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_entry WHERE action = 'old'"))

    assert [one.action for one in entries(database, workspace.id)] == ["new"]


def test_entries_are_read_latest_first_by_page_kind_and_person(
    database: Database, workspace: WorkspaceRow, cast: dict[str, PersonRow]
) -> None:
    ada = cast["Ada"].id
    for action in ("badge.created", "badges.other", "badge.edited", "badge"):
        note(database, workspace.id, action, actor_id=ada if action == "badge.edited" else None)

    def actions(found: Iterable[Entry]) -> list[str]:
        return [one.action for one in found]

    every = entries(database, workspace.id)
    assert actions(every) == ["badge", "badge.edited", "badges.other", "badge.created"]
    assert actions(entries(database, workspace.id, before=every[1].id)) == actions(every[2:])
    assert actions(entries(database, workspace.id, action="badge")) == [
        "badge",
        "badge.edited",
        "badge.created",
    ]
    assert actions(entries(database, workspace.id, actor_id=ada)) == ["badge.edited"]
    exported = database.read(lambda session: list(audit.export(session, workspace_id=workspace.id)))
    assert exported == every[::-1]


def test_taking_awards_back_is_written_down_without_names_or_reasons(world: World) -> None:
    said = world.command("tom", "/award", "@maria team-player Great final").reads()
    code = next(word for word in said.split() if word.startswith("A-"))
    world.command("ada", "/award", f"revoke {code} Given by mistake")
    world.command("tom", "/award", "@yuki @ada team-player Both")
    world.click("tom", "award_undo")

    undone, revoked = entries(world.database, world.workspace.id)

    assert (revoked.action, revoked.subject) == ("award.revoked", code)
    assert revoked.actor_id == world.people["ada"].id
    assert (undone.action, undone.actor_id) == ("award.undone", world.people["tom"].id)
    award = table_of(Award)
    batch = select(award.c.batch_id).where(award.c.undone).distinct()
    batch_id = world.database.read(lambda session: session.execute(batch).scalar_one())
    assert undone.subject == str(batch_id)
    assert len(json.loads(undone.detail)["awards"]) == 2
    assert not any(word in revoked.detail for word in ("mistake", "Maria", "final"))


def test_no_cell_of_the_sheet_is_a_formula() -> None:
    out = io.StringIO()
    row = dict.fromkeys(("at", "actor_slack_id", "actor_id", "action", "subject", "id"), "x")

    write(out, [{**row, "actor": "=HYPERLINK(1)", "detail": {"to": "@x"}}], form="csv")

    [cells] = csv.DictReader(io.StringIO(out.getvalue()))
    assert cells["actor"] == "'=HYPERLINK(1)"
    assert cells["detail"] == '{"to": "@x"}'


def test_the_audit_is_exported_as_csv_and_as_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/l.db")
    database = Database(f"sqlite:///{tmp_path}/l.db")
    migrate.upgrade(database)
    workspace = database.write(
        lambda session: workspaces.save(
            session, team_id="T1", name="Acme", url="", bot_user_id="U0", bot_id="B0", now=NOW
        )
    )
    assert main(["audit", "export", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    note(database, workspace.id, "setting.changed", subject="trades", detail='{"to": true}')
    database.close()

    assert main(["audit", "export"]) == 0
    [row] = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (row["actor"], row["action"], row["subject"], row["detail"]) == (
        "Laurel",
        "setting.changed",
        "trades",
        '{"to": true}',
    )
    assert main(["audit", "export", "-", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 1
    assert main(["audit", "export", "audit.json"]) == 0
    assert capsys.readouterr().out == "audit.json has 1 entry.\n"
    [told] = json.loads(Path("audit.json").read_text(encoding="utf-8"))
    assert told["detail"] == {"to": True}
