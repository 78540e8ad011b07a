"""`--private` and `--quiet`, however a keyboard spells the dashes, and what only looks like them.

An award that was meant to be private must never be published for a typo, so whatever comes near a
flag is refused; the person types it again. The price is a refusal of the rare reason in which a
dash stands right before “private”.
"""

import re
import unicodedata
from typing import Final, Literal

from rapidfuzz.distance import OSA

from bot.parsing.wording import COMMAS, DASHES, HYPHENS, JOINERS, LONG_DASHES, ParseProblem, decode

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
_ONLY_DASHES = re.compile(rf"[{DASHES}]+")
_NEXT_WORD = re.compile(rf"[\s{COMMAS};:]*([^\s{COMMAS}]{{1,40}})")
_HYPHEN = re.compile(f"[{HYPHENS}]")
_LONG_DASH = re.compile(f"[{LONG_DASHES}]")
_DASH_RUN = re.compile("-{2,}")
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

    def __init__(self, shown: str, flag: Flag) -> None:
        super().__init__(
            f"“{shown}” looks like `--{flag}`, so I awarded nothing. "
            f"Write `--{flag}`, or drop the dash."
        )
        self.shown = shown
        self.flag = flag


def read_flag(word: str, following: str, *, before_badge: bool) -> Flag | None:
    """Return the flag that a word is, or None for ordinary text.

    `following` is the text after the word, for `-- private`. Before the badge, where no reason
    can stand, a word with a dash in front that is no flag at all is refused too.
    Raises ParseProblem for whatever comes near a flag.
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
        near = _near_after_dashes(
            body.rstrip(",.;:!?"), firm=before_badge or letters.startswith("--")
        )
        if near is None and before_badge:
            raise ParseProblem(
                f"I don’t know the flag “{_shown(word)}”, so nothing was awarded. "
                f"There are `--private` ({_MEANING['private']}) and "
                f"`--quiet` ({_MEANING['quiet']})."
            )
    if near is not None:
        raise NearFlagProblem(_shown(word), near)
    return None


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


def _near_after_dashes(body: str, *, firm: bool) -> Flag | None:
    """Return the flag that `-body` was probably meant to be; `firm` where a flag is likely."""
    if firm and body in _SYNONYMS:
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
