"""Socket Mode: websockets that the app opens, envelopes to any one of them, acknowledgements."""

import asyncio
import concurrent.futures
import json
import secrets
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from bot.playground.shapes import Json
from bot.playground.transports import PATIENCE, Answer, Delivery, Signing

MOST_CONNECTIONS = 10
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
_CLOSE = object()
_ABORT = object()


@dataclass(eq=False, slots=True)
class Connection:
    """One open websocket."""

    loop: asyncio.AbstractEventLoop
    outgoing: "asyncio.Queue[Any]" = field(default_factory=asyncio.Queue)
    waiting: dict[str, "concurrent.futures.Future[Json]"] = field(default_factory=dict)

    def put(self, item: Any) -> None:
        """Send something from any thread."""
        self.loop.call_soon_threadsafe(self.outgoing.put_nowait, item)


class Sockets:
    """The app's Socket Mode connections.

    While `silent`, connections stay open but nothing comes out of them, not even a pong.
    """

    def __init__(self, app_id: str) -> None:
        self.silent = False
        self.patience = PATIENCE
        self.opened = 0
        self._app_id = app_id
        self._tickets: set[str] = set()
        self._open: list[Connection] = []
        self._turn = 0
        self._changed = threading.Condition()

    def new_ticket(self) -> str:
        """Return a ticket that opens one connection."""
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        return ticket

    def __len__(self) -> int:
        return len(self._open)

    def wait_for(self, count: int = 1, *, seconds: float = 5.0) -> bool:
        """Wait until so many connections are open and tell whether they are."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._open) >= count, seconds)

    def wait_opened(self, count: int, *, seconds: float = 5.0) -> bool:
        """Wait until so many connections were ever opened and tell whether they were."""
        with self._changed:
            return self._changed.wait_for(lambda: self.opened >= count, seconds)

    def warn(self) -> None:
        """Tell every connection that it will be replaced soon."""
        self._tell_all(self._goodbye("warning"))

    def refresh(self) -> None:
        """Replace every connection: `refresh_requested`, then close."""
        self._tell_all(self._goodbye("refresh_requested"), _CLOSE)

    def close(self) -> None:
        """End every connection with a close frame and nothing before it."""
        self._tell_all(_CLOSE)

    def drop(self) -> None:
        """Cut every connection without a word."""
        self._tell_all(_ABORT)

    def send_raw(self, text: str) -> None:
        """Send any text to every connection."""
        self._tell_all(text)

    def _tell_all(self, *items: Any) -> None:
        for connection in list(self._open):
            for item in items:
                connection.put(item)

    @staticmethod
    def _goodbye(reason: str) -> Json:
        return {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-1"}}

    def deliver(self, delivery: Delivery, signing: Signing) -> Answer:
        """Send an envelope to the next connection and wait for its acknowledgement."""
        del signing  # Socket Mode envelopes are not signed.
        begun = time.perf_counter()
        with self._changed:
            if not self._open:
                return Answer(None, "", 0.0, "dispatch_failed")
            self._turn += 1
            connection = self._open[self._turn % len(self._open)]
        if self.silent:
            return Answer(None, "", 0.0, "operation_timeout")
        envelope_id = secrets.token_hex(16)
        reply: concurrent.futures.Future[Json] = concurrent.futures.Future()
        connection.waiting[envelope_id] = reply
        connection.put(_envelope(envelope_id, delivery))
        try:
            payload = reply.result(self.patience)
        except concurrent.futures.TimeoutError:
            return Answer(None, "", time.perf_counter() - begun, "operation_timeout")
        except ConnectionError:
            return Answer(None, "", time.perf_counter() - begun, "dispatch_failed")
        finally:
            connection.waiting.pop(envelope_id, None)
        body = json.dumps(payload) if payload else ""
        if set(payload) == {"text"} and delivery.envelope == "slash_commands":
            body = str(payload["text"])
        return Answer(200, body, time.perf_counter() - begun)

    async def serve(self, ticket: str, receive: Receive, send: Send, abort: Any) -> None:
        """Run one connection until either side ends it."""
        await receive()
        if ticket not in self._tickets:
            await send({"type": "websocket.close", "code": 1008})
            return
        self._tickets.discard(ticket)
        await send({"type": "websocket.accept"})
        if len(self._open) >= MOST_CONNECTIONS:
            await _say(send, self._goodbye("too_many_websockets"))
            await send({"type": "websocket.close", "code": 1000})
            return
        connection = Connection(asyncio.get_running_loop())
        with self._changed:
            self._open.append(connection)
            self.opened += 1
            number = len(self._open)
            self._changed.notify_all()
        connection.outgoing.put_nowait(self._hello(number))
        writer = asyncio.create_task(self._write(connection, send, abort))
        try:
            await _read(connection, receive)
        finally:
            writer.cancel()
            with self._changed:
                self._open.remove(connection)
                self._changed.notify_all()
            for reply in list(connection.waiting.values()):
                if not reply.done():
                    reply.set_exception(ConnectionError("the app's connection closed"))

    def _hello(self, number: int) -> Json:
        return {
            "type": "hello",
            "num_connections": number,
            "connection_info": {"app_id": self._app_id},
            "debug_info": {
                "host": "applink-1",
                "build_number": 1,
                "approximate_connection_time": 18060,
            },
        }

    async def _write(self, connection: Connection, send: Send, abort: Any) -> None:
        while True:
            item = await connection.outgoing.get()
            if item is _CLOSE:
                await send({"type": "websocket.close", "code": 1000})
                return
            if item is _ABORT:
                abort()
                return
            if not self.silent:
                await _say(send, item)


async def _say(send: Send, item: Json | str) -> None:
    text = item if isinstance(item, str) else json.dumps(item)
    await send({"type": "websocket.send", "text": text})


async def _read(connection: Connection, receive: Receive) -> None:
    while True:
        event = await receive()
        if event["type"] == "websocket.disconnect":
            return
        try:
            said = json.loads(event.get("text") or "{}")
        except ValueError:
            continue
        reply = connection.waiting.get(said.get("envelope_id", ""))
        if reply is not None and not reply.done():
            payload = said.get("payload")
            if isinstance(payload, str):
                payload = {"text": payload}
            reply.set_result(payload or {})


def _envelope(envelope_id: str, delivery: Delivery) -> Json:
    envelope: Json = {
        "type": delivery.envelope,
        "envelope_id": envelope_id,
        "payload": delivery.payload,
        "accepts_response_payload": delivery.envelope != "events_api",
    }
    if delivery.envelope == "events_api":
        envelope |= {"retry_attempt": delivery.retry, "retry_reason": delivery.retry_reason}
    return envelope
