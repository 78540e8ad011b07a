"""What people read of requests: who asks, who decides, what came of it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from bot import parsing
from bot.gifts import REASON_LIMIT
from bot.messages import blocks, text
from bot.messages.awards import Post
from bot.messages.blocks import Block
from bot.messages.fitting import brief, brief_bold, fitted, sections, words_of
from bot.messages.message import Message
from bot.payloads import id_in, kept_in
from bot.requests.reading import LISTED, Listing, Shown
from storage.people import PersonRow

AWARD, DECLINE, TAKE_BACK = "request_award", "request_decline", "request_take_back"
FORM, NOTE = "request_decline_form", "request_note"
_LIST = ":list"
_CRITERIA = 300  # characters
_ROOM = 120  # characters of a name, where several stand in one paragraph
_LISTED_IN_SHORT = 4  # requests, where their words are too long for more


class Pressed(NamedTuple):
    """Which request a button is of, and whether it stands in a list of them."""

    request_id: UUID
    listed: bool

    @classmethod
    def read(cls, value: object) -> "Pressed":
        """From a button's value. Raises BadRequestError for what we never wrote."""
        said = str(value or "")
        return cls(id_in(said.removesuffix(_LIST)), said.endswith(_LIST))


def asked(request: Shown, *, fresh: bool, awards: bool) -> Message:
    """Tell the asker that their request waits; `fresh`: since just now.

    `awards`: they may award it themselves.
    """
    badge = brief_bold(request.badge_then.name, 255)
    who = "" if request.is_own else f" for {text.name(request.recipient)}"
    if fresh:
        said = f"I’ve passed your request on: {badge}{who}. You’ll hear from me once it is decided."
    else:
        on = text.date_for(request.row.created_at, request.asker)
        said = f"You asked for {badge}{who} on {on} already, and it waits for an answer."
    small = ["Only you and those who decide can read it. `/badges requests` shows what waits."]
    if not request.is_own:
        small.append(f"{text.name(request.recipient)} hears of it once it is awarded.")
    if awards:
        small.append("You may also award it yourself: `/award`.")
    return Message(
        said,
        [
            blocks.section(said),
            blocks.section(text.quote(request.row.reason)),
            blocks.context(*small),
            blocks.actions([_take_back(request)]),
        ],
    )


def taken_back(request: Shown) -> Message:
    """Tell the asker what became of a request that they take back."""
    if request.is_open:
        badge = brief_bold(request.badge_then.name, 255)
        said = f"Taken back: your request for {badge} is gone, as if it had not been."
    else:
        said = f"That came too late to be taken back. {_outcome(request)}"
    return Message(said, [blocks.section(said)])


def to_decide(request: Shown) -> Post:
    """Tell somebody of a request that they may decide on."""

    def build(room: int) -> list[Block]:
        small = ["The first answer counts."]
        if not request.is_own:
            small.insert(0, f"{text.name(request.recipient, room)} doesn’t know of this.")
        if request.badge.criteria:
            small.insert(0, f"What it takes: {brief(request.badge.criteria, _CRITERIA)}")
        return [
            *sections([_wish(request, room)]),
            blocks.section(text.quote(request.row.reason)),
            blocks.context(*small),
            blocks.actions(_decisions(request)),
        ]

    made = fitted(build)
    return Post(words_of(made), made, made)


def decided_post(request: Shown) -> Post:
    """The same once it is decided: by whom, and how."""
    made = decided(request).blocks
    return Post(words_of(made), made, made)


def decided(request: Shown) -> Message:
    """What became of a request, for those who might have decided."""

    def build(room: int) -> list[Block]:
        said = [*sections([_wish(request, room)]), blocks.section(text.quote(request.row.reason))]
        said.append(blocks.section(_outcome(request)))
        if request.row.answer:
            said.append(blocks.section(text.quote(request.row.answer)))
        return said

    made = fitted(build)
    return Message(words_of(made), made)


def in_short(request: Shown) -> str:
    """The same in two sentences, as mrkdwn."""
    return f"{_wish(request, _ROOM)} {_outcome(request)}"


def declined(request: Shown, *, fresh: bool) -> Message:
    """Tell whoever sent the form what came of it; not `fresh`: somebody was first."""
    if not fresh:
        return decided(request)
    asker = text.name(request.asker)
    words = f"Declined. {asker} hears of it in a direct message from me"
    words += ", with your words." if request.row.answer else "."
    return Message(words, [blocks.section(words)])


def answer(request: Shown) -> Post:
    """Tell the asker, in a direct message, what became of their request."""

    def build(room: int) -> list[Block]:
        said, small = _answer(request, room)
        made = [blocks.section(said)]
        if request.row.answer:
            made.append(blocks.section(text.quote(request.row.answer)))
        if small:
            made.append(blocks.context(small))
        return made

    made = fitted(build)
    return Post(words_of(made), made, made)


def listed(listing: Listing, *, note: str = "") -> Message:
    """What waits: one's own requests, and those of others that one may decide on; above it a note."""

    def build(room: int, most: int = LISTED) -> list[Block]:
        said = [blocks.section(note), blocks.divider()] if note else []
        if listing.own:
            said.append(blocks.section(text.bold("You asked for")))
        for request, theirs in listing.own:
            # Where there is little room, those are in the direct message alone.
            decisions = _decisions(request, _LIST) if theirs and most == LISTED else ()
            buttons = [*decisions, _take_back(request, _LIST)]
            said += _entry(request, listing.reader, room, buttons, own=True)
        if listing.to_decide:
            said.append(blocks.section(text.bold("Waiting for your answer")))
        for request in listing.to_decide[:most]:
            said += _entry(request, listing.reader, room, _decisions(request, _LIST))
        if listing.more or len(listing.to_decide) > most:
            said.append(blocks.context(f"These are the oldest {most}; more come after them."))
        if not (listing.own or listing.to_decide):
            said.append(
                blocks.section(
                    "Nothing waits for an answer. Earned a badge, or know who did?"
                    " `/badges request` asks for it."
                )
            )
        return said

    made = fitted(build, lambda room: build(room, _LISTED_IN_SHORT))
    return Message(words_of(made), made)


def form(request: Shown) -> Block:
    """Why a request is declined, for those who want to say."""
    element: Block = {
        "type": "plain_text_input",
        "action_id": NOTE,
        "max_length": REASON_LIMIT,
        "multiline": True,
    }
    asker = text.named(text.shorten(request.asker.name, 60))
    return _modal(
        [
            blocks.section(_wish(request, _ROOM)),
            blocks.section(text.quote(request.row.reason)),
            blocks.field(
                f"A word for {asker}",
                element,
                "I pass it on in a direct message; others who could have decided read it, too.",
            ),
        ],
        callback_id=FORM,
        submit="Decline",
        kept=json.dumps({"request": request.row.id.hex}),
    )


def form_of(view: Mapping[str, Any]) -> tuple[UUID, str]:
    """Which request a form is of, and what stands in it. Raises BadRequestError."""
    kept = kept_in(view.get("private_metadata"))
    note = blocks.entered(view)[NOTE].get("value") or ""
    return id_in(kept.get("request")), parsing.typed(note)


def done(message: Message) -> Block:
    """The view that says what came of the form."""
    return _modal(message.blocks)


def _answer(request: Shown, room: int) -> tuple[str, str]:
    """What the asker reads, and below it in small print."""
    badge, decider = brief_bold(request.badge_then.name, room), text.name(request.decider, room)
    who = text.name(request.recipient, room)
    if request.taken_back:
        return (
            f"You suggested {who} for {badge}. {decider} awarded it; it was taken back since.",
            "",
        )
    if request.row.state == "awarded":
        return (
            f"Good news: {who} now has {badge}. You suggested it, and {decider} awarded it.",
            "",
        )
    if request.row.state == "held":
        holds = "You hold" if request.is_own else f"{who} holds"
        return f"{holds} {badge} by now, so there is nothing left to decide on your request.", ""
    what = f"request for {badge}" if request.is_own else f"suggestion of {who} for {badge}"
    said = f"Thank you for asking. {decider} read your {what}, and isn’t awarding it for now."
    if request.row.answer:
        return said, ""
    return said, f"{decider} can tell you more. You’re welcome to ask again when things change."


def _wish(request: Shown, room: int) -> str:
    asker, badge = text.name(request.asker, room), brief_bold(request.badge.name, room)
    if request.is_own:
        return f"{asker} asks for {badge}."
    return f"{asker} suggests {text.name(request.recipient, room)} for {badge}."


def _outcome(request: Shown) -> str:
    who = text.name(request.decider)
    if request.row.decided_at is not None:
        on = f" on {text.date_for_all(request.row.decided_at)}"
    else:
        on = ""
    match request.row.state:
        case "awarded":
            since = " It was taken back since." if request.taken_back else ""
            return f"{who} awarded it{on}.{since}"
        case "held":
            return f"{text.name(request.recipient)} holds it by now, so nothing is left to decide."
        case "declined":
            return f"{who} declined it{on}."
    return "It waits for an answer."


def _entry(
    request: Shown, reader: PersonRow, room: int, buttons: Sequence[Block], *, own: bool = False
) -> list[Block]:
    on = text.date_for(request.row.created_at, reader)
    said = _wish(request, room)
    if own:
        badge = brief_bold(request.badge_then.name, room)
        said = badge if request.is_own else f"{badge} for {text.name(request.recipient, room)}"
    said += f" · {on}\n> {brief(request.row.reason, room)}"
    if len(buttons) == 1:
        return [blocks.section(said, accessory=buttons[0])]
    return [blocks.section(said), blocks.actions(buttons)]


def _decisions(request: Shown, where: str = "") -> list[Block]:
    value = f"{request.row.id.hex}{where}"
    return [
        blocks.button("Award it", AWARD, value=value, style="primary"),
        blocks.button("Decline…", DECLINE, value=value),
    ]


def _take_back(request: Shown, where: str = "") -> Block:
    return blocks.button("Take back", TAKE_BACK, value=f"{request.row.id.hex}{where}")


def _modal(
    said: list[Block], *, callback_id: str = "request_declined", submit: str = "", kept: str = ""
) -> Block:
    view: Block = {
        "type": "modal",
        "callback_id": callback_id,
        "title": blocks.plain("A request", 24),
        "close": blocks.plain("Cancel" if submit else "Close", 24),
        "private_metadata": kept,
        "blocks": said,
    }
    return view | {"submit": blocks.plain(submit, 24)} if submit else view
