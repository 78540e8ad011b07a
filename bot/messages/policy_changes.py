"""What other policies would change, in plain words: for the command line and for Settings."""

from collections.abc import Callable
from datetime import date

from bot.policy_preview import Change, Kind, Together, Told

# Makes what somebody wrote fit to be shown in so many characters.
Shorten = Callable[[str, int], str]
# A day near today, in a reader's words.
Day = Callable[[date], str]

TITLES: dict[Kind, str] = {
    "moved": "Moved",
    "added": "Added",
    "dropped": "Dropped",
    "told differently": "Told differently",
    "at once": "Past already, and told of belatedly at the next run",
    "recorded silently": "Past already, and recorded at the next run without a word",
}


def change_words(change: Change, in_words: Day, shown: Shorten, own_words: str) -> str:
    """`Fri 27 Feb instead of Sun 1 Mar: Maria Silva, 5 years`; `shown` makes names fit.

    `own_words`: what a message is called there that nobody wrote.
    """
    before, after = change.before, change.after
    told = after or before
    assert told is not None
    who = f"{shown(change.name, 60)}, {change.length.words}"
    day = in_words(told.day)
    match change.kind:
        case "moved":
            assert before is not None
            return f"{day} instead of {in_words(before.day)}: {who}"
        case "added" | "at once":
            return f"{day}: {who}: {told.place}"
        case "told differently":
            assert before is not None
            assert after is not None
            return f"{day}: {who}: {_differently(before, after, shown, own_words)}"
    badge = f", with the badge {told.badge}" if change.kind != "dropped" and told.badge else ""
    return f"{day}: {who}{badge}"


def together_words(one: Together, in_words: Day) -> str:
    """`Mon 2 Mar: 6 posts become one digest`."""
    day = in_words(one.day)
    if one.digest:
        return f"{day}: {one.count:,} posts become one digest"
    return f"{day}: one digest becomes {one.count:,} posts"


def _differently(before: Told, after: Told, shown: Shorten, own_words: str) -> str:
    parts = []
    if before.hour != after.hour:
        instead = f" instead of {before.hour}" if before.hour else ""
        parts.append(f"{after.hour}{instead}")
    if before.place != after.place:
        parts.append(f"{after.place} instead of {before.place}")
    if before.badge != after.badge:
        parts.append(f"the badge {after.badge} instead of {before.badge}")
    if before.message != after.message:
        said = f"“{shown(after.message, 60)}”" if after.message else own_words
        parts.append(f"with {said}")
    return ", ".join(parts)
