"""Sub-commands with a word more than they take, and badges that are called like sub-commands."""

from typing import Any

import pytest

from tests.badges.shelf import badge
from tests.world import MakeWorld, World


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """A world in which Slack would fetch pictures by itself, so that none is drawn here."""
    return make_world(public_url="https://laurel.acme.example")


def said(world: World, text: str, user: str = "maria") -> str:
    return world.command(user, "/badges", text).reads()


def make(world: World, name: str, **how: Any) -> None:
    world.database.write(lambda session: badge(session, world.workspace.id, name, **how))


@pytest.mark.parametrize("words", ["catalog culture", "Catalogue “Culture”", "catalog cultur"])
def test_the_catalogue_of_a_category_shows_that_category(world: World, words: str) -> None:
    seen = said(world, words)

    assert "*Team Player*" in seen
    assert "*Customer Hero*" in seen
    assert "Ping-Pong Champion" not in seen
    assert "don’t know" not in seen


def test_a_category_of_many_badges_is_shown_from_where_it_begins(world: World) -> None:
    for number in range(9):
        make(world, f"Meetup {number}", category="Events", position=50 + number)

    seen = said(world, "catalog events")
    assert "*Event Speaker*" in seen
    world.click("maria", "catalogue_next", ephemeral=world.ephemerals("maria")[-1])
    assert "*Meetup 8*" in seen + world.ephemerals("maria")[-1].reads()


def test_a_category_that_nobody_knows_is_said_above_the_whole_catalogue(world: World) -> None:
    make(world, "Moonlight", category="Secrets", private=True)

    for category in ("xyzzy", "secrets"):
        seen = said(world, f"catalog {category}")
        assert f"I don’t know a category called “{category}”, so here are all." in seen
        assert "*Ping-Pong Champion*" in seen
        assert "Moonlight" not in seen


def test_an_export_for_somebody_else_says_that_it_is_ones_own(world: World) -> None:
    assert said(world, "export @tom").startswith(
        "An export is for its owner alone, so this is yours."
        " Whoever runs Laurel can write that of somebody else."
    )


@pytest.mark.parametrize(
    ("words", "plain"),
    [("history of mine", "history"), ("help me", "help"), ("requests please", "requests")],
)
def test_a_word_too_many_does_not_matter(world: World, words: str, plain: str) -> None:
    world.command("tom", "/award", "@maria team-player Thanks")

    assert said(world, words) == said(world, plain)


@pytest.mark.parametrize("words", ["history @tom", "@tom history"])
def test_a_history_is_ones_own(world: World, words: str) -> None:
    world.command("maria", "/award", "@tom team-player For Tom")
    world.command("yuki", "/award", "@maria customer-hero For Maria")

    seen = said(world, words)

    assert "A history is for its owner alone, so this is yours." in seen
    assert "For Maria" in seen
    assert "For Tom" not in seen


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Hide and Seek", "hide and seek"),
        ("History Buff", "history buff"),
        ("Show Off", "show off"),
        ("DM Hero", "dm hero"),
        ("Why Not", "why not"),
        ("Request Master", "request master"),
    ],
)
def test_a_badge_that_is_called_like_a_sub_command_is_shown(
    world: World, name: str, words: str
) -> None:
    before = said(world, words)
    make(world, name)

    assert f"*{name}*" not in before
    assert f"*{name}*" in said(world, words)


def test_a_private_badge_that_is_called_like_a_sub_command_stays_unknown(world: World) -> None:
    for words in ("hide and seek", "history buff"):
        before = said(world, words)
        make(world, words.title(), private=True, awarders="UADA")
        assert said(world, words) == before


def test_searching_awards_opens_the_form_whatever_follows(world: World) -> None:
    for words in ("search", "search tom", "search @tom"):
        opened = world.command("ada", "/award", words)
        assert opened.view is not None
        assert "Who received it" in opened.view.reads()
        assert ("UTOM" in str(opened.view.blocks)) == ("@" in words)
        world.close("ada")
    assert "Gives a badge" in world.command("ada", "/award", "help me").reads()
