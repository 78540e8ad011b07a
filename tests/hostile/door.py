"""Laurel's web side called in this process, by anybody who has its address, and what came of it."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from starlette.types import ASGIApp

from bot.playground.transports import Delivery, Signing
from tests.world import World

Rows = Mapping[str, Sequence[tuple[Any, ...]]]

# What reading may leave behind: pictures that Slack has by now.
_PICTURES = frozenset({"slack_file", "lane"})


@dataclass(frozen=True)
class Reply:
    """What the web side answered."""

    status: int
    headers: dict[str, str]
    body: bytes


class Door:
    """A world's web application or another one, and the world's database beside it."""

    def __init__(self, world: World, web: ASGIApp | None = None) -> None:
        self.world = world
        self._web = web or world.laurel.web
        self._loop = asyncio.new_event_loop()
        path = str(world.database.url.database)
        self._database = sqlite3.connect(path, isolation_level=None)
        self.tables = [
            name
            for (name,) in self._database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            )
        ]

    def close(self) -> None:
        """Let go of the database and the loop."""
        self._database.close()
        self._loop.close()

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        chunks: Sequence[bytes] | None = None,
    ) -> Reply:
        """Send any request."""
        return self._loop.run_until_complete(
            self._ask(method, path, chunks or [body], headers or {})
        )

    def deliver(
        self, delivery: Delivery, *, secret: str = "", age: timedelta = timedelta(0)
    ) -> Reply:
        """Send something as Slack would, signed with its secret or another."""
        body, kind = delivery.body()
        return self.post(body, kind, secret=secret, age=age)

    def post(
        self, body: str, kind: str, *, secret: str = "", age: timedelta = timedelta(0)
    ) -> Reply:
        """Send a body, signed."""
        signing = Signing(secret or self.world.settings.signing_secret, age)
        headers = signing.headers(body, kind, Delivery("events_api", "", {}))
        return self.ask("POST", "/slack/events", body.encode("utf-8", "surrogatepass"), headers)

    async def _ask(
        self, method: str, path: str, chunks: Sequence[bytes], headers: Mapping[str, str]
    ) -> Reply:
        where, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": where,
            "raw_path": where.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [
                (name.lower().encode("latin-1"), value.encode("latin-1"))
                for name, value in headers.items()
            ],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        left = list(chunks)
        said: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            if not left:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

        async def send(message: Any) -> None:
            said.append(dict(message))

        await self._web(scope, receive, send)
        return Reply(
            said[0]["status"],
            {name.decode(): value.decode("latin-1") for name, value in said[0]["headers"]},
            b"".join(message.get("body", b"") for message in said[1:]),
        )

    # -- the database ----------------------------------------------------------------------------

    def rows(self, *, but: Sequence[str] = ()) -> Rows:
        """All that is stored, but for these tables and the pictures that Slack has by now.

        Not how often it has changed, either: that follows from the rest.
        """
        return {
            table: sorted(self._database.execute(_SELECT.get(table, f"SELECT * FROM {table}")))
            for table in self.tables
            if table not in (*_PICTURES, "generation", *but)
        }

    def version(self) -> int:
        """A number that changes when somebody else changes anything."""
        [number] = self._database.execute("PRAGMA data_version").fetchone()
        return int(number)

    def keep(self) -> Callable[[], None]:
        """Keep all that is stored; what is returned brings it back."""
        kept = sqlite3.connect(":memory:", check_same_thread=False)
        self._database.backup(kept)

        def restore() -> None:
            kept.backup(self._database)
            # What Laurel remembers of it is of other times, at which as much may have changed.
            self._database.execute("UPDATE generation SET number = abs(random() % 1000000000)")
            self._database.commit()

        return restore


_SELECT = {
    "delivery": "SELECT * FROM delivery WHERE kind <> 'upload'",
    # What was just shared, which anybody may, is noted for a minute.
    "setting": "SELECT * FROM setting WHERE key <> 'people_import.seen' AND key NOT LIKE 'shared:%'",
}


@contextmanager
def mistakes() -> Iterator[list[str]]:
    """Everything that is logged as an error meanwhile: nobody foresaw it."""
    found: list[str] = []

    class Note(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raised = record.exc_info[1] if record.exc_info else ""
            found.append(f"{record.name}: {record.getMessage()} {raised!r}")

    handler = Note(logging.ERROR)
    logging.getLogger().addHandler(handler)
    try:
        yield found
    finally:
        logging.getLogger().removeHandler(handler)
