"""The card that shows a badge in the feed. It says nothing about people."""

from __future__ import annotations

import colorsys
import random
from io import BytesIO

from PIL import Image, ImageChops, ImageDraw

from bot.artwork.canvas import Color, Radial, mix, painted, rgb
from bot.artwork.family import WHITE, contrast
from bot.artwork.fonts import drawable, is_right_to_left
from bot.artwork.lettering import draw_line, fit, line_height, whole, wrap
from bot.artwork.tiles import squared

CARD = (1200, 400)
GROUND: Color = (30, 35, 58)
_BADGE = 328
_LEFT, _RIGHT = 436, 1144


def badge_card(
    original: bytes, *, name: str, category: str, description: str, color: str | None = None
) -> bytes:
    """The feed card, a PNG of 1200 × 400 pixels (meant for twice the density), opaque.

    `color` is the accent as a hex code ("#d4a017"); without one it is taken from the picture.
    Raises UnreadablePictureError where the original cannot be read.
    """
    badge = squared(original, _BADGE)
    accent = rgb(color) if color else dominant_color(badge)
    card = _ground(accent)
    card.paste(badge, (60, (CARD[1] - _BADGE) // 2), badge)
    _words(card, accent, name, category, description)
    png = BytesIO()
    card.save(png, "PNG", compress_level=4)
    return png.getvalue()


def dominant_color(badge: Image.Image) -> Color:
    """The colour that a picture is remembered by: the average of its most present vivid hue."""
    small = badge.convert("RGBa").resize((32, 32), Image.Resampling.BOX).convert("RGBA")
    pixels = small.tobytes()
    hues: list[list[int]] = [[0, 0, 0, 0] for _ in range(12)]
    for index in range(0, len(pixels), 4):
        red, green, blue, alpha = pixels[index : index + 4]
        hue, _saturation, _value = colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)
        weight = alpha * (max(red, green, blue) - min(red, green, blue))
        sums = hues[round(hue * 12) % 12]
        for band, part in enumerate((weight, red * weight, green * weight, blue * weight)):
            sums[band] += part
    total, red, green, blue = max(hues)
    if not total:
        return (110, 124, 190)
    return (red // total, green // total, blue // total)


def readable(color: Color, ground: Color, ratio: float = 5.5) -> Color:
    """The colour, made lighter until text in it stands out from a dark ground."""
    share = 0.0
    while contrast(mix(color, WHITE, share), ground) < ratio and share < 1:
        share += 0.05
    return mix(color, WHITE, min(share, 1))


def _ground(accent: Color) -> Image.Image:
    wide, high = CARD
    ground = mix(GROUND, accent, 0.10)
    glow = painted(
        Radial((mix(ground, accent, 0.62), mix(ground, accent, 0.22), ground), 0, 0, 100), 800
    )
    card = Image.new("RGB", CARD, ground)
    card.paste(glow, (60 + _BADGE // 2 - 400, high // 2 - 400))
    card = grained(card)
    ImageDraw.Draw(card).rectangle((0, high - 8, wide, high), fill=accent)
    return card


def grained(picture: Image.Image) -> Image.Image:
    """The picture with a grain of one level, which keeps dark gradients from showing bands."""
    grain = random.Random(2).randbytes(picture.width * picture.height)  # noqa: S311 - the same grain each time
    noise = Image.frombytes("L", picture.size, grain).point(lambda value: value // 86)
    return ImageChops.add(picture, Image.merge("RGB", [noise] * 3), 1, -1)


def _words(card: Image.Image, accent: Color, name: str, category: str, description: str) -> None:
    draw = ImageDraw.Draw(card)
    room = _RIGHT - _LEFT
    ground = mix(GROUND, accent, 0.10)
    title = fit(name, room, (66, 60, 54), bold=True)
    if not whole(title, name, bold=True):
        title = fit(name, room, (60, 54, 48), lines=2, bold=True)
    if not whole(title, name, bold=True):
        title = fit(name, room, (44, 40, 36), lines=3, bold=True)
    below = wrap(description, 30, room, 3 if len(title.lines) < 2 else 2)
    above = wrap(category.upper(), 25, room, 1, bold=True)
    heights = [
        *[line_height(25) + 8 for _ in above],
        *[round(title.size * 1.16) for _ in title.lines],
        *[line_height(30) + 2 for _ in below],
    ]
    gap = 18 if below and title.lines else 0
    y = (CARD[1] - 8 - sum(heights) - gap) / 2
    backwards = is_right_to_left(drawable(name, bold=True))
    x, align = (_RIGHT, "right") if backwards else (_LEFT, "left")
    for line in above:
        draw_line(draw, (x, y + 25), line, 25, readable(accent, ground), bold=True, align=align)
        y += line_height(25) + 8
    for line in title.lines:
        draw_line(draw, (x, y + title.size * 0.9), line, title.size, WHITE, bold=True, align=align)
        y += round(title.size * 1.16)
    y += gap
    for line in below:
        draw_line(draw, (x, y + 28), line, 30, (208, 213, 230), align=align)
        y += line_height(30) + 2
