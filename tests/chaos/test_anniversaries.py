"""Decades of a company: the ledger is what an obvious account of the days says."""

import pytest

from storage.database import Database
from tests.anniversaries.replay import replayed


@pytest.mark.parametrize(
    ("seed", "people", "years", "bridged", "subtract", "least"),
    [
        (1, 60, 12, True, True, 100),
        (2, 60, 12, True, False, 100),
        (3, 60, 12, False, True, 100),
        (30, 1000, 30, True, True, 5_000),
    ],
)
def test_the_ledger_of_decades_is_what_counting_days_makes_it(
    sqlite_database: Database,
    seed: int,
    people: int,
    years: int,
    bridged: bool,
    subtract: bool,
    least: int,
) -> None:
    ledger, right = replayed(
        sqlite_database, seed, people, years, bridged=bridged, subtract=subtract
    )
    assert ledger == right
    assert len(right) > least
