"""Finds what is due in the outbox and takes it: the lanes that have waited longest, of each workspace."""

import time
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from math import ceil
from typing import NamedTuple

from sqlalchemy import Connection

from bot.delivery.holding import LEASE
from bot.delivery.set_back import SetBack
from bot.deps import Clock, WorkspaceRef, reference
from storage import lanes, workspaces
from storage.database import Database
from storage.lanes import Free, Lease, LeaseLostError, Waiting
from storage.outbox import DeliveryRow

_MOST = 256  # lanes seen at once: to look through all of them takes longer than to send
_BREATH = 0.05  # seconds between two looks through all lanes, however often one is woken


class Taken(NamedTuple):
    """A delivery that is the caller's to send, and until when its lane is."""

    lease: Lease
    delivery: DeliveryRow  # as it was before it was taken
    workspace: WorkspaceRef
    until: datetime


class Lookout:
    """Takes what is due, for one thread at a time."""

    def __init__(self, database: Database, clock: Clock, *, poll: float) -> None:
        self._database = database
        self._clock = clock
        self._poll = poll
        self._set_back = SetBack(database)
        self._seen: deque[Waiting] = deque()  # lanes that were due, and nobody's
        self._scanned = -_BREATH

    def look(self, most: int, *, among: int = 1) -> tuple[list[Taken], float]:
        """Take up to so many deliveries, each of another lane; without any, when to look again: seconds.

        Where fewer are due than `among` so many workers could take, each takes its part.
        """
        now = self._set_back.look(self._clock())
        wait = 0.0
        if not self._seen:
            wait = self._scan(now)
        while self._seen:
            share = min(most, ceil(len(self._seen) / among))
            taken = self._take(*self._next(share), now)
            if taken:
                return taken, 0.0
        return [], wait

    def _next(self, most: int) -> tuple[int, list[str]]:
        """The workspace with the longest due lane that was seen, and up to so many lanes of it."""
        workspace_id = self._seen[0].workspace_id
        theirs = (one for one in self._seen if one.workspace_id == workspace_id)
        chosen = list(islice(theirs, most))
        for one in chosen:
            self._seen.remove(one)
        return workspace_id, [one.lane for one in chosen]

    @property
    def rest(self) -> float:
        """For how many seconds it is not worth while to look: all that was due was taken just now."""
        return 0.0 if self._seen else self._scanned + _BREATH - time.monotonic()

    def give_back(self, taken: Sequence[Taken]) -> None:
        """Leave to others what nobody has begun to send; a lane that was lost is theirs already."""

        def leave(session: Connection) -> None:
            of, now = taken[0].lease.workspace_id, self._clock()
            left = [(one.lease, one.delivery) for one in taken]
            lanes.leave(session, workspace_id=of, left=left)
            free = [Free(one.lease, now) for one in taken]
            lanes.release(session, workspace_id=of, free=free)

        try:
            self._database.write(leave, brief=True)
        except LeaseLostError:
            # Nothing was left by that, so the lanes that are still held are left one by one.
            for one in taken if len(taken) > 1 else ():
                self.give_back([one])

    def _scan(self, now: datetime) -> float:
        """See where something is due; the seconds until something is."""
        found = self._database.read(lambda session: lanes.waiting(session, most=_MOST))
        self._seen = deque(one for one in found if one.at <= now)
        self._scanned = time.monotonic()
        if not found:
            return self._poll
        return min(self._poll, max(0.0, (found[0].at - now).total_seconds()))

    def _take(self, workspace_id: int, keys: list[str], now: datetime) -> list[Taken]:
        """Lease these lanes if they still are due, and mark what is first in each as being sent."""
        until = now + LEASE

        def take(session: Connection) -> list[Taken]:
            leases = lanes.claim(
                session, workspace_id=workspace_id, lanes=keys, now=now, until=until
            )
            if not leases:
                return []
            heads = lanes.heads(
                session, workspace_id=workspace_id, lanes=[lease.lane for lease in leases]
            )
            row = workspaces.by_id(session, workspace_id=workspace_id)
            assert row is not None, "a lane belongs to a workspace"
            workspace = reference(row)
            taken = []
            for lease in leases:
                delivery = heads.get(lease.lane)
                if delivery is None:
                    # Its former holder, whose lease had lapsed, was done in this very moment.
                    free = [Free(lease, now)]
                    lanes.release(session, workspace_id=workspace_id, free=free)
                else:
                    taken.append(Taken(lease, delivery, workspace, until))
            if taken:
                ids = [one.delivery.id for one in taken]
                lanes.mark_sending(session, workspace_id=workspace_id, ids=ids)
            return taken

        return self._database.write(take, brief=True)
