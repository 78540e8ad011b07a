"""The family style of all badges: an enamel field in a metal rim, and an emblem laid on it."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from PIL import Image, ImageChops

from bot.artwork import canvas
from bot.artwork.canvas import Color, Linear, Paint, Radial, Stencil, mix, rgb
from bot.artwork.paths import (
    Outline,
    circle,
    curve,
    mirrored,
    moved,
    polygon,
    rounded,
    scaled,
    scallop,
    star,
    turned,
)

WHITE, BLACK = (255, 255, 255), (0, 0, 0)


class Enamel(NamedTuple):
    """A field's colours, from where light falls to the deep."""

    light: Color
    base: Color
    deep: Color


class Metal(NamedTuple):
    """A rim's colours."""

    shine: Color
    light: Color
    base: Color
    dark: Color


def _enamel(light: str, base: str, deep: str) -> Enamel:
    return Enamel(rgb(light), rgb(base), rgb(deep))


def _metal(shine: str, light: str, base: str, dark: str) -> Metal:
    return Metal(rgb(shine), rgb(light), rgb(base), rgb(dark))


ENAMELS = {
    "indigo": _enamel("#6d7cf2", "#4150c8", "#232c85"),
    "sky": _enamel("#5fb8f5", "#2482d6", "#0f4a94"),
    "teal": _enamel("#3fc7bd", "#13918d", "#0a5560"),
    "forest": _enamel("#5cbf7c", "#258a52", "#0f5236"),
    "olive": _enamel("#a9c25a", "#71902c", "#405814"),
    "amber": _enamel("#ffc34d", "#ee9114", "#b25a06"),
    "coral": _enamel("#ff9272", "#ec5a44", "#a82a2c"),
    "crimson": _enamel("#f0647c", "#c92a4c", "#7d1236"),
    "rose": _enamel("#f88bb5", "#d94a86", "#8f2259"),
    "violet": _enamel("#a983f0", "#7448cc", "#43248a"),
    "plum": _enamel("#a8659f", "#793a78", "#45204f"),
    "slate": _enamel("#7388a3", "#48597a", "#262f4a"),
    "night": _enamel("#4b5a94", "#28336b", "#121737"),
    "mint": _enamel("#a5e07e", "#429c55", "#1b6040"),
    "cocoa": _enamel("#b58463", "#83553b", "#4c2d20"),
}
_LEAST_LIGHT, _LEAST_BASE = 3.0, 4.5  # contrast of white with a field (WCAG 2.2, 1.4.11, 1.4.3)
METALS = {
    "gold": _metal("#fff6cf", "#f9d976", "#dda534", "#94621a"),
    "silver": _metal("#ffffff", "#e3e8ef", "#a9b4c4", "#657185"),
    "bronze": _metal("#ffe3c7", "#e5a877", "#b8713f", "#72401f"),
    "steel": _metal("#e9f3fb", "#b6c9da", "#7891ab", "#42566f"),
    "ink": _metal("#c6cde6", "#7c87b0", "#475182", "#20264d"),
    "leaf": _metal("#f4fbdc", "#c3df85", "#7fae45", "#44701f"),
    "rose-gold": _metal("#fff0ea", "#f4c3b2", "#d18b7a", "#8c4d45"),
}


def _shield() -> Outline:
    right = curve("M 0 -88 C 22 -76 48 -70 76 -70 C 80 -20 74 40 0 90")
    return right + mirrored(right)[::-1]


SHAPES: dict[str, Outline] = {
    "round": circle(0, 0, 88),
    "disc": circle(0, 0, 78),
    "hexagon": rounded(polygon(6, 97), 16),
    "shield": _shield(),
    "rosette": scallop(16, 86, 3.4),
    "seal": rounded(star(24, 93, 82), 4),
    "octagon": rounded(polygon(8, 95, turn=-67.5), 14),
    "flower": scallop(8, 85, 5),
    "blossom": scallop(12, 88, 4),
    "diamond": rounded(polygon(4, 103), 22),
    "squircle": rounded([(-84, -84), (84, -84), (84, 84), (-84, 84)], 62),
}
# Shapes with a wavy or toothed rim have a round field of this radius.
_ROUND_FIELDS = {"rosette": 74, "seal": 73, "flower": 71, "blossom": 73}
# A shield narrows downwards, so its emblem is smaller and sits higher: (scale, shift).
_EMBLEM_PLACES = {"shield": (0.82, -11.0), "diamond": (0.76, 0.0)}
# A badge with a ribbon is this much smaller and higher, to leave the tails room.
_ON_RIBBON, _ABOVE_RIBBON = 0.86, -14.0


class Emblem:
    """What is laid on a field: layers in tones, painted in the order in which they were begun."""

    def __init__(self, size: int, *, share: float = 1, down: float = 0) -> None:
        self._size, self._share, self._down = size, share, down
        self.layers: list[tuple[str, Image.Image]] = []
        self._open: tuple[str, Stencil] | None = None

    def layer(self, tone: str) -> Stencil:
        """Begin a layer in a tone: "light", "gold", "white", "accent" and its "glint" and
        "shade", "deep", "field"."""
        self.close()
        self._open = (tone, Stencil(self._size, share=self._share, down=self._down))
        return self._open[1]

    def close(self) -> None:
        """Finish the layer that is being drawn."""
        if self._open is not None:
            self.layers.append((self._open[0], self._open[1].mask()))
            self._open = None


class Design(NamedTuple):
    """Everything that makes one badge's picture."""

    shape: str
    enamel: str
    metal: str
    emblem: Callable[[Emblem], None]
    pattern: str = "plain"
    accent: str = "amber"
    ribbon: str = ""


def tone_paint(tone: str, design: Design) -> Paint:
    """The paint of an emblem's tone."""
    field, accent, gold = ENAMELS[design.enamel], ENAMELS[design.accent], METALS["gold"]
    paints: dict[str, Paint] = {
        "light": Linear(((255, 255, 255), mix((226, 230, 244), field.light, 0.18))),
        "white": (255, 255, 255),
        "gold": Linear((gold.shine, gold.light, gold.base)),
        "accent": Linear((accent.light, accent.base, mix(accent.base, accent.deep, 0.4))),
        "glint": mix(accent.light, WHITE, 0.6),
        "shade": mix(accent.base, accent.deep, 0.8),
        "deep": Linear((mix(field.base, field.deep, 0.75), field.deep)),
        "field": Linear((field.light, field.base)),
    }
    return paints[tone]


def draw(design: Design, size: int) -> Image.Image:
    """The badge as a square RGBA picture on a transparent ground."""
    # Badges of one grade differ in their emblems alone, and are often drawn one after another.
    body, field = _body(design._replace(emblem=_nothing, accent="amber"), size)
    picture = body.copy()
    share, down = _EMBLEM_PLACES.get(design.shape, (1.0, 0.0))
    if design.ribbon:
        share, down = share * _ON_RIBBON, down * _ON_RIBBON + _ABOVE_RIBBON
    emblem = Emblem(size, share=share, down=down)
    design.emblem(emblem)
    emblem.close()
    _emblem(picture, emblem, design, field)
    return picture


def _nothing(_emblem: Emblem) -> None:
    pass


@lru_cache(maxsize=2)
def _body(design: Design, size: int) -> tuple[Image.Image, Image.Image]:
    picture = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    outline = SHAPES[design.shape]
    if design.ribbon:
        _ribbon(picture, ENAMELS[design.ribbon])
        outline = moved(scaled(outline, _ON_RIBBON), 0, _ABOVE_RIBBON)
    metal, enamel = METALS[design.metal], ENAMELS[design.enamel]
    middle = _ABOVE_RIBBON if design.ribbon else 0.0

    def inset(share: float) -> Outline:
        if share < 0.95 and design.shape in _ROUND_FIELDS:
            shrunk = _ON_RIBBON if design.ribbon else 1.0
            radius = _ROUND_FIELDS[design.shape] * shrunk * share / 0.882
            return circle(0, middle, radius)
        return moved(scaled(moved(outline, 0, -middle), share), 0, middle)

    body = canvas.stencil(size, outline)
    shade = canvas.blurred(canvas.shifted(body, 0, 2.5), 2.6)
    canvas.lay(picture, shade, (16, 18, 40), 0.34)
    canvas.lay(picture, body, metal.dark)
    rim = canvas.stencil(size, inset(0.985))
    rim_light = Linear((metal.shine, metal.light, metal.base, metal.light, metal.dark), 55)
    canvas.lay(picture, rim, rim_light)
    bevel = canvas.stencil(size, inset(0.925))
    canvas.lay(picture, bevel, Linear((metal.dark, metal.base, metal.light, metal.shine), 55))
    seat = canvas.stencil(size, inset(0.9))
    canvas.lay(picture, seat, mix(metal.dark, enamel.deep, 0.55))
    field = canvas.stencil(size, inset(0.882))
    canvas.lay(
        picture, field, Radial((enamel.light, enamel.base, enamel.deep), 0, middle - 42, 185)
    )
    _pattern(picture, field, design, middle)
    inner = canvas.without(field, canvas.blurred(canvas.shifted(field, 0, 5), 5))
    canvas.lay(picture, inner, mix(enamel.deep, BLACK, 0.45), 0.7)
    glow = canvas.without(field, canvas.blurred(canvas.shifted(field, 0, -3), 3))
    canvas.lay(picture, canvas.without(glow, inner), WHITE, 0.16)
    return picture, field


def _pattern(picture: Image.Image, field: Image.Image, design: Design, middle: float) -> None:
    marks = Stencil(picture.width)
    if design.pattern == "rays":
        for ray in range(0, 360, 20):
            wedge = [(0.0, 0.0), *(turned([(0.0, -150.0)], ray + side)[0] for side in (-5, 5))]
            marks.fill(moved(wedge, 0, middle))
    elif design.pattern == "rings":
        for radius in range(20, 110, 16):
            marks.line(moved(circle(0, 0, radius), 0, middle), 2.4, closed=True)
    elif design.pattern == "dots":
        dot = circle(0, middle, 1.9)
        for row in range(-9, 10):
            for column in range(-9, 10):
                marks.fill(moved(dot, column * 12 + (row % 2) * 6, row * 10.4))
    elif design.pattern == "stripes":
        for step in range(-220, 220, 22):
            marks.fill([(step, 120), (step + 11, 120), (step + 131, -120), (step + 120, -120)])
    elif design.pattern == "facets":
        for corner in range(0, 360, 60):
            edge = polygon(6, 140, turn=corner - 90)
            if corner % 120 == 0:
                marks.fill([(0, middle), moved(edge, 0, middle)[0], moved(edge, 0, middle)[1]])
    else:
        return
    canvas.lay(picture, canvas.within(field, marks.mask()), ENAMELS[design.enamel].light, 0.22)


def _emblem(picture: Image.Image, emblem: Emblem, design: Design, field: Image.Image) -> None:
    if not emblem.layers:
        return
    union = emblem.layers[0][1]
    for _tone, mask in emblem.layers[1:]:
        union = ImageChops.lighter(union, mask)
    deep = mix(ENAMELS[design.enamel].deep, BLACK, 0.35)
    shadow = canvas.blurred(canvas.shifted(union, 0, 3), 2)
    canvas.lay(picture, canvas.within(shadow, field), deep, 0.6)
    for tone, mask in emblem.layers:
        canvas.lay(picture, mask, tone_paint(tone, design))
        if tone in {"light", "gold", "accent", "field"}:
            edge = canvas.without(mask, canvas.shifted(mask, 0, -1.3))
            canvas.lay(picture, edge, deep if tone != "gold" else METALS["gold"].dark, 0.3)
            top = canvas.without(mask, canvas.shifted(mask, 0, 1.2))
            canvas.lay(picture, top, WHITE, 0.55)
    gloss = Stencil(picture.width).fill(moved(scaled(circle(0, 0, 100), 1.15, 0.8), -12, -98))
    fade = canvas.painted(Linear((WHITE, (150, 150, 150), BLACK, BLACK)), picture.width).convert(
        "L"
    )
    light = canvas.within(canvas.within(gloss.mask(), field), fade)
    canvas.lay(picture, light, WHITE, 0.26)


def _ribbon(picture: Image.Image, enamel: Enamel) -> None:
    size = picture.width
    for side in (-1, 1):
        tail = [(-36.0, 0.0), (4.0, 0.0), (4.0, 96.0), (-16.0, 82.0), (-36.0, 96.0)]
        stripe = [(-21.0, 0.0), (-11.0, 0.0), (-11.0, 96.0), (-21.0, 96.0)]
        place = [turned(moved(part, 0, 2), 17, 0, -14) for part in (tail, stripe)]
        if side > 0:
            place = [mirrored(part) for part in place]
        mask = canvas.stencil(size, place[0])
        canvas.lay(picture, canvas.blurred(canvas.shifted(mask, 0, 2), 2), (16, 18, 40), 0.3)
        canvas.lay(picture, mask, Linear((enamel.deep, enamel.base, enamel.light), 70))
        band = canvas.within(mask, canvas.stencil(size, place[1]))
        canvas.lay(picture, band, mix(enamel.light, WHITE, 0.72), 0.9)
        edge = canvas.without(mask, canvas.shifted(mask, 0, -1.2))
        canvas.lay(picture, edge, enamel.deep, 0.6)


def contrast(first: Color, second: Color) -> float:
    """The contrast ratio of two colours, 1 to 21, as WCAG 2.2 defines it."""
    brighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(color: Color) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else math.pow((part + 0.055) / 1.055, 2.4)
        for part in (value / 255 for value in color)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _strong(field: Enamel) -> Enamel:
    def darkened(color: Color, ratio: float) -> Color:
        share = 0.0
        while contrast(mix(color, field.deep, share), WHITE) < ratio:
            share += 0.02
        return mix(color, field.deep, share)

    return Enamel(
        darkened(field.light, _LEAST_LIGHT),
        darkened(field.base, _LEAST_BASE),
        darkened(field.deep, _LEAST_BASE),
    )


# The same hues, but so dark that white signs stand out wherever they lie on the field.
ENAMELS |= {f"strong {name}": _strong(field) for name, field in ENAMELS.items()}
