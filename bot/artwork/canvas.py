"""Drawing with clean edges: stencils four times as large as the picture, and paints to fill them.

A stencil is scaled down before it is painted through, so that one large grey picture is in memory
at a time instead of a large coloured one per layer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from bot.artwork.fonts import BUNDLED
from bot.artwork.lettering import draw_line, ink_box
from bot.artwork.paths import Outline, Point, circle

Color = tuple[int, int, int]
OVERSAMPLING = 4
_SQUARE, _SMALLEST = 64, 32  # in pixels of the final size
_JOINT = circle(0, 0, 1)[::5]


def rgb(code: str) -> Color:
    """A colour from its hex code ("#d4a017")."""
    value = int(code.removeprefix("#"), 16)
    return (value >> 16 & 255, value >> 8 & 255, value & 255)


def mix(first: Color, second: Color, share: float) -> Color:
    """The colour that lies the given share of the way from the first to the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return (red, green, blue)


class Linear(NamedTuple):
    """A gradient along a direction: angle in degrees (90 runs downwards), evenly spaced colours."""

    colors: tuple[Color, ...]
    angle: float = 90


class Radial(NamedTuple):
    """A gradient around a point given in units, reaching its last colour at the radius."""

    colors: tuple[Color, ...]
    x: float = 0
    y: float = -35
    radius: float = 130


Paint = Linear | Radial | Color


@lru_cache(maxsize=64)
def _ramp(colors: tuple[Color, ...], length: int) -> bytes:
    ramp = bytearray()
    for step in range(length):
        place = step / (length - 1) * (len(colors) - 1)
        index = min(int(place), len(colors) - 2)
        ramp += bytes(mix(colors[index], colors[index + 1], place - index))
    return bytes(ramp)


@lru_cache(maxsize=2)
def _distances(size: int) -> Image.Image:
    # Pillow's gradient ends in the corners; this one ends at the edges, so that it is round.
    corners = Image.radial_gradient("L")
    edges = corners.point([min(255, round(value * math.sqrt(2))) for value in range(256)])
    return edges.resize((size, size), Image.Resampling.BICUBIC)


def painted(paint: Paint, size: int) -> Image.Image:
    """A square RGB picture of the paint."""
    if isinstance(paint, Linear):
        length = 1024
        ramp = Image.frombytes("RGB", (length, 1), _ramp(paint.colors, length))
        ramp = ramp.resize((length, 3), Image.Resampling.NEAREST)
        cosine, sine = math.cos(math.radians(paint.angle)), math.sin(math.radians(paint.angle))
        reach = abs(cosine) + abs(sine)
        step = length / size / reach
        start = length / 2 - step * (cosine + sine) * size / 2
        matrix = (step * cosine, step * sine, start, 0, 0, 1.5)
        return ramp.transform(
            (size, size), Image.Transform.AFFINE, matrix, Image.Resampling.NEAREST
        )
    if isinstance(paint, Radial):
        scale = size / 200
        span = round(paint.radius * scale * 2)
        grey = Image.new("L", (size, size), 255)
        grey.paste(
            _distances(span),
            (round((100 + paint.x) * scale - span / 2), round((100 + paint.y) * scale - span / 2)),
        )
        ramp_bytes = _ramp(paint.colors, 256)
        return Image.merge("RGB", [grey.point(list(ramp_bytes[band::3])) for band in range(3)])
    return Image.new("RGB", (size, size), paint)


class Stencil:
    """What a layer covers, drawn in units (±100) and read as a grey picture of the final size."""

    def __init__(self, size: int, *, share: float = 1, down: float = 0) -> None:
        """Begin empty; `share` scales what is drawn and `down` moves it afterwards."""
        self.size = size
        self._unit = size * OVERSAMPLING / 200
        self._scale = self._unit * share
        self._down = down * self._unit
        self._image = Image.new("L", (size * OVERSAMPLING, size * OVERSAMPLING), 0)
        self._draw = ImageDraw.Draw(self._image)

    def _pixels(self, outline: Sequence[Point]) -> list[Point]:
        middle = 100 * self._unit
        return [
            (middle + x * self._scale, middle + self._down + y * self._scale) for x, y in outline
        ]

    def fill(self, *outlines: Outline) -> Stencil:
        """Cover the outlines."""
        for outline in outlines:
            self._draw.polygon(self._pixels(outline), fill=255)
        return self

    def cut(self, *outlines: Outline) -> Stencil:
        """Uncover the outlines."""
        for outline in outlines:
            self._draw.polygon(self._pixels(outline), fill=0)
        return self

    def line(
        self, points: Outline, width: float, *, fill: int = 255, closed: bool = False
    ) -> Stencil:
        """Cover a line with round joints and ends."""
        pixels = self._pixels([*points, points[0]] if closed else points)
        half = width * self._scale / 2
        # Pillow's own thick lines have whole-pixel corners, which shows as a ragged edge on curves.
        for (x, y), (next_x, next_y) in pairwise(pixels):
            length = math.hypot(next_x - x, next_y - y) or 1
            right, down = (y - next_y) / length * half, (next_x - x) / length * half
            corners = [(x + right, y + down), (next_x + right, next_y + down)]
            corners += [(next_x - right, next_y - down), (x - right, y - down)]
            self._draw.polygon(corners, fill=fill)
        for x, y in pixels:
            joint = [(x + px * half, y + py * half) for px, py in _JOINT]
            self._draw.polygon(joint, fill=fill)
        return self

    def cut_line(self, points: Outline, width: float, *, closed: bool = False) -> Stencil:
        """Uncover a line."""
        return self.line(points, width, fill=0, closed=closed)

    def numeral(self, text: str, x: float, y: float, height: float) -> Stencil:
        """Cover digits of a height in units, their ink centred on the point."""
        font = ImageFont.truetype(
            BUNDLED[True], round(height / 0.727 * self._scale), layout_engine=ImageFont.Layout.BASIC
        )
        left, top, right, bottom = font.getbbox(text, anchor="ls")
        (px, py), *_ = self._pixels([(x, y)])
        place = (px - (left + right) / 2, py - (top + bottom) / 2)
        self._draw.text(place, text, fill=255, font=font, anchor="ls")
        return self

    def sign(self, mask: Image.Image, x: float, y: float) -> Stencil:
        """Cover a mask that has its size in this stencil's own pixels already, centred on the point."""
        (px, py), *_ = self._pixels([(x, y)])
        left, top = round(px - mask.width / 2), round(py - mask.height / 2)
        self._image.paste(255, (left, top), mask)
        return self

    def pixels(self, units: float) -> int:
        """How many of this stencil's own pixels a length in units is."""
        return round(units * self._scale)

    def letters(self, text: str, x: float, y: float, width: float, height: float) -> Stencil:
        """Cover a short bold text as large as the box in units allows, its ink centred on the point."""
        trial = 200
        left, top, right, bottom = ink_box(text, trial, bold=True)
        room = min(
            width * self._scale / max(right - left, 1), height * self._scale / max(bottom - top, 1)
        )
        # Lower-case letters and dots would otherwise grow out of proportion.
        size = max(1, min(round(trial * room), round(height * self._scale / 0.727)))
        left, top, right, bottom = ink_box(text, size, bold=True)
        (px, py), *_ = self._pixels([(x, y)])
        place = (px - (left + right) / 2, py - (top + bottom) / 2)
        draw_line(self._draw, place, text, size, 255, bold=True)
        return self

    def mask(self) -> Image.Image:
        """The stencil at the final size."""
        return _reduced(self._image, self.size)


def _reduced(large: Image.Image, size: int) -> Image.Image:
    small = Image.new("L", (size, size))
    for top in range(0, size, _SQUARE):
        for left in range(0, size, _SQUARE):
            right, bottom = min(left + _SQUARE, size), min(top + _SQUARE, size)
            _reduce(large, small, (left, top, right, bottom))
    return small


def _reduce(large: Image.Image, small: Image.Image, square: tuple[int, int, int, int]) -> None:
    # Most of a stencil is wholly covered or wholly empty, and scaling that down changes nothing. So
    # only squares with an edge in or near them are resampled: half the time, and the same pixels,
    # because a box reads what lies around it too.
    left, top, right, bottom = square
    near = 3  # Lanczos looks so many of the final pixels far.
    around = (
        max(0, left - near) * OVERSAMPLING,
        max(0, top - near) * OVERSAMPLING,
        min(small.width, right + near) * OVERSAMPLING,
        min(small.height, bottom + near) * OVERSAMPLING,
    )
    seen = large.crop(around).tobytes()
    wide, high = right - left, bottom - top
    if seen == seen[:1] * len(seen):
        small.paste(seen[0], square)
    elif max(wide, high) > _SMALLEST:
        x, y = min(left + _SMALLEST, right), min(top + _SMALLEST, bottom)
        for part in (
            (left, top, x, y),
            (x, top, right, y),
            (left, y, x, bottom),
            (x, y, right, bottom),
        ):
            if part[0] < part[2] and part[1] < part[3]:
                _reduce(large, small, part)
    else:
        box = (
            left * OVERSAMPLING,
            top * OVERSAMPLING,
            right * OVERSAMPLING,
            bottom * OVERSAMPLING,
        )
        small.paste(large.resize((wide, high), Image.Resampling.LANCZOS, box), square)


def stencil(size: int, *outlines: Outline) -> Image.Image:
    """The mask of some outlines."""
    return Stencil(size).fill(*outlines).mask()


def lay(picture: Image.Image, mask: Image.Image, paint: Paint, opacity: float = 1) -> None:
    """Paint through a mask onto an RGBA picture."""
    box = mask.getbbox()
    if box is None:
        return
    layer, mask = painted(paint, picture.width).crop(box), mask.crop(box)
    layer.putalpha(mask if opacity == 1 else mask.point(lambda value: value * opacity))
    picture.alpha_composite(layer, box[:2])


def blurred(mask: Image.Image, units: float) -> Image.Image:
    """The mask made soft by a radius in units."""
    return mask.filter(ImageFilter.GaussianBlur(units * mask.width / 200))


def shifted(mask: Image.Image, x: float, y: float) -> Image.Image:
    """The mask moved by units; what comes in from outside is empty."""
    scale = mask.width / 200
    moved = Image.new("L", mask.size, 0)
    moved.paste(mask, (round(x * scale), round(y * scale)))
    return moved


def within(mask: Image.Image, other: Image.Image) -> Image.Image:
    """What both masks cover."""
    return ImageChops.multiply(mask, other)


def without(mask: Image.Image, other: Image.Image) -> Image.Image:
    """What the first mask covers and the other does not."""
    return ImageChops.multiply(mask, ImageChops.invert(other))
