"""Years of a company, replayed, and an obvious account of which milestones there ought to be.

The account walks through every day of every person and counts: nothing of `bot.tenure` is in it.
"""

import random
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from bot.deps import reference
from bot.service import Entry
from storage import workspaces
from storage.database import Database
from tests.anniversaries.conftest import Company

ZONES = [
    "UTC",
    "Europe/Lisbon",
    "America/New_York",
    "Asia/Tokyo",
    "Pacific/Auckland",
    "Asia/Kathmandu",
]
DAY = timedelta(days=1)
Line = tuple[str, str, date]  # person, length, day


@dataclass
class Life:
    """What happens to one person: employments with leave, and moves from one timezone to another."""

    name: str
    zone: str
    spells: list[tuple[date, date | None]]
    leave: list[tuple[date, date]]
    moves: dict[date, str] = field(default_factory=dict)


def replayed(
    database: Database, seed: int, people: int, years: int, *, bridged: bool, subtract: bool
) -> tuple[set[Line], set[Line]]:
    """Replay the years up to 2025: what the ledger has then, and what the account says."""
    first, last = date(2026 - years, 1, 1), date(2025, 12, 31)
    company = founded(database, datetime(first.year, 1, 1, tzinfo=UTC))
    company.decide(
        rehire="bridged" if bridged else "latest", subtract_leave=subtract, reminder_days=0
    )
    everyone = lives(seed, people, first, last)
    replay(company, everyone, first, last, seed)
    right = {
        line
        for life in everyone
        for line in account(life, last + DAY, bridged=bridged, subtract=subtract)
    }
    return ledger(company), right


def founded(database: Database, now: datetime) -> Company:
    """A company of nobody yet."""
    row = database.write(
        lambda session: workspaces.save(
            session, team_id="T1", name="Acme", url="", bot_user_id="U0", bot_id="B0", now=now
        )
    )
    return Company(database, reference(row), now)


def lives(seed: int, people: int, first: date, last: date) -> list[Life]:
    """People who are hired, leave, come back, are away and move, all within these days."""
    chance = random.Random(seed)
    span, made = (last - first).days, []
    for number in range(people):
        start = first + DAY * chance.randrange(span)
        spells: list[tuple[date, date | None]] = []
        leave = []
        for _ in range(chance.choice([1, 1, 1, 2, 3])):
            if start >= last:
                break
            served = chance.randrange(1, 3000)
            end = start + DAY * served
            if served > 400 and chance.random() < 0.4:
                away = start + DAY * chance.randrange(30, served - 200)
                leave.append((away, away + DAY * chance.randrange(1, 150)))
            stays = end >= last or chance.random() < 0.3
            spells.append((start, None if stays else end))
            if stays:
                break
            start = end + DAY * chance.randrange(2, 900)
        moves = {
            first + DAY * chance.randrange(span): chance.choice(ZONES)
            for _ in range(chance.randrange(3))
        }
        made.append(Life(f"p{number}", chance.choice(ZONES), spells, leave, moves))
    return made


def account(life: Life, until: date, *, bridged: bool, subtract: bool) -> Iterator[Line]:
    """Every milestone of a person up to a day, by walking through the days."""
    services = [life.spells] if bridged else [[spell] for spell in life.spells]
    for service in services:
        anchor, off = service[0][0], 0
        wanted = ["30d", "90d", "6m", *(f"{years}y" for years in range(1, 60))]
        day = anchor
        while day <= until and wanted:
            here = any(a <= day and (b is None or day <= b) for a, b in service)
            ended = service[-1][1] is not None and day > service[-1][1]
            if ended:
                break
            away = subtract and any(a <= day <= b for a, b in life.leave)
            if not here or away:
                off += 1
            else:
                while wanted and _completed(anchor + DAY * off, wanted[0]) <= day:
                    yield life.name, wanted.pop(0), day
            day += DAY


def _completed(start: date, length: str) -> date:
    number, unit = int(length[:-1]), length[-1]
    if unit == "d":
        return start + DAY * number
    year, month = start.year, start.month
    for _ in range(number * (12 if unit == "y" else 1)):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def replay(company: Company, everyone: list[Life], first: date, last: date, seed: int) -> None:
    """Let the years pass day by day, with outages and clocks that jump; what is known is entered on its day."""
    chance = random.Random(seed)
    now = datetime(first.year, first.month, first.day, 12, tzinfo=UTC)
    off_until = now
    by_day: dict[date, list[tuple[Life, str]]] = {}
    for life in everyone:
        for start, end in life.spells:
            by_day.setdefault(start, []).append((life, "spells"))
            if end is not None:
                by_day.setdefault(end, []).append((life, "spells"))
        for away, _back in life.leave:
            by_day.setdefault(away, []).append((life, "spells"))
        for day in life.moves:
            by_day.setdefault(day, []).append((life, "move"))
    while now.date() <= last:
        for life, what in by_day.get(now.date(), []):
            company.now = now
            if what == "move":
                company.hire(life.name, timezone=life.moves[now.date()])
            else:
                _enter(company, life, now.date())
        if now >= off_until:
            jump = timedelta(hours=chance.choice([0] * 12 + [-3, 2]))
            company.now = now + jump
            company.run()
            if chance.random() < 0.02:
                off_until = now + DAY * chance.randrange(1, 60)
        now += DAY
    # It is after nine in New York, and not yet the next morning in Auckland.
    company.now = now.replace(hour=19)
    company.run()


def _enter(company: Company, life: Life, today: date) -> None:
    if life.name not in company.people:
        company.hire(life.name, timezone=life.zone)
    entries = []
    for start, end in life.spells:
        if start > today:
            continue
        known_end = end if end is not None and end <= today else None
        leave = tuple(
            (a, b) for a, b in life.leave if start <= a <= today and (end is None or a <= end)
        )
        entries.append(Entry(start, known_end, leave))
    company.enter(life.name, *entries, source="hr")


def ledger(company: Company) -> set[Line]:
    """The ledger as the account has it."""
    return {
        (name, row.length, row.due_on)
        for name in company.people
        for row in company.ledger(name)
        if row.state != "withdrawn"
    }
