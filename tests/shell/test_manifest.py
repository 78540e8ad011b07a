"""The Slack app's manifest and what Laurel listens to are the same things."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from bot.manifest import MANIFEST, OPTIONAL_SCOPES, SCOPES, manifest
from tests.world import World

ROOT = Path(__file__).parents[2]


def test_every_command_event_and_shortcut_is_in_the_manifest_and_nothing_else(
    world: World,
) -> None:
    said = manifest()
    commands = {one["command"] for one in said["features"]["slash_commands"]}
    shortcuts = {one["callback_id"] for one in said["features"]["shortcuts"]}
    subscribed = said["settings"]["event_subscriptions"]["bot_events"]
    events = {name.partition(".")[0] for name in subscribed}  # message.im comes as message
    heard = world.laurel.listeners
    assert set(heard.of("command")) == commands
    assert set(heard.of("shortcut")) == shortcuts
    assert set(heard.of("event")) == events


def test_each_scope_has_its_reason_and_each_reason_its_scope() -> None:
    assert set(manifest()["oauth_config"]["scopes"]["bot"]) == set(SCOPES)
    assert not set(SCOPES) & set(OPTIONAL_SCOPES)
    for sentence in (*SCOPES.values(), *OPTIONAL_SCOPES.values()):
        assert sentence.endswith(".")


def test_slacks_command_line_gets_the_manifest_from_what_make_run_installed(
    tmp_path: Path,
) -> None:
    (tmp_path / ".venv").symlink_to(sys.prefix)
    hooks = json.loads((ROOT / ".slack" / "hooks.json").read_text(encoding="utf-8"))["hooks"]
    done = subprocess.run(
        ["sh", "-c", hooks["get-manifest"]],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": os.defpath},
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert json.loads(done.stdout) == manifest()
    assert hooks["start"] == hooks["get-manifest"].replace(" manifest", " run")


def test_names_arrive_as_mentions_and_texts_fit_slacks_limits() -> None:
    # https://docs.slack.dev/reference/app-manifest
    said: dict[str, Any] = json.loads(MANIFEST.read_text())
    assert len(said["display_information"]["name"]) <= 35
    assert len(said["display_information"]["description"]) <= 140
    assert 174 <= len(said["display_information"]["long_description"]) <= 4000
    assert re.fullmatch(r"#[0-9a-f]{6}", said["display_information"]["background_color"])
    for command in said["features"]["slash_commands"]:
        assert command["should_escape"] is True
        assert len(command["description"]) <= 2000
        assert len(command["usage_hint"]) <= 1000
    for shortcut in said["features"]["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150


def test_with_these_scopes_alone_laurel_does_its_work(world: World) -> None:
    world.engine.scopes = set(SCOPES)
    world.engine.subscriptions.clear()
    world.engine.add_user("nina", "Nina Nova")
    world.engine.add_group("platform", members=["tom", "yuki"])
    for text in ("@nina team-player", "@platform customer-hero Well done"):
        world.command("maria", "/award", text)
    world.deliver()
    assert len(world.feed()) == 2
    assert len(world.dms("nina")) == 1
    refused = [one for one in world.engine.traffic if one.error == "missing_scope"]
    assert refused == []
