"""Who is told of one's anniversaries, in words and buttons."""

from bot.consent import Consent
from bot.messages import blocks, text
from bot.messages.message import Message
from bot.messages.text import channel_link
from bot.tenure import Choice, Policies

CONSENT = "anniversaries_"  # the action of each choice is this and its name
LABELS: dict[Choice, str] = {"feed": "Feed", "dm": "Only me", "nothing": "Nothing"}


def consent_words(consent: Consent, *, feed_channel: str) -> str:
    """What is told of the reader's anniversaries."""
    if consent.guest and not consent.policies.guests:
        return "Guests’ anniversaries are not announced here, whatever you choose."
    words = _words(consent, feed_channel)
    if consent.choice != "nothing" and not consent.messages:
        words += " Your direct messages are off, though: `/badges dm on`."
    if not consent.chosen:
        words += " That is how it is here unless you choose."
    return words


def consent_message(consent: Consent, *, feed_channel: str) -> Message:
    """The same with a button for each choice."""
    words = consent_words(consent, feed_channel=feed_channel)
    buttons = [
        blocks.button(
            f"✓ {label}" if choice == consent.choice else label, f"{CONSENT}{choice}", value=choice
        )
        for choice, label in LABELS.items()
    ]
    small = "Choose at any time; what was not sent yet keeps to it too."
    return Message(words, [blocks.section(words), blocks.actions(buttons), blocks.context(small)])


def default_message(policies: Policies, *, feed_channel: str) -> Message:
    """What holds for everyone who did not choose."""
    match policies.unless_chosen:
        case "nothing":
            words = (
                "Opt-in: I say nothing of anybody’s anniversaries until they choose so:"
                " `/badges anniversaries feed` or `dm`."
            )
        case "dm":
            words = (
                "Unless people choose otherwise, I tell them of their anniversaries in a direct"
                " message, and nobody else."
            )
        case _:
            words = (
                f"Unless people choose otherwise, I post anniversaries{_in(feed_channel)} and tell"
                " them in a direct message."
            )
    return Message(words, [blocks.section(words)])


def _words(consent: Consent, feed_channel: str) -> str:
    reminded = consent.policies.reminder_days > 0
    alone = [rule.length.words for rule in consent.policies.rules if not rule.feed]
    posted = any(rule.feed for rule in consent.policies.rules) and feed_channel
    match consent.choice:
        case "nothing":
            return (
                "I say nothing of your anniversaries, not to you and not to your manager."
                " Their badges are private, on your profile."
            )
        case "feed" if posted:
            words = (
                f"I post your anniversaries{_in(feed_channel)} and tell you in a direct message."
            )
            if alone:
                words += f" {text.in_words(alone[:6])} stay between us."
            return words
        case "feed":
            return (
                "I tell you of your anniversaries in a direct message; nothing is posted here."
                " Their badges show on your profile."
            )
        case _:
            words = (
                "I tell you of your anniversaries in a direct message, and post nothing."
                " Their badges are private, on your profile."
            )
            if reminded:
                words += " Your manager may be reminded some days before."
            return words


def _in(feed_channel: str) -> str:
    return f" in {channel_link(feed_channel)}" if feed_channel else ""
