"""`--private` and `--quiet`, however a keyboard spells the dashes, and what only looks like them.

An award that was meant to be private must never be published for a typo, so whatever comes near a
flag is refused, and so is a `--word` that is none at all; the person types it again. The price is a
refusal of the rare reason in which a dash stands right before “private”.
"""

import re
import unicodedata
from typing import Final, Literal

from rapidfuzz.distance import OSA

from bot.parsing.wording import (
    COMMAS,
    DASHES,
    DOUBLE_QUOTES,
    HYPHENS,
    JOINERS,
    LONG_DASHES,
    SINGLE_QUOTES,
    ParseProblem,
    decode,
)

Flag = Literal["private", "quiet"]

_FLAGS: Final[tuple[Flag, ...]] = ("private", "quiet")
_MEANING: Final[dict[Flag, str]] = {
    "private": "keeps an award between you, the recipient and the badge admins",
    "quiet": "awards without a post in the feed",
}
_SYNONYMS: Final[dict[str, Flag]] = {
    "secret": "private",
    "secretly": "private",
    "confidential": "private",
    "hidden": "private",
    "silent": "quiet",
    "silently": "quiet",
    "mute": "quiet",
    "no-feed": "quiet",
    "nofeed": "quiet",
}
# How many slips of the keyboard still count as the flag; more for the longer word.
_SLIPS: Final[dict[Flag, int]] = {"private": 2, "quiet": 1}
_STEMS: Final[dict[Flag, str]] = {"private": "privat", "quiet": "quiet"}

_SUSPECT = re.compile(rf"[{DASHES}_=~+/\\]")
_QUOTES = re.compile(f"[{DOUBLE_QUOTES}]")
_ACCENT = re.compile("[\u0300-\u036f]")
_ONLY_DASHES = re.compile(rf"[{DASHES}]+")
_NEXT_WORD = re.compile(rf"[\s{COMMAS};:]*([^\s{COMMAS}]{{1,40}})")
_HYPHEN = re.compile(f"[{HYPHENS}]")
_LONG_DASH = re.compile(f"[{LONG_DASHES}]")
_DASH_RUN = re.compile("-{2,}")
_WRAPPED = re.compile(rf"[{SINGLE_QUOTES}*_~(\[{{]+(--.*?)[{SINGLE_QUOTES}*_~)\]}}.,;:!?]*")
# Phones make one long dash of two; whoever sees `--` in front of a word meant an option.
_OPTION = re.compile(r"--+[^\W\d_]")
# `_-private`, `final!--private` without the space, and `private--`.
_MISPLACED: Final = {
    flag: (
        re.compile(rf"[-_=~+/\\]+{flag}"),
        re.compile(rf".*--{flag}[^\w-]*", re.DOTALL),
        re.compile(rf"{flag}--+"),
    )
    for flag in _FLAGS
}


class NearFlagProblem(ParseProblem):
    """A word that comes near a flag, and is none."""

    def __init__(self, shown: str, flag: Flag, *, without: str = "") -> None:
        how = f" without the {without}" if without else ""
        super().__init__(
            f"“{shown}” looks like `--{flag}`, so I awarded nothing. "
            f"Write `--{flag}`{how}, or drop the dash."
        )
        self.shown = shown
        self.flag = flag


def read_flag(word: str, following: str) -> Flag | None:
    """Return the flag that a word is, or None for ordinary text.

    `following` is the text after the word, for `-- private`. Raises NearFlagProblem for whatever
    comes near a flag.
    """
    letters = _letters(decode(word))
    body = letters.lstrip("-")
    if not body:
        _refuse_a_space_after_the_dashes(word, letters, following)
        return None
    if len(letters) == len(body):
        near = _near_inside(letters)
    else:
        for flag in _FLAGS:
            if letters.startswith("--") and body.rstrip(",.;:!") == flag:
                return flag
        near = _near_after_dashes(body.rstrip(",.;:!?"))
    if near is not None:
        raise NearFlagProblem(_shown(word), near)
    return None


def refuse_unknown_flag(word: str, *, before_badge: bool) -> None:
    """Refuse what was meant as a flag and is none, of a word that `read_flag` took for text.

    Before the badge, where no reason can stand, that is any word with a dash in front; behind it,
    one with `--`. Raises ParseProblem.
    """
    if only_dashes(word) or not (before_badge or _OPTION.match(word)):
        return
    tip = "" if before_badge else " With a space behind the dashes it is part of the reason."
    raise ParseProblem(
        f"I don’t know the flag “{_shown(word)}”, so nothing was awarded. "
        f"There are `--private` ({_MEANING['private']}) and "
        f"`--quiet` ({_MEANING['quiet']}).{tip}"
    )


def refuse_quoted_flag(quoted: str) -> None:
    """Refuse double quotes around nothing but a flag, or what comes near one. Raises NearFlagProblem.

    Quotes around more are words that somebody quotes.
    """
    flag: Flag | None = None
    for word in _QUOTES.sub("", quoted).split():
        try:
            flag = read_flag(word, "") if may_be_flag(word) else None
        except NearFlagProblem as near:
            flag = near.flag
        if flag is None:
            return
    if flag is not None:
        raise NearFlagProblem(_shown(quoted), flag, without="quotes")


def may_be_flag(word: str) -> bool:
    """Tell cheaply whether a word needs a closer look, as few words of a reason do."""
    return _SUSPECT.search(word) is not None


def only_dashes(word: str) -> bool:
    """Tell whether a word is nothing but dashes, such as the `—` between two thoughts."""
    return _ONLY_DASHES.fullmatch(word) is not None


def _letters(word: str) -> str:
    """Return a word in lower-case plain letters: hyphens as `-`, longer dashes as `--`.

    Each character stays one character, so that one slip of the keyboard remains one edit.
    """
    if word.isascii():
        return word.lower()
    word = _LONG_DASH.sub("--", _HYPHEN.sub("-", word))
    return "".join(
        folded if len(folded := unicodedata.normalize("NFKC", letter).casefold()) == 1 else letter
        for letter in word
        if letter not in JOINERS
    )


def _near_after_dashes(body: str) -> Flag | None:
    """Return the flag that `-body` was probably meant to be."""
    if not body.isascii():
        # Without accents: `--privé` is one slip less far away.
        body = _ACCENT.sub("", unicodedata.normalize("NFD", body))
    if body in _SYNONYMS:
        return _SYNONYMS[body]
    single = _DASH_RUN.sub("-", body)
    for flag in _FLAGS:
        if not body or flag.startswith(body) or _STEMS[flag] in body:
            return flag
        if OSA.distance(single, flag, score_cutoff=_SLIPS[flag]) <= _SLIPS[flag]:
            return flag
    return None


def _near_inside(letters: str) -> Flag | None:
    """Return the flag that a word without a dash in front was probably meant to be."""
    for flag in _FLAGS:
        if flag in letters and any(form.fullmatch(letters) for form in _MISPLACED[flag]):
            return flag
    wrapped = _WRAPPED.fullmatch(letters)
    if wrapped is not None:
        return _near_after_dashes(wrapped[1].lstrip("-"))
    if len(letters) > 2 * len("--private"):
        return None
    single = _DASH_RUN.sub("-", letters)
    for flag in _FLAGS:
        if "-" in single and OSA.distance(single, f"-{flag}", score_cutoff=1) <= 1:
            return flag
    return None


def _refuse_a_space_after_the_dashes(word: str, dashes: str, following: str) -> None:
    found = _NEXT_WORD.match(following)
    if found is None:
        return
    spaced = f"{dashes[:2]} {_letters(decode(found[1])).rstrip(',.;:!?')}"
    for flag in _FLAGS:
        if OSA.distance(spaced, f"--{flag}", score_cutoff=1) <= 1:
            raise NearFlagProblem(f"{_shown(word)} {_shown(found[1])}", flag)


def _shown(word: str) -> str:
    word = decode(word)
    return word if len(word) <= 40 else word[:39] + "…"
