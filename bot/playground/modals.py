"""What people do in modals: fill in, choose, submit, close."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.playground import inputs, rules
from bot.playground.acting import Acting
from bot.playground.methods_views import changed_view, file_trouble, new_view
from bot.playground.outcome import CannotActError, Outcome
from bot.playground.roster import Person
from bot.playground.shapes import Json, Message, User, View
from bot.playground.targets import Target, find, matching
from bot.playground.transports import Answer, Delivery


class Modals(Acting):
    """Acts in modals, and choices in menus anywhere."""

    def fill(self, view: View, values: Mapping[str, Any]) -> View:
        """Enter values by action id or block id, without telling the app; return the view.

        In an external select, a value that is no option is typed and then chosen from what the
        app offers.
        """
        for key, value in values.items():
            self._enter(self._current(view), key, value)
        return self._current(view)

    def _current(self, view: View) -> View:
        current = self.workspace.views.get(view.id)
        if current is None:
            raise CannotActError("that view is not open")
        return current

    def _enter(self, view: View, key: str, value: Any) -> None:
        found = matching(view.blocks, key, None, None)
        if found is None:
            raise CannotActError(f"the view has nothing called {key!r}")
        block, element = found
        if element["type"] in inputs.EXTERNAL:
            value = self._from_type_ahead(view, element, value)
        state = inputs.entered(element, value, self.clock.now())
        with self.workspace.lock:
            current = self._current(view)
            in_block = {**current.values.get(block["block_id"], {}), element["action_id"]: state}
            values = {**current.values, block["block_id"]: in_block}
            self.workspace.show_view(replace(current, values=values))

    def _from_type_ahead(self, view: View, element: Json, value: Any) -> Any:
        if value is None or isinstance(value, dict):
            return value
        many = element["type"].startswith("multi_")
        texts = [value] if isinstance(value, str | dict) else list(value)
        chosen = []
        for text in texts:
            if isinstance(text, dict):
                chosen.append(text)
                continue
            action_id = element["action_id"]
            offered = self.type_ahead(view.user, action_id, text, view=view)
            chosen.append(inputs.pick(offered, text, action_id))
        return chosen if many else chosen[0]

    def choose(
        self,
        user: Person,
        action_id: str,
        *,
        option: Any = None,
        options: Any = None,
        users: Any = None,
        channels: Any = None,
        conversations: Any = None,
        text: str | None = None,
        date: Any = None,
        time: Any = None,
        message: Message | str | None = None,
        ephemeral: Message | str | None = None,
        view: View | None = None,
    ) -> Outcome:
        """Choose in a menu, a picker, checkboxes, or type and press Enter.

        The app is told where Slack tells it: outside input blocks, and in those that dispatch.
        """
        with self.workspace.lock:
            person = self.acting_person(user)
            target = find(self, person, action_id, None, None, message or ephemeral, view)
        given = (option, options, users, channels, conversations, text, date, time)
        value = next((value for value in given if value is not None), None)
        element = target.element
        if element["type"] == "overflow":
            picked = inputs.pick(element["options"], value, action_id)
            return self.act(person, target, {"selected_option": picked})
        if target.view is not None:
            self._enter(target.view, action_id, value)
            now = self._current(target.view)
            state = now.values[target.block["block_id"]][element["action_id"]]
            target = Target(target.block, element, view=now, values=now.values)
            if target.block["type"] == "input" and not target.block.get("dispatch_action"):
                return Outcome(view=now)
        else:
            if element["type"] in inputs.EXTERNAL and isinstance(value, str):
                offered = self.type_ahead(person, action_id, value, message=target.message)
                value = inputs.pick(offered, value, action_id)
            state = inputs.entered(element, value, self.clock.now())
            target.values.setdefault(target.block["block_id"], {})[element["action_id"]] = state
        return self.act(person, target, {k: v for k, v in state.items() if k != "type"})

    def _top(self, person: User, view: View | None) -> View:
        top = self.view(person)
        if top is None:
            raise CannotActError(f"{person.name} has no modal open")
        if view is not None and view.id != top.id:
            raise CannotActError("that view is not on top")
        return top

    def submit(
        self,
        user: Person,
        view: View | None = None,
        values: Mapping[str, Any] | None = None,
        *,
        times: int = 1,
        at_once: bool = False,
    ) -> Outcome:
        """Press a modal's submit button, after entering `values` if given.

        Slack's own checks come first (required, length, number): then nothing is sent, `status`
        is None and `errors` has what the person reads. `times` is an impatient person.
        """
        person = self.acting_person(user)
        top = self._top(person, view)
        if values:
            top = self.fill(top, values)
        if "submit" not in top.payload:
            raise CannotActError("the modal has no submit button")
        errors = inputs.field_errors(top.blocks, top.values)
        if errors:
            return Outcome(errors=errors, view=top)
        deliveries = []
        with self.workspace.lock:
            for _ in range(times):
                trigger = self.workspace.new_trigger(person.id, top.id)
                payload = {
                    **self.about(person, "view_submission", trigger),
                    "view": self.view_json(top),
                    "response_urls": self._response_urls(person, top),
                }
                deliveries.append(Delivery("interactive", "view_submission", payload))
        first, *repeats = self.deliver_many(deliveries, at_once=at_once)
        with self.workspace.lock:
            problem, errors = self._after_submission(first, top)
        return Outcome(
            first.status,
            first.seconds,
            problem,
            deliveries[0].payload["trigger_id"],
            errors=errors,
            view=self.view(person),
            answer=first,
            repeats=tuple(repeats),
        )

    def _response_urls(self, person: User, view: View) -> list[Json]:
        urls = []
        for block, element in inputs.elements(view.blocks):
            state = view.values.get(block["block_id"], {}).get(element.get("action_id"), {})
            channel = state.get("selected_conversation") or state.get("selected_channel")
            if element.get("response_url_enabled") and channel:
                url = self.workspace.new_response_url(person.id, channel)
                urls.append(
                    {
                        "block_id": block["block_id"],
                        "action_id": element["action_id"],
                        "channel_id": channel,
                        "response_url": url,
                    }
                )
        return urls

    def _after_submission(self, answer: Answer, view: View) -> tuple[str, dict[str, str]]:
        if not answer.ok:
            return answer.problem, {}
        payload = answer.json()
        if payload is None and answer.body.strip():
            return "invalid_response_action: not JSON", {}
        space = self.workspace
        current = space.views.get(view.id, view)
        refusal = rules.check_response_action(payload, current.payload)
        if refusal is not None:
            return f"invalid_response_action: {'; '.join(refusal.messages)}", {}
        action = (payload or {}).get("response_action")
        if payload and action == "errors":
            return "", dict(payload["errors"])
        if action == "clear":
            space.clear_views(view.user)
        elif not payload:
            space.close_view(current)
        else:
            return self._next_view(str(action), payload["view"], current), {}
        return "", {}

    def _next_view(self, action: str, payload: Json, current: View) -> str:
        space = self.workspace
        trouble = file_trouble(space, payload)
        if trouble:
            return f"invalid_response_action: {'; '.join(trouble)}"
        if action == "update":
            if current.id in space.views:
                changed_view(space, current, payload)
            return ""
        refusal = rules.check_modal_stack(len(space.stacks[current.user]) + 1)
        if refusal is not None:
            return f"invalid_response_action: {refusal.error}"
        new_view(space, current.user, payload, current)
        return ""

    def close(self, user: Person, view: View | None = None, *, everything: bool = False) -> Outcome:
        """Press a modal's close button, or close all of them at once."""
        person = self.acting_person(user)
        top = self._top(person, view)
        space = self.workspace
        cleared = everything or bool(top.payload.get("clear_on_close"))
        with space.lock:
            closed = self.views(person) if cleared else [top]
            payloads = [
                {
                    **self.about(person, "view_closed"),
                    "view": self.view_json(gone),
                    "is_cleared": cleared,
                }
                for gone in closed
                if gone.payload.get("notify_on_close")
            ]
            for gone in closed:
                space.close_view(gone)
        outcome = Outcome(view=self.view(person))
        for payload in payloads:
            outcome = self.interact(person, payload, "")
        return outcome
