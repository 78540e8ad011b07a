"""30 years of a company of 1,000: the ledger is what an obvious account of the days says."""

from datetime import UTC, date, datetime, timedelta

from storage.database import Database
from tests.anniversaries import replay

FIRST, LAST = date(1996, 1, 1), date(2025, 12, 31)


def test_thirty_years_of_a_thousand_people(sqlite_database: Database) -> None:
    company = replay.founded(sqlite_database, datetime(1996, 1, 1, tzinfo=UTC))
    company.decide(subtract_leave=True, reminder_days=0)
    everyone = replay.lives(30, 1000, FIRST, LAST)
    replay.replay(company, everyone, FIRST, LAST, 30)
    until = LAST + timedelta(days=1)
    right = {
        line
        for life in everyone
        for line in replay.account(life, until, bridged=True, subtract=True)
    }
    assert replay.ledger(company) == right
    assert len(right) > 5_000
