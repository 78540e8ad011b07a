"""Words in Slack's mrkdwn: escaping, names, lists, dates."""

import re
from collections.abc import Sequence
from datetime import datetime
from unicodedata import bidirectional
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

from bot.artwork.design import Design
from storage.badges import BadgeRow
from storage.people import PersonRow

# A zero-width space keeps what a person typed from being read as formatting or as an emoji's name.
_NO_BREAK = "\u200b"
_APART = _NO_BREAK + r"\1" + _NO_BREAK
# An underscore within a word formats nothing, and belongs to the names of emoji. The sign comes first,
# so that a text without any is passed over at once.
_FORMATTING = re.compile(r"([*~`_])(?:(?<=[*~`])|(?<![^\W_]_)|(?![^\W_]))")
_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]+")
CUT = " …"  # what ends mrkdwn that was cut
_LONGEST_WORD = 100  # characters that are given up for the sake of a whole word
_BROADCAST = re.compile(r"@(?=channel\b|here\b|everyone\b)", re.IGNORECASE)


def escape(text: str) -> str:
    """Plain text as mrkdwn in which nothing pings and nothing is a link (Slack's three entities)."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _BROADCAST.sub("@" + _NO_BREAK, text)


def unformatted(text: str) -> str:
    """Plain text as mrkdwn that reads as it was typed: nothing in it is bold, struck out or code."""
    return kept_together(_FORMATTING.sub(_APART, escape(text)))


def named(words: str) -> str:
    """A name, or what somebody typed, for within a plain sentence: nothing in it formats anything.

    The sentence is escaped where it is shown, so this is not.
    """
    return kept_together(_FORMATTING.sub(_APART, one_line(words)))


def kept_together(text: str) -> str:
    """Text that is written from right to left, apart from what stands beside it (Unicode UAX #9)."""
    if text.isascii() or not any(bidirectional(letter) in ("R", "AL") for letter in text):
        return text
    return f"\u2068{text}\u2069"


def bold(text: str) -> str:
    """A name, or a title of ours, in bold: what would end the bold early is kept apart.

    For a phrase with names in it, each name is `unformatted` on its own, and the asterisks stand around:
    else a first name that is written from right to left would turn the whole phrase.
    """
    return f"*{unformatted(text)}*" if text else ""


def mention(person: PersonRow) -> str:
    """A person who is told: Slack pings them. Someone not in Slack is named."""
    return f"<@{person.slack_id}>" if person.slack_id else name(person)


def name(person: PersonRow | None, limit: int = 255) -> str:
    """A person who is only spoken of: nobody is pinged. None is Laurel itself."""
    return unformatted(shorten(one_line(person.name), limit)) if person else "Laurel"


def is_channel_id(channel: str) -> bool:
    """Whether a channel is given by its id: names have no capital letters."""
    return _CHANNEL_ID.fullmatch(channel) is not None


def channel_link(channel: str) -> str:
    """A channel as a link where its id is known, else by its name."""
    return f"<#{channel}>" if is_channel_id(channel) else "#" + escape(channel.lstrip("#"))


def quote(reason: str) -> str:
    """A reason as a quotation, each line of it."""
    return "\n".join(f"> {escape(line)}" for line in reason.splitlines()) if reason else ""


def in_words(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def either(parts: Sequence[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} or {parts[-1]}"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """`1 badge`, `2 badges`, `1,204 badges`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def times(number: int) -> str:
    """How often flair is held: nothing for once, else ` ×3`."""
    return f" ×{number}" if number > 1 else ""


def sentence_case(words: str) -> str:
    """The words with a capital at their beginning."""
    return words[:1].upper() + words[1:]


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, with an ellipsis where something was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def cut(mrkdwn: str, limit: int) -> str:
    """At most `limit` characters of mrkdwn, between two words, no link, mention or entity cut open."""
    if len(mrkdwn) <= limit:
        return mrkdwn
    kept = _before_what_is_open(mrkdwn[: limit - len(CUT)])
    space = max(kept.rfind(" "), kept.rfind("\n"))
    if space > max(0, limit - _LONGEST_WORD):
        kept = _before_what_is_open(kept[:space])
    return kept.rstrip() + CUT


def _before_what_is_open(mrkdwn: str) -> str:
    tag, entity = mrkdwn.rfind("<"), mrkdwn.rfind("&")
    if tag >= 0 and ">" not in mrkdwn[tag:]:
        return mrkdwn[:tag]
    if entity >= 0 and ";" not in mrkdwn[entity:]:
        return mrkdwn[:entity]
    return mrkdwn


def one_line(words: str) -> str:
    """The words with every run of white space as one space."""
    return " ".join(words.split())


def without_code(sentence: str) -> str:
    """A sentence for where backticks are shown as such: in plain text."""
    return sentence.replace("`", "")


def badge_alt_text(badge: BadgeRow, *, described: bool = False, limit: int = 150) -> str:
    """What a badge's picture shows, in words; `described`: with the description, as on its card."""
    title = f"The badge “{kept_together(shorten(one_line(badge.name), min(limit, 100)))}”"
    if described and badge.description:
        title += f": {one_line(badge.description)}"
    elif badge.design and badge.image_id is None:
        title += f", {Design.parse(badge.design).described}"
    return shorten(title, limit)


def date_for(moment: datetime, reader: PersonRow | None) -> str:
    """The day of a moment where the reader is, in the way their language writes it."""
    on = moment.astimezone(timezone_of(reader)).date()
    return kept_together(format_date(on, "medium", locale=locale_of(reader)))


def date_for_all(moment: datetime) -> str:
    """A moment's day for a message that many read: Slack writes it for each of them.

    https://docs.slack.dev/messaging/formatting-message-text#date-formatting
    """
    return f"<!date^{int(moment.timestamp())}^{{date}}|{date_for(moment, None)}>"


def timezone_of(person: PersonRow | None) -> ZoneInfo:
    """A person's timezone; UTC where it is not known or unknown to this machine."""
    try:
        return ZoneInfo(person.timezone) if person and person.timezone else ZoneInfo("UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def locale_of(person: PersonRow | None) -> Locale:
    """A person's locale as Slack names it (`pt-PT`), or their language; American English for neither."""
    if person is None or not person.locale:
        return _ENGLISH
    wanted = person.locale
    for named_so in (_KNOWN_AS.get(wanted, wanted), wanted.partition("-")[0]):
        try:
            return Locale.parse(named_so, sep="-")
        except (UnknownLocaleError, ValueError):  # Babel knows the language alone, or not even that
            continue
    return _ENGLISH


_ENGLISH = Locale.parse("en_US")
_KNOWN_AS = {"es-LA": "es-419"}  # Slack's Latin American Spanish, by its number in Unicode's CLDR
