"""All badges as the Studio lists them: found, in order, with figures and pictures."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Connection

from bot.catalogue import found_by
from bot.deps import Deps, WorkspaceRef
from bot.home_frame import Place
from bot.messages.blocks import Block
from bot.profiles import Page
from storage import badges, usage
from storage.badges import BadgeRow
from storage.database import Database
from storage.usage import UNUSED, Usage

PAGE = 8
SORTS = {"use": "Most used", "name": "By name", "recent": "Latest changes"}
FILTERS = {
    "all": "All badges",
    "active": "To be awarded",
    "private": "Private",
    "retired": "Retired",
}
# Figures that took longer than this to count are kept for a minute.
_SLOW = 0.1  # seconds
_KEPT_FOR = timedelta(minutes=1)

Of = tuple[int | UUID, ...]  # what was counted: a workspace, or some badges in it
T = TypeVar("T")


@dataclass(frozen=True)
class Entry:
    """A badge in the list; `was_awarded` even if all of that was taken back."""

    badge: BadgeRow
    usage: Usage
    was_awarded: bool
    tile: Block | None


@dataclass(frozen=True)
class Overview:
    """A page of the list; `missing`: keys of the tiles that Slack lacks."""

    entries: tuple[Entry, ...]
    page: Page
    total: int
    sort: str
    filter: str
    missing: tuple[str, ...]


def overview(session: Connection, deps: Deps, workspace: WorkspaceRef, place: Place) -> Overview:
    """The page of all badges that a place asks for. Whoever reads it may see private badges."""
    now = deps.clock()
    given = _lately.counted(
        deps.database,
        (workspace.id,),
        now,
        lambda: usage.times_given(session, workspace_id=workspace.id),
    )
    filtered = place.section if place.section in FILTERS else "all"
    sort = place.sort if place.sort in SORTS else "use"
    rows = [
        badge
        for badge in badges.catalogue(session, workspace_id=workspace.id)
        if _is_shown(badge, filtered)
    ]
    rows.sort(key=lambda badge: badge.name_key)
    if sort == "recent":  # versions are numbered in the order of time
        rows.sort(key=lambda badge: badge.version_id, reverse=True)
    elif sort == "use":
        rows.sort(key=lambda badge: given.get(badge.id, 0), reverse=True)
    if place.query:
        rows = found_by(rows, place.query)
    page = Page.within(place.page, size=PAGE, total=len(rows))
    shown = rows[page.offset(PAGE) : page.offset(PAGE) + PAGE]
    ids = [badge.id for badge in shown]
    figures = _lately.counted(
        deps.database,
        (workspace.id, *ids),
        now,
        lambda: usage.of_badges(session, workspace_id=workspace.id, badge_ids=ids, now=now),
    )
    keys = [f"tile:{badge.version_id}" for badge in shown]
    tiles = deps.pictures.sources(session, workspace, keys)
    return Overview(
        entries=tuple(
            Entry(badge, figures.get(badge.id, UNUSED), badge.id in given, tiles.get(key))
            for badge, key in zip(shown, keys, strict=True)
        ),
        page=page,
        total=len(rows),
        sort=sort,
        filter=filtered,
        missing=tuple(key for key in keys if key not in tiles),
    )


def _is_shown(badge: BadgeRow, filtered: str) -> bool:
    match filtered:
        case "active":
            return badge.active
        case "private":
            return badge.private
        case "retired":
            return not badge.active
        case _:
            return True


class _Lately:
    """What was counted lately, where counting took long; the same for all badge admins."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[Database, dict[Of, tuple[datetime, Any]]] = (
            WeakKeyDictionary()
        )
        self._lock = Lock()

    def counted(self, database: Database, of: Of, now: datetime, count: Callable[[], T]) -> T:
        with self._lock:
            kept = self._kept.setdefault(database, {})
            for old in [one for one, (at, _) in kept.items() if now - at > _KEPT_FOR]:
                del kept[old]
            if of in kept:
                found: T = kept[of][1]
                return found
        began = time.perf_counter()
        figures = count()
        if time.perf_counter() - began > _SLOW:
            with self._lock:
                kept[of] = now, figures
        return figures


_lately = _Lately()
