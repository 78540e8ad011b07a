"""Outlines that badges are drawn from: lists of points around (0, 0), y downwards, ±100 the edges."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

Point = tuple[float, float]
Outline = list[Point]


def arc(x: float, y: float, radius: float, start: float, end: float) -> Outline:
    """Points of a circular arc; angles in degrees, 0 to the right, growing clockwise."""
    steps = max(8, int(abs(end - start) / 2))
    return [
        (
            x + radius * math.cos(math.radians(start + (end - start) * step / steps)),
            y + radius * math.sin(math.radians(start + (end - start) * step / steps)),
        )
        for step in range(steps + 1)
    ]


def ellipse(x: float, y: float, across: float, down: float) -> Outline:
    """An ellipse of the given half axes."""
    return [(x + px * across, y + py * down) for px, py in arc(0, 0, 1, 0, 360)[:-1]]


def circle(x: float, y: float, radius: float) -> Outline:
    """A circle."""
    return ellipse(x, y, radius, radius)


def polygon(corners: int, radius: float, *, turn: float = -90) -> Outline:
    """A regular polygon around (0, 0) whose first corner lies at the angle `turn`."""
    return [
        (
            radius * math.cos(math.radians(turn + 360 * corner / corners)),
            radius * math.sin(math.radians(turn + 360 * corner / corners)),
        )
        for corner in range(corners)
    ]


def star(points: int, outer: float, inner: float, *, turn: float = -90) -> Outline:
    """A star around (0, 0)."""
    tips = polygon(points, outer, turn=turn)
    dents = polygon(points, inner, turn=turn + 180 / points)
    return [point for pair in zip(tips, dents, strict=True) for point in pair]


def scallop(waves: int, radius: float, depth: float) -> Outline:
    """A circle whose edge rises and falls so many times by the depth."""
    outline = []
    for step in range(720):
        angle = math.radians(step / 2)
        reach = radius + depth * math.cos(waves * (angle + math.pi / 2))
        outline.append((reach * math.cos(angle), reach * math.sin(angle)))
    return outline


def box(left: float, top: float, right: float, bottom: float, radius: float = 0) -> Outline:
    """A rectangle, its corners rounded by the radius."""
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    if not radius:
        return corners
    return [
        point
        for x, y, start in (
            (right - radius, top + radius, -90),
            (right - radius, bottom - radius, 0),
            (left + radius, bottom - radius, 90),
            (left + radius, top + radius, 180),
        )
        for point in arc(x, y, radius, start, start + 90)
    ]


def rounded(corners: Sequence[Point], radius: float) -> Outline:
    """The polygon with each corner replaced by a curve that begins `radius` before it."""
    outline: Outline = []
    for index, corner in enumerate(corners):
        before, after = corners[index - 1], corners[(index + 1) % len(corners)]
        begin, end = _towards(corner, before, radius), _towards(corner, after, radius)
        outline += _quadratic(begin, corner, end)
    return outline


def _towards(here: Point, there: Point, distance: float) -> Point:
    length = math.dist(here, there) or 1.0
    share = min(distance / length, 0.5)
    return (here[0] + (there[0] - here[0]) * share, here[1] + (there[1] - here[1]) * share)


def _quadratic(begin: Point, pull: Point, end: Point, steps: int = 16) -> Outline:
    return [
        (
            (1 - t) ** 2 * begin[0] + 2 * t * (1 - t) * pull[0] + t**2 * end[0],
            (1 - t) ** 2 * begin[1] + 2 * t * (1 - t) * pull[1] + t**2 * end[1],
        )
        for t in (step / steps for step in range(steps + 1))
    ]


def _cubic(a: Point, b: Point, c: Point, d: Point, steps: int = 28) -> Outline:
    return [
        (
            (1 - t) ** 3 * a[0]
            + 3 * t * (1 - t) ** 2 * b[0]
            + 3 * t**2 * (1 - t) * c[0]
            + t**3 * d[0],
            (1 - t) ** 3 * a[1]
            + 3 * t * (1 - t) ** 2 * b[1]
            + 3 * t**2 * (1 - t) * c[1]
            + t**3 * d[1],
        )
        for t in (step / steps for step in range(1, steps + 1))
    ]


def curve(description: str) -> Outline:
    """One outline from "M x y", "L x y", "Q x y x y" and "C x y x y x y", all absolute."""
    tokens = description.replace(",", " ").split()
    outline: Outline = []
    index = 0
    while index < len(tokens):
        letter = tokens[index]
        count = {"M": 1, "L": 1, "Q": 2, "C": 3}[letter]
        values = [float(token) for token in tokens[index + 1 : index + 1 + 2 * count]]
        points = list(zip(values[::2], values[1::2], strict=True))
        if count == 1:
            outline.append(points[0])
        elif count == 2:
            outline += _quadratic(outline[-1], points[0], points[1], 24)[1:]
        else:
            outline += _cubic(outline[-1], points[0], points[1], points[2])
        index += 1 + 2 * count
    return outline


def moved(outline: Iterable[Point], x: float = 0, y: float = 0) -> Outline:
    """The outline shifted."""
    return [(px + x, py + y) for px, py in outline]


def scaled(outline: Iterable[Point], across: float, down: float | None = None) -> Outline:
    """The outline made larger or smaller around (0, 0)."""
    down = across if down is None else down
    return [(x * across, y * down) for x, y in outline]


def turned(outline: Iterable[Point], degrees: float, x: float = 0, y: float = 0) -> Outline:
    """The outline turned clockwise around (x, y)."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return [
        (x + (px - x) * cosine - (py - y) * sine, y + (px - x) * sine + (py - y) * cosine)
        for px, py in outline
    ]


def mirrored(outline: Iterable[Point]) -> Outline:
    """The outline with left and right exchanged."""
    return [(-x, y) for x, y in outline]
