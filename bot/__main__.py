"""The command line: `laurel run`, `laurel doctor`, …"""

import sys
from collections.abc import Sequence

from bot.cli import arguments


def main(typed: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0, 1 (it failed) or 2 (used wrongly)."""
    chosen = arguments.parser().parse_args(sys.argv[1:] if typed is None else typed)
    status: int = chosen.run(chosen)
    return status


if __name__ == "__main__":
    sys.exit(main())
