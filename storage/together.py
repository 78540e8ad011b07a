"""SQLite's one writer at a time: who waits for a turn may travel in the transaction of who has it.

A commit costs SQLite as much as all that an award writes, most of it in waiting for the disk. So
whoever has the turn takes along what others wait to have written, each within a savepoint of its own,
and all of it shares one commit.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from storage.deadline import Deadline, TooLateError
from storage.prepared import run_plain

MOST = 16  # that share a transaction; fewer threads than that answer

Work = Callable[[Connection], Any]


class Conflict(Exception):  # noqa: N818 - see storage.database
    """Raised inside a transaction to have it run again from the start."""


class Job:
    """Something to write, by whichever thread comes to it; ends with a result or a problem."""

    def __init__(self, work: Work, deadline: Deadline | None, *, alone: bool = False) -> None:
        self.work = work
        self.deadline = deadline
        self.alone = alone
        self.leads = False
        self.result: Any = None
        self.problem: BaseException | None = None
        self.is_to_be_repeated = False
        self.began_commit = False
        self.called = threading.Lock()  # released by whoever did it, or hands over the lead
        self.called.acquire()

    def attempt(self, session: Connection) -> None:
        """Do the work within the transaction of several."""
        self.problem, self.is_to_be_repeated = None, False
        run_plain(session, "SAVEPOINT job")
        try:
            if self.deadline is not None and self.deadline.left <= 0:
                raise TooLateError
            self.result = self.work(session)
            if self.deadline is not None:
                self.deadline.begin_commit()
                self.began_commit = True
        except Exception as problem:
            run_plain(session, "ROLLBACK TO job")
            # What the database itself refuses is tried again alone, so that it is met as ever.
            self.is_to_be_repeated = isinstance(problem, DBAPIError | Conflict)
            self.problem = problem
        run_plain(session, "RELEASE job")


class Turns:
    """Lets one thread at a time lead; `carry_out` runs the jobs that it is given in a transaction."""

    def __init__(self, carry_out: Callable[[Sequence[Job]], None]) -> None:
        self._carry_out = carry_out
        self._mutex = threading.Lock()
        self._waiting: deque[Job] = deque()
        self._busy = False

    @property
    def waiting(self) -> int:
        """How many jobs nobody has come to yet."""
        return len(self._waiting)

    def take(self, job: Job, *, patience: float) -> bool:
        """Have a job done, by this thread or another; False when its turn did not come in time."""
        if not self._wait_for_turn(job, patience):
            return False
        if job.leads:
            self._lead(job)
        return True

    def pause(self, work: Callable[[], None], *, patience: float) -> bool:
        """Do something while nobody writes; False, and it was not done, without a turn in time."""
        turn = Job(lambda _session: None, None, alone=True)
        if not self._wait_for_turn(turn, patience):
            return False
        try:
            work()
        finally:
            self._pass_on([])
        return True

    def _wait_for_turn(self, job: Job, patience: float) -> bool:
        with self._mutex:
            if self._busy:
                self._waiting.append(job)
            else:
                self._busy = job.leads = True
        if not job.leads and not job.called.acquire(timeout=patience):
            with self._mutex:
                if job in self._waiting:
                    self._waiting.remove(job)
                    return False
            job.called.acquire()  # somebody has just come to it
        return True

    def _lead(self, own: Job) -> None:
        jobs = [own]
        with self._mutex:
            while not own.alone and self._waiting and len(jobs) < MOST:
                if self._waiting[0].alone:
                    break
                jobs.append(self._waiting.popleft())
        try:
            self._carry_out(jobs)
        finally:
            self._pass_on(jobs[1:])

    def _pass_on(self, done: Sequence[Job]) -> None:
        with self._mutex:
            following = self._waiting.popleft() if self._waiting else None
            if following is None:
                self._busy = False
            else:
                following.leads = True
        for job in (*done, *([following] if following else [])):
            job.called.release()
