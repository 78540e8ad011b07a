"""Payloads that Slack would never send: anybody's click or form, with anything in it."""

from typing import Any

from bot.playground.transports import Delivery
from tests.world import World

Json = dict[str, Any]


def about(world: World, slack_id: str, kind: str) -> Json:
    """How an interaction of somebody begins; their trigger and response address work."""
    space = world.engine.workspace
    return {
        "type": kind,
        "team": {"id": space.team_id, "domain": space.domain},
        "enterprise": None,
        "is_enterprise_install": False,
        "user": {"id": slack_id, "team_id": space.team_id},
        "api_app_id": space.app_id,
        "trigger_id": space.new_trigger(slack_id),
    }


def view(callback_id: str, kept: str, values: Json | None = None, kind: str = "modal") -> Json:
    """An open view, as payloads show it."""
    fields = values or {}
    return {
        "id": "V0NONE",
        "type": kind,
        "hash": "1.x",
        "callback_id": callback_id,
        "private_metadata": kept,
        "root_view_id": "V0NONE",
        "blocks": [
            {"type": "input", "block_id": name, "element": {"action_id": name, "type": "x"}}
            for name in fields
        ],
        "state": {"values": {name: {name: state} for name, state in fields.items()}},
    }


def click(
    world: World, slack_id: str, action_id: str, value: str, *, kept: str = "", where: str
) -> Delivery:
    """A click, or a choice, in a `message`, a `modal` or at `home`."""
    payload = about(world, slack_id, "block_actions")
    payload["actions"] = [
        {
            "type": "button",
            "action_id": action_id,
            "block_id": "b",
            "action_ts": "1.2",
            "value": value,
            "selected_option": {"value": value, "text": {"type": "plain_text", "text": "x"}},
        }
    ]
    if where == "message":
        space = world.engine.workspace
        payload["channel"] = {"id": world.kudos.id, "name": "kudos"}
        payload["container"] = {"channel_id": world.kudos.id, "message_ts": "1.2"}
        payload["response_url"] = space.new_response_url(slack_id, world.kudos.id)
        payload["message"] = {"ts": "1.2", "blocks": [
            {"type": "actions", "block_id": "b", "elements": [
                {"type": "button", "action_id": "people_import_confirm", "value": value}]}]}  # fmt: skip
    else:
        payload["view"] = view("any", kept, kind=where)
        payload["container"] = {"type": "view", "view_id": "V0NONE"}
    return Delivery("interactive", "block_actions", payload)


def submission(world: World, slack_id: str, callback_id: str, kept: str, values: Json) -> Delivery:
    """A form that is sent."""
    payload = about(world, slack_id, "view_submission")
    payload["view"] = view(callback_id, kept, values)
    payload["response_urls"] = []
    return Delivery("interactive", "view_submission", payload)


def search(world: World, slack_id: str, action_id: str, typed: str) -> Delivery:
    """Something typed into a menu that asks Laurel for its choices."""
    payload = about(world, slack_id, "block_suggestion")
    payload |= {"action_id": action_id, "block_id": "b", "value": typed, "view": view("any", "")}
    return Delivery("interactive", "block_suggestion", payload)


def command(world: World, slack_id: str, name: str, words: str) -> Delivery:
    """A slash command."""
    space = world.engine.workspace
    payload = {
        "command": name,
        "text": words,
        "team_id": space.team_id,
        "user_id": slack_id,
        "channel_id": world.kudos.id,
        "trigger_id": space.new_trigger(slack_id),
        "response_url": space.new_response_url(slack_id, world.kudos.id),
    }
    return Delivery("slash_commands", name, payload)
