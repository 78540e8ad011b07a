"""Rich text: the nested elements of a `rich_text` block.

Slack's Block Kit reference, "Rich text block".
"""

from collections.abc import Mapping

from bot.playground.rules.grammar import (
    FLAG,
    KNOWN,
    Items,
    Rule,
    Shape,
    String,
    Variant,
    Whole,
    choice,
)
from bot.playground.rules.objects import CHANNEL_ID, IDENTIFIER, LINK, USER_ID

# Slack names no limit for rich text; a message's total ends it long before this one.
LONG = String(40_000, least=1)

STYLE = Shape(
    dict.fromkeys(
        (
            "bold",
            "italic",
            "strike",
            "code",
            "underline",
            "highlight",
            "client_highlight",
            "unlink",
        ),
        FLAG,
    )
)


def _leaf(required: tuple[str, ...], **fields: Rule) -> Shape:
    return Shape({"type": KNOWN, "style": STYLE, **fields}, required=required)


LEAVES: Mapping[str, Rule] = {
    "text": _leaf(("text",), text=LONG),
    "link": _leaf(("url",), url=LINK, text=LONG, unsafe=FLAG),
    "user": _leaf(("user_id",), user_id=USER_ID),
    "usergroup": _leaf(("usergroup_id",), usergroup_id=IDENTIFIER),
    "channel": _leaf(("channel_id",), channel_id=CHANNEL_ID),
    "team": _leaf(("team_id",), team_id=IDENTIFIER),
    "broadcast": _leaf(("range",), range=choice("here", "channel", "everyone")),
    "emoji": _leaf(("name",), name=IDENTIFIER, unicode=IDENTIFIER, skin_tone=Whole(1, 6)),
    "date": _leaf(
        ("timestamp", "format"),
        timestamp=Whole(0, 99_999_999_999),
        format=LONG,
        url=LINK,
        fallback=LONG,
    ),
    "color": _leaf(("value",), value=IDENTIFIER),
}

MANY = 10_000
SECTION = Shape(
    {"type": KNOWN, "elements": Items(Variant(LEAVES), MANY, least=0)}, required=("elements",)
)
QUOTE = Shape(
    {"type": KNOWN, "elements": Items(Variant(LEAVES), MANY, least=0), "border": Whole(0, 1)},
    required=("elements",),
)
PREFORMATTED = Shape(
    {
        "type": KNOWN,
        "elements": Items(
            Variant({kind: LEAVES[kind] for kind in ("text", "link")}), MANY, least=0
        ),
        "border": Whole(0, 1),
        "language": IDENTIFIER,
    },
    required=("elements",),
)
LIST = Shape(
    {
        "type": KNOWN,
        "elements": Items(Variant({"rich_text_section": SECTION}), MANY, least=0),
        "style": choice("bullet", "ordered"),
        "indent": Whole(0, 8),
        "offset": Whole(0, MANY),
        "border": Whole(0, 1),
    },
    required=("elements", "style"),
)

RICH_TEXT = Shape(
    {
        "type": KNOWN,
        "block_id": IDENTIFIER,
        "elements": Items(
            Variant(
                {
                    "rich_text_section": SECTION,
                    "rich_text_list": LIST,
                    "rich_text_preformatted": PREFORMATTED,
                    "rich_text_quote": QUOTE,
                }
            ),
            MANY,
        ),
    },
    required=("elements",),
)
