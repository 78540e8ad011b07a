"""Days, hours and places, as each reader's language writes them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time, get_timezone_location

from bot.messages.text import escape, kept_together, locale_of, timezone_of
from storage.people import PersonRow


def day(on: date, reader: PersonRow) -> str:
    """A day: `27 February 2026`."""
    return _shown(format_date(on, "long", locale=locale_of(reader)))


def weekday(on: date, reader: PersonRow, *, today: date) -> str:
    """A day near today: `Fri 27 Feb`; with its year where that is another."""
    skeleton = "MMMEd" if on.year == today.year else "yMMMEd"
    moment = datetime(on.year, on.month, on.day, tzinfo=ZoneInfo("UTC"))
    return _shown(format_skeleton(skeleton, moment, locale=locale_of(reader)))


def hour_there(at: datetime, zone: ZoneInfo, reader: PersonRow) -> str:
    """The hour of a moment somewhere, with the place, its city alone: `09:00 Lisbon`."""
    locale = locale_of(reader)
    hour = format_time(at.astimezone(zone), "short", tzinfo=zone, locale=locale)
    place = get_timezone_location(zone, locale=locale, return_city=True)
    return _shown(f"{hour} {place.rpartition('/')[2]}")


def moment(at: datetime, reader: PersonRow) -> str:
    """A moment where the reader is: `27 February 2026, 09:00`."""
    zone = timezone_of(reader)
    there = at.astimezone(zone)
    hour = format_time(there, "short", tzinfo=zone, locale=locale_of(reader))
    return f"{day(there.date(), reader)}, {_shown(hour)}"


def stop(words: str) -> str:
    """The sentence with its full stop, where the day or hour that ends it has none: `11:11 μ.μ.`"""
    return words if words.endswith(".") else f"{words}."


def _shown(words: str) -> str:
    return escape(kept_together(words))
