"""Emblems for what people have learned."""

from __future__ import annotations

from bot.artwork.family import Emblem
from bot.artwork.paths import (
    arc,
    box,
    circle,
    curve,
    ellipse,
    mirrored,
    moved,
    rounded,
    turned,
)


def book(layers: Emblem) -> None:
    """An open book."""
    cover = layers.layer("accent")
    cover.fill(box(-60, -30, 60, 42, 7))
    page = curve("M 0 -28 C -16 -42 -40 -42 -54 -36 L -54 32 C -40 26 -16 26 0 38")
    layers.layer("light").fill(page, mirrored(page))
    lines = layers.layer("field")
    for y in (-20, -6, 8):
        row = curve(f"M -44 {y - 2} C -34 {y - 5} -22 {y - 4} -11 {y + 3}")
        lines.line(row, 4).line(mirrored(row), 4)
    lines.line([(0, -26), (0, 37)], 2.6)
    layers.layer("gold").fill([(22, -39), (36, -40), (36, -6), (29, -14), (22, -6)])


def padlock(layers: Emblem) -> None:
    """A closed lock."""
    shackle = layers.layer("light")
    shackle.line([(-22, 0), (-22, -22), *arc(0, -24, 22, 180, 360), (22, 0)], 11)
    layers.layer("gold").fill(box(-40, -8, 40, 50, 12))
    hole = layers.layer("deep")
    hole.fill(circle(0, 15, 8.5), rounded([(-4, 16), (4, 16), (7, 36), (-7, 36)], 2))


def first_aid(layers: Emblem) -> None:
    """A cross with a heartbeat."""
    layers.layer("light").fill(box(-20, -54, 20, 54, 9), box(-54, -20, 54, 20, 9))
    beat = [(-48, 0), (-22, 0), (-13, -17), (0, 20), (11, -10), (17, 0), (48, 0)]
    layers.layer("accent").line([(float(x), float(y)) for x, y in beat], 6.5)


def rocket(layers: Emblem) -> None:
    """A rocket that has left the ground."""

    def tilt(outline: list[tuple[float, float]]) -> list[tuple[float, float]]:
        return turned(outline, 40, 0, 0)

    flame = layers.layer("gold")
    flame.fill(tilt(curve("M -13 38 C -20 52 -6 58 0 74 C 6 58 20 52 13 38")))
    fins = layers.layer("accent")
    fin = curve("M -16 6 C -34 14 -36 30 -34 44 L -14 32")
    fins.fill(tilt(fin), tilt(mirrored(fin)))
    hull = layers.layer("light")
    hull.fill(tilt(curve("M 0 -66 C 26 -44 28 -4 15 38 L -15 38 C -28 -4 -26 -44 0 -66")))
    nose = layers.layer("accent")
    nose.fill(
        tilt(curve("M 0 -66 C 10 -57 17 -46 20 -35 C 8 -30 -8 -30 -20 -35 C -17 -46 -10 -57 0 -66"))
    )
    window = layers.layer("deep")
    window.fill(tilt(circle(0, -10, 12.5)))
    layers.layer("field").fill(tilt(circle(0, -10, 8.5)))
    layers.layer("light").fill(circle(-48, -30, 3.4), circle(-34, -50, 2.6), circle(50, 30, 3))


def mortarboard(layers: Emblem) -> None:
    """A graduate's cap."""
    cap = layers.layer("accent")
    cap.fill(curve("M -32 -4 L 32 -4 L 32 26 C 20 42 -20 42 -32 26"))
    layers.layer("deep").line([(-60, -13), (0, 13), (60, -13)], 5)
    layers.layer("light").fill(rounded([(0, -44), (64, -17), (0, 10), (-64, -17)], 4))
    tassel = layers.layer("gold")
    tassel.line([(0, -17), (48, -8), (48, 22)], 4.4)
    tassel.fill(circle(48, 22, 6), [(43, 24), (53, 24), (57, 48), (39, 48)])
    tassel.fill(ellipse(0, -17, 6, 3.6))


def globe(layers: Emblem) -> None:
    """The world, and a word spoken in it."""
    world = layers.layer("light").fill(circle(-5, 8, 47))
    world.cut_line(ellipse(-5, 8, 21, 52), 4, closed=True).cut_line([(-5, -45), (-5, 60)], 4)
    for y in (-16, 8, 32):
        world.cut_line([(-60, y), (50, y)], 4)
    outline = layers.layer("deep")
    bubble = box(2, -50, 54, -14, 14)
    outline.line(bubble, 7, closed=True)
    speech = layers.layer("gold")
    speech.fill(bubble, [(12, -20), (28, -18), (10, 0)])
    dots = layers.layer("deep")
    for x in (15, 28, 41):
        dots.fill(moved(circle(0, 0, 4), x, -32))
