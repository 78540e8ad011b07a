"""What is to come, in words: whose anniversary, on which day, at what hour where, and who is told."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot import milestones
from bot.messages import blocks, days, text
from bot.messages.blocks import Block
from bot.messages.fitting import brief_bold, fitted
from bot.messages.message import Message
from bot.messages.paging import AHEAD, actions, place, turning
from bot.messages.text import channel_link
from bot.tenure import Due
from bot.upcoming import WEEKS, Ahead, Upcoming
from storage.people import PersonRow

_UPCOMING = "upcoming"
UPCOMING_TURNS = actions(AHEAD, _UPCOMING)

UNKNOWN = (
    "I don’t know since when you are here, so I can’t look ahead."
    " `/badges since 2019-03-01` tells me."
)
_NONE = "No anniversary lies ahead of you, as far as I know. `/badges since` shows why."
_TITLES = {"team": "Your team’s anniversaries", "everyone": "Everyone’s anniversaries"}


def upcoming_message(upcoming: Upcoming) -> Message:
    """A page of what is to come."""
    if upcoming.scope == "me":
        return _own_message(upcoming)
    heading = (
        f"{text.bold(_TITLES[upcoming.scope])} · next {WEEKS} weeks"
        f" · {upcoming.total:,}{'' if upcoming.whole else ' and more'}"
    )
    if not upcoming.ahead:
        return _only(f"{text.bold(_TITLES[upcoming.scope])}: none in the next {WEEKS} weeks.")
    return Message(heading, fitted(lambda room: _page(upcoming, heading, room)))


def silence(reason: str, *, own: bool) -> str:
    """Why nobody is told of something, as the rest of a sentence."""
    if reason == milestones.CHOSE:
        return f"{'your' if own else 'their'} announcements are off"
    if reason == milestones.UNASKED:
        return f"nothing is told here unless {'you' if own else 'they'} choose so"
    return _SILENCES.get(reason, text.escape(reason))


_SILENCES = {
    milestones.BOT: "apps have no anniversaries",
    milestones.GONE: "deactivated in Slack",
    milestones.GUEST: "guests are left out here",
    milestones.BEFORE: "it was past when I began to keep anniversaries here",
    milestones.LATE: "I learnt of it too late",
    milestones.TOLD: "it was told of before",
    milestones.WAITED: "it could not be sent for so long that it was too late to tell of it",
    "switched off": "direct messages are off (`/badges dm`)",
    "nothing to say": "there was nothing left to say when it was to be sent",
}


def when(due: Due, zone: ZoneInfo, reader: PersonRow, *, now: datetime) -> str:
    """`Fri 27 Feb, 09:00 Lisbon, moved from Sunday`."""
    today = now.date()
    words = f"{days.weekday(due.celebrated_on, reader, today=today)}, {days.hour_there(due.at, zone, reader)}"
    moved = moved_from(due.why, due.milestone.due_on, reader, today=today)
    return f"{words}, {moved}" if moved else words


def moved_from(why: str, due_on: date, reader: PersonRow, *, today: date) -> str:
    """Why it is celebrated on another day than its own; "" where it is not."""
    if not why or why.startswith("moved"):
        return text.escape(why)
    return f"moved from {days.weekday(due_on, reader, today=today)} ({text.escape(why)})"


def unannounced(one: Ahead, *, own: bool) -> str:
    """That nobody is to be told, and why, as the end of a line; "" where somebody is."""
    return f"not announced: {silence(one.silent, own=own)}" if one.silent else ""


def whereabouts(one: Ahead, *, own: bool, feed_channel: str) -> str:
    """Who is to be told, as the end of a line."""
    if one.feed:
        return f"in {channel_link(feed_channel)}"
    alone = "by direct message to you alone" if own else "by direct message to them alone"
    return unannounced(one, own=own) or alone


def own_lines(upcoming: Upcoming) -> list[str]:
    """The reader's next anniversaries, a line each; none where nothing lies ahead."""
    return [
        f"{text.bold(one.due.milestone.length.words)} · {_when(one, upcoming)}"
        f" · {whereabouts(one, own=True, feed_channel=upcoming.feed_channel)}"
        for one in upcoming.own
    ]


def nothing_ahead(upcoming: Upcoming) -> str:
    """Why no anniversary of the reader's own lies ahead."""
    return _NONE if upcoming.own_start_known else UNKNOWN


def _own_message(upcoming: Upcoming) -> Message:
    lines = own_lines(upcoming)
    if not lines:
        return _only(nothing_ahead(upcoming))
    heading = text.bold("Your next anniversaries")
    small = "Who is told is yours to choose: `/badges anniversaries`."
    said = [blocks.section("\n".join([heading, *lines])), blocks.context(small)]
    return Message("\n".join([heading, *lines]), said)


def _page(upcoming: Upcoming, heading: str, room: int) -> list[Block]:
    said = [blocks.section(heading)]
    said += [blocks.section(_entry(one, upcoming, room)) for one in upcoming.ahead]
    said += _turning(upcoming)
    notes = []
    if not upcoming.whole:
        notes.append("There are more than I look through at once: the last of these have gaps.")
    if upcoming.own:
        first = upcoming.own[0]
        notes.append(f"Yours: {first.due.milestone.length.words}, {_when(first, upcoming)}.")
    return said + ([blocks.context(*notes)] if notes else [])


def _entry(one: Ahead, upcoming: Upcoming, room: int) -> str:
    own = one.person.id == upcoming.reader.id
    whom = text.bold("You") if own else brief_bold(one.person.name, room)
    place = whereabouts(one, own=own, feed_channel=upcoming.feed_channel)
    return f"{whom} · {one.due.milestone.length.words}\n{_when(one, upcoming)} · {place}"


def _when(one: Ahead, upcoming: Upcoming) -> str:
    return when(one.due, one.zone, upcoming.reader, now=upcoming.now)


def _turning(upcoming: Upcoming) -> list[Block]:
    buttons = turning(*upcoming.page, AHEAD, _UPCOMING, subject=f"{upcoming.scope}:")
    return [blocks.actions(buttons), *place(*upcoming.page)] if buttons else []


def _only(words: str) -> Message:
    return Message(words, [blocks.section(words)])


def lines_of(parts: Sequence[str]) -> Message:
    """Lines as one message; each is mrkdwn, escaped already."""
    return _only("\n".join(parts))
