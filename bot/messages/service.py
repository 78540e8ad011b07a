"""Since when somebody is here, in words, and where that is known from."""

from collections.abc import Sequence
from datetime import date

from bot.messages import blocks, days, text
from bot.messages.message import Message
from bot.messages.upcoming import unannounced, when
from bot.start_dates import Known
from storage.people import PersonRow
from storage.tenure import SpellRow

SOURCES = {
    "hr": "the HR file",
    "entry": "an entry in Slack",
    "slack": "the start date in the Slack profile",
    "field": "a field of the Slack profile",
}
_MOST = 8  # employments that are listed


def known_message(known: Known) -> Message:
    """What is known of somebody's employments, or what became of an entry."""
    if not known.spells:
        return _message([_nothing_known(known)])
    first = {"new": "Noted. ", "changed": "Noted. ", "same": "That is what I have. "}
    lead = first.get(known.outcome or "", "")
    if known.outcome == "trusted":
        source = SOURCES[known.spells[-1].source]
        lead = f"Nothing was changed: {source} goes before what is entered here. "
    lines = [lead + _sentence(known, known.spells[-1])]
    lines += _earlier(known)
    if known.outcome == "trusted":
        lines.append("If that is wrong, it has to be mended there.")
    if known.ahead:
        soon = known.ahead[0]
        shown = when(soon.due, soon.zone, known.reader.person, now=known.now)
        told = [shown, unannounced(soon, own=known.is_own)]
        milestone = text.bold(soon.due.milestone.length.words)
        lines.append(f"Next: {milestone}, {' · '.join(filter(None, told))}.")
    if known.outcome in ("new", "changed") and known.ahead:
        lines.append(_past(known.policies.belated_days))
    return _message(lines)


def found_message(known: Known) -> Message:
    """What was found in somebody's Slack profile after they had asked."""
    whom = "your" if known.is_own else f"{text.name(known.owner)}’s"
    return _message([f"I looked into {whom} Slack profile. {_sentence(known, known.spells[-1])}"])


def whose(owner: PersonRow, *, own: bool) -> str:
    """The one who is spoken of, to begin a sentence with."""
    return "You" if own else text.name(owner)


def _nothing_known(known: Known) -> str:
    if known.outcome == "changed":
        return "Forgotten. What was announced stays; nothing more will be."
    if known.is_own:
        words = "I don’t know since when you are here."
        return f"{words} `/badges since 2019-03-01` tells me."
    words = f"I don’t know since when {text.name(known.owner)} is here."
    if known.reader.viewer.admin:
        words += " `/badges since @name 2019-03-01` tells me."
    return words


def _sentence(known: Known, spell: SpellRow) -> str:
    reader, who = known.reader.person, whose(known.owner, own=known.is_own)
    start = f"*{days.day(spell.started_on, reader)}*"
    source = SOURCES[spell.source]
    if spell.ended_on is not None and spell.ended_on < known.now.date():
        verb = "were" if known.is_own else "was"
        end = f"*{days.day(spell.ended_on, reader)}*"
        return f"{who} {verb} here from {start} to {end}, says {source}."
    verb = "have" if known.is_own else "has"
    words = f"{who} {verb} been here since {start}, says {source}"
    if spell.ended_on is not None:
        words += f"; the last day is *{days.day(spell.ended_on, reader)}*"
    return f"{words}."


def _earlier(known: Known) -> list[str]:
    """Earlier employments and leave, and what they mean for the reckoning."""
    reader, spells = known.reader.person, known.spells
    lines = [
        f"Before: {days.day(row.started_on, reader)} – {_end(row, reader)} ({SOURCES[row.source]})."
        for row in spells[-1 - _MOST : -1]
    ]
    if lines and known.policies.rehire == "bridged":
        lines.append("The days between do not count.")
    elif lines:
        lines.append("Each employment counts by itself.")
    pauses = [pause for row in spells for pause in row.leave]
    if pauses:
        counts = "does not count" if known.policies.subtract_leave else "counts"
        shown = text.in_words([_pause(pause, reader) for pause in pauses[-_MOST:]])
        lines.append(f"Leave, which {counts}: {shown}.")
    return lines


def _end(row: SpellRow, reader: PersonRow) -> str:
    return days.day(row.ended_on, reader) if row.ended_on else "…"


def _pause(pause: tuple[date, date], reader: PersonRow) -> str:
    first, last = pause
    return f"{days.day(first, reader)} – {days.day(last, reader)}"


def _past(belated_days: int) -> str:
    if not belated_days:
        return "Anniversaries that are past are noted without a word."
    past = text.count(belated_days, "day")
    return f"Anniversaries more than {past} past are noted without a word."


def _message(lines: Sequence[str]) -> Message:
    words = "\n".join(lines)
    return Message(words, [blocks.section(words)])
