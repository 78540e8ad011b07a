"""Emblems for time spent together: a laurel wreath that grows, and the years inside it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from bot.artwork.family import Emblem
from bot.artwork.paths import (
    Outline,
    arc,
    circle,
    curve,
    ellipse,
    mirrored,
    moved,
    polygon,
    star,
    turned,
)


def leaf(length: float, width: float) -> Outline:
    """A pointed leaf that grows upwards from (0, 0)."""
    return curve(
        f"M 0 0 C {width} {-length * 0.25} {width} {-length * 0.7} 0 {-length} "
        f"C {-width} {-length * 0.7} {-width} {-length * 0.25} 0 0"
    )


def wreath(emblem: Emblem, pairs: int, tone: str) -> None:
    """Two branches with so many pairs of leaves each, open at the top."""
    reach = 58
    last = 100 - 17.5 * pairs
    layer = emblem.layer(tone)
    layer.line(arc(0, 0, reach, 98, last), 2.6)
    layer.line(mirrored(arc(0, 0, reach, 98, last)), 2.6)
    leaves = []
    for pair in range(pairs):
        angle = 92 - 17.5 * (pair + 0.4)
        x, y = reach * math.cos(math.radians(angle)), reach * math.sin(math.radians(angle))
        length = 21 - 0.5 * pair
        leaves += [moved(turned(leaf(length, 6.4), angle + lean), x, y) for lean in (-38, 38)]
    tip = math.radians(last)
    leaves.append(moved(turned(leaf(19, 6), last), reach * math.cos(tip), reach * math.sin(tip)))
    for outline in leaves:
        layer.fill(outline, mirrored(outline))
    layer.line(arc(0, 0, reach, 84, 96), 4)


Place = tuple[float, float, float]


def gems(emblem: Emblem, places: Sequence[Place]) -> None:
    """Cut jewels in gold settings, each given by its middle and radius; their hue is the accent."""
    setting = emblem.layer("gold")
    setting.fill(*(circle(x, y, radius * 1.32) for x, y, radius in places))
    stone = emblem.layer("accent")
    stone.fill(*(moved(_cut(radius), x, y) for x, y, radius in places))
    # Light comes from the upper left, as it does on the rim.
    for tone, sides in (("shade", (1, 2, 3)), ("glint", (5, 6))):
        facets = emblem.layer(tone)
        for x, y, radius in places:
            girdle, table = _cut(radius), _cut(radius * 0.55)
            for side in sides:
                after = (side + 1) % 8
                facet = [girdle[side], girdle[after], table[after], table[side]]
                facets.fill(moved(facet, x, y))


def _cut(radius: float) -> Outline:
    return polygon(8, radius, turn=-67.5)


def around(count: int, distance: float, radius: float) -> list[Place]:
    """Places for so many jewels on a circle, the first at the top."""
    return [(x, y, radius) for x, y in polygon(count, distance)]


def number_height(number: int) -> float:
    """How high a number may be in the middle of a wreath, in units, so that all its digits fit."""
    return min(48 if number < 10 else 42, 96 / len(str(number)))


def years(
    number: int,
    pairs: int,
    stars: int = 0,
    tone: str = "gold",
    jewels: Sequence[Place] = (),
) -> Callable[[Emblem], None]:
    """The emblem for so many years, with stars in a row above the number, and jewels.

    Where there are jewels, the first stands in the place of the middle star.
    """

    def emblem(layers: Emblem) -> None:
        wreath(layers, pairs, tone)
        down = 7 if stars or jewels else 0
        layers.layer("light").numeral(str(number), 0, down, number_height(number))
        if stars:
            row = layers.layer("gold")
            spread, size = (22.0, 7.6) if jewels else (19.0, 9.5)
            for index in range(stars):
                place = index - (stars - 1) / 2
                if place or not jewels:
                    shape = star(5, size, size * 4.2 / 9.5)
                    row.fill(moved(shape, place * spread, 3 * abs(place) ** 2 - 34))
        if jewels:
            gems(layers, jewels)

    return emblem


# Pairs of leaves from below: where they leave the stem, their length and width, and their lean.
_SHOOTS = (
    ((-12.0, 37.0, 13.0, 56.0),),
    ((-6.0, 27.0, 9.0, 76.0), (-20.0, 31.0, 11.0, 42.0)),
    ((-2.0, 24.0, 7.5, 82.0), (-16.0, 26.0, 8.5, 64.0), (-29.0, 25.0, 9.0, 34.0)),
)


def young(number: int, months: float) -> Callable[[Emblem], None]:
    """The emblem for less than a year or between years: a shoot on the number, in a ring of months.

    The ring has twelve buds, of which as many are open as months have passed; a pair of leaves is
    added with one, three and six months.
    """
    opened = max(0, min(12, round(months)))
    leaves = _SHOOTS[(opened >= 3) + (opened >= 6)]

    def emblem(layers: Emblem) -> None:
        buds = polygon(12, 62)
        order = buds[1:] + buds[:1]
        layers.layer("deep").fill(*(circle(x, y, 2.2) for x, y in order[opened:]))
        layers.layer("gold").fill(*(circle(x, y, 4.4) for x, y in order[:opened]))
        shoot = layers.layer("light")
        shoot.line([(0, 1), (0, leaves[-1][0] + 1)], 4.4)
        for foot, length, width, lean in leaves:
            grown = moved(turned(leaf(length, width), lean), 0, foot)
            shoot.fill(grown, mirrored(grown))
        shoot.numeral(str(number), 0, 28, min(38, 96 / len(str(number))))
        veins = layers.layer("field")
        for foot, length, _width, lean in leaves:
            vein = moved(turned([(0, -length * 0.3), (0, -length * 0.72)], lean), 0, foot)
            veins.line(vein, 1.7).line(mirrored(vein), 1.7)

    return emblem


def sprout(layers: Emblem) -> None:
    """Two young leaves on a stem."""
    soil = layers.layer("accent")
    soil.fill(curve("M -46 44 C -34 24 34 24 46 44 C 34 54 -34 54 -46 44"))
    stem = layers.layer("light")
    stem.line(curve("M 0 36 C -1 18 2 6 0 -12"), 7)
    right = curve("M 0 -6 C 2 -40 26 -54 56 -50 C 56 -18 34 0 0 -6")
    left = curve("M 0 8 C -4 -16 -22 -30 -52 -28 C -50 -2 -30 14 0 8")
    stem.fill(right, left)
    veins = layers.layer("field")
    veins.line(curve("M 6 -10 C 16 -26 28 -36 42 -42"), 2.6)
    veins.line(curve("M -6 5 C -16 -8 -26 -16 -40 -21"), 2.6)
    stones = layers.layer("deep")
    stones.fill(ellipse(-20, 42, 4, 2.4), ellipse(18, 44, 5, 2.6), circle(2, 45, 2.2))
