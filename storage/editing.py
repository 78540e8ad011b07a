"""Changing badges: versions, leaving the catalogue, and what past awards show."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, exists, func, insert, select, update

from storage import badges
from storage.badges import VERSIONED, BadgeRow, BadgeValues
from storage.tables import Award, Badge, BadgeVersion, Image, SlackFile, table_of
from storage.types import new_id

_badge = table_of(Badge)
_version = table_of(BadgeVersion)
_image = table_of(Image)
_award = table_of(Award)
_file = table_of(SlackFile)

PICTURES = ("card", "tile")  # what is drawn of each version


def locked(session: Connection, *, workspace_id: int, badge_id: UUID) -> BadgeRow | None:
    """A badge in its current version, which nobody else changes before this transaction ends."""
    session.execute(
        select(_badge.c.id)
        .where(_badge.c.workspace_id == workspace_id, _badge.c.id == badge_id)
        .with_for_update()
    )
    return badges.by_ids(session, workspace_id=workspace_id, ids=[badge_id]).get(badge_id)


def edit(
    session: Connection,
    *,
    workspace_id: int,
    before: BadgeRow,
    values: BadgeValues,
    now: datetime,
) -> BadgeRow:
    """Give a locked badge these values and return it; awards keep showing the version they are of.

    A new version is made only where what it says or looks like changes.
    """
    changes = {
        name: value for name, value in values._asdict().items() if value != getattr(before, name)
    }
    if any(name in VERSIONED for name in changes):
        changes["version_id"] = _add_version(session, workspace_id, before.id, values, now)
    own = {name: value for name, value in changes.items() if name in _badge.c}
    _update(session, workspace_id, before.id, own)
    return badges.by_ids(session, workspace_id=workspace_id, ids=[before.id])[before.id]


def _add_version(
    session: Connection, workspace_id: int, badge_id: UUID, values: BadgeValues, now: datetime
) -> UUID:
    version_id = new_id(now)
    number = (
        select(func.max(_version.c.number) + 1)
        .where(_version.c.workspace_id == workspace_id, _version.c.badge_id == badge_id)
        .scalar_subquery()
    )
    said = {name: getattr(values, name) for name in VERSIONED}
    session.execute(
        insert(_version).values(
            workspace_id=workspace_id,
            id=version_id,
            badge_id=badge_id,
            number=number,
            created_at=now,
            **said,
        )
    )
    return version_id


def _update(
    session: Connection, workspace_id: int, badge_id: UUID, changes: Mapping[str, Any]
) -> None:
    if changes:
        session.execute(
            update(_badge)
            .where(_badge.c.workspace_id == workspace_id, _badge.c.id == badge_id)
            .values(**changes)
        )


def is_awarded(session: Connection, *, workspace_id: int, badge_id: UUID) -> bool:
    """Whether a badge was ever awarded, even if that was taken back since."""
    found = select(
        exists().where(_award.c.workspace_id == workspace_id, _award.c.badge_id == badge_id)
    )
    return bool(session.execute(found).scalar_one())


def delete_unawarded(session: Connection, *, workspace_id: int, badge_id: UUID) -> bool:
    """Delete a badge with its versions and pictures, unless it was ever awarded; whether it was."""
    session.execute(
        select(_badge.c.id)
        .where(_badge.c.workspace_id == workspace_id, _badge.c.id == badge_id)
        .with_for_update()
    )
    if is_awarded(session, workspace_id=workspace_id, badge_id=badge_id):
        return False
    of_badge = (_version.c.workspace_id == workspace_id, _version.c.badge_id == badge_id)
    versions = session.execute(select(_version.c.id, _version.c.image_id).where(*of_badge)).all()
    session.execute(delete(_version).where(*of_badge))
    session.execute(
        delete(_badge).where(_badge.c.workspace_id == workspace_id, _badge.c.id == badge_id)
    )
    keys = [f"{picture}:{version_id}" for version_id, _ in versions for picture in PICTURES]
    session.execute(
        delete(_file).where(_file.c.workspace_id == workspace_id, _file.c.key.in_(keys))
    )
    images = {image_id for _, image_id in versions if image_id is not None}
    shown_elsewhere = exists().where(
        _version.c.workspace_id == workspace_id, _version.c.image_id == _image.c.id
    )
    session.execute(
        delete(_image).where(
            _image.c.workspace_id == workspace_id, _image.c.id.in_(images), ~shown_elsewhere
        )
    )
    return True


def apply_to_past(
    session: Connection,
    *,
    workspace_id: int,
    badge_id: UUID,
    version_id: UUID,
    since: datetime | None = None,
    until: datetime,
    limit: int,
) -> tuple[int, datetime | None]:
    """Let awards given until then, at most so many, show this version.

    Returns how many were changed, and from when on to continue, None at the end.
    """
    wanted = select(_award.c.id, _award.c.awarded_at).where(
        _award.c.workspace_id == workspace_id,
        _award.c.badge_id == badge_id,
        _award.c.version_id != version_id,
        _award.c.awarded_at <= until,
    )
    if since is not None:  # else each batch would read through all that were changed already
        wanted = wanted.where(_award.c.awarded_at >= since)
    rows = session.execute(wanted.order_by(_award.c.awarded_at).limit(limit)).all()
    if rows:
        session.execute(
            update(_award)
            .where(_award.c.workspace_id == workspace_id, _award.c.id.in_([row[0] for row in rows]))
            .values(version_id=version_id)
        )
    return len(rows), rows[-1][1] if len(rows) == limit else None
