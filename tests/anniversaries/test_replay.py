"""Years of a company, replayed: the ledger is what an obvious account of the days says."""

from datetime import UTC, date, datetime, timedelta

import pytest

from storage.database import Database
from tests.anniversaries import replay


@pytest.mark.parametrize(
    ("seed", "people", "years", "bridged", "subtract"),
    [(1, 60, 12, True, True), (2, 20, 3, True, False), (3, 20, 3, False, True)],
)
def test_the_ledger_is_what_counting_days_makes_it(
    sqlite_database: Database, seed: int, people: int, years: int, bridged: bool, subtract: bool
) -> None:
    first, last = date(2025 - years + 1, 1, 1), date(2025, 12, 31)
    company = replay.founded(sqlite_database, datetime(first.year, 1, 1, tzinfo=UTC))
    rehire = "bridged" if bridged else "latest"
    company.decide(rehire=rehire, subtract_leave=subtract, reminder_days=0)
    everyone = replay.lives(seed, people, first, last)
    replay.replay(company, everyone, first, last, seed)
    until = last + timedelta(days=1)
    right = {
        line
        for life in everyone
        for line in replay.account(life, until, bridged=bridged, subtract=subtract)
    }
    assert replay.ledger(company) == right
    assert len(right) > 50
