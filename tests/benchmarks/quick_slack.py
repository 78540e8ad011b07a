"""A Slack that is never what one waits for: it takes every call, and notes posts and when they came.

The local Slack checks what it is sent as Slack does, for 2 ms of CPU a message; where thousands are to
be sent a second, that would be measured.
"""

import asyncio
import json
import socket
import sys
import time
from collections import Counter
from typing import Any, NamedTuple, cast

import uvloop

from tests.benchmarks.processes import end_with_parent

FEED = "C0KUDOS0001"
PICTURE = "F0PICTURE01"


class Came(NamedTuple):
    """A message that came, at a time of the machine's monotonic clock."""

    channel: str
    mark: str  # which delivery it is
    at: float


class Site:
    """What it answers, and what it noted."""

    def __init__(self, team: str, people: list[str]) -> None:
        self._who = {
            "ok": True,
            "url": "https://acme.slack.com/",
            "team": "Acme",
            "team_id": team,
            "user_id": "U0LAUREL01",
            "bot_id": "B0LAUREL01",
        }
        members = [{"id": one, "name": one.lower(), "profile": {}} for one in people]
        self._fixed = {
            "auth.test": json.dumps(self._who).encode(),
            "users.list": json.dumps({"ok": True, "members": members}).encode(),
            "conversations.history": b'{"ok": true, "messages": []}',
            "views.open": b'{"ok": true, "view": {"id": "V0VIEW0001", "hash": "1.a"}}',
        }
        self._number = 0
        self._came: list[Came] = []
        self._counts: Counter[str] = Counter()

    def answer(self, path: str, body: bytes) -> bytes:
        """Take a call, and say that all went well."""
        if path.startswith("/_control/"):
            return self._control(path)
        method = path.rpartition("/")[2]
        self._counts[method] += 1
        if method == "chat.postMessage":
            return self._post(json.loads(body))
        return self._fixed.get(method, b'{"ok": true}')

    def _post(self, message: dict[str, Any]) -> bytes:
        self._number += 1
        channel = str(message["channel"])
        mark = (message.get("metadata") or {}).get("event_payload", {}).get("delivery", "")
        self._came.append(Came(channel, mark, time.monotonic()))
        # A message to a person is in the conversation with them.
        where = f"D{channel[1:]}" if channel.startswith("U") else channel
        ts = f"1700000000.{self._number:06}"
        return b'{"ok": true, "channel": "%s", "ts": "%s"}' % (where.encode(), ts.encode())

    def _control(self, path: str) -> bytes:
        if path.endswith("/counts"):
            return json.dumps(self._counts).encode()
        came, self._came = self._came, []
        return json.dumps(came).encode()


class Connection(asyncio.Protocol):
    """One connection, kept alive unless the caller asks otherwise."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer each request that is complete."""
        assert self._transport is not None
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:end]
            length = int(_header(head, b"content-length") or 0)
            if len(self._received) < end + 4 + length:
                return
            body = self._received[end + 4 : end + 4 + length]
            self._received = self._received[end + 4 + length :]
            answer = self._site.answer(head.split(b" ", 2)[1].decode(), body)
            closes = _header(head, b"connection").lower() == b"close"
            self._transport.write(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\n"
                b"%scontent-length: %d\r\n\r\n%s"
                % (b"connection: close\r\n" if closes else b"", len(answer), answer)
            )
            if closes:
                self._transport.close()


def _header(head: bytes, name: bytes) -> bytes:
    """The value of a header, in whatever case its name is written."""
    start = head.lower().find(b"\r\n" + name + b":")
    if start < 0:
        return b""
    return head[start + len(name) + 3 :].partition(b"\r\n")[0].strip()


async def serve() -> None:
    """Print the port and serve until the process is ended."""
    job = json.loads(sys.stdin.readline())
    end_with_parent()
    site = Site(job["team"], job["people"])
    # With its protocol named, asyncio sets TCP_NODELAY.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(site), sock=listener, backlog=1024
    )
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve())
