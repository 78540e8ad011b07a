"""Why, and why not: everything to those whom it concerns, and to colleagues what the feed was told."""

from datetime import date

import pytest

from bot.calendars import Calendar
from bot.service import Entry
from bot.tenure import Length, Rule
from tests.anniversaries_commands.office import decide, employ, pass_days, run, says
from tests.world import World

FIVE_YEARS_TOMORROW = date(2021, 11, 21)


def nothing_of(name: str) -> str:
    return (
        "I have no announcement of that to show."
        f" Anything more about {name}’s anniversaries is for them, their manager and badge admins."
    )


def test_an_announced_milestone_is_explained_to_those_whom_it_concerns(any_office: World) -> None:
    world = any_office
    employ(world, "maria", FIVE_YEARS_TOMORROW)
    decide(world, calendar=Calendar("next_working_day"))
    run(world)
    pass_days(world, 3)
    assert says(world, "ada", "why @maria 5-years").splitlines() == [
        "*Maria Silva* · *5 years*",
        "Due 21 November 2026, counted from 21 November 2021, says the HR file.",
        "Celebrated Mon 23 Nov, moved from Saturday.",
        "Recorded 23 November 2026, 15:30.",
        "Announced in #kudos (the post), 23 November 2026, 15:30.",
    ]
    assert "Due November 21, 2026, counted from November 21, 2021" in says(
        world, "tom", "why @maria 5-years"
    )
    assert says(world, "maria", "why 5-years").startswith("*You* · *5 years*\nDue 21 de novembro")
    assert says(world, "maria", "why @maria 5 years") == says(world, "maria", "why 5y")


def test_an_hour_that_ends_in_a_full_stop_ends_its_sentence(office: World) -> None:
    office.engine.change_user("tom", locale="el-GR")
    office.settle()
    employ(office, "maria", FIVE_YEARS_TOMORROW)
    run(office)
    pass_days(office, 1)
    recorded, announced = says(office, "tom", "why @maria 5-years").splitlines()[-2:]
    assert recorded.startswith("Recorded ")
    assert announced.startswith("Announced in #kudos (the post), ")
    for line in (recorded, announced):
        assert line.endswith(".μ.")
        assert not line.endswith("..")


@pytest.mark.parametrize("user", ["yuki", "kim"])
def test_a_colleague_learns_where_and_when_it_was_announced_and_nothing_else(
    any_office: World, user: str
) -> None:
    world = any_office
    employ(world, "maria", FIVE_YEARS_TOMORROW)
    run(world)
    pass_days(world, 1)
    said = says(world, user, "why @maria 5-years")
    assert said.startswith("*Maria Silva* · *5 years*\nAnnounced in #kudos (the post) on ")
    assert len(said.splitlines()) == 2
    post = world.feed()[0]
    shown = str(world.ephemerals(user)[-1].blocks)
    assert f"/archives/{post.channel}/p{post.ts.replace('.', '')}|the post>" in shown
    assert "HR" not in said
    assert says(world, user, "why @maria 4-years") == nothing_of("Maria Silva")


@pytest.mark.parametrize("unseen", ["hide", "revoke"])
def test_what_is_not_to_be_seen_any_more_is_not_shown_to_colleagues(
    office: World, unseen: str
) -> None:
    employ(office, "maria", FIVE_YEARS_TOMORROW)
    run(office)
    pass_days(office, 1)
    code = next(word for word in office.feed()[0].reads().split() if word.startswith("A-"))
    if unseen == "hide":
        office.command("maria", "/badges", f"hide {code}")
    else:
        office.command("ada", "/award", f"revoke {code} a mistake")
    assert says(office, "yuki", "why @maria 5-years") == nothing_of("Maria Silva")
    assert "Announced in" in says(office, "tom", "why @maria 5-years")


def test_what_is_to_come_is_told_with_when_and_where(office: World) -> None:
    employ(office, "maria", date(2022, 2, 27))
    decide(office, calendar=Calendar("working_day_before"))
    assert says(office, "ada", "why @maria 5-years").splitlines() == [
        "*Maria Silva* · *5 years*",
        "Due 27 February 2027, counted from 27 February 2022, says the HR file.",
        "Still to come: Fri, 26 Feb 2027, 09:00 Lisbon, moved from Saturday · in #kudos.",
    ]


def test_what_is_due_and_not_recorded_yet_is_told_as_such(office: World) -> None:
    employ(office, "maria", date(2021, 11, 20))
    said = says(office, "tom", "why @maria 5-years")
    assert said.endswith("Not recorded yet: I look every hour.")


def test_why_nobody_was_told(office: World) -> None:
    employ(office, "maria", date(2016, 11, 25))
    employ(office, "kim", FIVE_YEARS_TOMORROW)
    run(office)
    pass_days(office, 1)
    assert says(office, "tom", "why @maria 9-years").endswith(
        "Nobody was told: it was past when I began to keep anniversaries here."
    )
    assert says(office, "kim", "why 5-years").endswith("Nobody was told: guests are left out here.")
    employ(office, "gil", date(2020, 11, 21))
    run(office)
    assert says(office, "ada", "why @gil 6-years").endswith(
        "Nobody was told: deactivated in Slack."
    )


def test_what_was_found_out_too_late_is_told_as_such(office: World) -> None:
    employ(office, "maria", date(2021, 11, 1))
    run(office)
    pass_days(office, 30)
    employ(office, "yuki", date(2021, 12, 5))
    pass_days(office, 1)
    said = says(office, "tom", "why @yuki 5-years")
    assert said.endswith("Nobody was told: I learnt of it too late.")


def test_what_slack_refuses_for_good_is_told_with_the_reason(office: World) -> None:
    employ(office, "maria", FIVE_YEARS_TOMORROW)
    says(office, "maria", "dm off")
    run(office)
    office.engine.archive(office.kudos)
    elsewhere = office.channel("general")
    pass_days(office, 1)
    said = says(office, "ada", "why @maria 5-years", channel=elsewhere)
    assert "It could not be delivered; Slack said “is_archived”." in said
    heard = says(office, "yuki", "why @maria 5-years", channel=elsewhere)
    assert heard == nothing_of("Maria Silva")


def test_a_corrected_start_date_is_told_of(office: World) -> None:
    employ(office, "maria", FIVE_YEARS_TOMORROW, source="entry")
    run(office)
    pass_days(office, 1)
    says(office, "maria", "since 2020-11-21")
    run(office)
    said = says(office, "tom", "why @maria 5-years")
    assert "Since then, its day was corrected; it is not told again." in said
    assert "corrected" not in says(office, "yuki", "why @maria 5-years")


def test_what_was_taken_back_before_anybody_was_told_is_told_of(office: World) -> None:
    employ(office, "maria", date(2021, 10, 1), source="entry")
    run(office)
    says(office, "maria", "since 2022-02-01")
    said = says(office, "ada", "why @maria 5-years")
    taken_back = "I had it on 1 October 2026, and took that back before anybody was told"
    assert said.splitlines()[1:] == [
        f"{taken_back}: its day was corrected.",
        "Due 1 February 2027, counted from 1 February 2022, says an entry in Slack.",
        "Still to come: Mon, 1 Feb 2027, 09:00 Lisbon · in #kudos.",
    ]


def test_a_bridged_service_says_that_days_do_not_count(office: World) -> None:
    employ(office, "yuki", Entry(date(2010, 1, 1), date(2014, 12, 31)), Entry(date(2023, 1, 1)))
    said = says(office, "ada", "why @yuki 10-years")
    assert "here since 1 January 2010, says the HR file, without the days that don’t count" in said


def test_why_there_is_nothing_to_come(office: World) -> None:
    employ(office, "gil", Entry(date(2020, 1, 1), date(2022, 6, 30)))
    assert says(office, "ada", "why @gil 5-years").endswith(
        "The employment ended before, on 30 June 2022."
    )
    assert says(office, "ada", "why @maria 5-years").endswith(
        "I don’t know since when Maria Silva is here."
    )
    assert says(office, "maria", "why 5-months").endswith(
        "That is no milestone here; these are: 30 days, 90 days, 6 months and every year."
    )


def test_a_milestone_is_named_by_its_own_badge_too(office: World) -> None:
    rules = (Rule(Length(1, "y"), every=True, feed=True), Rule(Length(2, "m"), badge="team-player"))
    decide(office, rules=rules)
    employ(office, "maria", date(2026, 11, 1))
    assert "*2 months*" in says(office, "tom", "why @maria team-player")


@pytest.mark.parametrize("words", ["", "five years", "0 years", "years", "-5 years", "5 weeks"])
@pytest.mark.parametrize("user", ["maria", "yuki"])
def test_what_names_no_length_is_answered_with_how_to(office: World, user: str, words: str) -> None:
    said = says(office, user, f"why @maria {words}")
    assert said.startswith("Which anniversary? For example `/badges why @maria 5-years`")


@pytest.mark.parametrize("words", ["9999-years", "9999y", "1300 months"])
def test_a_length_that_nobody_completes_is_refused(office: World, words: str) -> None:
    employ(office, "maria", date(2021, 11, 21))
    assert says(office, "tom", f"why @maria {words}").startswith("Nobody has been anywhere for ")


def test_an_app_has_no_milestones_to_be_asked_about(office: World) -> None:
    assert says(office, "tom", "why @robo 1-year") == (
        "Robo is an app, and apps have no anniversaries."
    )


# -- two worlds ----------------------------------------------------------------------------------

ASKED = (
    *(
        f"{what} {length}"
        for what in ("why @maria", "why @gil")
        for length in ("30-days", "6 months", "1-year", "2y", "3y", "4y", "5-years", "6y", "10y")
    ),
    "why @maria 5-months",
    "why @maria",
    "since @maria",
    "since @gil",
    "since @maria 2019-03-01",
    "since @maria 03/04/2020",
    "since @maria 2031-03-01",
    "since @maria forget",
    "upcoming",
    "upcoming me",
    "upcoming team",
    "upcoming everyone",
    "anniversaries",
    "anniversaries everyone",
    "@maria",
    "history",
)


def everything(world: World, user: str) -> list[tuple[str, str]]:
    return [(text, says(world, user, text)) for text in ASKED]


def to_come(world: World) -> None:
    employ(world, "maria", date(2026, 11, 10))
    employ(world, "gil", date(2019, 1, 1))


def kept_quiet(world: World) -> None:
    world.command("maria", "/badges", "anniversaries nothing")
    employ(world, "maria", FIVE_YEARS_TOMORROW)
    employ(world, "gil", Entry(date(2019, 1, 1), date(2020, 2, 2)))


def told_alone(world: World) -> None:
    world.command("maria", "/badges", "anniversaries dm")
    employ(world, "maria", FIVE_YEARS_TOMORROW)


def rehired(world: World) -> None:
    world.command("maria", "/badges", "anniversaries dm")
    pause = (date(2025, 3, 1), date(2025, 8, 31))
    first = Entry(date(2012, 5, 1), date(2014, 4, 30))
    employ(world, "maria", first, Entry(date(2023, 11, 1), leave=(pause,)))
    employ(world, "gil", Entry(date(2010, 1, 1), date(2012, 1, 1)), Entry(date(2019, 1, 1)))


@pytest.mark.parametrize("story", [to_come, kept_quiet, told_alone, rehired])
@pytest.mark.parametrize("user", ["yuki", "kim"])
def test_a_colleague_reads_the_same_whatever_there_is(
    make_offices: tuple[World, World], user: str, story: object
) -> None:
    with_it, without = make_offices
    assert callable(story)
    story(with_it)
    for world in (with_it, without):
        run(world)
        pass_days(world, 2)
    assert everything(with_it, user) == everything(without, user)
    # What is compared is worth comparing: those whom it concerns read more.
    assert everything(with_it, "tom") != everything(without, "tom")
