"""How many threads of a pool work at once: few, and more while those wait for something else than Python.

Threads that all have Python to run take the interpreter from each other, in no order: sixteen of them answer
no more requests than a few do, and the unlucky wait several times as long. What waits for a database that
is slow, or gone, needs no interpreter, and must keep nobody else from it.
"""

import threading
import time
from collections.abc import Callable

LOOK_EVERY = 0.01  # seconds
# Of this share of a processor or more, whoever waits would only wait for it with one more thread.
_BUSY = 0.8
_PATIENCE = (
    0.25  # seconds after which work that has not ended is taken to wait, whatever else is busy
)


class Admission:
    """Lets `few` threads work at once, and another one for each that is taken to wait.

    `monotonic` tells the time and `used` how much of processors this process had, both in seconds.
    """

    def __init__(
        self,
        few: int,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        used: Callable[[], float] = time.process_time,
    ) -> None:
        self._few = few
        self._monotonic = monotonic
        self._used = used
        self._places = threading.Semaphore(few)
        self._lock = threading.Lock()
        self._began: dict[int, float] = {}  # by thread, in the order in which they began
        self._replaced: set[int] = set()
        self._looked = (0.0, 0.0)

    def enter(self) -> None:
        """Wait for a place."""
        self._places.acquire()

    def enter_at_once(self) -> bool:
        """Take a place if one is free."""
        return self._places.acquire(blocking=False)

    def leave(self) -> None:
        """Give a place back."""
        self._places.release()

    def begin(self) -> None:
        """Begin to work in the place that was entered."""
        with self._lock:
            self._began[threading.get_ident()] = self._monotonic()

    def end(self) -> None:
        """End, and leave the place, unless somebody else has it by now."""
        thread = threading.get_ident()
        with self._lock:
            del self._began[thread]
            has_place = thread not in self._replaced
            self._replaced.discard(thread)
        if has_place:
            self.leave()

    @property
    def is_full(self) -> bool:
        """Whether nobody else would find a place now."""
        with self._lock:
            return len(self._began) - len(self._replaced) >= self._few

    def begin_to_look(self) -> None:
        """Look for the first time in a while."""
        self._looked = self._monotonic(), self._used()

    def look(self) -> None:
        """Give places to others where those who have them seem to wait."""
        (then, had), now, has = self._looked, self._monotonic(), self._used()
        self._looked = now, has
        idle = has - had < _BUSY * (now - then)
        with self._lock:
            places = [one for one in self._began if one not in self._replaced]
            waiting = [
                one
                for place, one in enumerate(places)
                if (idle and place < self._few) or now - self._began[one] > _PATIENCE
            ]
            self._replaced.update(waiting)
        for _ in waiting:
            self.leave()
