"""A courier with threads of its own, by the machine's clock."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.delivery import Courier
from bot.playground.weather import Front
from storage.database import Database
from storage.outbox import NewDelivery
from tests.delivery.conftest import Office


@pytest.fixture
def running(office: Office) -> Iterator[Callable[..., Courier]]:
    """Couriers that run until the test is over."""
    started: list[Courier] = []
    office.watch.runs = True

    def start(**changes: Any) -> Courier:
        courier = office.courier(**{"post_seconds": 5.0} | changes)
        started.append(courier)
        courier.start()
        return courier

    yield start
    office.engine.weather.clear()
    assert all([courier.stop(10) for courier in started])  # noqa: C419 - every one is stopped


def appears(office: Office, text: str, within: float = 20.0) -> float:
    """Seconds until somebody reads it."""
    news = threading.Event()
    office.engine.workspace.watchers.append(lambda _kind, _key: news.set())
    began = time.monotonic()
    while time.monotonic() - began < within:
        news.clear()
        for channel in list(office.engine.workspace.messages):
            if any(message.text == text for message in office.engine.messages(channel)):
                return time.monotonic() - began
        news.wait(0.2)
    raise AssertionError(f"nobody read {text!r} within {within} s")


def meets(front: Front) -> None:
    """Wait until a request has met this weather."""
    end = time.monotonic() + 20
    while not front.met:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_new_delivery_is_sent_at_once(office: Office, running: Callable[..., Courier]) -> None:
    courier, took = running(), []
    for name in ("one", "two", "three"):  # the machine may be busy just once
        channel = office.engine.add_channel(name)
        time.sleep(0.2)  # the courier has looked, found nothing, and sleeps for a second
        office.announce(f"Hooray, {name}", channel=channel.id)
        courier.wake()
        took.append(appears(office, f"Hooray, {name}"))
        if took[-1] < 0.7:
            break
    assert min(took) < 0.7


def test_what_another_process_wrote_is_found_without_a_word(
    office: Office, running: Callable[..., Courier]
) -> None:
    running()
    office.announce("Hooray")
    appears(office, "Hooray")


def test_a_hanging_post_holds_its_own_lane_only(
    office: Office, running: Callable[..., Courier]
) -> None:
    courier = running()
    other = office.engine.add_channel("praise")
    front = office.engine.weather.hang("chat.postMessage", times=1)
    office.announce("stuck")
    courier.wake()
    meets(front)
    office.announce("behind it")
    office.announce("free", channel=other.id)
    courier.wake()
    appears(office, "free")
    assert office.posted() == []
    front.release.set()
    appears(office, "behind it")
    assert office.posted() == ["stuck", "behind it"]


def test_a_card_wanted_in_two_lanes_at_once_is_uploaded_once(
    office: Office, running: Callable[..., Courier]
) -> None:
    batch_id = office.announce("Hooray", cards=1)
    person_id = office.cast["Maria"].id
    key = f"notify:{batch_id}:{person_id}"
    office.enqueue(NewDelivery("dm", "notify", key, batch_id, person_id))
    front = office.engine.weather.hang("upload", times=1)
    courier = running()
    meets(front)
    time.sleep(0.3)  # time enough for the other lane to begin
    front.release.set()
    appears(office, "Hooray")
    end = time.monotonic() + 20
    while not (office.posted() and office.dms("Maria")):
        assert time.monotonic() < end
        time.sleep(0.01)
    assert len(office.engine.files) == 1
    assert courier.counts["announce", "retried"] == 0


def test_stopping_finishes_what_is_in_hand(office: Office, running: Callable[..., Courier]) -> None:
    front = office.engine.weather.hang("chat.postMessage", times=1)
    batch_id = office.announce("Hooray")
    courier = running()
    meets(front)
    assert courier.stop(0.1) is False
    front.release.set()
    assert courier.stop(20) is True
    assert office.delivery(f"announce:{batch_id}").state == "sent"
    assert office.posted() == ["Hooray"]


def test_what_was_sent_while_the_database_was_away_is_noted_when_it_is_back(
    office: Office, running: Callable[..., Courier], caplog: pytest.LogCaptureFixture
) -> None:
    front = office.engine.weather.hang("chat.postMessage", times=1)
    # This courier's own connection loses patience quickly.
    impatient = Database(office.database.url.render_as_string(hide_password=False), patience=0.2)
    batch_id = office.announce("Hooray")
    running(database=impatient)
    meets(front)
    began = time.monotonic()

    def hold_everything(session: Any) -> None:
        session.exec_driver_sql("UPDATE lane SET next_at = next_at")
        front.release.set()
        appears(office, "Hooray")
        while "waits for the database" not in caplog.text and time.monotonic() - began < 20:
            time.sleep(0.02)

    office.database.write(hold_everything)
    while office.delivery(f"announce:{batch_id}").state != "sent":
        assert time.monotonic() - began < 40
        time.sleep(0.02)
    assert "waits for the database" in caplog.text
    assert office.posted() == ["Hooray"]
    impatient.close()
