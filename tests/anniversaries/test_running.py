"""What is due is recorded once, on its day, with its award and what is to be said of it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from bot.calendars import Calendar
from bot.recording import Ran
from bot.service import Entry
from bot.tenure import Length, Rule
from storage import badges
from tests.anniversaries.conftest import Company, at


def test_a_year_is_recorded_awarded_and_announced_at_nine(company: Company) -> None:
    company.hire("maria")
    company.enter("maria", "2025-03-02")
    company.run("2026-03-02T08:59")
    assert not any(line[0] == "1y" for line in company.lines("maria"))
    done = company.run("2026-03-02T09:00")
    assert (done.recorded, done.posts, done.messages) == (1, 1, 1)
    assert company.lines("maria")[-1] == ("1y", "2026-03-02", "recorded", "")
    assert company.badges("maria")[-1] == "1-year"
    assert company.kinds() == ["announce", "notify"]


def test_running_again_and_again_changes_nothing(company: Company) -> None:
    company.hire("maria")
    company.enter("maria", "2025-03-02")
    company.run("2026-03-02T09:00")
    assert company.run("2026-03-02T09:00") == Ran()
    assert company.run_hourly(hours=30) == Ran()
    assert company.kinds() == ["announce", "notify"]


def test_each_is_celebrated_at_nine_where_they_are(company: Company) -> None:
    company.hire("yuki", timezone="Asia/Tokyo")
    company.hire("tom", timezone="America/New_York")
    company.enter("yuki", "2025-03-03")
    company.enter("tom", "2025-03-03")
    company.run("2026-03-02T23:59")
    assert company.kinds() == []
    company.run("2026-03-03T00:00")
    assert [line[0] for line in company.lines("yuki")][-1] == "1y"
    assert company.run("2026-03-03T13:59").recorded == 0
    assert company.run("2026-03-03T14:00").recorded == 1
    assert company.lines("tom")[-1][:2] == ("1y", "2026-03-03")


def test_the_first_30_days_go_to_the_person_alone(company: Company) -> None:
    company.hire("maria")
    company.enter("maria", "2026-02-01")
    company.run("2026-03-03T09:00")
    assert company.lines("maria") == [("30d", "2026-03-03", "recorded", "")]
    assert company.kinds() == ["notify"]


def test_what_was_past_before_laurel_is_recorded_silently_and_only_the_highest_awarded(
    company: Company,
) -> None:
    company.hire("maria")
    company.enter("maria", "2023-01-15")
    company.run()
    assert [line[0] for line in company.lines("maria")] == ["30d", "90d", "6m", "1y", "2y", "3y"]
    assert {line[2:] for line in company.lines("maria")} == {("silent", "before Laurel began here")}
    assert company.badges("maria") == ["3-years"]
    assert company.kinds() == []
    (award,) = company.awards("maria")
    assert award.awarded_at == at("2026-01-15T09:00")


def test_each_past_year_can_be_awarded(company: Company) -> None:
    company.decide(past="each")
    company.hire("maria")
    company.enter("maria", "2023-01-15")
    company.run()
    assert company.badges("maria")[2:] == ["6-months", "1-year", "2-years", "3-years"]


def test_what_fell_due_while_laurel_was_down_is_told_belatedly_within_a_week(
    company: Company,
) -> None:
    company.hire("maria", "tom")
    company.enter("maria", "2025-03-10")
    company.enter("tom", "2025-03-04")
    company.run()
    company.run("2026-03-12T10:00")
    maria, tom = company.ledger("maria")[-1], company.ledger("tom")[-1]
    assert (maria.state, maria.belated, maria.celebrated_on.day) == ("recorded", True, 10)
    assert (tom.state, tom.reason, tom.celebrated_on.day) == ("silent", "found out too late", 4)
    assert company.badges("tom")[-1] == "1-year"
    assert company.kinds() == ["announce", "notify"]


def test_a_start_date_that_is_entered_late_is_told_belatedly(company: Company) -> None:
    company.began("2026-01-01")
    company.hire("maria")
    company.enter("maria", "2025-02-28")
    company.run("2026-03-02T09:00")
    line = company.ledger("maria")[-1]
    assert (line.length, line.state, line.belated) == ("1y", "recorded", True)


def test_a_weekend_is_moved_and_the_ledger_says_why(company: Company) -> None:
    company.decide(calendar=Calendar("working_day_before"))
    company.hire("maria")
    company.enter("maria", "2025-03-08")
    company.run("2026-03-05T09:00")  # from then on only what is near is looked at
    company.run("2026-03-06T09:00")
    line = company.ledger("maria")[-1]
    assert (line.due_on.day, line.celebrated_on.day, line.moved) == (8, 6, "moved from Sunday")
    assert line.counted_from.isoformat() == "2025-03-08"
    assert line.source == "entry"


def test_former_staff_are_not_congratulated(company: Company) -> None:
    company.hire("maria")
    company.enter("maria", "2025-03-05")
    company.run()
    company.enter("maria", Entry(at("2025-03-05").date(), at("2026-03-04").date()))
    company.run("2026-03-09T09:00")
    assert [line[0] for line in company.lines("maria")] == ["30d", "90d", "6m"]
    assert company.kinds() == []


def test_the_deactivated_and_bots_are_never_announced_and_guests_only_by_policy(
    company: Company,
) -> None:
    company.hire("gil", active=False)
    company.hire("kim", guest=True)
    company.hire("robo", bot=True)
    for name in company.people:
        company.enter(name, "2025-03-03")
    company.run("2026-03-03T09:00")
    states = {name: company.lines(name)[-1][2:] for name in company.people}
    assert states == {
        "gil": ("silent", "deactivated"),
        "kim": ("silent", "a guest"),
        "robo": ("silent", "a bot"),
    }
    assert company.badges("robo") == []
    company.decide(guests=True)
    company.hire("kai", guest=True)
    company.enter("kai", "2025-03-04")
    company.run("2026-03-04T09:00")
    assert company.lines("kai")[-1][2] == "recorded"


def test_a_person_chooses_feed_direct_message_or_nothing(company: Company) -> None:
    company.hire("maria", "tom", "yuki")
    for name in company.people:
        company.enter(name, "2025-03-03")
    company.choose("tom", "dm")
    company.choose("yuki", "nothing")
    company.run("2026-03-03T09:00")
    assert company.lines("yuki")[-1][2:] == ("silent", "chose not to be told")
    assert [kind for kind, _ in company.deliveries()] == ["announce", "notify", "notify"]
    private = {name: company.awards(name)[0].private for name in company.people}
    assert private == {"maria": False, "tom": True, "yuki": True}


def test_where_it_is_opt_in_only_who_chose_it_is_told(company: Company) -> None:
    company.decide(unless_chosen="nothing")
    company.hire("maria", "tom")
    for name in company.people:
        company.enter(name, "2025-03-03")
    company.choose("maria", "feed")
    company.run("2026-03-03T09:00")
    assert company.lines("tom")[-1][2] == "silent"
    assert company.lines("maria")[-1][2] == "recorded"


def test_more_than_five_in_an_hour_make_one_post(company: Company) -> None:
    names = ["ann", "ben", "cho", "dev", "eva", "fay"]
    company.hire(*names)
    for name in names[:5]:
        company.enter(name, "2025-03-03")
    company.run("2026-03-03T09:00")
    assert company.kinds().count("announce") == 5
    for name in names:
        company.enter(name, "2025-03-04", source="hr")
    done = company.run("2026-03-04T09:00")
    assert (done.posts, done.messages) == (1, 6)


def test_those_found_later_in_the_hour_join_a_digest_of_their_own(company: Company) -> None:
    names = ["ann", "ben", "cho", "dev", "eva", "fay"]
    company.hire(*names)
    for name in names[:4]:
        company.enter(name, "2025-03-03")
    company.run("2026-03-03T09:00")
    for name in names[4:]:
        company.enter(name, "2025-03-03")
    assert company.run("2026-03-03T09:30").posts == 1
    assert company.kinds().count("announce") == 5


def test_two_processes_in_the_same_hour_produce_one(company: Company) -> None:
    names = [f"p{n}" for n in range(40)]
    company.hire(*names)
    for name in names:
        company.enter(name, "2025-03-03")
    company.now = at("2026-03-03T09:00")
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: company.run(take_turn=False), range(4)))
    assert sum(one.recorded for one in done) == 40 * 4
    assert sum(one.messages for one in done) == 40
    assert company.kinds().count("notify") == 40


def test_while_one_process_is_at_it_another_leaves_it_to_that(company: Company) -> None:
    company.hire("maria")
    company.enter("maria", "2025-03-03")
    company.now = at("2026-03-03T09:00")
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: company.run(), range(3)))
    assert sum(one.posts for one in done) == 1
    assert company.run() == Ran()


def test_a_clock_that_jumps_ahead_and_back_neither_repeats_nor_loses_anything(
    company: Company,
) -> None:
    company.hire("maria", "tom")
    company.enter("maria", "2025-03-03")
    company.run("2027-06-01T00:00")
    company.now = at("2026-03-02T07:00")
    company.enter("tom", "2025-03-04")
    company.run_hourly(hours=24 * 10)
    assert company.lines("tom")[-1][:3] == ("1y", "2026-03-04", "recorded")
    assert [line[0] for line in company.lines("maria")] == ["30d", "90d", "6m", "1y", "2y"]


def test_who_moves_over_the_date_line_loses_no_milestone(company: Company) -> None:
    company.hire("maria", timezone="Pacific/Pago_Pago")
    company.enter("maria", "2025-03-03")
    company.run("2026-03-03T12:00")
    company.hire("maria", timezone="Pacific/Kiritimati")
    company.run("2026-03-03T13:00")
    assert company.lines("maria")[-1][:3] == ("1y", "2026-03-03", "recorded")


def test_a_length_that_is_added_is_recorded_for_everyone(company: Company) -> None:
    company.hire("maria")
    company.enter("maria", "2025-12-01")
    company.run()
    hundred = Rule(Length(100, "d"), badge="30-days", message="A hundred days!")
    company.decide(rules=(Rule(Length(1, "y"), every=True, feed=True), hundred))
    company.run("2026-03-11T09:00")
    assert company.lines("maria")[-1] == ("100d", "2026-03-11", "recorded", "")
    assert company.awards("maria")[0].reason == "A hundred days!"


def test_a_retired_badge_is_not_awarded_and_the_ledger_says_so(company: Company) -> None:
    company.hire("maria")
    company.enter("maria", "2025-03-03")
    company.run()
    (badge,) = company.database.read(
        lambda session: badges.matching(session, workspace_id=company.workspace.id, keys=["1-year"])
    )
    company.database.write(
        lambda session: badges.set_active(
            session, workspace_id=company.workspace.id, badge_id=badge.id, active=False
        )
    )
    company.run("2026-03-03T09:00")
    assert company.lines("maria")[-1][2:] == ("silent", "its badge is retired")
    assert "1-year" not in company.badges("maria")


def test_without_a_feed_only_the_people_are_told(company: Company) -> None:
    company.settings = replace(company.settings, feed_channel="")
    company.hire("maria")
    company.enter("maria", "2025-03-03")
    company.run("2026-03-03T09:00")
    assert company.kinds() == ["notify"]
