"""The commands of the command line, one module each."""

import sys
from collections.abc import Mapping
from pathlib import Path

from bot.settings import Settings, SettingsProblem, load

DONE, FAILED, USED_WRONGLY = 0, 1, 2


def read_settings(environ: Mapping[str, str], env_file: Path) -> Settings | None:
    """The settings; None, having said on standard error what is wrong with them."""
    try:
        return load(environ, env_file=env_file)
    except SettingsProblem as problem:
        complain(*problem.problems)
        return None


def complain(*sentences: str) -> None:
    """Say what is wrong, one sentence a line."""
    for sentence in sentences:
        print(sentence, file=sys.stderr)


def agreed(question: str) -> bool:
    """Whether somebody at the terminal agrees; asked on standard error."""
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() in ("y", "yes")


def is_meant(question: str, *, sure: bool, otherwise: str) -> bool:
    """Whether to do what nothing takes back: with --yes (`sure`), or where a terminal answers yes.

    If not, `otherwise` is said on standard error, and how to say yes.
    """
    if sure or (sys.stdin.isatty() and agreed(question)):
        return True
    complain(f"{otherwise}: --yes says that you are sure.")
    return False
