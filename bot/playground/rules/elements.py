"""Elements: what may stand inside a block, and which block takes which.

Slack's Block Kit reference, "Block elements"; the limits are those of its tables.
"""

import re
from collections.abc import Mapping

from bot.playground.rules.grammar import (
    FLAG,
    KNOWN,
    CrossCheck,
    Faults,
    Items,
    Rule,
    Shape,
    String,
    Text,
    Variant,
    Whole,
    choice,
    plain,
    say,
)
from bot.playground.rules.objects import (
    CHANNEL_ID,
    CONFIRM,
    CONVERSATION_FILTER,
    CONVERSATION_ID,
    DISPATCH_ACTION_CONFIG,
    IDENTIFIER,
    LINK,
    OPTION,
    OPTION_GROUP,
    OVERFLOW_OPTION,
    RICH_OPTION,
    SLACK_FILE,
    USER_ID,
    WEB_ADDRESS,
    WORKFLOW,
)
from bot.playground.rules.rich_text import RICH_TEXT

STYLE = choice("primary", "danger")
LABEL = String(75, least=1)
DATE = String(10, 1, re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"), "invalid date")
TIME = String(5, 1, re.compile(r"([01]\d|2[0-3]):[0-5]\d"), "invalid time")
NUMBER = String(255, 1, re.compile(r"[+-]?\d+(\.\d+)?"), "must be a number, given as a string")
MANY = 1000


def _initial_is_offered(value: dict[str, object], at: str, faults: Faults) -> None:
    """Each initial choice must equal one of the options, or Slack refuses the element."""
    offered = value.get("options")
    if not isinstance(offered, list):
        groups = value.get("option_groups")
        if not isinstance(groups, list):
            return
        offered = [option for group in groups for option in group["options"]]
    if "initial_option" in value and value["initial_option"] not in offered:
        say(faults, "must match one of the options", f"{at}/initial_option")
    chosen = value.get("initial_options")
    if isinstance(chosen, list):
        for place, option in enumerate(chosen):
            if option not in offered:
                say(faults, "must match one of the options", f"{at}/initial_options/{place}")


def _lengths_in_order(value: dict[str, object], at: str, faults: Faults) -> None:
    least, most = value.get("min_length", 0), value.get("max_length", 3000)
    if isinstance(least, int) and isinstance(most, int) and least > most:
        say(faults, "`min_length` must not be greater than `max_length`", f"{at}/min_length")


def _element(
    required: tuple[str, ...] = (),
    one_of: tuple[str, ...] = (),
    also: CrossCheck | None = None,
    **fields: Rule,
) -> Shape:
    """Return the shape of an interactive element; all of them may have an `action_id`."""
    named: dict[str, Rule] = {"type": KNOWN, "action_id": IDENTIFIER, **fields}
    return Shape(named, required=required, one_of=one_of, also=also)


def _chooser(
    required: tuple[str, ...] = (),
    one_of: tuple[str, ...] = (),
    also: CrossCheck | None = None,
    **fields: Rule,
) -> Shape:
    """Return the shape of a menu or picker: a confirmation, a focus and a placeholder."""
    return _element(
        required,
        one_of,
        also,
        confirm=CONFIRM,
        focus_on_load=FLAG,
        placeholder=plain(150),
        **fields,
    )


def _field(required: tuple[str, ...] = (), also: CrossCheck | None = None, **fields: Rule) -> Shape:
    """Return the shape of something to type in."""
    return _element(
        required,
        (),
        also,
        dispatch_action_config=DISPATCH_ACTION_CONFIG,
        focus_on_load=FLAG,
        placeholder=plain(150),
        **fields,
    )


FEEDBACK_BUTTON = Shape(
    {"text": plain(75), "value": String(2000), "accessibility_label": LABEL},
    required=("text", "value"),
)

BUTTONS: Mapping[str, Rule] = {
    "button": _element(
        ("text",),
        text=plain(75),
        url=LINK,
        value=String(2000),
        style=STYLE,
        confirm=CONFIRM,
        accessibility_label=LABEL,
    ),
    "overflow": _element(("options",), options=Items(OVERFLOW_OPTION, 5), confirm=CONFIRM),
    "workflow_button": _element(
        ("text", "workflow"),
        text=plain(75),
        workflow=WORKFLOW,
        style=STYLE,
        accessibility_label=LABEL,
    ),
    "feedback_buttons": _element(
        ("positive_button", "negative_button"),
        positive_button=FEEDBACK_BUTTON,
        negative_button=FEEDBACK_BUTTON,
    ),
    "icon_button": _element(
        ("icon", "text"),
        icon=choice("trash"),
        text=plain(75),
        value=String(2000),
        confirm=CONFIRM,
        accessibility_label=LABEL,
        visible_to_user_ids=Items(USER_ID, MANY),
    ),
}

MENUS: Mapping[str, Rule] = {
    "static_select": _chooser(
        one_of=("options", "option_groups"),
        also=_initial_is_offered,
        options=Items(OPTION, 100),
        option_groups=Items(OPTION_GROUP, 100),
        initial_option=OPTION,
    ),
    "external_select": _chooser(initial_option=OPTION, min_query_length=Whole(0, MANY)),
    "users_select": _chooser(initial_user=USER_ID),
    "conversations_select": _chooser(
        initial_conversation=CONVERSATION_ID,
        default_to_current_conversation=FLAG,
        response_url_enabled=FLAG,
        filter=CONVERSATION_FILTER,
    ),
    "channels_select": _chooser(initial_channel=CHANNEL_ID, response_url_enabled=FLAG),
}

MULTIPLE_MENUS: Mapping[str, Rule] = {
    "multi_static_select": _chooser(
        one_of=("options", "option_groups"),
        also=_initial_is_offered,
        options=Items(OPTION, 100),
        option_groups=Items(OPTION_GROUP, 100),
        initial_options=Items(OPTION, 100),
        max_selected_items=Whole(1, MANY),
    ),
    "multi_external_select": _chooser(
        initial_options=Items(OPTION, 100),
        min_query_length=Whole(0, MANY),
        max_selected_items=Whole(1, MANY),
    ),
    "multi_users_select": _chooser(
        initial_users=Items(USER_ID, MANY), max_selected_items=Whole(1, MANY)
    ),
    "multi_conversations_select": _chooser(
        initial_conversations=Items(CONVERSATION_ID, MANY),
        default_to_current_conversation=FLAG,
        max_selected_items=Whole(1, MANY),
        filter=CONVERSATION_FILTER,
    ),
    "multi_channels_select": _chooser(
        initial_channels=Items(CHANNEL_ID, MANY), max_selected_items=Whole(1, MANY)
    ),
}

CHOICES: Mapping[str, Rule] = {
    "radio_buttons": _element(
        ("options",),
        also=_initial_is_offered,
        options=Items(RICH_OPTION, 10),
        initial_option=RICH_OPTION,
        confirm=CONFIRM,
        focus_on_load=FLAG,
    ),
    "checkboxes": _element(
        ("options",),
        also=_initial_is_offered,
        options=Items(RICH_OPTION, 10),
        initial_options=Items(RICH_OPTION, 10),
        confirm=CONFIRM,
        focus_on_load=FLAG,
    ),
}

PICKERS: Mapping[str, Rule] = {
    "datepicker": _chooser(initial_date=DATE),
    "timepicker": _chooser(initial_time=TIME, timezone=IDENTIFIER),
}

DATE_AND_TIME: Mapping[str, Rule] = {
    # Slack wants Unix seconds of ten digits here.
    "datetimepicker": _element(
        initial_date_time=Whole(1_000_000_000, 9_999_999_999), confirm=CONFIRM, focus_on_load=FLAG
    ),
}

FIELDS: Mapping[str, Rule] = {
    "plain_text_input": _field(
        also=_lengths_in_order,
        initial_value=String(3000),
        multiline=FLAG,
        min_length=Whole(0, 3000),
        max_length=Whole(1, 3000),
    ),
    "email_text_input": _field(initial_value=String(3000)),
    "url_text_input": _field(initial_value=String(3000)),
    "number_input": _field(
        ("is_decimal_allowed",),
        is_decimal_allowed=FLAG,
        initial_value=NUMBER,
        min_value=NUMBER,
        max_value=NUMBER,
    ),
}

RICH_TEXT_FIELD: Mapping[str, Rule] = {
    "rich_text_input": _field(
        initial_value=Variant({"rich_text": RICH_TEXT}),
        min_lines=Whole(1, 100),
        max_lines=Whole(1, 100),
    ),
}

FILE_FIELD: Mapping[str, Rule] = {
    "file_input": _element(filetypes=Items(IDENTIFIER, MANY), max_files=Whole(1, 10)),
}

IMAGE: Mapping[str, Rule] = {
    "image": Shape(
        {
            "type": KNOWN,
            "alt_text": String(2000, least=1),
            "image_url": WEB_ADDRESS,
            "slack_file": SLACK_FILE,
        },
        required=("alt_text",),
        one_of=("image_url", "slack_file"),
    ),
}

_WORDS = Text(3000)
WORDS: Mapping[str, Rule] = {"plain_text": _WORDS, "mrkdwn": _WORDS}


def _only(table: Mapping[str, Rule], *kinds: str) -> dict[str, Rule]:
    return {kind: table[kind] for kind in kinds}


# Which block takes which elements.  Workflow buttons live in messages, files are uploaded in modals.
_EVERYWHERE = _only(BUTTONS, "button", "overflow") | {
    **MENUS,
    **MULTIPLE_MENUS,
    **CHOICES,
    **PICKERS,
}
IN_SECTION: Mapping[str, Rule] = {**_EVERYWHERE, **IMAGE}
IN_SECTION_OF_MESSAGE: Mapping[str, Rule] = {**IN_SECTION, **_only(BUTTONS, "workflow_button")}
IN_ACTIONS: Mapping[str, Rule] = {**_EVERYWHERE, **DATE_AND_TIME, **RICH_TEXT_FIELD}
IN_ACTIONS_OF_MESSAGE: Mapping[str, Rule] = {**IN_ACTIONS, **_only(BUTTONS, "workflow_button")}
IN_CONTEXT: Mapping[str, Rule] = {**IMAGE, **WORDS}
IN_CONTEXT_ACTIONS: Mapping[str, Rule] = _only(BUTTONS, "feedback_buttons", "icon_button")
IN_INPUT: Mapping[str, Rule] = {
    **MENUS,
    **MULTIPLE_MENUS,
    **CHOICES,
    **PICKERS,
    **DATE_AND_TIME,
    **FIELDS,
    **RICH_TEXT_FIELD,
}
IN_INPUT_OF_MODAL: Mapping[str, Rule] = {**IN_INPUT, **FILE_FIELD}
