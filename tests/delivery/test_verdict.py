"""What an outcome means: when a delivery is given up, and when it steps aside."""

from datetime import timedelta
from uuid import UUID

import pytest

from bot.delivery import SlackTroubleError
from bot.delivery.parts import Later, Outcome, Sent, Skipped
from bot.delivery.verdict import GIVE_UP_AFTER, GIVE_UP_ATTEMPTS, Verdict, verdict
from storage.lanes import Lease
from storage.outbox import DeliveryRow
from tests.cast import NOW

ID = UUID(int=1)


def judge(
    outcome: Outcome | SlackTroubleError,
    *,
    lane: str = "dm",
    kind: str = "notify",
    attempts: int = 0,
    age: timedelta = timedelta(),
) -> Verdict:
    """By the longest wait that the lot may draw."""
    written = NOW - age
    nothing = (None, None, None)
    row = DeliveryRow(
        1, ID, lane, kind, "key", *nothing, "sending", attempts, written, None, *nothing
    )
    return verdict(Lease(1, lane, ID), row, outcome, now=NOW, jitter=lambda: 1.0)


@pytest.mark.parametrize(
    ("attempts", "age", "name"),
    [
        (GIVE_UP_ATTEMPTS, GIVE_UP_AFTER, "dead"),
        (GIVE_UP_ATTEMPTS - 1, GIVE_UP_AFTER, "retried"),
        (GIVE_UP_ATTEMPTS, GIVE_UP_AFTER - timedelta(seconds=1), "retried"),
    ],
)
def test_it_is_given_up_after_a_day_and_twenty_attempts(
    attempts: int, age: timedelta, name: str
) -> None:
    given = judge(SlackTroubleError("no_answer", in_doubt=True), attempts=attempts, age=age)

    assert (given.name, given.settled.state, given.settled.error) == (
        (name, "dead", "gave_up:no_answer") if name == "dead" else (name, "sending", "no_answer")
    )


@pytest.mark.parametrize(
    ("lane", "code", "attempts", "aside", "rest"),
    [
        ("dm", "internal_error", 4, 32.0, 0.2),
        ("dm", "internal_error", 3, None, 16.0),
        ("dm:many", "http_500", 4, 32.0, 0.5),
        ("dm:UMARIA", "internal_error", 4, None, 32.0),  # aside already
        ("channel:C1", "fatal_error", 4, None, 32.0),
        # Nobody else’s would fare better.
        ("dm", "no_answer", 4, None, 32.0),
        ("dm", "http_503", 4, None, 32.0),
    ],
)
def test_a_direct_message_that_slack_alone_fails_on_steps_aside_at_the_fifth_attempt(
    lane: str, code: str, attempts: int, aside: float | None, rest: float
) -> None:
    given = judge(SlackTroubleError(code), lane=lane, attempts=attempts)

    assert (given.name, given.aside, given.rest) == ("retried", aside, rest)
    assert (given.settled.state, given.settled.error) == ("pending", code)


@pytest.mark.parametrize(
    ("outcome", "name", "state", "rest"),
    [
        (Sent("D1", "1.2"), "sent", "sent", 0.2),
        (Skipped("nothing to say"), "skipped", "skipped", 0.0),
        (Later("invalid_blocks", 0.1), "retried", "pending", 0.2),
        (Later("invalid_blocks", 2.0), "retried", "pending", 2.0),
        (SlackTroubleError("ratelimited", retry_after=30.0), "retried", "pending", 30.0),
        (SlackTroubleError("channel_not_found"), "dead", "dead", 0.2),
    ],
)
def test_a_lane_rests_as_long_as_slack_asks_and_at_least_at_its_own_pace(
    outcome: Outcome | SlackTroubleError, name: str, state: str, rest: float
) -> None:
    given = judge(outcome)

    assert (given.name, given.settled.state, given.rest) == (name, state, rest)
    assert (given.settled.sent_at == NOW) is (name in ("sent", "skipped"))
