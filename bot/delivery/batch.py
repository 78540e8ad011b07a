"""Deliveries that a worker took together, and what came of those it has sent."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from bot.delivery.lookout import Taken
from bot.delivery.parts import Outcome
from bot.delivery.trouble import SlackTroubleError


class Done(NamedTuple):
    """What came of a delivery, when, and after how many seconds."""

    taken: Taken
    outcome: Outcome | SlackTroubleError
    at: datetime
    seconds: float


class Batch:
    """One worker sends what is in it; anybody may relieve it of what does not have to wait for that.

    So a delivery that takes long holds up none of those that were taken with it.
    """

    def __init__(
        self, taken: Iterable[Taken], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._left = deque(taken)
        self._done: list[Done] = []
        self._monotonic = monotonic
        self._began = self._went_on = monotonic()
        self._lock = threading.Lock()

    @property
    def age(self) -> float:
        """Seconds since it was taken."""
        return self._monotonic() - self._began

    @property
    def idle(self) -> float:
        """Seconds since its worker last went on to something."""
        return self._monotonic() - self._went_on

    @property
    def left(self) -> list[Taken]:
        """What nobody has begun."""
        with self._lock:
            return list(self._left)

    def next(self) -> Taken | None:
        """The caller's to send now; None: there is nothing left."""
        self._went_on = self._monotonic()
        with self._lock:
            return self._left.popleft() if self._left else None

    def add(self, done: Done) -> None:
        """Keep what came of one until it is noted."""
        with self._lock:
            self._done.append(done)

    def relieve(self) -> tuple[list[Done], list[Taken]]:
        """What the caller is to note, and what nobody began and the caller is to leave to others."""
        with self._lock:
            done, left = self._done, list(self._left)
            self._done = []
            self._left.clear()
        return done, left
