"""What people write for a point in time: "tomorrow 09:00", "next Monday", "in 3 days", a date."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MORNING = time(9)
LONGEST = 10  # years that one journey takes at the most
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
UNITS = {"minute": 1, "hour": 60, "day": 1440, "week": 10080}

_CLOCK = re.compile(r"(?:\bat\s+)?\b(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))?\s*(?P<half>[ap]m)?$")
_SPAN = re.compile(r"(?:in\s+|\+\s*)(?P<count>\d{1,5}|an?)\s*(?P<unit>minute|hour|day|week)s?")
_LONG_SPAN = re.compile(r"(?:in\s+|\+\s*)(?P<count>\d{1,3}|an?)\s*(?P<unit>month|year)s?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_WRITTEN = re.compile(r"(?:(\d{1,2})\.?\s+([a-z]+)|([a-z]+)\s+(\d{1,2}))(?:,?\s+(\d{4}))?")
HINT = "Try “tomorrow 09:00”, “next Monday”, “in 3 days” or a date such as 2027-03-01."


class UnreadableTimeError(ValueError):
    """Words that name no point in time to come; its text is for people."""


def moment(words: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the point in time that words name, aware UTC; a day without a time begins at 09:00.

    Raises UnreadableTimeError, also for what lies in the past: time here moves forward only.
    """
    text = " ".join(words.lower().replace(",", " ").split())
    here = now.astimezone(zone)
    found = _exactly(text, here) or _on_a_day(text, here)
    if found is None:
        raise UnreadableTimeError(f"I can’t read “{words.strip()}” as a time. {HINT}")
    found = found.astimezone(UTC)
    if found <= now:
        raise UnreadableTimeError("That is in the past, and time here only moves forward.")
    if found.year > here.year + LONGEST:
        raise UnreadableTimeError(f"That is far away: at most {LONGEST} years at once, please.")
    return found


def stops(now: datetime, goal: datetime) -> Iterator[datetime]:
    """Yield where a journey rests, at noon UTC of each day, and its goal: the app misses no day.

    At noon UTC it is past nine of the same day from Tokyo to Lisbon.
    """
    stop = datetime.combine(now.date(), time(12), UTC)
    while stop < goal:
        if stop > now:
            yield stop
        stop += timedelta(days=1)
    yield goal


def _exactly(text: str, here: datetime) -> datetime | None:
    span = _SPAN.fullmatch(text)
    if span is None or span["unit"] in ("day", "week"):
        return None
    # Between two hours on the clock there may be a third, or none, when clocks change.
    return here.astimezone(UTC) + timedelta(minutes=_count(span) * UNITS[span["unit"]])


def _on_a_day(text: str, here: datetime) -> datetime | None:
    day = _day(text, here.date())
    if day is not None:
        return datetime.combine(day, MORNING, here.tzinfo)
    clock = _CLOCK.search(text)
    at = _time(clock) if clock else None
    if clock is None or at is None:
        return None
    before = text[: clock.start()].strip()
    if not before:
        day = here.date() if at > here.time() else here.date() + timedelta(1)
    else:
        day = _day(before, here.date())
    return datetime.combine(day, at, here.tzinfo) if day is not None else None


def _time(clock: "re.Match[str]") -> time | None:
    hour, minute = int(clock["hour"]), int(clock["minute"] or 0)
    if clock["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if clock["half"] == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _count(span: "re.Match[str]") -> int:
    return int(span["count"]) if span["count"].isdigit() else 1


def _day(text: str, today: date) -> date | None:
    if text in ("today", "tomorrow"):
        return today + timedelta(text == "tomorrow")
    if text in ("next week", "next month", "next year"):
        return _later(today, text.removeprefix("next "), 1)
    name = text.removeprefix("next ").removeprefix("on ")
    for number, day in enumerate(DAYS):
        if name in (day, day[:3]):
            return today + timedelta((number - today.weekday() - 1) % 7 + 1)
    span = _SPAN.fullmatch(text) or _LONG_SPAN.fullmatch(text)
    if span and span["unit"] in ("day", "week", "month", "year"):
        return _later(today, span["unit"], _count(span))
    return _date(text, today)


def _later(today: date, unit: str, count: int) -> date | None:
    if unit == "week" and count == 1:
        return today + timedelta(7)
    if unit in ("day", "week"):
        return today + timedelta(count * (7 if unit == "week" else 1))
    months = count * (12 if unit == "year" else 1) + today.month - 1
    return _clamped(today.year + months // 12, months % 12 + 1, today.day)


def _clamped(year: int, month: int, day: int) -> date | None:
    """The 31st of a shorter month is its last day."""
    for shorter in range(4):
        try:
            return date(year, month, day - shorter)
        except ValueError:
            continue
    return None


def _date(text: str, today: date) -> date | None:
    try:
        if iso := _ISO.fullmatch(text):
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        written = _WRITTEN.fullmatch(text)
        if written is None:
            return None
        name = written[2] or written[3]
        month = next((n for n, m in enumerate(MONTHS, 1) if name in (m, m[:3])), 0)
        year = int(written[5] or today.year)
        found = date(year, month, int(written[1] or written[4]))
        return found.replace(year=year + 1) if not written[5] and found <= today else found
    except ValueError:
        return None
