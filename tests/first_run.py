"""What a new installation meets first: `laurel run` with nothing but what requirements.txt names.

Run by `.ci/run` before anything that developing needs is installed, so with the standard library alone.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from http.client import HTTPException
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

_WITHIN = 60.0  # seconds
_LAUREL = Path(sys.executable).with_name("laurel")


def main() -> None:
    """Start Laurel without any setting, read its page, and stop it. Ends with a sentence otherwise."""
    with tempfile.TemporaryDirectory() as folder:
        own = {name: value for name, value in os.environ.items() if not _is_ours(name)}
        port = _free_port()
        given = own | {"LAUREL_PORT": str(port)}
        began = time.monotonic()
        with subprocess.Popen([_LAUREL, "run"], cwd=folder, env=given) as laurel:
            try:
                _wait_for_the_page(laurel, port)
                print(f"A new installation shows its page after {time.monotonic() - began:.1f} s.")
            finally:
                laurel.terminate()


def _is_ours(name: str) -> bool:
    return name.startswith(("LAUREL_", "SLACK_")) or name == "DATABASE_URL"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def _wait_for_the_page(laurel: "subprocess.Popen[bytes]", port: int) -> None:
    ask = build_opener(ProxyHandler({})).open
    end = time.monotonic() + _WITHIN
    while time.monotonic() < end:
        if laurel.poll() is not None:
            sys.exit("Laurel did not start: something that it imports is not in requirements.txt?")
        try:
            with ask(f"http://127.0.0.1:{port}/", timeout=5) as page:
                if b"<title>Playground" in page.read():
                    return
        except (URLError, HTTPException, OSError):
            pass  # not yet
        time.sleep(0.1)
    sys.exit(f"Laurel shows no page within {_WITHIN:.0f} s.")


if __name__ == "__main__":
    main()
