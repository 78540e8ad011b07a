"""Which milestones fall on which day: lengths, service, and spans of time however they are cut."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.calendars import Calendar, Quiet, moment
from bot.milestones import Frame, plan
from bot.tenure import (
    Length,
    Milestone,
    Pause,
    Policies,
    Rule,
    Spell,
    Where,
    due_of,
    following,
    milestone_date,
    milestones,
)
from storage.nearing import Candidate
from storage.tenure import LOOK_NOW

ONE, TWO, THREE = UUID(int=1), UUID(int=2), UUID(int=3)
UTC_ZONE = Where(ZoneInfo("UTC"))
YEARS = Policies(rules=(Rule(Length(1, "y"), every=True),))


def days(spells: list[Spell], policies: Policies, until: date) -> list[tuple[str, str]]:
    found = milestones(spells, policies, since=date(1950, 1, 1), until=until)
    return [(str(one.length), one.due_on.isoformat()) for one in found]


@pytest.mark.parametrize(
    ("start", "length", "day"),
    [
        ("2026-08-31", "6m", "2027-02-28"),
        ("2027-08-31", "6m", "2028-02-29"),
        ("2026-12-31", "2m", "2027-02-28"),
        ("2026-01-31", "1m", "2026-02-28"),
        ("2026-03-31", "1m", "2026-04-30"),
        ("2026-11-30", "3m", "2027-02-28"),
        ("2026-12-02", "30d", "2027-01-01"),
        ("2024-02-29", "1y", "2025-02-28"),
        ("2024-02-29", "4y", "2028-02-29"),
        ("2096-02-29", "4y", "2100-02-28"),
        ("2024-02-29", "90d", "2024-05-29"),
        ("2020-12-31", "1y", "2021-12-31"),
    ],
)
def test_a_length_ends_on_the_same_day_of_the_month_or_its_last(
    start: str, length: str, day: str
) -> None:
    assert Length.parse(length).after(date.fromisoformat(start)).isoformat() == day


def test_who_started_on_29_february_may_celebrate_on_1_march() -> None:
    started = date(2024, 2, 29)
    assert Length(1, "y").after(started, "1_march") == date(2025, 3, 1)
    assert Length(12, "m").after(started, "1_march") == date(2025, 3, 1)
    assert Length(4, "y").after(started, "1_march") == date(2028, 2, 29)
    assert Length(6, "m").after(date(2026, 8, 31), "1_march") == date(2027, 2, 28)


@pytest.mark.parametrize("text", ["", "0d", "5", "y5", "-1y", "5w", "5 y", "10000d", "٥y"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no length"):
        Length.parse(text)


def test_lengths_are_read_named_and_sorted() -> None:
    lengths = sorted(map(Length.parse, ["1Y", "6m", "90d", "30d"]), key=lambda one: one.days)
    assert [one.words for one in lengths] == ["30 days", "90 days", "6 months", "1 year"]
    assert Length.parse("5y").slug == "5-years"


def test_the_default_milestones_are_30_and_90_days_6_months_and_every_year() -> None:
    spell = Spell(ONE, date(2024, 2, 29))
    assert days([spell], Policies(), date(2028, 3, 1)) == [
        ("30d", "2024-03-30"),
        ("90d", "2024-05-29"),
        ("6m", "2024-08-29"),
        ("1y", "2025-02-28"),
        ("2y", "2026-02-28"),
        ("3y", "2027-02-28"),
        ("4y", "2028-02-29"),
    ]


def test_the_last_day_of_a_spell_counts_and_the_day_after_does_not() -> None:
    start = date(2020, 3, 1)
    assert days([Spell(ONE, start, date(2021, 3, 1))], YEARS, date(2030, 1, 1)) == [
        ("1y", "2021-03-01")
    ]
    assert days([Spell(ONE, start, date(2021, 2, 28))], YEARS, date(2030, 1, 1)) == []


def test_a_bridged_rehire_goes_on_where_it_left_off() -> None:
    spells = [
        Spell(ONE, date(2015, 1, 1), date(2016, 12, 31)),
        Spell(TWO, date(2020, 1, 1)),
    ]
    found = milestones(spells, YEARS, since=date(2015, 1, 1), until=date(2022, 6, 1))
    assert [(str(one.length), one.due_on.isoformat(), one.spell_id) for one in found] == [
        ("1y", "2016-01-01", ONE),
        ("2y", "2020-01-01", TWO),  # two years were complete with the last day's end
        ("3y", "2020-12-31", TWO),
        ("4y", "2021-12-31", TWO),
    ]
    assert found[-1].counted_from == date(2017, 12, 31)  # 1,095 days later


def test_a_rehire_can_begin_anew() -> None:
    spells = [Spell(ONE, date(2015, 1, 1), date(2016, 12, 31)), Spell(TWO, date(2020, 1, 1))]
    policies = Policies(rules=YEARS.rules, rehire="latest")
    found = milestones(spells, policies, since=date(2015, 1, 1), until=date(2021, 6, 1))
    assert [(one.spell_id, str(one.length)) for one in found] == [(ONE, "1y"), (TWO, "1y")]


def test_leave_is_subtracted_only_where_the_workspace_says_so() -> None:
    leave = (Pause(date(2020, 6, 1), date(2020, 6, 30)),)
    spell = Spell(ONE, date(2020, 1, 1), leave=leave)
    subtracting = Policies(rules=YEARS.rules, subtract_leave=True)
    assert days([spell], YEARS, date(2021, 12, 31)) == [("1y", "2021-01-01")]
    assert days([spell], subtracting, date(2021, 12, 31)) == [("1y", "2021-01-31")]


def test_a_milestone_that_would_fall_into_leave_waits_for_its_end() -> None:
    spell = Spell(ONE, date(2020, 6, 1), leave=(Pause(date(2021, 6, 1), date(2021, 8, 31)),))
    subtracting = Policies(rules=YEARS.rules, subtract_leave=True)
    assert days([spell], subtracting, date(2022, 1, 1)) == [("1y", "2021-09-01")]


def test_a_rule_of_its_own_goes_before_every_year() -> None:
    five = Rule(Length(5, "y"), badge="jubilee", feed=True)
    policies = Policies(rules=(Rule(Length(1, "y"), every=True), five))
    assert policies.rule_for(Length(5, "y")) is five
    found = days([Spell(ONE, date(2000, 1, 1))], policies, date(2006, 1, 1))
    assert [length for length, _day in found] == ["1y", "2y", "3y", "4y", "5y", "6y"]


def test_every_five_years_leaves_out_the_years_between() -> None:
    policies = Policies(rules=(Rule(Length(5, "y"), every=True),))
    found = days([Spell(ONE, date(2000, 1, 1))], policies, date(2016, 1, 1))
    assert [length for length, _day in found] == ["5y", "10y", "15y"]


def test_what_is_celebrated_on_another_day_says_why() -> None:
    policies = Policies(
        rules=YEARS.rules, calendar=Calendar("working_day_before", holidays=True), hour=9
    )
    spell = Spell(ONE, date(2020, 2, 29))
    where = Where(ZoneInfo("Europe/Lisbon"), "PT")
    (seven,) = milestones([spell], policies, since=date(2027, 2, 20), until=date(2027, 3, 20))
    due = due_of(seven, policies, where)
    assert (due.celebrated_on, due.why) == (date(2027, 2, 26), "moved from Sunday")
    assert due.at == datetime(2027, 2, 26, 9, tzinfo=UTC)


def test_the_date_of_a_length_is_the_latest_spells() -> None:
    spells = [Spell(ONE, date(2010, 5, 1), date(2012, 1, 1)), Spell(TWO, date(2020, 5, 1))]
    anew = Policies(rehire="latest")
    assert milestone_date(spells, Length(1, "y"), anew).due_on == date(2021, 5, 1)  # type: ignore[union-attr]
    assert milestone_date(spells[:1], Length(5, "y"), anew) is None


ZONES = sorted(available_timezones())
dates = st.dates(date(1990, 1, 1), date(2035, 12, 31))
calendars = st.builds(
    Calendar,
    weekend=st.sampled_from(["on_the_day", "working_day_before", "next_working_day"]),
    holidays=st.booleans(),
    quiet=st.sampled_from([(), (Quiet.parse("12-24..01-01"),), (Quiet.parse("02-28"),)]),
)
policy_sets = st.builds(
    Policies,
    calendar=calendars,
    leap_day=st.sampled_from(["28_february", "1_march"]),
    rehire=st.sampled_from(["bridged", "latest"]),
    subtract_leave=st.booleans(),
)
wheres = st.builds(
    Where,
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    country=st.sampled_from([None, "PT", "US", "JP", "AE"]),
)


@st.composite
def careers(draw: st.DrawFn) -> list[Spell]:
    """Up to three employments, one after another, with leave."""
    start = draw(dates)
    spells = []
    for id_ in (ONE, TWO, THREE)[: draw(st.integers(1, 3))]:
        served = draw(st.integers(0, 4000))
        away = draw(st.integers(0, served))
        long = draw(st.integers(0, 200))
        leave = (Pause(start + timedelta(away), start + timedelta(away + long)),)
        end = start + timedelta(served)
        spells.append(Spell(id_, start, end, leave if draw(st.booleans()) else ()))
        start = end + timedelta(1 + draw(st.integers(0, 900)))
    if draw(st.booleans()):
        last = spells.pop()
        spells.append(Spell(last.id, last.started_on, None, last.leave))
    return spells


def keys(found: Iterable[Milestone]) -> list[tuple[UUID, str]]:
    return sorted((one.spell_id, str(one.length)) for one in found)


def recorded_by(
    spells: list[Spell], policies: Policies, where: Where, runs: list[datetime]
) -> list[Milestone]:
    """What runs at these times record, if the ledger would stop none of it."""
    found = []
    for spell in spells:
        candidate = Candidate(
            id=spell.id,
            person_id=UUID(int=9),
            started_on=spell.started_on,
            ended_on=spell.ended_on,
            source="hr",
            entered_at=runs[0],
            next_on=LOOK_NOW,
            timezone=where.zone.key,
            active=True,
            guest=False,
            bot=False,
            slack_id="U1",
            country=where.country,
            manager_id=None,
            choice=None,
            complex=True,
        )
        for now in runs:
            frame = Frame(policies, "UTC", now, runs[0].date())
            plans, next_on = plan(candidate, spells, (), frame)
            found += [one.due.milestone for one in plans]
            if next_on is None:
                break
            candidate = candidate._replace(next_on=next_on)
    return found


@settings(max_examples=80, deadline=None)
@given(
    careers(),
    policy_sets,
    wheres,
    st.lists(st.dates(date(1990, 1, 1), date(2040, 1, 1)), max_size=12),
    st.integers(0, 23),
)
def test_every_milestone_is_recorded_once_however_time_is_cut_into_runs(
    spells: list[Spell], policies: Policies, where: Where, cuts: list[date], hour: int
) -> None:
    begin, end = datetime(1989, 1, 1, tzinfo=UTC), datetime(2041, 1, 1, tzinfo=UTC)
    runs = [begin, *sorted(moment(cut, UTC_ZONE.zone, hour) for cut in cuts), end]
    all_of_them = milestones(spells, policies, since=begin.date(), until=date(2042, 1, 1))
    by_then = [one for one in all_of_them if due_of(one, policies, where).at <= end]
    assert keys(recorded_by(spells, policies, where, runs)) == keys(by_then)


@settings(max_examples=150, deadline=None)
@given(careers(), policy_sets)
def test_a_length_is_completed_once_a_service_and_while_employed(
    spells: list[Spell], policies: Policies
) -> None:
    found = milestones(spells, policies, since=date(1989, 1, 1), until=date(2060, 1, 1))
    lengths = [(one.length, one.spell_id if policies.rehire == "latest" else None) for one in found]
    assert len(set(lengths)) == len(lengths)
    by_id = {spell.id: spell for spell in spells}
    assert all(by_id[one.spell_id].includes(one.due_on) for one in found)
    assert found == sorted(found, key=lambda one: one.due_on)


@settings(max_examples=150, deadline=None)
@given(careers(), policy_sets, dates)
def test_looking_from_any_day_on_finds_what_looking_from_the_beginning_does(
    spells: list[Spell], policies: Policies, since: date
) -> None:
    until = date(2050, 1, 1)
    everything = milestones(spells, policies, since=date(1989, 1, 1), until=until)
    later = [one for one in everything if one.due_on >= since]
    assert milestones(spells, policies, since=since, until=until) == later
    for spell in spells:
        one_spells = [one for one in later if one.spell_id == spell.id]
        stream = following(spells, policies, spell.id, since=since)
        assert [one for one, _ in zip(stream, one_spells, strict=False)] == one_spells


@settings(max_examples=200, deadline=None)
@given(dates, st.integers(1, 60))
def test_nothing_drifts_over_the_years(start: date, years: int) -> None:
    spell = Spell(ONE, start)
    found = milestones([spell], YEARS, since=start, until=start + timedelta(366 * years + 2))
    for one in found:
        same = (one.due_on.month, one.due_on.day) == (start.month, start.day)
        assert same or (start.month, start.day, one.due_on.day) == (2, 29, 28)
        assert one.due_on.year == start.year + one.length.number


@settings(max_examples=100, deadline=None)
@given(calendars, st.sampled_from([None, "PT", "US", "JP", "AE"]), dates)
def test_moving_days_keeps_their_order(calendar: Calendar, country: str | None, on: date) -> None:
    this, after = (calendar.celebration(on + timedelta(n), country).day for n in (0, 1))
    assert this <= after


def test_nine_o_clock_comes_once_a_day_in_every_timezone_whatever_its_clocks_do() -> None:
    for name in ZONES:
        zone = ZoneInfo(name)
        for year in (2011, 2026) if name == "Pacific/Apia" else (2026,):
            day = date(year, 1, 1)
            moments = [moment(day + timedelta(n), zone) for n in range(366)]
            for before, after in pairwise(moments):
                # Apia had no 30 December 2011: two days share a moment, and none is lost.
                assert timedelta(0) <= after - before <= timedelta(hours=48), name
            local = moments[100].astimezone(zone)
            assert (local.hour, local.minute) == (9, 0), name


def test_an_hour_that_the_clocks_leave_out_strikes_after_it() -> None:
    lisbon = ZoneInfo("Europe/Lisbon")
    assert moment(date(2026, 3, 29), lisbon, 1) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert moment(date(2026, 10, 25), lisbon, 1) == datetime(2026, 10, 25, 0, tzinfo=UTC)
