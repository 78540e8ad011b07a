"""Emblems for contests."""

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
    turned,
)


def paddles(layers: Emblem) -> None:
    """Two crossed table-tennis bats and a ball."""
    pivot = 31
    blade, rubber_face = ellipse(0, -56, 28, 30), ellipse(0, -56, 26.2, 28.2)
    throat = rounded([(-19, -37), (19, -37), (6.5, -20), (-6.5, -20)], 3)
    handle = box(-6.5, -30, 6.5, 24, 5)

    def place(part: Outline, lean: float) -> Outline:
        return turned(moved(part, 0, pivot), lean, 0, pivot)

    for lean, rubber in ((-43, "deep"), (43, "accent")):
        if lean > 0:
            layers.layer("field").line(place(handle, lean), 6, closed=True)
        wood = [place(part, lean) for part in (blade, throat, handle)]
        layers.layer("gold").fill(*wood)
        layers.layer(rubber).fill(place(rubber_face, lean)).cut(place(box(-40, -36, 40, -10), lean))
    layers.layer("white").fill(circle(0, -38, 10))


def code(layers: Emblem) -> None:
    """A flash between angle brackets."""
    bracket = [(-36.0, -30.0), (-62.0, 0.0), (-36.0, 30.0)]
    layers.layer("light").line(bracket, 11).line(mirrored(bracket), 11)
    flash = [(10, -52), (-24, 8), (-3, 8), (-11, 52), (24, -12), (3, -12)]
    layers.layer("gold").fill(rounded([(float(x), float(y)) for x, y in flash], 3))


def question(layers: Emblem) -> None:
    """A question in a speech bubble."""
    bubble = layers.layer("light")
    bubble.fill(box(-50, -46, 50, 30, 26))
    bubble.fill(curve("M -30 20 C -28 36 -36 46 -44 52 C -24 52 -6 42 2 26"))
    mark = layers.layer("field")
    mark.line(arc(0, -20, 15, 190, 380), 9)
    mark.line(curve("M 14 -15 C 10 -4 0 -4 0 6"), 9)
    mark.fill(circle(0, 19, 5.8))


def cupcake(layers: Emblem) -> None:
    """A cake with a cherry on it."""
    cup = [(-36.0, 8.0), (36.0, 8.0), (26.0, 52.0), (-26.0, 52.0)]
    layers.layer("gold").fill(rounded(cup, 6))
    folds = layers.layer("accent")
    for x in (-22, -7.4, 7.4, 22):
        folds.line([(x * 1.12, 12), (x * 0.86, 49)], 4.2)
    cream = layers.layer("light")
    cream.fill(box(-46, -8, 46, 16, 12), box(-36, -24, 36, -2, 11), box(-23, -38, 23, -17, 10))
    cream.fill(curve("M -12 -34 C -10 -46 2 -46 6 -54 C 14 -46 16 -38 12 -32"))
    swirl = layers.layer("field")
    swirl.line(curve("M -32 2 C -14 8 14 8 38 -4"), 2.6)
    swirl.line(curve("M -24 -14 C -8 -9 12 -10 28 -19"), 2.6)
    layers.layer("accent").fill(circle(0, -49, 10.5))
    layers.layer("white").fill(ellipse(-3.4, -53, 2.8, 2.2))
    sprinkles = layers.layer("accent")
    for x, y, lean in ((-30, -2, 30), (-6, -20, -40), (20, -8, 60), (4, -30, 20), (30, 6, -30)):
        sprinkles.fill(moved(turned(box(-4, -1.6, 4, 1.6, 1.5), lean), x, y))


def rook(layers: Emblem) -> None:
    """A chess rook."""
    piece = layers.layer("light")
    piece.fill(box(-38, 38, 38, 54, 5), box(-30, 28, 30, 40, 4))
    piece.fill(curve("M -26 30 C -18 14 -17 -4 -18 -18 L 18 -18 C 17 -4 18 14 26 30"))
    piece.fill(box(-29, -30, 29, -16, 4))
    piece.fill(rounded([(-31, -55), (31, -55), (27, -26), (-27, -26)], 3))
    piece.cut(box(-17.5, -60, -8.5, -43), box(8.5, -60, 17.5, -43))
    lines = layers.layer("field")
    lines.line([(-25, -23), (25, -23)], 2.6).line([(-27, 34), (27, 34)], 2.6)
    window = layers.layer("gold")
    window.fill(box(-6, -6, 6, 14, 5.9))
    window.fill(box(-38, 46, 38, 54, 4))
