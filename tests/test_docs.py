"""What the documentation says exists, and what exists is documented."""

import argparse
import json
import re
from pathlib import Path
from typing import get_args

from bot import permissions
from bot.cli import arguments
from bot.manifest import OPTIONAL_SCOPES, SCOPES, manifest
from bot.settings import NAMES
from commands.award import AWARD_HELP
from commands.badges import BADGES_HELP

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def table(header: str) -> list[tuple[str, ...]]:
    """The rows of the README's table with this header row."""
    lines = README.split(header)[1].splitlines()[2:]
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append(tuple(cell.strip() for cell in line.strip().strip("|").split("|")))
    return rows


def test_the_commands_table_is_what_help_says() -> None:
    said = [(usage.strip("`"), meaning) for usage, meaning in table("| command | what it does |")]

    assert said == [*AWARD_HELP, *BADGES_HELP]


def test_every_setting_is_documented_and_exists() -> None:
    said = [row[0].strip("`") for row in table("| setting | what it says | default |")]

    assert said == list(dict.fromkeys(said))
    assert set(said) == set(NAMES)
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^#? ?([A-Z_]+)=", example, re.MULTILINE)) >= set(NAMES)


def test_compose_hands_every_setting_over_or_says_that_it_does_not() -> None:
    compose = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    handed = set(re.findall(r"^ {4}(?:# )?([A-Z_]+?)(?:_FILE)?:", compose, re.MULTILINE))
    head = compose.split("x-laurel:")[0]

    assert {name for name in NAMES if name not in handed and name not in head} == set()


def test_every_scope_is_explained_in_its_own_words() -> None:
    said = {row[0]: row[1] for row in table("| scope | why |")}

    assert said == {f"`{scope}`": why for scope, why in SCOPES.items()} | {
        f"`{scope}` (optional)": why for scope, why in OPTIONAL_SCOPES.items()
    }
    asked = manifest()["oauth_config"]["scopes"]["bot"]
    assert sorted(asked) == sorted(SCOPES)


def test_every_command_of_the_command_line_is_documented() -> None:
    parser = arguments.parser()
    said = {row[0].strip("`") for row in table("## Look after it\n\n| command | what it does |")}

    assert said == {f"laurel {path}" for path in _paths(parser)}


def test_the_make_targets_that_the_readme_names_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    written = README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

    for target in set(re.findall(r"`make ([a-z]+)", written)) | {"run", "test"}:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_table_of_roles_is_what_the_code_decides() -> None:
    assert table("| | awarder | badge admin | owner |") == permissions.table()
    assert set(permissions.RULES) == set(get_args(permissions.Action))
    assert [row[0] for row in table("| role | who has it |")] == list(permissions.ROLES[:0:-1])


def test_every_command_in_the_manifest_is_one_that_the_help_explains() -> None:
    commands = {one["command"] for one in manifest()["features"]["slash_commands"]}

    assert commands == {usage.split()[0] for usage, _ in (*AWARD_HELP, *BADGES_HELP)}


def test_the_dependencies_are_pinned_with_hashes_and_name_no_registry() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        pinned = re.findall(r"^[a-z0-9._-]+(?:\[[a-z,]+\])?==", text, re.MULTILINE)
        assert len(pinned) > 20
        assert text.count("--hash=sha256:") >= len(pinned)
        assert "://" not in text


def test_the_manifest_is_what_the_repository_holds() -> None:
    assert manifest() == json.loads((ROOT / "assets" / "manifest.json").read_text(encoding="utf-8"))


def _paths(parser: argparse.ArgumentParser, before: str = "") -> list[str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return [
                path
                for name, child in action.choices.items()
                for path in _paths(child, f"{before} {name}".strip())
            ]
    return [before]
