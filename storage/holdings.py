"""What people hold, as far as whoever looks may see it."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, Literal, NamedTuple, get_args
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    func,
    or_,
    select,
    true,
)

from storage.awards import COLUMNS, AwardRow
from storage.prepared import Query
from storage.tables import Award, Badge, table_of

_award: Table = table_of(Award)
_badge: Table = table_of(Badge)


class Held(NamedTuple):
    """One badge on a profile: how often, when last, and in which version."""

    badge_id: UUID
    version_id: UUID
    times: int
    latest: datetime


class Showcase(NamedTuple):
    """The latest badges someone holds, and how many badges and awards there are in all."""

    held: tuple[Held, ...]
    badges: int
    awards: int


class Viewer(NamedTuple):
    """Who looks. `person_id` None: the public, as for what is shared in a channel."""

    person_id: UUID | None
    admin: bool = False


Standpoint = Literal["public", "person", "admin"]


def _standpoint(viewer: Viewer) -> Standpoint:
    if viewer.person_id is None:
        return "public"
    return "admin" if viewer.admin else "person"


def _rule(standpoint: Standpoint, *, viewer_id: Any, now: Any) -> ColumnElement[bool]:
    """The one rule of what a viewer may see of awards that stand, for values or parameters."""
    standing = and_(
        _award.c.revoked_at.is_(None),
        or_(_award.c.expires_at.is_(None), _award.c.expires_at > now),
    )
    if standpoint == "public":
        return and_(standing, _award.c.private.is_(False), _award.c.hidden.is_(False))
    own = _award.c.recipient_id == viewer_id
    allowed = (
        true()
        if standpoint == "admin"
        else or_(_award.c.private.is_(False), own, _award.c.giver_id == viewer_id)
    )
    return and_(standing, allowed, or_(_award.c.hidden.is_(False), own))


def visible_to(viewer: Viewer, *, now: datetime) -> ColumnElement[bool]:
    """The condition under which a viewer may see an award.

    Neither revoked nor expired; private ones only for recipient, giver and badge admins; hidden ones
    only for their recipient.
    """
    return _rule(_standpoint(viewer), viewer_id=viewer.person_id, now=now)


def _for_each_standpoint(
    build: Callable[[ColumnElement[bool]], Select[Any]],
) -> dict[Standpoint, Query]:
    """A statement for each kind of viewer, built once: building costs more than running it."""
    values: dict[str, Any] = {name: bindparam(name) for name in ("viewer_id", "now")}
    return {
        standpoint: Query(build(_rule(standpoint, **values))) for standpoint in get_args(Standpoint)
    }


_of_person = and_(
    _award.c.workspace_id == bindparam("workspace_id"),
    _award.c.recipient_id == bindparam("recipient_id"),
)


def _counted(seen: ColumnElement[bool]) -> Select[Any]:
    return (
        select(
            _award.c.badge_id,
            func.count().label("times"),
            func.max(_award.c.awarded_at).label("latest"),
        )
        .where(_of_person, seen)
        .group_by(_award.c.badge_id)
    )


def _showcase(seen: ColumnElement[bool]) -> Select[Any]:
    # Counted within the covering index; only what is shown is then looked up by row.
    counted = _counted(seen).subquery()
    shown = (
        select(
            counted.c.badge_id,
            counted.c.times,
            counted.c.latest,
            func.count().over().label("badges"),
            func.sum(counted.c.times).over().label("awards"),
        )
        .order_by(counted.c.latest.desc(), counted.c.badge_id)
        .limit(bindparam("limit"))
        .subquery()
    )
    newest = (
        select(_award.c.version_id)
        .where(
            _of_person,
            _award.c.badge_id == shown.c.badge_id,
            _award.c.awarded_at == shown.c.latest,
            seen,
        )
        .limit(1)
        .scalar_subquery()
    )
    return select(
        shown.c.badge_id, newest, shown.c.times, shown.c.latest, shown.c.badges, shown.c.awards
    ).order_by(shown.c.latest.desc(), shown.c.badge_id)


_showcases = _for_each_standpoint(_showcase)


def showcase(
    session: Connection,
    *,
    workspace_id: int,
    recipient_id: UUID,
    viewer: Viewer,
    now: datetime,
    limit: int,
) -> Showcase:
    """What a person holds, as far as the viewer may see it: the latest badges and the totals.

    The version shown is that of the latest award.
    """
    rows = _showcases[_standpoint(viewer)].rows(
        session,
        {
            "workspace_id": workspace_id,
            "recipient_id": recipient_id,
            "viewer_id": viewer.person_id,
            "now": now,
            "limit": limit,
        },
    )
    if not rows:
        return Showcase((), 0, 0)
    return Showcase(tuple(Held._make(row[:4]) for row in rows), rows[0][4], int(rows[0][5]))


_times_held = _for_each_standpoint(_counted)


def times_held(
    session: Connection,
    *,
    workspace_id: int,
    recipient_id: UUID,
    viewer: Viewer,
    now: datetime,
) -> dict[UUID, int]:
    """How often a person holds each badge, as far as the viewer may see it, by badge."""
    rows = _times_held[_standpoint(viewer)].rows(
        session,
        {
            "workspace_id": workspace_id,
            "recipient_id": recipient_id,
            "viewer_id": viewer.person_id,
            "now": now,
        },
    )
    return {row[0]: row[1] for row in rows}


_latest = _for_each_standpoint(
    lambda seen: (
        select(*COLUMNS)
        .where(_of_person, seen)
        .order_by(_award.c.awarded_at.desc(), _award.c.id.desc())
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
    )
)


def latest(
    session: Connection,
    *,
    workspace_id: int,
    recipient_id: UUID,
    viewer: Viewer,
    now: datetime,
    limit: int,
    offset: int = 0,
) -> list[AwardRow]:
    """A person's awards as far as the viewer may see them, latest first."""
    rows = _latest[_standpoint(viewer)].rows(
        session,
        {
            "workspace_id": workspace_id,
            "recipient_id": recipient_id,
            "viewer_id": viewer.person_id,
            "now": now,
            "limit": limit,
            "offset": offset,
        },
    )
    return [AwardRow._make(row) for row in rows]


def history(
    session: Connection, *, workspace_id: int, recipient_id: UUID, limit: int, offset: int = 0
) -> list[AwardRow]:
    """One's own awards, latest first, revoked ones too; but not what was undone at once."""
    rows = session.execute(
        select(*COLUMNS)
        .where(
            _award.c.workspace_id == workspace_id,
            _award.c.recipient_id == recipient_id,
            _award.c.undone.is_(False),
        )
        .order_by(_award.c.awarded_at.desc(), _award.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [AwardRow._make(row) for row in rows]


def count_history(session: Connection, *, workspace_id: int, recipient_id: UUID) -> int:
    """How many awards `history` has."""
    return session.execute(
        select(func.count()).where(
            _award.c.workspace_id == workspace_id,
            _award.c.recipient_id == recipient_id,
            _award.c.undone.is_(False),
        )
    ).scalar_one()


def _holders(seen: ColumnElement[bool]) -> Select[Any]:
    # SQLite would otherwise walk every award of the workspace, to find them grouped by person.
    of_badge = (
        select(_award.c.recipient_id, _award.c.awarded_at)
        .where(
            _award.c.workspace_id == bindparam("workspace_id"),
            _award.c.badge_id == bindparam("badge_id"),
            seen,
        )
        .cte("of_badge")
        .prefix_with("MATERIALIZED")
    )
    return (
        select(of_badge.c.recipient_id, func.count())
        .group_by(of_badge.c.recipient_id)
        .order_by(func.max(of_badge.c.awarded_at).desc(), of_badge.c.recipient_id)
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
    )


_holders_of = _for_each_standpoint(_holders)


def holders(
    session: Connection,
    *,
    workspace_id: int,
    badge_id: UUID,
    viewer: Viewer,
    now: datetime,
    limit: int,
    offset: int = 0,
) -> list[tuple[UUID, int]]:
    """Who holds a badge and how often, as far as the viewer may see it; the latest first."""
    rows = _holders_of[_standpoint(viewer)].rows(
        session,
        {
            "workspace_id": workspace_id,
            "badge_id": badge_id,
            "viewer_id": viewer.person_id,
            "now": now,
            "limit": limit,
            "offset": offset,
        },
    )
    return [(row[0], row[1]) for row in rows]


def count_holders(
    session: Connection, *, workspace_id: int, badge_id: UUID, viewer: Viewer, now: datetime
) -> int:
    """How many people hold a badge, as far as the viewer may see it."""
    return session.execute(
        select(func.count(_award.c.recipient_id.distinct())).where(
            _award.c.workspace_id == workspace_id,
            _award.c.badge_id == badge_id,
            visible_to(viewer, now=now),
        )
    ).scalar_one()


def versions_seen(
    session: Connection,
    *,
    workspace_id: int,
    badge_ids: Collection[UUID],
    viewer: Viewer,
    now: datetime,
) -> dict[UUID, UUID]:
    """Those of these badges of which the viewer may see an award, anybody's, and its newest one's version."""
    if not badge_ids:
        return {}
    newest = (
        select(_award.c.version_id)
        .where(
            _award.c.workspace_id == workspace_id,
            _award.c.badge_id == _badge.c.id,
            visible_to(viewer, now=now),
        )
        .order_by(_award.c.awarded_at.desc(), _award.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(_badge.c.id, newest).where(
            _badge.c.workspace_id == workspace_id, _badge.c.id.in_(list(badge_ids))
        )
    )
    return {badge_id: version_id for badge_id, version_id in rows if version_id is not None}
