"""Processes that a benchmark starts, and ends again whatever happens."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 120.0  # seconds until something that starts must answer, however busy the machine is


class Child:
    """A Python module in a process of its own, spoken to in lines of JSON.

    Modules of ours end when their standard input closes, so that nothing stays behind even if this
    process is killed.
    """

    def __init__(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        log: IO[str] | None = None,
    ) -> None:
        self._process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=folder or ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if log is None else log,
            stderr=log,
            text=True,
        )

    @property
    def resident(self) -> float:
        """Its resident memory, in MB."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1000

    @property
    def cpu_seconds(self) -> float:
        """Processor time that all its threads took so far."""
        fields = (
            Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        )
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def line(self) -> str:
        """The next line that it says. Raises EOFError when it ended instead."""
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        if not said:
            raise EOFError(f"{self._process.args} ended with {self._process.wait()}")
        return said.strip()

    def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Say something and wait for the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.line())
        return answer

    def end(self) -> None:
        """Have it end, gently if it can."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


@contextmanager
def child(
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    log: IO[str] | None = None,
) -> Iterator[Child]:
    """A process for as long as the block lasts; what it says goes to `log`, if there is one."""
    running = Child(*arguments, environment=environment, folder=folder, log=log)
    try:
        yield running
    finally:
        running.end()


def end_with_parent() -> None:
    """End this process when its standard input closes."""

    def watch() -> None:
        while sys.stdin.readline():
            pass
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def free_port() -> int:
    """A port of this machine that nothing listens at just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def post(url: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """POST JSON and read JSON."""
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        read: dict[str, Any] = json.load(answer)
        return read


def wait_until_ready(
    url: str, *, every: float = 0.05, status: int = 200, within: float = PATIENCE
) -> float:
    """Ask until the answer has this status; how many seconds that took. Raises TimeoutError."""
    began = time.perf_counter()
    while time.perf_counter() - began < within:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                came = answer.status
        except urllib.error.HTTPError as refused:
            came = refused.code
        except OSError:
            came = 0
        if came == status:
            return time.perf_counter() - began
        time.sleep(every)
    raise TimeoutError(f"{url} does not answer")
