"""Notes what came of deliveries: of several in one transaction, and of each whatever happens to others."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Connection

from bot import metrics
from bot.delivery.batch import Done
from bot.delivery.parts import Became, Sent, Skipped, Witness
from bot.delivery.verdict import DIRECT, Verdict, verdict
from bot.deps import Clock
from storage import lanes
from storage.database import Database, DatabaseUnavailableError
from storage.lanes import Free, LeaseLostError

logger = logging.getLogger(__name__)

_NOTE_TRIES = 60
_AGAIN = 1.0  # seconds


class Notes:
    """Writes, counts and logs what came of deliveries.

    `jitter` is from 0 to 1; `finished` is told of each delivery that is not tried again.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        stopping: threading.Event,
        *,
        witness: Witness | None,
        jitter: Callable[[], float],
        finished: Callable[[UUID], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._stopping = stopping
        self._witness = witness
        self._jitter = jitter
        self._finished = finished
        self._lock = threading.Lock()
        self.counts: Counter[tuple[str, str]] = Counter()  # by kind and outcome

    def note(self, done: Sequence[Done]) -> None:
        """Note what came of these, in one transaction; where that fails for one, each in its own."""
        # Where the clock was set back since, a lane must not rest until the old time comes again.
        now = self._clock()
        done = [one._replace(at=min(one.at, now)) for one in done]
        judged = [(one, self._judge(one)) for one in done]
        try:
            self._surely(judged, self._witness)
        except DatabaseUnavailableError:
            raise
        except Exception as problem:
            if len(done) > 1:
                for one in done:
                    self.note([one])
                return
            self._note_less(judged, problem)
        for one, found in judged:
            self._tell(one, found)

    def _note_less(self, judged: Sequence[tuple[Done, Verdict]], problem: Exception) -> None:
        """Note what can be noted of one delivery: it must not be sent again for a mistake of ours."""
        lease, delivery = judged[0][0].taken.lease, judged[0][0].taken.delivery
        named = {"delivery": str(delivery.id), "lane": lease.lane}
        if isinstance(problem, LeaseLostError):
            logger.warning(
                "a lane was taken over; what came of a delivery is not noted", extra=named
            )
            return
        logger.error("a delivery is noted without what it tells of", extra=named, exc_info=problem)
        self._surely(judged, None)

    def _judge(self, done: Done) -> Verdict:
        lease, delivery = done.taken.lease, done.taken.delivery
        return verdict(lease, delivery, done.outcome, now=done.at, jitter=self._jitter)

    def _write(
        self,
        session: Connection,
        judged: Sequence[tuple[Done, Verdict]],
        witness: Witness | None,
    ) -> None:
        workspace_id = judged[0][0].taken.lease.workspace_id
        settled = [found.settled for _one, found in judged]
        lanes.settle(session, workspace_id=workspace_id, settled=settled)
        for one, found in judged:
            if found.aside is not None:
                lanes.put_aside(
                    session,
                    workspace_id=workspace_id,
                    delivery_id=one.taken.delivery.id,
                    lane=f"{DIRECT}:{one.taken.delivery.person_id}",
                    next_at=one.at + timedelta(seconds=found.aside),
                )
        became = [
            Became(one.taken.delivery, one.outcome, one.at)
            for one, _found in judged
            if isinstance(one.outcome, Sent | Skipped)
        ]
        if witness is not None and became:
            witness(session, workspace_id=workspace_id, became=became)
        free = [
            Free(one.taken.lease, one.at + timedelta(seconds=found.rest)) for one, found in judged
        ]
        lanes.release(session, workspace_id=workspace_id, free=free)

    def _tell(self, done: Done, found: Verdict) -> None:
        """Count and log what came of a delivery."""
        delivery, name = done.taken.delivery, found.name
        if name != "retried":
            self._finished(delivery.id)
        with self._lock:
            self.counts[delivery.kind, name] += 1
        # Metrics count nothing private: a direct message may be about a private award, and what is
        # skipped about one that was taken back before anybody heard of it.
        if delivery.person_id is None and name != "skipped":
            metrics.deliveries.labels(delivery.kind, name).inc()
            if name == "sent":
                taken = (done.at - delivery.created_at).total_seconds()
                metrics.delivery_seconds.labels(delivery.kind).observe(max(0.0, taken))
        logger.log(
            logging.WARNING if name in ("retried", "dead") else logging.INFO,
            "delivery %s",
            name,
            extra={
                "delivery": str(delivery.id),
                "kind": delivery.kind,
                "lane": delivery.lane,
                "attempts": delivery.attempts + 1,
                "milliseconds": round(done.seconds * 1000),
                **({"error": found.settled.error} if found.settled.error else {}),
            },
        )

    def _surely(self, judged: Sequence[tuple[Done, Verdict]], witness: Witness | None) -> None:
        """Note it, even if the database is away for a minute: Slack has the messages by now.

        Raises LeaseLostError where a lane of them was taken over; nothing was noted then.
        """
        for tried in range(_NOTE_TRIES):
            try:
                self._database.write(
                    lambda session: self._write(session, judged, witness), brief=True
                )
            except DatabaseUnavailableError:
                if tried == _NOTE_TRIES - 1 or (self._stopping.is_set() and tried >= 2):
                    raise
                logger.warning("what came of a delivery waits for the database")
                self._stopping.wait(_AGAIN)
            else:
                return
