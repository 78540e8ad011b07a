"""A terminal for commands that ask."""

import io
import os
import pty
import select
import sys
import threading
import time
from unittest.mock import patch

from bot.__main__ import main


def on_a_terminal(*arguments: str, answer: str) -> tuple[int, str]:
    """Run a command of Laurel’s and answer what it asks; the exit status, and all that was shown."""
    ours, theirs = pty.openpty()
    screen, ended = io.BytesIO(), threading.Event()
    sitting = threading.Thread(target=_sit_before, args=(ours, screen, answer, ended))
    sitting.start()
    try:
        with (
            open(theirs, closefd=False) as stdin,
            open(theirs, "w", buffering=1, closefd=False) as stdout,
            open(theirs, "w", buffering=1, closefd=False) as stderr,
            patch.multiple(sys, stdin=stdin, stdout=stdout, stderr=stderr),
        ):
            status = main(arguments)
    finally:
        ended.set()
        sitting.join(60)
        os.close(theirs)
        os.close(ours)
    return status, screen.getvalue().decode()


def _sit_before(terminal: int, screen: io.BytesIO, answer: str, ended: threading.Event) -> None:
    """Read what it shows, and answer once, or hang up where nothing is asked for a minute."""
    asked, end = False, time.monotonic() + 60
    while time.monotonic() < end:
        shows = select.select([terminal], [], [], 0.01)[0]
        if shows:
            screen.write(os.read(terminal, 65_536))
        elif ended.is_set():
            return
        if not asked and b"[y/N]" in screen.getvalue():
            asked = True
            os.write(terminal, f"{answer}\n".encode())
    os.write(terminal, b"\x04")  # the end of what is typed
