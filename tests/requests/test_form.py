"""The form in which a badge is asked for: who it opens for, what can be chosen, errors, one confirmation."""

from typing import Any

from bot.playground import Outcome
from tests.permissions.conftest import change_badge
from tests.requests.office import ask, listed, rows, said, states, with_admin
from tests.world import World

WHY = "I mentored three newcomers"


def fill_in(world: World, who: str, **values: Any) -> Outcome:
    """Open the form and send it: `badge=`, `person=`, `reason=`."""
    world.command(who, "/badges", "request")
    values = {"badge": "Team Player", "reason": WHY} | values
    return world.submit(who, values={f"request_{name}": one for name, one in values.items()})


def test_it_begins_with_oneself_and_asks_for_a_badge(world: World) -> None:
    with_admin(world)
    done = fill_in(world, "maria").view
    world.deliver()

    assert done is not None
    assert "I’ve passed your request on: *Team Player*. You’ll hear from me" in done.reads()
    assert f"> {WHY}" in done.reads()
    assert world.ephemerals("maria") == []  # one confirmation
    assert said(world, "tom")[0].startswith(f"Maria Silva asks for *Team Player*.\n> {WHY}")


def test_a_colleague_is_chosen_or_named_in_the_command(world: World) -> None:
    opened = world.command("maria", "/badges", "request @yuki")
    assert opened.view is not None
    assert "UYUKI" in str(opened.view.blocks)
    values = {"request_badge": "Customer Hero", "request_reason": "Always there for us"}
    world.submit("maria", values=values)
    fill_in(world, "maria", person=world.users["tom"])

    waiting = listed(world, "maria")
    assert "*Customer Hero* for 由紀 Tanaka" in waiting
    assert "*Team Player* for Tom Okafor" in waiting


def test_what_one_may_ask_for_is_found_by_typing(world: World) -> None:
    change_badge(world, "event-speaker", expiry="2026-01-31")

    def found(who: str, typed: str) -> list[str]:
        world.command(who, "/badges", "request")
        options = world.type_ahead(who, "request_badge", typed)
        world.close(who)
        return options

    every = found("maria", "")
    assert {"Team Player", "Customer Hero", "First Course"} <= set(every)
    for other in ("Night Owl", "Summer 2019", "Event Speaker"):
        assert other not in every  # private, retired, over
    assert found("maria", "hero") == ["Customer Hero"]
    assert found("maria", "night") == []
    change_badge(world, "night-owl", awarders="UMARIA")
    assert found("maria", "night") == ["Night Owl"]
    assert "Night Owl" not in found("yuki", "night")


def test_each_refusal_stands_at_its_field(world: World) -> None:
    world.command("ada", "/award", "@maria first-course Well done")
    for values, field, sentence in (
        ({"badge": "First Course"}, "badge", "You hold First Course already"),
        ({"person": "URobo".upper()}, "person", "Robo is a bot"),
        ({"person": "UKIM"}, "person", "Kim Guest is a guest."),
        ({"reason": "   "}, "reason", "What for? Say in a few words why."),
        ({"reason": "Well done --private"}, "reason", "Please leave “--private” out:"),
    ):
        errors = fill_in(world, "maria", **values).errors
        assert list(errors) == [f"request_{field}"], values
        assert errors[f"request_{field}"].startswith(sentence)
        world.close("maria")
    assert states(world) == []


def test_a_badge_that_was_retired_meanwhile_is_said_at_the_badge(world: World) -> None:
    world.command("maria", "/badges", "request")
    values = {"request_badge": "Team Player", "request_reason": WHY}
    change_badge(world, "team-player", active=False)
    refused = world.submit("maria", values=values | {"request_badge": option_of(world)})

    assert (
        "Team Player is retired, so it can’t be awarded any more."
        in (refused.errors["request_badge"])
    )


def option_of(world: World, slug: str = "team-player") -> dict[str, Any]:
    """A badge as it was chosen before."""
    badge = world.badges[slug]
    return {"text": {"type": "plain_text", "text": badge.name}, "value": badge.id.hex}


def test_sent_twice_it_asks_once(world: World) -> None:
    world.command("maria", "/badges", "request")
    values = {"request_badge": "Team Player", "request_reason": WHY}
    world.submit("maria", values=values, times=2)
    again = fill_in(world, "maria", reason="In other words").view

    assert states(world) == ["open"]
    assert again is not None
    assert "You asked for *Team Player* on 20/11/2026 already" in again.reads()


def test_what_was_sent_is_taken_back_where_the_form_was(world: World) -> None:
    fill_in(world, "maria")
    gone = world.click("maria", "request_take_back", view=world.view("maria")).view

    assert gone is not None
    assert "Taken back: your request for *Team Player* is gone" in gone.reads()
    assert (states(world), world.ephemerals("maria")) == ([], [])


def test_it_opens_for_nobody_who_could_not_ask(world: World) -> None:
    refused = world.command("kim", "/badges", "request")
    assert refused.view is None
    assert "Guests don’t collect badges here" in refused.reads()
    world.decide(guests_award=True)
    suggests = world.command("kim", "/badges", "request").view
    assert suggests is not None
    assert "UKIM" not in str(suggests.blocks)
    flair = ("team-player", "customer-hero", "event-speaker", "ping-pong-champion")
    for words in [f"{who}{badge} x" for who in ("", "@tom ", "@yuki ") for badge in flair][:10]:
        ask(world, "maria", words)
    full = world.command("maria", "/badges", "request")
    assert full.view is None
    assert "10 of your requests wait for an answer" in full.reads()


def test_it_opens_for_somebody_whom_laurel_has_not_met_once_slack_told_who_that_is(
    world: World,
) -> None:
    world.engine.add_user("nora", "Nora", id="UNORA")
    opened = world.command("UNORA", "/badges", "request")

    assert opened.view is not None
    assert world.type_ahead("UNORA", "request_badge", "hero") == ["Customer Hero"]
    values = {"request_badge": "Customer Hero", "request_reason": WHY}
    done = world.submit("UNORA", values=values).view
    assert done is not None
    assert "I’ve passed your request on: *Customer Hero*." in done.reads()


def test_somebody_whom_laurel_has_not_met_is_asked_about_and_then_suggested(world: World) -> None:
    world.engine.add_user("nora", "Nora", id="UNORA")
    world.command("maria", "/badges", "request")
    values = {"request_badge": "Team Player", "request_person": "UNORA", "request_reason": WHY}
    done = world.submit("maria", values=values).view

    assert done is not None
    assert "*Team Player* for Nora" in done.reads()
    assert rows(world, "SELECT reason FROM request") == [(WHY,)]
