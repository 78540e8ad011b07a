"""A picture that is put together in Slack: a shape, two colours, and an emoji or a few letters.

In text it is four words, `shield violet gold 🏆`; an emoji may be given by its name, `:trophy:`. Nothing
is drawn here, and Pillow is not needed.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from bot.artwork.cmap import FONTS, coverage

EMOJI_FONT = FONTS / "NotoEmoji-Bold.ttf"
_LETTERS_FONT = FONTS / "Inter-Bold.otf"
_NAMES = FONTS.parent / "emoji.txt"
MOST_LETTERS = 3
_LONGEST = 200  # characters of a text that is worth looking at

SHAPES = ("circle", "ribbon", "shield", "hexagon", "diamond", "rosette", "seal", "flower")
BACKGROUNDS = (
    "indigo",
    "blue",
    "teal",
    "green",
    "olive",
    "orange",
    "coral",
    "red",
    "pink",
    "violet",
    "plum",
    "slate",
    "night",
    "brown",
)
ACCENTS = ("gold", "silver", "bronze", "copper", "steel", "ink", "leaf")

_SKIN_TONES = re.compile("[\U0001f3fb-\U0001f3ff]|:skin-tone-[2-6]:")
_VARIANTS = re.compile("[\ufe0e\ufe0f]")
# What makes one emoji of several characters: joiners, flags, keycaps, tags.
_SEQUENCE = re.compile("[\u200d\u20e3\U0001f1e6-\U0001f1ff\U000e0020-\U000e007f]")
_NAMED = re.compile(r":([\w+'’-]+):")


class Design(NamedTuple):
    """How a badge is drawn; each of the four is valid when it comes from `of` or `parse`."""

    shape: str
    background: str
    accent: str
    symbol: str

    def __str__(self) -> str:
        """The text that `parse` reads."""
        return " ".join(self)

    @classmethod
    def of(cls, shape: str, background: str, accent: str, symbol: str) -> Design:
        """A design of these parts, as people chose and typed them. Raises ValueError: a sentence."""
        return cls(
            _one_of(shape, SHAPES, "shape"),
            _one_of(background, BACKGROUNDS, "background colour"),
            _one_of(accent, ACCENTS, "colour of a rim"),
            parse_symbol(symbol),
        )

    @classmethod
    def parse(cls, text: str) -> Design:
        """Read what `str` wrote, or somebody typed. Raises ValueError with a sentence."""
        words = text[:_LONGEST].split()
        if len(words) != 4:
            raise ValueError(
                f"“{text[:60]}” is not how a picture is written: give a shape, a background colour,"
                " the colour of its rim, and an emoji or up to three letters, like"
                " `shield violet gold 🏆`."
            )
        return cls.of(*words)

    @property
    def described(self) -> str:
        """What it shows, in words, for those who do not see it."""
        article = "an" if self.background[0] in "aeiou" else "a"
        name = emoji_name(self.symbol)
        symbol = f"the emoji {name}" if name else f"the letters {self.symbol}"
        rim = f"{'an' if self.accent[0] in 'aeiou' else 'a'} {self.accent} rim"
        return f"{article} {self.background} {self.shape} with {rim} and {symbol}"


def parse_symbol(text: str) -> str:
    """An emoji as one character, or one to three letters, that can be drawn on any machine.

    Skin tones are left out: in one colour they do not show. Raises ValueError with a sentence.
    """
    typed = unicodedata.normalize("NFC", text[:_LONGEST].strip())
    symbol = _VARIANTS.sub("", _SKIN_TONES.sub("", typed))
    named = _NAMED.fullmatch(symbol)
    if named:
        found = _by_name().get(named[1].lower())
        if found is None:
            raise ValueError(
                f"I cannot draw :{named[1][:40]}:, since I know Slack’s own emoji of a single sign"
                " only: please choose another emoji, or up to three letters."
            )
        return found
    if _SEQUENCE.search(symbol):
        raise ValueError(
            f"“{typed[:20]}” is put together of several emoji, which I cannot draw: please choose a"
            " single one, or up to three letters."
        )
    if emoji_name(symbol):
        return symbol
    return _letters(symbol, typed)


def _letters(symbol: str, typed: str) -> str:
    if not symbol:
        raise ValueError("The symbol is missing: please give an emoji, or up to three letters.")
    if any(map(emoji_name, symbol)) or len(_graphemes(symbol)) > MOST_LETTERS or " " in symbol:
        raise ValueError(
            f"“{typed[:20]}” is too much for a badge: please give one emoji, or up to three letters."
        )
    drawn = coverage(_LETTERS_FONT)
    missing = [c for c in symbol if not drawn.has(c) or unicodedata.category(c)[0] in "CZ"]
    if missing:
        raise ValueError(
            f"“{missing[0]}” is nothing that I can put together: please choose Latin, Greek or"
            " Cyrillic letters, digits, or an emoji. A picture drawn from the name knows more."
        )
    return symbol


def _graphemes(text: str) -> list[str]:
    parts: list[str] = []
    for character in text:
        if parts and unicodedata.combining(character):
            parts[-1] += character
        else:
            parts.append(character)
    return parts


def emoji_name(symbol: str) -> str:
    """The name of an emoji that can be drawn, in words ("first place medal"); "" for anything else."""
    return _names().get(symbol, "").replace("_", " ").replace("-", " ")


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """The first name of each emoji."""
    return {emoji: names[0] for emoji, names in _emoji(_NAMES)}


@lru_cache(maxsize=1)
def _by_name() -> dict[str, str]:
    return {name: emoji for emoji, names in _emoji(_NAMES) for name in names}


def _emoji(path: Path) -> list[tuple[str, list[str]]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    split = (line.split() for line in lines if not line.startswith("#"))
    return [(emoji, names) for emoji, *names in split]


def _one_of(word: str, known: tuple[str, ...], what: str) -> str:
    chosen = word.strip().lower()
    if chosen not in known:
        listed = ", ".join(known)
        raise ValueError(f"“{word[:40]}” is no {what} that I have: choose one of {listed}.")
    return chosen
