"""What a worker takes together: one lane that is lost, broken or slow is its own trouble only."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import pytest
from slack_sdk import WebClient
from sqlalchemy import Connection

from bot.delivery import Courier
from bot.delivery.holding import LEASE, Holding
from bot.delivery.lookout import Lookout, Taken
from bot.delivery.parts import Became
from bot.delivery.set_back import SetBack
from bot.deps import WorkspaceRef
from bot.playground import Channel
from bot.playground.weather import Front
from storage import lanes
from storage.outbox import DeliveryRow
from tests.delivery.conftest import Office

NAMES = ["one", "two", "three", "four"]


@pytest.fixture
def channels(office: Office) -> list[Channel]:
    """In each of them something is to be posted: its name."""
    found = [office.engine.add_channel(name) for name in NAMES]
    for channel in found:
        office.announce(channel.name, channel=channel.id)
        office.pass_time(0.001)
    return found


def row_of(office: Office, name: str) -> DeliveryRow:
    [batch_id] = [key for key, text in office.words.said.items() if text == name]
    return office.delivery(f"announce:{batch_id}")


def states(office: Office) -> list[tuple[str, int]]:
    rows = [row_of(office, name) for name in NAMES]
    return [(row.state, row.attempts) for row in rows]


def posts(office: Office, channels: list[Channel]) -> list[list[str]]:
    return [office.posted(channel) for channel in channels]


def lookout_of(office: Office) -> Lookout:
    return Lookout(office.database, lambda: office.now, poll=1.0)


def claim(office: Office, channels: list[Channel], at: datetime) -> list[str]:
    """The lanes that another worker could take then, and does."""
    leases = office.database.write(
        lambda session: lanes.claim(
            session,
            workspace_id=office.workspace.id,
            lanes=[f"channel:{channel.id}" for channel in channels],
            now=at,
            until=at + LEASE,
        )
    )
    return [lease.lane for lease in leases]


def take_over(office: Office, channel: Channel) -> None:
    """Another worker takes a lane whose lease has lapsed, by its clock, and is never heard of again."""
    assert claim(office, [channel], office.now + LEASE)


def before(
    office: Office, number: int, happen: Callable[[], object]
) -> Callable[[WorkspaceRef], WebClient]:
    """Slack's clients, with something that happens just before the request of this number."""
    numbers = itertools.count(1)

    def client(workspace: WorkspaceRef) -> WebClient:
        if next(numbers) == number:
            happen()
        return office.client(workspace)

    return client


def soon(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_what_is_given_back_is_as_it_was_and_anybody_may_take_it_at_once(
    office: Office, channels: list[Channel]
) -> None:
    taken, _wait = lookout_of(office).look(8)
    assert len(taken) == 4
    assert states(office) == [("sending", 1)] * 4
    lookout_of(office).give_back(taken)
    assert states(office) == [("pending", 0)] * 4
    assert office.courier().run_due() == 4
    assert posts(office, channels) == [[name] for name in NAMES]
    assert office.engine.traffic.calls("conversations.history") == []


@pytest.mark.usefixtures("channels")
def test_what_is_given_back_in_doubt_stays_in_doubt(office: Office) -> None:
    lookout_of(office).look(8)  # by somebody who died
    office.pass_time(LEASE.total_seconds())
    lookout = lookout_of(office)
    taken, _wait = lookout.look(8)
    assert states(office) == [("sending", 2)] * 4
    lookout.give_back(taken)
    assert states(office) == [("sending", 1)] * 4


def test_where_one_lane_was_lost_the_others_are_given_back(
    office: Office, channels: list[Channel]
) -> None:
    lookout = lookout_of(office)
    taken, _wait = lookout.look(8)
    take_over(office, channels[1])
    lookout.give_back(taken)
    assert states(office) == [("pending", 0), ("sending", 1), ("pending", 0), ("pending", 0)]
    again, _wait = lookout.look(8)
    assert [one.lease.lane for one in again] == [
        f"channel:{channel.id}" for channel in (channels[0], *channels[2:])
    ]


def test_a_lane_that_is_lost_before_the_note_leaves_the_others_noted_and_doubles_nothing(
    office: Office, channels: list[Channel]
) -> None:
    slack = before(office, 3, lambda: take_over(office, channels[0]))
    assert office.courier(slack=slack, threads=1).run_due() == 4
    assert states(office) == [("sending", 1), ("sent", 1), ("sent", 1), ("sent", 1)]
    office.pass_time(2 * LEASE.total_seconds())
    office.settle(office.courier())
    assert row_of(office, "one").state == "sent"
    assert posts(office, channels) == [[name] for name in NAMES]


def test_a_lane_that_is_lost_before_its_turn_in_the_batch_comes_is_left_alone(
    office: Office, channels: list[Channel]
) -> None:
    def happen() -> None:
        take_over(office, channels[2])
        office.pass_time(5)

    office.courier(slack=before(office, 1, happen), threads=1).run_due()
    assert posts(office, channels) == [["one"], ["two"], [], ["four"]]
    assert states(office) == [("sent", 1), ("sent", 1), ("sending", 1), ("sent", 1)]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_waits_long_in_a_batch_has_its_lease_renewed_before_it_is_sent(
    office: Office, channels: list[Channel]
) -> None:
    claimed: list[list[str]] = []

    def time_passes(workspace: WorkspaceRef) -> WebClient:
        if not claimed:
            office.pass_time(14)
        later = timedelta(seconds=9 if claimed else 0)  # than now the second lane is still held
        claimed.append(claim(office, channels[1:2], office.now + later))
        return office.client(workspace)

    assert office.courier(slack=time_passes, threads=1).run_due() == 4
    assert claimed == [[]] * 4
    assert posts(office, channels) == [[name] for name in NAMES]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_one_post_tells_of_cannot_be_noted_and_still_everything_is_sent_once(
    office: Office, channels: list[Channel], caplog: pytest.LogCaptureFixture
) -> None:
    witnessed: list[str] = []

    def witness(_session: Connection, *, workspace_id: int, became: Sequence[Became]) -> None:
        assert workspace_id == office.workspace.id
        if row_of(office, "two").id in {one.delivery.id for one in became}:
            raise KeyError("two")
        witnessed.extend(one.delivery.lane for one in became)

    courier = office.courier(witness=witness, threads=1)
    courier.run_due()
    assert states(office) == [("sent", 1)] * 4
    assert {f"channel:{channel.id}" for channel in (channels[0], *channels[2:])} <= set(witnessed)
    assert courier.counts["announce", "sent"] == 4
    assert "noted without what it tells of" in caplog.text
    office.pass_time(60)
    office.settle(office.courier())
    assert posts(office, channels) == [[name] for name in NAMES]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_clock_set_back_while_a_batch_is_sent_has_no_lane_rest_until_the_old_time(
    office: Office, channels: list[Channel]
) -> None:
    office.announce("next", channel=channels[0].id)

    def set_back() -> None:
        office.pass_time(-1800)
        assert courier.run_due() == 0  # another thread looks out

    courier = office.courier(slack=before(office, 3, set_back), threads=1)
    assert courier.run_due() == 4
    assert courier.next_at() == office.now + timedelta(seconds=1)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_lane_is_not_thought_to_be_held_for_long_because_the_clock_was_set_back(
    office: Office, channels: list[Channel]
) -> None:
    others = SetBack(office.database)
    others.look(office.now)
    taken: list[Taken] = lookout_of(office).look(8)[0]
    first = taken[0]
    hold = Holding(office.database, first.lease, lambda: office.now, until=first.until)
    office.pass_time(-3600)
    others.look(office.now)
    office.pass_time(10)
    hold(10.0)
    free = claim(office, channels, office.now + timedelta(seconds=10))
    assert free == [one.lease.lane for one in taken[1:]]


@pytest.fixture
def release() -> threading.Event:
    """Ends the hanging."""
    return threading.Event()


@pytest.fixture
def hanging(office: Office, channels: list[Channel], release: threading.Event) -> Iterator[Courier]:
    """A courier with one thread, which took all together and hangs at the second."""
    assert channels
    office.watch.runs = True
    fronts: list[Front] = []

    def hang() -> None:
        fronts.append(office.engine.weather.hang("chat.postMessage", times=1, release=release))

    slack = before(office, 2, hang)
    courier = office.courier(slack=slack, threads=1, post_seconds=20.0)
    courier.start()
    soon(lambda: any(front.met for front in fronts))
    yield courier
    release.set()
    assert courier.stop(10)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_post_that_hangs_holds_up_none_that_was_taken_with_it(
    office: Office, channels: list[Channel], hanging: Courier, release: threading.Event
) -> None:
    # What was sent is noted, and what was not begun is anybody's: of another process, say.
    soon(lambda: states(office) == [("sent", 1), ("sending", 1), ("pending", 0), ("pending", 0)])
    assert office.courier(post_seconds=5.0).run_due() == 2
    assert posts(office, channels) == [["one"], [], ["three"], ["four"]]
    release.set()
    soon(lambda: states(office) == [("sent", 1)] * 4)
    assert hanging.stop(10)
    assert posts(office, channels) == [[name] for name in NAMES]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_at_the_end_a_post_that_hangs_keeps_nothing_else_from_being_noted(
    office: Office, hanging: Courier, release: threading.Event
) -> None:
    began = time.monotonic()
    assert hanging.stop(0.4) is False
    assert states(office) == [("sent", 1), ("sending", 1), ("pending", 0), ("pending", 0)]
    assert time.monotonic() - began < 5
    release.set()
    assert hanging.stop(10)
    assert row_of(office, "two").state == "sent"


@pytest.mark.parametrize("lacking", ["said", "cards"])
def test_what_cannot_be_read_or_put_into_words_is_a_dead_letter_and_the_others_are_sent(
    office: Office, channels: list[Channel], lacking: str
) -> None:
    broken = row_of(office, "two")
    assert broken.batch_id is not None
    del getattr(office.words, lacking)[broken.batch_id]
    assert office.courier(threads=1).run_due() == 4
    assert posts(office, channels) == [["one"], [], ["three"], ["four"]]
    assert office.delivery(broken.key).error == "internal:KeyError"


@pytest.mark.usefixtures("channels")
def test_words_of_what_is_taken_together_are_read_together(office: Office) -> None:
    office.courier(threads=1).run_due()
    assert office.words.reads == [4]


def test_what_is_looked_for_first_is_put_into_words_afterwards(
    office: Office, channels: list[Channel]
) -> None:
    lookout_of(office).look(8)  # by somebody who died
    office.pass_time(LEASE.total_seconds())

    def happen() -> None:
        batch_id = row_of(office, "one").batch_id
        assert batch_id is not None
        office.words.said[batch_id] = "what is true by now"

    office.courier(slack=before(office, 1, happen), threads=1).run_due()
    assert posts(office, channels) == [["what is true by now"], *([name] for name in NAMES[1:])]
    assert office.words.reads == [1] * 4


def say_in(office: Office, lanes: int) -> list[Channel]:
    """Have something posted in so many new channels."""
    found = [office.engine.add_channel(f"c{number}") for number in range(lanes)]
    for channel in found:
        office.announce(channel.name, channel=channel.id)
    return found


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_while_slack_is_quick_many_are_taken_together(office: Office) -> None:
    say_in(office, 42)
    assert office.courier(monotonic=lambda: 1.0).run_due() == 42
    # How quick it is is known after the first ones, of which each thread would take its part.
    assert office.words.reads == [8, 32, 2]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_while_slack_is_slow_so_many_are_taken_together_as_it_takes_in_a_second(
    office: Office,
) -> None:
    found, seconds = say_in(office, 24), [0.0]

    def slack(workspace: WorkspaceRef) -> WebClient:
        seconds[0] += 0.3
        return office.client(workspace)

    courier = office.courier(slack=slack, monotonic=lambda: seconds[0])
    courier.run_due()
    assert office.words.reads[0] == 6
    assert max(office.words.reads[1:]) == 3
    office.settle(courier)
    assert posts(office, found) == [[channel.name] for channel in found]
