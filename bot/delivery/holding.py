"""Keeping a lane while one of its deliveries is on its way.

A lease is short, so that a worker that dies is relieved soon; a call that may take longer than it is
watched over by a thread that renews the lease meanwhile.
"""

import logging
import threading
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from bot.deps import Clock
from storage import lanes
from storage.database import Database, DatabaseUnavailableError
from storage.lanes import Lease, LeaseLostError

_log = logging.getLogger(__name__)

LEASE = timedelta(seconds=15)
_MARGIN = timedelta(seconds=2)  # clocks of two machines are not quite the same
_RENEW_EVERY = 5.0  # seconds


class Holding:
    """One lane, held since it was claimed; called before each call to Slack with its longest time.

    Calling it raises LeaseLostError once somebody else has the lane.
    """

    def __init__(
        self, database: Database, lease: Lease, clock: Clock, *, until: datetime | None = None
    ) -> None:
        self._database = database
        self._lease = lease
        self._clock = clock
        self._until = until or clock() + LEASE
        self._lost = False
        self._over = threading.Event()
        self._keeper: threading.Thread | None = None

    def __call__(self, seconds: float) -> None:
        """Have the lane for so many seconds more."""
        if self._lost:
            raise LeaseLostError
        longest = timedelta(seconds=seconds) + _MARGIN
        # More than a whole lease is left only by a clock that was set back, and others are told less.
        if longest <= self._until - self._clock() <= LEASE:
            return
        self._renew()
        if longest > LEASE and self._keeper is None:
            self._keeper = threading.Thread(target=self._keep, name="lane-keeper", daemon=True)
            self._keeper.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _problem: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._over.set()

    def _renew(self) -> None:
        until = self._clock() + LEASE
        self._database.write(
            lambda session: lanes.renew(session, lease=self._lease, until=until), brief=True
        )
        self._until = until

    def _keep(self) -> None:
        while not self._over.wait(_RENEW_EVERY):
            try:
                self._renew()
            except LeaseLostError:
                self._lost = True
                return
            except DatabaseUnavailableError as problem:
                _log.warning("a lane could not be kept", extra={"error": str(problem)})
