"""Several badges in one `/award`, however people join them."""

import pytest

from tests.badges.shelf import badge
from tests.commands.test_award import awards_in
from tests.world import World


@pytest.mark.parametrize(
    "badges",
    [
        "ping-pong-champion and team-player",
        "ping-pong-champion & Team Player",
        "ping-pong-champion + team-player",
        "ping-pong-champion; team-player",
        "Ping-Pong Champion\nTeam Player",
        '"Ping-Pong Champion" "Team Player"',
    ],
)
def test_badges_joined_as_people_join_them_are_all_awarded(world: World, badges: str) -> None:
    said = world.command("maria", "/award", f"@tom {badges} Great final!").reads()
    world.deliver()

    assert awards_in(world) == 2
    assert "*Ping-Pong Champion*" in said
    assert "*Team Player*" in said
    [post] = world.feed()
    assert "\n> Great final!\n" in post.reads()


def test_an_and_that_no_badge_follows_is_the_reason(world: World) -> None:
    world.command("maria", "/award", "@tom team-player and a great friend")
    world.deliver()

    assert awards_in(world) == 1
    assert "> and a great friend" in world.feed()[0].reads()


def test_a_badge_whose_name_holds_an_and_is_found_as_one(world: World) -> None:
    world.database.write(lambda session: badge(session, world.workspace.id, "Hide and Seek"))
    world.database.write(lambda session: badge(session, world.workspace.id, "R&D Star"))

    said = world.command("maria", "/award", "@tom Hide and Seek and R&D Star & team-player Wow")

    assert awards_in(world) == 3
    assert all(name in said.reads() for name in ("Hide and Seek", "R&D Star", "Team Player"))


def test_more_badges_than_anybody_means_are_answered_with_a_sentence(world: World) -> None:
    many = ", ".join(["team-player", "customer-hero"] * 11)

    said = world.command("maria", "/award", f"@tom {many} y").reads()
    asked = world.command("maria", "/badges", f"request {many} y").reads()

    assert "more than 20 badges at once, so nothing was awarded" in said
    assert "One badge at a time, please" in asked
    assert awards_in(world) == 0
