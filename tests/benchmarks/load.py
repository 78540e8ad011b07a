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

# What people do besides awarding, by the turn of twenty: what is typed, `{recipient}` filled in.
MIXED = {
    8: ("/badges", ""),
    9: ("/badges", "{recipient}"),
    10: ("/badges", "{recipient}"),
    11: ("/badges", "catalog"),
    12: ("/badges", "history"),
    13: ("/award", ""),  # a form opens
    14: ("/award", "{recipient}"),  # and again, filled in
    15: ("/award", "{recipient} no-such-badge Because"),
    16: ("/award", "@nobody-at-all team-player"),
    17: ("/award", "revoke A-0000000 A mistake"),
    18: ("/award", "help"),
}
UNSIGNED = 19


def command(number: int, job: dict[str, Any]) -> dict[str, str]:
    """What Slack sends for one command.

    `/award` with one recipient and one badge, `/badges @person`, or of everything something (`mixed`).
    """
    people, badges = job["people"], job["badges"]
    recipient = f"<@{people[1 + number % (len(people) - 1)]}|somebody>"
    badge = badges[number % len(badges)]
    name = job.get("command", "/award")
    text = recipient
    if name == "/award" or name == "mixed":
        text += f" {badge} Great work on number {job['mark']}-{number}!"
    if name == "mixed":
        name, other = MIXED.get(number % 20, ("/award", text))
        text = other.replace("{recipient}", recipient)
    return {
        "token": "unused",
        "team_id": job["team"],
        "team_domain": "acme",
        "channel_id": "C0GENERAL",
        "channel_name": "general",
        "user_id": people[number % job.get("givers", 1)],
        "user_name": "somebody",
        "command": name,
        "text": text,
        "api_app_id": "A0LAUREL",
        "is_enterprise_install": "false",
        "response_url": "http://127.0.0.1:9/actions/unused",
        "trigger_id": f"{job['mark']}.{number}",
    }


def request(number: int, job: dict[str, Any], now: int) -> bytes:
    """One whole HTTP request; of a mixture one in twenty has a signature by somebody else."""
    foreign = job.get("command") == "mixed" and number % 20 == UNSIGNED
    secret = "somebody else's" if foreign else job["secret"]
    return signed(urlencode(command(number, job)), secret, now)


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
        if head[9:12] not in self._run.statuses or self._run.expected not in body:
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

    def __init__(
        self,
        requests: list[bytes],
        connections: int,
        expected: bytes,
        statuses: frozenset[bytes] = frozenset({b"200"}),
    ) -> None:
        self._requests = iter(requests)
        self._open = connections
        self._ended = asyncio.get_running_loop().create_future()
        self.expected = expected
        self.statuses = statuses
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
    """Do a job and say how it went, in seconds and requests a second.

    The connections are dealt out to the ports in turn.
    """
    now = int(time.time())
    first = job.get("first", 0)
    requests = [request(number, job, now) for number in range(first, first + job["count"])]
    ports = job.get("ports") or [job["port"]]
    loop = asyncio.get_running_loop()
    statuses = frozenset(status.encode() for status in job.get("statuses", ["200"]))
    going = Run(requests, job["connections"], job["expected"].encode(), statuses)
    callers = [
        (
            await loop.create_connection(
                lambda: Caller(going), "127.0.0.1", ports[number % len(ports)]
            )
        )[1]
        for number in range(job["connections"])
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
