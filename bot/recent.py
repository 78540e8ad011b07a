"""A small memory of what happened lately, for threads that share it."""

import threading
from collections import OrderedDict


class Recent:
    """Keeps the latest few values by key; the oldest goes first."""

    def __init__(self, most: int = 256) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._values: OrderedDict[str, str] = OrderedDict()

    def get(self, key: str) -> str | None:
        """The value kept for a key, if it is still kept."""
        with self._lock:
            return self._values.get(key)

    def put(self, key: str, value: str) -> None:
        """Keep a value, as the latest."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)
