"""What people read in a message, and whom its text would notify.

Slack's formatting reference, "Formatting text for app surfaces".
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

TOKEN = re.compile(r"<([^<>\n]+)>")
MENTION = re.compile(r"<(@|#|!subteam\^|!)([A-Za-z0-9_]+)(?:\|[^<>\n]*)?>")
# A private channel's old word for itself still works.
BROADCASTS = {"here": "here", "channel": "channel", "everyone": "everyone", "group": "channel"}


class Mentions(NamedTuple):
    """Ids and broadcast words in the order of their first appearance, each once."""

    users: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    broadcasts: tuple[str, ...] = ()


def mentions(text: str) -> Mentions:
    """Return whom a mrkdwn text would notify, and the channels that it links to.

    `broadcasts` are "here", "channel" and "everyone".  Text escaped with entities mentions nobody.
    """
    found: dict[str, dict[str, None]] = {"@": {}, "#": {}, "!subteam^": {}, "!": {}}
    for mark, target in MENTION.findall(text):
        if mark != "!":
            found[mark][target] = None
        elif target in BROADCASTS:
            found["!"][BROADCASTS[target]] = None
    return Mentions(*(tuple(ids) for ids in found.values()))


def visible_text(text: str, names: Mapping[str, str] | None = None) -> str:
    """Return what a person reads in a mrkdwn text: labels for links, characters for entities.

    `names` maps ids of users, channels and groups to their names; unknown ids stay as they are.
    Marks such as `*` stay.
    """
    known = names or {}
    shown = TOKEN.sub(lambda match: _label(match[1], known), text) if "<" in text else text
    if "&" not in shown:
        return shown
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _label(token: str, names: Mapping[str, str]) -> str:
    target, _, label = token.partition("|")
    mark, rest = target[:1], target[1:]
    if mark in ("@", "#"):
        return mark + (names.get(rest) or label.removeprefix(mark) or rest)
    if mark != "!":
        return label or target.removeprefix("mailto:")
    if rest.startswith("subteam^"):
        group = rest.removeprefix("subteam^")
        return "@" + (names.get(group) or label.removeprefix("@") or group)
    if rest.startswith("date^"):
        return label or rest
    return label if label else "@" + rest


def block_texts(blocks: object, names: Mapping[str, str] | None = None) -> list[str]:
    """Return every string that a reader or a screen reader meets in blocks, in their order.

    Alternative texts, button and option labels, placeholders and confirmations are included.
    Anything malformed is passed over.
    """
    known = names or {}
    return [visible_text(text, known) if live else text for text, live in _strings(blocks, known)]


def message_text(payload: Mapping[str, object], names: Mapping[str, str] | None = None) -> str:
    """Return what a message says: its blocks if it has any, else its text.

    One line a string, as `block_texts` gives them.
    """
    blocks = payload.get("blocks")
    if blocks:
        return "\n".join(block_texts(blocks, names))
    text = payload.get("text")
    return visible_text(text, names) if isinstance(text, str) else ""


def message_mentions(payload: Mapping[str, object]) -> Mentions:
    """Return whom a whole message would notify: its text, mrkdwn and rich text together."""
    text = payload.get("text")
    parts = [text] if isinstance(text, str) else []
    parts += [words for words, live in _strings(payload.get("blocks"), {}) if live]
    return mentions("\n".join(parts))


# Where words stand in blocks and elements, in the order in which people meet them.
_WORDS = (
    "title",
    "label",
    "text",
    "fields",
    "rows",
    "hint",
    "elements",
    "element",
    "accessory",
    "positive_button",
    "negative_button",
    "placeholder",
    "initial_value",
    "initial_option",
    "initial_options",
    "options",
    "option_groups",
    "description",
    "alt_text",
    "accessibility_label",
    "author_name",
    "provider_name",
    "confirm",
    "deny",
)
_INLINE = frozenset({"rich_text_section", "rich_text_preformatted", "rich_text_quote"})


def _strings(part: object, names: Mapping[str, str]) -> Iterator[tuple[str, bool]]:
    """Yield each string with whether Slack reads it as mrkdwn, so that `<@U…>` is live in it."""
    if isinstance(part, str):
        if part:
            yield part, False
    elif isinstance(part, list):
        for item in part:
            yield from _strings(item, names)
    elif isinstance(part, dict):
        kind = part.get("type")
        if kind in ("mrkdwn", "plain_text", "raw_text", "markdown") and "elements" not in part:
            text = part.get("text")
            if isinstance(text, str) and text:
                yield text, kind in ("mrkdwn", "markdown")
        elif isinstance(kind, str) and kind in _INLINE:
            elements = part.get("elements")
            line = "".join(map(_inline, elements)) if isinstance(elements, list) else ""
            if line:
                yield line, True
        else:
            for name in _WORDS:
                if name in part:
                    yield from _strings(part[name], names)


def _inline(leaf: object) -> str:
    """Return one leaf of rich text as mrkdwn that means the same."""
    if not isinstance(leaf, dict):
        return ""
    match leaf:
        case {"type": "user", "user_id": str(target)}:
            return f"<@{target}>"
        case {"type": "usergroup", "usergroup_id": str(target)}:
            return f"<!subteam^{target}>"
        case {"type": "channel", "channel_id": str(target)}:
            return f"<#{target}>"
        case {"type": "broadcast", "range": str(target)}:
            return f"<!{target}>"
        case {"type": "emoji", "name": str(target)}:
            return f":{target}:"
        case {"type": "text" | "link", "text": str(target)}:
            return escape(target)
        case {"type": "link", "url": str(target)} | {"type": "color", "value": str(target)}:
            return escape(target)
        case {"type": "date", "fallback": str(target)}:
            return escape(target)
        case _:
            return ""


def escape(text: str) -> str:
    """Return text with the three characters encoded that mrkdwn gives a meaning."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
