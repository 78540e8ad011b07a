"""What came of a delivery, and what that means: how its lane goes on, and what is written."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.delivery.parts import Later, Outcome, Sent, Skipped
from bot.delivery.trouble import SlackTroubleError
from storage.lanes import Lease, Settled
from storage.outbox import GAVE_UP, DeliveryRow

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


class Verdict(NamedTuple):
    """`name` is sent, skipped, retried or dead; the lane rests so many seconds."""

    name: str
    settled: Settled
    rest: float
    aside: float | None = None  # after how many seconds it is tried again in a lane of its own


def verdict(
    lease: Lease,
    delivery: DeliveryRow,
    outcome: Outcome | SlackTroubleError,
    *,
    now: datetime,
    jitter: Callable[[], float],
) -> Verdict:
    """What an outcome means for a delivery and its lane; `jitter` is from 0 to 1."""
    pace = _pace(delivery)
    settled = Settled(lease, delivery.id, "pending")
    match outcome:
        case Sent(channel, ts):
            return Verdict("sent", Settled(lease, delivery.id, "sent", now, channel, ts), pace)
        case Skipped(reason):
            skipped = settled._replace(state="skipped", sent_at=now, error=reason)
            return Verdict("skipped", skipped, 0.0)
        case Later(error, seconds):
            return Verdict("retried", settled._replace(error=error), max(pace, seconds))
    code = outcome.code
    tried_enough = delivery.attempts >= GIVE_UP_ATTEMPTS
    if not outcome.permanent and tried_enough and now - delivery.created_at >= GIVE_UP_AFTER:
        code = f"{GAVE_UP}:{code}"
    if outcome.permanent or code != outcome.code:
        return Verdict("dead", settled._replace(state="dead", error=code), pace)
    # What may have been sent is looked for first.
    settled = settled._replace(state="sending" if outcome.in_doubt else "pending", error=code)
    wait = _wait(outcome, delivery, jitter)
    tried = delivery.attempts + 1
    if delivery.lane in (DIRECT, MANY) and code in ABOUT_ONE and tried >= ASIDE_AFTER:
        return Verdict("retried", settled, pace, wait)
    return Verdict("retried", settled, wait)


def _wait(trouble: SlackTroubleError, delivery: DeliveryRow, jitter: Callable[[], float]) -> float:
    """Seconds until another attempt: what Slack named, else twice as long each time at most."""
    if trouble.retry_after is not None:
        return trouble.retry_after
    ceiling = min(LONGEST_WAIT, 2.0 ** min(delivery.attempts + 1, 20))
    return max(1.0, jitter() * ceiling)


def _pace(delivery: DeliveryRow) -> float:
    """Seconds that a lane rests after a delivery."""
    return max(PACES[delivery.kind], MANY_PACE if delivery.lane == MANY else 0.0)
