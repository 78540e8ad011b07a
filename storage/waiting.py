"""Connections to PostgreSQL on which nobody waits without an end for a server that is gone without a word.

The network tells of some of these: a host that does not answer at all. Behind a proxy, or where only the
server's process stands still, everything that is sent arrives, and nothing ever comes back.
"""

import time
from collections.abc import Generator
from typing import Any, NoReturn, TypeVar

from psycopg import Connection, OperationalError

T = TypeVar("T")

_TIMES = 2  # as long as PostgreSQL gives a statement; a busy one is late to break it off
# A disk or a standby may hold a commit up, and without its answer nobody knows whether it was carried out.
_LEAST_FOR_A_COMMIT = 60.0  # seconds
_LONGEST = "SELECT extract(epoch FROM current_setting('statement_timeout')::interval)"


class TimedConnection(Connection[Any]):
    """A connection that closes itself where nothing comes for longer than a statement may take."""

    usual_limit: float | None = None  # seconds; None: without an end
    limit: float | None = None  # the present transaction's

    def set_limit(self, *, until_known: float) -> None:
        """Wait as long as suits the longest that this server gives a statement; for its answer, so long."""
        self.limit = until_known * _TIMES
        self.autocommit = True  # no transaction for this
        ((longest,),) = self.execute(_LONGEST).fetchall()
        self.autocommit = False
        self.usual_limit = float(longest) * _TIMES or None
        self.limit = self.usual_limit

    def await_commit(self) -> None:
        """Wait longer for the end of the transaction than for its statements."""
        if self.limit is not None:
            self.limit = max(self.limit, _LEAST_FOR_A_COMMIT)

    def wait(self, gen: Generator[Any, Any, T], *args: Any, **how: Any) -> T:
        """Wait for what psycopg's own cursors do."""
        return super().wait(self._in_time(gen), *args, **how)

    def give_up(self) -> NoReturn:
        """Close it. Raises what is raised for a connection that is lost."""
        self.close()
        raise OperationalError("the server does not answer any more: the connection is given up")

    def _in_time(self, gen: Generator[Any, Any, T]) -> Generator[Any, Any, T]:
        """The same steps, as long as something comes in between."""
        heard = time.monotonic()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if ready:
                    heard = time.monotonic()
                elif self.limit is not None and time.monotonic() - heard > self.limit:
                    self.give_up()
                wanted = gen.send(ready)
        except StopIteration as end:
            result: T = end.value
            return result
