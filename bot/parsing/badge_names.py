"""Badges in running text: which words name one, where the reason begins, what was perhaps meant."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
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
    shows,
    without_invisible,
)

T = TypeVar("T")

MOST_WORDS: Final = 12
MOST_LETTERS: Final = 200
MOST_KEYS: Final = 256
MOST_BADGES: Final = 20
TYPO_CUTOFF: Final = 84.0
"""`nearest(…, cutoff=TYPO_CUTOFF)` finds slips of the keyboard rather than related words."""
_RELATED_CUTOFF: Final = 62.0

# A long vowel mark is a dash only in front of a flag; in a name it is a Japanese letter.
_NAME_LONG_DASHES = LONG_DASHES.replace(r"\u30fc\uff70", "")
_KEY_DASH = re.compile(f"[{HYPHENS}{_NAME_LONG_DASHES}]+")
_KEY_DOUBLE = re.compile(f"[{DOUBLE_QUOTES}]")
_KEY_SINGLE = re.compile(f"[{SINGLE_QUOTES}]")
_KEY_DROPPED = re.compile(f"[{JOINERS}\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_UNEVEN = re.compile(r"[\t-\r\x1c-\x1f`]|  |--")
_AROUND = "\"' "
_ASCII_DASHES = re.compile("-{2,}")

_PREFIX = re.compile(rf"(?:\s*+\S++){{1,{MOST_WORDS}}}+")
_END = re.compile(
    rf"(?!\w)(?<=\S)(?=[\s{COMMAS}:;!?…()\[\]{{}}{DOUBLE_QUOTES}|<>。！？：；\u2014\u2600-\u27bf"
    r"\U0001f000-\U0001faff]|\Z|--"
    rf"|[.\-\u2010-\u2013\u2212{SINGLE_QUOTES}]{{1,3}}(?:[\s{COMMAS}:;!?]|\Z))"
)
# The same in ASCII, found from the character behind an end, which is three times as fast.
_ASCII_END = re.compile(
    r"[\t-\r\x1c- ,:;!?()\[\]{}\"|<>.\-'`](?<=\S(?s:.))"
    r"(?:(?<![.\-'`])|(?<=-)(?=-)|(?=[.\-'`]{0,2}(?:[\s,:;!?]|\Z)))"
)
# What joins two badges. Only a comma says by itself that another one, or else the reason, follows.
_JOINT = re.compile(
    rf"\s*+(?:(?P<comma>[{COMMAS}])|[&+;]|(?<=\n))\s*+(?P<and>(?i:and)\s++)?"
    rf"|\s++(?i:and)\s++|(?<=[{DOUBLE_QUOTES}])\s(?=[{DOUBLE_QUOTES}])"
)
# Wherever one may be, in a text of which it is not known yet where its names end.
_SIGN = re.compile(rf"[{COMMAS}&+;\n{DOUBLE_QUOTES}]")
_MAY_JOIN = re.compile(
    rf"[{COMMAS};\n&+aA{DOUBLE_QUOTES}](?:(?P<comma>(?<=[{COMMAS}]))|(?<=[;\n])|(?<=\s[&+])"
    rf"|(?<=[\s{COMMAS};&+][aA])[nN][dD](?=\s)"
    rf"|(?P<quote>(?<=[{DOUBLE_QUOTES}]\s[{DOUBLE_QUOTES}])))\s*+"
)
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


def names_a_badge(text: str) -> bool:
    """Whether a badge can be called so: something of it shows, and can be typed."""
    return shows(text) and bool(badge_key(text))


def _folded(text: str) -> str:
    # Quotes and dashes first, because NFKC takes some of them apart.
    text = _KEY_DROPPED.sub("", without_invisible(text))
    text = _KEY_SINGLE.sub("'", _KEY_DOUBLE.sub('"', _KEY_DASH.sub("-", text)))
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(text.split()).strip(_AROUND)


def badge_keys(rest: str) -> tuple[str, ...]:
    """Return every key that a badge named in `rest` can have, at most 256, for one query.

    `split_badges` over what that query finds gives the same as over the whole catalogue, while
    names have at most 12 words and no more than a handful of long ones are listed.
    """
    starts, commas = _starts(rest)
    places: list[list[str]] = []
    across: list[str] = []
    reach = 0
    for at, start in enumerate(starts):
        names = _names(rest, start)
        if not names or start > reach + 8:  # no name before it ends close enough
            break
        reach = max(reach, max(names)[0])
        comma = next((one for one in commas if one >= start), len(rest))
        # Few of these names hold a comma; but the first may, and what stands in quotes.
        likely = [at == 0 or end <= comma for end, _ in names]
        likely[-1] = likely[-1] or _quoted(rest, start) is not None
        places.append([key for (_, key), it_is in zip(names, likely, strict=True) if it_is])
        across += [key for (_, key), it_is in zip(names, likely, strict=True) if not it_is]
    found = [key for keys in places for key in keys] + across
    if len(found) > MOST_KEYS:
        found = _likeliest(places) + across
    return tuple([key for key in dict.fromkeys(found) if key])[:MOST_KEYS]


def _starts(rest: str) -> tuple[list[int], list[int]]:
    """Return where a name can begin, ascending and at most one more than is allowed, and the commas."""
    starts = [0]
    commas: list[int] = []
    near = rest[: MOST_LETTERS + 8]
    if _SIGN.search(near) is None and "and" not in near.lower():
        return starts, commas
    for joint in _MAY_JOIN.finditer(rest):
        start = joint.end() if joint["quote"] is None else joint.start()
        if joint["comma"] is not None:
            commas.append(joint.start())
        if starts[-1] < start < len(rest):
            starts.append(start)
            if len(starts) > MOST_BADGES:
                break
    return starts, commas


def _likeliest(places: Sequence[Sequence[str]]) -> list[str]:
    """Return the keys of the first badge, then some of the others: short names at early places first.

    What stands at a late place is probably a word of the reason.
    """
    keys = list(places[0])
    later = places[1:]
    for weight in range(len(later) + 5 * MOST_WORDS):
        if len(keys) >= MOST_KEYS:
            break
        for rank in range(weight // 5 + 1):
            place = weight - 5 * rank
            keys += later[place][rank : rank + 1] if place < len(later) else ()
    return keys


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
    answers with anything, are `unknown`, so that a typo is asked about and not published. After
    “and”, `&`, `+`, `;`, a line break, or between names in double quotes, only what `known` has is
    another badge: people write on like that as well. Raises ParseProblem for more than 20 badges.
    """
    named = _longest(rest, 0, known)
    if named is None:
        return BadgeSplit((), _reason(rest, 0), _unknown(rest, 0, None))
    badges: list[T] = []
    for _ in range(MOST_BADGES):
        end, badge = named
        if badge not in badges:
            badges.append(badge)
        joint = _JOINT.match(rest, end)
        if joint is None or joint.end() == len(rest):
            return BadgeSplit(tuple(badges), _reason(rest, end), None)
        starts = _behind(joint)
        named = next(filter(None, (_longest(rest, start, known) for start in starts)), None)
        if named is None and joint["comma"] is None:
            return BadgeSplit(tuple(badges), _reason(rest, end), None)
        if named is None:
            meant = (_unknown(rest, start, near or _nothing_is_near) for start in reversed(starts))
            unknown = next(filter(None, meant), None)
            return BadgeSplit(tuple(badges), _reason(rest, starts[0]), unknown)
    raise ParseProblem(
        f"That names more than {MOST_BADGES} badges at once, so nothing was awarded. "
        "Please award them in several commands."
    )


def _longest(rest: str, start: int, known: Mapping[str, T]) -> tuple[int, T] | None:
    """Return the badge with the longest name at `start`, and where that name ends."""
    for end, key in reversed(_names(rest, start)):
        if key in known:
            return end, known[key]
    return None


def _behind(joint: re.Match[str]) -> tuple[int, ...]:
    """Return where another badge can begin behind a joint: one may be called “And so on”."""
    before_and = joint.start("and")
    return (joint.end(),) if before_and < 0 else (before_and, joint.end())


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
@lru_cache(maxsize=256)
def _names(rest: str, start: int) -> tuple[tuple[int, str], ...]:
    """Return where a name that begins at `start` can end, with the key it then has, the best last."""
    quoted = _quoted(rest, start)
    if quoted is None:
        return _ends(rest, start)
    inside, end, final = quoted
    named = (end, badge_key(inside))
    return (named,) if final else (*_ends(rest, start), named)


def _ends(rest: str, start: int) -> tuple[tuple[int, str], ...]:
    """Return where a name that begins at `start` can end, ascending, with the key it then has."""
    window = _PREFIX.match(rest, start)
    if window is None:
        return ()
    stop = min(window.end(), start + MOST_LETTERS)
    # A little beyond, because what follows a word shows whether it ends there.
    beyond = min(window.end(), stop + 8)
    words = rest[start:stop]
    plain = words.isascii() and rest[stop:beyond].isascii()
    found = (_ASCII_END if plain else _END).finditer(rest, start + 1, beyond)
    ends = [place for m in found if (place := m.start()) <= stop]
    if plain and stop == beyond and ends[-1:] != [stop]:
        ends.append(stop)
    if not plain or _UNEVEN.search(words) is not None:
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
