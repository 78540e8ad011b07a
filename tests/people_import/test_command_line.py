"""`laurel people import`: what it prints, asks and writes."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlalchemy import select as query

from bot.__main__ import main
from storage import migrate, people, workspaces
from storage.database import Database
from storage.tables import ServiceSpell, table_of
from tests.cast import ACME, CAST, NOW
from tests.terminal import on_a_terminal

ROOT = Path(__file__).parents[2]
MARIA = "maria@acme.example"
GOOD = f"email,name,start\n{MARIA},Maria,2020-08-31\nnew@acme.example,Nova New,2026-01-07\n"


@pytest.fixture
def database(migrated_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Acme's own database, named by the environment of a command."""
    url = f"sqlite:///{tmp_path}/laurel.db"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)
    shutil.copy(migrated_sqlite, tmp_path / "laurel.db")
    database = Database(url)

    def fill(session: object) -> None:
        acme = workspaces.save(session, **ACME, now=NOW)  # type: ignore[arg-type]
        people.save_profiles(session, workspace_id=acme.id, profiles=CAST, now=NOW)  # type: ignore[arg-type]

    database.write(fill)
    return database


def spells(database: Database) -> int:
    table = table_of(ServiceSpell)
    return database.read(
        lambda session: session.execute(query(func.count(table.c.id))).scalar_one()
    )


def typed(*arguments: str) -> int:
    return main(["people", "import", *arguments])


def test_elsewhere_than_on_a_terminal_it_imports_without_asking(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("people.csv").write_text(GOOD, encoding="utf-8")

    assert typed("people.csv") == 0
    assert capsys.readouterr() == (
        (
            "people.csv: 2 people.\n"
            "Read as UTF-8, columns separated by commas.\n"
            "New start dates: 2\n"
            "  line 2: Maria, 2020-08-31\n"
            "  line 3: Nova New, 2026-01-07\n"
            "Not in Slack yet; kept, and matched when they join: 1\n"
            "  line 3: Nova New (new@acme.example)\n"
            "Unchanged: 0\n"
            "Imported.\n"
        ),
        "",
    )
    assert spells(database) == 2
    assert typed("people.csv") == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "Unchanged: 2",
        "Nothing to change: everything is as people.csv has it.",
    ]


def test_a_dry_run_writes_nothing(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    Path("people.csv").write_text(GOOD, encoding="utf-8")

    assert typed("people.csv", "--dry-run") == 0
    assert capsys.readouterr().out.endswith("Nothing was imported: this was a dry run.\n")
    assert spells(database) == 0


def test_a_refused_file_exits_1_with_its_lines_and_what_to_do(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("people.csv").write_text(f"email,start\n{MARIA},2020-08-31\n,03/04/2020\n")

    assert typed("people.csv") == 1
    assert capsys.readouterr() == (
        "",
        (
            "people.csv was refused, and nothing was imported:\n"
            "Line 3: there is no e-mail address, Slack id or employee number.\n"
            "Line 3: in “start”, “03/04/2020” could be 2020-04-03 or 2020-03-04.\n"
            "Say which by --date-format dmy (day first) or --date-format mdy (month first).\n"
        ),
    )
    assert spells(database) == 0


def test_scripts_read_json(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    Path("people.csv").write_text(f"email,since\n{MARIA},03/04/2020\n")

    assert typed("people.csv", "--json", "--map", "start=since") == 1
    refused = json.loads(capsys.readouterr().out)
    assert refused["result"] == "refused"
    assert refused["problems"] == [
        {"line": 2, "why": "in “since”, “03/04/2020” could be 2020-04-03 or 2020-03-04."}
    ]
    assert typed("people.csv", "--json", "--map", "start=since", "--date-format", "dmy") == 0
    done = json.loads(capsys.readouterr().out)
    assert done["result"] == "imported"
    assert done["new"] == [
        {"line": 2, "name": "Maria Silva", "start": "2020-04-03", "known_start": None, "end": None}
    ]
    assert done["counts"]["new"] == 1


def test_what_is_typed_wrongly_exits_2(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("nowhere.csv") == 2
    assert capsys.readouterr().err == "nowhere.csv cannot be read: No such file or directory.\n"
    assert typed(".") == 2
    assert capsys.readouterr().err == ". cannot be read: Is a directory.\n"
    assert typed("people.csv", "--map", "start") == 2
    assert capsys.readouterr().err.startswith("“start” names no column")
    assert spells(database) == 0


def test_a_database_without_tables_or_workspace_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/other.db")
    Path("people.csv").write_text(GOOD, encoding="utf-8")
    Path("other.db").touch()

    assert typed("people.csv") == 1
    assert capsys.readouterr().err == (
        "The tables are not up to date: run `laurel db upgrade` first.\n"
    )
    migrate.upgrade(Database(f"sqlite:///{tmp_path}/other.db"))
    assert typed("people.csv") == 1
    assert capsys.readouterr().err == (
        "Laurel has not met its Slack workspace yet: set SLACK_BOT_TOKEN, or run `laurel run` once"
        " before.\n"
    )


def test_standard_input_can_be_the_file(database: Database) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "people", "import", "-"],
        input=GOOD.encode("utf-16"),
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert spells(database) == 2


@pytest.mark.parametrize(
    ("answer", "status", "count", "last"),
    [("y", 0, 2, "Imported."), ("n", 1, 0, "Nothing was imported.")],
)
def test_on_a_terminal_it_asks_before_writing(
    database: Database, answer: str, status: int, count: int, last: str
) -> None:
    Path("people.csv").write_text(GOOD, encoding="utf-8")

    code, screen = on_a_terminal("people", "import", "people.csv", answer=answer)

    assert "line 2: Maria, 2020-08-31" in screen
    assert screen.index("line 2: Maria") < screen.index("Import this? [y/N]")
    assert screen.splitlines()[-1].endswith(last)
    assert "Comparing" in screen
    assert "100%" in screen
    assert (code, spells(database)) == (status, count)
