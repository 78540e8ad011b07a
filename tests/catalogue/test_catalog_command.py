"""`laurel catalog export` and `import`: what they print, ask and write."""

import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func
from sqlalchemy import select as query

from bot.__main__ import main
from bot.starters import load_starters, starter_badges
from storage import badges, workspaces
from storage.badges import BadgeRow
from storage.database import Database
from storage.tables import AuditEntry, BadgeVersion, Delivery, table_of
from tests.cast import ACME, NOW
from tests.terminal import on_a_terminal

MENTOR = """
[[badge]]
slug = "mentor"
name = "Mentor"
description = "You show the way."
criteria = "Look after a newcomer."
category = "Culture"
kind = "achievement"
visibility = "private"
awarders = "managers"
expiry = "12m"
design = "shield violet gold :trophy:"
"""


@pytest.fixture(scope="module")
def template(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the tables and a workspace, to be copied."""
    path = tmp_path_factory.mktemp("catalogue") / "laurel.db"
    shutil.copy(migrated_sqlite, path)
    database = Database(f"sqlite:///{path}")
    database.write(lambda session: workspaces.save(session, **ACME, now=NOW))
    database.close()
    return path


@pytest.fixture
def database(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Acme's own database, named by the environment of a command."""
    shutil.copy(template, tmp_path / "laurel.db")
    url = f"sqlite:///{tmp_path}/laurel.db"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)
    database = Database(url)
    yield database
    database.close()


def typed(*arguments: str) -> int:
    return main(["catalog", *arguments])


def known(database: Database) -> dict[str, BadgeRow]:
    rows = database.read(lambda session: badges.catalogue(session, workspace_id=1))
    return {row.slug: row for row in rows}


def number_of(database: Database, table: type[Any]) -> int:
    rows = table_of(table)
    return database.read(
        lambda session: session.execute(query(func.count()).select_from(rows)).scalar_one()
    )


def picture(color: str = "red", size: tuple[int, int] = (300, 200)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, color).save(file, "PNG")
    return file.getvalue()


def test_a_badge_in_a_file_is_made_and_the_same_file_again_changes_nothing(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("ours.toml").write_text(MENTOR, encoding="utf-8")

    assert typed("import", "ours.toml") == 0
    assert capsys.readouterr().out == (
        "ours.toml: 1 badge.\n"
        "New: 1\n"
        "  mentor: Mentor, private achievement in Culture\n"
        "Unchanged: 0\n"
        "Imported.\n"
    )
    mentor = known(database)["mentor"]
    assert (mentor.awarders, mentor.expiry, mentor.private) == ("managers", "12m", True)
    assert mentor.design == "shield violet gold 🏆"
    assert typed("import", "ours.toml") == 0
    assert capsys.readouterr().out.endswith("every badge is as ours.toml has it.\n")
    assert number_of(database, BadgeVersion) == 1
    assert number_of(database, AuditEntry) == 1
    assert number_of(database, Delivery) == 2  # its card and its tile


def test_a_change_is_shown_field_by_field_and_only_what_shows_makes_a_version(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    file = Path("ours.toml")
    file.write_text(MENTOR, encoding="utf-8")
    typed("import", "ours.toml")
    first = known(database)["mentor"]
    file.write_text(MENTOR.replace('"12m"', '"2027-12-31"').replace("private", "public"))
    capsys.readouterr()

    assert typed("import", "ours.toml") == 0
    assert "    expiry: 12m → 2027-12-31\n    visibility: private → public\n" in (
        capsys.readouterr().out
    )
    second = known(database)["mentor"]
    assert (second.expiry, second.private) == ("2027-12-31", False)
    assert second.version_id == first.version_id
    file.write_text(file.read_text().replace("show the way", "lead") + "active = false\n")
    assert typed("import", "ours.toml") == 0
    assert "    description: You show the way. → You lead.\n" in capsys.readouterr().out
    third = known(database)["mentor"]
    assert not third.active
    assert third.version_id != first.version_id
    assert number_of(database, BadgeVersion) == 2


def test_a_dry_run_writes_nothing_and_says_so_for_scripts(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("ours.toml").write_text(MENTOR, encoding="utf-8")

    assert typed("import", "ours.toml", "--dry-run", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["result"], said["new"], said["changed"]) == ("preview", ["mentor"], {})
    assert known(database) == {}


def test_the_starter_catalogue_goes_out_and_into_another_workspace_as_it_is(
    database: Database,
    template: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    starters = starter_badges()[:4]
    database.write(
        lambda session: load_starters(
            session, workspace_id=1, starters=starters, now=NOW, upload=False
        )
    )
    assert typed("export", "all.zip") == 0
    assert "Wrote 4 badges and 4 pictures to all.zip." in capsys.readouterr().err
    assert typed("import", "all.zip") == 0
    assert "Unchanged: 4\nNothing to change" in capsys.readouterr().out
    assert typed("export", "again.zip") == 0
    assert Path("again.zip").read_bytes() == Path("all.zip").read_bytes()

    here = known(database)
    shutil.copy(template, tmp_path / "other.db")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/other.db")
    assert typed("import", "all.zip") == 0
    other = Database(f"sqlite:///{tmp_path}/other.db")
    there = known(other)
    other.close()
    assert [row.name for row in there.values()] == [row.name for row in here.values()]
    assert typed("import", "all.zip") == 0
    assert "Unchanged: 4\nNothing to change" in capsys.readouterr().out


def test_a_picture_beside_the_file_is_made_safe_and_kept_once(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("pictures").mkdir()
    Path("pictures/mentor.png").write_bytes(picture())
    text = MENTOR.replace(
        'design = "shield violet gold :trophy:"', 'picture = "pictures/mentor.png"'
    )
    Path("ours.toml").write_text(text, encoding="utf-8")

    assert typed("import", "ours.toml") == 0
    assert "New pictures: 1\n" in capsys.readouterr().out
    mentor = known(database)["mentor"]
    stored = database.read(
        lambda session: badges.image(session, workspace_id=1, image_id=mentor.image_id or "")
    )
    assert stored is not None
    assert Image.open(io.BytesIO(stored)).size == (512, 512)
    assert typed("import", "ours.toml") == 0
    assert "Nothing to change" in capsys.readouterr().out
    Path("pictures/mentor.png").write_bytes(picture("blue"))
    assert typed("import", "ours.toml") == 0
    assert "    picture: pictures/mentor.png → pictures/mentor.png\n" in capsys.readouterr().out
    assert typed("export", "out.toml") == 0
    assert 'picture = "pictures/mentor.png"' in Path("out.toml").read_text(encoding="utf-8")


def test_one_bad_picture_refuses_all_of_the_file(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    text = MENTOR.replace('design = "shield violet gold :trophy:"', 'picture = "small.png"')
    with zipfile.ZipFile("ours.zip", "w") as packed:
        packed.writestr(
            "catalog.toml", text + MENTOR.replace("mentor", "guide").replace("Mentor", "Guide")
        )
        packed.writestr("small.png", picture(size=(40, 40)))

    assert typed("import", "ours.zip") == 1
    assert capsys.readouterr().err == (
        "ours.zip was refused, and nothing was imported:\n"
        "small.png, of badge mentor: That picture has 40 × 40 pixels and would look blurred:"
        " please choose one of at least 150 on each side, best 512.\n"
    )
    assert known(database) == {}


def test_badges_that_are_not_in_the_file_stay_and_keep_their_names(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("ours.toml").write_text(MENTOR, encoding="utf-8")
    typed("import", "ours.toml")
    other = MENTOR.replace('slug = "mentor"', 'slug = "guide"')
    Path("other.toml").write_text(other, encoding="utf-8")
    capsys.readouterr()

    assert typed("import", "other.toml") == 1
    assert capsys.readouterr().err.splitlines()[1] == (
        "badge guide: Mentor is already the name of mentor, which is not in the file. Give it"
        " another name, or put mentor into the file, too."
    )
    Path("other.toml").write_text(other.replace('"Mentor"', '"Guide"'), encoding="utf-8")
    assert typed("import", "other.toml") == 0
    assert "Not in the file, and left as they are: 1\n" in capsys.readouterr().out
    assert list(known(database)) == ["mentor", "guide"]


@pytest.mark.parametrize(
    ("answer", "status", "last", "made"),
    [("y", 0, "Imported.", ["mentor"]), ("n", 1, "Nothing was imported.", [])],
)
def test_on_a_terminal_it_shows_what_changes_and_asks_first(
    database: Database, answer: str, status: int, last: str, made: list[str]
) -> None:
    Path("ours.toml").write_text(MENTOR, encoding="utf-8")

    code, screen = on_a_terminal("catalog", "import", "ours.toml", answer=answer)
    assert screen.index("  mentor: Mentor, private") < screen.index("Import this? [y/N]")
    assert screen.splitlines()[-1].endswith(last)
    assert (code, list(known(database))) == (status, made)


def test_a_file_that_is_not_there_says_so(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("import", "none.toml") == 2
    assert capsys.readouterr().err == "none.toml cannot be read: No such file or directory.\n"
    assert known(database) == {}
