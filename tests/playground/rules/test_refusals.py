"""One fault at a time: a payload that Slack takes, broken in one place, is refused for just that."""

import copy
from typing import Any

import pytest

from bot.playground.rules import (
    Refusal,
    check_message,
    check_modal_stack,
    check_response_action,
    check_view,
)
from tests.playground.pieces import mrkdwn, option, plain

Payload = dict[str, Any]

DROP = object()
BUTTON = {"type": "button", "text": plain("Go"), "action_id": "go"}
TEXT_SECTION = {"type": "section", "text": mrkdwn("x")}
MENU = {"type": "static_select", "options": [option("x")]}

# A fault a line: door, where it is broken, what stands there instead, Slack's code, the rule (at the same place
# unless it names its own pointer after an @).
# fmt: off
FAULTS: list[tuple[str, str, Any, str, str]] = [
    # How much fits
    ("message", "/text", "x" * 40_001, "msg_too_long", "must be less than 40001 characters"),
    ("message", "/blocks", [{"type": "divider"}] * 51, "invalid_blocks", "no more than 50 items allowed"),
    ("modal", "/blocks", [{"type": "divider"}] * 101, "invalid_arguments", "no more than 100 items allowed"),
    ("home", "/blocks", [{"type": "divider"}] * 101, "invalid_arguments", "no more than 100 items allowed"),
    ("message", "/blocks/0/text/text", "x" * 151, "invalid_blocks", "must be less than 151 characters"),
    ("message", "/blocks/1/text/text", "x" * 3001, "invalid_blocks", "must be less than 3001 characters"),
    ("message", "/blocks/1/text/text", "", "invalid_blocks", "must be more than 0 characters"),
    ("message", "/blocks/1/accessory/alt_text", "x" * 2001, "invalid_blocks", "must be less than 2001 characters"),
    ("message", "/blocks/2/fields", [plain("x")] * 11, "invalid_blocks", "no more than 10 items allowed"),
    ("message", "/blocks/2/fields/1/text", "x" * 2001, "invalid_blocks", "must be less than 2001 characters"),
    ("message", "/blocks/4/title/text", "x" * 2001, "invalid_blocks", "must be less than 2001 characters"),
    ("message", "/blocks/5/elements", [], "invalid_blocks", "must provide at least 1 items"),
    ("message", "/blocks/5/elements", [{**BUTTON, "action_id": str(n)} for n in range(26)], "invalid_blocks", "no more than 25 items allowed"),
    ("message", "/blocks/5/elements/0/text/text", "x" * 76, "invalid_blocks", "must be less than 76 characters"),
    ("message", "/blocks/5/elements/0/value", "x" * 2001, "invalid_blocks", "must be less than 2001 characters"),
    ("message", "/blocks/5/elements/0/action_id", "x" * 256, "invalid_blocks", "must be less than 256 characters"),
    ("message", "/blocks/5/elements/0/confirm/title/text", "x" * 101, "invalid_blocks", "must be less than 101 characters"),
    ("message", "/blocks/5/elements/0/confirm/text/text", "x" * 301, "invalid_blocks", "must be less than 301 characters"),
    ("message", "/blocks/5/elements/0/confirm/deny/text", "x" * 31, "invalid_blocks", "must be less than 31 characters"),
    ("message", "/blocks/5/elements/1/url", "https://x.test/" + "x" * 2986, "invalid_blocks", "must be less than 3001 characters"),
    ("message", "/blocks/5/elements/2/options", [option(str(n)) for n in range(6)], "invalid_blocks", "no more than 5 items allowed"),
    ("message", "/blocks/6/elements", [mrkdwn("x")] * 11, "invalid_blocks", "no more than 10 items allowed"),
    ("message", "/blocks/0/block_id", "x" * 256, "invalid_blocks", "must be less than 256 characters"),
    ("message", "/blocks/9/title/text", "x" * 200, "invalid_blocks", "must be less than 200 characters"),
    ("message", "/blocks/11/text", "x" * 12_001, "invalid_blocks", "must be less than 12001 characters"),
    ("message", "/blocks/12/rows", [[{"type": "raw_text", "text": "x"}]] * 101, "invalid_blocks", "no more than 100 items allowed"),
    ("message", "/blocks/12/rows/0", [{"type": "raw_text", "text": "x"}] * 21, "invalid_blocks", "no more than 20 items allowed"),
    ("modal", "/title/text", "x" * 25, "invalid_arguments", "must be less than 25 characters"),
    ("modal", "/submit/text", "x" * 25, "invalid_arguments", "must be less than 25 characters"),
    ("modal", "/private_metadata", "x" * 3001, "invalid_arguments", "must be less than 3001 characters"),
    ("modal", "/callback_id", "x" * 256, "invalid_arguments", "must be less than 256 characters"),
    ("modal", "/blocks/0/label/text", "x" * 2001, "invalid_arguments", "must be less than 2001 characters"),
    ("modal", "/blocks/0/hint", plain("x" * 2001), "invalid_arguments", "must be less than 2001 characters@/view/blocks/0/hint/text"),
    ("modal", "/blocks/1/element/placeholder/text", "x" * 151, "invalid_arguments", "must be less than 151 characters"),
    ("modal", "/blocks/1/element/options/1/text/text", "x" * 76, "invalid_arguments", "must be less than 76 characters"),
    ("modal", "/blocks/1/element/options/1/value", "x" * 151, "invalid_arguments", "must be less than 151 characters"),
    ("modal", "/blocks/1/element/options/1/description", plain("x" * 76), "invalid_arguments", "must be less than 76 characters@/view/blocks/1/element/options/1/description/text"),
    ("modal", "/blocks/1/element", {**MENU, "options": [option(str(n)) for n in range(101)]}, "invalid_arguments", "no more than 100 items allowed@/view/blocks/1/element/options"),
    ("modal", "/blocks/3/element/options", [option(str(n)) for n in range(11)], "invalid_arguments", "no more than 10 items allowed"),
    ("modal", "/blocks/2/element/max_length", 3001, "invalid_arguments", "must be less than 3001"),
    ("modal", "/blocks/7/element/max_files", 11, "invalid_arguments", "must be less than 11"),
    ("options", "/options", [option(str(n)) for n in range(101)], "invalid_arguments", "no more than 100 items allowed"),
    ("options", "/options/0/text/text", "x" * 76, "invalid_arguments", "must be less than 76 characters"),
    ("groups", "/option_groups", [{"label": plain("x"), "options": [option("x")]}] * 101, "invalid_arguments", "no more than 100 items allowed"),
    ("groups", "/option_groups/0/label/text", "x" * 76, "invalid_arguments", "must be less than 76 characters"),
    ("groups", "/option_groups/0/options", [option(str(n)) for n in range(101)], "invalid_arguments", "no more than 100 items allowed"),
    ("message", "/blocks/7/elements", [{"type": "icon_button", "icon": "trash", "text": plain("x")}] * 6, "invalid_blocks", "no more than 5 items allowed"),
    ("message", "/attachments", [{"text": "x"}] * 101, "too_many_attachments", "no more than 100 items allowed@none"),
    ("modal", "/blocks/10/element/initial_date_time", 10_000_000_000, "invalid_arguments", "must be less than 10000000000"),
    # What must be there, and what may not
    ("message", "/blocks/1/text", DROP, "invalid_blocks", "must define either `text` or `fields`@/blocks/1/type"),
    ("message", "/blocks/1/accessory/alt_text", DROP, "invalid_blocks", "missing required field: alt_text@/blocks/1/accessory"),
    ("message", "/blocks/1/accessory/slack_file", {"id": "F1"}, "invalid_blocks", "must define exactly one of `image_url` or `slack_file`@/blocks/1/accessory"),
    ("message", "/blocks/4/slack_file", DROP, "invalid_blocks", "must define exactly one of `image_url` or `slack_file`@/blocks/4"),
    ("message", "/blocks/4/slack_file/url", "https://x.test/f", "invalid_blocks", "must define exactly one of `id` or `url`@/blocks/4/slack_file"),
    ("message", "/blocks/5/elements/0/confirm/deny", DROP, "invalid_blocks", "missing required field: deny@/blocks/5/elements/0/confirm"),
    ("message", "/blocks/3/text", plain("x"), "invalid_blocks", "invalid additional property: text@/blocks/3"),
    ("message", "/blocks/5/elements/0/block_id", "x", "invalid_blocks", "invalid additional property: block_id@/blocks/5/elements/0"),
    ("message", "/blocks/1/text/emoji", True, "invalid_blocks", "invalid additional property: emoji@/blocks/1/text"),
    ("message", "/blocks/13/label", DROP, "invalid_blocks", "missing required field: label@/blocks/13"),
    ("modal", "/title", DROP, "invalid_arguments", "missing required field: title@/view"),
    ("modal", "/blocks", DROP, "invalid_arguments", "missing required field: blocks@/view"),
    ("modal", "/type", DROP, "invalid_arguments", "missing required field: type@/view"),
    ("modal", "/submit_disabled", True, "invalid_arguments", "invalid additional property: submit_disabled@/view"),
    ("modal", "/blocks/1/element/option_groups", [{"label": plain("x"), "options": [option("a")]}], "invalid_arguments", "must define exactly one of `options` or `option_groups`@/view/blocks/1/element"),
    ("modal", "/blocks/6/element/is_decimal_allowed", DROP, "invalid_arguments", "missing required field: is_decimal_allowed@/view/blocks/6/element"),
    ("home", "/title", plain("Home"), "invalid_arguments", "invalid additional property: title@/view"),
    ("options", "/options", DROP, "invalid_arguments", "must define exactly one of `options` or `option_groups`@"),
    # What kind it must be
    ("message", "/text", 5, "invalid_arguments", "must provide a string"),
    ("message", "/blocks", "[]", "invalid_blocks_format", "must provide an array of objects@none"),
    ("message", "/blocks", {"blocks": []}, "invalid_blocks_format", "must provide an array of objects@none"),
    ("message", "/blocks/3", "divider", "invalid_blocks_format", "must provide an array of objects@none"),
    ("message", "/blocks/0/text", mrkdwn("*x*"), "invalid_blocks", "must be a valid enum value@/blocks/0/text/type"),
    ("message", "/blocks/1/text", "just words", "invalid_blocks", "must provide an object"),
    ("message", "/blocks/1/text/text", None, "invalid_blocks", "must provide a string"),
    ("message", "/blocks/5/elements/0/text", mrkdwn("x"), "invalid_blocks", "must be a valid enum value@/blocks/5/elements/0/text/type"),
    ("message", "/blocks/5/elements/0/style", "warning", "invalid_blocks", "must be a valid enum value"),
    ("message", "/blocks/5/elements/1/url", "x.test", "invalid_blocks", "must be a valid URL"),
    ("message", "/blocks/1/accessory/image_url", "file:///a.png", "invalid_blocks", "must be a valid http(s) URL"),
    ("message", "/blocks/1/accessory/image_url", "https://x.test/a b.png", "invalid_blocks", "must be a valid http(s) URL"),
    ("message", "/blocks/3/type", "ruler", "invalid_blocks", "unsupported type: ruler"),
    ("message", "/blocks/3/type", DROP, "invalid_blocks", "missing required field: type@/blocks/3"),
    ("message", "/blocks/10/elements/0/elements/1/text", "", "invalid_blocks", "must be more than 0 characters"),
    ("message", "/blocks/10/elements/1/style", "dash", "invalid_blocks", "must be a valid enum value"),
    ("message", "/blocks/12/column_settings/0/align", "middle", "invalid_blocks", "must be a valid enum value"),
    ("modal", "/title", mrkdwn("*x*"), "invalid_arguments", "must be a valid enum value@/view/title/type"),
    ("modal", "/type", "dialog", "invalid_arguments", "unsupported type: dialog"),
    ("modal", "/blocks/0/optional", "yes", "invalid_arguments", "must be a boolean"),
    ("modal", "/blocks/1/element/initial_option", None, "invalid_arguments", "must provide an object"),
    ("modal", "/blocks/1/element/initial_option", option("z"), "invalid_arguments", "must match one of the options"),
    ("modal", "/blocks/2/element/min_length", 501, "invalid_arguments", "`min_length` must not be greater than `max_length`"),
    ("modal", "/blocks/4/element/initial_date", "28.02.2026", "invalid_arguments", "invalid date"),
    ("modal", "/blocks/5/element/initial_time", "24:00", "invalid_arguments", "invalid time"),
    ("modal", "/blocks/9/accessory/filter", {}, "invalid_arguments", "must define either `include` or `exclude_external_shared_channels` or `exclude_bot_users`"),
    ("modal", "/blocks/10/element/initial_date_time", 18000, "invalid_arguments", "must be greater than 999999999"),
    ("options", "/options/0/text", mrkdwn("x"), "invalid_arguments", "must be a valid enum value@/options/0/text/type"),
    # Where it may stand
    ("modal", "/blocks/9", {"type": "table", "rows": []}, "invalid_arguments", "unsupported type: table@/view/blocks/9/type"),
    ("home", "/blocks/0", {"type": "table", "rows": []}, "invalid_arguments", "unsupported type: table@/view/blocks/0/type"),
    ("modal", "/blocks/9", {"type": "markdown", "text": "x"}, "invalid_arguments", "unsupported type: markdown@/view/blocks/9/type"),
    ("home", "/blocks/0", {"type": "markdown", "text": "x"}, "invalid_arguments", "unsupported type: markdown@/view/blocks/0/type"),
    ("modal", "/blocks/9", {"type": "file", "external_id": "a", "source": "remote"}, "invalid_arguments", "unsupported type: file@/view/blocks/9/type"),
    ("ephemeral", "/blocks/3", {"type": "file", "external_id": "a", "source": "remote"}, "invalid_blocks", "unsupported type: file@/blocks/3/type"),
    ("message", "/blocks/13/element", {"type": "file_input"}, "invalid_blocks", "unsupported type: file_input@/blocks/13/element/type"),
    ("home", "/blocks/1/elements/0", {"type": "workflow_button"}, "invalid_arguments", "unsupported type: workflow_button@/view/blocks/1/elements/0/type"),
    ("message", "/blocks/6/elements/1", BUTTON, "invalid_blocks", "unsupported type: button@/blocks/6/elements/1/type"),
    ("message", "/blocks/7/elements/1", BUTTON, "invalid_blocks", "unsupported type: button@/blocks/7/elements/1/type"),
    ("message", "/blocks/5/elements/0", {"type": "plain_text_input"}, "invalid_blocks", "unsupported type: plain_text_input@/blocks/5/elements/0/type"),
    ("message", "/blocks/1/accessory", {"type": "datetimepicker"}, "invalid_blocks", "unsupported type: datetimepicker@/blocks/1/accessory/type"),
    ("modal", "/blocks/0/element", BUTTON, "invalid_arguments", "unsupported type: button@/view/blocks/0/element/type"),
    # What goes together
    ("message", "/blocks/1/block_id", "head", "invalid_blocks", '`block_id` "head" already exists'),
    ("modal", "/blocks/1/block_id", "who", "invalid_arguments", '`block_id` "who" already exists'),
    ("message", "/blocks/5/elements/1/action_id", "undo", "invalid_blocks", '`action_id` "undo" already exists'),
    ("modal", "/blocks/1/element/action_id", "who", "invalid_arguments", '`action_id` "who" already exists'),
    ("modal", "/blocks/1/element/focus_on_load", True, "invalid_arguments", "only one element can have `focus_on_load`"),
    ("message", "/blocks/3", {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}, "invalid_attachments", "only_one_table_allowed@none"),
    ("message", "/blocks/3", {"type": "markdown", "text": "x" * 11_990}, "invalid_blocks", "must be less than 12001 characters@/blocks/11/text"),
    ("message", "/markdown_text", "x", "markdown_text_conflict", "`markdown_text` excludes `text` and `blocks`@none"),
    ("message", "/attachments", [{"blocks": [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}]}], "invalid_attachments", "only_one_table_allowed@none"),
    ("message", "/blocks/12/rows/0/0/text", "", "invalid_blocks", "must be more than 0 characters"),
    # What comes with a message
    ("message", "/metadata", "award", "invalid_metadata_format", "must provide an object"),
    ("message", "/metadata/event_type", DROP, "invalid_metadata_schema", "missing required field: event_type@/metadata"),
    ("message", "/metadata/event_payload", DROP, "invalid_metadata_schema", "missing required field: event_payload@/metadata"),
    ("message", "/metadata/event_payload", "{}", "invalid_metadata_schema", "must provide an object"),
    ("message", "/attachments", {}, "invalid_attachments", "must provide an array of objects@none"),
    ("message", "/attachments", [{"blocks": [{"type": "ruler"}]}], "invalid_attachments", "unsupported type: ruler@/attachments/0/blocks/0/type"),
    # What answers a submission
    ("errors", "/errors", {}, "invalid_arguments", "must provide an object"),
    ("errors", "/errors", {"where": "Not an input."}, "invalid_arguments", 'no input block has the `block_id` "where"@/errors/where'),
    ("errors", "/errors/nowhere", "Not a block.", "invalid_arguments", 'no input block has the `block_id` "nowhere"'),
    ("errors", "/errors/why", "", "invalid_arguments", "must provide a string"),
    ("errors", "/response_action", "close", "invalid_arguments", "must be a valid enum value"),
    ("errors", "/response_action", DROP, "invalid_arguments", "missing required field: response_action@"),
    ("update", "/view", DROP, "invalid_arguments", "must provide an object@/view"),
    ("update", "/view/title", DROP, "invalid_arguments", "missing required field: title@/view"),
    ("update", "/view", {"type": "home", "blocks": [TEXT_SECTION]}, "invalid_arguments", "unsupported type: home@/view/type"),
]
# fmt: on


def broken(payload: Payload, pointer: str, value: object) -> Payload:
    """Return a copy of the payload with one value at the JSON pointer replaced or dropped."""
    whole = copy.deepcopy(payload)
    *way, last = pointer.strip("/").split("/")
    part: Any = whole
    for step in way:
        part = part[int(step) if isinstance(part, list) else step]
    if value is DROP:
        del part[last]
    elif isinstance(part, list):
        part[int(last)] = value
    else:
        part[last] = value
    return whole


def test_the_payloads_without_a_fault_are_taken(doors: Any) -> None:
    assert {name: door.check(door.good()) for name, door in doors.items()} == dict.fromkeys(doors)


@pytest.mark.parametrize(
    ("door", "pointer", "value", "code", "rule"),
    FAULTS,
    ids=[f"{door}{pointer}: {rule.partition('@')[0]}" for door, pointer, _, _, rule in FAULTS],
)
def test_one_fault_is_refused_with_its_code_and_place(
    doors: Any, door: str, pointer: str, value: object, code: str, rule: str
) -> None:
    good, check, prefix = doors[door]
    words, named, place = rule.partition("@")
    expected = f"{words} [json-pointer:{place if named else prefix + pointer}]"
    if place == "none":
        expected = words
    assert check(broken(good(), pointer, value)) == Refusal(code, (expected,))


def test_an_input_in_a_modal_needs_a_submit_button(doors: Any) -> None:
    view = doors["modal"].good()
    del view["submit"]
    view["blocks"] = view["blocks"][:1]
    refusal = check_view(view)
    rule = "must define `submit` to use an `input` block in modals"
    assert refusal == Refusal("invalid_arguments", (f"{rule} [json-pointer:/view/blocks/0/input]",))


@pytest.mark.parametrize(
    "payload",
    [{}, {"text": ""}, {"text": "  \n"}, {"text": "", "blocks": []}, {"blocks": None}],
)
def test_a_message_without_words_is_refused(payload: Payload) -> None:
    refusal = check_message(payload, surface="ephemeral")
    assert refusal is not None
    assert refusal.error == "no_text"


def test_blocks_that_are_each_legal_are_too_long_together() -> None:
    blocks = [{"type": "section", "text": mrkdwn("x" * 3000)} for _ in range(5)]
    refusal = check_message({"text": "x", "blocks": blocks}, surface="message")
    assert refusal is not None
    assert refusal.error == "msg_blocks_too_long"
    assert check_message({"text": "x", "blocks": blocks[:4]}, surface="message") is None


def test_an_edited_text_may_be_a_tenth_as_long() -> None:
    refusal = check_message({"text": "x" * 4001}, surface="message", editing=True)
    assert refusal is not None
    assert refusal.error == "msg_too_long"
    assert check_message({"text": "x" * 4000}, surface="message", editing=True) is None
    assert check_message({"text": "x" * 4001}, surface="message") is None


def test_metadata_of_many_kilobytes_is_too_large(doors: Any) -> None:
    payload = doors["message"].good()
    payload["metadata"]["event_payload"]["note"] = "x" * 16_000
    refusal = doors["message"].check(payload)
    assert refusal is not None
    assert refusal.error == "metadata_too_large"


def test_a_view_of_more_than_250_kb_is_too_large() -> None:
    options = [
        {"text": plain("é" * 75), "value": f"{n}" + "é" * 145, "description": plain("é" * 75)}
        for n in range(100)
    ]
    blocks = [
        {"type": "actions", "elements": [{"type": "static_select", "options": options}]}
        for _ in range(3)
    ]
    view = {"type": "home", "blocks": blocks}
    assert check_view(view) is None
    view["blocks"] = blocks * 2
    refusal = check_view(view)
    assert refusal is not None
    assert refusal.error == "view_too_large"


def test_every_broken_rule_is_named(doors: Any) -> None:
    payload = broken(doors["message"].good(), "/blocks/0/text/text", "x" * 151)
    payload = broken(payload, "/blocks/3/type", "ruler")
    refusal = doors["message"].check(payload)
    assert refusal is not None
    assert refusal.messages == (
        "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
        "unsupported type: ruler [json-pointer:/blocks/3/type]",
    )


def test_a_fourth_view_is_not_pushed() -> None:
    assert check_modal_stack(3) is None
    refusal = check_modal_stack(4)
    assert refusal is not None
    assert refusal.error == "push_limit_reached"


@pytest.mark.parametrize("answer", [None, {}, "", {"response_action": "clear"}])
def test_an_empty_answer_or_clear_ends_a_modal(doors: Any, answer: Payload | None) -> None:
    assert check_response_action(answer, doors["modal"].good()) is None


def test_a_pushed_view_is_checked_like_an_opened_one(doors: Any) -> None:
    view = doors["modal"].good()
    assert check_response_action({"response_action": "push", "view": view}, view) is None
    long = {**view, "title": plain("x" * 25)}
    refusal = check_response_action({"response_action": "push", "view": long}, view)
    assert refusal is not None
    assert refusal == check_view(long)


def test_a_response_url_may_delete_without_saying_anything() -> None:
    assert check_message({"delete_original": True}, surface="ephemeral") is None
