"""Open connections, handed from one transaction to the next."""

import threading

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
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        self._lent: set[Connection] = set()

    @property
    def idle(self) -> int:
        """How many are open, and nobody is busy with them."""
        return len(self._idle)

    def take(self) -> Connection:
        """One for this thread alone. Raises SQLAlchemy's TimeoutError where all were in use for too long."""
        if not self._free.acquire(timeout=self._patience):
            raise PoolTimeoutError("every connection is in use")
        try:
            return self._kept() or self._opened()
        except BaseException:
            self._free.release()
            raise

    def give_back(self, connection: Connection, *, sound: bool) -> None:
        """Let others have it. `sound`: its transaction ended well, so nothing is left of it."""
        try:
            with self._lock:
                kept = sound and connection in self._lent
                self._lent.discard(connection)
                if kept:
                    self._idle.append(connection)
            if not kept:
                if connection.invalidated:
                    self._close_idle()  # it was lost, and they may be with it
                connection.close()
        finally:
            self._free.release()

    def close(self) -> None:
        """Close all that nobody is busy with; the others are closed when they are given back."""
        with self._lock:
            self._lent.clear()
        self._close_idle()

    def _kept(self) -> Connection | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
                self._lent.add(connection)
            if not connection.in_transaction():
                return connection
            with self._lock:
                self._lent.discard(connection)
            connection.close()  # somebody went on with it after their transaction

    def _opened(self) -> Connection:
        connection = self._engine.connect()
        with self._lock:
            self._lent.add(connection)
        return connection

    def _close_idle(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
