"""Everything that Slack takes, at its exact limits, is taken."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.playground.rules import Refusal, check_message, check_options, check_view

Payload = dict[str, Any]


def plain(length: int, letter: str = "x") -> Payload:
    return {"type": "plain_text", "text": letter * length, "emoji": True}


def mrkdwn(length: int) -> Payload:
    return {"type": "mrkdwn", "text": "x" * length, "verbatim": False}


def option(number: int, **more: object) -> Payload:
    value = f"{number}".ljust(150, "x")
    return {"text": plain(75), "value": value, "description": plain(75), **more}


def rich_option(number: int) -> Payload:
    return {**option(number), "text": mrkdwn(75), "description": mrkdwn(75)}


CONFIRM = {
    "title": plain(100),
    "text": mrkdwn(300),
    "confirm": plain(30),
    "deny": plain(30),
    "style": "primary",
}
ADDRESS = "https://x.test/".ljust(3000, "x")
IMAGE = {"type": "image", "image_url": ADDRESS, "alt_text": "x" * 2000}
FEEDBACK = {"text": plain(75), "value": "x" * 2000, "accessibility_label": "x" * 75}
MENU: Payload = {"placeholder": plain(150), "confirm": CONFIRM, "action_id": "x" * 255}
OPTIONS = [option(number) for number in range(100)]
LEAVES = [
    {"type": "text", "text": "x", "style": {"bold": True, "code": True}},
    {"type": "link", "url": "mailto:a@x.test", "text": "mail"},
    {"type": "user", "user_id": "W012AB"},
    {"type": "usergroup", "usergroup_id": "S1"},
    {"type": "channel", "channel_id": "C1"},
    {"type": "broadcast", "range": "here"},
    {"type": "emoji", "name": "tada", "skin_tone": 2},
    {"type": "date", "timestamp": 1800000000, "format": "{date_long}", "fallback": "one day"},
    {"type": "color", "value": "#aabbcc"},
]
RICH_TEXT: Payload = {
    "type": "rich_text",
    "elements": [
        {"type": "rich_text_section", "elements": LEAVES},
        {"type": "rich_text_quote", "elements": LEAVES, "border": 1},
        {"type": "rich_text_preformatted", "elements": LEAVES[:2], "border": 0},
        {
            "type": "rich_text_list",
            "style": "ordered",
            "indent": 8,
            "offset": 3,
            "elements": [{"type": "rich_text_section", "elements": LEAVES}],
        },
    ],
}
BUTTON: Payload = {
    "type": "button",
    "text": plain(75),
    "value": "x" * 2000,
    "url": ADDRESS,
    "style": "danger",
    "confirm": CONFIRM,
    "accessibility_label": "x" * 75,
}
CELL = {"type": "raw_text", "text": "x"}

BLOCKS_OF_MESSAGES: dict[str, Payload] = {
    "section with text": {"type": "section", "text": mrkdwn(3000), "block_id": "x" * 255},
    "section with fields": {"type": "section", "fields": [plain(900)] * 10, "expand": True},
    "section with long fields": {"type": "section", "fields": [mrkdwn(2000)] * 5},
    "section with picture": {"type": "section", "text": plain(1), "accessory": IMAGE},
    "divider": {"type": "divider"},
    "header": {"type": "header", "text": plain(150)},
    "image": {**IMAGE, "title": plain(2000)},
    "image of Slack's": {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "x"},
    "image by private address": {
        "type": "image",
        "slack_file": {"url": "https://files.slack.test/F1/a.png"},
        "alt_text": "x",
    },
    "context": {"type": "context", "elements": [mrkdwn(900)] * 8 + [plain(1)] * 2},
    "context with long text": {"type": "context", "elements": [mrkdwn(3000)]},
    "actions": {"type": "actions", "elements": [{"type": "button", "text": plain(75)}] * 25},
    "actions with a full button": {"type": "actions", "elements": [BUTTON]},
    "overflow": {
        "type": "actions",
        "elements": [
            {"type": "overflow", "options": [option(n, url="https://x.test") for n in range(5)]}
        ],
    },
    "workflow button": {
        "type": "section",
        "text": plain(1),
        "accessory": {
            "type": "workflow_button",
            "text": plain(75),
            "workflow": {
                "trigger": {
                    "url": "https://slack.test/shortcuts/Ft1/x",
                    "customizable_input_parameters": [{"name": "who", "value": "U1"}],
                }
            },
        },
    },
    "context actions": {
        "type": "context_actions",
        "elements": [
            {"type": "feedback_buttons", "positive_button": FEEDBACK, "negative_button": FEEDBACK},
            {"type": "icon_button", "icon": "trash", "text": plain(75), "value": "x" * 2000},
            *[{"type": "icon_button", "icon": "trash", "text": plain(75)}] * 3,
        ],
    },
    "file": {"type": "file", "external_id": "x" * 255, "source": "remote"},
    "video": {
        "type": "video",
        "alt_text": "x" * 2000,
        "title": plain(199),
        "title_url": ADDRESS,
        "description": plain(200),
        "thumbnail_url": "https://x.test/t.png",
        "video_url": "https://x.test/v",
        "author_name": "x" * 49,
        "provider_name": "X",
        "provider_icon_url": "https://x.test/i.png",
    },
    "rich text": RICH_TEXT,
    "markdown": {"type": "markdown", "text": "x" * 12_000},
    "table of many rows": {"type": "table", "rows": [[CELL]] * 100},
    "table of many columns": {
        "type": "table",
        "rows": [[CELL] * 20, [CELL] * 19 + [RICH_TEXT]],
        "column_settings": [{"align": "center", "is_wrapped": False}] * 20,
    },
}

ELEMENTS_OF_INPUTS: dict[str, Payload] = {
    "static_select": {
        **MENU,
        "options": OPTIONS,
        "initial_option": OPTIONS[99],
    },
    "static_select with groups": {
        "type": "static_select",
        "option_groups": [{"label": plain(75), "options": [option(n)]} for n in range(100)],
        "initial_option": option(7),
    },
    "multi_static_select": {
        **MENU,
        "options": OPTIONS,
        "initial_options": OPTIONS,
        "max_selected_items": 100,
    },
    "external_select": {**MENU, "initial_option": option(1), "min_query_length": 0},
    "multi_external_select": {**MENU, "initial_options": OPTIONS, "min_query_length": 3},
    "users_select": {**MENU, "initial_user": "U1"},
    "multi_users_select": {**MENU, "initial_users": ["U1", "W2"], "max_selected_items": 1},
    "conversations_select": {
        **MENU,
        "default_to_current_conversation": True,
        "response_url_enabled": True,
        "filter": {"include": ["im", "mpim", "private", "public"], "exclude_bot_users": True},
    },
    "multi_conversations_select": {**MENU, "initial_conversations": ["C1", "D1", "G1", "U1"]},
    "channels_select": {**MENU, "initial_channel": "C1"},
    "multi_channels_select": {**MENU, "initial_channels": ["C1"]},
    "radio_buttons": {"options": [rich_option(n) for n in range(10)], "confirm": CONFIRM},
    "checkboxes": {
        "options": [rich_option(n) for n in range(10)],
        "initial_options": [rich_option(n) for n in range(10)],
    },
    "datepicker": {**MENU, "initial_date": "2028-02-29"},
    "timepicker": {**MENU, "initial_time": "23:59", "timezone": "Europe/Berlin"},
    "datetimepicker": {"initial_date_time": 1628633820, "confirm": CONFIRM},
    "plain_text_input": {
        "placeholder": plain(150),
        "initial_value": "x" * 3000,
        "multiline": True,
        "min_length": 3000,
        "max_length": 3000,
        "dispatch_action_config": {
            "trigger_actions_on": ["on_enter_pressed", "on_character_entered"]
        },
    },
    "email_text_input": {"initial_value": "maria@x.test".ljust(3000, "t"), "focus_on_load": True},
    "url_text_input": {"initial_value": ADDRESS},
    "number_input": {"is_decimal_allowed": True, "initial_value": "-1.5", "max_value": "10"},
    "rich_text_input": {"initial_value": RICH_TEXT},
    "file_input": {"filetypes": ["png", "jpg"], "max_files": 10},
}


# The lengths of strings and lists that the payloads above have because no more is allowed.
FULL_STRINGS = {30, 49, 75, 100, 150, 199, 200, 255, 300, 2000, 3000, 12_000}
FULL_LISTS = {10, 20, 25, 100}


def overfull(part: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Yield each full string or list in `part` as its holder, its key and one more of it."""
    steps = list(part.items()) if isinstance(part, dict) else list(enumerate(part))
    # The items of a list are alike: the first and the last of them will do.
    for key, inner in steps if isinstance(part, dict) else [steps[0], steps[-1]]:
        if isinstance(inner, str) and len(inner) in FULL_STRINGS:
            yield part, key, inner + "x"
        elif isinstance(inner, list) and len(inner) in FULL_LISTS:
            yield part, key, [*inner, inner[-1]]
        if inner and isinstance(inner, dict | list):
            yield from overfull(inner)


def refused_when_overfull(whole: Payload, check: Callable[[], Refusal | None]) -> None:
    """Assert that one more of anything full in `whole` is refused for just that."""
    for holder, key, more in list(overfull(whole)):
        kept, holder[key] = holder[key], more
        refusal = check()
        holder[key] = kept
        assert refusal is not None, f"{len(more)} of {key} should be too many"
        assert refusal.messages[0].startswith(("must be less than", "no more than")), refusal


def message_of(name: str) -> Payload:
    return {"text": "x", "blocks": [copy.deepcopy(BLOCKS_OF_MESSAGES[name])]}


def modal_of(name: str) -> Payload:
    element = {"type": name.partition(" ")[0], **copy.deepcopy(ELEMENTS_OF_INPUTS[name])}
    block = {
        "type": "input",
        "label": plain(2000),
        "hint": plain(2000),
        "element": element,
        "optional": True,
        "dispatch_action": False,
    }
    return {"type": "modal", "title": plain(24), "submit": plain(24), "blocks": [block]}


@pytest.mark.parametrize("name", BLOCKS_OF_MESSAGES)
def test_a_block_at_its_limits_is_taken_in_a_message_and_nothing_more(name: str) -> None:
    payload = message_of(name)
    assert check_message(payload, surface="message") is None
    refused_when_overfull(payload, lambda: check_message(payload, surface="message"))


@pytest.mark.parametrize("name", ELEMENTS_OF_INPUTS)
def test_an_input_at_its_limits_is_taken_in_a_modal_and_nothing_more(name: str) -> None:
    view = modal_of(name)
    assert check_view(view) is None
    refused_when_overfull(view, lambda: check_view(view))


def test_a_modal_at_its_limits_is_taken_and_nothing_more() -> None:
    view = {
        "type": "modal",
        "title": plain(24),
        "submit": plain(24),
        "close": plain(24),
        "private_metadata": "x" * 3000,
        "callback_id": "x" * 255,
        "external_id": "x" * 255,
        "clear_on_close": True,
        "notify_on_close": False,
        "blocks": [{"type": "divider", "block_id": str(number)} for number in range(100)],
    }
    assert check_view(view) is None
    refused_when_overfull(view, lambda: check_view(view))


def test_a_modal_without_inputs_needs_no_submit_button() -> None:
    assert check_view({"type": "modal", "title": plain(1), "blocks": [RICH_TEXT]}) is None


def test_a_home_tab_at_its_limits_is_taken() -> None:
    blocks = [
        {"type": "actions", "elements": [{**BUTTON, "action_id": f"{n}".ljust(255, "x")}]}
        for n in range(25)
    ]
    blocks += [{"type": "section", "text": mrkdwn(1000)} for _ in range(75)]
    assert check_view({"type": "home", "private_metadata": "x" * 3000, "blocks": blocks}) is None


def test_a_message_of_40000_characters_and_50_blocks_is_taken() -> None:
    payload = {"text": "x" * 40_000, "blocks": [{"type": "divider"}] * 50}
    assert check_message(payload, surface="message") is None


@pytest.mark.parametrize(
    "payload",
    [
        {"text": "hello"},
        {"blocks": [{"type": "divider"}]},
        {"attachments": [{"text": "old style"}]},
        {"markdown_text": "x" * 12_000},
        {"text": "hello", "metadata": {}},
        {"text": "hello", "blocks": [], "replace_original": True, "response_type": "in_channel"},
    ],
)
def test_a_message_needs_only_one_way_of_saying_something(payload: Payload) -> None:
    assert check_message(payload, surface="ephemeral") is None


def test_two_blocks_of_a_message_may_have_the_same_action() -> None:
    row = {"type": "actions", "elements": [{"type": "button", "text": plain(1), "action_id": "a"}]}
    assert check_message({"text": "x", "blocks": [row, row]}, surface="message") is None


@pytest.mark.parametrize(
    "answer",
    [
        {"options": []},
        {"options": OPTIONS},
        {"option_groups": [{"label": plain(75), "options": OPTIONS}]},
    ],
)
def test_suggestions_at_their_limits_are_shown(answer: Payload) -> None:
    assert check_options(answer) is None
