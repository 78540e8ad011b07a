"""Web API methods about modals and Home tabs."""

import copy
import secrets
from typing import Any

from bot.playground import checks, rules
from bot.playground.inputs import initial_values
from bot.playground.shapes import Json, View
from bot.playground.webapi import Call, SlackRefusalError, refuse
from bot.playground.workspace import TRIGGER_LIFE, Trigger, Workspace


def _checked(call: Call, kind: str) -> Json:
    view = call.need("view")
    if not isinstance(view, dict):
        raise SlackRefusalError("invalid_arguments", "[ERROR] view must be an object")
    refuse(rules.check_view(view))
    if view["type"] != kind:
        message = f"[ERROR] must be a {kind} [json-pointer:/view/type]"
        raise SlackRefusalError("invalid_arguments", message)
    trouble = file_trouble(call.space, view)
    if trouble:
        raise SlackRefusalError("invalid_arguments", *trouble)
    return view


def file_trouble(space: Workspace, view: Json) -> list[str]:
    """Return Slack's messages about pictures in a view that cannot be shown."""
    now = space.clock.now()
    return checks.file_trouble(view["blocks"], space.find_file, lambda file: file.is_ready(now))


def _trigger(call: Call) -> Trigger:
    trigger = call.space.triggers.get(str(call.need("trigger_id")))
    if trigger is None:
        raise SlackRefusalError("invalid_trigger_id")
    if trigger.used:
        raise SlackRefusalError("exchanged_trigger_id")
    if call.now - trigger.made > TRIGGER_LIFE:
        raise SlackRefusalError("expired_trigger_id")
    return trigger


def _json(call: Call, view: View) -> Json:
    space = call.space
    return {"view": view.as_json(team=space.team_id, app=space.app_id, bot=space.bot_id)}


def _unique(space: Workspace, payload: Json, but: str = "") -> None:
    external = payload.get("external_id")
    if not external:
        return
    for view in space.views.values():
        if view.payload.get("external_id") == external and view.id != but:
            raise SlackRefusalError("duplicate_external_id")


def new_view(space: Workspace, user: str, payload: Json, below: View | None = None) -> View:
    """Show a new modal to a person, on top of `below` if there is one."""
    view_id = space.new_id("V")
    payload = {**payload, "blocks": space.with_block_ids(payload["blocks"])}
    view = View(
        view_id,
        user,
        copy.deepcopy(payload),
        _hash(space),
        below.root_id if below else view_id,
        below.id if below else None,
        initial_values(payload["blocks"]),
        space.names,
    )
    if view.type == "modal":
        space.stacks[user].append(view_id)
    return space.show_view(view)


def changed_view(space: Workspace, view: View, payload: Json) -> View:
    """Replace what a view shows; what was entered stays where block and action ids stay."""
    payload = {**payload, "blocks": space.with_block_ids(payload["blocks"])}
    values = initial_values(payload["blocks"])
    for block_id, actions in values.items():
        for action_id, value in actions.items():
            entered = view.values.get(block_id, {}).get(action_id)
            if entered is not None and entered["type"] == value["type"]:
                actions[action_id] = entered
    shown = View(
        view.id,
        view.user,
        copy.deepcopy(payload),
        _hash(space),
        view.root_id,
        view.previous_id,
        values,
        space.names,
    )
    return space.show_view(shown)


def _hash(space: Workspace) -> str:
    return f"{space.seconds()}.{secrets.token_urlsafe(6)}"


def open_view(call: Call) -> Json:
    """views.open: a new modal, in place of those that the person has open."""
    payload, trigger = _checked(call, "modal"), _trigger(call)
    _unique(call.space, payload)
    trigger.used = True
    call.space.clear_views(trigger.user)
    return _json(call, new_view(call.space, trigger.user, payload))


def push_view(call: Call) -> Json:
    """views.push: a modal on top, three at most."""
    payload, trigger = _checked(call, "modal"), _trigger(call)
    space = call.space
    stack = space.stacks[trigger.user]
    if not stack or trigger.view_id not in stack:
        raise SlackRefusalError("not_found")
    refuse(rules.check_modal_stack(len(stack) + 1))
    _unique(space, payload)
    trigger.used = True
    return _json(call, new_view(space, trigger.user, payload, space.views[stack[-1]]))


def _existing(call: Call) -> View:
    views = call.space.views
    view_id, external = call.args.get("view_id"), call.args.get("external_id")
    if not view_id and not external:
        raise SlackRefusalError("invalid_arguments", "[ERROR] missing required field: view_id")
    found: Any = views.get(str(view_id)) if view_id else None
    if external and not view_id:
        named = (v for v in views.values() if v.payload.get("external_id") == external)
        found = next(named, None)
    if found is None:
        raise SlackRefusalError("not_found")
    view: View = found
    return view


def update_view(call: Call) -> Json:
    """views.update, refused when `hash` is not that of what is shown."""
    view = _existing(call)
    payload = _checked(call, view.type)
    _same(call, view)
    _unique(call.space, payload, view.id)
    return _json(call, changed_view(call.space, view, payload))


def _same(call: Call, view: View) -> None:
    expected = call.args.get("hash")
    if expected and expected != view.hash:
        raise SlackRefusalError("hash_conflict")


def publish_view(call: Call) -> Json:
    """views.publish: a person's Home tab."""
    payload = _checked(call, "home")
    space = call.space
    user = str(call.need("user_id"))
    if user not in space.users:
        raise SlackRefusalError("user_not_found")
    before = space.homes.get(user)
    if before is not None:
        _same(call, space.views[before])
        return _json(call, changed_view(space, space.views[before], payload))
    view = new_view(space, user, payload)
    space.homes[user] = view.id
    return _json(call, view)
