"""Emblems for events."""

from __future__ import annotations

from bot.artwork.emblems.seniority import leaf
from bot.artwork.family import Emblem
from bot.artwork.paths import arc, box, circle, curve, moved, rounded, scaled, turned


def heart(reach: float) -> list[tuple[float, float]]:
    """A heart around (0, 0)."""
    right = curve("M 0 -54 C 24 -96 96 -78 92 -14 C 88 34 36 62 0 92")
    left = [(-x, y) for x, y in right][::-1]
    return scaled(right + left, reach / 92)


def microphone(layers: Emblem) -> None:
    """A microphone on its stand, and sound on both sides."""
    stand = layers.layer("gold")
    stand.line(arc(0, -10, 31, 0, 180), 6)
    stand.line([(0, 21), (0, 44)], 6)
    stand.fill(box(-22, 42, 22, 52, 5))
    head = layers.layer("light")
    head.fill(box(-20, -58, 20, 10, 19.9))
    grille = layers.layer("field")
    for y in (-40, -29, -18):
        grille.line([(-10, y), (10, y)], 3.6)
    grille.fill(box(-20, -8, 20, -4))
    sound = layers.layer("light")
    for radius, reach in ((42, 28), (55, 28)):
        for middle in (0, 180):
            sound.line(arc(0, -20, radius, middle - reach, middle + reach), 5)


def calendar(layers: Emblem) -> None:
    """A day, settled."""
    layers.layer("light").fill(box(-46, -40, 46, 50, 11))
    top = layers.layer("accent")
    top.fill(box(-46, -40, 46, -10, 11), box(-46, -26, 46, -16))
    rings = layers.layer("light")
    rings.line([(-22, -52), (-22, -32)], 8).line([(22, -52), (22, -32)], 8)
    layers.layer("field").line([(-20, 17), (-5, 32), (23, 2)], 10)


def sunset(layers: Emblem) -> None:
    """The sun over the sea."""
    rays = layers.layer("gold")
    for turn in range(-84, 85, 24):
        rays.line(turned([(0, -41), (0, -55)], turn, 0, 2), 6)
    rays.fill(circle(0, 2, 31))
    sea = layers.layer("light")
    for y, half, width in ((16, 60, 8.5), (31, 50, 7.5), (44, 40, 6.5)):
        wave = [
            point
            for x in range(-half, half - 1, 20)
            for point in curve(
                f"M {x} {y} Q {x + 5} {y - 6} {x + 10} {y} Q {x + 15} {y + 6} {x + 20} {y}"
            )
        ]
        sea.line(wave, width)


def planted_heart(layers: Emblem) -> None:
    """A heart with something growing in it."""
    layers.layer("light").fill(moved(heart(58), 0, 2))
    plant = layers.layer("field")
    plant.line(curve("M 0 36 C -1 20 1 10 0 -2"), 5.5)
    plant.fill(turned(moved(leaf(36, 14), 0, 6), 46, 0, 6))
    plant.fill(turned(moved(leaf(30, 12), 0, 16), -50, 0, 16))


def running_shoe(layers: Emblem) -> None:
    """A shoe at speed."""
    upper = layers.layer("light")
    upper.fill(
        curve(
            "M -44 -28 C -42 -40 -32 -40 -28 -30 C -20 -22 -6 -24 2 -38 C 6 -42 12 -40 14 -34 "
            "C 20 -18 30 -9 46 -5 C 58 -2 62 8 62 22 L -44 22 C -47 4 -47 -14 -44 -28"
        )
    )
    stripe = layers.layer("accent")
    stripe.fill(curve("M -46 8 C -22 11 -2 4 10 -16 L 22 -9 C 10 14 -14 22 -44 22"))
    laces = layers.layer("field")
    for x, y in ((10, -26), (17, -17), (26, -10)):
        laces.line([(x - 9, y + 7), (x + 2, y - 1)], 3.6)
    sole = layers.layer("gold")
    sole.fill(curve("M -46 22 L 60 22 C 62 32 56 37 46 37 L -36 37 C -44 37 -47 30 -46 22"))
    speed = layers.layer("light")
    speed.line([(-66, -14), (-52, -14)], 4.6).line([(-69, 2), (-55, 2)], 4.6)
    speed.line([(-64, 18), (-56, 18)], 4.6)


def mountain(layers: Emblem) -> None:
    """A summit with a flag."""
    layers.layer("field").fill(rounded([(-4, 46), (34, -8), (68, 46)], 4))
    layers.layer("field").fill(rounded([(-68, 46), (-38, 6), (-6, 46)], 4))
    layers.layer("deep").fill(rounded([(-52, 47), (0, -30), (52, 47)], 3))
    snow = [(0, -31), (22, 2), (13, 10), (5, 0), (-4, 14), (-11, 4), (-17, 8), (-22, 2)]
    layers.layer("light").fill([(float(x), float(y)) for x, y in snow])
    layers.layer("gold").line([(0, -28), (0, -64)], 4)
    flag = layers.layer("accent")
    flag.fill(curve("M 2 -64 C 12 -70 18 -58 32 -64 L 32 -44 C 18 -38 12 -50 2 -44"))
