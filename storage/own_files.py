"""Files that only Laurel's user can read: they hold what is not for everybody on the machine.

One that is there already keeps the mode that somebody gave it.
"""

import os
from contextlib import suppress
from pathlib import Path

_MODE = 0o600


def opener(path: str, flags: int) -> int:
    """For `open(…, opener=opener)`: a file that this makes is for its owner alone."""
    return os.open(path, flags, _MODE)


def make(path: str | Path) -> None:
    """Make an empty file for its owner alone, unless there is one. Raises OSError."""
    # One that is there is not even opened: closing it would let go of what SQLite locks in this
    # process (sqlite.org/howtocorrupt.html, 2.2).
    with suppress(FileExistsError):
        # A symbolic link is followed first: O_EXCL finds it there, whatever it leads to.
        os.close(os.open(os.path.realpath(path), os.O_CREAT | os.O_EXCL | os.O_WRONLY, _MODE))
