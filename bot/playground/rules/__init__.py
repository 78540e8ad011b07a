"""The rules by which the local Slack refuses malformed payloads as real Slack would.

`grammar` is the language of the tables; `objects`, `elements`, `rich_text` and `blocks` are the
tables, one field a line, so that a new element or limit is a line there; `messages` and `views`
apply them to what an app sends; `text` tells what people read and who would be notified.
"""

from bot.playground.rules.messages import check_message
from bot.playground.rules.refusal import Refusal
from bot.playground.rules.text import (
    Mentions,
    block_texts,
    mentions,
    message_mentions,
    message_text,
    visible_text,
)
from bot.playground.rules.views import (
    check_modal_stack,
    check_options,
    check_response_action,
    check_view,
)

__all__ = [
    "Mentions",
    "Refusal",
    "block_texts",
    "check_message",
    "check_modal_stack",
    "check_options",
    "check_response_action",
    "check_view",
    "mentions",
    "message_mentions",
    "message_text",
    "visible_text",
]
