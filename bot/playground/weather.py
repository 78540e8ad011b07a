"""Bad days of a workspace: what happens to requests instead of an answer."""

import threading
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["rate_limited", "error_500", "garbage", "refuse", "hang", "drop", "lose_answer"]


@dataclass(slots=True, eq=False)
class Front:
    """One kind of weather over one method (`*`: all); `left` requests more, None until cleared."""

    kind: Kind
    method: str
    left: int | None = None
    retry_after: int = 30
    seconds: float = 30.0
    error: str = "internal_error"
    release: threading.Event = field(default_factory=threading.Event)
    met: int = 0


class Weather:
    """The fronts in force; the latest one that fits a request holds.

    Besides Web API methods a front can lie over `response_url`, `upload` and `download`.
    """

    def __init__(self) -> None:
        self._fronts: list[Front] = []
        self._lock = threading.Lock()

    def rate_limit(
        self, method: str = "*", *, retry_after: int = 30, times: int | None = None
    ) -> Front:
        """Answer 429 with `Retry-After` in seconds."""
        return self.set(Front("rate_limited", method, times, retry_after=retry_after))

    def error_500(self, method: str = "*", *, times: int | None = None) -> Front:
        """Answer 500 with a page instead of JSON."""
        return self.set(Front("error_500", method, times))

    def garbage(self, method: str = "*", *, times: int | None = None) -> Front:
        """Answer 200 with a body that is not JSON."""
        return self.set(Front("garbage", method, times))

    def refuse(
        self, method: str = "*", *, error: str = "internal_error", times: int | None = None
    ) -> Front:
        """Answer `ok: false` with the error code given."""
        return self.set(Front("refuse", method, times, error=error))

    def hang(
        self,
        method: str = "*",
        *,
        seconds: float = 30.0,
        release: threading.Event | None = None,
        times: int | None = None,
    ) -> Front:
        """Wait so many real seconds, or until `release` is set, then answer as usual."""
        event = release or threading.Event()
        return self.set(Front("hang", method, times, seconds=seconds, release=event))

    def drop(self, method: str = "*", *, times: int | None = None) -> Front:
        """Close the connection without doing anything."""
        return self.set(Front("drop", method, times))

    def lose_answer(self, method: str = "*", *, times: int | None = None) -> Front:
        """Do what was asked, then close the connection without an answer."""
        return self.set(Front("lose_answer", method, times))

    def set(self, front: Front) -> Front:
        """Put a front in force."""
        with self._lock:
            self._fronts.append(front)
        return front

    def clear(self, method: str | None = None) -> None:
        """End all weather, or that over one method, and release whatever hangs."""
        with self._lock:
            gone = [f for f in self._fronts if method in (None, f.method)]
            self._fronts = [f for f in self._fronts if f not in gone]
        for front in gone:
            front.release.set()

    @property
    def calm(self) -> bool:
        """Whether requests meet nothing."""
        return not self._fronts

    def over(self, method: str) -> Front | None:
        """Take the front that a request for `method` meets now, if any."""
        if not self._fronts:
            return None
        with self._lock:
            for front in reversed(self._fronts):
                if front.method not in ("*", method):
                    continue
                front.met += 1
                if front.left is not None:
                    front.left -= 1
                    if front.left <= 0:
                        self._fronts.remove(front)
                return front
        return None
