"""What is to come: for oneself, for a manager's team, for badge admins; in pages."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Connection

from bot import profiles
from bot.calendars import Calendar, Quiet
from bot.messages.fitting import MOST_BLOCKS, MOST_CHARACTERS, characters
from bot.service import Entry
from bot.upcoming import Upcoming, upcoming
from storage import people, tenure
from storage.people import Profile
from storage.tenure import NewSpell
from storage.types import new_id
from tests.anniversaries_commands.office import decide, employ, manage, pass_days, run, says
from tests.world import World

NOT_FOR_ALL = (
    "Everyone’s anniversaries are for badge admins to see. `/badges upcoming me` shows yours."
)


def test_everyone_sees_their_own_however_far_ahead(any_office: World) -> None:
    employ(any_office, "maria", date(2022, 2, 27))
    decide(any_office, calendar=Calendar("working_day_before"))
    assert says(any_office, "maria", "upcoming").splitlines() == [
        "*Your next anniversaries*",
        "*5 years* · sexta, 26/02/2027, 09:00 Lisboa, moved from Saturday · in #kudos",
        "*6 years* · sexta, 25/02/2028, 09:00 Lisboa, moved from Sunday · in #kudos",
        "*7 years* · terça, 27/02/2029, 09:00 Lisboa · in #kudos",
        "Who is told is yours to choose: `/badges anniversaries`.",
    ]


def test_who_is_not_known_reads_how_to_change_that(office: World) -> None:
    assert says(office, "yuki", "upcoming").endswith("`/badges since 2019-03-01` tells me.")


def test_shorter_milestones_are_between_laurel_and_the_person(office: World) -> None:
    employ(office, "maria", date(2026, 11, 2))
    said = says(office, "maria", "upcoming me")
    assert "*30 days* · quarta, 2/12, 09:00 Lisboa · by direct message to you alone" in said
    assert "*90 days* · domingo, 31/01/2027, 09:00 Lisboa" in said


def test_somebody_who_is_gone_has_nothing_ahead(office: World) -> None:
    employ(office, "kim", Entry(date(2020, 1, 1), date(2025, 12, 30)))
    run(office)
    assert says(office, "kim", "upcoming").startswith("No anniversary lies ahead of you")


def test_a_manager_sees_the_team_in_order_with_the_reason_for_a_shift(any_office: World) -> None:
    employ(any_office, "maria", date(2021, 11, 29))
    employ(any_office, "yuki", date(2016, 12, 25))
    employ(any_office, "kim", date(2016, 12, 1))
    employ(any_office, "tom", date(2016, 12, 5))
    manage(any_office, "tom", "yuki", country="US")
    decide(any_office, calendar=Calendar("next_working_day", True, (Quiet.parse("11-29..11-30"),)))
    moved = "moved from Fri, Dec 25 (public holiday: Christmas Day)"
    assert says(any_office, "tom", "upcoming").splitlines() == [
        "*Your team’s anniversaries* · next 8 weeks · 2",
        "*Maria Silva* · 5 years",
        "Tue, Dec 1, 9:00 AM Lisbon, moved from Sun, Nov 29 (quiet day) · in #kudos",
        "*由紀 Tanaka* · 10 years",
        f"Mon, Dec 28, 9:00 AM Tokyo, {moved} · in #kudos",
        "Yours: 10 years, Mon, Dec 7, 9:00 AM New York, moved from Saturday.",
    ]


def test_badge_admins_see_everyone_and_others_do_not(any_office: World) -> None:
    for name in ("maria", "tom", "kim", "gil"):
        employ(any_office, name, date(2021, 11, 29))
    said = says(any_office, "ada", "upcoming")
    assert said.startswith("*Everyone’s anniversaries* · next 8 weeks · 3\n")
    assert "*Kim Guest* · 5 years\nSun 29 Nov, 09:00 UTC · not announced: guests are left" in said
    assert "Gil" not in said
    for user in ("maria", "tom", "yuki", "kim"):
        assert says(any_office, user, "upcoming everyone") == NOT_FOR_ALL
        assert "Maria" not in says(any_office, user, "upcoming me")


@pytest.mark.parametrize("user", ["maria", "kim", "ada"])
def test_who_manages_nobody_reads_so(office: World, user: str) -> None:
    employ(office, "yuki", date(2021, 11, 29))
    assert says(office, user, "upcoming team").startswith("Nobody is listed as reporting to you")


def test_what_somebody_chose_is_seen_by_their_manager(office: World) -> None:
    employ(office, "maria", date(2021, 11, 29))
    for choice, words in (
        ("dm", "by direct message to them alone"),
        ("nothing", "not announced: their announcements are off"),
    ):
        says(office, "maria", f"anniversaries {choice}")
        assert says(office, "tom", "upcoming").endswith(words)


def test_what_is_recorded_is_not_to_come_any_more(office: World) -> None:
    employ(office, "maria", date(2021, 11, 21))
    assert "5 years" in says(office, "tom", "upcoming")
    run(office)
    pass_days(office, 1)
    assert (
        says(office, "tom", "upcoming") == "*Your team’s anniversaries*: none in the next 8 weeks."
    )
    assert "5 years" not in says(office, "maria", "upcoming")


def test_who_moved_is_celebrated_where_they_are(office: World) -> None:
    employ(office, "maria", date(2021, 11, 21))
    decide(office, person_timezone=False)
    assert "09:00 UTC" in says(office, "maria", "upcoming")


def test_an_unknown_word_is_answered_with_those_there_are(office: World) -> None:
    for words in ("@maria", "tomorrow", "<!here>"):
        assert says(office, "ada", f"upcoming {words}").startswith("Whose? `/badges upcoming me`")


def crowd(session: Connection, world: World, count: int, name: str = "Person") -> None:
    saved = people.save_profiles(
        session,
        workspace_id=world.workspace.id,
        profiles=[
            Profile(f"U{n:05d}", f"{name} {n:04d}", "Europe/Lisbon", "en-GB") for n in range(count)
        ],
        now=world.now(),
    )
    spells = [
        NewSpell(new_id(world.now()), person.id, date(2016, 11, 22) + timedelta(days=n % 50), None)
        for n, person in enumerate(saved)
    ]
    tenure.add(
        session, workspace_id=world.workspace.id, spells=spells, source="hr", now=world.now()
    )


def test_many_people_are_shown_in_pages_each_once(office: World) -> None:
    office.database.write(lambda session: crowd(session, office, 120))
    first = says(office, "ada", "upcoming")
    assert "· 120\n" in first
    assert "Page 1 of 10" in first
    office.click("ada", "upcoming_later", ephemeral=office.ephemerals("ada")[-1])
    assert "Page 2 of 10" in office.ephemerals("ada")[-1].reads()
    office.click("ada", "upcoming_earlier", ephemeral=office.ephemerals("ada")[-1])
    assert "Page 1 of 10" in office.ephemerals("ada")[-1].reads()
    office.click("ada", "upcoming_last", ephemeral=office.ephemerals("ada")[-1])
    assert "Page 10 of 10" in office.ephemerals("ada")[-1].reads()
    pages = office.database.read(lambda session: all_pages(session, office, 10))
    shown = [one for page in pages for one in page.ahead]
    assert sorted(one.person.name for one in shown) == [f"Person {n:04d}" for n in range(120)]
    assert [one.due.at for one in shown] == sorted(one.due.at for one in shown)


def all_pages(session: Connection, world: World, count: int) -> list[Upcoming]:
    ws, settings = world.workspace, world.settings
    reader = profiles.reader_of(session, ws, settings, "UADA", asked=True)
    return [
        upcoming(session, ws, settings, reader=reader, scope=None, now=world.now(), page=number + 1)
        for number in range(count)
    ]


def test_the_longest_names_stay_within_slacks_limits(office: World) -> None:
    long = "<&>*_" * 50
    office.database.write(lambda session: crowd(session, office, 500, name=long))
    says(office, "ada", "upcoming")
    sent = [
        {part: block[part] for part in block if part != "block_id"}
        for block in office.ephemerals("ada")[-1].blocks
    ]
    assert characters(sent) <= MOST_CHARACTERS
    assert len(sent) <= MOST_BLOCKS


def test_who_is_no_badge_admin_any_more_turns_no_page_of_everyones(office: World) -> None:
    office.database.write(lambda session: crowd(session, office, 30))
    says(office, "ada", "upcoming")
    seen = office.ephemerals("ada")[-1]
    office.engine.change_user("ada", is_admin=False)
    office.settle()
    office.click("ada", "upcoming_later", ephemeral=seen)
    assert office.ephemerals("ada")[-1].reads() == NOT_FOR_ALL


def test_more_than_can_be_looked_through_is_said(office: World) -> None:
    office.database.write(lambda session: crowd(session, office, 2_100))
    said = says(office, "ada", "upcoming")
    assert "and more\n" in said
    assert "There are more than I look through at once" in said
