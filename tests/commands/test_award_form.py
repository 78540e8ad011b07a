"""The award form: from `/award` alone and from a message, with its preview, errors and Undo."""

from typing import Any

from bot.playground import Outcome, View
from tests.commands.test_award import awards_in
from tests.world import World


def open_form(world: World, user: str = "tom", text: str = "") -> View:
    outcome = world.command(user, "/award", text)
    assert outcome.view is not None, outcome.reads()
    return outcome.view


def badge(world: World, slug: str, user: str = "tom") -> dict[str, Any]:
    [option] = [
        one
        for one in world.engine.type_ahead(user, "award_badges", "")
        if one["value"] == world.badges[slug].id.hex
    ]
    return option


def send(world: World, user: str = "tom", **values: Any) -> Outcome:
    filled: dict[str, Any] = {
        "award_people": [world.users["maria"]],
        "award_badges": [badge(world, "team-player", user)],
        "award_reason": "Thank you",
    }
    return world.submit(user, values=filled | values)


def test_award_alone_opens_a_form_and_awards_what_it_says(world: World) -> None:
    open_form(world)

    outcome = send(world)
    world.deliver()

    assert outcome.view is not None
    assert "Maria Silva now has *Team Player*." in outcome.view.reads()
    assert "@Maria Silva received *Team Player*\n> Thank you" in world.feed()[0].reads()


def test_people_named_in_the_command_are_filled_in(world: World) -> None:
    view = open_form(world, text="@maria @yuki --quiet")

    element = view.blocks[0]["element"]
    assert element["initial_users"] == ["UMARIA", "UYUKI"]
    assert "quiet" in str(view.values["how"])


def test_a_user_group_named_in_the_command_is_filled_in(world: World) -> None:
    world.engine.add_group("platform", members=["maria", "yuki", "gil"])

    view = open_form(world, text="@platform")

    assert view.blocks[0]["element"]["initial_users"] == ["UMARIA", "UYUKI"]


def test_who_cannot_be_awarded_is_not_filled_in_and_it_says_why(world: World) -> None:
    world.engine.add_group("platform", members=["tom", "maria", "kim"])

    view = open_form(world, text="@platform")

    [people] = [block for block in view.blocks if block.get("label", {}).get("text") == "Who"]
    assert people["element"]["initial_users"] == ["UMARIA"]
    assert "Kim Guest is a guest. Guests don’t collect badges here" in view.reads()
    assert "You can’t award yourself" not in view.reads()


def test_what_is_said_above_the_form_is_said_once(world: World) -> None:
    world.engine.add_group("crew", members=["maria", "kim"])
    world.engine.add_group("nobody", members=[])

    assert open_form(world, text="@kim @crew").reads().count("Kim Guest is a guest.") == 1
    world.close("tom")
    assert "That group is empty." in open_form(world, text="@maria @nobody").reads()


def test_a_form_for_oneself_alone_says_who_can_give_the_badge(world: World) -> None:
    view = open_form(world, text="@tom")

    assert "You can’t award yourself; a colleague can" in view.reads()
    assert "UTOM" not in str(view.blocks)


def test_a_form_for_a_guests_message_leaves_the_people_to_choose(world: World) -> None:
    message = world.engine.post("kim", world.kudos, "I fixed the door")

    view = world.shortcut("tom", "award_for_message", message).view

    assert view is not None
    assert "Kim Guest is a guest." in view.reads()
    assert "UKIM" not in str(view.blocks)


def test_the_preview_leaves_out_who_cannot_be_awarded(world: World) -> None:
    open_form(world)
    world.choose("tom", "award_people", users=["UMARIA", "UTOM"])

    view = world.choose("tom", "award_badges", option=badge(world, "team-player")).view

    assert view is not None
    assert "@Maria Silva received *Team Player*" in view.reads()
    assert "@Tom Okafor" not in view.reads()


def test_the_last_view_takes_the_award_back(world: World) -> None:
    open_form(world)
    send(world)
    world.deliver()

    outcome = world.click("tom", "award_undo")
    world.deliver()

    assert outcome.view is not None
    assert "Undone: I took back *Team Player* from Maria Silva." in outcome.view.reads()
    assert world.feed() == []
    assert awards_in(world) == 0


def test_errors_appear_at_their_field(world: World) -> None:
    open_form(world)

    assert send(world, award_people=[world.users["tom"]]).errors == {
        "people0": "You can’t award yourself; a colleague can, with /award and your name."
    }
    assert (
        "is a bot"
        in send(world, award_people=[world.users["maria"], world.users["robo"]]).errors["people0"]
    )
    assert "isn’t active here" in send(world, award_people=[world.users["gil"]]).errors["people0"]
    assert awards_in(world) == 0
    assert send(world).errors == {}
    assert awards_in(world) == 1


def test_a_badge_retired_while_the_form_was_open_is_an_error_at_the_badges(world: World) -> None:
    from storage import badges

    open_form(world)
    chosen = badge(world, "team-player")
    world.database.write(
        lambda session: badges.set_active(
            session,
            workspace_id=world.workspace.id,
            badge_id=world.badges["team-player"].id,
            active=False,
        )
    )

    outcome = world.submit(
        "tom", values={"award_people": [world.users["maria"]], "award_badges": [chosen]}
    )

    assert "Team Player is retired" in outcome.errors["badges"]


def test_a_form_sent_twice_awards_once(world: World) -> None:
    view = open_form(world)
    filled: dict[str, Any] = {
        "award_people": [world.users["maria"]],
        "award_badges": [badge(world, "team-player")],
        "award_reason": "Thank you",
    }

    world.submit("tom", view, values=filled, times=2)
    world.deliver()

    assert awards_in(world) == 1
    assert len(world.feed()) == 1


def test_the_preview_shows_what_will_be_posted_as_one_chooses(world: World) -> None:
    open_form(world)
    world.choose("tom", "award_people", users=[world.users["maria"]])
    world.choose("tom", "award_badges", option=badge(world, "team-player"))
    outcome = world.choose("tom", "award_reason", text="Thank <!here>")

    assert outcome.view is not None
    assert "In #kudos:" in outcome.view.reads()
    assert "@Maria Silva received *Team Player*\n> Thank <!here>" in outcome.view.reads()
    private = world.choose("tom", "award_how", option="private")
    assert private.view is not None
    assert "In private, they will read:\nTom Okafor gave you *Team Player*." in private.view.reads()


def test_two_changes_in_quick_succession_both_show_in_the_preview(world: World) -> None:
    open_form(world)
    chosen = badge(world, "team-player")
    world.engine.choose("tom", "award_people", users=[world.users["maria"]])
    world.engine.choose("tom", "award_badges", option=chosen)
    world.settle()

    view = world.view("tom")
    assert view is not None
    assert "@Maria Silva received *Team Player*" in view.reads()


def test_a_preview_that_comes_after_the_form_was_sent_does_not_bring_it_back(
    world: World,
) -> None:
    open_form(world)
    world.engine.choose("tom", "award_people", users=[world.users["maria"]])
    world.engine.submit(
        "tom",
        values={
            "award_people": [world.users["maria"]],
            "award_badges": [badge(world, "team-player")],
        },
    )
    world.settle()

    view = world.view("tom")
    assert view is not None
    assert "Maria Silva now has *Team Player*" in view.reads()


def test_typing_finds_badges_and_private_ones_only_for_those_who_may_award_them(
    world: World,
) -> None:
    open_form(world)
    open_form(world, "ada")

    assert world.type_ahead("tom", "award_badges", "play") == ["Team Player"]
    assert world.type_ahead("tom", "award_badges", "COURSE") == ["First Course"]
    assert world.type_ahead("tom", "award_badges", "pingpong") == ["Ping-Pong Champion"]
    assert world.type_ahead("tom", "award_badges", "owl") == []
    assert world.type_ahead("ada", "award_badges", "owl") == ["Night Owl"]
    assert "Summer 2019" not in world.type_ahead("ada", "award_badges", "")


def test_a_message_opens_the_form_for_its_author_and_is_kept_as_evidence(world: World) -> None:
    message = world.engine.post("maria", world.kudos, "The build is green again")

    outcome = world.shortcut("tom", "award_for_message", message)
    assert outcome.view is not None
    assert outcome.view.blocks[0]["element"]["initial_users"] == ["UMARIA"]
    send(world)
    world.deliver()

    link = world.engine.permalink(message)
    assert f"<{link}|" in str(world.feed()[-1].blocks)
    assert f"<{link}|" in str(world.dms("maria")[0].blocks)


def test_a_message_in_a_direct_message_is_evidence_for_its_recipient_only(world: World) -> None:
    private = world.engine.add_channel("secret", private=True, members=["maria", "tom"])
    message = world.engine.post("maria", private, "Done")

    world.shortcut("tom", "award_for_message", message)
    send(world)
    world.deliver()

    link = world.engine.permalink(message)
    assert link not in str(world.feed()[-1].blocks)
    assert link in str(world.dms("maria")[0].blocks)


def test_ones_own_message_and_a_bots_leave_the_people_to_choose(world: World) -> None:
    own = world.engine.post("tom", world.kudos, "I did it")

    outcome = world.shortcut("tom", "award_for_message", own)

    assert outcome.view is not None
    assert "You wrote that message yourself. Who is the badge for?" in outcome.view.reads()


def test_the_same_in_the_form_within_a_minute_is_asked_about(world: World) -> None:
    open_form(world)
    send(world)
    world.close("tom")
    open_form(world)

    asked = send(world)
    assert asked.view is not None
    assert "with the same words a minute ago" in asked.view.reads()
    done = world.click("tom", "award_again")

    assert done.view is not None
    assert "Maria Silva now has *Team Player*." in done.view.reads()
    assert awards_in(world) == 2


def test_a_form_that_slack_opens_too_late_is_explained(world: World) -> None:
    world.engine.weather.refuse("views.open", error="expired_trigger_id", times=1)

    world.command("tom", "/award")

    assert "Slack did not open the form in time" in world.ephemerals("tom")[-1].reads()
