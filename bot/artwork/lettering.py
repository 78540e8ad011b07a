"""Lines of text in pictures: how wide they are, how they fit, and how they are drawn."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from PIL import ImageDraw

from bot.artwork.fonts import drawable, face, runs, shapes_complex_scripts

ELLIPSIS = "…"
# Words of scripts without spaces may be broken anywhere.
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR")


class Fitted(NamedTuple):
    """Lines that fit, and the size in pixels at which they do."""

    lines: tuple[str, ...]
    size: int


@lru_cache(maxsize=4096)
def _advance(text: str, size: int, bold: bool) -> float:
    return sum(
        face(run.font, size).getlength(run.text, direction=_direction(run.right_to_left))
        for run in runs(text, bold=bold)
    )


def _direction(right_to_left: bool) -> str | None:
    if not shapes_complex_scripts():
        return None
    return "rtl" if right_to_left else "ltr"


def measure(text: str, size: int, *, bold: bool = False) -> float:
    """The width in pixels of one line as `draw_line` would draw it."""
    return _advance(drawable(text, bold=bold), size, bold)


def ellipsize(text: str, size: int, width: float, *, bold: bool = False) -> str:
    """The text, or as much of its beginning as fits the width with an ellipsis behind it."""
    line = drawable(text, bold=bold)
    if _advance(line, size, bold) <= width:
        return line
    low, high = 0, len(line)
    while low < high:
        middle = (low + high + 1) // 2
        if _advance(_cut(line, middle), size, bold) <= width:
            low = middle
        else:
            high = middle - 1
    return _cut(line, low)


def _cut(line: str, length: int) -> str:
    while 0 < length < len(line) and unicodedata.combining(line[length]):
        length -= 1
    return line[:length].rstrip(" ,;:.-–—") + ELLIPSIS


def _pieces(line: str) -> list[str]:
    pieces: list[str] = []
    for word in line.split(" "):
        start = len(pieces)
        for character in word:
            breakable = unicodedata.name(character, "").startswith(_UNSPACED)
            fresh = len(pieces) == start
            joins = not fresh and not breakable and not pieces[-1].endswith("\0")
            if joins or (not fresh and unicodedata.category(character)[0] in "MP"):
                pieces[-1] = pieces[-1].rstrip("\0") + character + ("\0" if breakable else "")
            else:
                pieces.append(character + ("\0" if breakable else ""))
        if len(pieces) > start:
            pieces[-1] = pieces[-1].rstrip("\0") + " "
    return [piece.rstrip("\0") for piece in pieces]


def wrap(text: str, size: int, width: float, lines: int, *, bold: bool = False) -> tuple[str, ...]:
    """At most so many lines of at most the width; what is left over ends in an ellipsis.

    Long words are broken where a line holds nothing else. Empty text has no lines.
    """
    pieces = _pieces(drawable(text, bold=bold))
    wrapped: list[str] = []
    current = ""
    while pieces:
        if len(wrapped) == lines - 1:
            wrapped.append(ellipsize(current + "".join(pieces), size, width, bold=bold))
            return tuple(wrapped)
        if _advance((current + pieces[0]).rstrip(), size, bold) <= width:
            current += pieces.pop(0)
        elif current:
            wrapped.append(current.rstrip())
            current = ""
        else:
            head = _longest_start(pieces[0], size, width, bold)
            wrapped.append(head)
            pieces[0] = pieces[0][len(head) :]
    if current.strip():
        wrapped.append(current.rstrip())
    return tuple(wrapped)


def _longest_start(word: str, size: int, width: float, bold: bool) -> str:
    low, high = 1, len(word)
    while low < high:
        middle = (low + high + 1) // 2
        if _advance(word[:middle], size, bold) <= width:
            low = middle
        else:
            high = middle - 1
    while low > 1 and low < len(word) and unicodedata.category(word[low])[0] == "M":
        low -= 1
    return word[:low]


def fit(
    text: str, width: float, sizes: Sequence[int], *, lines: int = 1, bold: bool = False
) -> Fitted:
    """The text in the largest of the sizes (given largest first) at which nothing is left out.

    Where it does not fit at the smallest either, it is ellipsized there.
    """
    fitted = Fitted((), sizes[0])
    for size in sizes:
        fitted = Fitted(wrap(text, size, width, lines, bold=bold), size)
        if whole(fitted, text, bold=bold):
            break
    return fitted


def whole(fitted: Fitted, text: str, *, bold: bool = False) -> bool:
    """Whether fitted lines say all of the text and break no word."""
    rest = drawable(text, bold=bold)
    for line in fitted.lines:
        if not rest.startswith(line):
            return False
        rest = rest[len(line) :]
        if rest and rest[0] != " " and not unicodedata.name(rest[0], "").startswith(_UNSPACED):
            return False
        rest = rest.lstrip(" ")
    return not rest


def line_height(size: int) -> int:
    """The distance in pixels from one line to the next."""
    return round(size * 1.28)


def draw_line(
    draw: ImageDraw.ImageDraw,
    position: tuple[float, float],
    text: str,
    size: int,
    fill: tuple[int, ...] | int,
    *,
    bold: bool = False,
    align: str = "left",
) -> None:
    """Draw one line with its baseline at the position; align it there "left", "middle" or "right"."""
    line = drawable(text, bold=bold)
    width = _advance(line, size, bold)
    x, y = position
    x -= {"left": 0.0, "middle": width / 2, "right": width}[align]
    for run in runs(line, bold=bold):
        font = face(run.font, size)
        direction = _direction(run.right_to_left)
        draw.text((x, y), run.text, fill=fill, font=font, anchor="ls", direction=direction)
        x += font.getlength(run.text, direction=direction)


def ink_box(text: str, size: int, *, bold: bool = False) -> tuple[float, float, float, float]:
    """The box around the ink of a line that starts at (0, 0) on its baseline."""
    x, left, top, right, bottom = 0.0, 0.0, 0.0, 0.0, 0.0
    for index, run in enumerate(runs(drawable(text, bold=bold), bold=bold)):
        font = face(run.font, size)
        direction = _direction(run.right_to_left)
        box = font.getbbox(run.text, anchor="ls", direction=direction)
        left = x + box[0] if index == 0 else min(left, x + box[0])
        right = max(right, x + box[2])
        top, bottom = min(top, box[1]), max(bottom, box[3])
        x += font.getlength(run.text, direction=direction)
    return left, top, right, bottom
