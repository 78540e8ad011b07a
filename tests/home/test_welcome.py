"""The first steps in a new workspace: each ticks itself off, and they can be put away."""

from datetime import date

from bot import jobs
from tests.home.reading import open_home, read_home
from tests.world import MakeWorld, World


def new(make_world: MakeWorld) -> World:
    """A workspace in which nothing is decided yet, with one admin named by the environment."""
    return make_world(feed_channel="", admins=frozenset({"UMARIA"}))


def test_an_owner_sees_what_is_to_be_done_first_and_nobody_else_does(
    make_world: MakeWorld,
) -> None:
    world = new(make_world)
    said = open_home(world, "ada")

    assert "Welcome! Three steps" in said
    assert said.count("○") == 3
    assert "Welcome!" not in open_home(world, "tom")


def test_each_step_ticks_itself_off(make_world: MakeWorld) -> None:
    world = new(make_world)
    channel = world.channel("praise", members=["ada"])
    open_home(world, "ada")
    world.click("ada", "settings_edit_feed_channel")
    world.submit("ada", values={"channel": channel.id})
    assert f"✓ I announce awards in <#{channel.id}>" in read_home(world, "ada")
    world.close("ada")
    world.click("ada", "home_welcome_awarders")
    assert "✓ You have said who may award." in read_home(world, "ada")
    world.command("maria", "/badges", f"since {date(2019, 3, 1)}")

    assert "All set" in open_home(world, "ada")


def test_put_away_they_stay_away(make_world: MakeWorld) -> None:
    world = new(make_world)
    open_home(world, "ada")
    world.click("ada", "home_welcome_dismissed")

    assert "Welcome!" not in read_home(world, "ada")
    assert "Welcome!" not in open_home(world, "maria")
    world.click("ada", "home_go_tab_settings")
    world.click("ada", "home_go_section_audit")
    assert "changed the setting *welcome*\nnone → dismissed" in read_home(world, "ada")


def test_the_admins_of_the_environment_are_told_once_where_to_begin(
    make_world: MakeWorld,
) -> None:
    world = new(make_world)
    for _ in range(2):
        jobs.welcome_owners(world.laurel.deps, world.workspace)
        world.deliver()

    (message,) = world.dms("maria")
    assert "three steps are left until I’m ready" in message.text
    assert world.dms("ada") == []
