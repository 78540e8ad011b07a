"""Takes what is due from the outbox, lane by lane, and notes what came of it."""

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from bot.delivery.batch import Batch, Done
from bot.delivery.crew import QUICK, Crew
from bot.delivery.holding import Holding
from bot.delivery.lookout import Lookout, Taken
from bot.delivery.noting import Notes
from bot.delivery.parts import (
    Announcing,
    Draw,
    Outcome,
    SlackClients,
    Upload,
    Witness,
)
from bot.delivery.reading import Known
from bot.delivery.sender import Errand, Sender
from bot.delivery.slack import POST_SECONDS, UPLOAD_SECONDS, Slack
from bot.delivery.trouble import INTERNAL, SlackTroubleError
from bot.deps import Clock
from bot.slack_files import upload_picture
from storage import lanes
from storage.database import Database, DatabaseUnavailableError
from storage.lanes import LeaseLostError

logger = logging.getLogger(__name__)

POLL = 1.0  # seconds; what another process wrote is seen after so long
POLL_OTHERS = 0.15  # the same where others are expected to write
# So many deliveries of one thread share the transactions that take and note them, within so long; more
# where each is quick. After a crash those that were not noted are looked for, or else sent again.
_TOGETHER = 8
_TOGETHER_QUICKLY = 32
_TOGETHER_SECONDS = 1.0
_RELIEVE_EVERY = 0.5  # seconds
_REMEMBERED = 8  # deliveries, by which it is known how quick Slack is


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
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._clock = clock
        self._monotonic = monotonic  # seconds
        self._lookout = Lookout(database, clock, poll=poll)
        self._workers = threads
        self._lately: tuple[float, ...] = (QUICK,)  # seconds that the last deliveries took
        self._sender = Sender(
            database=database,
            slack=Slack(
                slack, upload, clock, post_seconds=post_seconds, upload_seconds=upload_seconds
            ),
            clock=clock,
            announcing=announcing,
            draw=draw,
        )
        self._stopping = threading.Event()
        self._notes = Notes(
            database,
            clock,
            self._stopping,
            witness=witness,
            jitter=jitter or random.SystemRandom().random,
            finished=self._sender.finished,
        )
        self._threads = [
            threading.Thread(target=self._serve, name=f"delivery-{number}", daemon=True)
            for number in range(1, threads + 1)
        ]
        self._threads.append(
            threading.Thread(target=self._watch, name="delivery-watch", daemon=True)
        )
        self._crew = Crew(monotonic)
        self._looking = threading.Lock()
        self._woken = threading.Event()

    @property
    def counts(self) -> Counter[tuple[str, str]]:
        """How many attempts ended how, by kind and outcome."""
        return self._notes.counts

    def run_due(self) -> int:
        """Attempt what is due now and return how many deliveries that were.

        A lane rests after each, so one that holds several needs the clock to move to `next_at()`.
        """
        attempted = 0
        while taken := self._lookout.look(self._most(), among=self._among())[0]:
            attempted += self._carry(self._crew.begin(taken))
        return attempted

    def next_at(self) -> datetime | None:
        """When something is due next, which may be long ago; None: nothing waits."""
        found = self._database.read(lambda session: lanes.waiting(session, most=1))
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
                    batch = self._await()
                if batch is not None:
                    self._carry(batch)
            except DatabaseUnavailableError as problem:
                logger.warning("delivery waits for the database", extra={"error": str(problem)})
                self._stopping.wait(POLL)
            except Exception:
                logger.exception("delivery met a mistake")
                self._stopping.wait(POLL)

    def _await(self) -> Batch | None:
        """Wait until something is due and take it; None when it is time to stop."""
        while not self._stopping.wait(max(0.0, self._lookout.rest)):
            if self._is_quick:
                self._crew.wait(self._stopping)
            self._woken.clear()
            if self._stopping.is_set():  # perhaps just before the clearing
                break
            taken, wait = self._lookout.look(self._most(), among=self._among())
            if taken:
                return self._crew.begin(taken)
            self._woken.wait(wait)
        return None

    def _most(self) -> int:
        """How many deliveries a thread takes at once: so many that none waits long for the others."""
        if self._is_quick:
            return _TOGETHER_QUICKLY
        return max(1, min(_TOGETHER, int(_TOGETHER_SECONDS / self._lately[-1])))

    def _among(self) -> int:
        """How many threads share what is due."""
        return 1 if self._is_quick else self._workers

    @property
    def _is_quick(self) -> bool:
        """Whether one thread sends better alone, as things are; see `Crew`."""
        # By the quickest: threads that wait for the interpreter take longer, however quick Slack is.
        return min(self._lately) < QUICK

    def _carry(self, batch: Batch) -> int:
        """Send these, one after the other, and note together what came of them; how many that were.

        Where that takes long, or it is time to stop, what nobody has begun is left to others.
        """
        began = 0
        try:
            known = self._sender.know(batch.left)
            while (one := batch.next()) is not None:
                began += 1
                if done := self._send(one, known.get(one.delivery.id)):
                    batch.add(done)
                if self._stopping.is_set() or batch.age > _TOGETHER_SECONDS:
                    break
        finally:
            try:
                self._settle(batch)
            finally:
                self._crew.end(batch)
        return began

    def _settle(self, batch: Batch) -> None:
        """Note what came of a batch so far, and leave to others what nobody has begun."""
        done, left = batch.relieve()
        try:
            if done:
                self._notes.note(done)
                # The lanes may hold more, and their rest may be over before the next look.
                self._woken.set()
        finally:
            if left:
                self._lookout.give_back(left)
                self._woken.set()

    def _watch(self) -> None:
        """Have nothing wait for a delivery that was taken with it and takes long."""
        while not self._stopping.wait(_RELIEVE_EVERY):
            self._relieve(_TOGETHER_SECONDS)
        self._relieve(0.0)

    def _relieve(self, age: float) -> None:
        """Settle all batches in hand, which are that old in seconds, but for what is being sent."""
        for batch in self._crew.older_than(age):
            try:
                self._settle(batch)
            except DatabaseUnavailableError as problem:
                logger.warning("delivery waits for the database", extra={"error": str(problem)})
            except Exception:
                logger.exception("delivery met a mistake")

    def _send(self, taken: Taken, known: Known | None) -> Done | None:
        """Send one; None: its lane was taken over, and it is somebody else's."""
        began = self._monotonic()
        try:
            with Holding(self._database, taken.lease, self._clock, until=taken.until) as hold:
                errand = Errand(taken.delivery, taken.workspace, hold, known)
                outcome = self._outcome(errand)
        except LeaseLostError:
            logger.warning("a lane was taken over", extra={"lane": taken.lease.lane})
            return None
        seconds = self._monotonic() - began
        self._lately = (*self._lately, seconds)[-_REMEMBERED:]
        return Done(taken, outcome, self._clock(), seconds)

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
