"""Whatever happens, Slack is answered in time, and what people read is true."""

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from slack_bolt import Ack, BoltRequest
from sqlalchemy import func, select, text

from bot.app import build
from bot.deps import Deps
from bot.dispatch import Dispatcher
from bot.errors import BadRequestError
from bot.messages.award_form import BADGES, REASON
from bot.playground import InProcess
from bot.pool import Inline
from storage.database import DatabaseUnavailableError
from storage.deadline import current_deadline
from storage.tables import Award, Delivery, table_of
from tests.world import World

NOTHING_AWARDED = (
    "Laurel’s database is not answering just now, so nothing was awarded."
    " Please try again in a minute."
)


@contextmanager
def answered_by(world: World, dispatcher: Dispatcher) -> Iterator[None]:
    """Have the workspace's requests answered with threads and a time limit, as in production."""

    def call(body: str, headers: dict[str, list[str]]) -> tuple[int, Any, str]:
        answer = dispatcher.answer(BoltRequest(body=body, headers=dict(headers)))
        dispatcher.follow_up(answer.follow_ups)
        return answer.status, answer.headers, answer.body

    world.engine.connect(InProcess(call))
    yield
    assert dispatcher.stop(within=10)


def in_time(world: World, *, within: float = 2.5) -> Dispatcher:
    """A dispatcher of this patience over the world's app."""
    return Dispatcher(
        world.laurel.app,
        client=world.laurel.client,
        signing_secret=world.settings.signing_secret,
        answer_within=within,
        slow=Inline(),
    )


def stored(world: World) -> tuple[int, int]:
    """How many awards and deliveries there are."""

    def count(session: Any) -> tuple[int, int]:
        awards, deliveries = (
            session.execute(select(func.count()).select_from(table_of(model))).scalar_one()
            for model in (Award, Delivery)
        )
        return awards, deliveries

    return world.database.read(count)


def test_a_locked_database_is_said_within_3_seconds_and_nothing_is_saved(world: World) -> None:
    path = world.database.url.database
    assert path is not None
    other = sqlite3.connect(path, isolation_level=None)
    with answered_by(world, in_time(world, within=1.5)):
        other.execute("BEGIN IMMEDIATE")
        outcome = world.engine.command("maria", "/award", "@tom team-player")
        other.execute("ROLLBACK")
        other.close()
    assert outcome.acknowledged_in < 3
    assert outcome.reads() == NOTHING_AWARDED
    assert stored(world) == (0, 0)


def test_a_database_that_stands_still_is_said_within_3_seconds_and_nothing_is_saved(
    world_pg: World,
) -> None:
    with world_pg.database.engine.connect() as connection:
        pids = connection.execute(
            text("SELECT pid FROM pg_stat_activity WHERE datname = 'laurel'")
        ).scalars()
        stopped = list(pids)
    with answered_by(world_pg, in_time(world_pg, within=1.5)):
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            outcome = world_pg.engine.command("maria", "/award", "@tom team-player")
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)
    assert outcome.acknowledged_in < 3
    assert outcome.reads() == NOTHING_AWARDED
    assert stored(world_pg) == (0, 0)


def test_a_modal_keeps_what_was_typed_when_the_database_is_away(world: World) -> None:
    world.command("maria", "/award", "@tom")
    view = world.view("maria")
    assert view is not None
    path = world.database.url.database
    assert path is not None
    other = sqlite3.connect(path, isolation_level=None)
    with answered_by(world, in_time(world, within=1.5)):
        filled = world.engine.fill(view, {BADGES: ["Team Player"], REASON: "A long story"})
        other.execute("BEGIN IMMEDIATE")
        outcome = world.engine.submit("maria", filled)
        other.execute("ROLLBACK")
        other.close()
    assert list(outcome.errors.values()) == [NOTHING_AWARDED]
    kept = world.view("maria")
    assert kept is not None
    assert "A long story" in str(kept)
    assert stored(world) == (0, 0)


def test_while_it_is_being_saved_nobody_is_told_that_nothing_was(world: World) -> None:
    may_end = threading.Event()

    def slow(ack: Ack) -> None:
        deadline = current_deadline()
        assert deadline is not None
        deadline.begin_commit()
        may_end.wait(30)
        deadline.end_commit()
        ack("Saved after all.")

    world.laurel.listeners.command("/slow")(slow)
    with answered_by(world, in_time(world, within=0.2)):
        outcome = world.engine.command("maria", "/slow")
        may_end.set()
    assert "could not tell yet whether it worked" in outcome.reads()
    assert "/badges history" in outcome.reads()
    # Once it is known, it is told, where the command was typed.
    assert world.ephemerals("maria")[-1].text == "Saved after all."


def test_what_was_answered_too_late_does_nothing_afterwards(world: World) -> None:
    may_end, called = threading.Event(), []

    def slow(ack: Ack) -> None:
        world.laurel.dispatcher.after_acknowledgement(lambda: called.append("follow-up"))
        may_end.wait(30)
        ack("Here you are.")

    world.laurel.listeners.command("/slow")(slow)
    with answered_by(world, in_time(world, within=0.2)):
        outcome = world.engine.command("maria", "/slow")
        may_end.set()
    assert outcome.reads() == (
        "Laurel’s database is not answering just now, so nothing was changed."
        " Please try again in a minute."
    )
    assert called == []


def test_when_every_thread_is_busy_the_next_one_is_told_so(world: World) -> None:
    began, may_end = threading.Event(), threading.Event()

    def slow(ack: Ack) -> None:
        began.set()
        may_end.wait(30)
        ack()

    world.laurel.listeners.command("/slow")(slow)
    dispatcher = Dispatcher(
        world.laurel.app,
        client=world.laurel.client,
        signing_secret=world.settings.signing_secret,
        threads=1,
        answer_within=0.3,
        slow=Inline(),
    )
    with answered_by(world, dispatcher):
        first = threading.Thread(target=world.engine.command, args=("maria", "/slow"))
        first.start()
        assert began.wait(30)
        outcome = world.engine.command("tom", "/award", "@maria team-player")
        may_end.set()
        first.join()
    assert outcome.reads() == (
        "Laurel is very busy just now, so nothing was awarded. Please try again in a minute."
    )
    assert stored(world) == (0, 0)


def test_nobody_without_the_secret_is_told_anything_or_has_anything_sent(world: World) -> None:
    # A click names an address to answer at; of a stranger, nothing is sent there.
    dispatcher = Dispatcher(
        world.laurel.app,
        client=world.laurel.client,
        signing_secret="another secret",
        threads=1,
        answer_within=0.1,
        in_line=0,
        slow=Inline(),
    )
    answer = dispatcher.answer(
        BoltRequest(
            body='payload={"type":"block_actions","response_url":"http://127.0.0.1:9/x",'
            '"user":{"id":"U1"},"actions":[{"type":"button","action_id":"a","block_id":"b"}]}',
            headers={
                "content-type": "application/x-www-form-urlencoded",
                "x-slack-request-timestamp": str(int(time.time())),
                "x-slack-signature": "v0=0",
            },
        )
    )
    assert (answer.status, answer.body, answer.follow_ups) == (401, "", ())


@pytest.mark.parametrize("hanging", [5, 50])
def test_commands_are_answered_while_calls_to_slack_hang(world: World, hanging: int) -> None:
    world.engine.subscriptions.clear()  # of whom Laurel has not heard yet
    strangers = [world.engine.add_user(f"new{number}") for number in range(hanging)]
    laurel = build(world.settings, clock=world.now, database=world.database)
    laurel.meet_workspace()
    release = threading.Event()
    world.engine.weather.hang("users.info", seconds=30, release=release)
    with answered_by(world, laurel.dispatcher):
        asked = [
            world.engine.command("maria", "/award", f"@{stranger.name} team-player")
            for stranger in strangers
        ]
        outcome = world.engine.command("maria", "/award", "@tom team-player")
        release.set()
        world.engine.weather.clear()
    assert all("asking Slack" in one.reads() for one in asked)
    assert "Tom" in outcome.reads()
    assert max(one.acknowledged_in for one in [*asked, outcome]) < 3
    # Nothing was lost: everyone who was asked about has been awarded once Slack answered.
    assert stored(world)[0] == hanging + 1


def raising(problem: Exception) -> Callable[[], None]:
    def raise_it() -> None:
        raise problem

    return raise_it


def test_a_refusal_is_the_sentence_itself_with_nothing_in_it_that_pings(world: World) -> None:
    world.laurel.listeners.command("/no")(
        raising(BadRequestError("I know no <!channel> & no badge."))
    )
    outcome = world.command("maria", "/no")
    assert outcome.text == "I know no &lt;!channel&gt; &amp; no badge."
    assert outcome.message is not None
    assert outcome.message.ephemeral_to == "UMARIA"


def test_a_mistake_of_laurels_own_shows_a_reference_that_is_in_the_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.laurel.listeners.command("/broken")(raising(RuntimeError("what nobody should read")))
    outcome = world.command("maria", "/broken")
    assert outcome.status == 200
    assert outcome.reads().startswith("Something went wrong on Laurel’s side.")
    assert "what nobody should read" not in outcome.reads()
    reference = outcome.reads().rstrip(".").split()[-1]
    logged = next(record for record in caplog.records if record.message == "request failed")
    assert vars(logged)["reference"] == reference
    assert logged.exc_info is not None


def test_a_refused_click_is_told_where_it_was_made(world: World) -> None:
    laurel = world.laurel

    def ask(ack: Ack) -> None:
        button = {
            "type": "button",
            "action_id": "refuse",
            "text": {"type": "plain_text", "text": "Go"},
        }
        ack(text="Sure?", blocks=[{"type": "actions", "elements": [button]}])

    laurel.listeners.command("/ask")(ask)
    laurel.listeners.action("refuse")(raising(BadRequestError("That is over.")))
    world.command("maria", "/ask")
    world.click("maria", "refuse")
    assert world.ephemerals("maria")[-1].text == "That is over."


def test_what_goes_wrong_after_the_answer_is_told_too(world: World) -> None:
    deps: Deps = world.laurel.deps

    def later(ack: Ack) -> None:
        ack("One moment…")
        deps.after_acknowledgement(raising(BadRequestError("Slack knows no such person.")))

    world.laurel.listeners.command("/later")(later)
    assert world.command("maria", "/later").reads() == "One moment…"
    assert world.ephemerals("maria")[-1].text == "Slack knows no such person."


def test_a_slack_that_fails_afterwards_is_named_as_that(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.engine.subscriptions.clear()
    world.engine.add_user("nina")
    world.engine.weather.error_500("users.info")
    world.command("maria", "/award", "@nina team-player")
    assert world.ephemerals("maria")[-1].text == (
        "Slack did not answer Laurel just now, so this could not be finished."
        " Please try again in a minute."
    )
    assert stored(world) == (0, 0)
    assert "Traceback" not in caplog.text


def test_an_event_is_sent_again_when_the_database_is_away(world: World) -> None:
    world.laurel.listeners.event("channel_archive")(raising(DatabaseUnavailableError("gone")))
    world.engine.archive(world.kudos)
    told = [exchange for exchange in world.engine.traffic if exchange.name == "channel_archive"]
    assert [exchange.status for exchange in told] == [503, 503]


def test_an_event_before_laurel_knows_its_workspace_is_sent_again(world: World) -> None:
    laurel = build(world.settings, clock=world.now, database=world.database, slow=Inline())
    with answered_by(world, laurel.dispatcher):
        world.engine.archive(world.kudos)
    told = [exchange for exchange in world.engine.traffic if exchange.name == "channel_archive"]
    assert [exchange.status for exchange in told] == [503, 503]


def test_a_command_that_nothing_listens_to_is_said(world: World) -> None:
    assert world.command("maria", "/unheard").reads() == (
        "I don’t know this command. An admin can bring Laurel’s app up to date with the output"
        " of `laurel manifest`."
    )


def test_another_workspace_is_refused_in_words(world: World) -> None:
    world.engine.workspace.team_id = "TOTHER"
    outcome = world.command("maria", "/award", "@tom team-player")
    assert "works for another Slack workspace" in outcome.reads()
    assert stored(world) == (0, 0)


def test_before_it_knows_its_workspace_laurel_asks_for_patience(world: World) -> None:
    laurel = build(world.settings, clock=world.now, database=world.database, slow=Inline())
    with answered_by(world, laurel.dispatcher):
        outcome = world.engine.command("maria", "/award", "@tom team-player")
    assert outcome.reads() == "Laurel is still starting. Please try again in a minute."
