"""The alarm clock: rings every so often, and knows nothing of what is due; the database does."""

import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from apscheduler.executors.base import BaseExecutor, run_job
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.outages import OUTAGES, log_failure
from bot.pool import Pool

_log = logging.getLogger(__name__)

Job = Callable[[], object]

# However late a run is (a laptop that slept, a long job before it), it is better than none.
NEVER_TOO_LATE = None


class _InPool(BaseExecutor):  # type: ignore[misc]
    """Runs jobs in daemon threads, so that one that hangs cannot delay the end."""

    def __init__(self, pool: Pool) -> None:
        super().__init__()
        self._pool = pool

    def _do_submit_job(self, job: Any, run_times: list[Any]) -> None:
        def run() -> None:
            try:
                events = run_job(job, job._jobstore_alias, run_times, self._logger.name)
            except BaseException:
                self._run_job_error(job.id, *sys.exc_info()[1:])
            else:
                self._run_job_success(job.id, events)

        if not self._pool.submit(run):
            self._run_job_success(job.id, [])


class Scheduler:
    """Runs jobs at their times; a job that fails is logged and runs again the next time."""

    def __init__(self) -> None:
        self._pool = Pool("clock", threads=1, waiting=4)
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": _InPool(self._pool)},
            job_defaults={"coalesce": True, "misfire_grace_time": NEVER_TOO_LATE},
        )

    def every(self, seconds: int, name: str, job: Job) -> None:
        """Run a job now and every so many seconds, one run at a time."""
        self._scheduler.add_job(
            guarded(name, job),
            IntervalTrigger(seconds=seconds),
            id=name,
            name=name,
            next_run_time=datetime.now(UTC),
        )

    @property
    def names(self) -> list[str]:
        """The jobs that wait for their time."""
        return [job.id for job in self._scheduler.get_jobs()]

    def start(self) -> None:
        """Begin to watch the clock."""
        self._scheduler.start()

    def stop(self, *, within: float) -> bool:
        """Ring no more, and tell whether what runs ended within so many seconds."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        return self._pool.stop(within=within)


def guarded(name: str, job: Job) -> Job:
    """The same job; an outage that lasts is logged when it begins, and again when it is over."""
    during: type[Exception] | None = None

    def run() -> None:
        nonlocal during
        try:
            job()
        except Exception as problem:
            if type(problem) is not during:
                log_failure(_log, "job failed", problem, job=name)
            during = type(problem) if isinstance(problem, OUTAGES) else None
        else:
            if during is not None:
                _log.info("job works again", extra={"job": name})
            during = None

    return run
