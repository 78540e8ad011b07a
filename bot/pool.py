"""A fixed number of threads that never keeps the process from ending."""

import logging
import queue
import threading
import time
from collections.abc import Callable

from bot.admission import LOOK_EVERY, Admission

_log = logging.getLogger(__name__)

Work = Callable[[], object]


class Pool:
    """Runs work in `threads` threads, with at most `waiting` pieces in line; first come, first served.

    With `few`, so many of the threads work at once as long as nothing but Python keeps them (`Admission`).
    Unlike the standard library's executor it refuses what it cannot take, so that a flood is answered
    rather than hoarded, and its threads are daemons, so that a call that hangs cannot delay the end.
    """

    def __init__(self, name: str, *, threads: int, waiting: int, few: int | None = None) -> None:
        self.name = name
        self._admission = Admission(few or threads)
        self._crowded = threading.Event()
        self._waiting = waiting
        self._line: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._serve, name=f"{name}-{number}", daemon=True)
            for number in range(1, threads + 1)
        ]
        self._watch = (
            threading.Thread(target=self._look_around, name=f"{name}-watch", daemon=True)
            if few
            else None
        )
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
        self._look_whether_crowded()
        return True

    def stop(self, *, within: float) -> bool:
        """Take no more, finish what is in line, and tell whether that was done in so many seconds."""
        self._stopping = True
        if not self._started:
            return True
        for _ in self._threads:
            self._line.put(None)
        self._crowded.set()
        end = time.monotonic() + within
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _start(self) -> None:
        with self._starting:
            if not self._started:
                for thread in self._threads:
                    thread.start()
                if self._watch:
                    self._watch.start()
                self._started = True

    def _serve(self) -> None:
        while True:
            self._admission.enter()
            work = self._line.get()
            if work is None:
                self._admission.leave()
                return
            self._admission.begin()
            self._look_whether_crowded()
            try:
                work()
            except Exception:
                _log.exception("work failed", extra={"pool": self.name})
            finally:
                self._admission.end()
            del work

    def _look_whether_crowded(self) -> None:
        # After putting something in line, and after beginning to work: one of both sees the other.
        if self._watch and self._line.qsize() and self._admission.is_full:
            self._crowded.set()

    def _look_around(self) -> None:
        while not self._stopping:
            self._crowded.wait()
            self._crowded.clear()
            self._admission.begin_to_look()
            while self._line.qsize():
                time.sleep(LOOK_EVERY)
                self._admission.look()


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
