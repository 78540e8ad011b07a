"""The invented company that a page shows: a dozen people of many places, and where they talk."""

from calendar import isleap
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.playground.engine import Engine
from bot.playground.page.offer import Journey
from bot.playground.shapes import Channel

NAME = "Alderbrook"
SIX_TOGETHER = timedelta(days=16)  # from the day the page starts until six came on one day
LEAP_DAY = date(2016, 2, 29)


@dataclass(frozen=True)
class Colleague:
    """Someone who works there; `about` says why one might want to be them."""

    name: str
    real_name: str
    title: str
    tz: str
    locale: str
    start: str  # a date, or years and days before (−) or after (+) the day the page starts
    about: str = ""
    role: str = ""  # admin, guest, gone, bot


PEOPLE = (
    Colleague(
        "maria",
        "Maria Silva",
        "Head of Support",
        "Europe/Lisbon",
        "pt-PT",
        "-6y-40d",
        "A manager: awards often",
    ),
    Colleague(
        "priya",
        "Priya Sharma",
        "People & Culture",
        "Asia/Kolkata",
        "en-IN",
        "-4y+16d",
        "A workspace admin",
        "admin",
    ),
    Colleague(
        "tom",
        "Tom Becker",
        "Product Designer",
        "Europe/Berlin",
        "de-DE",
        "-12y+1d",
        "Twelve years tomorrow",
    ),
    Colleague(
        "nikos",
        "Νίκος Παππάς",
        "Site Reliability",
        "Europe/Athens",
        "el-GR",
        "2016-02-29",
        "Hired on 29 February",
    ),
    Colleague("aiko", "佐藤 愛子", "Embedded Software", "Asia/Tokyo", "ja-JP", "-3y+16d"),
    Colleague("omar", "عمر حدّاد", "Finance", "Asia/Beirut", "ar-LB", "-8y+16d"),
    Colleague("elena", "Елена Соколова", "Data Science", "Asia/Almaty", "ru-RU", "-2y+16d"),
    Colleague("chidi", "Chidi Okafor", "Sales, West Africa", "Africa/Lagos", "en-GB", "-1y+16d"),
    Colleague("mei", "陈美", "Optics", "Asia/Singapore", "zh-CN", "-5y+16d"),
    Colleague("sam", "Sam O’Neill", "Field Service", "America/New_York", "en-US", "-0y-4d"),
    Colleague(
        "lucia",
        "Lucía Fernández",
        "Agency copywriter",
        "America/Argentina/Buenos_Aires",
        "es-AR",
        "",
        "A guest from an agency",
        "guest",
    ),
    Colleague(
        "jonas",
        "Jonas Lindqvist",
        "Research (until last spring)",
        "Europe/Stockholm",
        "sv-SE",
        "-9y-10d",
        "A deactivated colleague",
        "gone",
    ),
    Colleague(
        "robin",
        "Release Robin",
        "Announces deployments",
        "Etc/UTC",
        "en-US",
        "",
        "A bot",
        "bot",
    ),
)
CHANNELS = {
    "general": "all",
    "kudos": "all",
    "support": "maria tom omar chidi sam lucia",
    "engineering": "tom nikos aiko elena mei robin",
    "leads": "maria priya nikos",
}
PRIVATE = frozenset({"leads"})
GROUPS = {"support-team": "maria omar chidi sam", "engineers": "nikos aiko elena mei"}


def populate(engine: Engine, today: date) -> None:
    """Fill an empty workspace; dates of hire are counted from `today`."""
    space = engine.workspace
    space.team_name, space.domain = NAME, NAME.lower()
    for person in PEOPLE:
        engine.add_user(
            person.name,
            person.real_name,
            tz=person.tz,
            locale=person.locale,
            title=person.title,
            start_date=hired(person.start, today),
            is_admin=person.role == "admin",
            is_restricted=person.role == "guest",
            is_bot=person.role == "bot",
            deleted=person.role == "gone",
            email="" if person.role == "bot" else f"{person.name}@{NAME.lower()}.example",
        )
    everyone = [p.name for p in PEOPLE if p.role not in ("guest", "gone")]
    for name, members in CHANNELS.items():
        inside = everyone if members == "all" else members.split()
        engine.add_channel(name, private=name in PRIVATE, members=inside)
    for handle, members in GROUPS.items():
        engine.add_group(handle, members=members.split())


def hired(start: str, today: date) -> str | None:
    """Return a date of hire as ISO: a date as it is, `-12y+1d` as years and days from today."""
    if not start or "y" not in start:
        return start or None
    years, _, days = start.removesuffix("d").partition("y")
    there = today + timedelta(int(days))
    # A day that its year does not have, 29 February, is taken as the day before.
    while True:
        try:
            return there.replace(year=there.year + int(years)).isoformat()
        except ValueError:
            there -= timedelta(1)


def journeys(start: date, now: datetime) -> tuple[Journey, ...]:
    """Return what is worth travelling to from `now`, in a company made on the day `start`."""
    # At noon UTC it is past nine where these people are.
    return tuple(
        Journey(name, datetime.combine(_next_anniversary(of, now.date()), time(12), UTC))
        for name, of in (
            ("Six anniversaries on one day", start + SIX_TOGETHER),
            ("The anniversary of a 29 February", LEAP_DAY),
        )
    )


def _next_anniversary(of: date, today: date) -> date:
    year = today.year
    while True:
        leap = (of.month, of.day) == (2, 29)
        day = date(year, 2, 28) if leap and not isleap(year) else of.replace(year=year)
        if day > today:
            return day
        year += 1


def about(name: str) -> str:
    """Return why one might want to act as someone."""
    return next((p.about for p in PEOPLE if p.name == name), "")


def direct(engine: Engine, one: str, other: str) -> Channel:
    """Return the direct conversation of two people, made when missing."""
    space = engine.workspace
    if space.bot_user in (one, other):
        return space.direct_channel(other if one == space.bot_user else one)
    both = frozenset({one, other})
    with space.lock:
        for channel in space.channels.values():
            if channel.is_im and channel.members == both:
                return channel
        made = Channel(
            space.new_id("D"), "", space.team_id, space.seconds(), both, is_im=True, user=other
        )
        return space.put_channel(made)
