"""Dates as HR files write them. What could be two days is neither."""

import re
import unicodedata
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

from babel import Locale

from bot.hr_file.problems import Kind, visible

Order = Literal["dmy", "mdy", "ymd"]
ORDERS: tuple[Order, ...] = ("dmy", "mdy", "ymd")

_EXCEL_BEGINS = date(1899, 12, 30)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?", re.ASCII)
_WITH_TIME = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[T ,]+\d{1,2}[:.]\d{2}.*", re.ASCII)
_BASIC = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)", re.ASCII)
_SERIAL = re.compile(r"(\d{4,6})(?:[.,]\d+)?", re.ASCII)
_NUMBERS = re.compile(r"(\d{1,4})\s*([-/.])\s*(\d{1,2})\s*\2\s*(\d{1,4})\.?", re.ASCII)
_CJK = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]", re.ASCII)
_WORDS = re.compile(r"[^\W\d_]+|\d+")
_LANGUAGES = (
    "en de fr es pt it nl pl sv da nb fi cs sk sl hr ro hu ca tr el ru uk".split()  # noqa: SIM905
)
# What stands between day, month and year in words: of, de, the ending of 1st or 1er.
_BETWEEN = frozenset({"de", "del", "of", "the", "st", "nd", "rd", "th", "er", "di", "den", "el"})


class Unreadable(NamedTuple):
    """Why a text is not taken for a date: the rest of a sentence that begins with the column."""

    reason: str
    kind: Kind = "other"


@lru_cache(maxsize=65_536)
def read_date(text: str, order: Order | None = None) -> date | Unreadable:
    """The day that a cell says, or why it says none.

    `order`: in which order numbers stand, where nothing in them tells. Years have four digits.
    """
    if found := _ISO.fullmatch(text):
        return _day(text, *(int(part) for part in found.groups()))
    if found := _BASIC.fullmatch(text):
        return _day(text, *(int(part) for part in found.groups()))
    if found := _CJK.fullmatch(text):
        return _day(text, *(int(part) for part in found.groups()))
    if found := _NUMBERS.fullmatch(text):
        return _of_numbers(text, found[1], found[3], found[4], order)
    if found := _SERIAL.fullmatch(text):
        return _of_serial(text, int(found[1]))
    if _WITH_TIME.fullmatch(text):
        return Unreadable(f"“{visible(text)}” has a time of day: give the date alone")
    return _of_words(text)


def _day(text: str, year: int, month: int, day: int) -> date | Unreadable:
    try:
        return date(year, month, day)
    except ValueError:
        return Unreadable(f"“{visible(text)}” is a day that does not exist")


def _of_numbers(
    text: str, first: str, second: str, third: str, order: Order | None
) -> date | Unreadable:
    if len(first) == 4 and len(third) <= 2:
        return _day(text, int(first), int(second), int(third))
    if len(third) != 4 or len(first) > 2:
        return Unreadable(f"“{visible(text)}” has no year of four digits")
    if order == "ymd":
        return Unreadable(
            f"“{visible(text)}” does not begin with the year, as the date format says"
        )
    one, two, year = int(first), int(second), int(third)
    if order is None:
        if one <= 12 and two <= 12 and one != two:
            return Unreadable(
                f"“{visible(text)}” could be {_either(year, one, two)}", "ambiguous date"
            )
        order = "mdy" if two > 12 else "dmy"
    day = _day(text, year, two, one) if order == "dmy" else _day(text, year, one, two)
    if isinstance(day, Unreadable) and isinstance(_day(text, year, one, two), date):
        return Unreadable(f"“{visible(text)}” is no day when read in the order {order}")
    if isinstance(day, Unreadable) and isinstance(_day(text, year, two, one), date):
        return Unreadable(f"“{visible(text)}” is no day when read in the order {order}")
    return day


def _either(year: int, one: int, two: int) -> str:
    days = [day for day in ((two, one), (one, two)) if all(day)]
    return " or ".join(f"{year:04}-{month:02}-{day:02}" for month, day in days) or "nothing"


def _of_serial(text: str, number: int) -> Unreadable:
    if 10_000 <= number <= 80_000:
        guess = _EXCEL_BEGINS + timedelta(days=number)
        return Unreadable(
            f"“{visible(text)}” is Excel’s number for a day (perhaps {guess.isoformat()}):"
            " format the column as a date, and save the file again"
        )
    return Unreadable(f"“{visible(text)}” is a number and not a date")


def _of_words(text: str) -> date | Unreadable:
    words = [word for word in _WORDS.findall(_plain(text)) if word not in _BETWEEN]
    numbers = [word for word in words if word.isdecimal()]
    names = [word for word in words if not word.isdecimal()]
    unreadable = Unreadable(f"“{visible(text)}” is not a date that I can read: write 2020-08-31")
    if len(numbers) != 2 or len(names) != 1 or len(text) > 60:
        return unreadable
    month = _months().get(names[0])
    if month is None:
        return unreadable
    day, year = numbers if len(numbers[1]) == 4 else numbers[::-1]
    if len(year) != 4:
        return Unreadable(f"“{visible(text)}” has no year of four digits")
    return _day(text, int(year), month, int(day)) if len(day) <= 2 else unreadable


def _plain(text: str) -> str:
    """Without accents, in lower case."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    """The names of months in the languages we know, long and short, that mean one month in all."""
    meanings: dict[str, set[int]] = {}
    for language in _LANGUAGES:
        months = Locale.parse(language).months
        for use in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in months[use].get(width, {}).items():
                    words = [word for word in _WORDS.findall(_plain(name)) if not word.isdecimal()]
                    if len(words) == 1:
                        meanings.setdefault(words[0], set()).add(number)
    meanings.setdefault("sept", set()).add(9)
    meanings.setdefault("mrz", set()).add(3)
    return {name: found.pop() for name, found in meanings.items() if len(found) == 1}
