"""What the groups of commands share: how one is run, and the options that many have."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli import USED_WRONGLY, read_settings
from bot.settings import Settings

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
else:
    Commands = argparse._SubParsersAction

ENVIRONMENT_FILE = Path(".env")

Chosen = argparse.Namespace
Run = Callable[[Chosen], int]  # returns the exit status


def with_settings(run: Callable[[Settings, Chosen], int]) -> Run:
    """What needs settings that can be used."""

    def started(chosen: Chosen) -> int:
        settings = read_settings(os.environ, ENVIRONMENT_FILE)
        return USED_WRONGLY if settings is None else run(settings, chosen)

    return started


def add_output(command: argparse.ArgumentParser) -> None:
    """Let a command write to a file, whose path is empty where standard output is meant."""
    command.add_argument(
        "file",
        nargs="?",
        default="",
        type=lambda path: "" if path == "-" else path,
        metavar="FILE",
        help="else, or with -, standard output",
    )


def add_workspace(command: argparse.ArgumentParser) -> None:
    """Let a command be about one of several workspaces."""
    command.add_argument(
        "--workspace", default="", metavar="ID", help="Slack's id, where there are several"
    )


def add_one_of_all(command: argparse.ArgumentParser) -> None:
    """Let a command that is about all workspaces be about one of them."""
    command.add_argument(
        "--workspace", default="", metavar="ID", help="this one only, by Slack's id; else all"
    )


def add_json(command: argparse.ArgumentParser) -> None:
    """Let a command print JSON."""
    command.add_argument("--json", action="store_true", help="for scripts")


def add_yes(command: argparse.ArgumentParser) -> None:
    """Let a command go ahead without asking."""
    command.add_argument("--yes", action="store_true", help="do not ask")
