"""The form in which a badge is asked for: its view, and what stands in it."""

from collections.abc import Mapping
from typing import Any

from bot import parsing
from bot.gifts import REASON_LIMIT
from bot.messages import blocks
from bot.messages.blocks import Block
from bot.payloads import id_in
from bot.requests.asking import Wanted

CALLBACK = "request_form"
BADGE, PERSON, REASON = "request_badge", "request_person", "request_reason"
TITLE = "Ask for a badge"


def form(slack_id: str) -> Block:
    """The form; `slack_id`: whom it begins with, "" where that is to be chosen."""
    person: Block = {
        "type": "users_select",
        "action_id": PERSON,
        "placeholder": blocks.plain("Choose a person"),
    }
    badge = blocks.badge_choice(BADGE)
    reason: Block = {
        "type": "plain_text_input",
        "action_id": REASON,
        "max_length": REASON_LIMIT,
        "multiline": True,
        "placeholder": blocks.plain("What was it earned by? A link to it helps."),
    }
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": blocks.plain(TITLE, 24),
        "submit": blocks.plain("Ask", 24),
        "close": blocks.plain("Cancel", 24),
        "blocks": [
            blocks.field("Which badge", badge, optional=False),
            blocks.field(
                "Who is it for",
                person | ({"initial_user": slack_id} if slack_id else {}),
                "Yourself, or a colleague, who hears of it once it is awarded.",
                optional=False,
            ),
            blocks.field(
                "Why",
                reason,
                "It is what a decision goes by, and becomes the reason of the award.",
                optional=False,
            ),
            blocks.context(
                "Whoever may award the badge decides, and I’ll tell you what came of it."
            ),
        ],
    }


def read(view: Mapping[str, Any]) -> Wanted:
    """What stands in a form. Raises BadRequestError for what it cannot have held."""
    fields = blocks.entered(view)
    return Wanted(
        fields.get(PERSON, {}).get("selected_user") or "",
        badge_id=id_in((fields.get(BADGE, {}).get("selected_option") or {}).get("value")),
        reason=parsing.typed(fields.get(REASON, {}).get("value") or ""),
    )
