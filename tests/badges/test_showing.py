"""Pictures that Slack keeps, in answers to commands: shown, or in the words' way no longer."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from bot.playground import Message
from storage import badges
from tests.badges.shelf import award, badge
from tests.cast import NOW
from tests.world import DOT, MakeWorld, World

ASKED = ("catalog contests", "show ping-pong-champion", "@maria")


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """A world in which Maria's trophy case, and every badge's picture, was shown already."""
    world = make_world()
    world.command("tom", "/award", "@maria ping-pong-champion What a final")
    world.command("tom", "/badges", "@maria")
    world.advance(minutes=5)
    return world


def answers(world: World, text: str) -> list[Message]:
    """All that Tom reads of a command, once Slack took its acknowledgement."""
    before = len(world.ephemerals("tom"))
    outcome = world.command("tom", "/badges", text)
    assert outcome.acknowledged, outcome
    return world.ephemerals("tom")[before:]


def shows_a_picture(message: Message) -> bool:
    return "slack_file" in str(message.blocks)


@pytest.mark.parametrize("text", ASKED)
def test_an_answer_with_pictures_comes_once(world: World, text: str) -> None:
    (answer,) = answers(world, text)
    assert shows_a_picture(answer)
    assert "Ping-Pong Champion" in answer.reads()


@pytest.mark.parametrize("text", ASKED)
def test_where_pictures_were_deleted_in_slack_the_words_come_and_new_ones_are_uploaded(
    world: World, text: str
) -> None:
    world.engine.workspace.files.clear()
    (words,) = answers(world, text)
    assert not shows_a_picture(words)
    assert "Ping-Pong Champion" in words.reads()

    answers(world, text)
    world.deliver()
    (again,) = answers(world, text)
    assert shows_a_picture(again)


@pytest.mark.parametrize("how", ["error_500", "drop", "garbage", "lose_answer"])
@pytest.mark.parametrize("text", ASKED[1:])
def test_where_no_answer_gets_through_the_words_come_directly(
    world: World, text: str, how: str
) -> None:
    getattr(world.engine.weather, how)("response_url")
    # What was shown and never confirmed comes once more that way, and no third time.
    assert len(answers(world, text)) == (how == "lose_answer")
    [words] = world.dms("tom")
    assert "Ping-Pong Champion" in words.reads()
    assert not shows_a_picture(words)


def test_a_trophy_case_that_slack_took_without_an_answer_is_not_sent_again(
    make_world: MakeWorld,
) -> None:
    world = make_world()
    world.command("tom", "/award", "@maria ping-pong-champion What a final")
    world.engine.weather.lose_answer("response_url")
    _words, picture = answers(world, "@maria")
    assert shows_a_picture(picture)


def test_who_holds_many_badges_with_long_names_has_a_trophy_case_too(world: World) -> None:
    names = [f"Organised the annual conference of our customers in year {n}" for n in range(23)]

    def give(session: Connection) -> None:
        here, maria = world.workspace.id, world.people["maria"]
        dot = badges.add_image(session, workspace_id=here, content=DOT)
        for number, name in enumerate(names):
            given = badge(session, here, name, image_id=dot)
            award(session, here, given, maria, number=number, at=NOW)

    world.database.write(give)
    answers(world, "@maria")
    (answer,) = answers(world, "@maria")
    (image,) = [block for block in answer.blocks if block["type"] == "image"]
    assert all(name in image["alt_text"] for name in names)
    file = world.engine.workspace.files[image["slack_file"]["id"]]
    assert 900 < len(file.alt_text) <= 1000
    assert file.alt_text.endswith(" …")
    assert image["alt_text"].startswith(file.alt_text.removesuffix(" …") + " ")


def share(world: World) -> Message:
    """The post of Maria's profile that Tom shares."""
    answers(world, "@maria")
    shown = next(m for m in reversed(world.ephemerals("tom")) if "Share here" in m.reads())
    world.click("tom", "profile_share", ephemeral=shown)
    posted = world.feed()[-1]
    assert "Shared by Tom Okafor" in posted.reads()
    return posted


def test_a_shared_profile_keeps_its_picture_longer_than_an_address_lasts(
    make_world: MakeWorld,
) -> None:
    world = make_world(public_url="https://laurel.acme.example")
    world.command("ada", "/award", "@maria ping-pong-champion What a final")
    for _time in range(2):
        assert shows_a_picture(share(world))
        world.advance(minutes=1)

    world.engine.scopes = set(world.engine.scopes) - {"files:write"}
    world.command("ada", "/award", "@maria team-player Kept calm")
    assert not [block for block in share(world).blocks if block["type"] == "image"]


def test_a_profile_is_shared_in_words_where_its_picture_was_deleted_and_next_time_with_a_new_one(
    world: World,
) -> None:
    answers(world, "@maria")
    world.engine.workspace.files.clear()
    shown = next(m for m in reversed(world.ephemerals("tom")) if "Share here" in m.reads())
    world.click("tom", "profile_share", ephemeral=shown)
    assert not shows_a_picture(world.feed()[-1])
    world.advance(minutes=1)
    world.click("tom", "profile_share", ephemeral=shown)
    assert shows_a_picture(world.feed()[-1])


def test_while_slack_works_on_new_pictures_the_words_come_and_nothing_is_uploaded_twice(
    make_world: MakeWorld,
) -> None:
    world = make_world(draw=True)
    world.engine.file_processing = timedelta(seconds=30)
    for text in ASKED[:2]:
        answers(world, text)
    world.deliver()
    uploaded = len(world.engine.files)
    assert uploaded == 2

    for text in ASKED[:2]:
        (words,) = answers(world, text)
        assert not shows_a_picture(words)
        assert "Ping-Pong Champion" in words.reads()
    world.advance(seconds=30)
    for text in ASKED[:2]:
        (answer,) = answers(world, text)
        assert shows_a_picture(answer)
    world.deliver()
    assert len(world.engine.files) == uploaded
