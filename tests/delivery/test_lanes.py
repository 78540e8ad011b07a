"""Order, rates and bad days of a lane."""

import threading
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.delivery.holding import LEASE, Holding
from storage import outbox
from storage.lanes import LeaseLostError
from tests.delivery.conftest import Office

TEXTS = ["first", "second", "third"]


def test_a_channel_gets_its_posts_in_order_one_a_second(office: Office) -> None:
    for text in TEXTS:
        office.announce(text)
    courier = office.courier()
    assert courier.run_due() == 1
    assert office.posted() == ["first"]
    assert courier.next_at() == office.now + timedelta(seconds=1)
    office.settle(courier)
    assert office.posted() == TEXTS
    assert [call.status for call in office.engine.traffic.calls()] == [200] * 3


def test_two_channels_do_not_wait_for_each_other(office: Office) -> None:
    other = office.engine.add_channel("praise")
    office.announce("here")
    office.announce("there", channel=other.id)
    assert office.courier().run_due() == 2
    assert (office.posted(), office.posted(other)) == (["here"], ["there"])


def test_a_post_carries_its_mark_and_unfurls_nothing(office: Office) -> None:
    batch_id = office.announce("Hooray <https://acme.example>")
    office.settle(office.courier())
    [message] = office.engine.messages(office.feed)
    row = office.delivery(f"announce:{batch_id}")
    assert message.metadata == {
        "event_type": "laurel_delivery",
        "event_payload": {"delivery": str(row.id)},
    }
    assert (row.state, row.channel, row.message_ts) == ("sent", office.feed.id, message.ts)
    assert row.sent_at == office.now
    [request] = office.engine.traffic.calls("chat.postMessage")
    assert request.request["unfurl_links"] is False
    assert request.request["unfurl_media"] is False


@pytest.mark.parametrize("weather", ["error_500", "garbage", "drop", "lose_answer", "hang"])
def test_a_bad_day_loses_nothing_doubles_nothing_and_keeps_the_order(
    office: Office, weather: str
) -> None:
    getattr(office.engine.weather, weather)("chat.postMessage", times=2)
    for text in TEXTS:
        office.announce(text)
    courier = office.courier()
    office.settle(courier)
    assert office.posted() == TEXTS
    assert courier.counts["announce", "sent"] == 3


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # each example has its own channel
)
@given(
    st.lists(
        st.sampled_from(["error_500", "garbage", "drop", "lose_answer", "rate_limit", "refuse"]),
        max_size=8,
    )
)
def test_whatever_the_weather_everything_arrives_once_and_in_order(
    office: Office, fronts: list[str]
) -> None:
    channel = office.engine.add_channel(f"c{len(office.engine.workspace.channels)}")
    for front in fronts:
        getattr(office.engine.weather, front)("chat.postMessage", times=1)
    texts = [*TEXTS, "fourth"]
    for text in texts:
        office.announce(text, channel=channel.id)
    office.settle(office.courier())
    office.engine.weather.clear()
    assert office.posted(channel) == texts


def test_slack_names_the_wait_and_the_lane_keeps_it(office: Office) -> None:
    office.engine.weather.rate_limit("chat.postMessage", retry_after=42, times=1)
    office.announce("first")
    office.announce("second")
    courier = office.courier()
    courier.run_due()
    assert courier.next_at() == office.now + timedelta(seconds=42)
    office.pass_time(41)
    assert courier.run_due() == 0
    office.settle(courier)
    assert office.posted() == ["first", "second"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_waits_double_up_to_ten_minutes_and_after_a_day_it_is_a_dead_letter(office: Office) -> None:
    batch_id = office.announce("never")
    courier = office.courier()
    front = office.engine.weather.error_500()
    waits = []
    for _ in range(12):
        courier.run_due()
        due = courier.next_at()
        assert due is not None
        waits.append((due - office.now).total_seconds())
        office.watch.now = due
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]
    office.settle(courier, turns=200)
    row = office.delivery(f"announce:{batch_id}")
    assert (row.state, row.error) == ("dead", "gave_up:http_500")
    assert timedelta(hours=24) <= office.now - row.created_at < timedelta(hours=24, minutes=11)
    assert front.met < 170


def test_what_waited_while_laurel_was_off_for_days_is_not_given_up_at_once(office: Office) -> None:
    office.announce("late")
    office.pass_time(timedelta(days=3).total_seconds())
    office.engine.weather.error_500(times=5)
    office.settle(office.courier())
    assert office.posted() == ["late"]


def test_the_wait_is_drawn_by_lot_but_never_under_a_second(office: Office) -> None:
    office.engine.weather.error_500()
    office.announce("later")
    courier = office.courier(jitter=lambda: 0.0)
    courier.run_due()
    assert courier.next_at() == office.now + timedelta(seconds=1)


def test_a_permanent_error_is_a_dead_letter_and_the_lane_goes_on(office: Office) -> None:
    gone = office.announce("lost", channel="C0NOWHERE1")
    kept = office.announce("second")
    archived = office.engine.add_channel("old", archived=True)
    other = office.announce("third", channel=archived.id)
    office.settle(office.courier())
    assert office.posted() == ["second"]
    assert office.delivery(f"announce:{gone}").error == "channel_not_found"
    assert office.delivery(f"announce:{other}").error == "is_archived"
    assert office.delivery(f"announce:{kept}").state == "sent"


def test_a_dead_letter_is_sent_by_retry_once_its_cause_is_gone(office: Office) -> None:
    office.engine.archive(office.feed)
    batch_id = office.announce("first")
    courier = office.courier()
    office.settle(courier)
    assert office.delivery(f"announce:{batch_id}").state == "dead"
    office.engine.unarchive(office.feed)
    office.pass_time(timedelta(days=2).total_seconds())
    office.database.write(
        lambda s: outbox.retry(s, workspace_id=office.workspace.id, now=office.now)
    )
    office.settle(courier)
    assert office.posted() == ["first"]
    row = office.delivery(f"announce:{batch_id}")
    assert (row.state, row.error) == ("sent", None)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_was_given_up_but_had_arrived_is_not_sent_twice_by_retry(office: Office) -> None:
    batch_id = office.announce("first")
    courier = office.courier()
    office.engine.weather.lose_answer("chat.postMessage", times=1)
    courier.run_due()
    office.engine.weather.error_500()
    office.settle(courier, turns=200)
    assert office.delivery(f"announce:{batch_id}").error == "gave_up:http_500"
    office.engine.weather.clear()
    office.pass_time(timedelta(days=2).total_seconds())
    office.database.write(
        lambda s: outbox.retry(s, workspace_id=office.workspace.id, now=office.now)
    )
    office.settle(courier)
    assert office.posted() == ["first"]
    assert office.delivery(f"announce:{batch_id}").state == "sent"


def test_a_direct_message_that_slack_keeps_failing_on_steps_aside(office: Office) -> None:
    office.engine.weather.refuse("chat.postMessage", error="internal_error", times=8)
    office.notify("Maria", "stubborn")
    office.notify("Tom", "easy")
    courier = office.courier()
    began = office.now
    for _ in range(5):
        office.settle_once(courier)
    office.engine.weather.clear()
    office.settle_once(courier)
    assert (office.dms("Tom"), office.dms("Maria")) == (["easy"], [])
    assert office.now - began < timedelta(minutes=1)
    office.settle(courier)
    assert office.dms("Maria") == ["stubborn"]


def test_a_post_that_slack_keeps_failing_on_keeps_its_place(office: Office) -> None:
    office.engine.weather.refuse("chat.postMessage", error="internal_error", times=8)
    office.announce("first")
    office.announce("second")
    office.settle(office.courier())
    assert office.posted() == ["first", "second"]


def test_a_mistake_of_our_own_is_a_dead_letter_and_the_lane_goes_on(office: Office) -> None:
    broken = office.announce("broken")
    del office.words.said[broken]
    office.announce("second")
    office.settle(office.courier())
    assert office.posted() == ["second"]
    assert office.delivery(f"announce:{broken}").error == "internal:KeyError"


def test_two_couriers_on_one_database_send_each_thing_once(office: Office) -> None:
    channels = [office.engine.add_channel(f"c{number}") for number in range(4)]
    for number in range(4):
        for channel in channels:
            office.announce(f"{channel.name} {number}", channel=channel.id)
        office.notify("Maria", f"dm {number}")
    couriers = [office.courier(post_seconds=5), office.courier(post_seconds=5)]
    for _ in range(12):
        threads = [threading.Thread(target=courier.run_due) for courier in couriers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        office.pass_time(1)
    for channel in channels:
        assert office.posted(channel) == [f"{channel.name} {number}" for number in range(4)]
    assert office.dms("Maria") == [f"dm {number}" for number in range(4)]
    assert couriers[0].next_at() is None


def test_the_same_key_enqueued_twice_is_posted_once(office: Office) -> None:
    batch_id = office.announce("once")
    office.enqueue(
        outbox.NewDelivery(
            f"channel:{office.feed.id}", "announce", f"announce:{batch_id}", batch_id
        )
    )
    office.settle(office.courier())
    assert office.posted() == ["once"]


def test_a_rate_limited_method_is_left_alone_by_every_lane(office: Office) -> None:
    other = office.engine.add_channel("praise")
    batches = [office.announce("here"), office.announce("there", channel=other.id)]
    courier = office.courier()
    office.settle(courier)
    front = office.engine.weather.rate_limit("chat.update", retry_after=30)
    for batch_id, lane in zip(batches, [office.feed.id, other.id], strict=True):
        office.words.said[batch_id] = "changed"
        office.enqueue(
            outbox.NewDelivery(f"channel:{lane}", "amend", f"amend:{batch_id}", batch_id)
        )
    office.pass_time(2)
    courier.run_due()
    assert front.met == 1
    office.engine.weather.clear()
    assert courier.next_at() == office.now + timedelta(seconds=30)
    office.settle(courier)
    assert (office.posted(), office.posted(other)) == (["changed"], ["changed"])


def test_a_lane_is_held_through_a_call_longer_than_its_lease_and_lost_soon_after_a_death(
    office: Office,
) -> None:
    office.announce("first")
    now = office.now

    lease = office.claim(now)
    assert lease is not None
    with Holding(office.database, lease, lambda: now) as hold:
        hold(60.0)
        assert office.claim(now + timedelta(seconds=14)) is None
    # Nobody renews it any more: a worker that died is relieved.
    assert office.claim(now + timedelta(seconds=15)) is not None
    with pytest.raises(LeaseLostError), Holding(office.database, lease, lambda: now) as hold:
        hold(60.0)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_clock_set_back_while_nobody_ran_holds_up_no_lane_either(office: Office) -> None:
    ahead = timedelta(days=3)
    office.announce("first")
    office.announce("second")
    assert office.courier(clock=lambda: office.now + ahead).run_due() == 1
    other = office.engine.add_channel("praise")
    office.announce("third", channel=other.id)
    assert office.claim(office.now + ahead)  # by somebody who died
    courier = office.courier()
    assert courier.run_due() == 0
    office.pass_time(1)
    assert courier.run_due() == 1
    office.pass_time(90)
    assert courier.run_due() == 1
    assert (office.posted(), office.posted(other)) == (["first", "second"], ["third"])


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_lane_that_slack_told_to_rest_rests_through_a_new_start(office: Office) -> None:
    office.engine.weather.rate_limit("chat.postMessage", retry_after=600, times=1)
    office.announce("first")
    office.courier().run_due()
    office.pass_time(599)
    assert office.courier().run_due() == 0
    office.pass_time(1)
    assert office.courier().run_due() == 1


def test_a_clock_that_is_set_back_leaves_no_lane_waiting_for_the_old_time(office: Office) -> None:
    ahead = timedelta(hours=1)
    courier = office.courier(clock=lambda: office.now + ahead)
    office.announce("first")
    assert courier.run_due() == 1
    office.pass_time(2)
    office.announce("second")
    office.announce("third")
    dead = office.now + ahead  # somebody took the lane, and died
    assert office.claim(dead)
    assert courier.run_due() == 0

    ahead = timedelta()
    assert courier.run_due() == 0
    office.pass_time(LEASE.total_seconds())
    assert courier.run_due() == 1
    office.pass_time(1)
    assert courier.run_due() == 1
    assert office.posted() == TEXTS
