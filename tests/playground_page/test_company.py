from datetime import UTC, date, datetime
from xml.etree import ElementTree

import pytest

from bot.playground import Engine
from bot.playground.page import company
from bot.playground.page.avatars import avatar, initials

TODAY = date(2026, 3, 2)


@pytest.fixture
def alderbrook() -> Engine:
    engine = Engine(lambda: datetime(2026, 3, 2, 9, tzinfo=UTC), app_name="Herald")
    company.populate(engine, TODAY)
    return engine


def test_there_are_a_dozen_people_of_every_kind(alderbrook: Engine) -> None:
    people = [alderbrook.user(one.name) for one in company.PEOPLE]
    assert len(people) >= 12
    assert sum(one.is_admin for one in people) == 1
    assert sum(one.is_restricted for one in people) == 1
    assert sum(one.deleted for one in people) == 1
    assert sum(one.is_bot for one in people) == 1
    assert len({one.tz for one in people}) >= 10


def test_tom_has_twelve_years_tomorrow_and_nikos_came_on_a_leap_day(alderbrook: Engine) -> None:
    assert alderbrook.user("tom").start_date == "2014-03-03"
    assert alderbrook.user("nikos").start_date == "2016-02-29"


def test_a_date_of_hire_that_its_year_lacks_is_the_day_before() -> None:
    assert company.hired("-1y+0d", date(2028, 2, 29)) == "2027-02-28"


def test_two_people_have_one_conversation_whoever_begins(alderbrook: Engine) -> None:
    maria, tom = alderbrook.user("maria"), alderbrook.user("tom")
    assert company.direct(alderbrook, maria.id, tom.id) == company.direct(
        alderbrook, tom.id, maria.id
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Maria Silva", "MS"), ("Sam O’Neill", "SO"), ("佐藤 愛子", "佐"), ("عمر حدّاد", "ع"), ("Νίκος Παππάς", "ΝΠ"), ("", "?")],
)  # fmt: skip
def test_initials_suit_the_script(name: str, expected: str) -> None:
    assert initials(name) == expected


def test_an_avatar_is_drawn_and_always_the_same(alderbrook: Engine) -> None:
    drawn = avatar(alderbrook.user("aiko"))
    assert drawn == avatar(alderbrook.user("aiko"))
    assert ElementTree.fromstring(drawn).tag.endswith("svg")
    assert "佐" in drawn


def test_a_name_is_never_markup_in_an_avatar(alderbrook: Engine) -> None:
    user = alderbrook.add_user("eve", real_name="<script>")
    assert "<script" not in avatar(user)


@pytest.mark.parametrize("day", [date(2026, 3, 2), date(2026, 11, 22), date(2027, 12, 20)])
def test_six_people_of_six_years_came_on_one_day_of_the_coming_weeks(day: date) -> None:
    hired = [date.fromisoformat(start) for one in company.PEOPLE if (start := company.hired(one.start, day))]  # fmt: skip
    there = day + company.SIX_TOGETHER
    together = [one for one in hired if (one.month, one.day) == (there.month, there.day)]
    assert len({one.year for one in together}) == len(together) == 6


def test_days_worth_seeing_always_lie_ahead() -> None:
    start = date(2027, 2, 20)
    found = {
        now.date(): [one.at.date() for one in company.journeys(start, now)]
        for now in (datetime(2027, 2, 20, tzinfo=UTC), datetime(2027, 3, 8, tzinfo=UTC))
    }
    assert found == {
        date(2027, 2, 20): [date(2027, 3, 8), date(2027, 2, 28)],
        date(2027, 3, 8): [date(2028, 3, 8), date(2028, 2, 29)],
    }
