"""Badges for time spent together, for any number of years and for the months before the first."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from io import BytesIO
from typing import Literal, NamedTuple

from bot.artwork import family
from bot.artwork.emblems import seniority
from bot.artwork.emblems.seniority import Place, around
from bot.artwork.family import Design

ORIGINAL = 512
_DAYS_A_MONTH = 365.2425 / 12


class Grade(NamedTuple):
    """How a badge looks from a number of years on."""

    years: int
    shape: str
    enamel: str
    metal: str
    pairs: int
    stars: int = 0
    pattern: str = "plain"
    accent: str = "amber"
    jewels: tuple[Place, ...] = ()


GRADES = (
    Grade(1, "round", "olive", "bronze", 5),
    Grade(3, "round", "teal", "bronze", 6),
    Grade(5, "round", "sky", "silver", 7, 1, "rings"),
    Grade(10, "round", "indigo", "gold", 8, 1, "rings"),
    Grade(15, "flower", "violet", "gold", 8, 2, "rays"),
    Grade(20, "flower", "crimson", "gold", 8, 3, "rays"),
    Grade(25, "seal", "night", "gold", 8, 3, "rays"),
    Grade(30, "seal", "plum", "gold", 8, 3, "rays", "sky", ((0, -37, 9.4),)),
    Grade(
        40,
        "blossom",
        "forest",
        "gold",
        8,
        3,
        "rays",
        "crimson",
        ((0, -37, 9.4), *around(12, 81, 4.2)),
    ),
)


def grade(years: int) -> Grade:
    """The grade that so many years have reached; ValueError below one year."""
    if years < 1:
        raise ValueError(f"a year badge is for one year or more, not {years}")
    return GRADES[bisect_right(GRADES, years, key=lambda one: one.years) - 1]


def year_design(years: int) -> Design:
    """The design for so many years; ValueError below one year."""
    look = grade(years)
    emblem = seniority.years(years, look.pairs, look.stars, jewels=look.jewels)
    return Design(look.shape, look.enamel, look.metal, emblem, look.pattern, look.accent)


@lru_cache(maxsize=16)  # several workspaces make the same; 200 kB each
def year_badge(years: int) -> bytes:
    """The badge for so many years as a PNG of 512 pixels square; ValueError below one year."""
    return _png(year_design(years))


def milestone_design(amount: int, unit: Literal["days", "months"]) -> Design:
    """The design for so many days or months; ValueError below one."""
    if amount < 1:
        raise ValueError(f"a milestone badge is for one or more {unit}, not {amount}")
    months = amount / _DAYS_A_MONTH if unit == "days" else amount
    return Design("disc", "mint", "leaf", seniority.young(amount, months), "rays")


def milestone_badge(amount: int, unit: Literal["days", "months"]) -> bytes:
    """The badge for so many days or months as a PNG of 512 pixels square; ValueError below one.

    A ring of twelve buds shows how much of the first year has passed.
    """
    return _png(milestone_design(amount, unit))


def _png(design: Design) -> bytes:
    png = BytesIO()
    # Higher levels take two to ten times as long for a file a tenth smaller.
    family.draw(design, ORIGINAL).save(png, "PNG", compress_level=4)
    return png.getvalue()
