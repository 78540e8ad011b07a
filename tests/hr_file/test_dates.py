"""Dates as HR files write them: read where they can mean one day only."""

from datetime import date

import pytest

from bot.hr_file.dates import Order, Unreadable, read_date

LAST_OF_AUGUST = date(2020, 8, 31)


@pytest.mark.parametrize(
    "text",
    [
        "2020-08-31",
        "2020-08-31T00:00:00",
        "2020-08-31 00:00:00.000Z",
        "20200831",
        "31.08.2020",
        "31.8.2020",
        "31/08/2020",
        "8/31/2020",
        "31-08-2020",
        "2020/08/31",
        "2020.8.31",
        "2020. 08. 31.",
        "31 Aug 2020",
        "31-AUG-2020",
        "Aug 31, 2020",
        "August 31st, 2020",
        "31st of August 2020",
        "31 août 2020",
        "31. August 2020",
        "31 de agosto de 2020",
        "31 agosto 2020",
        "31 augustus 2020",
        "31 sierpnia 2020",
        "31 августа 2020",
        "2020年8月31日",
    ],
)
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    assert read_date(text) == LAST_OF_AUGUST
    assert read_date("05/05/2020") == date(2020, 5, 5)


@pytest.mark.parametrize("separator", ["/", ".", "-"])
def test_what_could_be_two_days_is_neither_until_the_order_is_said(separator: str) -> None:
    text = separator.join(("03", "04", "2020"))

    refused = read_date(text)

    assert refused == Unreadable(f"“{text}” could be 2020-04-03 or 2020-03-04", "ambiguous date")
    assert read_date(text, "dmy") == date(2020, 4, 3)
    assert read_date(text, "mdy") == date(2020, 3, 4)


@pytest.mark.parametrize(
    ("text", "order", "reason"),
    [
        ("31/08/2020", "mdy", "“31/08/2020” is no day when read in the order mdy"),
        ("8/31/2020", "dmy", "“8/31/2020” is no day when read in the order dmy"),
        ("3/4/2020", "ymd", "“3/4/2020” does not begin with the year, as the date format says"),
        ("30/02/2020", None, "“30/02/2020” is a day that does not exist"),
        ("2021-02-29", None, "“2021-02-29” is a day that does not exist"),
        ("13/13/2020", None, "“13/13/2020” is a day that does not exist"),
        ("31.08.20", None, "“31.08.20” has no year of four digits"),
        ("31 Aug 20", None, "“31 Aug 20” has no year of four digits"),
        (
            "44074",
            None,
            (
                "“44074” is Excel’s number for a day (perhaps 2020-08-31): format the column as a date,"
                " and save the file again"
            ),
        ),
        ("2020", None, "“2020” is a number and not a date"),
        ("2020-08-31 14:30", None, "“2020-08-31 14:30” has a time of day: give the date alone"),
        ("August 2020", None, "“August 2020” is not a date that I can read: write 2020-08-31"),
        ("soon", None, "“soon” is not a date that I can read: write 2020-08-31"),
    ],
)
def test_what_is_no_day_is_refused_with_the_reason(
    text: str, order: Order | None, reason: str
) -> None:
    assert read_date(text, order) == Unreadable(reason)


def test_a_month_that_means_two_in_two_languages_is_refused() -> None:
    # Listopad is November in Polish and October in Croatian.
    assert isinstance(read_date("1 listopad 2020"), Unreadable)
