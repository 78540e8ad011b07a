"""What a person does on the page, done in the engine: each verb takes JSON and returns JSON."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.playground import inputs
from bot.playground.engine import Engine
from bot.playground.outcome import CannotActError, Outcome
from bot.playground.page import company, seeing
from bot.playground.page.offer import Offer
from bot.playground.shapes import Channel, Json, Message, User, View
from bot.playground.targets import Target
from bot.playground.typing_in import escaped

SLACKBOT = "USLACKBOT"
PRESSED = frozenset({"button", "workflow_button", "feedback_buttons", "icon_button"})
WHY = {
    "dispatch_failed": "the app did not respond",
    "operation_timeout": "the app did not respond in time",
}


class Hands:
    """Acts for people; raises CannotActError, KeyError or ValueError for what cannot be done."""

    def __init__(self, engine: Engine, offer: Offer) -> None:
        self._engine = engine
        self._commands = {command.name for command in offer.commands}
        self._verbs: dict[str, Callable[[User, Json], Json]] = {
            "say": self._say,
            "command": self._command,
            "edit": self._edit,
            "delete": self._delete,
            "dismiss": self._dismiss,
            "direct": self._direct,
            "use": self._use,
            "suggest": self._suggest,
            "submit": self._submit,
            "close": self._close,
            "message_shortcut": self._message_shortcut,
            "global_shortcut": self._global_shortcut,
            "open_home": self._open_home,
        }

    def act(self, body: Json) -> Json:
        """Do one thing: `as` says who, `verb` what."""
        verb = self._verbs.get(str(body.get("verb")))
        if verb is None:
            raise ValueError(f"no such verb: {body.get('verb')}")
        return verb(self._engine.acting_person(str(body["as"])), body)

    def upload(self, person: User, name: str, content: bytes) -> Json:
        """Take a file that a person has chosen."""
        file = self._engine.upload(self._engine.acting_person(person), name, content)
        return {"id": file.id, "name": file.name, "size": file.size}

    # -- saying ----------------------------------------------------------------------------------

    def _place(self, person: User, body: Json) -> Channel:
        return seeing.channel_of(self._engine, person, str(body["channel"]))

    def _say(self, person: User, body: Json) -> Json:
        place = self._place(person, body)
        if body.get("file"):
            file = self._engine.workspace.files[str(body["file"])]
            return {"ts": self._engine.share(person, file, str(body["text"]), place=place).ts}
        root = self._engine.message(place, str(body["thread"])) if body.get("thread") else None
        said = self._engine.post(person, place, str(body["text"]), thread=root)
        return {"ts": said.ts}

    def _command(self, person: User, body: Json) -> Json:
        if person.is_bot:
            raise CannotActError("Bots cannot type commands.")
        place = self._place(person, body)
        name, _, text = str(body["text"]).strip().partition(" ")
        if name not in self._commands:
            self._from_slack(person, place, f"`{name}` is not a command that I know here.")
            return {"problem": "unknown_command"}
        outcome = self._engine.command(person, name, text, channel=place)
        if outcome.problem:
            why = WHY.get(outcome.problem, f"Slack refused the answer: {outcome.problem}")
            self._from_slack(person, place, f"`{name}` failed because {why}.")
        return _told(outcome)

    def _from_slack(self, person: User, place: Channel, text: str) -> None:
        self._engine.workspace.add_message(place.id, SLACKBOT, text, ephemeral_to=person.id)

    def _own(self, person: User, body: Json) -> Message:
        found = self._engine.message(self._place(person, body), str(body["ts"]))
        if found is None or found.user != person.id:
            raise CannotActError("That message is not theirs.")
        return found

    def _edit(self, person: User, body: Json) -> Json:
        space = self._engine.workspace
        with space.lock:
            space.edit(self._own(person, body), text=escaped(space, str(body["text"])))
        return {}

    def _delete(self, person: User, body: Json) -> Json:
        with self._engine.workspace.lock:
            self._engine.workspace.forget(self._own(person, body))
        return {}

    def _dismiss(self, person: User, body: Json) -> Json:
        space = self._engine.workspace
        with space.lock:
            found = space.ephemerals[person.id].get(str(body["ts"]))
            if found is not None:
                space.forget(found)
        return {}

    def _direct(self, person: User, body: Json) -> Json:
        other = self._engine.user(str(body["other"]))
        return {"channel": company.direct(self._engine, person.id, other.id).id}

    # -- using what an app shows -----------------------------------------------------------------

    def _use(self, person: User, body: Json) -> Json:
        target = self._target(person, body)
        element, value = target.element, body.get("value")
        if element["type"] in PRESSED:
            return _told(self._engine.act(person, target, _pressed(element, value)))
        if element["type"] == "overflow":
            picked = inputs.pick(element["options"], value, str(body["action_id"]))
            return _told(self._engine.act(person, target, {"selected_option": picked}))
        state = inputs.entered(element, self._value(element, value), self._engine.clock.now())
        target = self._entered(target, state)
        told = target.block.get("dispatch_action") and not body.get("quietly")
        if target.view and target.block["type"] == "input" and not told:
            return {}
        done = {key: part for key, part in state.items() if key != "type"}
        return _told(self._engine.act(person, target, done))

    def _value(self, element: Json, value: Any) -> Any:
        if element["type"] != "file_input":
            return value
        return [self._engine.workspace.files[str(key)] for key in value or []]

    def _entered(self, target: Target, state: Json) -> Target:
        block_id, action_id = target.block["block_id"], target.element["action_id"]
        if target.view is None:
            values = {**target.values}
            values[block_id] = {**values.get(block_id, {}), action_id: state}
            return replace(target, values=values)
        view = self._keep(target.view, {block_id: {action_id: state}})
        return replace(target, view=view, values=view.values)

    def _keep(self, view: View, states: Json) -> View:
        space = self._engine.workspace
        with space.lock:
            current = space.views.get(view.id)
            if current is None:
                raise CannotActError("That is not open any more.")
            values = dict(current.values)
            for block_id, actions in states.items():
                values[block_id] = {**values.get(block_id, {}), **actions}
            return space.show_view(replace(current, values=values))

    def _target(self, person: User, body: Json) -> Target:
        space = self._engine.workspace
        wanted = str(body["block_id"]), str(body["action_id"])
        with space.lock:
            if body.get("view"):
                view = self._view(person, body)
                view = self._typed(view, body.get("texts") or {})
                block, element = _locate(view.blocks, *wanted)
                return Target(block, element, view=view, values=view.values)
            message = self._shown(person, body)
            block, element = _locate(message.blocks, *wanted)
            values = inputs.initial_values(message.blocks)
            return Target(block, element, message=message, values=values)

    def _view(self, person: User, body: Json) -> View:
        view = self._engine.workspace.views.get(str(body["view"]))
        if view is None or view.user != person.id:
            raise CannotActError("That is not open any more.")
        return view

    def _shown(self, person: User, body: Json) -> Message:
        place, ts = self._place(person, body), str(body["ts"])
        alone = self._engine.workspace.ephemerals[person.id].get(ts)
        found = alone or self._engine.message(place, ts)
        if found is None:
            raise CannotActError("That message is gone.")
        return found

    def _typed(self, view: View, texts: Json) -> View:
        """Keep what stands in text fields, by block and action id, without telling the app."""
        states: Json = {}
        for block, element in inputs.elements(view.blocks):
            text = texts.get(block["block_id"], {}).get(element.get("action_id"))
            if text is not None:
                state = inputs.entered(element, text, self._engine.clock.now())
                states.setdefault(block["block_id"], {})[element["action_id"]] = state
        return self._keep(view, states) if states else view

    def _suggest(self, person: User, body: Json) -> Json:
        target = self._target(person, body)
        options = self._engine.type_ahead(
            person,
            target.element["action_id"],
            str(body.get("value") or ""),
            view=target.view,
            message=target.message,
        )
        return {"options": options}

    # -- modals, shortcuts, Home -----------------------------------------------------------------

    def _submit(self, person: User, body: Json) -> Json:
        view = self._typed(self._view(person, body), body.get("texts") or {})
        return _told(self._engine.submit(person, view))

    def _close(self, person: User, body: Json) -> Json:
        if not self._engine.view(person):
            return {}
        return _told(self._engine.close(person, everything=bool(body.get("everything"))))

    def _message_shortcut(self, person: User, body: Json) -> Json:
        message = self._shown(person, body)
        return _told(self._engine.message_shortcut(person, str(body["callback_id"]), message))

    def _global_shortcut(self, person: User, body: Json) -> Json:
        return _told(self._engine.global_shortcut(person, str(body["callback_id"])))

    def _open_home(self, person: User, body: Json) -> Json:
        view = self._engine.open_home(person, tab=str(body.get("tab") or "home"))
        return {"view": seeing.view(view) if view else None}


def _locate(blocks: list[Json], block_id: str, action_id: str) -> tuple[Json, Json]:
    for block, element in inputs.elements(blocks):
        if (block.get("block_id"), element.get("action_id")) == (block_id, action_id):
            return block, element
    raise CannotActError("That button or menu is not there any more.")


def _pressed(element: Json, value: Any) -> Json:
    if element["type"] == "feedback_buttons":
        side = "negative_button" if value == "negative" else "positive_button"
        return {key: element[side][key] for key in ("text", "value")}
    return {key: element[key] for key in ("text", "value") if key in element}


def _told(outcome: Outcome) -> Json:
    return {
        "problem": outcome.problem,
        "why": WHY.get(outcome.problem, outcome.problem),
        "errors": outcome.errors,
        "ms": round(outcome.acknowledged_in * 1000),
    }
