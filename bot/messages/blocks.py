"""Block Kit, as far as Laurel uses it: each builder keeps Slack's limits, so that nobody else has to."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.messages.text import cut, shorten
from bot.payloads import Said

Block = dict[str, Any]


def plain(text: str, limit: int = 150) -> Block:
    """A plain_text object."""
    return {"type": "plain_text", "text": shorten(text, limit), "emoji": True}


def mrkdwn(text: str, limit: int = 3000) -> Block:
    """A mrkdwn object; `text` is escaped already.

    `verbatim` keeps Slack from reading names and links into it that are not marked up as such.
    """
    return {"type": "mrkdwn", "text": cut(text, limit), "verbatim": True}


def section(text: str, *, accessory: Block | None = None, block_id: str | None = None) -> Block:
    """A paragraph; `text` is mrkdwn, escaped already."""
    block: Block = {"type": "section", "text": mrkdwn(text)}
    if accessory is not None:
        block["accessory"] = accessory
    if block_id is not None:
        block["block_id"] = block_id
    return block


def context(*texts: str) -> Block:
    """Small print; each text is mrkdwn, escaped already."""
    return {"type": "context", "elements": [mrkdwn(text) for text in texts[:10]]}


def header(text: str) -> Block:
    """A heading in plain text."""
    return {"type": "header", "text": plain(text, 150)}


def divider() -> Block:
    """A thin line."""
    return {"type": "divider"}


def actions(elements: Sequence[Block], *, block_id: str | None = None) -> Block:
    """A row of buttons and menus."""
    block: Block = {"type": "actions", "elements": list(elements[:25])}
    if block_id is not None:
        block["block_id"] = block_id
    return block


def button(
    label: str, action_id: str, *, value: str = "", style: str | None = None, url: str | None = None
) -> Block:
    """A button; `value` comes back with the click and is at most 2,000 characters."""
    element: Block = {"type": "button", "text": plain(label, 75), "action_id": action_id}
    if value:
        assert len(value) <= 2000, action_id
        element["value"] = value
    if style is not None:
        element["style"] = style
    if url is not None:
        element["url"] = url
    return element


def option(label: str, value: str, description: str = "") -> Block:
    """One choice of a menu."""
    made: Block = {"text": plain(label, 75), "value": value}
    if description:
        made["description"] = plain(description, 75)
    return made


def picture(source: Block, alt_text: str) -> Block:
    """A picture block; `source` is `{"slack_file": …}` or `{"image_url": …}`."""
    return {"type": "image", **source, "alt_text": shorten(alt_text, 2000)}


def field(label: str, element: Block, hint: str = "", *, optional: bool = True) -> Block:
    """A field of a form, in a block named by its action."""
    block: Block = {
        "type": "input",
        "block_id": element["action_id"],
        "label": plain(label),
        "element": element,
        "optional": optional,
    }
    if hint:
        block["hint"] = plain(hint)
    return block


def badge_choice(action_id: str) -> Block:
    """Where one badge is found by typing a few letters; `commands` says which there are."""
    return {
        "type": "external_select",
        "action_id": action_id,
        "placeholder": plain("Type a few letters"),
        "min_query_length": 0,
    }


def entered(view: Mapping[str, Any]) -> Said:
    """What stands in the fields of a view that Slack sent, by action."""
    return Said(
        {
            action_id: value
            for values in view["state"]["values"].values()
            for action_id, value in values.items()
        }
    )
