"""What people read of anniversaries: the post, the digest, the direct message, the manager's reminder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from bot.messages import blocks, text
from bot.messages.awards import Post, Source
from bot.messages.blocks import Block
from bot.messages.fitting import FALLBACK
from bot.tenure import Length
from storage.badges import BadgeRow
from storage.people import PersonRow

_SECTION = 2800  # characters; Slack takes 3,000, and a name is never cut in two


@dataclass(frozen=True)
class Celebrated:
    """One milestone as a message tells of it."""

    person: PersonRow
    length: Length
    badge: BadgeRow
    code: str
    message: str = ""  # the workspace's own words
    belated: bool = False
    private: bool = False


def post(one: Celebrated, *, card: Source) -> Post:
    """The feed post about one person."""
    said = f"{text.mention(one.person)} celebrates *{_time(one.length)}* with us {_today(one)}."
    if one.message:
        said += f"\n{text.quote(one.message)}"
    small = blocks.context(" · ".join([text.unformatted(one.badge.name), one.code]))
    return _post(said, [blocks.section(said)], [one.badge], [small], card)


def digest(celebrated: Sequence[Celebrated], *, card: Source) -> Post:
    """One feed post about many people, the longest service first, with the picture of its badge."""
    groups: dict[Length, list[Celebrated]] = {}
    for one in sorted(celebrated, key=lambda one: (-one.length.days, one.person.name)):
        groups.setdefault(one.length, []).append(one)
    people = len({one.person.id for one in celebrated})
    heading = f"{text.count(people, 'colleague')} celebrate{'s' if people == 1 else ''} today."
    if any(one.belated for one in celebrated):
        heading = f"{text.count(people, 'colleague')}, some of them a little late: congratulations!"
    said: list[Block] = [blocks.section(heading)]
    for length, together in groups.items():
        lead = f"*{_time(length)}*: "
        for names in _lines([text.mention(one.person) for one in together], len(lead)):
            said.append(blocks.section(lead + names))
            lead = ""
    words = "; ".join(
        f"{_time(length)}: {text.in_words([text.mention(one.person) for one in together])}"
        for length, together in groups.items()
    )
    first = next(iter(groups.values()))[0].badge
    return _post(text.cut(f"{heading} {words}", FALLBACK), said, [first], [], card)


def direct_message(celebrated: Sequence[Celebrated], *, card: Source) -> Post:
    """What one person is told."""
    first = celebrated[0]
    lengths = text.in_words([f"*{_time(one.length)}*" for one in celebrated])
    said = f"Congratulations on {lengths} with us{_late(first)}!"
    body = [blocks.section(said)]
    body += [blocks.section(text.quote(one.message)) for one in celebrated if one.message]
    badges = text.in_words([text.bold(one.badge.name) for one in celebrated])
    small = f"{badges} is on your profile: `/badges`."
    if len(celebrated) > 1:
        small = f"{badges} are on your profile: `/badges`."
    if first.private:
        small += " Only you and badge admins can see that."
    else:
        small += f" Rather not show it? `/badges hide {first.code}`"
    return _post(said, body, [one.badge for one in celebrated], [blocks.context(small)], card)


def reminder(
    person: PersonRow,
    length: Length,
    *,
    on: date,
    at: datetime,
    zone: ZoneInfo,
    why: str,
    feed_channel: str,
    manager: PersonRow,
) -> Post:
    """What a manager is told some days before."""
    locale = text.locale_of(manager)
    day = _weekday(on, manager)
    hour = text.kept_together(format_time(at.astimezone(zone), "short", locale=locale))
    said = f"{text.bold(person.name)} completes *{_time(length)}* with us: {day}."
    place = (
        f"I post it in {text.channel_link(feed_channel)}" if feed_channel else "I tell them myself"
    )
    small = f"{place} at {hour} ({zone.key}); a word from you will mean more."
    if why:
        small = f"Its day is {text.escape(why)}. {small}"
    body = [blocks.section(said), blocks.context(small)]
    return Post(text=said, blocks=body, plain_blocks=body)


def missed(person: PersonRow, length: Length, *, on: date, manager: PersonRow) -> Post:
    """What a manager is told afterwards, where they could not be reminded in time."""
    day = _weekday(on, manager)
    said = f"{text.bold(person.name)} completed *{_time(length)}* with us: {day}."
    small = "I missed telling you beforehand; a word from you is welcome still."
    body = [blocks.section(said), blocks.context(small)]
    return Post(text=said, blocks=body, plain_blocks=body)


def _weekday(on: date, reader: PersonRow) -> str:
    return text.kept_together(format_date(on, "EEEE d MMMM", locale=text.locale_of(reader)))


def _post(
    words: str, said: list[Block], badges: Sequence[BadgeRow], small: list[Block], card: Source
) -> Post:
    cards = [
        blocks.picture(source, text.badge_alt_text(badge, described=True))
        for badge in dict.fromkeys(badges)
        if (source := card(badge))
    ]
    return Post(text=words, blocks=[*said, *cards, *small], plain_blocks=[*said, *small])


def _time(length: Length) -> str:
    return length.words


def _today(one: Celebrated) -> str:
    return "– a little late, and no less warmly meant" if one.belated else "today"


def _late(one: Celebrated) -> str:
    return " – a little late" if one.belated else ""


def _lines(names: Sequence[str], taken: int) -> list[str]:
    """Names as lists that each fit into a section, none of them cut."""
    lines: list[list[str]] = [[]]
    room = _SECTION - taken
    for name in names:
        if room < len(name) + 2 and lines[-1]:
            lines.append([])
            room = _SECTION
        lines[-1].append(name)
        room -= len(name) + 2
    return [", ".join(line) for line in lines]
