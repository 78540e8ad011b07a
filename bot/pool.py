"""A fixed number of threads that never keeps the process from ending."""

import logging
import queue
import threading
import time
from collections.abc import Callable

_log = logging.getLogger(__name__)

Work = Callable[[], object]


class Pool:
    """Runs work in `threads` threads, with at most `waiting` pieces in line.

    Unlike the standard library's executor it refuses what it cannot take, so that a flood is answered
    rather than hoarded, and its threads are daemons, so that a call that hangs cannot delay the end.
    """

    def __init__(self, name: str, *, threads: int, waiting: int) -> None:
        self.name = name
        self._waiting = waiting
        self._line: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._serve, name=f"{name}-{number}", daemon=True)
            for number in range(1, threads + 1)
        ]
        self._started = False
        self._stopping = False
        self._starting = threading.Lock()

    @property
    def in_line(self) -> int:
        """How many pieces of work no thread has taken yet."""
        return self._line.qsize()

    def submit(self, work: Work) -> bool:
        """Take a piece of work; False when the line is full or the pool stops."""
        if self._stopping or self._line.qsize() >= self._waiting:
            return False
        if not self._started:
            self._start()
        self._line.put(work)
        return True

    def stop(self, *, within: float) -> bool:
        """Take no more, finish what is in line, and tell whether that was done in so many seconds."""
        self._stopping = True
        if not self._started:
            return True
        for _ in self._threads:
            self._line.put(None)
        end = time.monotonic() + within
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _start(self) -> None:
        with self._starting:
            if not self._started:
                for thread in self._threads:
                    thread.start()
                self._started = True

    def _serve(self) -> None:
        while (work := self._line.get()) is not None:
            try:
                work()
            except Exception:
                _log.exception("work failed", extra={"pool": self.name})
            del work


class Inline:
    """The same without threads: work is done at once, by whoever submits it."""

    in_line = 0

    def submit(self, work: Work) -> bool:
        """Do a piece of work."""
        work()
        return True

    def stop(self, *, within: float) -> bool:
        """There is nothing to wait for."""
        del within
        return True
