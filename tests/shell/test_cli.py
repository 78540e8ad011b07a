"""The command line: what it prints, and how it ends."""

import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from pathlib import Path
from typing import IO, Any

import pytest
from sqlalchemy import Connection, text

from bot import VERSION
from bot.__main__ import main
from bot.playground import Engine
from storage import outbox, workspaces
from storage.database import Database
from storage.outbox import NewDelivery
from tests.cast import NOW

ROOT = Path(__file__).parents[2]


def started(
    *arguments: str, at: Path, out: IO[str] | None = None, **environ: str
) -> "subprocess.Popen[str]":
    """A Laurel of its own, with nothing of ours in its environment; `out` is where it may write."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SLACK_", "LAUREL_", "DATABASE_"))
    }
    return subprocess.Popen(
        [sys.executable, "-m", "bot", *arguments],
        cwd=at,
        env=inherited | {"PYTHONPATH": str(ROOT)} | environ,
        stdout=out or subprocess.PIPE,
        stderr=out or subprocess.PIPE,
        text=True,
    )


def finished(*arguments: str, at: Path, **environ: str) -> tuple[int, str, str]:
    process = started(*arguments, at=at, out=None, **environ)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_help_names_every_command_at_once(tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    status, out, _ = finished("--help", at=tmp_path)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert status == 0
    for command in ("run", "doctor", "manifest", "db", "deliveries"):
        assert f"  {command}" in out
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1


def typed(command: str, *, at: Path, **environ: str) -> tuple[int, str, str]:
    """What a shell makes of a command, in which `laurel` is Laurel."""
    laurel = f'laurel() {{ {sys.executable} -m bot "$@"; }}\n'
    done = subprocess.run(
        ["bash", "-c", laurel + command],
        cwd=at,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        timeout=60,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [
        ("laurel --help | true; exit ${PIPESTATUS[0]}", 1, ""),
        (
            "laurel --help >/dev/full",
            1,
            "What is printed cannot be written: No space left on device.\n",
        ),
        ("laurel people import - <&-", 1, "- was refused, and nothing"),
        ("PYTHONIOENCODING=ascii laurel people import --help", 0, ""),
        ("laurel --version", 0, ""),
    ],
)
def test_whatever_becomes_of_its_streams_it_ends_without_a_traceback(
    tmp_path: Path, command: str, status: int, said: str
) -> None:
    ended, _, err = typed(command, at=tmp_path)
    assert "Traceback" not in err
    assert "Exception ignored" not in err
    assert (ended, err[: len(said)] if said else err) == (status, said)


def test_interrupted_before_it_serves_it_ends_without_a_traceback(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    os.mkfifo(secret)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # it may have been ignored
    process = started("run", at=tmp_path, DATABASE_URL_FILE=str(secret))
    signal.signal(signal.SIGINT, before)
    try:
        end = time.monotonic() + 30
        while True:
            try:
                writing = os.open(secret, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:  # nobody reads it yet
                assert time.monotonic() < end
                assert process.poll() is None
                time.sleep(0.01)
            else:
                break
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        os.close(writing)
    finally:
        process.kill()
    assert (process.returncode, err) == (1, "Broken off.\n")


def test_its_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    package = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"Laurel {package['project']['version']}\n"


def test_a_missing_token_is_named_and_exits_2(tmp_path: Path) -> None:
    status, out, err = finished(
        at=tmp_path, SLACK_SIGNING_SECRET="hush", DATABASE_URL="sqlite:///l.db"
    )
    assert (status, out) == (2, "")
    assert err.startswith(
        "SLACK_BOT_TOKEN is not set: create the app at https://api.slack.com/apps"
    )
    assert "hush" not in err


def test_wrong_settings_are_all_named_and_exit_2(tmp_path: Path) -> None:
    status, _, err = finished("run", at=tmp_path, SLACK_BOT_TOKEN="xoxp-secret", LAUREL_PORT="none")
    assert status == 2
    assert [line.split()[0] for line in err.splitlines()] == ["SLACK_BOT_TOKEN", "LAUREL_PORT"]
    assert "secret" not in err


def test_an_unknown_command_exits_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["celebrate"])
    assert ended.value.code == 2
    assert "celebrate" in capsys.readouterr().err


def test_run_serves_a_workspace_and_stops_when_told(tmp_path: Path) -> None:
    with Engine(app_name="Laurel") as engine:
        maria = engine.add_user("maria", real_name="Maria Silva")
        tom = engine.add_user("tom", real_name="Tom Okafor")
        kudos = engine.add_channel("kudos", members=[maria, tom])
        port = free_port()
        process = started(
            "run",
            at=tmp_path,
            SLACK_BOT_TOKEN=engine.bot_token,
            SLACK_APP_TOKEN=engine.app_token,
            SLACK_API_URL=engine.api_url,
            LAUREL_FEED_CHANNEL="kudos",
            LAUREL_PORT=str(port),
        )
        try:
            assert engine.sockets.wait_for(1, seconds=30)
            ready = _ready(port)
            outcome = engine.command(maria, "/award", "@tom team-player Thank you!", channel=kudos)
            process.send_signal(signal.SIGTERM)
            began = time.monotonic()
            _, log = process.communicate(timeout=30)
        finally:
            process.kill()
    assert ready == {"database": "ok", "migrations": "ok", "workspace": "ok", "socket": "ok"}
    assert outcome.acknowledged, outcome
    assert time.monotonic() - began < 20
    assert process.returncode == 0
    serving = f"serving address=http://127.0.0.1:{port} slack=socket worker=True version={VERSION}"
    assert f" INFO {serving}\n" in log
    assert " INFO ready workspace=" in log
    for private in ("Thank you!", engine.bot_token, "maria@", "Maria"):
        assert private not in log


def _ready(port: int) -> Any:
    end = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=30) as reply:
                return json.load(reply)
        except OSError:
            assert time.monotonic() < end, "Laurel did not get ready"
            time.sleep(0.05)


def test_db_upgrade_makes_the_tables_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/l.db")
    assert main(["db", "upgrade"]) == 0
    assert main(["db", "upgrade"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("Upgraded: 0001_core")
    assert said[1] == "The tables are up to date."


def test_a_database_that_is_away_exits_1_with_what_to_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", "postgresql://laurel:hush@127.0.0.1:9/laurel")
    assert main(["db", "upgrade"]) == 1
    assert main(["deliveries", "list"]) == 1
    said = capsys.readouterr().err
    assert "check DATABASE_URL" in said
    assert "hush" not in said


READING = [
    ["deliveries", "list"],
    ["audit", "export"],
    ["workspaces", "list"],
    ["anniversaries", "run", "--dry-run"],
    ["anniversaries", "policies"],
    ["catalog", "export"],
    ["people", "export", "maria@acme.example", "maria.zip"],
    ["doctor"],
]


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_in_another_folder_there_is_no_database_and_none_is_made(
    command: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(command) == 1
    said = capsys.readouterr()
    assert f"There is no database yet: {tmp_path}/laurel.db does not exist. Run" in (
        said.out + said.err
    )
    assert "\nTraceback" not in said.err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_said_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///l.db")
    Path("l.db").write_text("It is a note, and long enough to be looked at.", encoding="utf-8")
    expected = (
        f"{tmp_path}/l.db is not a SQLite database: let DATABASE_URL name another file, or bring a"
        " backup back with `laurel db restore`.\n"
    )
    assert main(["db", "upgrade"]) == 1
    assert main(["deliveries", "list", "--json"]) == 1
    assert capsys.readouterr() == ("", 2 * expected)
    assert main(["doctor"]) == 1
    assert f"FAILED   database: {expected}" in capsys.readouterr().out


def test_a_file_that_cannot_be_made_is_said_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///nowhere/l.db")
    assert main(["db", "upgrade"]) == 1
    assert capsys.readouterr().err == (
        f"The database {tmp_path}/nowhere/l.db cannot be written to (unable to open database file):"
        " its folder must exist, and the file and the folder must be writable for Laurel's user.\n"
    )


def test_a_file_that_may_only_be_read_is_said_with_what_to_do(
    dead_letter: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    dead_letter.close()
    path = tmp_path / "l.db"
    # Whoever runs the tests may be allowed to write everywhere, so the file itself says that it
    # may only be read: by a later version of its format (sqlite.org/fileformat.html).
    content = bytearray(path.read_bytes())
    content[18] = 9
    path.write_bytes(content)
    expected = (
        f"The database {path} cannot be written to (attempt to write a readonly database): its folder"
        " must exist, and the file and the folder must be writable for Laurel's user.\n"
    )
    assert main(["deliveries", "retry"]) == 1
    assert capsys.readouterr().err == expected
    assert main(["doctor"]) == 1
    assert f"FAILED   database: {expected}" in capsys.readouterr().out
    assert main(["deliveries", "list"]) == 0


def give_up(database: Database, team_id: str, delivery: NewDelivery, error: str) -> None:
    """Let a workspace have something that could not be sent."""

    def fill(session: Connection) -> None:
        workspace = workspaces.save(
            session, team_id=team_id, name=team_id, url="", bot_user_id="U0", bot_id="B0", now=NOW
        )
        outbox.enqueue(session, workspace_id=workspace.id, deliveries=[delivery], now=NOW)
        session.execute(
            text("UPDATE delivery SET state = 'dead', error = :error WHERE workspace_id = :id"),
            {"error": error, "id": workspace.id},
        )

    database.write(fill)


@pytest.fixture
def dead_letter(migrated_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database in which one post could not be sent."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/l.db")
    shutil.copy(migrated_sqlite, tmp_path / "l.db")
    database = Database(f"sqlite:///{tmp_path}/l.db")
    give_up(
        database, "T1", NewDelivery("channel:kudos", "announce", "announce:1"), "not_in_channel"
    )
    return database


def test_what_was_given_up_is_listed_with_what_to_do_and_sent_again(
    dead_letter: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deliveries", "list"]) == 0
    listed = capsys.readouterr().out
    assert "not_in_channel: Invite Laurel to the channel" in listed
    assert main(["deliveries", "list", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["state"], told["error"]) == ("dead", "not_in_channel")
    assert main(["deliveries", "retry", told["id"]]) == 0
    assert capsys.readouterr().out == "1 will be sent again.\n"
    assert main(["deliveries", "retry", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"retried": 0}
    assert main(["deliveries", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["state"] == "pending"
    dead_letter.close()


def test_what_was_given_up_is_listed_and_sent_again_for_all_workspaces_or_one(
    dead_letter: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    give_up(dead_letter, "T2", NewDelivery("dm", "notify", "notify:1"), "is_archived")
    assert main(["deliveries", "list"]) == 0
    listed = [line for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    assert [line.split()[0] for line in listed][::2] == ["T1", "T2"]
    assert main(["deliveries", "list", "--workspace", "T2", "--json"]) == 0
    [told] = json.loads(capsys.readouterr().out)
    assert (told["workspace"], told["lane"]) == ("T2", "dm")
    assert main(["deliveries", "retry", told["id"], "--workspace", "T1"]) == 1
    assert capsys.readouterr().out == "There is nothing that was given up.\n"
    assert main(["deliveries", "retry", "--workspace", "T2"]) == 0
    assert main(["deliveries", "retry"]) == 0
    assert capsys.readouterr().out == "1 will be sent again.\n" * 2
    assert main(["deliveries", "list", "--workspace", "T9"]) == 1
    assert "There is no workspace “T9” here" in capsys.readouterr().err
    dead_letter.close()


def test_something_that_is_no_delivery_exits_2(
    dead_letter: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deliveries", "retry", "A-7K3QX9M"]) == 2
    assert "`laurel deliveries list` shows them" in capsys.readouterr().err
    dead_letter.close()


def test_the_manifest_is_printed_for_socket_mode_and_for_http(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["manifest"]) == 0
    over_socket = json.loads(capsys.readouterr().out)
    assert over_socket["settings"]["socket_mode_enabled"] is True
    assert "url" not in over_socket["features"]["slash_commands"][0]
    assert main(["manifest", "--http"]) == 2
    assert "LAUREL_PUBLIC_URL is not set" in capsys.readouterr().err
    monkeypatch.setenv("LAUREL_PUBLIC_URL", "https://laurel.acme.example")
    assert main(["manifest", "--http"]) == 0
    over_http = json.loads(capsys.readouterr().out)
    address = "https://laurel.acme.example/slack/events"
    assert over_http["settings"]["socket_mode_enabled"] is False
    assert {command["url"] for command in over_http["features"]["slash_commands"]} == {address}
    assert over_http["settings"]["interactivity"]["request_url"] == address
    assert over_http["settings"]["interactivity"]["message_menu_options_url"] == address
    assert over_http["settings"]["event_subscriptions"]["request_url"] == address
