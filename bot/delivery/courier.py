"""Takes what is due from the outbox, lane by lane, and notes what came of it."""

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot import metrics
from bot.delivery.holding import LEASE, Holding
from bot.delivery.parts import (
    Announcing,
    Draw,
    Later,
    Outcome,
    Sent,
    Skipped,
    SlackClients,
    Upload,
    Witness,
)
from bot.delivery.sender import Errand, Sender
from bot.delivery.set_back import SetBack
from bot.delivery.slack import POST_SECONDS, UPLOAD_SECONDS, Slack
from bot.delivery.trouble import INTERNAL, SlackTroubleError
from bot.deps import Clock, WorkspaceRef, reference
from bot.slack_files import upload_picture
from storage import lanes, workspaces
from storage.database import Database, DatabaseUnavailableError
from storage.lanes import Lease, LeaseLostError
from storage.outbox import GAVE_UP, DeliveryRow

logger = logging.getLogger(__name__)

# Seconds that a lane rests after each kind. Slack's page on rate limits: one post a second and channel,
# 50 edits a minute, several hundred posts a minute in all, 100 uploads a minute.
PACES = {
    "announce": 1.0,
    "amend": 1.2,
    "answer": 0.2,
    "notify": 0.2,
    "remind": 0.2,
    "request": 0.2,
    "retract": 1.2,
    "upload": 0.6,
    "welcome": 0.2,
}
LONGEST_WAIT = 600.0
# Both have to be over: what waited while Laurel was off gets its chance too.
GIVE_UP_AFTER = timedelta(hours=24)
GIVE_UP_ATTEMPTS = 20
# Direct messages share a lane and need no order among them: one that Slack keeps failing on, while it
# does answer, waits aside after so many attempts. A channel's posts stay in order.
DIRECT = "dm"
# Those of an award to many have a lane to themselves, so that nobody else's wait behind thousands, and
# take their time: Slack counts them together.
MANY = "dm:many"
MANY_PACE = 0.5  # seconds
ASIDE_AFTER = 5
ABOUT_ONE = frozenset({"internal_error", "fatal_error", "http_500"})
POLL = 1.0  # seconds; what another process wrote is seen after so long
POLL_OTHERS = 0.15  # the same where others are expected to write
_BREATH = 0.05  # seconds between two looks that found nothing, however often one is woken
_NOTE_TRIES = 60

_Taken = tuple[Lease, DeliveryRow, WorkspaceRef]


class Courier:
    """Sends the outbox.

    `run_due()` sends what is due in the caller's thread; `start()` has threads do it as it becomes due.
    Any number of couriers, in any number of processes, can work on one database.
    """

    def __init__(
        self,
        *,
        database: Database,
        slack: SlackClients,
        clock: Clock,
        announcing: Announcing,
        draw: Draw,
        upload: Upload = upload_picture,
        witness: Witness | None = None,
        jitter: Callable[[], float] | None = None,
        threads: int = 4,
        post_seconds: float = POST_SECONDS,
        upload_seconds: float = UPLOAD_SECONDS,
        poll: float = POLL,
    ) -> None:
        self._database = database
        self._clock = clock
        self._poll = poll
        self._set_back = SetBack(database)
        self._witness = witness
        self._jitter = jitter or random.SystemRandom().random  # from 0 to 1
        self._sender = Sender(
            database=database,
            slack=Slack(
                slack, upload, clock, post_seconds=post_seconds, upload_seconds=upload_seconds
            ),
            clock=clock,
            announcing=announcing,
            draw=draw,
        )
        self.counts: Counter[tuple[str, str]] = Counter()  # by kind and outcome
        self._threads = [
            threading.Thread(target=self._serve, name=f"delivery-{number}", daemon=True)
            for number in range(1, threads + 1)
        ]
        self._looking = threading.Lock()
        self._counting = threading.Lock()
        self._woken = threading.Event()
        self._stopping = threading.Event()

    def run_due(self) -> int:
        """Attempt what is due now and return how many deliveries that were.

        A lane rests after each, so one that holds several needs the clock to move to `next_at()`.
        """
        attempted = 0
        while (taken := self._look()[0]) is not None:
            self._carry(*taken)
            attempted += 1
        return attempted

    def next_at(self) -> datetime | None:
        """When something is due next, which may be long ago; None: nothing waits."""
        found = self._database.read(lanes.waiting_in)
        return found[0].at if found else None

    def start(self) -> None:
        """Begin to send in threads of its own; once a courier."""
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 15.0) -> bool:
        """Send no more, and tell whether what was in hand was finished within so many seconds."""
        self._stopping.set()
        self._woken.set()
        end = time.monotonic() + timeout
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def wake(self) -> None:
        """Say that the outbox has something new."""
        self._woken.set()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                # One thread looks out for what is due; the others send, or wait for the lookout.
                with self._looking:
                    taken = self._await()
                if taken is not None:
                    self._carry(*taken)
            except DatabaseUnavailableError as problem:
                logger.warning("delivery waits for the database", extra={"error": str(problem)})
                self._stopping.wait(POLL)
            except LeaseLostError:
                logger.warning("a lane was taken over")
            except Exception:
                logger.exception("delivery met a mistake")
                self._stopping.wait(POLL)

    def _await(self) -> _Taken | None:
        """Wait until something is due and take it; None when it is time to stop."""
        while not self._stopping.is_set():
            self._woken.clear()
            taken, wait = self._look()
            if taken is not None:
                return taken
            self._stopping.wait(_BREATH)
            self._woken.wait(max(0.0, wait - _BREATH))
        return None

    def _look(self) -> tuple[_Taken | None, float]:
        """Take what is due longest, or tell in how many seconds to look again."""
        now = self._set_back.look(self._clock())
        wait = self._poll
        for one in self._database.read(lanes.waiting_in):
            wait = min(wait, max(0.0, (one.at - now).total_seconds()))
            if one.at > now:
                break
            taken = self._take(one.workspace_id, now)
            if taken is not None:
                return taken, 0.0
        return None, wait

    def _take(self, workspace_id: int, now: datetime) -> _Taken | None:
        """Lease a lane of a workspace that is due and mark its first delivery as being sent."""

        def take(session: Connection) -> _Taken | None:
            lease = lanes.claim(session, workspace_id=workspace_id, now=now, until=now + LEASE)
            if lease is None:
                return None
            delivery = lanes.head(session, lease=lease)
            workspace = workspaces.by_id(session, workspace_id=workspace_id)
            if delivery is None:
                # Its former holder, whose lease had lapsed, was done in this very moment.
                lanes.release(session, lease=lease, next_at=now)
                return None
            assert workspace is not None, "a lane belongs to a workspace"
            lanes.mark_sending(session, lease=lease, delivery_id=delivery.id)
            return lease, delivery, reference(workspace)

        return self._database.write(take, brief=True)

    def _carry(self, lease: Lease, delivery: DeliveryRow, workspace: WorkspaceRef) -> None:
        began = time.perf_counter()
        with Holding(self._database, lease, self._clock) as hold:
            outcome = self._outcome(Errand(delivery, workspace, hold))
        self._note(lease, delivery, outcome, began)

    def _outcome(self, errand: Errand) -> Outcome | SlackTroubleError:
        try:
            return self._sender.send(errand)
        except SlackTroubleError as trouble:
            return trouble
        except (LeaseLostError, DatabaseUnavailableError):
            raise
        except Exception as mistake:
            # It goes out of the way as a dead letter, so that what is behind it in the lane is sent.
            logger.exception("a delivery failed", extra={"delivery": str(errand.delivery.id)})
            return SlackTroubleError(f"{INTERNAL}:{type(mistake).__name__}")

    def _note(
        self,
        lease: Lease,
        delivery: DeliveryRow,
        outcome: Outcome | SlackTroubleError,
        began: float,
    ) -> None:
        now = self._clock()
        name, error, wait, write = self._verdict(lease, delivery, outcome, now)

        def note(session: Connection) -> None:
            write(session)
            if self._witness is not None and isinstance(outcome, Sent | Skipped):
                self._witness(session, delivery, outcome, now)
            lanes.release(session, lease=lease, next_at=now + timedelta(seconds=wait))

        self._surely(note)
        if name != "retried":
            self._sender.finished(delivery.id)
        with self._counting:
            self.counts[delivery.kind, name] += 1
        # Metrics count nothing private: a direct message may be about a private award, and what is
        # skipped about one that was taken back before anybody heard of it.
        if delivery.person_id is None and name != "skipped":
            metrics.deliveries.labels(delivery.kind, name).inc()
            if name == "sent":
                taken = (now - delivery.created_at).total_seconds()
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
                "milliseconds": round((time.perf_counter() - began) * 1000),
                **({"error": error} if error else {}),
            },
        )
        # The lane may hold more, and its rest may be over before the next look.
        self._woken.set()

    def _verdict(
        self,
        lease: Lease,
        delivery: DeliveryRow,
        outcome: Outcome | SlackTroubleError,
        now: datetime,
    ) -> tuple[str, str, float, Callable[[Connection], None]]:
        """What an outcome means: its name, the error, the lane's rest in seconds, what to write."""
        pace = _pace(delivery)
        id_ = delivery.id
        match outcome:
            case Sent(channel, ts):
                return (
                    "sent",
                    "",
                    pace,
                    lambda session: lanes.mark_sent(
                        session,
                        lease=lease,
                        delivery_id=id_,
                        channel=channel,
                        message_ts=ts,
                        now=now,
                    ),
                )
            case Skipped(reason):
                return (
                    "skipped",
                    reason,
                    0.0,
                    lambda session: lanes.mark_skipped(
                        session, lease=lease, delivery_id=id_, reason=reason, now=now
                    ),
                )
            case Later(error, seconds):
                return (
                    "retried",
                    error,
                    max(pace, seconds),
                    lambda session: lanes.put_back(
                        session, lease=lease, delivery_id=id_, error=error, in_doubt=False
                    ),
                )
        code = outcome.code
        tried_enough = delivery.attempts >= GIVE_UP_ATTEMPTS
        if not outcome.permanent and tried_enough and now - delivery.created_at >= GIVE_UP_AFTER:
            code = f"{GAVE_UP}:{code}"
        if outcome.permanent or code != outcome.code:
            return (
                "dead",
                code,
                pace,
                lambda session: lanes.mark_dead(
                    session, lease=lease, delivery_id=id_, error=code, now=now
                ),
            )
        return ("retried", code, *self._once_more(lease, delivery, outcome, now))

    def _once_more(
        self, lease: Lease, delivery: DeliveryRow, trouble: SlackTroubleError, now: datetime
    ) -> tuple[float, Callable[[Connection], None]]:
        """How long the lane rests before another attempt, and what to write; see ASIDE_AFTER."""
        code, in_doubt = trouble.code, trouble.in_doubt
        wait = self._wait(trouble, delivery)
        tried = delivery.attempts + 1
        if delivery.lane in (DIRECT, MANY) and code in ABOUT_ONE and tried >= ASIDE_AFTER:
            return _pace(delivery), lambda session: lanes.put_aside(
                session,
                lease=lease,
                delivery_id=delivery.id,
                lane=f"{DIRECT}:{delivery.person_id}",
                next_at=now + timedelta(seconds=wait),
                error=code,
                in_doubt=in_doubt,
            )
        return wait, lambda session: lanes.put_back(
            session, lease=lease, delivery_id=delivery.id, error=code, in_doubt=in_doubt
        )

    def _wait(self, trouble: SlackTroubleError, delivery: DeliveryRow) -> float:
        """Seconds until another attempt: what Slack named, else twice as long each time at most."""
        if trouble.retry_after is not None:
            return trouble.retry_after
        ceiling = min(LONGEST_WAIT, 2.0 ** min(delivery.attempts + 1, 20))
        return max(1.0, self._jitter() * ceiling)

    def _surely(self, note: Callable[[Connection], None]) -> None:
        """Note it, even if the database is away for a minute: Slack has the message by now."""
        for tried in range(_NOTE_TRIES):
            try:
                self._database.write(note, brief=True)
            except LeaseLostError:
                logger.warning("a lane was taken over; what came of a delivery is not noted")
                return
            except DatabaseUnavailableError:
                if tried == _NOTE_TRIES - 1 or (self._stopping.is_set() and tried >= 2):
                    raise
                logger.warning("what came of a delivery waits for the database")
                self._stopping.wait(POLL)
            else:
                return


def _pace(delivery: DeliveryRow) -> float:
    """Seconds that a lane rests after a delivery."""
    return max(PACES[delivery.kind], MANY_PACE if delivery.lane == MANY else 0.0)
