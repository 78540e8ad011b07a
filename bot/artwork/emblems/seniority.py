"""Emblems for time spent together: a laurel wreath that grows, and the years inside it."""

from __future__ import annotations

import math
from collections.abc import Callable

from bot.artwork.family import Emblem
from bot.artwork.paths import Outline, arc, circle, curve, ellipse, mirrored, moved, star, turned


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


def years(number: int, pairs: int, stars: int = 0, tone: str = "gold") -> Callable[[Emblem], None]:
    """The emblem for so many years, with stars above the number."""

    def emblem(layers: Emblem) -> None:
        wreath(layers, pairs, tone)
        down = 7 if stars else 0
        height = 48 if number < 10 else 42
        layers.layer("light").numeral(str(number), 0, down, height)
        if stars:
            row = layers.layer("gold")
            for index in range(stars):
                x = (index - (stars - 1) / 2) * 19
                lift = 3 * abs(index - (stars - 1) / 2) ** 2
                row.fill(moved(star(5, 9.5, 4.2), x, -34 + lift))

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
