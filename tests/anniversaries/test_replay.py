"""Years of a company, replayed: the ledger is what an obvious account of the days says."""

import pytest

from storage.database import Database
from tests.anniversaries.replay import replayed


@pytest.mark.parametrize(
    ("seed", "people", "years", "bridged", "subtract"),
    [(1, 24, 5, True, True), (2, 12, 3, True, False), (3, 12, 3, False, True)],
)
def test_the_ledger_is_what_counting_days_makes_it(
    sqlite_database: Database, seed: int, people: int, years: int, bridged: bool, subtract: bool
) -> None:
    ledger, right = replayed(
        sqlite_database, seed, people, years, bridged=bridged, subtract=subtract
    )
    assert ledger == right
    assert len(right) > 30
