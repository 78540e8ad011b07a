"""An award answers what somebody asked for, whichever way it was given, and no award tells a secret."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from bot import placing
from bot.grants import parse_grant
from bot.orders import Order
from bot.requests import deciding
from bot.requests.deciding import Click
from storage import preferences
from tests.bulk.test_awarding_to_many import hand_in
from tests.commands.test_award_form import badge as chosen
from tests.permissions.conftest import change_badge
from tests.requests.office import ask, codes, listed, rows, said, states, with_admin
from tests.world import MakeWorld, World

Give = Callable[[World], object]


@pytest.fixture
def office(world: World) -> World:
    """Maria suggested Yuki; Ada and Tom were told."""
    with_admin(world)
    ask(world, "maria", "@yuki customer-hero Always there for us")
    world.deliver()
    return world


def by_command(world: World) -> None:
    world.command("tom", "/award", "@yuki @ada customer-hero, team-player Thanks")


def by_form(world: World) -> None:
    world.command("tom", "/award")
    _fill_in(world)


def from_a_message(world: World) -> None:
    message = world.engine.post("yuki", world.kudos, "The customer is happy again")
    world.shortcut("tom", "award_for_message", message)
    _fill_in(world)


def _fill_in(world: World) -> None:
    badge = [chosen(world, "customer-hero")]
    world.submit("tom", values={"award_people": ["UYUKI"], "award_badges": badge})


def to_many(world: World) -> None:
    award_many(world, "person,badge\nUYUKI,customer-hero\nUADA,team-player\n")


def award_many(world: World, content: str) -> None:
    world.advance(seconds=2)  # Slack takes one direct message a second
    hand_in(world, content, user="tom")
    world.click("tom", "bulk_start")


@pytest.mark.parametrize("give", [by_command, by_form, from_a_message, to_many])
def test_an_award_answers_the_request_for_it_as_a_decision_does(office: World, give: Give) -> None:
    office.command("ada", "/badges", "requests")
    give(office)
    office.deliver()

    assert states(office) == ["awarded"]
    assert said(office, "maria") == [
        "Good news: 由紀 Tanaka now has *Customer Hero*. You suggested it, and Tom Okafor awarded it."
    ]
    for who in ("ada", "tom"):
        told = next(one for one in said(office, who) if "Maria Silva suggests" in one)
        assert told.endswith("Tom Okafor awarded it on Nov 20, 2026.")
    office.click("ada", "request_award", ephemeral=office.ephemerals("ada")[0])
    assert "Tom Okafor awarded it on" in office.ephemerals("ada")[-1].reads()
    assert len(rows(office, "SELECT 1 FROM award WHERE reason LIKE 'Always%'")) == 0
    [detail] = rows(office, "SELECT subject, detail FROM audit_entry WHERE action LIKE 'request%'")
    [code] = rows(
        office, "SELECT code FROM award JOIN request ON award.occasion_key = request.award_key"
    )
    assert detail[0] == "customer-hero"
    assert code[0] in detail[1]


@pytest.mark.parametrize("give", [by_command, to_many])
def test_what_is_undone_is_said_to_be_taken_back(office: World, give: Give) -> None:
    give(office)
    office.deliver()
    office.click("tom", "award_undo" if give is by_command else "bulk_undo")
    office.deliver()

    assert said(office, "maria") == [
        "You suggested 由紀 Tanaka for *Customer Hero*. Tom Okafor awarded it; it was taken back since."
    ]
    assert "It was taken back since." in said(office, "ada")[0]
    assert "passed your request on" in ask(office, "maria", "@yuki customer-hero Again")


def test_who_is_awarded_what_they_asked_for_hears_of_the_award_alone(world: World) -> None:
    ask(world, "maria", "team-player I mentored three newcomers")
    world.deliver()
    world.command("ada", "/award", "@maria team-player Three newcomers!")
    world.deliver()

    [told] = said(world, "maria")
    assert told.startswith("Ada Admin gave you *Team Player*.\n> Three newcomers!")
    assert "Nothing waits for an answer." in listed(world, "maria")


def test_everybody_who_asked_for_the_same_is_answered_at_once(office: World) -> None:
    ask(office, "ada", "@yuki customer-hero She helps")
    ask(office, "yuki", "customer-hero I help")
    ask(office, "yuki", "team-player I help")
    office.deliver()
    office.click("tom", "request_award", message=office.dms("tom")[0])
    office.deliver()

    assert (codes(office), states(office)) == (1, ["awarded"] * 3 + ["open"])
    for who in ("ada", "maria"):
        assert len([one for one in said(office, who) if one.startswith("Good news:")]) == 1
    assert not [one for one in said(office, "yuki") if one.startswith("Good news:")]


def test_whoever_awards_what_they_asked_for_needs_no_answer_any_more(office: World) -> None:
    office.command("maria", "/award", "@yuki customer-hero I may do that myself")
    office.deliver()

    assert states(office) == ["awarded"]
    assert said(office, "maria") == []
    assert said(office, "tom")[0].endswith("Maria Silva awarded it on Nov 20, 2026.")


@pytest.mark.parametrize("undone", [True, False])
def test_what_arrives_again_answers_nothing_that_was_asked_since(
    world: World, undone: bool
) -> None:
    with_admin(world)
    deps, workspace = world.laurel.deps, world.workspace
    words = "customer-hero Thanks"
    order = Order(giver="UTOM", occasion="slash:1", people=("UYUKI",), words=words)
    _, done = placing.carry_out(deps, workspace, order)
    if undone:
        placing.take_back(deps, workspace, "UTOM", str(done.batch_id))
    ask(world, "maria", "@yuki customer-hero Always there for us")
    placing.carry_out(deps, workspace, order)
    world.deliver()

    assert (codes(world), states(world)) == (1, ["open"])
    assert said(world, "maria") == []


def hide_new(world: World) -> None:
    world.database.write(
        lambda session: preferences.save(
            session,
            workspace_id=world.workspace.id,
            person_id=world.people["yuki"].id,
            key=preferences.NEW_AWARDS,
            value="hidden",
        )
    )


@pytest.mark.parametrize("how", ["--private", "--quiet"])
def test_an_award_that_others_may_not_know_of_answers_nothing(office: World, how: str) -> None:
    hide_new(office)
    before = said(office, "ada"), said(office, "tom"), said(office, "maria")
    office.command("ada", "/award", f"@yuki customer-hero Between us {how}")
    award_many(office, "person,badge,private\nUYUKI,customer-hero,yes\n")
    office.deliver()

    assert (codes(office), states(office)) == (2, ["open"])
    assert (said(office, "ada"), said(office, "tom")[:1], said(office, "maria")) == before
    office.command("ada", "/award", "@yuki customer-hero Openly")
    assert states(office) == ["awarded"]


def test_without_a_post_a_hidden_award_answers_only_the_request_it_came_of(office: World) -> None:
    hide_new(office)
    change_badge(office, "customer-hero", feed=False)
    ask(office, "ada", "@yuki customer-hero She helps")
    office.deliver()
    office.command("tom", "/award", "@yuki customer-hero Thanks")
    assert states(office) == ["open", "open"]
    office.click("tom", "request_award", message=office.dms("tom")[0])
    assert sorted(states(office)) == ["awarded", "open"]


@pytest.mark.parametrize("words", ["first-course", "first-course, team-player"])
def test_who_reads_that_it_is_held_has_settled_what_was_asked_for(world: World, words: str) -> None:
    with_admin(world)
    world.engine.add_user("nora", "Nora", id="UNORA")
    world.settle()
    ask(world, "maria", "@yuki first-course She did it")
    world.deliver()
    world.command("nora", "/award", "@yuki first-course Thanks")
    for how in ("--private", "--quiet"):
        assert (states(world), said(world, "maria")) == (["open"], [])
        answer = world.command("tom", "/award", f"@yuki {words} Thanks, {how[2:]} {how}").reads()
        assert "already holds *First Course*" in answer
    world.deliver()

    assert states(world) == ["held"]
    [told] = said(world, "maria")
    assert told.startswith("由紀 Tanaka holds *First Course* by now")
    for who in ("ada", "tom"):
        assert "Tanaka holds it by now, so nothing is left to decide." in said(world, who)[0]


def test_what_is_held_hidden_and_without_a_post_is_told_to_nobody_by_a_request(
    world: World,
) -> None:
    with_admin(world)
    hide_new(world)
    ask(world, "maria", "@yuki first-course She did it")
    world.deliver()
    world.command("ada", "/award", "@yuki first-course Thanks --quiet")
    assert "passed your request on" in ask(world, "tom", "@yuki first-course She did it")
    assert "You hold First Course already" in ask(world, "yuki", "first-course I did it")
    world.click("ada", "request_award", message=world.dms("ada")[0])
    world.deliver()

    assert (codes(world), states(world)) == (1, ["open", "open"])
    assert said(world, "maria") == []
    assert "by an award that not everybody may know of" in world.ephemerals("ada")[-1].reads()
    world.click("tom", "request_award", message=world.dms("tom")[0])
    assert (codes(world), states(world)) == (2, ["awarded", "awarded"])


def test_who_may_not_decide_awards_without_learning_of_a_request(office: World) -> None:
    office.engine.add_user("nora", "Nora", id="UNORA")
    office.settle()
    asked, not_asked = (
        office.command("nora", "/award", f"{who} customer-hero Thanks").reads()
        for who in ("@yuki", "@tom")
    )
    office.deliver()

    assert (
        asked.partition("Award ids")[0].replace("由紀 Tanaka", "Tom Okafor")[:50] == not_asked[:50]
    )
    assert states(office) == ["open"]
    assert said(office, "maria") == []
    office.decide(awarders=parse_grant("UNORA"))
    office.command("nora", "/award", "@yuki customer-hero Thanks once more")
    assert states(office) == ["awarded"]


def test_an_award_to_somebody_for_whom_nothing_is_asked_asks_nothing_of_requests(
    office: World,
) -> None:
    about: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        about.extend([statement] if "request." in statement else [])

    event.listen(office.database.engine, "before_cursor_execute", listen)
    office.command("tom", "/award", "@maria customer-hero Thanks")
    assert about == []
    office.command("tom", "/award", "@yuki customer-hero Thanks")
    assert len(about) > 0


def test_a_click_and_a_command_at_once_answer_once(make_world_pg: MakeWorld) -> None:
    world = with_admin(make_world_pg())
    ask(world, "maria", "@yuki first-course She did it")
    [(request_id,)] = rows(world, "SELECT id FROM request")
    both = Barrier(2)

    def click() -> None:
        both.wait()
        deps = world.laurel.deps
        world.database.write(
            lambda session: deciding.award(
                session,
                Click(
                    world.workspace,
                    deps.settings_in(session, world.workspace),
                    "UTOM",
                    UUID(str(request_id)),
                    world.now(),
                    deps.memory,
                ),
            )
        )

    def give() -> None:
        both.wait()
        order = Order(
            giver="UADA", occasion="slash:1", people=("UYUKI",), words="first-course She did it"
        )
        placing.carry_out(world.laurel.deps, world.workspace, order)

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(click), threads.submit(give)]:
            done.result()
    world.deliver()

    assert (codes(world), states(world)) == (1, ["awarded"])
    [told] = said(world, "maria")
    assert told.startswith("Good news: 由紀 Tanaka now has *First Course*.")
