"""Start dates from Slack profiles: from what Slack sends, on demand, and slowly at night."""

import logging
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from bot import profile_dates
from bot.grants import parse_grant
from bot.profile_dates import dates_in, read_on
from tests.anniversaries_commands.conftest import opened
from tests.anniversaries_commands.office import decide, employ, says
from tests.anniversaries_commands.test_entering import dates
from tests.world import MakeWorld, World

MARCH = date(2019, 3, 1)


def waiting(world: World, *, stop_after: int | None = None) -> Callable[[float], bool]:
    """Waits by moving the clock; stops at the so-manieth time."""
    waits: list[float] = []

    def pause(seconds: float) -> bool:
        waits.append(seconds)
        world.engine.advance(timedelta(seconds=seconds))
        return len(waits) == stop_after

    return pause


def read_all(world: World, *, stop_after: int | None = None) -> int:
    pause = waiting(world, stop_after=stop_after)
    return read_on(world.laurel.deps, world.workspace, pause=pause)


def with_field(make_world: MakeWorld) -> tuple[World, str]:
    world = opened(make_world, start_date_field="Joined on")
    world.engine.add_profile_field("Title")
    return world, world.engine.add_profile_field("joined ON", kind="date")


def test_what_slack_sends_of_somebody_is_taken(office: World) -> None:
    office.engine.change_user("maria", start_date="2019-03-01")
    office.settle()
    assert dates(office, "maria") == [(MARCH, None, "slack")]
    said = says(office, "maria", "since")
    assert said.splitlines()[0] == (
        "You have been here since *1 de março de 2019*, says the start date in the Slack profile."
    )


def test_a_newcomer_with_a_start_date_is_known_at_once(office: World) -> None:
    office.engine.add_user("nora", "Nora New", start_date="2026-11-02", tz="Europe/Lisbon")
    office.settle()
    assert says(office, "nora", "since").startswith("You have been here since *November 2, 2026*")


def test_what_slack_sends_without_a_start_date_changes_nothing(office: World) -> None:
    employ(office, "maria", MARCH, source="entry")
    office.engine.change_user("maria", real_name="Maria Santos")
    office.settle()
    assert dates(office, "maria") == [(MARCH, None, "entry")]


def test_nobody_who_is_gone_gets_a_start_date(office: World) -> None:
    office.engine.change_user("gil", start_date="2019-03-01")
    office.settle()
    assert dates(office, "gil") == []


@pytest.mark.parametrize("written", ["03/04/2019", "soon", "2031-01-01", "1900-01-01"])
def test_a_date_that_is_unclear_or_cannot_be_is_left_out(office: World, written: str) -> None:
    office.engine.change_user("maria", start_date=written)
    office.settle()
    assert dates(office, "maria") == []


def test_who_asks_is_answered_at_once_and_told_what_the_profile_says(any_office: World) -> None:
    world = any_office
    world.engine.subscriptions.discard("user_change")
    world.engine.change_user("maria", start_date="2019-03-01")
    world.settle()
    assert dates(world, "maria") == []
    assert says(world, "maria", "since").startswith("I don’t know since when you are here.")
    assert world.ephemerals("maria")[-1].reads() == (
        "I looked into your Slack profile. You have been here since *1 de março de 2019*,"
        " says the start date in the Slack profile."
    )


def test_who_lost_the_right_meanwhile_is_not_told_what_the_profile_says(office: World) -> None:
    office.engine.subscriptions.discard("user_change")
    office.engine.change_user("maria", start_date="2019-03-01")
    office.decide(badge_admins=parse_grant("UYUKI"))
    asked = office.engine.command("yuki", "/badges", "since @maria")
    assert "Maria Silva" in asked.reads()
    office.decide(badge_admins=None)  # before Slack was asked
    before = len(office.ephemerals("yuki"))
    office.settle()
    assert [message.reads() for message in office.ephemerals("yuki")[before:]] == [
        "Since when Maria Silva is here is for them, their manager and badge admins to know."
    ]


def test_a_profile_that_is_not_ours_to_read_is_passed_over(office: World) -> None:
    office.engine.scopes = office.engine.scopes - {"users.profile:read"}
    before = len(office.ephemerals("maria"))
    assert says(office, "maria", "since").startswith("I don’t know since when you are here.")
    assert len(office.ephemerals("maria")) == before + 1
    assert read_all(office) == 0


def test_a_field_is_found_by_its_label_in_any_case(make_any_world: MakeWorld) -> None:
    world, field = with_field(make_any_world)
    world.engine.change_user("maria", profile_fields={field: "2019-03-01"})
    world.settle()
    assert read_all(world) == 5
    assert dates(world, "maria") == [(MARCH, None, "field")]
    assert "says a field of the Slack profile" in says(world, "tom", "since @maria")


def test_the_more_trusted_of_two_dates_counts(make_world: MakeWorld) -> None:
    world, field = with_field(make_world)
    world.engine.change_user("maria", start_date="2018-03-01", profile_fields={field: "2019-03-01"})
    world.settle()
    read_all(world)
    assert dates(world, "maria") == [(date(2018, 3, 1), None, "slack")]
    decide(world, sources=("hr", "entry", "field", "slack"))
    assert profile_dates.ask(world.laurel.deps, world.workspace, "UMARIA")
    assert dates(world, "maria") == [(MARCH, None, "field")]


def test_what_is_entered_or_in_the_hr_file_is_trusted_more(office: World) -> None:
    employ(office, "maria", date(2017, 3, 1))
    employ(office, "tom", date(2017, 4, 1), source="entry")
    for name in ("maria", "tom", "yuki"):
        office.engine.change_user(name, start_date="2019-03-01")
    office.settle()
    assert read_all(office) == 3
    assert [dates(office, name)[0][0].year for name in ("maria", "tom", "yuki")] == [
        2017,
        2017,
        2019,
    ]


def test_the_nightly_reading_goes_on_where_it_was_stopped_and_rests_a_week(
    any_office: World,
) -> None:
    world = any_office
    for name in ("ada", "maria", "tom", "yuki", "kim"):
        world.engine.change_user(name, start_date="2019-03-01")
    assert read_all(world, stop_after=3) == 2
    assert read_all(world) == 3
    known = [name for name in ("ada", "maria", "tom", "yuki", "kim") if dates(world, name)]
    assert len(known) == 5
    assert read_all(world) == 0
    world.advance(days=8)
    assert read_all(world) == 5


def test_slack_is_asked_no_faster_than_it_allows(office: World) -> None:
    before = office.now()
    assert read_all(office) == 5
    assert office.now() - before >= timedelta(seconds=5)


def test_it_ends_early_where_no_profile_has_a_start_date(
    office: World, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(60):
        office.engine.add_user(f"new{number}", f"New {number}")
    office.settle()
    with caplog.at_level(logging.INFO, logger="bot.profile_dates"):
        assert read_all(office) == 50
    assert "no start dates in Slack profiles" in caplog.text


def test_a_label_that_no_field_has_is_said_in_the_log(
    make_world: MakeWorld, caplog: pytest.LogCaptureFixture
) -> None:
    world = opened(make_world, start_date_field="Joined on")
    world.engine.change_user("maria", start_date="2019-03-01")
    read_all(world)
    assert "no profile field has this label" in caplog.text
    assert dates(world, "maria") == [(MARCH, None, "slack")]


def test_dates_in_a_profile_are_read_by_where_they_are() -> None:
    fields = {"Xf1": {"value": "1 March 2019", "alt": ""}, "Xf2": {"value": "x", "alt": ""}}
    assert dates_in({"start_date": "2018-01-31", "fields": fields}, "Xf1") == {
        "slack": date(2018, 1, 31),
        "field": MARCH,
    }
    assert dates_in({"start_date": "", "fields": []}, "Xf1") == {}
    assert dates_in({"fields": fields}, "Xf2") == {}
    assert dates_in({"fields": None}, "") == {}
