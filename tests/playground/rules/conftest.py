"""Good payloads, one for each way into Slack: the tests break them in one place each."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from bot.playground.rules import (
    Refusal,
    check_message,
    check_options,
    check_response_action,
    check_view,
)
from tests.playground.pieces import mrkdwn, option, plain

Payload = dict[str, Any]


def confirmation() -> Payload:
    return {
        "title": plain("Sure?"),
        "text": mrkdwn("It is *gone* then."),
        "confirm": plain("Undo"),
        "deny": plain("Keep"),
    }


def input_block(name: str, element: Payload) -> Payload:
    return {"type": "input", "block_id": name, "label": plain(name), "element": element}


def message() -> Payload:
    """One block of every kind that a message takes, with its places in the comments."""
    return {
        "text": "Maria earned Ping-Pong Champion",
        "metadata": {"event_type": "award", "event_payload": {"id": "A-7K3QX9M"}},
        "blocks": [
            {"type": "header", "block_id": "head", "text": plain("An award")},  # 0
            {
                "type": "section",
                "block_id": "what",
                "text": mrkdwn("*Maria* earned it"),
                "accessory": {
                    "type": "image",
                    "image_url": "https://x.test/a.png",
                    "alt_text": "A",
                },
            },  # 1
            {"type": "section", "fields": [mrkdwn("Giver"), plain("Tom")]},  # 2
            {"type": "divider"},  # 3
            {
                "type": "image",
                "slack_file": {"id": "F123"},
                "alt_text": "B",
                "title": plain("C"),
            },  # 4
            {
                "type": "actions",
                "elements": [
                    {
                        "type": "button",
                        "action_id": "undo",
                        "text": plain("Undo"),
                        "value": "A-7K3QX9M",
                        "style": "danger",
                        "confirm": confirmation(),
                    },
                    {
                        "type": "button",
                        "action_id": "open",
                        "text": plain("Open"),
                        "url": "https://x.test",
                    },
                    {"type": "overflow", "action_id": "more", "options": [option("hide")]},
                    {
                        "type": "workflow_button",
                        "action_id": "flow",
                        "text": plain("Start"),
                        "workflow": {"trigger": {"url": "https://slack.test/shortcuts/Ft1/x"}},
                    },
                ],
            },  # 5
            {
                "type": "context",
                "elements": [
                    {"type": "image", "image_url": "https://x.test/b.png", "alt_text": "D"},
                    mrkdwn("by Tom"),
                ],
            },  # 6
            {
                "type": "context_actions",
                "elements": [
                    {
                        "type": "feedback_buttons",
                        "action_id": "rate",
                        "positive_button": {"text": plain("Good"), "value": "1"},
                        "negative_button": {"text": plain("Bad"), "value": "0"},
                    },
                    {
                        "type": "icon_button",
                        "action_id": "bin",
                        "icon": "trash",
                        "text": plain("Delete"),
                    },
                ],
            },  # 7
            {"type": "file", "external_id": "report", "source": "remote"},  # 8
            {
                "type": "video",
                "alt_text": "A talk",
                "title": plain("The talk"),
                "thumbnail_url": "https://x.test/t.png",
                "video_url": "https://x.test/v",
            },  # 9
            {
                "type": "rich_text",
                "elements": [
                    {
                        "type": "rich_text_section",
                        "elements": [
                            {"type": "user", "user_id": "U1"},
                            {"type": "text", "text": " won", "style": {"bold": True}},
                        ],
                    },
                    {
                        "type": "rich_text_list",
                        "style": "bullet",
                        "elements": [{"type": "rich_text_section", "elements": []}],
                    },
                ],
            },  # 10
            {"type": "markdown", "text": "# Well done"},  # 11
            {
                "type": "table",
                "rows": [
                    [{"type": "raw_text", "text": "Badge"}],
                    [{"type": "raw_text", "text": "1"}],
                ],
                "column_settings": [{"align": "right", "is_wrapped": True}],
            },  # 12
            input_block("note", {"type": "plain_text_input", "action_id": "note"}),  # 13
        ],
    }


def modal() -> Payload:
    """A modal with the elements that message() lacks."""
    return {
        "type": "modal",
        "callback_id": "award",
        "title": plain("Award a badge"),
        "submit": plain("Award"),
        "close": plain("Cancel"),
        "private_metadata": "{}",
        "blocks": [
            input_block(
                "who", {"type": "multi_users_select", "action_id": "who", "focus_on_load": True}
            ),
            input_block(
                "badge",
                {
                    "type": "static_select",
                    "action_id": "badge",
                    "placeholder": plain("Pick one"),
                    "options": [option("a"), option("b")],
                    "initial_option": option("a"),
                },
            ),
            input_block(
                "why",
                {
                    "type": "plain_text_input",
                    "action_id": "why",
                    "multiline": True,
                    "min_length": 2,
                    "max_length": 500,
                    "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
                },
            ),
            input_block(
                "how",
                {
                    "type": "checkboxes",
                    "action_id": "how",
                    "options": [option("quiet"), option("private")],
                },
            ),
            input_block(
                "day", {"type": "datepicker", "action_id": "day", "initial_date": "2026-02-28"}
            ),
            input_block(
                "hour", {"type": "timepicker", "action_id": "hour", "initial_time": "09:30"}
            ),
            input_block(
                "count", {"type": "number_input", "action_id": "n", "is_decimal_allowed": False}
            ),
            input_block(
                "art",
                {"type": "file_input", "action_id": "art", "filetypes": ["png"], "max_files": 1},
            ),
            input_block(
                "kind",
                {
                    "type": "static_select",
                    "action_id": "kind",
                    "option_groups": [{"label": plain("Flair"), "options": [option("c")]}],
                },
            ),
            {
                "type": "section",
                "block_id": "where",
                "text": mrkdwn("Where"),
                "accessory": {
                    "type": "conversations_select",
                    "action_id": "where",
                    "filter": {"include": ["public"]},
                },
            },
            input_block(
                "when",
                {"type": "datetimepicker", "action_id": "when", "initial_date_time": 1800000000},
            ),
            input_block(
                "one", {"type": "radio_buttons", "action_id": "one", "options": [option("x")]}
            ),
        ],
    }


def home() -> Payload:
    return {
        "type": "home",
        "blocks": [
            {"type": "section", "block_id": "hello", "text": mrkdwn("Hello")},
            {
                "type": "actions",
                "block_id": "buttons",
                "elements": [{"type": "button", "action_id": "award", "text": plain("Award")}],
            },
        ],
    }


def suggestions() -> Payload:
    return {"options": [option("ping-pong-champion"), option("team-player")]}


def grouped_suggestions() -> Payload:
    return {"option_groups": [{"label": plain("Flair"), "options": [option("team-player")]}]}


def errors() -> Payload:
    return {"response_action": "errors", "errors": {"why": "Say why, please."}}


def update() -> Payload:
    return {"response_action": "update", "view": modal()}


def check_post(payload: Payload) -> Refusal | None:
    return check_message(payload, surface="message")


def check_whisper(payload: Payload) -> Refusal | None:
    return check_message(payload, surface="ephemeral")


def whisper() -> Payload:
    payload = message()
    del payload["blocks"][8]
    return payload


def check_answer(payload: Payload) -> Refusal | None:
    return check_response_action(payload, modal())


class Door(NamedTuple):
    good: Callable[[], Payload]
    check: Callable[[Payload], Refusal | None]
    prefix: str = ""


DOORS = {
    "message": Door(message, check_post),
    "ephemeral": Door(whisper, check_whisper),
    "modal": Door(modal, check_view, "/view"),
    "home": Door(home, check_view, "/view"),
    "options": Door(suggestions, check_options),
    "groups": Door(grouped_suggestions, check_options),
    "errors": Door(errors, check_answer),
    "update": Door(update, check_answer),
}


@pytest.fixture(scope="session")
def doors() -> dict[str, Door]:
    """Return each way into Slack by its name: a good payload, its check, its pointers' prefix."""
    return DOORS
