"""Turning pages: the buttons to those on either side and to both ends, and where one is."""

from collections.abc import Iterator

from bot.messages import blocks
from bot.messages.blocks import Block

# What the buttons to the first page, the one before, the one after and the last are called.
BY_TIME = ("Newest", "Newer", "Older", "Oldest")
IN_ORDER = ("First", "Previous", "Next", "Last")
AHEAD = ("First", "Earlier", "Later", "Last")

_FEW = 3  # pages among which nobody is far from either end
_LAST = 999_999  # whichever is the last by the time of the click: there never are that many


def turns(number: int, of: int, labels: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """Where one can turn to from a page: how that is called, and the number of the page there."""
    first, before, after, last = labels
    if of > _FEW and number > 2:
        yield first, 1
    if number > 1:
        yield before, number - 1
    if number < of:
        yield after, number + 1
    if of > _FEW and number < of - 1:
        yield last, _LAST


def turning(
    number: int, of: int, labels: tuple[str, ...], prefix: str, *, subject: str = ""
) -> list[Block]:
    """Buttons to the pages one can turn to, of the actions that `actions` names.

    What comes back with a click is `subject` and the number of the page to show.
    """
    return [
        blocks.button(label, _action(prefix, label), value=f"{subject}{page}")
        for label, page in turns(number, of, labels)
    ]


def actions(labels: tuple[str, ...], prefix: str) -> tuple[str, ...]:
    """The actions of all buttons that `turning` may make: `profile_newest`, `profile_newer`, …"""
    return tuple(_action(prefix, label) for label in labels)


def place(number: int, of: int) -> list[Block]:
    """Which page this is, where there are several."""
    return [blocks.context(f"Page {number:,} of {of:,}")] if of > 1 else []


def _action(prefix: str, label: str) -> str:
    return f"{prefix}_{label.lower()}"
