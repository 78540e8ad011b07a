"""Start dates that change: what nobody was told of falls due again, what people were told of stays."""

from datetime import date

import pytest
from sqlalchemy import Connection

from bot import celebrating, service, start_dates
from bot.delivery.parts import Became, Sent
from bot.errors import BadRequestError
from bot.service import Entry
from bot.tenure import Policies, Rule
from storage import lanes, outbox, tenure
from tests.anniversaries.conftest import Company, at
from tests.together import meanwhile


def send_everything(company: Company, ts: str = "1.2") -> None:
    """Have Slack say that it has every message, since then."""

    def send(session: Connection) -> None:
        workspace_id = company.workspace.id
        waiting = outbox.list_waiting(session, workspace_id=workspace_id)
        became = [Became(row, Sent("C1", ts), company.now) for row in waiting]
        celebrating.note(
            session, workspace_id=workspace_id, became=became, settings=company.settings
        )

    company.database.write(send)


def test_a_corrected_date_withdraws_what_nobody_was_told_of(company: Company) -> None:
    company.hire("maria")
    company.enter("maria", "2025-03-03")
    company.run("2026-03-03T09:00")
    assert company.badges("maria")[-1] == "1-year"
    company.enter("maria", "2025-03-10")
    assert ("1y", "2026-03-03", "withdrawn", "its day was corrected") in company.lines("maria")
    assert company.badges("maria") == []
    company.run("2026-03-10T09:00")
    line = company.ledger("maria")[-1]
    assert (line.length, line.state, line.withdrawals) == ("1y", "recorded", 1)
    assert line.celebrated_on == date(2026, 3, 10)
    assert company.badges("maria")[-1] == "1-year"


def test_what_people_were_told_of_stays_and_is_never_told_again(company: Company) -> None:
    company.hire("maria")
    company.enter("maria", "2025-03-03")
    company.run("2026-03-03T09:00")
    send_everything(company)
    before = company.kinds()
    company.enter("maria", "2025-03-10")
    assert ("1y", "2026-03-03", "announced", "its day was corrected") in company.lines("maria")
    company.run("2026-03-10T09:00")
    company.run("2026-03-11T09:00")
    assert company.kinds() == before
    assert company.badges("maria").count("1-year") == 1


def test_an_announcement_says_where_it_is(company: Company) -> None:
    company.hire("maria")
    company.enter("maria", "2025-03-03")
    company.run("2026-03-03T09:00")
    send_everything(company)
    line = company.ledger("maria")[-1]
    assert (line.state, line.channel, line.message_ts, line.told_at) == (
        "announced",
        "C1",
        "1.2",
        at("2026-03-03T09:00"),
    )


def test_an_announcement_that_is_found_in_slack_much_later_was_made_when_it_was_posted(
    company: Company,
) -> None:
    company.hire("maria")
    company.enter("maria", "2025-03-03")
    company.run("2026-03-03T09:00")
    company.now = at("2026-03-20T09:00")
    send_everything(company, ts=f"{at('2026-03-03T09:00').timestamp():.6f}")
    assert company.ledger("maria")[-1].state == "announced"


def test_what_is_just_being_sent_counts_as_told(company: Company) -> None:
    company.hire("maria")
    company.enter("maria", "2025-03-03")
    company.run("2026-03-03T09:00")

    def begin(session: object) -> None:
        [lease] = lanes.claim(
            session,  # type: ignore[arg-type]
            workspace_id=company.workspace.id,
            lanes=[one.lane for one in lanes.waiting(session, most=1)],  # type: ignore[arg-type]
            now=company.now,
            until=at("2026-03-03T09:01"),
        )
        of = {"workspace_id": company.workspace.id}
        [row] = lanes.heads(session, lanes=[lease.lane], **of).values()  # type: ignore[arg-type]
        lanes.mark_sending(session, ids=[row.id], **of)  # type: ignore[arg-type]

    company.database.write(begin)
    company.enter("maria", "2025-03-10")
    assert company.lines("maria")[-1][2:] == ("recorded", "its day was corrected")


def test_ending_a_spell_stops_its_milestones_and_erases_nothing(company: Company) -> None:
    company.hire("maria")
    company.enter("maria", "2023-01-15")
    company.run()
    before = company.lines("maria")
    company.enter("maria", Entry(date(2023, 1, 15), date(2026, 3, 1)))
    company.run("2027-03-01T09:00")
    assert company.lines("maria") == before
    assert company.badges("maria") == ["3-years"]


def test_an_end_before_milestones_that_nobody_was_told_of_takes_them_back(
    company: Company,
) -> None:
    company.hire("maria")
    company.enter("maria", "2023-01-15")
    company.run()
    company.enter("maria", Entry(date(2023, 1, 15), date(2025, 6, 30)))
    company.run()
    standing = [line[0] for line in company.lines("maria") if line[2] != "withdrawn"]
    assert standing == ["30d", "90d", "6m", "1y", "2y"]


def test_a_rehire_goes_on_where_it_left_off(company: Company) -> None:
    company.hire("maria")
    company.enter(
        "maria", Entry(date(2020, 1, 1), date(2022, 12, 31)), Entry(date(2025, 3, 3)), source="hr"
    )
    company.run("2026-03-04T09:00")
    lines = {row.length: row for row in company.ledger("maria")}
    assert lines["4y"].due_on == date(2026, 3, 3)
    assert lines["4y"].counted_from == date(2022, 3, 3)
    assert lines["4y"].state == "recorded"
    assert len({lines["2y"].spell_id, lines["4y"].spell_id}) == 2


def test_a_mistaken_employment_tells_nobody_twice(company: Company) -> None:
    company.hire("maria")
    company.enter("maria", Entry(date(2020, 1, 1), date(2020, 2, 1)), Entry(date(2025, 3, 3)))
    company.decide(rehire="latest")
    company.run("2026-03-03T09:00")
    send_everything(company)
    before = company.kinds()
    company.enter("maria", "2025-03-04")
    company.run("2026-03-04T09:00")
    assert company.kinds() == before


def test_trust_decides_between_sources(company: Company) -> None:
    company.hire("maria")
    assert company.enter("maria", "2025-03-03", source="field") == "new"
    assert company.enter("maria", "2025-03-04", source="hr") == "changed"
    assert company.enter("maria", "2025-03-05", source="slack") == "trusted"
    assert company.enter("maria", "2025-03-04", source="hr") == "same"
    company.run("2026-03-04T09:00")
    assert company.ledger("maria")[-1].source == "hr"


def test_trust_can_be_decided_otherwise(company: Company) -> None:
    company.decide(sources=("slack", "entry", "hr", "field"))
    company.hire("maria")
    company.enter("maria", "2025-03-03", source="hr")
    assert company.enter("maria", "2025-03-04", source="slack") == "changed"


def test_the_same_dates_from_a_better_source_keep_the_ledger_as_it_is(company: Company) -> None:
    company.hire("maria")
    company.enter("maria", "2025-03-03", source="field")
    company.run("2026-03-03T09:00")
    company.enter("maria", "2025-03-03", source="hr")
    company.run("2026-03-03T10:00")
    assert company.lines("maria")[-1] == ("1y", "2026-03-03", "recorded", "")
    assert company.ledger("maria")[-1].withdrawals == 0


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ([Entry(date(1949, 12, 31))], "before 1950"),
        ([Entry(date(2026, 3, 3))], "yet to come"),
        ([Entry(date(2020, 1, 1), date(2019, 1, 1))], "before the start"),
        ([Entry(date(2020, 1, 1)), Entry(date(2021, 1, 1))], "runs into the next one"),
        ([Entry(date(2020, 1, 1), leave=((date(2021, 2, 1), date(2021, 1, 1)),))], "Leave ends"),
    ],
)
def test_dates_that_cannot_be_are_refused_and_nothing_changes(
    company: Company, entries: list[Entry], sentence: str
) -> None:
    company.hire("maria")
    with pytest.raises(BadRequestError, match=sentence):
        company.enter("maria", *entries)
    assert company.run("2026-03-03T09:00").recorded == 0


def test_other_lengths_do_not_take_back_what_was_a_milestone(company: Company) -> None:
    company.hire("maria")
    company.enter("maria", "2025-03-03")
    company.run("2026-03-03T09:00")
    company.decide(rules=(Rule(Policies().rules[0].length),))
    settled = company.database.write(
        lambda session: service.settle(
            session,
            workspace=company.workspace,
            settings=company.settings,
            person_ids=[company.people["maria"].id],
            now=company.now,
        )
    )
    assert settled == (0, 0)


def test_two_sources_that_tell_of_somebody_at_once_make_one_employment(company: Company) -> None:
    company.hire("maria")

    def say(session: Connection, day: int) -> service.Outcome:
        return start_dates.say(
            session,
            company.workspace,
            company.settings,
            owner=company.people["maria"],
            start=date(2025, 3, day),
            source="slack",
            now=company.now,
        )

    outcomes = meanwhile(
        company.database,
        lambda session: say(session, 3),
        lambda: company.database.write(lambda session: say(session, 10)),
    )

    assert outcomes == ("new", "changed")
    found = company.database.read(
        lambda session: tenure.of_people(
            session,
            workspace_id=company.workspace.id,
            person_ids=[company.people["maria"].id],
        )
    )
    (spells,) = found.values()
    assert [spell.started_on for spell in spells] == [date(2025, 3, 10)]
