"""How long an answer may take, and the one moment at which it is decided whether it was in time."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class TooLateError(Exception):
    """The time for an answer was over before the commit began: nothing was changed."""

    def __init__(self) -> None:
        super().__init__("the time for an answer was over before it could be saved")


class Deadline:
    """Decides, once and for both sides, whether a transaction's commit began before its time was over.

    The side that answers Slack calls `expire()`; the side that works calls `begin_commit()`. Whichever
    is first wins, so what a person is told is true: after `expire()` returned True nothing can be
    committed any more.
    """

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._expired = False
        self._committing = False
        self._committed = False

    @property
    def left(self) -> float:
        """Seconds left; never negative."""
        return max(0.0, self._ends - time.monotonic())

    @property
    def may_have_changed(self) -> bool:
        """Whether a commit was begun, well ended or not."""
        with self._lock:
            return self._committing or self._committed

    def begin_commit(self) -> None:
        """Raise TooLateError when the time is over; from here on `expire()` says False."""
        with self._lock:
            if self._expired:
                raise TooLateError
            self._committing = True

    def end_commit(self) -> None:
        """The commit has ended, well or not: the next transaction of the same answer asks anew."""
        with self._lock:
            self._committing = False
            self._committed = True

    def take_back_commit(self) -> None:
        """The commit was refused, and all of it rolled back, so that it is as if it had not begun."""
        with self._lock:
            self._committing = False

    def expire(self) -> bool:
        """End the time. True: nothing was or will be committed. False: a commit was begun."""
        with self._lock:
            self._expired = True
            return not (self._committing or self._committed)


_current: ContextVar[Deadline | None] = ContextVar("laurel_deadline", default=None)


def current_deadline() -> Deadline | None:
    """The deadline under which this thread answers, if it answers somebody."""
    return _current.get()


@contextmanager
def answering_within(deadline: Deadline) -> Iterator[None]:
    """Hold every transaction of this thread to the deadline."""
    token = _current.set(deadline)
    try:
        yield
    finally:
        _current.reset(token)
