"""`laurel anniversaries run`: what it says will happen, and that it is what happens."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bot import rules
from bot.cli import anniversaries
from bot.deps import reference
from bot.settings import Settings
from storage import workspaces
from storage.database import Database
from tests.anniversaries.conftest import Company, at

NOON = at("2026-03-02T12:00")


@pytest.fixture
def desk(migrated_sqlite: Path, tmp_path: Path) -> Company:
    """Acme in a file of its own, with its tables made by migration; nothing can be sent."""
    shutil.copy(migrated_sqlite, tmp_path / "acme.db")
    url = f"sqlite:///{tmp_path}/acme.db"
    database = Database(url)
    row = database.write(
        lambda session: workspaces.save(
            session, team_id="T1", name="Acme", url="", bot_user_id="U0", bot_id="B0", now=NOON
        )
    )
    company = Company(database, reference(row), NOON)
    company.settings = Settings(database_url=url, feed_channel="kudos")
    company.hire("maria", "tom", timezone="Europe/Lisbon")
    company.enter("maria", "2025-03-03")
    company.enter("tom", "2026-02-01")
    return company


def test_a_dry_run_prints_what_would_happen_and_nothing_does(
    desk: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    status = anniversaries.run(desk.settings, on="2026-03-03", dry_run=True, now=NOON)
    said = capsys.readouterr().out.splitlines()
    assert status == 0
    assert said == [
        "Tue 03 Mar 2026, 09:00 Europe/Lisbon  Maria  1 year  #kudos and direct message",
        "Tue 03 Mar 2026, 09:00 Europe/Lisbon  Tom  30 days  direct message",
    ]
    assert desk.ledger("maria") == []


def another_office(desk: Company) -> Company:
    """Globex, on the same database, an hour ahead, with a feed of its own."""
    row = desk.database.write(
        lambda session: workspaces.save(
            session, team_id="T2", name="Globex", url="", bot_user_id="U0", bot_id="B0", now=NOON
        )
    )
    office = Company(desk.database, reference(row), NOON)
    office.hire("yuki", timezone="")
    office.enter("yuki", "2025-03-03")
    desk.database.write(
        lambda session: rules.decide(
            session,
            workspace_id=row.id,
            changes={"feed_channel": "C0PRAISE", "timezone": "Pacific/Kiritimati"},
            now=NOON,
        )
    )
    return office


def test_each_workspace_celebrates_by_its_own_settings_and_its_own_today(
    desk: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.settings = replace(desk.settings, feed_channel="")  # each decides for itself
    globex = another_office(desk)
    assert anniversaries.run(desk.settings, on=None, dry_run=False, now=NOON) == 0
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "T1  Acme",
        "Nothing is celebrated on Monday 2026-03-02 that is not recorded already.",
        "T2  Globex",
        "Tue 03 Mar 2026, 09:00 Pacific/Kiritimati  Yuki  1 year  C0PRAISE and direct message",
        "1 recorded, 1 awarded; 1 posts and 1 direct messages.",
        "2 of them wait still; a Laurel that runs sends them.",
    ]
    assert globex.lines("yuki") == [("1y", "2026-03-03", "recorded", "")]


def test_one_of_several_workspaces_can_be_named(
    desk: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    globex = another_office(desk)
    day = "2026-03-03"

    def run(team: str) -> int:
        return anniversaries.run(
            desk.settings, on=day, dry_run=False, sure=True, now=NOON, team=team
        )

    assert run("T2") == 0
    assert "1 recorded" in capsys.readouterr().out
    assert desk.ledger("maria") == []
    assert run("T9") == 1
    assert "There is no workspace “T9” here, but T1 (Acme), T2 (Globex)" in capsys.readouterr().err
    desk.database.write(
        lambda session: workspaces.uninstall(session, workspace_id=globex.workspace.id, now=NOON)
    )
    assert run("T2") == 0
    assert capsys.readouterr().out == "Laurel is in no workspace.\n"
    assert anniversaries.run(desk.settings, on=day, dry_run=True, as_json=True, now=NOON) == 0
    told = json.loads(capsys.readouterr().out)
    assert {(one["workspace"], one["name"]) for one in told} == {("T1", "Maria"), ("T1", "Tom")}


def test_a_run_records_that_day_and_only_that(
    desk: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.hire("yuki")
    desk.enter("yuki", "2025-03-01")
    status = anniversaries.run(desk.settings, on="2026-03-03", dry_run=False, sure=True, now=NOON)
    assert status == 0
    assert "2 recorded, 2 awarded; 1 posts and 2 direct messages." in capsys.readouterr().out
    assert desk.lines("maria") == [("1y", "2026-03-03", "recorded", "")]
    assert desk.lines("yuki") == []
    again = anniversaries.run(desk.settings, on="2026-03-03", dry_run=False, sure=True, now=NOON)
    assert again == 0
    assert "Nothing is celebrated on Tuesday 2026-03-03" in capsys.readouterr().out
    desk.run("2026-03-03T09:00")
    assert desk.kinds() == ["announce", "notify", "notify"]


def test_a_day_that_is_not_today_is_confirmed_on_a_terminal(
    desk: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return "n"

    anniversaries.run(desk.settings, on="2026-03-03", dry_run=False, now=NOON, ask=ask)
    assert asked == [
        "That is not today. Record and send what is celebrated on 2026-03-03 now? [y/N] "
    ]
    assert "Nothing was recorded." in capsys.readouterr().err
    assert desk.ledger("maria") == []


def test_today_is_not_asked_about(desk: Company, capsys: pytest.CaptureFixture[str]) -> None:
    def never(question: str) -> str:
        raise AssertionError(question)

    now = at("2026-03-03T07:00")
    assert anniversaries.run(desk.settings, on=None, dry_run=False, now=now, ask=never) == 0
    assert "2 recorded" in capsys.readouterr().out


def test_scripts_read_json(desk: Company, capsys: pytest.CaptureFixture[str]) -> None:
    anniversaries.run(desk.settings, on="2026-03-03", dry_run=True, as_json=True, now=NOON)
    first = json.loads(capsys.readouterr().out)[0]
    assert (first["name"], first["length"], first["at"]) == (
        "Maria",
        "1 year",
        "2026-03-03T09:00:00+00:00",
    )


def test_scripts_read_nothing_but_json_of_a_run(
    desk: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*, sure: bool = False) -> dict[str, int]:
        status = anniversaries.run(
            desk.settings,
            on="2026-03-03",
            dry_run=False,
            as_json=True,
            sure=sure,
            now=NOON,
            ask=lambda _question: "n",
        )
        assert status == 0
        said: dict[str, int] = json.loads(capsys.readouterr().out)
        return said

    nothing = {"recorded": 0, "awarded": 0, "posts": 0, "messages": 0, "waiting": 0}
    assert run() == nothing  # for somebody at a terminal said no
    assert run(sure=True) == {
        "recorded": 2,
        "awarded": 2,
        "posts": 1,
        "messages": 2,
        "waiting": 3,
    }
    assert run(sure=True) == nothing  # there is nothing left to do


def test_what_is_no_day_exits_2(desk: Company, capsys: pytest.CaptureFixture[str]) -> None:
    assert anniversaries.run(desk.settings, on="29.2.2027", dry_run=True) == 2
    assert "write it like 2027-02-28" in capsys.readouterr().err
