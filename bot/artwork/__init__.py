"""Pictures: generated badges, milestones, tiles, the feed card and the trophy case.

Pillow is loaded when the first picture is asked for, so that importing this package stays cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.artwork.design import Design
from bot.artwork.trophies import Trophy, alt_text, trophy_case_key

if TYPE_CHECKING:
    from bot.artwork.cards import badge_card
    from bot.artwork.case import TrophyCase
    from bot.artwork.drawn import drawn_badge
    from bot.artwork.initials import generated_badge
    from bot.artwork.milestones import milestone_badge, year_badge
    from bot.artwork.tiles import UnreadablePictureError, badge_tile
    from bot.artwork.uploads import PictureRefusedError, SafePicture, safe

__all__ = [
    "Design",
    "PictureRefusedError",
    "SafePicture",
    "Trophy",
    "TrophyCase",
    "UnreadablePictureError",
    "alt_text",
    "badge_card",
    "badge_tile",
    "drawn_badge",
    "generated_badge",
    "milestone_badge",
    "safe",
    "trophy_case_key",
    "year_badge",
]

_HOMES = {
    "PictureRefusedError": "uploads",
    "SafePicture": "uploads",
    "TrophyCase": "case",
    "UnreadablePictureError": "tiles",
    "badge_card": "cards",
    "badge_tile": "tiles",
    "drawn_badge": "drawn",
    "generated_badge": "initials",
    "milestone_badge": "milestones",
    "safe": "uploads",
    "year_badge": "milestones",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
