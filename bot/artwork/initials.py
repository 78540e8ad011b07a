"""Badges without a picture: their initials in the family style, never a blank."""

from __future__ import annotations

import hashlib
import unicodedata
from io import BytesIO

from bot.artwork import family
from bot.artwork.design import emoji_name
from bot.artwork.drawn import draw_emoji
from bot.artwork.family import Design, Emblem
from bot.artwork.fonts import drawable
from bot.artwork.paths import circle, moved, rounded, scaled, star

_SHAPES = ("round", "hexagon", "shield", "rosette", "seal", "octagon", "flower", "squircle")
_ENAMELS = (
    "indigo",
    "sky",
    "teal",
    "forest",
    "coral",
    "crimson",
    "rose",
    "violet",
    "plum",
    "slate",
)
_METALS = ("gold", "silver", "bronze", "rose-gold", "steel")
_PATTERNS = ("plain", "rays", "rings", "dots", "stripes", "facets")


def initials(name: str) -> str:
    """One to three letters or digits that stand for a name; empty where it has none to show.

    Han, Kana and Hangul names give their first two characters, others their words' first letters.
    """
    words = [
        word
        for word in drawable(name, bold=True).replace("-", " ").split()
        if any(map(str.isalnum, word))
    ]
    if not words:
        return ""
    starts = [_first(word) for word in words]
    if len(starts) == 1:
        script = unicodedata.name(starts[0][0], "")
        short = script.startswith(("CJK", "HIRAGANA", "KATAKANA", "HANGUL"))
        return words[0][:2] if short else starts[0]
    return "".join(starts[:3])


def _first(word: str) -> str:
    start = next(index for index, character in enumerate(word) if character.isalnum())
    end = start + 1
    while end < len(word) and unicodedata.category(word[end])[0] == "M":
        end += 1
    upper = word[start:end].upper()
    return upper if len(upper) == end - start else word[start:end]


def _emoji(name: str) -> str:
    """The first emoji that can be drawn of a name that is nothing but such signs; else ""."""
    if any(map(str.isalnum, name)):
        return ""
    return next(filter(emoji_name, name), "")


def generated_badge(name: str, *, seed: str, size: int = 512) -> bytes:
    """A PNG of `size` pixels square with the name's initials; where it has no letters, its emoji.

    Where it has neither, a star.

    Shape and colours follow from the seed alone, so that a badge keeps its look when renamed.
    """
    emoji = _emoji(name)
    letters = initials(name)

    def emblem(layers: Emblem) -> None:
        light = layers.layer("light")
        if emoji:
            draw_emoji(layers, emoji)
        elif letters:
            light.letters(letters, 0, 0, 110 if len(letters) > 1 else 76, 60)
        else:
            light.fill(moved(scaled(rounded(star(5, 52, 24), 5), 1), 0, 3))
            layers.layer("field").fill(circle(0, 3, 9))

    choice = hashlib.sha256(seed.encode("utf-8", "surrogatepass")).digest()
    design = Design(
        shape=_SHAPES[choice[0] % len(_SHAPES)],
        enamel=_ENAMELS[choice[1] % len(_ENAMELS)],
        metal=_METALS[choice[2] % len(_METALS)],
        pattern=_PATTERNS[choice[3] % len(_PATTERNS)],
        emblem=emblem,
    )
    png = BytesIO()
    family.draw(design, size).save(png, "PNG", compress_level=4)
    return png.getvalue()
