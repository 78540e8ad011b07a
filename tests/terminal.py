"""A terminal for commands that ask."""

import io
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def on_a_terminal(*arguments: str, answer: str) -> tuple[int, str]:
    """Run a command of Laurel’s and answer what it asks; the exit status, and all that was shown."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    os.close(theirs)
    screen, asked, end = io.BytesIO(), False, time.monotonic() + 60
    try:
        while time.monotonic() < end:
            if not select.select([ours], [], [], 0.2)[0]:
                continue
            try:
                some = os.read(ours, 65_536)
            except OSError:  # it closed its side
                break
            if not some:
                break
            screen.write(some)
            if not asked and b"[y/N]" in screen.getvalue():
                asked = True
                os.write(ours, f"{answer}\n".encode())
        status = process.wait(timeout=10)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    return status, screen.getvalue().decode()
