"""Who does what is due by the clock: any worker, one at a time, in each workspace.

When something is due is a row of the database. Whoever finds it due takes the turn at it
(`bot.turns`), does it, and plans the next time; a worker that dies meanwhile leaves it due, and is
relieved as soon as its turn is over.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import NamedTuple

from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import Connection

from bot.calendars import moment, zone_of
from bot.deps import Clock, Deps, WorkspaceRef
from bot.outages import log_failure
from bot.pool import Inline, Pool
from bot.turns import turn
from storage import duties

_log = logging.getLogger(__name__)

LOOK_EVERY = 5  # seconds; with a turn of nine, a dead worker is relieved within fourteen
# What failed rests before it is tried again, twice as long each time; at first until the next look.
SHORTEST_REST = timedelta(seconds=LOOK_EVERY - 1)
LONGEST_REST = timedelta(minutes=5)

Work = Callable[[WorkspaceRef], object]


@dataclass(frozen=True)
class Duty:
    """Something to be done once a day, in the workspace's timezone, as at "3" and "10", or every hour."""

    name: str
    work: Work
    hour: str = "*"
    minute: str = "0"
    at_once: bool = False  # the first time at once

    @property
    def seldom(self) -> timedelta:
        """No two times are further apart: a day, on which clocks may be put back, or an hour."""
        return timedelta(hours=26) if self.hour != "*" else timedelta(hours=1)

    def after(self, now: datetime, timezone: str) -> datetime:
        """When it is due next: each day once, whatever the clocks do on it."""
        if self.hour == "*":
            at: datetime = _hourly(self.minute).get_next_fire_time(now, now)
            return at
        zone = zone_of(timezone)
        # What the clocks leave out of a day may come on the one after it.
        before = now.astimezone(zone).date() - timedelta(days=1)
        days = (before + timedelta(days=number) for number in count())
        times = (moment(day, zone, int(self.hour), int(self.minute)) for day in days)
        return next(at for at in times if at > now)


class NotYetError(Exception):
    """Nothing failed, but there is more to do: it is tried again after a rest; the text says why."""


class _Rest(NamedTuple):
    """How long something that failed, or is not done yet, is left alone."""

    length: timedelta
    until: datetime


class Rota:
    """Hands what is due to a few threads; `look()` is to be called every few seconds.

    `served` says in which workspaces. Each step of `arrive` is done for each as soon as this process
    sees it, until it has succeeded once; `go_on` while many awards are being given, taken back or
    changed there, or spells are to be looked at again.
    """

    def __init__(
        self,
        deps: Deps,
        *,
        served: Callable[[Connection], Sequence[WorkspaceRef]],
        duties: Sequence[Duty],
        arrive: Mapping[str, Work],
        go_on: Work,
        clock: Clock,
        stopping: threading.Event,
        pool: Pool | Inline | None = None,
    ) -> None:
        self._deps = deps
        self._served = served
        self._duties = duties
        self._arrive = arrive
        self._go_on = go_on
        self._clock = clock
        self._stopping = stopping
        self._pool = pool or Pool("jobs", threads=4, waiting=256)
        self._arrived: set[tuple[int, str]] = set()
        self._in_hand: set[tuple[int, str]] = set()
        self._rests: dict[tuple[int, str], _Rest] = {}
        self._lock = threading.Lock()

    def look(self) -> None:
        """See what is due, and have it done."""
        served, planned, many = self._deps.database.read(
            lambda session: (
                self._served(session),
                duties.planned(session),
                duties.under_way(session),
            )
        )
        now = self._clock()
        for workspace in served:
            if any((workspace.id, step) not in self._arrived for step in self._arrive):
                self._hand_over(workspace, "arrival", self._meet)
            if workspace.id in many:
                self._hand_over(workspace, "bulk", self._go_on)
            for duty in self._duties:
                at = planned.get((workspace.id, duty.name))
                set_back = at is not None and at > now + duty.seldom  # the clock, since
                if set_back or (at is None and not duty.at_once):
                    self._plan(workspace, duty)
                elif at is None or at <= now:
                    self._hand_over(workspace, duty.name, self._in_turn(duty, at))
        self._forget_all_but({workspace.id for workspace in served})

    def stop(self, *, within: float) -> bool:
        """Begin nothing more, and tell whether what runs ended within so many seconds."""
        return self._pool.stop(within=within)

    def _hand_over(self, workspace: WorkspaceRef, name: str, work: Work) -> None:
        """Have a thread do it, unless one is at it already."""
        ours = (workspace.id, name)
        with self._lock:
            if ours in self._in_hand:
                return
            self._in_hand.add(ours)

        def run() -> None:
            try:
                self._attempt(workspace, name, work)
            finally:
                with self._lock:
                    self._in_hand.discard(ours)

        if not self._pool.submit(run):
            with self._lock:
                self._in_hand.discard(ours)

    def _attempt(self, workspace: WorkspaceRef, name: str, work: Work) -> bool:
        """Do it, unless it rests, and tell whether it succeeded."""
        key = (workspace.id, name)
        rest, now = self._rests.get(key), self._clock()
        # A clock that was set back would have it rest for as long.
        resting = rest is not None and now < rest.until <= now + LONGEST_REST
        if self._stopping.is_set() or resting:
            return False
        try:
            work(workspace)
        except Exception as problem:
            if self._stopping.is_set():  # what it needs is gone; another worker takes it up
                _log.info("job broken off", extra={"job": name})
                return False
            length = SHORTEST_REST if rest is None else min(LONGEST_REST, rest.length * 2)
            with self._lock:
                self._rests[key] = _Rest(length, self._clock() + length)
            ids = {
                "job": name,
                "workspace": workspace.team_id,
                "rest_seconds": length.total_seconds(),
            }
            if isinstance(problem, NotYetError):
                _log.info("job not done yet", extra={**ids, "reason": str(problem)})
            else:
                log_failure(_log, "job failed", problem, **ids)
            return False
        with self._lock:
            self._rests.pop(key, None)
        return True

    def _meet(self, workspace: WorkspaceRef) -> None:
        """Do what is left of the steps; one that fails keeps no other from being done."""
        for step, work in self._arrive.items():
            key = (workspace.id, step)
            if key not in self._arrived and self._attempt(workspace, f"arrival:{step}", work):
                with self._lock:
                    self._arrived.add(key)

    def _forget_all_but(self, served: set[int]) -> None:
        """Who comes again arrives again."""
        with self._lock:
            self._arrived = {key for key in self._arrived if key[0] in served}
            self._rests = {key: rest for key, rest in self._rests.items() if key[0] in served}

    def _in_turn(self, duty: Duty, at: datetime | None) -> Work:
        """The duty, done by one worker and then planned anew."""

        def work(workspace: WorkspaceRef) -> None:
            with turn(self._deps, workspace, f"turn:{duty.name}") as ours:
                if ours is None or self._due_at(workspace, duty) != at:
                    return  # another worker is at it, or has just done it
                try:
                    duty.work(workspace)
                finally:
                    # What was broken off at the end of this process is another one's to do.
                    if not self._stopping.is_set():
                        self._plan(workspace, duty)

        return work

    def _due_at(self, workspace: WorkspaceRef, duty: Duty) -> datetime | None:
        return self._deps.database.read(
            lambda session: duties.due_at(session, workspace_id=workspace.id, name=duty.name)
        )

    def _plan(self, workspace: WorkspaceRef, duty: Duty) -> None:
        now = self._clock()

        def plan(session: Connection) -> None:
            timezone = self._deps.settings_in(session, workspace).timezone
            duties.plan(
                session, workspace_id=workspace.id, name=duty.name, at=duty.after(now, timezone)
            )

        self._deps.database.write(plan)


@cache
def _hourly(minute: str) -> CronTrigger:
    return CronTrigger(minute=minute, timezone=UTC)  # where no hour is left out
