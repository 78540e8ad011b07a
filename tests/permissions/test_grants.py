"""The two small grammars: whom something is given to, and how often something may be done."""

from datetime import date

import pytest

from bot.grants import ADMINS, EVERYONE, Grant, Limit, parse_grant


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "has nothing readable: write `everyone`, `admins`, `managers`, or Slack ids"),
        (" , ", "has nothing readable: write"),
        ("everyone, UTOM", "has “everyone”: write"),
        ("S0LEADS admins", "has “admins”: write"),
        ("everyone, managers", "has “everyone”: write"),
        ("everyone, admins", "has “admins”: write"),
        ("tom, managers, !Leads", "has “tom”, “!Leads”: write"),
        ("UTOM, !", "has “!”: write"),
    ],
)
def test_whom_nothing_can_be_given_to_is_answered(written: str, said: str) -> None:
    with pytest.raises(ValueError) as refused:
        parse_grant(written)
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize(
    ("written", "grant"),
    [
        ("Everyone", EVERYONE),
        ("admins", ADMINS),
        (
            "everyone !UTOM, !S0NEW",
            Grant(
                everyone=True,
                denied_people=frozenset({"UTOM"}),
                denied_groups=frozenset({"S0NEW"}),
            ),
        ),
        (
            "managers,UTOM,W0EVE,S0LEADS",
            Grant(
                managers=True, people=frozenset({"UTOM", "W0EVE"}), groups=frozenset({"S0LEADS"})
            ),
        ),
    ],
)
def test_whom_something_is_given_to_reads_as_it_is_written(written: str, grant: Grant) -> None:
    assert parse_grant(written) == grant == parse_grant(str(grant))


@pytest.mark.parametrize(
    ("written", "limit"),
    [
        ("5/week", Limit(5, "week")),
        ("5/weeks", Limit(5, "week")),
        ("2 per Quarter", Limit(2, "quarter")),
        (" 1 a day ", Limit(1, "day")),
        ("10 an year", Limit(10, "year")),
        ("3 months", Limit(3, "month")),
    ],
)
def test_how_often_reads_as_people_write_it(written: str, limit: Limit) -> None:
    assert Limit.parse(written) == limit == Limit.parse(str(limit))


@pytest.mark.parametrize("written", ["", "0/week", "5/weekss", "5/wee", "/week", "five a week"])
def test_what_is_no_limit_is_answered(written: str) -> None:
    with pytest.raises(ValueError, match=f"“{written}” is not a limit I understand"):
        Limit.parse(written)


@pytest.mark.parametrize(
    ("period", "day", "begins", "ends"),
    [
        ("day", "2026-12-31", "2026-12-31", "2027-01-01"),
        ("day", "2028-02-28", "2028-02-28", "2028-02-29"),
        ("week", "2026-01-31", "2026-01-26", "2026-02-02"),
        ("week", "2026-02-02", "2026-02-02", "2026-02-09"),
        ("week", "2026-12-31", "2026-12-28", "2027-01-04"),
        ("month", "2026-01-31", "2026-01-01", "2026-02-01"),
        ("month", "2026-03-31", "2026-03-01", "2026-04-01"),
        ("month", "2026-10-01", "2026-10-01", "2026-11-01"),
        ("month", "2026-12-31", "2026-12-01", "2027-01-01"),
        ("month", "2028-02-29", "2028-02-01", "2028-03-01"),
        ("quarter", "2026-01-31", "2026-01-01", "2026-04-01"),
        ("quarter", "2026-03-31", "2026-01-01", "2026-04-01"),
        ("quarter", "2026-04-01", "2026-04-01", "2026-07-01"),
        ("quarter", "2026-09-30", "2026-07-01", "2026-10-01"),
        ("quarter", "2026-10-01", "2026-10-01", "2027-01-01"),
        ("quarter", "2026-12-31", "2026-10-01", "2027-01-01"),
        ("quarter", "2028-02-29", "2028-01-01", "2028-04-01"),
        ("year", "2026-01-31", "2026-01-01", "2027-01-01"),
        ("year", "2026-12-31", "2026-01-01", "2027-01-01"),
        ("year", "2028-12-31", "2028-01-01", "2029-01-01"),
    ],
)
def test_a_period_is_one_of_the_calendar(period: str, day: str, begins: str, ends: str) -> None:
    limit, today = Limit.parse(f"1/{period}"), date.fromisoformat(day)
    assert (f"{limit.begins_on(today)}", f"{limit.ends_on(today)}") == (begins, ends)
