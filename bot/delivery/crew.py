"""The threads of a courier at work, and whether there is need of one more."""

import threading
import time
from collections.abc import Callable, Iterable

from bot.delivery.batch import Batch
from bot.delivery.lookout import Taken

# What takes less is quick: a second thread that sends would only wait for the interpreter with the first
# one, and each of them cost more for it.
QUICK = 0.02  # seconds


class Crew:
    """Batches in hand; while Slack is quick, another one is taken only when none of them gets any further.

    `monotonic` tells the time in seconds.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._batches: set[Batch] = set()
        self._lock = threading.Lock()
        self._eased = threading.Event()

    def begin(self, taken: Iterable[Taken]) -> Batch:
        """Take a batch in hand."""
        batch = Batch(taken, self._monotonic)
        with self._lock:
            self._batches.add(batch)
        return batch

    def end(self, batch: Batch) -> None:
        """It is done."""
        with self._lock:
            self._batches.discard(batch)
        self._eased.set()

    def older_than(self, age: float) -> list[Batch]:
        """The batches that have been in hand for more than so many seconds."""
        with self._lock:
            return [batch for batch in self._batches if batch.age > age]

    @property
    def enough_for(self) -> float:
        """For how many seconds, as things are, there is no need of another thread; 0: there is."""
        with self._lock:
            return max([0.0, *(QUICK - batch.idle for batch in self._batches)])

    def wait(self, stopping: threading.Event) -> None:
        """Wait until there is need of another thread, or it is time to stop."""
        while not stopping.is_set():
            self._eased.clear()
            seconds = self.enough_for
            if seconds == 0:
                return
            self._eased.wait(seconds)
