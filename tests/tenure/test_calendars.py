"""On which day something is celebrated, and why on another one."""

from datetime import date

import pytest

from bot.calendars import Calendar, Quiet, holiday, zone_of

SUNDAY = date(2027, 2, 28)


def moved(calendar: Calendar, on: date, country: str | None = None) -> tuple[str, str]:
    day, why = calendar.celebration(on, country)
    return day.isoformat(), why


def test_by_default_the_day_is_the_day() -> None:
    assert moved(Calendar(), SUNDAY, "PT") == ("2027-02-28", "")


def test_a_weekend_moves_to_the_working_day_before_or_after() -> None:
    assert moved(Calendar("working_day_before"), SUNDAY) == ("2027-02-26", "moved from Sunday")
    assert moved(Calendar("next_working_day"), SUNDAY) == ("2027-03-01", "moved from Sunday")


def test_public_holidays_count_where_the_country_is_known() -> None:
    freedom_day = date(2028, 4, 25)
    calendar = Calendar("next_working_day", holidays=True)
    assert moved(calendar, freedom_day, "PT") == ("2028-04-26", "public holiday: Freedom Day")
    assert moved(calendar, freedom_day, "DE") == ("2028-04-25", "")
    assert moved(calendar, freedom_day, None) == ("2028-04-25", "")


def test_a_holiday_next_to_a_weekend_is_moved_past_both() -> None:
    christmas = date(2026, 12, 25)  # a Friday
    calendar = Calendar("next_working_day", holidays=True)
    assert moved(calendar, christmas, "PT") == ("2026-12-28", "public holiday: Christmas Day")


def test_quiet_days_over_new_year_are_waited_for() -> None:
    calendar = Calendar(quiet=(Quiet.parse("12-24..01-01"),))
    assert moved(calendar, date(2026, 12, 30)) == ("2027-01-02", "quiet day")
    assert moved(calendar, date(2026, 12, 23)) == ("2026-12-23", "")


def test_a_quiet_day_of_one_year_is_an_ordinary_one_in_another() -> None:
    calendar = Calendar(quiet=(Quiet.parse("2026-05-04"),))
    assert moved(calendar, date(2026, 5, 4)) == ("2026-05-05", "quiet day")
    assert moved(calendar, date(2027, 5, 4)) == ("2027-05-04", "")


def test_a_year_without_a_day_that_would_do_moves_nothing() -> None:
    calendar = Calendar(quiet=(Quiet.parse("01-01..12-31"),))
    assert moved(calendar, SUNDAY) == ("2027-02-28", "")


@pytest.mark.parametrize(
    "text", ["", "24 Dec", "13-01", "2026-01-02..2026-01-01", "12-24..2026-01-01"]
)
def test_what_is_no_range_of_days_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no day or range"):
        Quiet.parse(text)


def test_unknown_countries_have_no_holidays_and_unknown_timezones_fall_back() -> None:
    assert holiday("XX", date(2026, 12, 25)) == ""
    assert zone_of("Mars/Base", None, "Asia/Tokyo").key == "Asia/Tokyo"
    assert zone_of(None).key == "UTC"
