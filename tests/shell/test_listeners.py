"""Whatever Slack sends finds the one listener that it is meant for."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from slack_bolt import Ack, BoltContext

from bot.listeners import Listeners
from tests.world import World


def ignore() -> None:
    """Listens, and does nothing."""


def test_a_listener_gets_what_it_asks_for(world: World) -> None:
    got: list[Any] = []

    def hear(
        context: BoltContext, ack: Ack, command: Mapping[str, Any], body: Mapping[str, Any]
    ) -> None:
        got.extend((context["workspace"].team_id, command["text"], body["user_id"]))
        ack("Heard.")

    world.laurel.listeners.command("/hear")(hear)
    assert world.command("maria", "/hear", "this").reads() == "Heard."
    assert got == [world.workspace.team_id, "this", "UMARIA"]


def test_a_method_listens_as_well_as_a_function(world: World) -> None:
    class Listening:
        def hear(self, ack: Ack, *, command: Mapping[str, Any]) -> None:
            ack(command["text"].upper())

    world.laurel.listeners.command("/hear")(Listening().hear)
    assert world.command("maria", "/hear", "this").reads() == "THIS"


def test_a_name_of_its_own_goes_before_a_pattern(world: World) -> None:
    heard: list[str] = []
    listeners = world.laurel.listeners

    def ask(ack: Ack) -> None:
        names = ("turn_1", "turn_last", "other")
        buttons = [
            {"type": "button", "action_id": name, "text": {"type": "plain_text", "text": name}}
            for name in names
        ]
        ack(text="Which?", blocks=[{"type": "actions", "elements": buttons}])

    def by(name: str) -> Any:
        def listen(ack: Ack, action: Mapping[str, Any]) -> None:
            heard.append(f"{name}: {action['action_id']}")
            ack()

        return listen

    listeners.command("/ask")(ask)
    listeners.action(re.compile("^turn_"))(by("a pattern"))
    listeners.action("turn_last", "other")(by("a name"))
    world.command("maria", "/ask")
    for name in ("turn_1", "turn_last", "other"):
        world.click("maria", name)
    assert heard == ["a pattern: turn_1", "a name: turn_last", "a name: other"]


def test_an_event_is_acknowledged_by_itself_and_heard_by_its_type(world: World) -> None:
    heard: list[str] = []

    def hear(event: Mapping[str, Any]) -> None:
        heard.append(event["channel"])

    world.laurel.listeners.event("channel_archive")(hear)
    world.engine.archive(world.kudos)
    told = [exchange for exchange in world.engine.traffic if exchange.name == "channel_archive"]
    assert ([exchange.status for exchange in told], len(heard)) == ([200], 1)


def test_a_listener_that_forgets_to_acknowledge_is_noticed(world: World) -> None:
    world.laurel.listeners.command("/forgets")(ignore)
    assert "I don’t know this command" in world.command("maria", "/forgets").reads()


def test_two_cannot_listen_to_the_same() -> None:
    listeners = Listeners()
    listeners.view("form")(ignore)
    listeners.action("form")(ignore)  # another kind
    with pytest.raises(ValueError, match="somebody listens to the view form already"):
        listeners.view("form")(ignore)


def test_nobody_can_ask_for_what_is_not_there() -> None:
    def hears(action: object) -> None:
        """Asks a command for an action."""

    with pytest.raises(TypeError, match="asks for action, which is not offered"):
        Listeners().command("/hear")(hears)
