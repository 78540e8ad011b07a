"""How many threads send at once: one while Slack is quick, and as many as there are while it is slow."""

import threading

from bot.delivery.crew import QUICK, Crew


class Timepiece:
    """Seconds that go by when they are told to."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def read(self) -> float:
        return self.seconds


def test_somebody_goes_for_more_at_once_where_nobody_is_at_work() -> None:
    assert Crew().enough_for == 0


def test_nobody_else_is_needed_while_one_comes_further_every_few_milliseconds() -> None:
    watch = Timepiece()
    crew = Crew(watch.read)
    batch = crew.begin([])
    for _ in range(50):
        watch.seconds += QUICK / 2
        assert 0 < crew.enough_for <= QUICK
        batch.next()
    crew.end(batch)
    assert crew.enough_for == 0


def test_another_is_needed_while_all_at_work_wait_for_slack() -> None:
    watch = Timepiece()
    crew = Crew(watch.read)
    crew.begin([])
    watch.seconds += 2 * QUICK
    assert crew.enough_for == 0
    second = crew.begin([])
    assert crew.enough_for > 0
    watch.seconds += 2 * QUICK
    assert crew.enough_for == 0
    second.next()
    assert crew.enough_for > 0


def test_who_waits_goes_on_once_the_one_at_work_is_done_however_little_time_went_by() -> None:
    crew = Crew(Timepiece().read)
    batch = crew.begin([])
    waiting = threading.Thread(target=crew.wait, args=(threading.Event(),))
    waiting.start()
    crew.end(batch)
    waiting.join(5)
    assert not waiting.is_alive()


def test_nobody_waits_when_it_is_time_to_stop() -> None:
    crew = Crew(Timepiece().read)
    crew.begin([])
    stopping = threading.Event()
    waiting = threading.Thread(target=crew.wait, args=(stopping,))
    waiting.start()
    stopping.set()
    waiting.join(5)
    assert not waiting.is_alive()
