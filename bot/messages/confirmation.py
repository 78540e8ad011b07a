"""What a giver reads back: what happened to whom, and how to take it back."""

import json
from collections.abc import Sequence
from uuid import UUID

from bot.awarding import Awarded
from bot.messages import blocks, text
from bot.messages.awards import AGAIN_ACTION, DISMISS_ACTION, UNDO_ACTION, together
from bot.messages.message import Message, sentence
from bot.messages.text import channel_link
from bot.orders import Order
from storage.badges import BadgeRow
from storage.people import PersonRow

VALUE_LIMIT = 2000  # characters that Slack keeps with a button


def awarded(
    done: Awarded, *, refused: Sequence[str], private: bool, quiet: bool, feed_channel: str
) -> Message:
    """What happened to whom, with Undo where something was awarded."""
    lines = [
        f"{text.in_words([text.name(person) for person in people])}"
        f" now {'has' if len(people) == 1 else 'have'}"
        f" {text.in_words([text.bold(badge.name) for badge in badges])}."
        for people, badges in together([(one.recipient, one.badge) for one in done.awarded])
    ]
    lines += _others(done)
    lines += [text.escape(one) for one in refused]
    words = "\n".join(lines)
    said = [blocks.section(words)]
    if done.awarded:
        codes = [one.code for one in done.awarded]
        shown = text.in_words(codes[:5]) + (f" and {len(codes) - 5} more" if codes[5:] else "")
        said.append(blocks.context(f"{_whereabouts(done, private, quiet, feed_channel)} {shown}"))
    if done.batch_id is not None and done.awarded:
        said.append(blocks.actions([blocks.button("Undo", UNDO_ACTION, value=str(done.batch_id))]))
    return Message(words, said)


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
    people: dict[str, list[str]] = {}
    for person, badge in names:
        people.setdefault(text.name(person), []).append(text.bold(badge.name))
    lines = [
        f"Undone: {name} no longer has {text.in_words(badges)} from you."
        for name, badges in people.items()
    ]
    words = "\n".join(lines[:50])
    return Message(words, [blocks.section(words)])


def revoked(recipient: PersonRow, badge: BadgeRow, *, code: str, in_feed: bool) -> Message:
    """Say that an award was revoked, and where that shows."""
    words = f"Revoked {code}: {text.name(recipient)} no longer holds {text.bold(badge.name)} by it."
    if in_feed:
        words += " The feed post will say so."
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
        )
    except (KeyError, TypeError, AttributeError) as problem:
        raise ValueError("not a button of Laurel’s") from problem


def _others(done: Awarded) -> list[str]:
    lines = [
        f"{text.name(one.recipient)} already holds {text.bold(one.badge.name)},"
        " which is held once, so nothing changed."
        for one in done.given
        if one.outcome == "held"
    ]
    if any(one.outcome == "undone" for one in done.given):
        lines.append("That was awarded, and undone, already.")
    return lines


def _whereabouts(done: Awarded, private: bool, quiet: bool, feed_channel: str) -> str:
    if private:
        return "Private: only you, they and badge admins can see it ·"
    if done.announced:
        return f"On its way to {channel_link(feed_channel)} ·"
    if quiet:
        return "Quiet: not posted in the feed ·"
    return "Not posted in a feed ·"
