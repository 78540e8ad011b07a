"""The faces that pictures are lettered with, and which of them draws which character.

Inter comes with Laurel and covers Latin, Greek and Cyrillic. For the rest a Noto font of the
machine is used where there is one; what no font has is spelled in Latin letters. There are never
boxes.
"""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from anyascii import anyascii
from PIL import ImageFont, features

from bot.artwork.cmap import FONTS, Coverage, coverage
from bot.artwork.design import EMOJI_FONT

BUNDLED = {False: FONTS / "Inter-Regular.otf", True: FONTS / "Inter-Bold.otf"}

# The first word of a character's Unicode name is its script; these have other names as fonts.
_FAMILIES = {
    "ARABIC": ("notosansarabic", "notonaskharabic"),
    "BENGALI": ("notosansbengali",),
    "CANADIAN": ("notosanscanadianaboriginal",),
    "CJK": ("notosanscjk", "notosanssc", "notosanscjksc", "droidsansfallbackfull"),
    "HANGUL": ("notosanscjk", "notosanskr", "notosanscjkkr", "droidsansfallbackfull"),
    "HIRAGANA": ("notosanscjk", "notosansjp", "notosanscjkjp", "droidsansfallbackfull"),
    "KATAKANA": ("notosanscjk", "notosansjp", "notosanscjkjp", "droidsansfallbackfull"),
}
_FAMILIES["IDEOGRAPHIC"] = _FAMILIES["FULLWIDTH"] = _FAMILIES["CJK"]
_FAMILIES["HALFWIDTH"] = _FAMILIES["KATAKANA-HIRAGANA"] = _FAMILIES["KATAKANA"]
_SHAPED = re.compile(
    r"^(ARABIC|SYRIAC|THAANA|NKO|HEBREW|DEVANAGARI|BENGALI|GURMUKHI|GUJARATI|ORIYA|TAMIL|TELUGU"
    r"|KANNADA|MALAYALAM|SINHALA|KHMER|MYANMAR|TIBETAN|MONGOLIAN)\b"
)


class Run(NamedTuple):
    """Neighbouring characters of one font and one direction."""

    text: str
    font: Path
    right_to_left: bool


def missing_fonts() -> tuple[Path, ...]:
    """Which of the fonts that come with Laurel are not where it looks for them."""
    return tuple(path for path in (*BUNDLED.values(), EMOJI_FONT) if not path.is_file())


@lru_cache(maxsize=1)
def shapes_complex_scripts() -> bool:
    """Whether this machine's Pillow joins Arabic letters and orders right-to-left text."""
    return bool(features.check_feature("raqm") and features.check_feature("fribidi"))


@lru_cache(maxsize=128)
def face(path: Path, size: int) -> ImageFont.FreeTypeFont:
    """The font at a size in pixels, opened once."""
    engine = ImageFont.Layout.RAQM if shapes_complex_scripts() else ImageFont.Layout.BASIC
    return ImageFont.truetype(path, size, layout_engine=engine)


def _font_directories() -> Iterator[Path]:
    home = Path.home()
    if sys.platform == "darwin":
        yield from (Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts")
    elif sys.platform == "win32":
        yield Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"
    else:
        yield from (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
        yield from (home / ".local/share/fonts", home / ".fonts")


@lru_cache(maxsize=1)
def machine_fonts() -> dict[str, Path]:
    """The machine's fonts that may stand in, by lower-case file name without its ending."""
    found: dict[str, Path] = {}
    for directory in _font_directories():
        for folder, _folders, names in os.walk(directory):
            for name in names:
                stem, ending = os.path.splitext(name.lower())
                if ending in {".ttf", ".otf", ".ttc"} and stem.startswith(("noto", "droidsansf")):
                    found.setdefault(stem, Path(folder, name))
    return found


@lru_cache(maxsize=1024)
def _stand_ins(script: str, bold: bool) -> tuple[tuple[Path, Coverage], ...]:
    weights = ("-bold", "-regular", "-variable", "[wght]", "")
    if not bold:
        weights = ("-regular", "-variable", "[wght]", "", "-bold")
    families = _FAMILIES.get(script, (f"notosans{script.lower()}",))
    installed = machine_fonts()
    found = []
    for family in (*families, "notosans", "notosanssymbols2", "notosanssymbols", "notosansmath"):
        for weight in weights:
            path = installed.get(family + weight)
            if path is None:
                continue
            try:
                found.append((path, coverage(path)))
            except ValueError:
                continue  # A font without a Unicode table draws nothing of ours.
            break
    return tuple(found)


@lru_cache(maxsize=8192)
def font_for(character: str, *, bold: bool) -> Path | None:
    """The font that draws a character, or None where no font of this machine does."""
    path = BUNDLED[bold]
    name = unicodedata.name(character, "")
    if _SHAPED.match(name) and not shapes_complex_scripts():
        return None
    if coverage(path).has(character):
        return path
    if unicodedata.category(character) == "So" and ord(character) >= 0x1F000:
        return None  # Fonts for emoji are coloured bitmaps of one size.
    script = name.partition(" ")[0]
    for stand_in, characters in _stand_ins(script, bold):
        if characters.has(character):
            return stand_in
    return None


_UNDRAWN = {"Cc", "Cf", "Cs", "Co", "Cn"}
_JOINERS = "\u200c\u200d"  # They shape Indic and Arabic words; elsewhere they glue emoji.


def _is_emoji_part(character: str) -> bool:
    code = ord(character)
    return code >= 0x1F000 or 0xFE00 <= code <= 0xFE0F or code in {0x200D, 0x20E3}


@lru_cache(maxsize=4096)
def drawable(text: str, *, bold: bool = False) -> str:
    """The text as it can be drawn: one line, composed, with Latin letters for what no font has.

    Emoji are left out beside other text; a name of emoji alone is spelled out ("trophy"). The
    answer is empty only where the text has nothing to show.
    """
    composed = unicodedata.normalize("NFC", text)
    line = " ".join(_spaced(composed).split())
    shown = []
    for character in line:
        if character == " " or font_for(character, bold=bold) is not None:
            shown.append(character)
        elif not _is_emoji_part(character) and not unicodedata.combining(character):
            spelled = anyascii(character).replace(":", "")
            ideograph = unicodedata.name(character, "").startswith("CJK")
            # One syllable each: apart, they can be read and wrapped.
            shown.append(f"{spelled} " if ideograph else spelled)
    drawn = " ".join("".join(shown).split())
    if drawn or not line:
        return drawn
    spelled = anyascii(line).replace("_", " ").replace(":", " ")
    return " ".join("".join(c for c in spelled if c.isprintable()).split())


def _spaced(text: str) -> str:
    kept = []
    for character in text:
        if character.isspace():
            kept.append(" ")
        elif unicodedata.category(character) not in _UNDRAWN or (
            character in _JOINERS and kept and _SHAPED.match(unicodedata.name(kept[-1], ""))
        ):
            kept.append(character)
    return "".join(kept)


def _direction(character: str) -> str:
    kind = unicodedata.bidirectional(character)
    if kind in {"R", "AL"}:
        return "R"
    return "L" if kind == "L" else ""


def is_right_to_left(text: str) -> bool:
    """Whether the first letter that has a direction runs from right to left."""
    for character in text:
        direction = _direction(character)
        if direction:
            return direction == "R"
    return False


def _levels(text: str, base: str) -> list[tuple[str, str]]:
    """Stretches of one direction; what has none of its own joins equal neighbours, else the base."""
    directions = [_direction(character) for character in text]
    for index, character in enumerate(text):
        if not directions[index] and character.isdigit():
            directions[index] = "L"
    index = 0
    while index < len(text):
        if directions[index]:
            index += 1
            continue
        end = index
        while end < len(text) and not directions[end]:
            end += 1
        before = directions[index - 1] if index else base
        after = directions[end] if end < len(text) else base
        directions[index:end] = [before if before == after else base] * (end - index)
        index = end
    stretches: list[tuple[str, str]] = []
    for character, direction in zip(text, directions, strict=True):
        if stretches and stretches[-1][1] == direction:
            stretches[-1] = (stretches[-1][0] + character, direction)
        else:
            stretches.append((character, direction))
    return stretches


def _by_font(text: str, bold: bool) -> list[tuple[str, Path]]:
    parts: list[tuple[str, Path]] = []
    for character in text:
        last = parts[-1][1] if parts else None
        # Spaces and marks stay with the letters before them, so that words keep their shape.
        clings = not character.isalnum() or bool(unicodedata.combining(character))
        if last is not None and clings and coverage(last).has(character):
            font = last
        else:
            font = font_for(character, bold=bold) or BUNDLED[bold]
        if last == font:
            parts[-1] = (parts[-1][0] + character, font)
        else:
            parts.append((character, font))
    return parts


@lru_cache(maxsize=4096)
def runs(text: str, *, bold: bool = False) -> tuple[Run, ...]:
    """The runs of an already drawable line, in the order in which they stand from left to right."""
    base = "R" if is_right_to_left(text) else "L"
    ordered: list[Run] = []
    for stretch, direction in _levels(text, base):
        backwards = direction == "R"
        found = [Run(part, font, backwards) for part, font in _by_font(stretch, bold)]
        if backwards:
            found.reverse()
        ordered = found + ordered if base == "R" else ordered + found
    return tuple(ordered)
