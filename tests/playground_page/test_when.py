from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.playground.page.when import UnreadableTimeError, moment, stops

LISBON = ZoneInfo("Europe/Lisbon")
NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)  # a Wednesday; Lisbon is on UTC until 29 March


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("tomorrow 09:00", "2026-03-05 09:00"),
        ("Tomorrow", "2026-03-05 09:00"),
        ("tomorrow at 6pm", "2026-03-05 18:00"),
        ("today 17:15", "2026-03-04 17:15"),
        ("next Monday", "2026-03-09 09:00"),
        ("wednesday", "2026-03-11 09:00"),
        ("next fri 8:05", "2026-03-06 08:05"),
        ("in 3 days", "2026-03-07 09:00"),
        ("+2 weeks", "2026-03-18 09:00"),
        ("in an hour", "2026-03-04 10:30"),
        ("in 90 minutes", "2026-03-04 11:00"),
        ("next month", "2026-04-04 08:00"),  # 09:00 in Lisbon's summer time
        ("in 1 year", "2027-03-04 09:00"),
        ("2027-02-28", "2027-02-28 09:00"),
        ("2027-02-28 23:59", "2027-02-28 23:59"),
        ("29 February 2028", "2028-02-29 09:00"),
        ("1 march", "2027-03-01 09:00"),
        ("Dec 24, 2026", "2026-12-24 09:00"),
        ("08:00", "2026-03-05 08:00"),
        ("23:00", "2026-03-04 23:00"),
    ],
)
def test_people_name_a_time_in_their_own_words(words: str, expected: str) -> None:
    found = moment(words, NOW, LISBON)
    assert found.strftime("%Y-%m-%d %H:%M") == expected
    assert found.tzinfo is UTC


def test_a_morning_is_the_morning_of_whoever_asks() -> None:
    found = moment("tomorrow 09:00", NOW, ZoneInfo("Asia/Tokyo"))
    assert found == datetime(2026, 3, 5, 0, 0, tzinfo=UTC)


def test_a_month_from_the_31st_is_the_last_day_of_a_shorter_month() -> None:
    now = datetime(2027, 1, 31, 12, tzinfo=UTC)
    assert moment("next month", now, LISBON).date().isoformat() == "2027-02-28"


@pytest.mark.parametrize("words", ["yesterday", "", "soon", "25:00", "31 February", "2026-13-01"])
def test_words_that_name_no_time_are_answered_with_examples(words: str) -> None:
    with pytest.raises(UnreadableTimeError, match="tomorrow 09:00"):
        moment(words, NOW, LISBON)


@pytest.mark.parametrize("words", ["today 08:00", "2025-01-01", "2026-03-04"])
def test_time_does_not_go_back(words: str) -> None:
    with pytest.raises(UnreadableTimeError, match="only moves forward"):
        moment(words, NOW, LISBON)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.text(max_size=30),
        st.from_regex(r"(next |in |\+)?[0-9a-z]{1,9}( [0-9:]{1,5})?", fullmatch=True),
    ),
    st.integers(0, 25_000),
)
def test_any_words_name_a_time_to_come_or_are_refused(words: str, hours: int) -> None:
    now = NOW + timedelta(hours=hours)
    try:
        found = moment(words, now, LISBON)
    except UnreadableTimeError:
        return
    assert timedelta(0) < found - now < timedelta(days=366 * 102)


def test_an_hour_is_an_hour_when_the_clocks_change() -> None:
    now = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    assert moment("in 1 hour", now, LISBON) - now == timedelta(hours=1)


def test_a_journey_rests_at_noon_of_each_day_and_ends_at_its_goal() -> None:
    begin, goal = datetime(2026, 3, 2, 12, tzinfo=UTC), datetime(2026, 3, 4, 12, tzinfo=UTC)
    noon = datetime(2026, 3, 3, 12, tzinfo=UTC)
    assert list(stops(begin, goal)) == [noon, goal]
    assert list(stops(begin, begin + timedelta(hours=1))) == [begin + timedelta(hours=1)]
