"""The fields of the Studio's form, as Slack has them: each under one name, and what stands in it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bot.messages import blocks
from bot.messages.blocks import Block
from bot.studio.draft import MOST_TEXT

_VALUE = 150  # characters that an option carries
_NEW = "New: "


def action_of(name: str) -> str:
    """The block and the action of a field."""
    return f"studio_{name}"


def field(
    name: str,
    label: str,
    element: Block,
    *,
    optional: bool = False,
    below: str = "",
    redraws: bool = False,
) -> Block:
    """A field; `redraws`: Laurel is told at once what is chosen in it."""
    block: Block = {
        "type": "input",
        "block_id": action_of(name),
        "label": blocks.plain(label),
        "element": element | {"action_id": action_of(name)},
        "optional": optional,
        "dispatch_action": redraws,
    }
    if below:
        block["hint"] = blocks.plain(below)
    return block


def text_field(
    name: str,
    label: str,
    value: str,
    *,
    limit: int,
    hint: str,
    below: str = "",
    optional: bool = False,
    multiline: bool = False,
    redraws: bool = False,
) -> Block:
    """A field to type in."""
    value = value[:MOST_TEXT]
    element: Block = {
        "type": "plain_text_input",
        "max_length": max(limit, len(value)),
        "multiline": multiline,
        "placeholder": blocks.plain(hint),
    }
    if value:
        element["initial_value"] = value
    if redraws:
        element["dispatch_action_config"] = {"trigger_actions_on": ["on_enter_pressed"]}
    return field(name, label, element, optional=optional, below=below, redraws=redraws)


def radio(
    name: str,
    label: str,
    choices: Mapping[str, tuple[str, str]],
    chosen: str,
    *,
    redraws: bool = False,
) -> Block:
    """One of a few, each with a sentence."""
    options = {value: blocks.option(words[0], value, words[1]) for value, words in choices.items()}
    element: Block = {"type": "radio_buttons", "options": list(options.values())}
    if chosen in options:
        element["initial_option"] = options[chosen]
    return field(name, label, element, redraws=redraws)


def menu(
    name: str, label: str, choices: Mapping[str, str], chosen: str, *, redraws: bool = False
) -> Block:
    """One of several."""
    options = {value: blocks.option(words, value) for value, words in choices.items()}
    element: Block = {"type": "static_select", "options": list(options.values())}
    if chosen in options:
        element["initial_option"] = options[chosen]
    return field(name, label, element, redraws=redraws)


def menu_of_many(
    name: str, label: str, choices: Mapping[str, str], chosen: Sequence[str]
) -> list[Block]:
    """Some of many, or none; what is chosen is offered even where Slack no longer knows it."""
    named = {value: choices.get(value, value) for value in (*chosen, *choices)}
    if not named:
        return []
    options = {value: blocks.option(words, value) for value, words in list(named.items())[:100]}
    element: Block = {
        "type": "multi_static_select",
        "options": list(options.values()),
        "placeholder": blocks.plain("Choose user groups"),
    }
    initial = [options[value] for value in chosen if value in options]
    if initial:
        element["initial_options"] = initial
    return [field(name, label, element, optional=True)]


def people_field(name: str, label: str, chosen: Sequence[str]) -> Block:
    """Some people, or none."""
    element: Block = {"type": "multi_users_select", "placeholder": blocks.plain("Choose people")}
    if chosen:
        element["initial_users"] = list(chosen)
    return field(name, label, element, optional=True)


def date_field(name: str, label: str, value: str) -> Block:
    """A day, as ISO text; "" where none is chosen."""
    element: Block = {"type": "datepicker", "placeholder": blocks.plain("Choose a day")}
    if value:
        element["initial_date"] = date.fromisoformat(value).isoformat()
    return field(name, label, element, optional=True)


def note(words: str) -> Block:
    """Small print below a field."""
    return blocks.context(words)


def category_options(categories: Sequence[tuple[str, str]], *, new: str = "") -> list[Block]:
    """Categories by their values, and a new one that somebody is typing; at most a hundred."""
    made = [
        blocks.option(label or "Others", value) for value, label in categories[: 99 if new else 100]
    ]
    if new:
        made.append(blocks.option(f"{_NEW}{new}", f"={new}"[:_VALUE]))
    return made


def chosen_of(state: Mapping[str, Any]) -> Any:
    """What stands in a field: text, a tuple of texts, or None where there is nothing."""
    match state["type"]:
        case "plain_text_input":
            return state.get("value") or ""
        case "radio_buttons" | "static_select" | "external_select":
            return (state.get("selected_option") or {}).get("value")
        case "checkboxes" | "multi_static_select":
            return tuple(str(one["value"]) for one in state.get("selected_options") or ())
        case "multi_users_select":
            return tuple(state.get("selected_users") or ())
        case "conversations_select":
            return state.get("selected_conversation") or ""
        case "datepicker":
            return state.get("selected_date") or ""
    return None
