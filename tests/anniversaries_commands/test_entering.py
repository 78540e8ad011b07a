"""Since when people are here: entered in Slack, shown with its source, and whose business it is."""

import json
from datetime import date

import pytest
from sqlalchemy import select

from bot.service import Entry
from bot.start_dates import beginning
from storage import tenure
from storage.tables import AuditEntry, table_of
from storage.tenure import SpellRow
from storage.types import new_id
from tests.anniversaries_commands.office import employ, pass_days, run, says
from tests.cast import NOW
from tests.world import World

FIVE_YEARS_TOMORROW = date(2021, 11, 21)


def spells(world: World, name: str) -> list[SpellRow]:
    person_id = world.people[name].id
    return world.database.read(
        lambda session: tenure.of_people(
            session, workspace_id=world.workspace.id, person_ids=[person_id]
        )
    ).get(person_id, [])


def dates(world: World, name: str) -> list[tuple[date, date | None, str]]:
    return [(row.started_on, row.ended_on, row.source) for row in spells(world, name)]


def test_a_person_enters_their_own_start_date(any_office: World) -> None:
    world = any_office
    assert says(world, "maria", "since") == (
        "I don’t know since when you are here. `/badges since 2019-03-01` tells me."
    )
    said = says(world, "maria", "since 2021-11-21")
    assert said.splitlines() == [
        "Noted. You have been here since *21 de novembro de 2021*, says an entry in Slack.",
        "Next: *5 years*, sábado, 21/11, 09:00 Lisboa.",
        "Anniversaries more than 7 days past are noted without a word.",
    ]
    assert dates(world, "maria") == [(FIVE_YEARS_TOMORROW, None, "entry")]
    assert says(world, "maria", "since").startswith("You have been here since *21 de novembro")
    assert says(world, "maria", "since 2021-11-21").startswith("That is what I have. You have")
    run(world)
    assert world.feed() == []
    pass_days(world, 1)
    assert "celebrates *5 years*" in world.feed()[0].reads()


@pytest.mark.parametrize(
    "typed", ["2019-03-01", "1 March 2019", "March 1, 2019", "1. März 2019", "31/03/2019"]
)
def test_a_clear_date_is_understood_however_it_is_written(office: World, typed: str) -> None:
    said = says(office, "tom", f"since {typed}")
    assert "You have been here since *March " in said
    assert "2019" in said


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("03/04/2020", "“03/04/2020” could be 2020-04-03 or 2020-03-04."),
        ("2019-02-30", "“2019-02-30” is a day that does not exist."),
        ("yesterday", "“yesterday” is not a date that I can read."),
        ("1.3.19", "“1.3.19” has no year of four digits."),
        ("10:30 2020-01-01", "“10:30 2020-01-01” is not a date that I can read."),
        ("<!channel>", "“<!channel>” is not a date that I can read."),
    ],
)
def test_an_unclear_date_is_refused_with_how_to_write_it(
    office: World, typed: str, answer: str
) -> None:
    said = says(office, "maria", f"since {typed}")
    assert said == f"{answer} Please write it like 2019-03-01, year first."
    assert dates(office, "maria") == []
    assert not office.ephemerals("maria")[-1].pings()


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("2027-01-01", "2027-01-01 is yet to come: a start date is entered once it is there."),
        ("1949-12-31", "1949-12-31 is before 1950: please check the year."),
    ],
)
def test_a_day_that_cannot_be_is_refused(office: World, typed: str, answer: str) -> None:
    assert says(office, "maria", f"since {typed}") == answer
    assert dates(office, "maria") == []


def test_a_name_that_is_no_link_is_refused(office: World) -> None:
    said = says(office, "ada", "since @nobody 2020-01-01")
    assert said.startswith("I can’t tell who “@nobody” is.")


def test_an_admin_enters_for_others_and_the_entry_is_kept(office: World) -> None:
    said = says(office, "ada", "since @maria 2021-11-21")
    assert said.startswith("Noted. Maria Silva has been here since *21 November 2021*")
    says(office, "ada", "since @maria 2020-11-21")
    entries = office.database.read(
        lambda session: session.execute(
            select(table_of(AuditEntry)).order_by(table_of(AuditEntry).c.id)
        ).all()
    )
    assert [(row.actor_id, row.action, row.subject) for row in entries] == [
        (office.people["ada"].id, "service.entered", office.people["maria"].id.hex)
    ] * 2
    assert json.loads(entries[1].detail) == {"before": ["entry"]}


@pytest.mark.parametrize("user", ["tom", "yuki", "kim"])
def test_nobody_else_enters_for_others(office: World, user: str) -> None:
    said = says(office, user, "since @maria 2021-11-21")
    assert said.startswith("Only badge admins enter start dates for others.")
    assert says(office, user, "since @maria forget") == said
    assert dates(office, "maria") == []


def test_a_guest_and_somebody_deactivated_can_have_a_start_date(office: World) -> None:
    assert says(office, "kim", "since 2024-01-08").startswith("Noted. You have been here since")
    assert says(office, "ada", "since @gil 2019-03-01").startswith("Noted. Gil Gone has been")


def test_an_app_has_no_anniversaries(office: World) -> None:
    assert says(office, "ada", "since @robo 2020-01-01") == (
        "Robo is an app, and apps have no anniversaries."
    )


def test_who_manages_somebody_reads_since_when_they_are_here(office: World) -> None:
    employ(office, "maria", date(2019, 3, 1))
    for user in ("tom", "ada"):
        said = says(office, user, "since @maria")
        assert said.startswith("Maria Silva has been here since *")
        assert "says the HR file" in said


def test_what_hr_says_goes_before_what_is_entered(office: World) -> None:
    employ(office, "maria", date(2019, 3, 1))
    said = says(office, "maria", "since 2018-03-01")
    assert said.startswith("Nothing was changed: the HR file goes before what is entered here.")
    assert "If that is wrong, it has to be mended there." in said
    assert dates(office, "maria") == [(date(2019, 3, 1), None, "hr")]
    assert says(office, "ada", "since @maria forget").startswith("Nothing was changed: the HR file")


def test_an_entry_goes_before_what_the_slack_profile_says(office: World) -> None:
    employ(office, "maria", date(2019, 3, 1), source="slack")
    assert says(office, "maria", "since 2018-03-01").startswith("Noted.")
    assert dates(office, "maria") == [(date(2018, 3, 1), None, "entry")]


def test_a_wrong_entry_can_be_forgotten(office: World) -> None:
    says(office, "maria", "since 2021-11-21")
    run(office)
    said = says(office, "maria", "since forget")
    assert said == "Forgotten. What was announced stays; nothing more will be."
    pass_days(office, 2)
    assert office.feed() == []
    assert says(office, "maria", "since").startswith("I don’t know since when you are here.")


def test_earlier_employments_and_leave_are_shown(office: World) -> None:
    employ(
        office,
        "yuki",
        Entry(date(2010, 1, 1), date(2015, 6, 30)),
        Entry(date(2019, 11, 29), leave=((date(2020, 5, 1), date(2020, 6, 1)),)),
    )
    said = says(office, "ada", "since @yuki")
    assert said.splitlines() == [
        "由紀 Tanaka has been here since *29 November 2019*, says the HR file.",
        "Before: 1 January 2010 – 30 June 2015 (the HR file).",
        "The days between do not count.",
        "Leave, which counts: 1 May 2020 – 1 June 2020.",
        "Next: *13 years*, Tue, 1 Jun 2027, 09:00 Tokyo.",
    ]


def test_a_place_is_called_by_its_city_alone(office: World) -> None:
    office.engine.change_user("maria", tz="America/Argentina/Buenos_Aires", locale="en-GB")
    office.settle()
    employ(office, "maria", FIVE_YEARS_TOMORROW)
    assert "Next: *5 years*, Sat 21 Nov, 09:00 Buenos Aires" in says(office, "maria", "since")


def test_a_last_day_that_is_not_given_is_asked_for(office: World) -> None:
    assert says(office, "ada", "since @tom ended") == (
        "Which day was, or is, the last? `/badges since @name ended 2026-03-31`."
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [("kim", "guests are left out here"), ("gil", "deactivated in Slack")],
)
def test_what_nobody_will_be_told_of_is_not_promised(office: World, name: str, words: str) -> None:
    employ(office, name, FIVE_YEARS_TOMORROW)
    next_one = says(office, "ada", f"since @{name}").splitlines()[-1]
    assert next_one.startswith("Next: *5 years*, ")
    assert next_one.endswith(f" · not announced: {words}.")


def test_somebody_who_left_reads_as_such(office: World) -> None:
    employ(office, "gil", Entry(date(2015, 1, 1), date(2020, 6, 30)))
    assert says(office, "ada", "since @gil") == (
        "Gil Gone was here from *1 January 2015* to *30 June 2020*, says the HR file."
    )


def row(start: date, end: date | None = None, *leave: tuple[date, date]) -> SpellRow:
    return SpellRow(new_id(NOW), new_id(NOW), start, end, "entry", NOW, None, leave)


def test_a_new_start_date_keeps_what_it_does_not_speak_of() -> None:
    first = row(date(2010, 1, 1), date(2015, 6, 30))
    paused = (date(2020, 5, 1), date(2020, 6, 1))
    now = row(date(2019, 11, 29), None, paused)
    assert beginning([], date(2019, 1, 1)) == [Entry(date(2019, 1, 1))]
    assert beginning([first], date(2019, 1, 1)) == [
        Entry(first.started_on, first.ended_on),
        Entry(date(2019, 1, 1)),
    ]
    assert beginning([first, now], date(2020, 5, 15)) == [
        Entry(first.started_on, first.ended_on),
        Entry(date(2020, 5, 15), None, ((date(2020, 5, 15), paused[1]),)),
    ]
    assert beginning([first, now], date(2012, 1, 1)) == [Entry(date(2012, 1, 1), None, (paused,))]
    assert beginning([first, now], date(2021, 1, 1))[-1] == Entry(date(2021, 1, 1))


def test_an_admin_enters_the_last_day_and_no_more_milestones_come(any_office: World) -> None:
    world = any_office
    says(world, "ada", "since @maria 2021-11-23")
    said = says(world, "ada", "since @maria ended 2026-11-20")
    assert said.startswith("Noted. Maria Silva has been here since *23 November 2021*")
    assert "the last day is *20 November 2026*" in said
    pass_days(world, 5)
    assert world.feed() == []
    assert dates(world, "maria") == [(date(2021, 11, 23), date(2026, 11, 20), "entry")]
    says(world, "ada", "since @maria ended forget")
    assert dates(world, "maria") == [(date(2021, 11, 23), None, "entry")]


def test_an_admin_enters_leave_which_adds_to_what_is_known(office: World) -> None:
    says(office, "ada", "since @maria 2021-11-23")
    says(office, "ada", "since @maria leave 2024-01-01 2024-01-31")
    says(office, "ada", "since @maria leave from 1 March 2025 to 2 April 2025")
    said = says(office, "ada", "since @maria leave 2024-01-20 – 2024-02-15")
    assert (
        "Leave, which counts: 1 January 2024 – 15 February 2024 and 1 March 2025 – 2 April 2025."
        in said
    )
    says(office, "ada", "since @maria leave forget")
    assert spells(office, "maria")[0].leave == ()
    entries = office.database.read(
        lambda session: session.execute(
            select(table_of(AuditEntry)).order_by(table_of(AuditEntry).c.id)
        ).all()
    )
    assert [row.action for row in entries] == [
        "service.entered",
        *["service.leave"] * 3,
        "service.leave_forgotten",
    ]


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("ended 2020-01-01", "The end, 2020-01-01, is before the start, 2021-11-23."),
        ("ended soon", "“soon” is not a date that I can read. Please write it like 2019-03-01,"),
        ("leave 2024-01-01", "Please give the first day of leave and the last:"),
        ("leave 2021-01-01 2021-02-01", "From 2021-01-01 to 2021-02-01 is no time of one"),
        ("leave 2024-03-01 2024-02-01", "From 2024-03-01 to 2024-02-01 is no time of one"),
    ],
)
def test_an_end_or_leave_that_cannot_be_is_refused(office: World, typed: str, answer: str) -> None:
    says(office, "ada", "since @maria 2021-11-23")
    assert says(office, "ada", f"since @maria {typed}").startswith(answer)
    assert dates(office, "maria") == [(date(2021, 11, 23), None, "entry")]
    assert spells(office, "maria")[0].leave == ()


def test_an_end_of_what_is_not_known_asks_for_the_start_first(office: World) -> None:
    assert says(office, "ada", "since @maria ended 2026-01-01") == (
        "I don’t know since when Maria Silva is here. First tell me that:"
        " `/badges since @name 2019-03-01`."
    )


def test_nobody_but_an_admin_enters_an_end_or_leave(office: World) -> None:
    says(office, "maria", "since 2021-11-23")
    said = says(office, "maria", "since leave 2024-01-01 2024-01-31")
    assert said == "Only badge admins enter a last day, or leave."
    assert says(office, "maria", "since ended 2026-11-20") == said
    assert says(office, "tom", "since @maria ended 2026-11-20").startswith("Only badge admins")
    assert dates(office, "maria") == [(date(2021, 11, 23), None, "entry")]
