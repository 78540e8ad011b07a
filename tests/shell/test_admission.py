"""Few threads answer at once while Python keeps them, and more while something else does."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event

import pytest

from bot.admission import Admission
from bot.pool import Pool

SOON = 20.0  # seconds; nothing here takes as long


class Counter:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


class House:
    """An admission for two, and threads that work until they are let go."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self.threads, self.time, self.used = threads, Counter(), Counter()
        self.admission = Admission(2, monotonic=self.time, used=self.used)
        self.admission.begin_to_look()

    def work(self) -> Event:
        """Have one more thread work, once it finds a place; what is returned lets it go."""
        begun, enough = Event(), Event()

        def stay() -> None:
            self.admission.enter()
            self.admission.begin()
            begun.set()
            enough.wait(SOON)
            self.admission.end()

        self.threads.submit(stay)
        assert begun.wait(SOON)
        return enough

    def look(self, *, after: float, used: float) -> None:
        """Look, so many seconds after the last time, of which processors worked so many for us."""
        self.time.at += after
        self.used.at += used
        self.admission.look()


@pytest.fixture
def house() -> Iterator[House]:
    """A house with room for eight."""
    with ThreadPoolExecutor(8) as threads:
        yield House(threads)


def test_while_the_interpreter_is_busy_nobody_else_gets_a_place(house: House) -> None:
    there = [house.work(), house.work()]
    assert house.admission.is_full
    for _ in range(20):
        house.look(after=0.01, used=0.009)
    assert house.admission.is_full
    for one in there:
        one.set()


def test_whoever_waits_for_something_else_makes_place(house: House) -> None:
    first, second = house.work(), house.work()
    house.look(after=0.01, used=0.001)
    third, fourth = house.work(), house.work()  # in the places of those who wait
    assert house.admission.is_full
    house.look(after=0.01, used=0.01)
    assert house.admission.is_full
    for one in (first, second, third, fourth):
        one.set()
    house.threads.shutdown()
    # Nobody's place was lost, or is there twice.
    assert [house.admission.enter_at_once() for _ in range(3)] == [True, True, False]


def test_who_takes_long_makes_place_however_busy_the_rest_is(house: House) -> None:
    long = house.work()
    house.look(after=0.2, used=0.2)
    short = house.work()
    house.look(after=0.1, used=0.1)
    another = house.work()
    assert house.admission.is_full
    for one in (long, short, another):
        one.set()


def test_work_is_done_in_the_order_in_which_it_came() -> None:
    pool = Pool("test", threads=4, waiting=100, few=1)
    done: SimpleQueue[int] = SimpleQueue()
    for number in range(50):
        assert pool.submit(lambda number=number: done.put(number))  # type: ignore[misc]
    assert [done.get(timeout=SOON) for _ in range(50)] == list(range(50))
    assert pool.stop(within=SOON)


def test_work_that_waits_keeps_no_other_work_from_being_done() -> None:
    pool = Pool("test", threads=4, waiting=100, few=1)
    hanging, done = Event(), SimpleQueue[str]()
    for _ in range(3):
        assert pool.submit(lambda: hanging.wait(SOON))
    assert pool.submit(lambda: done.put("here"))
    assert done.get(timeout=SOON) == "here"
    assert not hanging.is_set()
    hanging.set()
    assert pool.stop(within=SOON)
