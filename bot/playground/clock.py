"""The workspace's time: the machine's or a caller's clock, and how far it was moved."""

import heapq
import itertools
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """Aware UTC time that can be moved forward, with work due at later times."""

    def __init__(self, source: Callable[[], datetime] | None = None) -> None:
        self._source = source or (lambda: datetime.now(UTC))
        self._moved = timedelta(0)
        self._timers: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the workspace's time."""
        return self._source() + self._moved

    def move(self, by: timedelta) -> datetime:
        """Move time forward for the workspace and return the new time."""
        self._moved += by
        return self.now()

    def call_at(self, due: datetime, work: Callable[[], None]) -> None:
        """Keep `work` until `due`; `run_due` does it."""
        with self._lock:
            heapq.heappush(self._timers, (due, next(self._order), work))

    def run_due(self) -> int:
        """Do all work that is due, in order of time, and return how much that was."""
        done = 0
        while True:
            with self._lock:
                if not self._timers or self._timers[0][0] > self.now():
                    return done
                _, _, work = heapq.heappop(self._timers)
            work()
            done += 1

    @property
    def waiting(self) -> int:
        """How many pieces of work wait for their time."""
        return len(self._timers)
