"""Why a milestone was told of or not, in words; a colleague reads only what the feed was told."""

from datetime import date

from bot.messages import blocks, days, text
from bot.messages.message import Message
from bot.messages.service import SOURCES
from bot.messages.upcoming import moved_from, silence, when, whereabouts
from bot.service import CORRECTED
from bot.why import Heard, Line, Why


def why_message(why: Why) -> Message:
    """Everything that the ledger says of a milestone, and what is still to come of it."""
    lines = [
        f"{text.bold('You' if why.is_own else why.owner.name)} · {text.bold(why.length.words)}"
    ]
    for line in why.lines:
        lines += _recorded(line, why)
    if why.ahead is not None:
        lines += _to_come(why)
    elif not why.lines:
        lines.append(_nothing(why))
    return _message("\n".join(lines))


def heard_message(heard: Heard) -> Message:
    """What a colleague may know: the same words for everything that the feed was not told."""
    name = text.name(heard.owner)
    if heard.announced is None:
        return _message(
            f"I have no announcement of that to show. Anything more about {name}’s anniversaries"
            " is for them, their manager and badge admins."
        )
    told = heard.announced
    where = _post(told.channel, told.message_ts, heard.site)
    at = days.moment(told.told_at, heard.reader)
    return _message(
        f"{text.bold(heard.owner.name)} · {text.bold(heard.length.words)}\n"
        + days.stop(f"Announced in {where} on {at}")
    )


def _recorded(line: Line, why: Why) -> list[str]:
    row, reader = line.row, why.reader
    if row.state == "withdrawn":
        day = days.day(row.due_on, reader)
        return [f"I had it on {day}, and took that back before anybody was told: {row.reason}."]
    said = [f"{_reckoned(row.due_on, row.counted_from, row.source, why, row.reason)}."]
    if row.moved:
        moved = moved_from(row.moved, row.due_on, reader, today=row.celebrated_on)
        day = days.weekday(row.celebrated_on, reader, today=why.now.date())
        said.append(f"Celebrated {day}, {moved}.")
    late = ", a little late" if row.belated else ""
    said.append(days.stop(f"Recorded {days.moment(row.recorded_at, reader)}{late}"))
    return [*said, *_became(line, why)]


def _became(line: Line, why: Why) -> list[str]:
    row, reader = line.row, why.reader
    at = days.moment(row.told_at, reader) if row.told_at else ""
    marked = []
    if row.reason == CORRECTED:
        marked = [f"Since then, {CORRECTED}; it is not told again."]
    match row.state:
        case "announced":
            where = _post(row.channel, row.message_ts, why.site)
            return [days.stop(f"Announced in {where}, {at}"), *marked]
        case "told":
            whom = "you" if why.is_own else "them"
            return [days.stop(f"Told to {whom} alone, by direct message, {at}"), *marked]
        case "silent":
            words = [f"Nobody was told: {silence(row.reason, own=why.is_own)}."]
            return [*words, _undelivered(line)] if line.failures else words
        case _:
            return [_undelivered(line) if line.failures else "It is on its way."]


def _undelivered(line: Line) -> str:
    said = text.in_words([f"“{text.escape(one)}”" for one in sorted(set(line.failures))])
    return (
        f"It could not be delivered; Slack said {said}."
        " `laurel deliveries retry` sends it again once that is mended."
    )


def _to_come(why: Why) -> list[str]:
    assert why.ahead is not None
    one, due = why.ahead, why.ahead.due
    milestone = due.milestone
    source = next(row.source for row in why.spells if row.id == milestone.spell_id)
    reckoned = _reckoned(milestone.due_on, milestone.counted_from, source, why)
    if due.at <= why.now:
        return [f"{reckoned}.", "Not recorded yet: I look every hour."]
    place = whereabouts(one, own=why.is_own, feed_channel=why.feed_channel)
    celebrated = when(due, one.zone, why.reader, now=why.now)
    return [f"{reckoned}.", f"Still to come: {celebrated} · {place}."]


def _reckoned(due_on: date, counted_from: date, source: str, why: Why, reason: str = "") -> str:
    """`Due 27 Feb 2026, counted from 27 Feb 2021, says the HR file`."""
    reader = why.reader
    words = f"Due {days.day(due_on, reader)}, counted from {days.day(counted_from, reader)}"
    starts = {row.started_on for row in why.spells}
    if starts and counted_from not in starts and reason != CORRECTED:
        first = days.day(min(starts), reader)
        return f"{words}: here since {first}, says {SOURCES[source]}, without the days that don’t count"
    return f"{words}, says {SOURCES[source]}"


def _nothing(why: Why) -> str:
    if not why.is_milestone:
        lengths = [
            f"every {rule.length.words.removeprefix('1 ')}" if rule.every else rule.length.words
            for rule in why.policies.rules
        ]
        return f"That is no milestone here; these are: {text.in_words(lengths)}."
    if not why.spells:
        if why.is_own:
            return "I don’t know since when you are here: `/badges since 2019-03-01` tells me."
        return f"I don’t know since when {text.name(why.owner)} is here."
    last = why.spells[-1]
    if last.ended_on is None:
        return "It is not reached by any employment I know of."
    return days.stop(f"The employment ended before, on {days.day(last.ended_on, why.reader)}")


def _post(channel: str | None, message_ts: str | None, site: str) -> str:
    """The channel of a post, and where the post is."""
    if not channel or not message_ts:
        return "the feed"
    address = f"{site.rstrip('/')}/archives/{channel}/p{message_ts.replace('.', '')}"
    return f"<#{channel}> (<{text.escape(address)}|the post>)"


def _message(words: str) -> Message:
    return Message(words, [blocks.section(words)])
