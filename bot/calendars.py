"""Days and moments: on which day something is celebrated, and when that day's hour strikes where."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WeekendRule = Literal["on_the_day", "working_day_before", "next_working_day"]

LONGEST_MOVE = 60  # days; where no day within so many will do, it stays where it is
_DAY = timedelta(days=1)
# Of some countries the `holidays` package knows recent years only, and warns when asked for others.
_A_RECENT_YEAR = 2024
_SATURDAY_AND_SUNDAY = frozenset({5, 6})


class Celebration(NamedTuple):
    """The day on which something is celebrated; `why` it is another than it would be, or ""."""

    day: date
    why: str


@dataclass(frozen=True)
class Quiet:
    """Days on which nothing is announced: `12-24..01-01` every year, or `2026-12-24..2026-12-26` once."""

    first: str
    last: str

    @classmethod
    def parse(cls, text: str) -> "Quiet":
        """Read one day or two with dots between. Raises ValueError with a sentence's rest."""
        first, _, last = text.strip().partition("..")
        last = last or first
        lengths = {len(first), len(last)}
        try:
            for day in (first, last):
                date.fromisoformat(day if len(day) == 10 else f"2000-{day}")
        except ValueError:
            lengths = set()
        once = lengths == {10} and first <= last
        if not once and lengths != {5}:
            raise ValueError(
                f"“{text}” is no day or range of days: write 12-24, 12-24..01-01 or"
                " 2026-12-24..2026-12-26"
            )
        return cls(first, last)

    def __str__(self) -> str:
        return self.first if self.first == self.last else f"{self.first}..{self.last}"

    def covers(self, day: date) -> bool:
        """Whether nothing is announced on this day."""
        written = day.isoformat()[-len(self.first) :]
        if self.first <= self.last:
            return self.first <= written <= self.last
        return written >= self.first or written <= self.last


@dataclass(frozen=True)
class Calendar:
    """Which days will do. Its moves keep the order of days: what falls due first is celebrated first."""

    weekend: WeekendRule = "on_the_day"
    holidays: bool = (
        False  # whether public holidays are left out, where a person's country is known
    )
    quiet: tuple[Quiet, ...] = ()

    @property
    def moves(self) -> bool:
        """Whether any day can be celebrated on another one."""
        return self.weekend != "on_the_day" or self.holidays or bool(self.quiet)

    @property
    def longest_lead(self) -> int:
        """How many days before it falls due something can be celebrated at the most."""
        return LONGEST_MOVE if self.weekend == "working_day_before" else 0

    def celebration(self, on: date, country: str | None) -> Celebration:
        """The day on which what falls due then is celebrated by somebody in this country."""
        return _celebration(self, on, country) if self.moves else Celebration(on, "")

    def against(self, day: date, country: str | None) -> str:
        """Why this day will not do; "" where it will."""
        if any(quiet.covers(day) for quiet in self.quiet):
            return "quiet day"
        name = holiday(country, day) if self.holidays and country else ""
        if name:
            return f"public holiday: {name}"
        if self.weekend != "on_the_day" and day.weekday() in _weekend(country or ""):
            return f"moved from {day:%A}"
        return ""


@lru_cache(maxsize=16_384)
def _celebration(calendar: Calendar, on: date, country: str | None) -> Celebration:
    why = calendar.against(on, country)
    if not why:
        return Celebration(on, "")
    step = -_DAY if calendar.weekend == "working_day_before" else _DAY
    day = on
    for _ in range(LONGEST_MOVE):
        day += step
        if not calendar.against(day, country):
            return Celebration(day, why)
    return Celebration(on, "")


def holiday(country: str | None, day: date) -> str:
    """The public holiday on this day in a country (`PT`, or `US-CA` for a part of one), or ""."""
    return _holidays_of(country, day.year).get(day, "") if country else ""


@lru_cache(maxsize=1_024)
def _holidays_of(country: str, year: int) -> dict[date, str]:
    found = _calendar_of(country, year)
    return dict(found) if found is not None else {}  # type: ignore[call-overload]


@lru_cache(maxsize=256)
def _weekend(country: str) -> frozenset[int]:
    found = _calendar_of(country, _A_RECENT_YEAR) if country else None
    return frozenset(found.weekend) if found is not None else _SATURDAY_AND_SUNDAY  # type: ignore[attr-defined]


def _calendar_of(country: str, year: int) -> object | None:
    from holidays import country_holidays  # a quarter of a second, only for those who want it

    nation, _, part = country.upper().partition("-")
    try:
        return country_holidays(nation, subdiv=part or None, years=year, language="en_US")
    except NotImplementedError:
        return None


@lru_cache(maxsize=4_096)
def moment(day: date, zone: ZoneInfo, hour: int = 9, minute: int = 0) -> datetime:
    """When it is this time on this day there, aware UTC.

    A time that the clocks leave out comes when they have been put forward; of one that they go
    through twice, the first one counts (PEP 495, fold 0).
    """
    return datetime.combine(day, time(hour, minute), tzinfo=zone).astimezone(UTC)


@lru_cache(maxsize=1_024)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@lru_cache(maxsize=4_096)
def zone_of(*names: str | None) -> ZoneInfo:
    """The first of these timezones that this machine knows; else UTC."""
    return next((zone for name in names if name and (zone := _zone(name))), ZoneInfo("UTC"))
