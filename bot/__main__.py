"""The command line: `laurel run`, `laurel doctor`, …"""

import errno
import io
import os
import sys
from collections.abc import Sequence

from bot.cli import FAILED, arguments, complain


def main(typed: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0, 1 (it failed) or 2 (used wrongly)."""
    _see_to_streams()
    try:
        try:
            chosen = arguments.parser().parse_args(sys.argv[1:] if typed is None else typed)
            status: int = chosen.run(chosen)
            return status
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        complain("Broken off.")
    except BrokenPipeError:  # whoever reads what is printed has seen enough
        _let_go_of_output()
    except OSError as problem:
        if problem.errno != errno.ENOSPC or problem.filename is not None:
            raise
        _let_go_of_output()
        complain(f"What is printed cannot be written: {problem.strerror}.")
    return FAILED


def _see_to_streams() -> None:
    """Have all three, open, and none that fails at a letter which it does not know."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by whoever started this
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - to stay
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _let_go_of_output() -> None:
    """Have what is still to be printed go nowhere: Python would fail at it once more as it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main())
