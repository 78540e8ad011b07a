"""The frame of App Home: where somebody is in it, what a tab is, and what a tab draws."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from bot.deps import Deps, WorkspaceRef
from bot.messages.blocks import Block
from bot.permissions import Action
from bot.pictures import Case
from bot.profiles import Reader

LONGEST = 100  # characters of any one word of a place
_LAST_PAGE = 1_000_000


@dataclass(frozen=True)
class Place:
    """Where somebody is in their Home; kept in the view, and never trusted to be permitted.

    A tab gives `section`, `category`, `sort` and `item` the meaning it likes; `page` is from 1.
    """

    tab: str = "home"
    section: str = ""
    page: int = 1
    query: str = ""
    category: str = ""
    sort: str = ""
    item: str = ""

    def at(self, **changes: Any) -> "Place":
        """The same place with something changed, on its first page unless another one is named."""
        return replace(self, **({"page": 1} | changes))

    def kept(self) -> str:
        """As a button's value or a view's private metadata: only what is not the default."""
        said = {name: value for name, value in asdict(self).items() if value != _DEFAULTS[name]}
        return json.dumps(said, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def read(cls, kept: str) -> "Place":
        """From what `kept` wrote; whatever else it may be is the beginning of Home."""
        try:
            said = json.loads(kept or "{}")
        except (ValueError, RecursionError):
            return cls()
        if not isinstance(said, dict):
            return cls()
        words = {
            name: value[:LONGEST]
            for name, value in said.items()
            if name in _DEFAULTS and isinstance(value, str)
        }
        page = said.get("page")
        number = page if isinstance(page, int) and 1 <= page <= _LAST_PAGE else 1
        return cls(**(words | {"page": number}))  # type: ignore[arg-type]

    @property
    def item_id(self) -> UUID | None:
        """The id that `item` is, if it is one."""
        return _id(self.item)

    @property
    def category_id(self) -> UUID | None:
        """The id that `category` is, if it is one."""
        return _id(self.category)

    @classmethod
    def of_view(cls, view: Mapping[str, Any] | None) -> "Place":
        """Where a view that Slack sent back was."""
        return cls.read(str((view or {}).get("private_metadata") or ""))


def _id(text: str) -> UUID | None:
    try:
        return UUID(hex=text)
    except ValueError:
        return None


_DEFAULTS: Mapping[str, Any] = {one.name: one.default for one in fields(Place)}


@dataclass(frozen=True)
class Shown:
    """What a tab draws: at most 95 blocks, complete in words.

    `missing`: keys of tiles to upload for the next time; `case`: a trophy case that has to be
    uploaded first, and the number of the block before which it then goes.
    """

    blocks: list[Block]
    missing: tuple[str, ...] = ()
    case: Case | None = None
    case_at: int = 0


Builder = Callable[[Connection, Deps, WorkspaceRef, Reader, Place], Shown]


@dataclass(frozen=True)
class Tab:
    """One tab; `action` is what somebody must be permitted to do to have it, None: everyone has it."""

    name: str
    label: str
    action: Action | None
    build: Builder
