"""Emoji as solid signs: the font draws them as lines, which are too thin on a small badge.

What a line encloses is filled, and the lines within become details in another tone, as on the
starter badges. Signs that are solid in the font already stay as they are.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from bot.artwork.design import EMOJI_FONT
from bot.artwork.fonts import face

_SMALL = 160  # pixels: so large is the sign where its inside is sought
_LINE = 9  # pixels of these, a little more than the font's lines are wide
_SOLID = 0.58  # a sign whose ink covers so much of its silhouette is not drawn in lines


class Sign(NamedTuple):
    """What of a sign is covered, and what of that are details; masks of one size."""

    silhouette: Image.Image
    details: Image.Image | None


@lru_cache(maxsize=8)
def sign(emoji: str, size: int) -> Sign:
    """An emoji whose ink fills a square of `size` pixels across or down, centred in it."""
    ink = _ink(emoji, size)
    inside = _inside(emoji)
    small = ink.resize(inside.size, Image.Resampling.BOX)
    whole = ImageChops.lighter(inside, small)
    if _amount(small) > _SOLID * _amount(whole):
        return Sign(ink, None)
    # Half a line in from the edge, the filling ends below the line and shows no steps.
    filling = _enlarged(whole.filter(ImageFilter.MinFilter(_LINE // 2 | 1)), size)
    core = _enlarged(whole.filter(ImageFilter.MinFilter(2 * _LINE + 1)), size)
    return Sign(ImageChops.lighter(ink, filling), ImageChops.multiply(ink, core))


def _ink(emoji: str, size: int) -> Image.Image:
    trial = 200
    left, top, right, bottom = face(EMOJI_FONT, trial).getbbox(emoji, anchor="ls")
    font = face(EMOJI_FONT, max(1, round(trial * size / max(right - left, bottom - top, 1))))
    left, top, right, bottom = font.getbbox(emoji, anchor="ls")
    picture = Image.new("L", (size, size), 0)
    place = ((size - left - right) / 2, (size - top - bottom) / 2)
    ImageDraw.Draw(picture).text(place, emoji, fill=255, font=font, anchor="ls")
    return picture


@lru_cache(maxsize=256)
def _inside(emoji: str) -> Image.Image:
    """What the lines enclose, and the lines, on a small scale."""
    edge = 2
    framed = Image.new("L", (_SMALL + 2 * edge, _SMALL + 2 * edge), 0)
    framed.paste(_ink(emoji, _SMALL).point(lambda value: 255 * (value > 96)), (edge, edge))
    ImageDraw.floodfill(framed, (0, 0), 128)
    closed = framed.point(lambda value: 255 * (value != 128))
    return closed.crop((edge, edge, _SMALL + edge, _SMALL + edge))


def _enlarged(mask: Image.Image, size: int) -> Image.Image:
    soft = mask.filter(ImageFilter.GaussianBlur(1.2)).resize((size, size), Image.Resampling.BICUBIC)
    return soft.point(lambda value: min(255, max(0, (value - 112) * 8)))


def _amount(mask: Image.Image) -> int:
    return sum(value * count for value, count in enumerate(mask.histogram()))
