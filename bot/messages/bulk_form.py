"""The modal in which many are awarded at once: whom, by people, user groups or a list, and what."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bot import parsing
from bot.gifts import REASON_LIMIT
from bot.messages import blocks
from bot.messages.blocks import Block
from bot.messages.message import Message
from bot.payloads import id_in

CALLBACK = "bulk_form"
PEOPLE, GROUPS, FILE = "bulk_people", "bulk_groups", "bulk_file"
BADGE, REASON, HOW = "bulk_badge", "bulk_reason", "bulk_how"
_TITLE = "Award to many"
_GROUP = re.compile(r"<!subteam\^(?P<group>[A-Z0-9]+)(?:\|(?P<label>[^<>]*))?>")


@dataclass(frozen=True)
class Filled:
    """What stands in a form; groups as they were typed."""

    people: tuple[str, ...]
    groups: tuple[str, ...]
    file: Mapping[str, Any] | None  # Slack's file object
    badge_id: UUID | None
    reason: str
    private: bool
    quiet: bool


def form(*, groups: str = "") -> Block:
    """The form; `groups` is filled in."""
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": blocks.plain(_TITLE, 24),
        "submit": blocks.plain("Look it over", 24),
        "close": blocks.plain("Cancel", 24),
        "blocks": [
            blocks.section(
                "Choose people, name user groups, or attach a CSV. You see everything before anybody"
                " is awarded."
            ),
            *_to_whom(groups),
            *_what(),
        ],
    }


def _to_whom(groups: str) -> list[Block]:
    named: Block = {
        "type": "plain_text_input",
        "action_id": GROUPS,
        "max_length": 300,
        "placeholder": blocks.plain("@platform, @support"),
    }
    if groups:
        named["initial_value"] = groups[:300]
    attached: Block = {
        "type": "file_input",
        "action_id": FILE,
        "filetypes": ["csv", "tsv", "txt"],
        "max_files": 1,
    }
    return [
        blocks.field("People", {"type": "multi_users_select", "action_id": PEOPLE}),
        blocks.field("User groups", named),
        blocks.field(
            "CSV",
            attached,
            "Columns: person (e-mail, Slack id, employee number or @name), badge, and if you like"
            " reason, date, private (yes or no).",
        ),
    ]


def _what() -> list[Block]:
    badge = blocks.badge_choice(BADGE)
    reason: Block = {
        "type": "plain_text_input",
        "action_id": REASON,
        "max_length": REASON_LIMIT,
        "placeholder": blocks.plain("What did they do?"),
    }
    how: Block = {
        "type": "checkboxes",
        "action_id": HOW,
        "options": [
            blocks.option("Private", "private", "Only they, you and badge admins will know."),
            blocks.option("Quiet", "quiet", "On their profiles, without a post in the feed."),
        ],
    }
    return [
        blocks.field("Badge", badge, "In a CSV, what stands in the column goes before this."),
        blocks.field("Reason", reason),
        blocks.field("How", how),
    ]


def named_groups(words: str) -> str:
    """The user groups that a command's words mention, as the form takes them."""
    return ", ".join(found["label"] or found["group"] for found in _GROUP.finditer(words))


def read(view: Mapping[str, Any]) -> Filled:
    """What stands in a view's fields. Raises BadRequestError for what it cannot have held."""
    fields = blocks.entered(view)
    how = {one["value"] for one in fields.get(HOW, {}).get("selected_options") or ()}
    badge = fields.get(BADGE, {}).get("selected_option")
    files = fields.get(FILE, {}).get("files") or [None]
    groups = parsing.typed(fields.get(GROUPS, {}).get("value") or "").replace(",", " ").split()
    return Filled(
        people=tuple(fields.get(PEOPLE, {}).get("selected_users") or ()),
        groups=tuple(dict.fromkeys(one.lstrip("@＠").casefold() for one in groups)),
        file=files[0],
        badge_id=id_in(badge["value"]) if badge else None,
        reason=parsing.typed(fields.get(REASON, {}).get("value") or ""),
        private="private" in how,
        quiet="quiet" in how,
    )


def done(message: Message) -> Block:
    """The view that says how it goes on."""
    return {
        "type": "modal",
        "callback_id": "bulk_form_done",
        "title": blocks.plain(_TITLE, 24),
        "close": blocks.plain("Close", 24),
        "blocks": message.blocks,
    }
