"""Secrets are in no log, error, metric, answer, repr or list of processes."""

import io
import logging
import sys
from collections.abc import Iterator

import pytest

from bot import logs
from bot.settings import Settings, SettingsProblem, load
from tests.hostile.clicks import command
from tests.hostile.door import Door
from tests.shell.test_logs import Written
from tests.world import MakeWorld

BOT = "xoxb-1234567890-s3cr3tb0t"
APP = "xapp-1-A0-s3cr3tapp"
SIGNING = "5ec2e7516416651641665164166deadb"
PASSWORD = "hunter2hunter2"
URL = f"postgresql://laurel:{PASSWORD}@db.example/laurel"
SECRETS = ("s3cr3tb0t", "s3cr3tapp", SIGNING, PASSWORD)
ENVIRONMENT = {
    "SLACK_BOT_TOKEN": BOT,
    "SLACK_APP_TOKEN": APP,
    "SLACK_SIGNING_SECRET": SIGNING,
    "DATABASE_URL": URL,
}


@pytest.fixture
def everything_logged() -> Iterator[io.StringIO]:
    """All that is logged, to the last detail of every library."""
    root, said = logging.getLogger(), Written()
    handlers, level = list(root.handlers), root.level
    names = (
        "slack_sdk",
        "slack_sdk.web",
        "slack_bolt",
        "urllib3",
        "asyncio",
    )
    levels = {name: logging.getLogger(name).level for name in names}
    logs.set_up("text", stream=said)
    root.setLevel(logging.DEBUG)
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield said
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, was in levels.items():
        logging.getLogger(name).setLevel(was)


def test_what_is_logged_at_its_most_talkative_has_no_secret(
    make_world: MakeWorld, everything_logged: io.StringIO
) -> None:
    world = make_world(signing_secret=SIGNING)
    world.engine.signing.secret = SIGNING
    door = Door(world)
    door.deliver(command(world, "UMARIA", "/award", "<@UTOM> team-player Thank you"))
    door.deliver(command(world, "UMARIA", "/badges", ""), secret="another")
    world.engine.break_token()
    world.deliver()
    answers = [door.ask("GET", path).body.decode() for path in ("/metrics", "/readyz", "/nowhere")]
    door.close()

    said = everything_logged.getvalue()
    assert "DEBUG" in said
    for secret in (SIGNING, world.engine.bot_token, world.workspace.link_key):
        assert secret not in said
        assert secret not in "".join(answers)


def test_no_repr_shows_a_secret(make_world: MakeWorld) -> None:
    world = make_world(signing_secret=SIGNING, app_token=APP)
    laurel = world.laurel
    shown = " ".join(
        repr(one)
        for one in (
            load(ENVIRONMENT), laurel, laurel.deps, laurel.client, laurel.dispatcher, laurel.app,
            laurel.socket, laurel.ours, world.workspace, world.database.url, world.database,
            Settings(database_url=URL),
        )
    )  # fmt: skip
    for secret in (*SECRETS, world.engine.bot_token, world.workspace.link_key):
        assert secret not in shown


def test_an_error_about_settings_repeats_no_secret() -> None:
    wrong = {
        "SLACK_BOT_TOKEN": "s3cr3tb0t",
        "SLACK_APP_TOKEN": "s3cr3tapp",
        "DATABASE_URL": f"mysql://laurel:{PASSWORD}@db/laurel",
    }
    with pytest.raises(SettingsProblem) as caught:
        load(wrong)
    assert len(caught.value.problems) == 3
    for secret in SECRETS:
        assert secret not in str(caught.value)


def test_no_command_takes_a_secret_on_its_line() -> None:
    from bot.cli.arguments import parser

    options: list[str] = []
    waiting = [parser()]
    while waiting:
        for action in waiting.pop()._actions:
            options += action.option_strings
            waiting += (
                (getattr(action, "choices", None) or {}).values()
                if hasattr(action, "add_parser")
                else []
            )
    assert "--json" in options
    assert not [one for one in options if any(w in one for w in ("token", "secret", "password"))]
    assert not any(secret in " ".join(sys.argv) for secret in SECRETS)
