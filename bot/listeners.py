"""Who listens to what Slack sends, found by the name that every request carries.

Bolt itself asks one listener after the other whether a request is meant for it, and each time prepares
all that a listener could ask for: with seventy listeners, longer than most requests take otherwise. The
rest of what Bolt does with a request is left to Bolt, whose middleware this is.
"""

import re
from collections.abc import Callable, Mapping
from inspect import ismethod
from typing import Any, Literal, NamedTuple, TypeVar

from slack_bolt import BoltRequest, BoltResponse
from slack_bolt.middleware import Middleware

Kind = Literal["command", "action", "view", "options", "event", "shortcut"]
Name = str | re.Pattern[str]
Listener = Callable[..., None]
L = TypeVar("L", bound=Listener)


class _Asked(NamedTuple):
    """What a request is about: `part` is where its name stands."""

    kind: Kind
    name: str
    part: Mapping[str, Any]


class _Ready(NamedTuple):
    """A listener, and the names of what it asks for."""

    listener: Listener
    arguments: tuple[str, ...]


class Listeners(Middleware):
    """One listener for each command, button, form, field and event.

    A listener asks by the names of its parameters for `ack`, `body`, `context`, and for what is named as
    its kind is: `command`, `action`, `view`, `options`, `event` or `shortcut`. All but those of events
    have to call `ack`.
    """

    def __init__(self) -> None:
        self._named: dict[tuple[Kind, str], _Ready] = {}
        self._patterns: dict[Kind, list[tuple[re.Pattern[str], _Ready]]] = {}

    def command(self, name: str) -> Callable[[L], L]:
        """Listen to a slash command."""
        return self._adding("command", name)

    def action(self, *names: Name) -> Callable[[L], L]:
        """Listen to what somebody clicks, chooses or types, by its `action_id`."""
        return self._adding("action", *names)

    def view(self, name: str) -> Callable[[L], L]:
        """Listen to a modal that is submitted, by its `callback_id`."""
        return self._adding("view", name)

    def options(self, *names: Name) -> Callable[[L], L]:
        """Listen to what is typed into a field that asks for options, by its `action_id`."""
        return self._adding("options", *names)

    def event(self, name: str) -> Callable[[L], L]:
        """Listen to an event, by its type; it is acknowledged once the listener returns."""
        return self._adding("event", name)

    def message_shortcut(self, name: str) -> Callable[[L], L]:
        """Listen to a shortcut in the menu of a message, by its `callback_id`."""
        return self._adding("shortcut", name)

    def of(self, kind: Kind) -> list[Name]:
        """What is listened to: names, and patterns of names."""
        named = [name for one, name in self._named if one == kind]
        return [*named, *(pattern for pattern, _ in self._patterns.get(kind, ()))]

    def process(
        self,
        *,
        req: BoltRequest,
        resp: BoltResponse,
        next: Callable[[], BoltResponse],  # noqa: A002 - as Bolt names it
    ) -> BoltResponse | None:
        """Have the request answered by its listener; Bolt tells where nobody listens."""
        asked = _asked(req.body)
        found = self._find(asked) if asked is not None else None
        if asked is None or found is None:
            next()
            return None
        context = req.context
        ack = context.ack
        offered = {"ack": ack, "body": req.body, "context": context, asked.kind: asked.part}
        found.listener(**{name: offered[name] for name in found.arguments})
        if asked.kind == "event" and ack.response is None:
            ack()
        response: BoltResponse | None = ack.response
        return response

    def _find(self, asked: _Asked) -> _Ready | None:
        found = self._named.get((asked.kind, asked.name))
        if found is None:
            for pattern, ready in self._patterns.get(asked.kind, ()):
                if pattern.search(asked.name):
                    return ready
        return found

    def _adding(self, kind: Kind, *names: Name) -> Callable[[L], L]:
        def add(listener: L) -> L:
            ready = _Ready(listener, _arguments(listener, {"ack", "body", "context", kind}))
            for name in names:
                if not isinstance(name, str):
                    self._patterns.setdefault(kind, []).append((name, ready))
                elif (kind, name) in self._named:
                    raise ValueError(f"somebody listens to the {kind} {name} already")
                else:
                    self._named[kind, name] = ready
            return listener

        return add


def _asked(body: Mapping[str, Any]) -> _Asked | None:
    """What a request, looked over by `bot.payloads`, is about; None: nothing that can be listened to."""
    if "command" in body:
        return _Asked("command", body["command"], body)
    match body.get("type"):
        case "block_actions":
            action = body["actions"][0]
            return _Asked("action", action["action_id"], action)
        case "view_submission":
            return _Asked("view", body["view"]["callback_id"], body["view"])
        case "block_suggestion":
            return _Asked("options", body["action_id"], body)
        case "event_callback":
            return _Asked("event", body["event"]["type"], body["event"])
        case "message_action":
            return _Asked("shortcut", body["callback_id"], body)
    return None


def _arguments(listener: Any, offered: set[str]) -> tuple[str, ...]:
    code = listener.__code__
    names = code.co_varnames[ismethod(listener) : code.co_argcount + code.co_kwonlyargcount]
    unknown = set(names) - offered
    if unknown:
        raise TypeError(f"{listener.__qualname__} asks for {unknown.pop()}, which is not offered")
    return tuple(names)
