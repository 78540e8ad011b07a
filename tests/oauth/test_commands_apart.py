"""Two workspaces in one database: what a command of the command line is told of one, it keeps to.

Each command that is about a workspace is run for Globex with what belongs to Acme, and with what nobody
has: it says the same of both, tells nothing of Acme, and Acme stays as it was.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.cli import arguments
from bot.playground import Engine
from storage import migrate, people
from storage.database import Database
from storage.people import Profile
from tests.badges.shelf import badge
from tests.cast import NOW
from tests.oauth.test_separation import unknown
from tests.world import World, beside, rows

ALONE = {
    "run",
    "playground",
    "doctor",
    "manifest",
    "db upgrade",
    "db backup",
    "db restore",
    "db restored",
    "workspaces list",
}
# What is typed for Globex. In braces is Acme's: somebody, an id of a delivery, the workspace itself.
ABOUT_ONE = {
    "anniversaries run": "--on 2026-11-20 --yes --workspace T2GLOBEX",
    "people import": "{hr_file} --yes --workspace T2GLOBEX",
    "people export": "{email} {out} --workspace T2GLOBEX",
    "people erase": "{email} --yes --workspace T2GLOBEX",
    "catalog export": "{out}.toml --workspace T2GLOBEX",
    "catalog import": "{catalog} --yes --workspace T2GLOBEX",
    "anniversaries policies": "--workspace T2GLOBEX",
    "anniversaries policies show": "--workspace T2GLOBEX",
    "anniversaries policies set": "weekend working_day_before --yes --workspace T2GLOBEX",
    "anniversaries policies unset": "weekend --yes --workspace T2GLOBEX",
    "deliveries list": "--workspace T2GLOBEX",
    "deliveries retry": "{delivery} --workspace T2GLOBEX",
    "audit export": "{out}.csv --workspace T2GLOBEX",
    "workspaces export": "{team} {out}",
    "workspaces erase": "{team} --yes",
}
WHOLE = ("workspaces export", "workspaces erase")  # a workspace is all that these are told
# These change Globex, where they were told to.
CHANGES = (
    "people import",
    "catalog import",
    "anniversaries policies set",
    "anniversaries policies unset",
)
ACMES = ("Olive", "olive@acme", "Only At Acme", "only-at-acme", "Of Acme alone", "UOLIVE")


def commands(parser: argparse.ArgumentParser, said: str = "") -> Iterator[str]:
    """Every command that does something, as it is typed."""
    below = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
    if said and (parser.get_default("run") or not below):
        yield said
    for action in below:
        for name, child in action.choices.items():
            yield from commands(child, f"{said} {name}".strip())


def test_every_command_is_crossed_here_or_knows_no_workspace() -> None:
    assert set(commands(arguments.parser())) == ALONE | set(ABOUT_ONE)


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Acme, with what Globex lacks: Olive, who celebrates, a badge that she has, a dead letter."""
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path}/both.db"
    monkeypatch.setenv("DATABASE_URL", url)
    database = Database(url)
    migrate.upgrade(database)
    with Engine(clock=lambda: NOW, app_name="Laurel") as engine:
        world = World(database, engine)
        olive = Profile("UOLIVE", "Olive Only", "UTC", "en-US", email="olive@acme.example")
        engine.add_user("olive", "Olive Only", id="UOLIVE", email="olive@acme.example")
        database.write(
            lambda session: people.save_profiles(
                session, workspace_id=world.workspace.id, profiles=[olive], now=NOW
            )
        )
        database.write(lambda session: badge(session, world.workspace.id, "Only At Acme"))
        said = world.command("ada", "/award", "@olive only-at-acme Of Acme alone").reads()
        assert "now has" in said
        (tmp_path / "start.csv").write_text("email,start\nolive@acme.example,2025-11-20\n")
        team = world.workspace.team_id
        assert main(["people", "import", "start.csv", "--yes", "--workspace", team]) == 0
        with database.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE delivery SET state = 'dead', error = 'is_archived'")
        yield world
    database.close()


def test_commands_tell_and_change_nothing_of_another_workspace(
    acme: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with acme.database.engine.connect() as connection:
        dead = connection.exec_driver_sql("SELECT id FROM delivery LIMIT 1").scalar_one()
    files = tmp_path / "files"
    for folder, slack_id in (("theirs", "UOLIVE"), ("nobodys", "UNOBODY")):
        (files / folder).mkdir(parents=True)
        (files / folder / "hr.csv").write_text(f"slack,start\n{slack_id},2025-11-20\n")
    theirs = {
        "hr_file": str(files / "theirs" / "hr.csv"),
        "email": "olive@acme.example",
        "delivery": str(dead),
        "team": acme.workspace.team_id,
    }
    nobodys = {
        "hr_file": str(files / "nobodys" / "hr.csv"),
        "email": "nobody@acme.example",
        "delivery": unknown(_with_dashes(str(dead))),
        "team": "T0NOBODY",
    }
    # Olive is nobody at Globex, and so is UNOBODY.
    same = {"UNOBODY": "UOLIVE", **{value: theirs[name] for name, value in nobodys.items()}}
    with beside(acme.database) as globex:
        assert (
            main(["catalog", "export", str(files / "badges.zip"), "--workspace", "T2GLOBEX"]) == 0
        )
        before = rows(acme.database, acme.workspace)
        capsys.readouterr()
        for command, typed in ABOUT_ONE.items():
            answers = []
            crosses = command not in WHOLE and any(f"{{{name}}}" in typed for name in theirs)
            for told in (theirs, nobodys) if crosses else (nobodys,):
                out = tmp_path / f"out-{len(list(tmp_path.iterdir()))}"
                said = typed.format(out=out, catalog=files / "badges.zip", **told)
                of_globex = rows(acme.database, globex.workspace)
                status = main([*command.split(), *said.split()])
                words = "".join(capsys.readouterr())
                answers.append((status, words.replace(str(out), "OUT")))
                kept = "".join(one.read_text() for one in tmp_path.glob(f"{out.name}.*"))
                leaked = [one for one in ACMES if one in kept + (words if told is nobodys else "")]
                assert leaked == [], (command, words)
                assert rows(acme.database, acme.workspace) == before, command
                if command not in CHANGES:
                    assert rows(acme.database, globex.workspace) == of_globex, command
            for name, value in same.items():
                answers[-1] = (answers[-1][0], answers[-1][1].replace(name, value))
            assert answers[0] == answers[-1], command


def _with_dashes(text: str) -> str:
    return (
        text if "-" in text else f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
    )
