"""What people enter: elements that hold a value, and how Slack writes it in `state.values`."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple

from bot.playground.outcome import CannotActError
from bot.playground.shapes import File, Json, User


class Kind(NamedTuple):
    """Where an element's value stands in the state, and where its first value comes from."""

    key: str
    initial: str
    many: bool = False


KINDS = {
    "plain_text_input": Kind("value", "initial_value"),
    "email_text_input": Kind("value", "initial_value"),
    "url_text_input": Kind("value", "initial_value"),
    "number_input": Kind("value", "initial_value"),
    "rich_text_input": Kind("rich_text_value", "initial_value"),
    "static_select": Kind("selected_option", "initial_option"),
    "external_select": Kind("selected_option", "initial_option"),
    "radio_buttons": Kind("selected_option", "initial_option"),
    "multi_static_select": Kind("selected_options", "initial_options", True),
    "multi_external_select": Kind("selected_options", "initial_options", True),
    "checkboxes": Kind("selected_options", "initial_options", True),
    "users_select": Kind("selected_user", "initial_user"),
    "multi_users_select": Kind("selected_users", "initial_users", True),
    "conversations_select": Kind("selected_conversation", "initial_conversation"),
    "multi_conversations_select": Kind("selected_conversations", "initial_conversations", True),
    "channels_select": Kind("selected_channel", "initial_channel"),
    "multi_channels_select": Kind("selected_channels", "initial_channels", True),
    "datepicker": Kind("selected_date", "initial_date"),
    "timepicker": Kind("selected_time", "initial_time"),
    "datetimepicker": Kind("selected_date_time", "initial_date_time"),
    "file_input": Kind("files", "", True),
}
EXTERNAL = frozenset({"external_select", "multi_external_select"})


def elements(blocks: Iterable[Json]) -> Iterator[tuple[Json, Json]]:
    """Yield each interactive element with its block, in order."""
    for block in blocks:
        if block["type"] == "input":
            yield block, block["element"]
        elif block["type"] == "section" and "action_id" in (block.get("accessory") or {}):
            yield block, block["accessory"]
        elif block["type"] in ("actions", "context_actions"):
            for element in block["elements"]:
                yield block, element


def initial_values(blocks: Iterable[Json]) -> Json:
    """Return `state.values` of blocks in which nobody has entered anything yet."""
    values: Json = {}
    for block, element in elements(blocks):
        kind = KINDS.get(element["type"])
        if kind is None:
            continue
        first = element.get(kind.initial) if kind.initial else None
        if first is None and kind.many:
            first = []
        state = {"type": element["type"], kind.key: first}
        values.setdefault(block["block_id"], {})[element["action_id"]] = state
    return values


def entered(element: Json, value: Any, at: datetime) -> Json:
    """Return the state of an element after a person enters a value.

    Text as str; options by value or text; people, channels by value or id; dates as date, str;
    files as File. Several for elements that take several.
    """
    kind = KINDS.get(element["type"])
    if kind is None:
        raise CannotActError(f"nothing can be entered in a {element['type']}")
    if not kind.many:
        return {"type": element["type"], kind.key: _one(element, value, at)}
    single = isinstance(value, str | dict | User | File) or not isinstance(value, Iterable)
    many: Sequence[Any] = [value] if single else list(value)
    most = element.get("max_selected_items") or element.get("max_files")
    if most and len(many) > most:
        raise CannotActError(f"no more than {most} can be chosen in {element['action_id']}")
    return {"type": element["type"], kind.key: [_one(element, item, at) for item in many]}


def _one(element: Json, value: Any, at: datetime) -> Any:
    kind = element["type"]
    if value is None:
        return None
    if kind.endswith("_input") and kind not in ("rich_text_input", "file_input"):
        return str(value) or None
    if "static_select" in kind or kind in ("radio_buttons", "checkboxes"):
        return _offered(element, value)
    if kind in EXTERNAL and not isinstance(value, dict):
        raise CannotActError("an external select needs an option that the app offered")
    if isinstance(value, File):
        return value.as_json(at=at)
    if isinstance(value, datetime):
        return int(value.timestamp())
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return getattr(value, "id", value)


def options_of(element: Json) -> list[Json]:
    """Return the options that an element offers by itself, of all its groups."""
    groups = element.get("option_groups") or []
    return [*element.get("options", []), *(o for group in groups for o in group["options"])]


def _offered(element: Json, value: Any) -> Json:
    return pick(options_of(element), value, element["action_id"])


def pick(options: Iterable[Json], value: Any, where: str) -> Json:
    """Return the option that has this value or reads so."""
    if isinstance(value, dict):
        value = value.get("value")
    known = list(options)
    for option in known:
        if value in (option.get("value"), option["text"]["text"]):
            return option
    offered = ", ".join(str(option.get("value")) for option in known)
    raise CannotActError(f"{where} does not offer {value!r}, only: {offered}")


def empty(state: Json) -> bool:
    """Tell whether nothing is entered."""
    return all(value in (None, [], "") for key, value in state.items() if key != "type")


def field_errors(view_blocks: Iterable[Json], values: Json) -> dict[str, str]:
    """Return what Slack's client says at fields before it submits, by block id."""
    errors: dict[str, str] = {}
    for block in view_blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        state = values.get(block["block_id"], {}).get(element["action_id"], {})
        if empty(state):
            if not block.get("optional"):
                errors[block["block_id"]] = "Please complete this required field."
            continue
        problem = _text_problem(element, state)
        if problem:
            errors[block["block_id"]] = problem
    return errors


def _text_problem(element: Json, state: Json) -> str:
    text = state.get("value")
    if not isinstance(text, str):
        return ""
    kind = element["type"]
    if len(text) < element.get("min_length", 0):
        return f"Please enter at least {element['min_length']} characters."
    if len(text) > element.get("max_length", 3000):
        return f"Please enter no more than {element.get('max_length', 3000)} characters."
    if kind == "email_text_input" and "@" not in text:
        return "Please enter a valid email address."
    if kind == "url_text_input" and "://" not in text:
        return "Please enter a valid URL."
    if kind == "number_input":
        return _number_problem(element, text)
    return ""


def _number_problem(element: Json, text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        return "Please enter a valid number."
    if not element.get("is_decimal_allowed") and number != int(number):
        return "Please enter a whole number."
    if "min_value" in element and number < float(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if "max_value" in element and number > float(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return ""
