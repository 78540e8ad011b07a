"""Which milestones fall on a day: pure, of dates and rules alone.

    milestones(spells, policies, since=…, until=…)     what falls due on those days
    following(spells, policies, spell_id, since=…)     what falls due in one spell from a day on
    milestone_date(spells, length, policies)           when a length is completed
    due_of(milestone, policies, where)                 when it is celebrated, and why on another day

Every date is worked out from the start date, never from the milestone before, so nothing drifts.
"""

import re
from calendar import isleap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from heapq import merge
from itertools import count
from math import ceil
from typing import Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.calendars import Calendar, moment

Unit = Literal["d", "m", "y"]
LeapDay = Literal["28_february", "1_march"]
Rehire = Literal["bridged", "latest"]
Choice = Literal["feed", "dm", "nothing"]

EARLIEST = date(1950, 1, 1)  # no start date lies before
_LATEST = date(9000, 1, 1)
_DAY = timedelta(days=1)
_SPARE = 10  # days
_LENGTH = re.compile(r"([1-9]\d{0,3})([dmy])")
_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_NOUNS: dict[str, str] = {"d": "day", "m": "month", "y": "year"}
_DAYS: dict[str, float] = {"d": 1.0, "m": 30.436875, "y": 365.2425}


class Length(NamedTuple):
    """How long somebody has been here: so many days, months or years."""

    number: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> "Length":
        """Read `30d`, `6m` or `5y`. Raises ValueError with a sentence."""
        found = _LENGTH.fullmatch(text.strip().lower())
        if found is None:
            raise ValueError(
                f"“{text}” is no length: write days as 30d, months as 6m, years as 5y."
            )
        return cls(int(found[1]), found[2])  # type: ignore[arg-type]

    def __str__(self) -> str:
        return f"{self.number}{self.unit}"

    @property
    def words(self) -> str:
        """`5 years`."""
        return f"{self.number:,} {_NOUNS[self.unit]}{'' if self.number == 1 else 's'}"

    @property
    def slug(self) -> str:
        """`5-years`: what its badge is called unless a rule names another."""
        return f"{self.number}-{_NOUNS[self.unit]}{'' if self.number == 1 else 's'}"

    @classmethod
    def of_slug(cls, slug: str) -> "Length | None":
        """The length whose badge is called so unless a rule names another; None: no length's is."""
        number, _, noun = slug.partition("-")
        unit = noun[:1]
        if unit not in _NOUNS or not number.isdecimal() or len(number) > 4:
            return None
        length = cls(int(number), unit)  # type: ignore[arg-type]
        return length if length.number and length.slug == slug else None

    @property
    def days(self) -> float:
        """About how many days that is: what lengths are sorted by."""
        return self.number * _DAYS[self.unit]

    def after(self, start: date, leap_day: LeapDay = "28_february") -> date:
        """The day that lies so long after another; the last of a month that has no such day.

        For who started on 29 February, `leap_day` says on which day years are complete when there
        is none.
        """
        if self.unit == "d":
            return start + timedelta(days=self.number)
        months = start.month - 1 + self.number * (12 if self.unit == "y" else 1)
        year, month = start.year + months // 12, months % 12 + 1
        last = 29 if month == 2 and isleap(year) else _MONTHS[month - 1]
        if start.day <= last:
            return date(year, month, start.day)
        if month == 2 and start.month == 2 and leap_day == "1_march":
            return date(year, 3, 1)
        return date(year, month, last)


@dataclass(frozen=True)
class Rule:
    """A length that is a milestone; `every`: its multiples too, as far as no other rule has them."""

    length: Length
    every: bool = False
    feed: bool = False  # whether the feed is told; else the person alone
    badge: str = ""  # a slug; "": named for the length
    message: str = ""  # what is said; "": Laurel's own words


DEFAULT_RULES = (
    Rule(Length(30, "d")),
    Rule(Length(90, "d")),
    Rule(Length(6, "m")),
    Rule(Length(1, "y"), every=True, feed=True),
)


@dataclass(frozen=True)
class Policies:
    """What a workspace decided about anniversaries; the defaults are what a new one has."""

    rules: tuple[Rule, ...] = DEFAULT_RULES
    calendar: Calendar = field(default_factory=Calendar)
    leap_day: LeapDay = "28_february"
    rehire: Rehire = "bridged"  # or: each employment by itself
    subtract_leave: bool = False
    hour: int = 9
    person_timezone: bool = True  # or: the workspace's, for everyone
    guests: bool = False  # whether guests are announced
    unless_chosen: Choice = "feed"  # "nothing" makes it opt-in
    belated_days: int = 7  # for so long, what was missed is still told of
    past: Literal["highest", "each"] = "highest"  # what a first import awards of what is past
    digest_above: int = 5  # more than so many in one hour make one post
    reminder_days: int = 7  # before; 0: managers are not reminded
    sources: tuple[str, ...] = ("hr", "entry", "slack", "field")  # the most trusted first

    def rule_for(self, length: Length) -> Rule | None:
        """The rule by which a length is a milestone; its own goes before an `every`."""
        return _rule_for(self.rules, length)


def _rule_for(rules: tuple[Rule, ...], length: Length) -> Rule | None:
    multiple = None
    for rule in rules:
        if rule.length == length:
            return rule
        if (
            rule.every
            and rule.length.unit == length.unit
            and not length.number % rule.length.number
        ):
            multiple = multiple or rule
    return multiple


class Pause(NamedTuple):
    """Days that do not count, the first and the last among them."""

    first: date
    last: date


@dataclass(frozen=True)
class Spell:
    """One employment, its last day included; `ended_on` None: it goes on."""

    id: UUID
    started_on: date
    ended_on: date | None = None
    leave: tuple[Pause, ...] = field(default=())

    def includes(self, day: date) -> bool:
        """Whether somebody is employed on this day."""
        return self.started_on <= day and (self.ended_on is None or day <= self.ended_on)


class Milestone(NamedTuple):
    """A length that somebody completes in a spell, on its day as reckoned from a date."""

    due_on: date
    spell_id: UUID
    length: Length
    counted_from: date  # the start date, moved by what does not count


class Where(NamedTuple):
    """Where somebody is: the timezone that counts for them, and their country."""

    zone: ZoneInfo
    country: str | None = None


class Due(NamedTuple):
    """A milestone with the moment at which it is celebrated; `why`: it is not its own day."""

    milestone: Milestone
    celebrated_on: date
    why: str
    at: datetime


def milestones(
    spells: Sequence[Spell], policies: Policies, *, since: date, until: date
) -> list[Milestone]:
    """Every milestone that falls due on these days, the first and the last included, in order.

    Each length is completed once in a service: where spells are bridged, that is all of them, and
    the days between them do not count.
    """
    found: list[Milestone] = []
    for service in _services(spells, policies):
        for one in service.milestones(policies, since):
            if one.due_on > until:
                break
            found.append(one)
    return sorted(found, key=_order)


def following(
    spells: Sequence[Spell], policies: Policies, spell_id: UUID, *, since: date
) -> Iterator[Milestone]:
    """The milestones of one spell from a day on, in order; without end where the spell has none."""
    for service in _services(spells, policies):
        spell = next((spell for spell in service.spells if spell.id == spell_id), None)
        if spell is None:
            continue
        for one in service.milestones(policies, max(since, spell.started_on)):
            if spell.ended_on is not None and one.due_on > spell.ended_on:
                return
            if one.spell_id == spell_id:
                yield one


def milestone_date(spells: Sequence[Spell], length: Length, policies: Policies) -> Milestone | None:
    """When a length is completed, last of all where that is more than once; None: it never is."""
    found = [
        one
        for service in _services(spells, policies)
        if (one := service.completed(length, policies.leap_day)) is not None
    ]
    return max(found, key=_order, default=None)


def due_of(milestone: Milestone, policies: Policies, where: Where) -> Due:
    """When and why on that day a milestone is celebrated by somebody there."""
    day, why = policies.calendar.celebration(milestone.due_on, where.country)
    return Due(milestone, day, why, moment(day, where.zone, policies.hour))


def _order(one: Milestone) -> tuple[date, float, UUID]:
    return one.due_on, one.length.days, one.spell_id


@dataclass(frozen=True)
class _Service:
    """Spells that count together, in order, and the days between that do not."""

    spells: tuple[Spell, ...]
    pauses: tuple[Pause, ...]

    def completed(self, length: Length, leap_day: LeapDay) -> Milestone | None:
        """When a length is completed, if it is before the service ends."""
        start, day = self.spells[0].started_on, length.after(self.spells[0].started_on, leap_day)
        for pause in self.pauses:
            if day < pause.first:
                break
            start += pause.last - pause.first + _DAY
            # Months differ in length: what was not complete before a pause is not so within it.
            day = max(length.after(start, leap_day), pause.last + _DAY)
        for spell in self.spells:
            if spell.includes(day):
                return Milestone(day, spell.id, length, start)
        return None

    def milestones(self, policies: Policies, since: date) -> Iterator[Milestone]:
        """Those from a day on, in order of their days."""
        last = self.spells[-1].ended_on or _LATEST
        if any(spell.ended_on is None for spell in self.spells):
            last = _LATEST
        paused = sum((pause.last - pause.first).days + 1 for pause in self.pauses)
        # Months and years differ from their mean, and more around a pause, but by less than these days.
        served = (since - self.spells[0].started_on).days - paused - _SPARE
        streams, single = [], []
        for rule in policies.rules:
            if rule.every:
                streams.append(self._every(rule, policies, since, last, served))
            elif rule.length.days > served:
                one = self.completed(rule.length, policies.leap_day)
                if one is not None and one.due_on >= since:
                    single.append(one)
        if len(streams) == 1 and not single:
            yield from streams[0]
        else:
            yield from merge(sorted(single, key=_order), *streams, key=_order)

    def _every(
        self, rule: Rule, policies: Policies, since: date, last: date, served: int
    ) -> Iterator[Milestone]:
        start, leap_day = self.spells[0].started_on, policies.leap_day
        for number in count(max(1, ceil(served / rule.length.days))):
            length = Length(number * rule.length.number, rule.length.unit)
            if start + timedelta(days=int(length.days) - _SPARE) > last:
                return
            if _rule_for(policies.rules, length) is not rule:
                continue
            one = self.completed(length, leap_day)
            if one is not None and one.due_on >= since:
                yield one


def _services(spells: Sequence[Spell], policies: Policies) -> list[_Service]:
    in_order = sorted(spells, key=lambda spell: (spell.started_on, spell.id))
    if not in_order:
        return []
    if policies.rehire == "bridged":
        return [_Service(tuple(in_order), _pauses(in_order, policies))]
    return [_Service((spell,), _pauses([spell], policies)) for spell in in_order]


def _pauses(spells: Sequence[Spell], policies: Policies) -> tuple[Pause, ...]:
    """What does not count between the first and the last day, in order, without overlaps."""
    raw: list[Pause] = []
    until: date | None = spells[0].started_on
    for spell in spells:
        if until is not None and spell.started_on > until + _DAY and spell is not spells[0]:
            raw.append(Pause(until + _DAY, spell.started_on - _DAY))
        if spell is spells[0] or until is not None:
            ends = spell.ended_on
            until = None if ends is None else max(ends, until or ends)
        if policies.subtract_leave:
            raw += [
                Pause(
                    max(pause.first, spell.started_on), min(pause.last, spell.ended_on or _LATEST)
                )
                for pause in spell.leave
            ]
    merged: list[Pause] = []
    for pause in sorted(pause for pause in raw if pause.first <= pause.last):
        if merged and pause.first <= merged[-1].last + _DAY:
            merged[-1] = Pause(merged[-1].first, max(merged[-1].last, pause.last))
        else:
            merged.append(pause)
    return tuple(merged)
