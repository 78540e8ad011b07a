"""Open connections, handed from one transaction to the next."""

import threading
from collections import deque

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import TimeoutError as PoolTimeoutError


class Connections:
    """At most so many connections of an engine at once; the one that was used last goes first.

    One that is sound stays out of the engine's pool: to get it from there and give it back takes the
    Python of three statements.
    """

    def __init__(self, engine: Engine, *, most: int, patience: float) -> None:
        self._engine = engine
        self._patience = patience
        self._free = threading.Semaphore(most)
        self._idle: deque[Connection] = deque()
        self._lent: set[Connection] = set()

    @property
    def lent(self) -> int:
        """How many somebody is busy with."""
        return len(self._lent)

    def take(self) -> Connection:
        """One for this thread alone. Raises SQLAlchemy's TimeoutError where all were in use for too long."""
        if not self._free.acquire(timeout=self._patience):
            raise PoolTimeoutError("every connection is in use")
        try:
            connection = self._opened()
        except BaseException:
            self._free.release()
            raise
        self._lent.add(connection)
        return connection

    def give_back(self, connection: Connection, *, sound: bool) -> None:
        """Let others have it. `sound`: its transaction ended well, so nothing is left of it."""
        try:
            if sound and connection in self._lent:
                self._idle.append(connection)
            else:
                if connection.invalidated:
                    self._drop_idle()  # it was lost, and they may be with it
                connection.close()
        finally:
            self._lent.discard(connection)
            self._free.release()

    def close(self) -> None:
        """Close all that nobody is busy with; the others are closed when they are given back."""
        self._lent = set()
        self._drop_idle()

    def _opened(self) -> Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._engine.connect()

    def _drop_idle(self) -> None:
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return
            connection.close()
