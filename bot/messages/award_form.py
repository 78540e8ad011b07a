"""The modal in which awards are given: its views, and what stands in a submitted one."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from bot import parsing
from bot.errors import BadRequestError
from bot.feeds import channels_of
from bot.gifts import REASON_LIMIT
from bot.messages import blocks, text
from bot.messages.awards import Post, Told, direct_message, feed_post
from bot.messages.blocks import Block
from bot.messages.message import Message
from bot.orders import MAX_BADGES, MAX_RECIPIENTS
from bot.payloads import OUT_OF_DATE, id_in, kept_in
from bot.settings import Settings
from storage.badges import BadgeRow
from storage.people import PersonRow

CALLBACK = "award_form"
PEOPLE, BADGES, REASON, HOW = "award_people", "award_badges", "award_reason", "award_how"
_NOTE = 2_000  # characters
_PREVIEW_LIMIT = 6  # blocks of a post that are shown


@dataclass(frozen=True)
class Opening:
    """What a form starts with; kept in the view, so that it can be drawn anew around its preview."""

    people: tuple[str, ...] = ()
    private: bool = False
    quiet: bool = False
    evidence_url: str = ""
    evidence_public: bool = False
    note: str = ""  # said above the form, plain
    round: int = 0  # a new one lets Slack take `people` again

    def with_people(self, people: Iterable[str]) -> "Opening":
        """The same with these people filled in, as many as one form takes, and a word on the others."""
        every = tuple(dict.fromkeys(people))
        filled = replace(self, people=every[:MAX_RECIPIENTS])
        if len(every) <= MAX_RECIPIENTS:
            return filled
        return filled.noting(
            f"Only the first {MAX_RECIPIENTS} of {len(every):,} are filled in: that is the most at once."
        )

    def noting(self, words: str, *, first: bool = False) -> "Opening":
        """The same with these words above the form too, before or behind what is said there."""
        said = (words, self.note) if first else (self.note, words)
        return replace(self, note=" ".join(filter(None, said)))

    def kept(self) -> str:
        """As the view's private metadata."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def read(cls, view: Mapping[str, Any]) -> "Opening":
        """From a view that Slack sent back. Raises BadRequestError for what we never wrote."""
        kept = kept_in(view.get("private_metadata"))
        try:
            return cls(
                people=tuple(str(one) for one in kept.get("people", ())),
                private=kept.get("private") is True,
                quiet=kept.get("quiet") is True,
                evidence_url=str(kept.get("evidence_url", "")),
                evidence_public=kept.get("evidence_public") is True,
                note=str(kept.get("note", ""))[:_NOTE],
                round=int(kept.get("round", 0)),
            )
        except (ValueError, TypeError):
            raise BadRequestError(OUT_OF_DATE) from None


@dataclass(frozen=True)
class Filled:
    """What stands in a form."""

    people: tuple[str, ...]
    badge_ids: tuple[UUID, ...]
    reason: str
    private: bool
    quiet: bool


def form(opening: Opening, preview: Sequence[Block] = ()) -> Block:
    """The form, with what will be posted below it."""
    above = [blocks.section(text.escape(opening.note))] if opening.note else []
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": blocks.plain("Award a badge", 24),
        "submit": blocks.plain("Award", 24),
        "close": blocks.plain("Cancel", 24),
        "private_metadata": opening.kept(),
        "blocks": [
            *above,
            _people(opening),
            _badges(),
            _reason(),
            _how(opening),
            *_linked(opening),
            blocks.divider(),
            *(preview or [blocks.context("What will be posted shows here as you choose.")]),
        ],
    }


def read(view: Mapping[str, Any]) -> Filled:
    """What stands in a view's fields. Raises BadRequestError for what it cannot have held."""
    fields = blocks.entered(view)
    how = {one["value"] for one in fields.get(HOW, {}).get("selected_options") or ()}
    return Filled(
        people=tuple(fields.get(PEOPLE, {}).get("selected_users") or ()),
        badge_ids=tuple(
            id_in(one["value"]) for one in fields.get(BADGES, {}).get("selected_options") or ()
        ),
        reason=parsing.typed(fields.get(REASON, {}).get("value") or ""),
        private="private" in how,
        quiet="quiet" in how,
    )


def field_of(view: Mapping[str, Any], action_id: str) -> str:
    """The block of a field, where an error about it is shown."""
    for block in view["blocks"]:
        if (block.get("element") or {}).get("action_id") == action_id:
            return str(block["block_id"])
    raise BadRequestError(OUT_OF_DATE)  # the form that we made has every field


def preview(
    filled: Filled,
    *,
    giver: PersonRow,
    recipients: Sequence[PersonRow],
    badges: Sequence[BadgeRow],
    settings: Settings,
    evidence_url: str = "",
    evidence_public: bool = False,
    left: Sequence[str] = (),
) -> list[Block]:
    """What will be posted, or who will read what, if the form is sent as it stands.

    Where there are several channels, what the first of them will read.
    """
    if not recipients or not badges:
        return []
    told = [Told(person, badge, "") for person in recipients for badge in badges]
    channels = channels_of(badges, settings)
    if filled.private or filled.quiet or not channels:
        where = (
            "In private, they will read:" if filled.private else "Without a post, they will read:"
        )
        shown: Post = direct_message(
            told[: len(badges)],
            giver=giver,
            reason=filled.reason,
            private=filled.private,
            evidence_url=evidence_url,
            card=lambda _badge: None,
        )
    else:
        where = f"In {text.in_words([text.channel_link(one) for one in channels])}:"
        there = next(iter(channels.values()))
        told = [one for one in told if one.badge.id in there]
        shown = feed_post(
            told,
            giver=giver,
            reason=filled.reason,
            evidence_url=evidence_url if evidence_public else "",
            card=lambda _badge: None,
        )
    said = [blocks.context(text.escape(" · ".join(left)))] if left else []
    return [*said, blocks.context(where), *shown.plain_blocks[:_PREVIEW_LIMIT]]


def done(message: Message) -> Block:
    """The last view: what happened, with Undo while it works."""
    return {
        "type": "modal",
        "callback_id": "award_done",
        "title": blocks.plain("Award a badge", 24),
        "close": blocks.plain("Close", 24),
        "blocks": message.blocks,
    }


def badge_options(badges: Sequence[BadgeRow]) -> list[Block]:
    """Choices for the type-ahead, at most a hundred (Slack's limit)."""
    return [
        blocks.option(
            badge.name,
            badge.id.hex,
            f"Private · {badge.category}" if badge.private else badge.category,
        )
        for badge in badges[:100]
    ]


def _people(opening: Opening) -> Block:
    element: Block = {
        "type": "multi_users_select",
        "action_id": PEOPLE,
        "placeholder": blocks.plain("Choose people"),
        "max_selected_items": MAX_RECIPIENTS,
    }
    if opening.people:
        element["initial_users"] = list(opening.people)
    return _input("Who", element, block_id=f"people{opening.round}")


def _badges() -> Block:
    return _input(
        "Badge",
        {
            "type": "multi_external_select",
            "action_id": BADGES,
            "placeholder": blocks.plain("Type a few letters"),
            "min_query_length": 0,
            "max_selected_items": MAX_BADGES,
        },
        block_id="badges",
    )


def _reason() -> Block:
    block = _input(
        "Reason",
        {
            "type": "plain_text_input",
            "action_id": REASON,
            "max_length": REASON_LIMIT,
            "placeholder": blocks.plain("What did they do? Enter shows the preview."),
            "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
        },
        block_id="reason",
    )
    return block | {"optional": True}


def _how(opening: Opening) -> Block:
    choices = {
        "private": blocks.option(
            "Private", "private", "Only they, you and badge admins will know."
        ),
        "quiet": blocks.option("Quiet", "quiet", "On the profile, without a post in the feed."),
    }
    element: Block = {
        "type": "checkboxes",
        "action_id": HOW,
        "options": list(choices.values()),
    }
    chosen = [
        choices[key]
        for key, wanted in (("private", opening.private), ("quiet", opening.quiet))
        if wanted
    ]
    if chosen:
        element["initial_options"] = chosen
    return _input("How", element, block_id="how") | {"optional": True}


def _linked(opening: Opening) -> list[Block]:
    """Who will find a link to the message that the form was opened from."""
    if not opening.evidence_url:
        return []
    if opening.evidence_public:
        return [blocks.context("Whoever sees the award finds a link to the message with it.")]
    return [
        blocks.context(
            "The message isn’t in a public channel, so only who receives the badge gets a link to"
            " it, in a direct message."
        )
    ]


def _input(label: str, element: Block, *, block_id: str) -> Block:
    return {
        "type": "input",
        "block_id": block_id,
        "label": blocks.plain(label),
        "element": element,
        "dispatch_action": True,
    }
