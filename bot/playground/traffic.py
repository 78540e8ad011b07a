"""What went between Slack and the app: each request with its answer, both ways."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Direction = Literal["to_slack", "to_app"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came back; `status` is None where nothing did."""

    at: datetime
    direction: Direction
    name: str
    request: dict[str, Any]
    status: int | None
    answer: Any
    seconds: float
    note: str = ""

    @property
    def error(self) -> str | None:
        """Slack's error code in the answer, if it refused."""
        if isinstance(self.answer, dict) and self.answer.get("ok") is False:
            return str(self.answer.get("error"))
        return None


class Traffic:
    """The latest exchanges, oldest first; `counts` goes on counting those let go."""

    def __init__(self, keep: int = 20_000) -> None:
        self._kept: deque[Exchange] = deque(maxlen=keep)
        self._lock = threading.Lock()
        self._noted = 0
        self.counts: Counter[str] = Counter()
        self.watchers: list[Callable[[int, Exchange], None]] = []

    def note(self, exchange: Exchange) -> None:
        """Keep an exchange, and tell those who watch."""
        with self._lock:
            self._kept.append(exchange)
            self._noted += 1
            self.counts[exchange.name] += 1
            number = self._noted
        for watcher in list(self.watchers):
            watcher(number, exchange)

    def numbered(self, after: int = 0) -> list[tuple[int, Exchange]]:
        """Return the exchanges noted after the one of that number, each with its own."""
        with self._lock:
            first = self._noted - len(self._kept) + 1
            return [pair for pair in enumerate(self._kept, first) if pair[0] > after]

    def __iter__(self) -> Iterator[Exchange]:
        with self._lock:
            return iter(list(self._kept))

    def __len__(self) -> int:
        return len(self._kept)

    def calls(self, name: str | None = None) -> list[Exchange]:
        """Return the app's requests to Slack: Web API methods, `response_url`, `upload`."""
        return [e for e in self if e.direction == "to_slack" and name in (None, e.name)]

    def deliveries(self, name: str | None = None) -> list[Exchange]:
        """Return Slack's requests to the app: `/command`, event and interaction types."""
        return [e for e in self if e.direction == "to_app" and name in (None, e.name)]

    def clear(self) -> None:
        """Forget all exchanges and counts."""
        with self._lock:
            self._kept.clear()
            self.counts.clear()
