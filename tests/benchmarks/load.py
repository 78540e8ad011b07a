"""The load: signed slash commands over kept-alive connections, from a process of its own.

Everything is built and signed beforehand, so that what is measured is the server.
"""

import asyncio
import hashlib
import hmac
import json
import statistics
import sys
import time
from typing import Any, cast
from urllib.parse import urlencode

import uvloop


def command(number: int, job: dict[str, Any]) -> dict[str, str]:
    """What Slack sends for one `/award` with one recipient and one badge, or for `/badges @person`."""
    people, badges = job["people"], job["badges"]
    recipient = people[1 + number % (len(people) - 1)]
    badge = badges[number % len(badges)]
    name = job.get("command", "/award")
    text = f"<@{recipient}|somebody>"
    if name == "/award":
        text += f" {badge} Great work on number {job['mark']}-{number}!"
    return {
        "token": "unused",
        "team_id": job["team"],
        "team_domain": "acme",
        "channel_id": "C0GENERAL",
        "channel_name": "general",
        "user_id": people[0],
        "user_name": "somebody",
        "command": name,
        "text": text,
        "api_app_id": "A0LAUREL",
        "is_enterprise_install": "false",
        "response_url": "http://127.0.0.1:9/actions/unused",
        "trigger_id": f"{job['mark']}.{number}",
    }


def signed(body: str, secret: str, now: int) -> bytes:
    """A whole HTTP request with Slack's signature.

    https://docs.slack.dev/authentication/verifying-requests-from-slack
    """
    digest = hmac.new(secret.encode(), f"v0:{now}:{body}".encode(), hashlib.sha256).hexdigest()
    return (
        "POST /slack/events HTTP/1.1\r\nhost: 127.0.0.1\r\n"
        "user-agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\naccept: */*\r\n"
        "content-type: application/x-www-form-urlencoded\r\n"
        f"content-length: {len(body.encode())}\r\n"
        f"x-slack-request-timestamp: {now}\r\nx-slack-signature: v0={digest}\r\n\r\n{body}"
    ).encode()


class Caller(asyncio.Protocol):
    """One connection: sends the next request as soon as the last one is answered."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._received = b""
        self._began = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection; `next` begins."""
        self._transport = cast("asyncio.Transport", transport)

    def next(self) -> None:
        """Send the next request, if there is one left."""
        assert self._transport is not None
        request = self._run.next()
        if request is None:
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Note the answer once it is complete."""
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator or len(body) < _length(head):
            return
        self._run.seconds.append(time.perf_counter() - self._began)
        if head[9:12] != b"200" or self._run.expected not in body:
            self._run.note_failure(self._received)
        self._received = b""
        self.next()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the run, which ends with its last connection."""
        self._run.left()


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)


class Run:
    """So many requests over so many connections."""

    def __init__(self, requests: list[bytes], connections: int, expected: bytes) -> None:
        self._requests = iter(requests)
        self._open = connections
        self._ended = asyncio.get_running_loop().create_future()
        self.expected = expected
        self.seconds: list[float] = []
        self.failed = 0
        self.example = ""

    def next(self) -> bytes | None:
        """The next request."""
        return next(self._requests, None)

    def note_failure(self, answer: bytes) -> None:
        """Count an answer that is not what it should be, and keep one to look at."""
        self.failed += 1
        self.example = answer.decode("utf-8", "replace")[:500]

    def left(self) -> None:
        """A connection has ended."""
        self._open -= 1
        if self._open == 0:
            self._ended.set_result(None)

    async def done(self) -> None:
        """Wait for the last connection's end."""
        await self._ended


async def run(job: dict[str, Any]) -> dict[str, Any]:
    """Do a job and say how it went, in seconds and requests a second."""
    now = int(time.time())
    requests = [
        signed(urlencode(command(number, job)), job["secret"], now)
        for number in range(job["count"])
    ]
    loop = asyncio.get_running_loop()
    going = Run(requests, job["connections"], job["expected"].encode())
    callers = [
        (await loop.create_connection(lambda: Caller(going), "127.0.0.1", job["port"]))[1]
        for _ in range(job["connections"])
    ]
    began = time.perf_counter()
    for caller in callers:
        caller.next()
    await going.done()
    took = time.perf_counter() - began
    order = sorted(going.seconds)
    return {
        "answered": len(order),
        "failed": going.failed,
        "example": going.example,
        "rate": len(order) / took,
        "p50": statistics.median(order),
        "p99": order[min(len(order) - 1, int(len(order) * 0.99))],
    }


def main() -> None:
    """Do the jobs that come in on standard input, one a line."""
    for line in sys.stdin:
        print(json.dumps(uvloop.run(run(json.loads(line)))), flush=True)


if __name__ == "__main__":
    main()
