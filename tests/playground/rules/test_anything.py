"""No JSON whatever makes the rules raise, and they are quick."""

import copy
import time
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.playground.rules import (
    block_texts,
    check_message,
    check_options,
    check_response_action,
    check_view,
    message_mentions,
    message_text,
)

# fmt: off
NAMES = [
    "type", "text", "blocks", "elements", "element", "accessory", "fields", "options",
    "option_groups", "label", "title", "image_url", "slack_file", "id", "rows",
    "initial_option", "initial_options", "block_id", "action_id", "confirm", "filter",
    "focus_on_load", "metadata", "event_type", "event_payload", "attachments", "view",
    "response_action", "errors", "markdown_text", "initial_value", "alt_text", "submit",
    "value", "column_settings", "min_length",
]
WORDS = [
    "plain_text", "mrkdwn", "section", "divider", "image", "actions", "context", "input",
    "header", "rich_text", "table", "rich_text_section", "rich_text_list", "button",
    "static_select", "checkboxes", "plain_text_input", "modal", "home", "errors", "update",
    "push", "clear", "multi_static_select", "markdown", "text", "user",
]
# fmt: on
PLAIN_VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
JSON = st.recursive(
    PLAIN_VALUES | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.sampled_from(NAMES), JSON, max_size=5)


def check_everything(payload: dict[str, Any]) -> None:
    for surface in ("message", "ephemeral"):
        check_message(payload, surface=surface)
    check_view(payload)
    check_response_action(payload, payload)
    check_options(payload)
    block_texts(payload.get("blocks"))
    message_text(payload)
    message_mentions(payload)


@given(OBJECTS, st.sampled_from(["modal", "home", "other"]))
@settings(max_examples=120, deadline=None)
def test_no_json_makes_the_rules_raise(payload: dict[str, Any], kind: str) -> None:
    check_everything(payload)
    check_everything({**payload, "type": kind})


@given(JSON)
@settings(max_examples=100, deadline=None)
def test_answers_that_are_no_objects_are_refused_not_raised(answer: Any) -> None:
    check_view(answer)
    check_options(answer)
    check_response_action(answer, {})


def every_place(part: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    steps = list(part.items()) if isinstance(part, dict) else []
    steps += list(enumerate(part)) if isinstance(part, list) else []
    return [
        place
        for step, inner in steps
        for place in [(*way, step), *every_place(inner, (*way, step))]
    ]


@given(st.data())
@settings(max_examples=120, deadline=None)
def test_a_good_payload_with_anything_anywhere_never_raises(doors: Any, data: Any) -> None:
    door = doors[data.draw(st.sampled_from(sorted(doors)))]
    payload = copy.deepcopy(door.good())
    *way, last = data.draw(st.sampled_from(every_place(payload)))
    part = payload
    for step in way:
        part = part[step]
    part[last] = data.draw(JSON)
    door.check(payload)
    check_everything(payload)


def test_a_message_is_checked_in_a_fraction_of_a_millisecond(doors: Any) -> None:
    payload = {**doors["message"].good(), "blocks": doors["message"].good()["blocks"][:5]}
    times = []
    for _ in range(50):
        begin = time.thread_time()
        check_message(payload, surface="message")
        times.append(time.thread_time() - begin)
    # Typically 0.03 ms; the bound leaves room for a busy machine.
    assert min(times) < 0.0005
