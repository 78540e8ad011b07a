"""Badges in running text: which words name one, where the reason begins, what was perhaps meant."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import Final, Generic, TypeVar

from rapidfuzz import fuzz, process

from bot.parsing.wording import (
    COMMAS,
    DOUBLE_QUOTES,
    HYPHENS,
    JOINERS,
    LONG_DASHES,
    SINGLE_QUOTES,
    ParseProblem,
    without_invisible,
)

T = TypeVar("T")

MOST_WORDS: Final = 12
MOST_LETTERS: Final = 200
MOST_KEYS: Final = 64
MOST_BADGES: Final = 20
TYPO_CUTOFF: Final = 84.0
"""`nearest(…, cutoff=TYPO_CUTOFF)` finds slips of the keyboard rather than related words."""
_RELATED_CUTOFF: Final = 62.0

# A long vowel mark is a dash only in front of a flag; in a name it is a Japanese letter.
_NAME_LONG_DASHES = LONG_DASHES.replace(r"\u30fc\uff70", "")
_KEY_DASH = re.compile(f"[{HYPHENS}{_NAME_LONG_DASHES}]+")
_KEY_DOUBLE = re.compile(f"[{DOUBLE_QUOTES}]")
_KEY_SINGLE = re.compile(f"[{SINGLE_QUOTES}]")
_KEY_DROPPED = re.compile(f"[{JOINERS}\ufe00-\ufe0f]")
_UNEVEN = re.compile(r"[\t-\r\x1c-\x1f`]|  |--")
_AROUND = "\"' "
_ASCII_DASHES = re.compile("-{2,}")

_PREFIX = re.compile(rf"(?:\s*+\S++){{1,{MOST_WORDS}}}+")
_END = re.compile(
    rf"(?!\w)(?<=\S)(?=[\s{COMMAS}:;!?…()\[\]{{}}{DOUBLE_QUOTES}|<>。！？：；\u2014\u2600-\u27bf"
    r"\U0001f000-\U0001faff]|\Z|--"
    rf"|[.\-\u2010-\u2013\u2212{SINGLE_QUOTES}]{{1,3}}(?:[\s{COMMAS}:;!?]|\Z))"
)
_COMMA = re.compile(rf"\s*[{COMMAS}]\s*")
_QUOTED = re.compile(
    rf"[{DOUBLE_QUOTES}](?P<inside>[^{DOUBLE_QUOTES}\n]{{1,{MOST_LETTERS}}})[{DOUBLE_QUOTES}]"
    rf"(?=[\s{COMMAS}:;.!?…)\u2012-\u2015-]|\Z)"
)
_SINGLE_QUOTED = re.compile(
    rf"[{SINGLE_QUOTES}](?P<inside>[^\n]{{1,{MOST_LETTERS}}}?)[{SINGLE_QUOTES}]"
    rf"(?=[\s{COMMAS}:;.!?…)\u2012-\u2015-]|\Z)"
)
# What may stand between a badge and the reason. Emoji (`:tada:`, `:)`), `-5` and `-great` stay.
_LEAD_ATTACHED = re.compile(
    rf"(?:[{COMMAS};.!?…。！？：；]|:(?![\w+'-]+:|[()])|\u2014|\u2013(?=\s|\Z)|-(?=\s|\Z)|--+)+"
)
_LEAD_APART = re.compile(rf"(?:[{COMMAS}:;|{HYPHENS}\u2012-\u2015]+(?:\s+|\Z))+")
_FIRST_WORDS = re.compile(rf"[^\s{COMMAS}]+(?:[^\S\n]+[^\s{COMMAS}]+){{0,4}}")


def badge_key(name_or_slug: str) -> str:
    """Return the form in which badge names and slugs are compared: one key, however it is typed.

    NFKC and casefold; spaces collapsed; curly quotes straight, and none around it; every run of
    dashes one `-`. The key of a key is the key.
    """
    if name_or_slug.isascii():
        key = " ".join(name_or_slug.lower().split())
        if "--" in key:
            key = _ASCII_DASHES.sub("-", key)
        return key.replace("`", "'").strip(_AROUND)
    key = name_or_slug
    # Folding can uncover letters that NFKC changes once more, though hardly ever twice.
    while (again := _folded(key)) != key:
        key = again
    return key


def _folded(text: str) -> str:
    # Quotes and dashes first, because NFKC takes some of them apart.
    text = _KEY_DROPPED.sub("", without_invisible(text))
    text = _KEY_SINGLE.sub("'", _KEY_DOUBLE.sub('"', _KEY_DASH.sub("-", text)))
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(text.split()).strip(_AROUND)


def badge_keys(rest: str) -> tuple[str, ...]:
    """Return every key that a badge named in `rest` can have, at most 64, for one query.

    `split_badges` over what that query finds gives the same as over the whole catalogue, while
    names have at most 12 words and no more than a handful of long ones are listed.
    """
    places: list[list[str]] = []
    across: list[str] = []
    start = 0
    while len(places) < MOST_BADGES and start < len(rest):
        quoted = _quoted(rest, start)
        ends = () if quoted is not None and quoted[2] else _ends(rest, start)
        comma = _COMMA.search(rest, start, ends[-1][0] + 1 if ends else start)
        within = comma.start() if comma is not None else len(rest)
        keys = [key for end, key in ends if end <= within]
        if len(across) < MOST_KEYS:
            across += [key for end, key in ends if end > within]
        if quoted is not None:
            keys.insert(0, badge_key(quoted[0]))
            comma = _COMMA.match(rest, quoted[1]) or (comma if ends else None)
        places.append(keys)
        if comma is None:
            break
        start = comma.end()
    # Short names at every place come before long names at the first, and names that hold a comma
    # themselves come last: those can be quoted.
    ranked = [key for rank in zip_longest(*places, fillvalue="") for key in rank]
    return tuple(key for key in dict.fromkeys(ranked + across) if key)[:MOST_KEYS]


@dataclass(frozen=True)
class BadgeSplit(Generic[T]):
    """The badges at the start of a text, and the reason after them.

    `unknown` holds the words that should have been a badge and are none, at most five or what
    stood in quotes; then nothing is to be awarded.
    """

    badges: tuple[T, ...]
    reason: str
    unknown: str | None


def split_badges(
    rest: str, known: Mapping[str, T], near: Callable[[str], Sequence[str]] | None = None
) -> BadgeSplit[T]:
    """Split `rest` into the badges it begins with and the reason; the longest name wins.

    `known` maps keys (see `badge_key`) of slugs and names to badges. After a comma stands another
    badge or else the reason; there, quoted words that are no badge, and words for which `near`
    answers with anything, are `unknown`, so that a typo is asked about and not published.
    Raises ParseProblem for more than 20 badges.
    """
    badges: list[T] = []
    start = 0
    for _ in range(MOST_BADGES):
        end = _longest(rest, start, known, badges)
        if end is None:
            unknown = _unknown(rest, start, None if not badges else near or _nothing_is_near)
            return BadgeSplit(tuple(badges), _reason(rest, start), unknown)
        comma = _COMMA.match(rest, end)
        if comma is None or comma.end() == len(rest):
            return BadgeSplit(tuple(badges), _reason(rest, end), None)
        start = comma.end()
    raise ParseProblem(
        f"That names more than {MOST_BADGES} badges at once, so nothing was awarded. "
        "Please award them in several commands."
    )


def _longest(rest: str, start: int, known: Mapping[str, T], badges: list[T]) -> int | None:
    """Add the badge with the longest name at `start`, and return where that name ends."""
    found: T | None = None
    quoted = _quoted(rest, start)
    end: int | None = None
    if quoted is not None and (key := badge_key(quoted[0])) in known:
        found, end = known[key], quoted[1]
    elif quoted is None or not quoted[2]:
        for candidate, key in _ends(rest, start):
            if key in known:
                found, end = known[key], candidate
    if end is not None and found is not None and found not in badges:
        badges.append(found)
    return end


def _unknown(rest: str, start: int, near: Callable[[str], Sequence[str]] | None) -> str | None:
    """Return the words at `start` that should be a badge; with `near`, only if they resemble one."""
    quoted = _quoted(rest, start)
    if quoted is not None:
        return quoted[0]
    found = _FIRST_WORDS.match(rest, start)
    if near is None:
        return found[0] if found is not None else rest[start : start + 80].strip() or None
    if found is None:
        return None
    words = found[0].split()[:4]
    for count in range(1, len(words) + 1):
        candidate = " ".join(words[:count]).rstrip(".:;!?…")
        if near(candidate):
            return candidate
    return None


def _nothing_is_near(_words: str) -> Sequence[str]:
    return ()


def _quoted(rest: str, start: int) -> tuple[str, int, bool] | None:
    """Return the quoted words at `start`, where they end, and whether the quotes are double.

    A single quote can be an apostrophe as well (`'90s Kid`), so only double ones are final.
    """
    found = _QUOTED.match(rest, start)
    if found is not None and found["inside"].strip():
        return found["inside"].strip(), found.end(), True
    found = _SINGLE_QUOTED.match(rest, start)
    if found is not None and found["inside"].strip():
        return found["inside"].strip(), found.end(), False
    return None


# The keys are looked up first and the same text is split right after; a few may be under way.
@lru_cache(maxsize=64)
def _ends(rest: str, start: int) -> tuple[tuple[int, str], ...]:
    """Return where a name that begins at `start` can end, ascending, with the key it then has."""
    window = _PREFIX.match(rest, start)
    if window is None:
        return ()
    stop = min(window.end(), start + MOST_LETTERS)
    # A little beyond, because what follows a word shows whether it ends there.
    beyond = min(window.end(), stop + 8)
    ends = [place for m in _END.finditer(rest, start + 1, beyond) if (place := m.start()) <= stop]
    words = rest[start:stop]
    if not words.isascii() or _UNEVEN.search(words) is not None:
        return tuple([(end, badge_key(rest[start:end])) for end in ends])
    # What badge_key does, for all these prefixes at once.
    words = words.lower()
    return tuple([(end, words[: end - start].strip(_AROUND)) for end in ends])


def _reason(rest: str, start: int) -> str:
    """Return the words from `start` on, without the punctuation that sets them off."""
    if start:
        attached = _LEAD_ATTACHED.match(rest, start)
        start = attached.end() if attached is not None else start
    reason = rest[start:].strip()
    if start:
        apart = _LEAD_APART.match(reason)
        reason = reason[apart.end() :] if apart is not None else reason
    return reason


def nearest(
    wanted: str,
    names: Iterable[tuple[str, str]],
    limit: int = 3,
    cutoff: float = _RELATED_CUTOFF,
) -> list[str]:
    """Return the slugs of the badges most like `wanted`, the nearest first.

    `names` are pairs of slug and name. `wanted` may go on with words of a reason, as `unknown`
    does. Badges that share less than `cutoff` (0–100) with it are left out.
    """
    words = _loose(badge_key(wanted[:MOST_LETTERS])).split()[:5]
    if not words:
        return []
    slugs: list[str] = []
    spellings: list[str] = []
    for slug, name in names:
        slugs += (slug, slug)
        spellings += (_loose(slug), _loose(name))
    best: dict[str, float] = {}
    for count in range(len(words), 0, -1):
        query = " ".join(words[:count])
        for _, score, place in process.extract(
            query, spellings, scorer=fuzz.ratio, score_cutoff=cutoff, limit=2 * limit
        ):
            slug = slugs[place]
            best[slug] = max(best.get(slug, 0.0), score)
    return sorted(best, key=lambda slug: (-best[slug], slug))[:limit]


def _loose(name: str) -> str:
    return name.replace("-", " ").casefold()
