"""What a giver reads back: what happened to whom, and how to take it back."""

import json
from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from bot import allowance
from bot.gifts import Awarded
from bot.messages import blocks, text
from bot.messages.awards import AGAIN_ACTION, DISMISS_ACTION, UNDO_ACTION, together
from bot.messages.blocks import Block
from bot.messages.fitting import brief_bold, fitted, sections, words_of
from bot.messages.message import Message, sentence
from bot.messages.text import channel_link
from bot.orders import Order
from storage.badges import BadgeRow
from storage.people import PersonRow

_REFUSED = 10  # of those who cannot be awarded, how many are named
VALUE_LIMIT = 2000  # characters that Slack keeps with a button


def awarded(done: Awarded, *, refused: Sequence[str], private: bool, quiet: bool) -> Message:
    """What happened to whom, the id of each award beside it, and Undo where something was awarded."""
    where = _whereabouts(done, private, quiet)
    small = [where, *([done.awarded[0].code] if len(done.awarded) == 1 else [])]
    small += [text.escape(words) for words in allowance.told(done.left)]
    refused = [*refused, *done.refused]

    def build(lines: list[str]) -> list[Block]:
        said = sections([*lines, *_undone_before(done), *_refused(refused)])
        if done.awarded:
            said.append(blocks.context(" · ".join(small)))
        if done.batch_id is not None and done.awarded:
            undo = blocks.button("Undo", UNDO_ACTION, value=str(done.batch_id))
            said.append(blocks.actions([undo]))
        return said

    made = fitted(
        lambda room: build([*_now_have(done, room), *_held_already(done, room)]),
        lambda room: build(_in_short(done, room)),
    )
    return Message(words_of(made), made)


def same_again(recipient: PersonRow, badge: BadgeRow, order: Order) -> Message:
    """Ask before giving the same again that was given a minute ago."""
    words = (
        f"You gave {text.name(recipient)} {text.bold(badge.name)} with the same words a minute ago,"
        " so nothing was awarded this time. Award it once more?"
    )
    value = again_value(order)
    if len(value) > VALUE_LIMIT:
        words += " If so, change a word of the reason and send it again."
        return Message(words, [blocks.section(words)])
    buttons = [
        blocks.button("Award once more", AGAIN_ACTION, value=value),
        blocks.button("Leave it", DISMISS_ACTION),
    ]
    return Message(words, [blocks.section(words), blocks.actions(buttons)])


def undone(names: Sequence[tuple[PersonRow, BadgeRow]]) -> Message:
    """Say what was taken back by Undo."""
    if not names:
        return sentence("That was undone already.")

    def build(room: int) -> list[Block]:
        return sections(
            f"Undone: I took back {text.in_words([brief_bold(badge.name, room) for badge in badges])}"
            f" from {text.in_words([text.name(person, room) for person in people])}."
            for people, badges in together(names)
        )

    def shorter(room: int) -> list[Block]:
        people = dict.fromkeys(person for person, _badge in names)
        who = text.in_words([text.name(person, room) for person in people])
        return sections([f"Undone: I took back {text.count(len(names), 'award')} from {who}."])

    made = fitted(build, shorter)
    return Message(words_of(made), made)


# What revoking does to the post in the feed: nothing, strike it through, leave somebody out, delete it.
InFeed = Literal["", "struck", "left out", "deleted"]
_IN_FEED: dict[InFeed, str] = {
    "": "",
    "struck": " The feed post will say so.",
    "left out": " I’m taking them out of the feed post.",
    "deleted": " I’m taking the feed post down, too.",
}


def revoked(recipient: PersonRow, badge: BadgeRow, *, code: str, in_feed: InFeed) -> Message:
    """Say that an award was revoked, and what becomes of a post that tells of it."""
    words = f"Done: {code}, {text.bold(badge.name)} for {text.name(recipient)}, is revoked."
    words += _IN_FEED[in_feed]
    return Message(words, [blocks.section(words)])


def again_value(order: Order) -> str:
    """What the button keeps of an order; whoever clicks is its giver, whatever it says."""
    return json.dumps(
        {
            "o": order.occasion,
            "p": order.people,
            "b": [badge_id.hex for badge_id in order.badge_ids],
            "r": order.reason,
            "f": ("p" if order.private else "") + ("q" if order.quiet else ""),
            "e": order.evidence_url,
            "v": order.evidence_public,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def order_again(value: str, *, giver: str) -> Order:
    """The order of a button, for whoever clicks it. Raises ValueError for what we never wrote."""
    try:
        kept = json.loads(value)
        return Order(
            giver=giver,
            occasion=f"again:{kept['o']}",
            people=tuple(str(one) for one in kept["p"]),
            badge_ids=tuple(UUID(hex=str(one)) for one in kept["b"]),
            reason=str(kept["r"]),
            private="p" in kept["f"],
            quiet="q" in kept["f"],
            confirmed=True,
            evidence_url=str(kept.get("e", "")),
            evidence_public=kept.get("v") is True,
        )
    except (KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise ValueError("not a button of Laurel’s") from problem


def _now_have(done: Awarded, room: int) -> list[str]:
    """Who has what now; where several were awarded, with the id of each."""
    if len(done.awarded) == 1:
        one = done.awarded[0]
        return [f"{text.name(one.recipient, room)} now has {brief_bold(one.badge.name, room)}."]
    code = {(one.recipient, one.badge): f" (`{one.code}`)" for one in done.awarded}
    lines = []
    for people, badges in together([(one.recipient, one.badge) for one in done.awarded]):
        if len(badges) == 1 and len(people) > 1:
            who = text.in_words([text.name(one, room) + code[one, badges[0]] for one in people])
            lines.append(f"{who} now have {brief_bold(badges[0].name, room)}.")
            continue
        for person in people:
            what = [brief_bold(badge.name, room) + code[person, badge] for badge in badges]
            lines.append(f"{text.name(person, room)} now has {text.in_words(what)}.")
    return lines


def _held_already(done: Awarded, room: int) -> list[str]:
    held = [(one.recipient, one.badge) for one in done.given if one.outcome == "held"]
    return [
        f"{text.in_words([text.name(person, room) for person in people])}"
        f" already {'holds' if len(people) == 1 else 'hold'}"
        f" {text.in_words([brief_bold(badge.name, room) for badge in badges])},"
        f" which {'is' if len(badges) == 1 else 'are'} held only once, so"
        f" {'that stays as it is' if len(badges) == 1 else 'those stay as they are'}."
        for people, badges in together(held)
    ]


def _in_short(done: Awarded, room: int) -> list[str]:
    """The same where it is too much: the badges by number, and the id of each award nevertheless."""
    number = {
        badge: place
        for place, badge in enumerate(dict.fromkeys(one.badge for one in done.given), 1)
    }
    lines = [
        text.in_words(
            [f"{place} is {brief_bold(badge.name, room)}" for badge, place in number.items()]
        )
    ]
    for person in dict.fromkeys(one.recipient for one in done.given):
        ids = [
            f"{number[one.badge]} {one.code if one.outcome == 'awarded' else 'held already'}"
            for one in done.given
            if one.recipient == person and one.outcome != "undone"
        ]
        if ids:
            lines.append(f"{text.name(person, room)}: {', '.join(ids)}")
    return lines


def _undone_before(done: Awarded) -> list[str]:
    if any(one.outcome == "undone" for one in done.given):
        return ["You already took that one back."]
    return []


def _refused(sentences: Sequence[str]) -> list[str]:
    lines = [text.escape(one) for one in sentences[:_REFUSED]]
    left = len(sentences) - _REFUSED
    if left > 0:
        lines.append(f"And {left:,} more can’t be awarded.")
    return lines


def _whereabouts(done: Awarded, private: bool, quiet: bool) -> str:
    if private:
        return "Private: only you, they and badge admins can see it"
    if done.channels:
        return f"On its way to {text.in_words([channel_link(one) for one in done.channels])}"
    if quiet:
        return "Quiet: not posted in the feed"
    return "No post in the feed"
