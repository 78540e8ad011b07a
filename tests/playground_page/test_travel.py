"""Journeys through the made-up company's time, without a browser: what the real Laurel posts on the way."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from urllib.request import Request, urlopen

import pytest

from bot.play import FEED, Playground
from bot.playground import Message

SIX = ("Priya Sharma", "佐藤 愛子", "عمر حدّاد", "Елена Соколова", "Chidi Okafor", "陈美")
Start = Callable[[datetime], Playground]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a playground whose time begins at a moment and runs from there."""
    with ExitStack() as running:

        def begin(moment: datetime) -> Playground:
            ahead = moment - datetime.now(UTC)
            made = Playground(with_samples=False, clock=lambda: datetime.now(UTC) + ahead)
            return running.enter_context(made)

        yield begin


def travel(playground: Playground, words: str, who: str = "maria") -> None:
    call = Request(
        f"{playground.url}/page/clock",
        json.dumps({"as": who, "words": words}).encode(),
        {"content-type": "application/json"},
    )
    with urlopen(call, timeout=180) as response:
        assert response.status == 200


def offered(playground: Playground, name: str, who: str) -> str:
    with urlopen(f"{playground.url}/page/state?as={who}", timeout=30) as response:
        journeys = json.loads(response.read())["journeys"]
    (words,) = (one["words"] for one in journeys if name in one["name"])
    return str(words)


def celebrations(playground: Playground) -> list[Message]:
    return [m for m in playground.engine.messages(FEED) if "celebrate" in m.reads()]


def day_of(post: Message) -> date:
    return datetime.fromtimestamp(float(post.ts), UTC).date()


def test_six_anniversaries_of_one_day_make_one_post_and_nobodys_is_passed_over(
    start: Start,
) -> None:
    playground = start(datetime(2026, 3, 12, 10, 20, tzinfo=UTC))
    travel(playground, offered(playground, "Six anniversaries", "maria"))
    posts = celebrations(playground)
    assert [day_of(post) for post in posts] == [date(2026, 3, 13), date(2026, 3, 28)]
    assert "Tom Becker" in posts[0].reads()
    assert [name for name in SIX if name not in posts[1].reads()] == []


def test_who_travels_past_a_29_february_that_is_none_finds_its_post_on_the_28th(
    start: Start,
) -> None:
    playground = start(datetime(2027, 2, 26, 10, tzinfo=UTC))
    travel(playground, "2027-03-03 09:00", "sam")
    (post,) = (m for m in celebrations(playground) if "Νίκος Παππάς" in m.reads())
    assert "11 years" in post.reads()
    assert day_of(post) == date(2027, 2, 28)
