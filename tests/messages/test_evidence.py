"""What a giver reads of the message that a badge is for, before it is linked anywhere."""

from tests.commands.test_award_form import badge, send
from tests.world import World


def _filled(world: World) -> str:
    """What Tom reads in the form once he chose a badge in it."""
    view = world.choose("tom", "award_badges", option=badge(world, "team-player")).view
    assert view is not None
    return view.reads()


def test_the_form_says_that_the_message_is_linked_and_previews_the_link(world: World) -> None:
    message = world.engine.post("maria", world.kudos, "The build is green again")
    opened = world.shortcut("tom", "award_for_message", message).view
    assert opened is not None
    assert "Whoever sees the award finds a link to the message with it." in opened.reads()

    preview = _filled(world).partition("In #kudos:")[2]
    send(world)
    world.deliver()

    assert "From Tom Okafor · The message" in preview
    assert "The message" in world.feed()[-1].reads().rpartition("From Tom Okafor · A-")[2]
    assert "what for" in world.command("yuki", "/badges", "@maria").reads()


def test_a_message_that_not_everyone_can_open_is_linked_for_its_recipient_alone(
    world: World,
) -> None:
    private = world.engine.add_channel("secret", private=True, members=["maria", "tom"])
    message = world.engine.post("maria", private, "Done")
    opened = world.shortcut("tom", "award_for_message", message).view
    assert opened is not None
    assert (
        "so only who receives the badge gets a link to it, in a direct message." in opened.reads()
    )

    preview = _filled(world).partition("In #kudos:")[2]
    send(world)
    world.deliver()

    assert "From Tom Okafor" in preview
    assert "The message" not in preview
    assert "The message" not in world.feed()[-1].reads()
    assert "The message it was given for" in world.dms("maria")[-1].reads()


def test_a_form_opened_by_a_command_speaks_of_no_message(world: World) -> None:
    world.command("tom", "/award", "@maria")

    assert "message" not in _filled(world)
