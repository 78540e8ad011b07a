"""What a trophy case shows, in values and in words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

SHOWN = 24  # Six columns of four rows; more would be too small to tell apart in Slack.
_LONGEST = 2_000  # Slack's limit for alt_text.
_DRAWING = "1"  # Part of the key: raise it when the same trophies are drawn differently.


@dataclass(frozen=True, slots=True)
class Trophy:
    """A badge in a trophy case: how it is called, its original picture, how often it is held.

    `image_key` is the content hash of the original. `image` is the original's bytes, or a function
    without arguments that fetches them and is called only where no tile is at hand.
    """

    name: str
    image_key: str
    image: bytes | Callable[[], bytes]
    count: int = 1


def shown_trophies(trophies: Sequence[Trophy], more: int) -> tuple[Sequence[Trophy], int]:
    """The trophies that there is room for, and how many are left for "+N more"."""
    return trophies[:SHOWN], more + max(0, len(trophies) - SHOWN)


def trophy_case_key(trophies: Sequence[Trophy], more: int = 0) -> str:
    """The key of the picture's content: equal for equal pictures, 64 hex digits."""
    shown, left = shown_trophies(trophies, more)
    content = [_DRAWING, left, [[t.image_key, t.name, t.count] for t in shown]]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def alt_text(trophies: Sequence[Trophy], more: int = 0) -> str:
    """What the trophy case shows, in words of at most 2,000 characters."""
    shown, left = shown_trophies(trophies, more)
    if not shown:
        return "An empty trophy case, ready for its first badge."
    names = [" ".join(t.name.split()) + (f" ×{t.count}" if t.count > 1 else "") for t in shown]
    listed = len(names)
    while listed > 1 and len(_sentence(names[:listed], left + len(names) - listed)) > _LONGEST:
        listed -= 1
    return _sentence(names[:listed], left + len(names) - listed)[:_LONGEST]


def _sentence(names: list[str], left: int) -> str:
    return f"Trophy case: {', '.join(names)}" + (f", and {left:,} more." if left else ".")
