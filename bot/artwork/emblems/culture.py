"""Emblems for how people work together."""

from __future__ import annotations

from bot.artwork.family import Emblem
from bot.artwork.paths import (
    Outline,
    arc,
    box,
    circle,
    curve,
    ellipse,
    mirrored,
    moved,
    rounded,
    scaled,
    star,
    turned,
)


def _person(x: float, y: float, size: float) -> tuple[Outline, Outline]:
    head = moved(circle(0, 0, 14.5 * size), x, y)
    body = curve("M -29 58 C -31 30 -20 20 0 20 C 20 20 31 30 29 58 Q 0 66 -29 58")
    return head, moved(scaled(body, size), x, y)


def team(layers: Emblem) -> None:
    """Three people side by side."""
    back = layers.layer("accent")
    for x in (-36, 36):
        back.fill(*_person(x, -18, 0.86))
    front = _person(0, -24, 1.12)
    gap = layers.layer("deep")
    gap.line(front[0], 7, closed=True).line(front[1], 7, closed=True)
    layers.layer("light").fill(*front)


def headset(layers: Emblem) -> None:
    """A headset around a star."""
    band = layers.layer("light")
    band.line(arc(0, -6, 46, 178, 362), 8)
    band.fill(box(-58, -10, -38, 26, 9), box(38, -10, 58, 26, 9))
    band.line(curve("M 47 22 C 46 42 30 50 10 50"), 5)
    band.fill(box(-12, 43, 14, 57, 7))
    layers.layer("gold").fill(moved(rounded(star(5, 32, 14.5), 3), 0, 4))


def lighthouse(layers: Emblem) -> None:
    """A lighthouse that shows the way."""
    beams = layers.layer("gold")
    beams.fill([(-8, -38), (-66, -54), (-66, -22)], [(8, -38), (66, -54), (66, -22)])
    tower = layers.layer("light")
    tower.fill([(-14, -24), (14, -24), (23, 50), (-23, 50)])
    stripes = layers.layer("accent")
    stripes.fill([(-16.2, -6), (16.2, -6), (18.2, 10), (-18.2, 10)])
    stripes.fill([(-20.2, 27), (20.2, 27), (22, 42), (-22, 42)])
    lamp = layers.layer("deep")
    lamp.fill(box(-11, -48, 11, -26))
    layers.layer("gold").fill(circle(0, -37, 8))
    roof = layers.layer("accent")
    roof.fill(curve("M -15 -47 C -12 -58 -4 -60 0 -66 C 4 -60 12 -58 15 -47"))
    gallery = layers.layer("light")
    gallery.fill(box(-20, -28, 20, -21, 3), box(-34, 47, 34, 56, 4))


def beetle(layers: Emblem) -> None:
    """A beetle under a magnifying glass."""
    handle = layers.layer("gold")
    handle.line([(26, 26), (45, 45)], 14)
    ring = layers.layer("light")
    ring.fill(circle(-8, -8, 50))
    layers.layer("field").fill(circle(-8, -8, 41))
    legs = layers.layer("deep")
    for side in (-1, 1):
        for y, reach in ((-18, -27), (-4, -4), (10, 19)):
            legs.line([(-8, y), (-8 + side * 20, y), (-8 + side * 30, reach)], 4.2)
        legs.line(
            curve(f"M -8 -26 C {-8 + side * 4} -38 {-8 + side * 10} -40 {-8 + side * 14} -42"), 3.2
        )
    legs.fill(circle(-8, -27, 11))
    shell = layers.layer("accent")
    shell.fill(ellipse(-8, -2, 20, 25))
    back = layers.layer("deep")
    back.line([(-8, -26), (-8, 22)], 3)
    for x, y in ((-18, -10), (2, -10), (-18, 6), (2, 6)):
        back.fill(circle(x, y, 3.6))


def coffee(layers: Emblem) -> None:
    """A cup of coffee for two."""
    cup = layers.layer("light")
    cup.line(arc(36, 6, 15, -80, 90), 8)
    cup.fill(curve("M -42 -16 L 38 -16 C 40 16 30 36 14 38 L -18 38 C -34 36 -44 16 -42 -16"))
    cup.fill(box(-50, 44, 48, 53, 4.4))
    layers.layer("field").fill(moved([(-x * 0.15, y * 0.15) for x, y in _heart()], -2, 10))
    steam = layers.layer("gold")
    for x in (-22, -2, 18):
        steam.line(curve(f"M {x} -26 C {x - 10} -36 {x + 10} -42 {x} -54"), 5.4)


def _heart() -> Outline:
    right = curve("M 0 -54 C 24 -96 96 -78 92 -14 C 88 34 36 62 0 92")
    return right + mirrored(right)[::-1]


def bulb(layers: Emblem) -> None:
    """A lamp that has just come on."""
    rays = layers.layer("light")
    for turn in (-100, -60, -20, 20, 60, 100):
        rays.line(turned([(0, -52), (0, -63)], turn, 0, -8), 5.4)
    glass = layers.layer("gold")
    glass.fill(curve("M -17 28 C -17 10 -37 4 -37 -16 C -37 -60 37 -60 37 -16 C 37 4 17 10 17 28"))
    filament = layers.layer("deep")
    filament.line([(-7, 26), (-12, -8), (-4, -1), (0, -10), (4, -1), (12, -8), (7, 26)], 3.2)
    base = layers.layer("light")
    base.fill(box(-17, 30, 17, 38, 3.6), box(-15, 41, 15, 48, 3.4), box(-8, 50, 8, 57, 3.4))


def crown(layers: Emblem) -> None:
    """A crown."""
    gold = layers.layer("gold")
    gold.fill(rounded([(-54, -26), (-28, 2), (0, -44), (28, 2), (54, -26), (43, 34), (-43, 34)], 3))
    gold.fill(circle(-55, -29, 7.5), circle(0, -47, 8.5), circle(55, -29, 7.5))
    gold.fill(box(-43, 38, 43, 50, 4))
    jewels = layers.layer("accent")
    jewels.fill(moved(scaled(rounded([(0, -1), (0.8, 0), (0, 1), (-0.8, 0)], 0.1), 13), 0, 14))
    jewels.fill(circle(-26, 18, 6), circle(26, 18, 6))


def moon(layers: Emblem) -> None:
    """A moon and stars: somebody was awake."""
    crescent = layers.layer("gold")
    crescent.fill(circle(-6, 2, 46)).cut(circle(16, -12, 40))
    stars = layers.layer("light")
    stars.fill(moved(rounded(star(5, 17, 7.4), 1.5), 22, -8))
    stars.fill(moved(star(4, 11, 3.6), 46, -38), moved(star(4, 9, 3), 44, 22))
