"""Slack over a websocket: answered as over HTTP, and replaced when it goes silent."""

import json
import socket
import time
from collections.abc import Callable, Iterator

import pytest
from slack_bolt import BoltRequest

from bot.dispatch import Answer, Dispatcher
from bot.kept_alive import KeptAlive
from bot.logs import redacted
from bot.messages.award_form import BADGES, PEOPLE
from bot.pool import Inline
from bot.socket_mode import Socket
from tests.world import World


class Clock:
    """Seconds since 1970 that a test can move on."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def connected(world: World, clock: Clock) -> Iterator[Socket]:
    """Laurel on a websocket to the workspace, its watch wound by hand."""
    world.engine.connect(None)
    dispatcher = Dispatcher(
        world.laurel.app,
        client=world.laurel.client,
        signing_secret="unused",
        answer_within=2.5,
        slow=Inline(),
    )
    found = Socket(
        app_token=world.engine.app_token,
        client=world.laurel.client,
        dispatcher=dispatcher,
        silent_after=30.0,
        clock=clock,
    )
    found.look()
    assert world.engine.sockets.wait_for(1)
    yield found
    found.stop()
    dispatcher.stop(within=5)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.005)


def test_an_award_over_the_socket_is_made_and_confirmed(world: World, connected: Socket) -> None:
    outcome = world.engine.command("maria", "/award", "@tom team-player Thank you!")
    assert "Team Player" in outcome.reads()
    world.deliver()
    assert "Thank you!" in world.feed()[0].reads()


def test_a_modals_errors_come_over_the_socket(world: World, connected: Socket) -> None:
    world.engine.command("maria", "/award", "@tom")
    until(lambda: world.view("maria") is not None)
    view = world.view("maria")
    assert view is not None
    filled = world.engine.fill(view, {PEOPLE: ["UMARIA"], BADGES: ["Team Player"]})
    outcome = world.engine.submit("maria", filled)
    assert "yourself" in " ".join(outcome.errors.values())


def test_a_socket_that_went_silent_is_replaced(
    world: World, connected: Socket, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    until(lambda: connected.last_heard > 0)
    connected.look()
    assert (connected.is_connected, connected.replaced) == (True, 0)
    world.engine.sockets.silent = True
    clock.ahead = 31.0
    assert not connected.is_connected
    world.engine.sockets.silent = False
    connected.look()
    assert world.engine.sockets.wait_opened(2)
    assert (connected.is_connected, connected.replaced) == (True, 1)
    assert "socket silent, replacing it" in caplog.text
    until(lambda: len(world.engine.sockets) == 1)
    assert "Team Player" in world.engine.command("maria", "/award", "@tom team-player").reads()


def test_slack_replacing_the_connection_loses_nothing(world: World, connected: Socket) -> None:
    world.engine.sockets.refresh()
    assert world.engine.sockets.wait_opened(2)
    until(lambda: connected.is_connected and len(world.engine.sockets) == 1)
    assert "Team Player" in world.engine.command("maria", "/award", "@tom team-player").reads()


def test_while_slack_refuses_it_is_tried_less_and_less_often(
    world: World, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    found = Socket(
        app_token=world.engine.app_token,
        client=world.laurel.client,
        dispatcher=world.laurel.dispatcher,
        clock=clock,
    )
    world.engine.weather.refuse("apps.connections.open", error="invalid_auth")
    tried = []
    for second in range(40):
        clock.ahead = float(second)
        found.look()
        tried.append(world.engine.traffic.counts["apps.connections.open"])
    found.stop()
    assert tried[-1] == 5  # after 0, 2, 6, 14 and 30 seconds
    assert not found.is_connected
    said = [vars(record) for record in caplog.records if record.name == "bot.socket_mode"]
    assert [one["next_try_seconds"] for one in said] == [2, 4, 8, 16, 32]
    (error,) = {one["error"] for one in said}
    assert error.startswith("invalid_auth: SLACK_APP_TOKEN opens no connection to Slack: generate")
    assert "connections:write" in error
    assert redacted(error) == error


def test_while_slack_cannot_be_reached_it_says_what_to_check(
    world: World, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        found = Socket(
            app_token=world.engine.app_token,
            client=KeptAlive(
                retry_handlers=[], base_url=f"http://127.0.0.1:{nobody.getsockname()[1]}/api/"
            ),
            dispatcher=world.laurel.dispatcher,
            clock=clock,
        )
        found.look()
    found.stop()
    (said,) = [vars(record) for record in caplog.records if record.name == "bot.socket_mode"]
    assert said["error"].startswith("unreachable: Slack cannot be reached from here: check")


class Stumbling(Dispatcher):
    """Makes a mistake of its own with whatever comes."""

    def ask(self, request: BoltRequest, answered: Callable[[Answer], None]) -> None:
        del request, answered
        raise KeyError("payload")


def test_a_mistake_with_an_envelope_is_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.engine.connect(None)
    client = world.laurel.client
    found = Socket(
        app_token=world.engine.app_token,
        client=client,
        dispatcher=Stumbling(world.laurel.app, client=client, signing_secret="unused"),
    )
    found.look()
    assert world.engine.sockets.wait_for(1)
    world.engine.sockets.send_raw(
        json.dumps({"type": "interactive", "envelope_id": "E1", "payload": {}})
    )
    until(lambda: "envelope not answered" in caplog.text)
    found.stop()
    (told,) = [one for one in caplog.records if one.message == "envelope not answered"]
    assert (told.name, bool(told.exc_info)) == ("bot.socket_mode", True)
