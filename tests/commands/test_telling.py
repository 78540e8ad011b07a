"""What people read when Slack or the database fails after the work: that it was done, if it was."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from bot.__main__ import main
from bot.messages.award_form import BADGES, PEOPLE
from bot.messages.profile import PROFILE_SHARE
from bot.playground import Engine, User
from storage import migrate
from storage.database import Database
from tests.cast import NOW
from tests.commands.test_award import awards_in
from tests.commands.test_award_form import open_form, send
from tests.world import MakeWorld, World

UNFINISHED = "could not be finished"
MANNERS = ["drop", "error_500", "garbage", "rate_limit", "hang"]


def stranger(world: World) -> User:
    """Somebody of whom Laurel has not heard, so that Slack is asked after the acknowledgement."""
    world.engine.subscriptions.clear()
    return world.engine.add_user("nina", "Nina Neu")


def spoil_once(world: World, method: str, how: str) -> None:
    """Have the next request for this fail in this manner."""
    weather = world.engine.weather
    if how == "hang":
        world.laurel.client.timeout = 0.3  # type: ignore[assignment]  # the SDK says int
        weather.hang(method, seconds=0.6, times=1)
    elif how == "rate_limit":
        weather.rate_limit(method, retry_after=1, times=1)
    else:
        getattr(weather, how)(method, times=1)


def said_to(world: World, user: str) -> list[str]:
    return [message.reads() for message in world.ephemerals(user)]


@pytest.mark.parametrize("how", MANNERS)
def test_an_award_after_asking_slack_is_told_whatever_becomes_of_the_first_attempt(
    world: World, how: str
) -> None:
    stranger(world)
    spoil_once(world, "response_url", how)
    world.command("tom", "/award", "@nina team-player hi")
    assert awards_in(world) == 1
    said = said_to(world, "tom")
    assert "Nina Neu now has" in said[-1]
    assert not any(UNFINISHED in words for words in said)


@pytest.mark.parametrize("how", MANNERS)
def test_an_undo_is_told_whatever_becomes_of_the_first_attempt(world: World, how: str) -> None:
    world.command("tom", "/award", "@maria team-player hi")
    spoil_once(world, "response_url", how)
    world.click("tom", "award_undo")
    said = said_to(world, "tom")
    assert "Undone" in said[-1]
    assert not any(UNFINISHED in words for words in said)


def test_an_award_that_cannot_be_told_is_not_called_a_failure(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    stranger(world)
    world.engine.weather.error_500("response_url")
    world.command("tom", "/award", "@nina team-player hi")
    assert awards_in(world) == 1
    assert [words for words in said_to(world, "tom") if UNFINISHED in words] == []
    lines = [record for record in caplog.records if record.message == "words not delivered"]
    assert [vars(line)["error"] for line in lines] == ["http_500"]


@pytest.mark.parametrize("how", ["lose_answer", "rate_limit"])
def test_what_is_shared_with_everyone_is_shared_once(world: World, how: str) -> None:
    world.command("tom", "/award", "@maria team-player hi --quiet")
    world.command("tom", "/badges", "@maria")
    spoil_once(world, "response_url", how)
    world.click("tom", PROFILE_SHARE)
    assert len(world.feed()) == 1
    assert not any(UNFINISHED in words for words in said_to(world, "tom"))


def test_who_closed_the_form_while_slack_was_asked_is_told_directly(world: World) -> None:
    nina = stranger(world)
    view = open_form(world)
    values = {PEOPLE: [nina], BADGES: ["Team Player"]}
    world.engine.submit("tom", world.engine.fill(view, values))
    world.engine.close("tom")
    world.settle()
    assert awards_in(world) == 1
    assert world.view("tom") is None
    [message] = world.dms("tom")
    assert "Nina Neu now has" in message.reads()


def test_who_closed_the_form_after_undo_is_told_directly(world: World) -> None:
    open_form(world)
    send(world)
    world.engine.click("tom", "award_undo")
    world.engine.close("tom")
    world.settle()
    assert world.view("tom") is None
    [message] = world.dms("tom")
    assert "Undone" in message.reads()


def test_who_closed_the_form_before_a_group_was_filled_in_reads_of_no_failure(
    world: World,
) -> None:
    world.engine.add_group("platform", members=["maria", "yuki"])
    world.engine.command("tom", "/award", "@platform", channel=world.kudos)
    front = world.engine.weather.refuse("views.update", error="not_found")
    world.settle()
    assert front.met == 1
    assert said_to(world, "tom") == []


@contextmanager
def answer_of_commit_lost(world: World) -> Iterator[None]:
    """The next commit of an award reaches the database, and its answer never comes back."""

    def lose(connection: Connection) -> None:
        if connection.exec_driver_sql("SELECT count(*) FROM award").scalar():
            event.remove(world.database.engine, "commit", lose)
            connection.exec_driver_sql("COMMIT")
            raise OperationalError("COMMIT", None, Exception("the connection was lost"))

    event.listen(world.database.engine, "commit", lose)
    yield


def test_where_the_answer_of_a_commit_is_lost_nobody_reads_that_nothing_was_awarded(
    world: World,
) -> None:
    stranger(world)
    with answer_of_commit_lost(world):
        world.command("tom", "/award", "@nina team-player hi")
    assert awards_in(world) == 1
    said = said_to(world, "tom")
    assert not any("nothing was awarded" in words for words in said)
    assert "Please look at their `/badges` before you try again." in said[-1]


def test_a_database_that_is_away_after_asking_slack_is_said_and_nothing_is_awarded(
    world: World,
) -> None:
    stranger(world)
    path = world.database.url.database
    assert path is not None
    other = sqlite3.connect(path, isolation_level=None)
    world.engine.command("tom", "/award", "@nina team-player hi", channel=world.kudos)
    other.execute("BEGIN IMMEDIATE")
    world.settle()
    other.execute("ROLLBACK")
    other.close()
    assert awards_in(world) == 0
    assert "so nothing was awarded" in said_to(world, "tom")[-1]


def test_an_upload_that_cannot_be_noted_takes_no_answer_back(make_world: MakeWorld) -> None:
    world = make_world(draw=True)
    world.engine.command("tom", "/badges", "catalog", channel=world.kudos)
    path = world.database.url.database
    assert path is not None
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    world.settle()
    other.execute("ROLLBACK")
    other.close()
    said = said_to(world, "tom")
    assert said
    assert not any("database" in words for words in said)


@pytest.mark.parametrize("error", ["missing_scope", "missing_argument", "some_new_refusal"])
def test_a_refusal_that_only_an_admin_can_lift_is_not_called_silence(
    world: World, error: str
) -> None:
    stranger(world)
    world.engine.weather.refuse("users.info", error=error)
    world.command("tom", "/award", "@nina team-player hi")
    assert said_to(world, "tom")[-1] == (
        "Slack doesn’t let me do that yet."
        " An admin can see why with `laurel doctor` or in Laurel’s log."
    )


def test_a_feed_channel_that_vanished_costs_only_the_post_and_an_admin_finds_it_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/acme.db")
    database = Database(f"sqlite:///{tmp_path}/acme.db")
    migrate.upgrade(database)
    with Engine(clock=lambda: NOW, app_name="Laurel") as engine:
        world = World(database, engine)
        lobby = world.channel("lobby", members=["tom"])
        engine.delete_channel(world.kudos)
        outcome = world.command("tom", "/award", "@maria team-player hi", channel=lobby)
        world.deliver()
        assert "Maria Silva now has *Team Player*" in outcome.reads()
        assert "On its way to #kudos" in outcome.reads()
        assert "Tom Okafor gave you *Team Player*" in world.dms("maria")[0].reads()
    assert main(["deliveries", "list"]) == 0
    listed = capsys.readouterr().out
    assert "dead      announce   channel:kudos" in listed
    assert "channel_not_found: Slack knows no such channel" in listed
    assert "LAUREL_FEED_CHANNEL" in listed
    database.close()
