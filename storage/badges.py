"""The catalogue: badges and their versions."""

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    func,
    insert,
    select,
    union,
    update,
)

from storage.prepared import Query, Row
from storage.questions import Question, ask
from storage.tables import Badge, BadgeVersion, Image, table_of
from storage.types import new_id
from storage.upsert import insert_for

_badge = table_of(Badge)
_version = table_of(BadgeVersion)
_image = table_of(Image)


class BadgeRow(NamedTuple):
    """A badge together with one version of it: the current one, unless said otherwise."""

    id: UUID
    slug: str
    kind: str
    private: bool
    active: bool
    feed: bool
    awarders: str | None
    position: int
    version_id: UUID
    name: str
    description: str
    criteria: str
    category: str
    image_id: str | None
    name_key: str
    feed_channel: str | None = None
    repeats: bool = True
    recipient_limit: str | None = None
    giver_limit: str | None = None
    expiry: str | None = None
    design: str | None = None

    @property
    def held_once(self) -> bool:
        """An achievement is held once; flair repeats, unless it says otherwise."""
        return self.kind == "achievement" or not self.repeats


class BadgeValues(NamedTuple):
    """Everything of a badge that can be decided about it."""

    slug: str
    name: str
    name_key: str
    description: str
    criteria: str
    category: str
    kind: str
    private: bool = False
    feed: bool = True
    feed_channel: str | None = None
    awarders: str | None = None
    repeats: bool = True
    recipient_limit: str | None = None
    giver_limit: str | None = None
    expiry: str | None = None
    image_id: str | None = None
    design: str | None = None

    @classmethod
    def of(cls, badge: BadgeRow) -> "BadgeValues":
        """As they are now."""
        return cls(*(getattr(badge, name) for name in cls._fields))


# What a badge says and looks like: a change of these makes a new version.
VERSIONED = ("name", "description", "criteria", "category", "image_id", "design")
_columns = (
    _badge.c.id,
    _badge.c.slug,
    _badge.c.kind,
    _badge.c.private,
    _badge.c.active,
    _badge.c.feed,
    _badge.c.awarders,
    _badge.c.position,
    _version.c.id,
    _version.c.name,
    _version.c.description,
    _version.c.criteria,
    _version.c.category,
    _version.c.image_id,
    _badge.c.name_key,
    _badge.c.feed_channel,
    _badge.c.repeats,
    _badge.c.recipient_limit,
    _badge.c.giver_limit,
    _badge.c.expiry,
    _version.c.design,
)
_current = select(*_columns).where(
    _badge.c.workspace_id == bindparam("workspace_id"),
    _version.c.workspace_id == _badge.c.workspace_id,
    _version.c.id == _badge.c.version_id,
)
_insert_badge, _insert_version = insert(_badge), insert(_version)


def _with_key(column: ColumnElement[str]) -> Select[UUID]:
    return select(_badge.c.id).where(
        _badge.c.workspace_id == bindparam("workspace_id"),
        column.in_(bindparam("keys", expanding=True)),
    )


_by_keys = Query(
    _current.where(
        # Joined by OR, SQLite would go through the whole catalogue.
        _badge.c.id.in_(union(_with_key(_badge.c.slug), _with_key(_badge.c.name_key)))
    )
)
_by_ids = Query(_current.where(_badge.c.id.in_(bindparam("ids", expanding=True))))
_all = Query(_current.order_by(_badge.c.position, _badge.c.slug))
FEW = 500
_few = Query(_current.limit(FEW + 1))
_of_versions = Query(
    select(*_columns).where(
        _version.c.workspace_id == bindparam("workspace_id"),
        _version.c.id.in_(bindparam("ids", expanding=True)),
        _badge.c.workspace_id == _version.c.workspace_id,
        _badge.c.id == _version.c.badge_id,
    )
)


def by_name(badges: Collection[BadgeRow]) -> dict[str, BadgeRow]:
    """Badges by every key that names them: slug and name.

    An active badge wins over one that is not, and then a slug over a name.
    """
    found: dict[str, BadgeRow] = {}
    retired = [badge for badge in badges if not badge.active]
    if retired:
        found = {badge.name_key: badge for badge in retired}
        found |= {badge.slug: badge for badge in retired}
        badges = [badge for badge in badges if badge.active]
    found |= {badge.name_key: badge for badge in badges}
    return found | {badge.slug: badge for badge in badges}


def of_keys(*, workspace_id: int, keys: Collection[str]) -> Question[list[BadgeRow]]:
    """Asks for every badge whose slug or name is one of these keys, of which a viewer may know but some."""
    return Question(_by_keys, {"workspace_id": workspace_id, "keys": keys}, _rows)


def matching(session: Connection, *, workspace_id: int, keys: Collection[str]) -> list[BadgeRow]:
    """Every badge whose slug or name is one of these keys, of which a viewer may know but some."""
    return ask(session, of_keys(workspace_id=workspace_id, keys=keys))


def of_ids(*, workspace_id: int, ids: Collection[UUID]) -> Question[list[BadgeRow]]:
    """Asks for these badges in their current versions."""
    return Question(_by_ids, {"workspace_id": workspace_id, "ids": ids}, _rows)


def by_ids(
    session: Connection, *, workspace_id: int, ids: Collection[UUID]
) -> dict[UUID, BadgeRow]:
    """These badges in their current versions, by id."""
    return {badge.id: badge for badge in ask(session, of_ids(workspace_id=workspace_id, ids=ids))}


def _rows(rows: list[Row]) -> list[BadgeRow]:
    return [BadgeRow._make(row) for row in rows]


def of_versions(
    session: Connection, *, workspace_id: int, version_ids: Collection[UUID]
) -> dict[UUID, BadgeRow]:
    """Badges as they were in these versions, by version id."""
    rows = _of_versions.rows(session, {"workspace_id": workspace_id, "ids": version_ids})
    return {row[8]: BadgeRow._make(row) for row in rows}


def catalogue(session: Connection, *, workspace_id: int) -> list[BadgeRow]:
    """Every badge, retired and private ones too, in the catalogue's order."""
    return [BadgeRow._make(row) for row in _all.rows(session, {"workspace_id": workspace_id})]


def few(session: Connection, *, workspace_id: int) -> list[BadgeRow] | None:
    """Every badge, in no order; None where there are more than FEW."""
    found = _rows(_few.rows(session, {"workspace_id": workspace_id}))
    return found if len(found) <= FEW else None


def count(session: Connection, *, workspace_id: int) -> int:
    """How many badges there are, of every kind."""
    return session.execute(
        select(func.count()).select_from(_badge).where(_badge.c.workspace_id == workspace_id)
    ).scalar_one()


def add(
    session: Connection,
    *,
    workspace_id: int,
    values: BadgeValues,
    now: datetime,
    active: bool = True,
    position: int = 0,
    badge_id: UUID | None = None,
) -> BadgeRow:
    """Add a badge with its first version; `badge_id` where it is to have an id that is known before."""
    badge_id, version_id = badge_id or new_id(now), new_id(now)
    # Values beside the statement: it is compiled once, not for each badge.
    session.execute(
        _insert_badge,
        {name: value for name, value in values._asdict().items() if name not in VERSIONED}
        | {
            "workspace_id": workspace_id,
            "id": badge_id,
            "version_id": version_id,
            "active": active,
            "position": position,
            "created_at": now,
        },
    )
    session.execute(
        _insert_version,
        {name: getattr(values, name) for name in VERSIONED}
        | {
            "workspace_id": workspace_id,
            "id": version_id,
            "badge_id": badge_id,
            "number": 1,
            "created_at": now,
        },
    )
    return by_ids(session, workspace_id=workspace_id, ids=[badge_id])[badge_id]


def set_active(session: Connection, *, workspace_id: int, badge_id: UUID, active: bool) -> None:
    """Retire a badge (no new awards; holders keep it), or bring it back."""
    session.execute(
        _badge.update()
        .where(and_(_badge.c.workspace_id == workspace_id, _badge.c.id == badge_id))
        .values(active=active)
    )


def set_awarders(session: Connection, *, workspace_id: int, badge_id: UUID, awarders: str) -> None:
    """Name who may award a badge, in the grammar of LAUREL_AWARDERS."""
    session.execute(
        update(_badge)
        .where(_badge.c.workspace_id == workspace_id, _badge.c.id == badge_id)
        .values(awarders=awarders)
    )


def add_image(
    session: Connection, *, workspace_id: int, content: bytes, media_type: str = "image/png"
) -> str:
    """Keep a picture and return its id, the SHA-256 of its bytes; the same bytes are kept once."""
    image_id = hashlib.sha256(content).hexdigest()
    session.execute(
        insert_for(session, _image)
        .values(workspace_id=workspace_id, id=image_id, media_type=media_type, content=content)
        .on_conflict_do_nothing()
    )
    return image_id


def image(session: Connection, *, workspace_id: int, image_id: str) -> bytes | None:
    """A picture's bytes."""
    return session.execute(
        select(_image.c.content).where(
            _image.c.workspace_id == workspace_id, _image.c.id == image_id
        )
    ).scalar_one_or_none()
