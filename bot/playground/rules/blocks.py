"""Blocks: their fields and limits, and which surface takes which.

Slack's Block Kit reference, "Blocks".
"""

from collections.abc import Iterator, Mapping
from typing import Literal

from bot.playground.rules.elements import (
    IN_ACTIONS,
    IN_ACTIONS_OF_MESSAGE,
    IN_CONTEXT,
    IN_CONTEXT_ACTIONS,
    IN_INPUT,
    IN_INPUT_OF_MODAL,
    IN_SECTION,
    IN_SECTION_OF_MESSAGE,
)
from bot.playground.rules.grammar import (
    FLAG,
    KNOWN,
    Faults,
    Items,
    Rule,
    Shape,
    String,
    Text,
    Variant,
    choice,
    plain,
    say,
)
from bot.playground.rules.objects import IDENTIFIER, SECURE_ADDRESS, SLACK_FILE, WEB_ADDRESS
from bot.playground.rules.rich_text import RICH_TEXT

Surface = Literal["message", "ephemeral", "modal", "home"]

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100


def _block(
    required: tuple[str, ...] = (),
    one_of: tuple[str, ...] = (),
    some_of: tuple[str, ...] = (),
    **fields: Rule,
) -> Shape:
    named: dict[str, Rule] = {"type": KNOWN, "block_id": IDENTIFIER, **fields}
    return Shape(named, required=required, one_of=one_of, some_of=some_of)


def _section(elements: Mapping[str, Rule]) -> Shape:
    return _block(
        some_of=("text", "fields"),
        text=Text(3000),
        fields=Items(Text(2000), 10),
        accessory=Variant(elements),
        expand=FLAG,
    )


def _actions(elements: Mapping[str, Rule]) -> Shape:
    return _block(("elements",), elements=Items(Variant(elements), 25))


def _input(elements: Mapping[str, Rule]) -> Shape:
    return _block(
        ("label", "element"),
        label=plain(2000),
        hint=plain(2000),
        element=Variant(elements),
        optional=FLAG,
        dispatch_action=FLAG,
    )


EVERYWHERE: Mapping[str, Rule] = {
    "section": _section(IN_SECTION),
    "actions": _actions(IN_ACTIONS),
    "input": _input(IN_INPUT),
    "divider": _block(),
    "header": _block(("text",), text=plain(150)),
    "context": _block(("elements",), elements=Items(Variant(IN_CONTEXT), 10)),
    "image": _block(
        ("alt_text",),
        ("image_url", "slack_file"),
        alt_text=String(2000, least=1),
        image_url=WEB_ADDRESS,
        slack_file=SLACK_FILE,
        title=plain(2000),
    ),
    "video": _block(
        ("alt_text", "title", "thumbnail_url", "video_url"),
        alt_text=String(2000, least=1),
        title=plain(199),
        title_url=SECURE_ADDRESS,
        description=plain(200),
        thumbnail_url=WEB_ADDRESS,
        video_url=SECURE_ADDRESS,
        author_name=String(49),
        provider_name=String(255),
        provider_icon_url=WEB_ADDRESS,
    ),
    "rich_text": RICH_TEXT,
}

RAW_TEXT = Shape({"type": KNOWN, "text": String(3000, least=1)}, required=("text",))
COLUMN = Shape({"align": choice("left", "center", "right"), "is_wrapped": FLAG})

EPHEMERAL: Mapping[str, Rule] = {
    **EVERYWHERE,
    "section": _section(IN_SECTION_OF_MESSAGE),
    "actions": _actions(IN_ACTIONS_OF_MESSAGE),
    "context_actions": _block(("elements",), elements=Items(Variant(IN_CONTEXT_ACTIONS), 5)),
    "markdown": _block(("text",), text=String(12_000, least=1)),
    "table": _block(
        ("rows",),
        rows=Items(Items(Variant({"raw_text": RAW_TEXT, "rich_text": RICH_TEXT}), 20), 100),
        column_settings=Items(COLUMN, 20),
    ),
}

# Files cannot be shared ephemerally.
MESSAGE: Mapping[str, Rule] = {
    **EPHEMERAL,
    "file": _block(("external_id", "source"), external_id=IDENTIFIER, source=choice("remote")),
}

MODAL: Mapping[str, Rule] = {**EVERYWHERE, "input": _input(IN_INPUT_OF_MODAL)}

BLOCKS: Mapping[Surface, Items] = {
    "message": Items(Variant(MESSAGE), MESSAGE_BLOCKS, least=0),
    "ephemeral": Items(Variant(EPHEMERAL), MESSAGE_BLOCKS, least=0),
    "modal": Items(Variant(MODAL), VIEW_BLOCKS),
    "home": Items(Variant(EVERYWHERE), VIEW_BLOCKS),
}


def check_blocks(blocks: object, surface: Surface, at: str, faults: Faults) -> None:
    """Check a list of blocks found at the pointer `at`: each alone, then all together."""
    BLOCKS[surface].check(blocks, at, faults)
    if isinstance(blocks, list) and len(blocks) <= BLOCKS[surface].most:
        _check_together(blocks, at, in_view=surface in ("modal", "home"), faults=faults)


def _check_together(blocks: list[object], at: str, *, in_view: bool, faults: Faults) -> None:
    """Check what holds across blocks: unique ids, one focus, the sum of markdown."""
    block_ids: set[str] = set()
    action_ids: set[str] = set()
    focused = markdown = 0
    for place, block in enumerate(blocks):
        if not isinstance(block, dict):
            continue
        block_id = block.get("block_id")
        if isinstance(block_id, str):
            if block_id in block_ids:
                say(faults, f'`block_id` "{block_id}" already exists', f"{at}/{place}/block_id")
            block_ids.add(block_id)
        if not in_view:
            action_ids = set()
        for element, where in interactive(block):
            action_id = element.get("action_id")
            if isinstance(action_id, str):
                if action_id in action_ids:
                    pointer = f"{at}/{place}/{where}/action_id"
                    say(faults, f'`action_id` "{action_id}" already exists', pointer)
                action_ids.add(action_id)
            if element.get("focus_on_load") is True:
                focused += 1
                if focused == 2:
                    pointer = f"{at}/{place}/{where}/focus_on_load"
                    say(faults, "only one element can have `focus_on_load`", pointer)
        if block.get("type") == "markdown" and isinstance(block.get("text"), str):
            # Slack's limit of a markdown block counts all of a payload's markdown blocks.
            alone, markdown = markdown == 0, markdown + len(block["text"])
            if markdown > 12_000 and not alone:
                say(faults, "must be less than 12001 characters", f"{at}/{place}/text")


def interactive(block: Mapping[str, object]) -> Iterator[tuple[dict[str, object], str]]:
    """Yield each element of a block that may have an `action_id`, with its place in the block."""
    for name in ("accessory", "element"):
        element = block.get(name)
        if isinstance(element, dict):
            yield element, name
    elements = block.get("elements")
    if isinstance(elements, list):
        for place, element in enumerate(elements):
            if isinstance(element, dict):
                yield element, f"elements/{place}"
