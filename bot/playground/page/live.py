"""Telling open pages what changed, as server-sent events; they ask for what they show."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator

from bot.playground.engine import Engine

TOGETHER = 0.02  # seconds in which changes become one event
ALIVE_EVERY = 15.0  # seconds

Change = tuple[str, str]  # a kind (message, view, user, traffic, clock, …) and its key


class Live:
    """Passes changes on from whatever thread makes them to all open pages."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._listeners: dict[asyncio.Queue[Change], asyncio.AbstractEventLoop] = {}
        engine.workspace.watchers.append(self.tell)
        engine.traffic.watchers.append(lambda _number, _exchange: self.tell("traffic", ""))

    def tell(self, kind: str, key: str = "") -> None:
        """Say that something changed."""
        with self._lock:
            listeners = list(self._listeners.items())
        for queue, loop in listeners:
            if not loop.is_closed():
                loop.call_soon_threadsafe(queue.put_nowait, (kind, key))

    async def stream(self) -> AsyncIterator[str]:
        """Yield events until the page is closed."""
        queue: asyncio.Queue[Change] = asyncio.Queue()
        with self._lock:
            self._listeners[queue] = asyncio.get_running_loop()
        try:
            yield _event([])
            while not self._engine.stopping.is_set():
                yield await self._next(queue)
        finally:
            with self._lock:
                self._listeners.pop(queue, None)

    async def _next(self, queue: "asyncio.Queue[Change]") -> str:
        try:
            async with asyncio.timeout(ALIVE_EVERY):
                changes = [await queue.get()]
        except TimeoutError:
            return ": alive\n\n"
        await asyncio.sleep(TOGETHER)
        while not queue.empty():
            changes.append(queue.get_nowait())
        return _event(list(dict.fromkeys(changes)))


def _event(changes: list[Change]) -> str:
    return f"data: {json.dumps(changes)}\n\n"
