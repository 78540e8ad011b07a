"""Awards: the one table that says who was given what, when, by whom and why."""

from collections.abc import Callable, Collection, Sequence
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
    exists,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from storage.tables import Award, Badge, Evidence, table_of
from storage.types import new_id
from storage.upsert import insert_or_skip

_award: Table = table_of(Award)
_badge: Table = table_of(Badge)
_evidence: Table = table_of(Evidence)


class AwardRow(NamedTuple):
    """One award, as stored."""

    id: UUID
    code: str
    batch_id: UUID
    recipient_id: UUID
    giver_id: UUID | None
    badge_id: UUID
    version_id: UUID
    reason: str
    private: bool
    quiet: bool
    hidden: bool
    awarded_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    revoked_by: UUID | None
    revoke_reason: str | None
    undone: bool
    occasion_key: str


class NewAward(NamedTuple):
    """An award about to be written; `held_key` only for what is held once."""

    id: UUID
    code: str
    recipient_id: UUID
    badge_id: UUID
    version_id: UUID
    occasion_key: str
    held_key: str | None


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


_insert = insert_or_skip(_award, _award.c.id)
_columns = tuple(_award.c[name] for name in AwardRow._fields)


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
) -> dict[Standpoint, Select[Any]]:
    """A statement for each kind of viewer, built once: building costs more than running it."""
    return {
        standpoint: build(_rule(standpoint, viewer_id=bindparam("viewer_id"), now=bindparam("now")))
        for standpoint in get_args(Standpoint)
    }


def add(
    session: Connection,
    *,
    workspace_id: int,
    batch_id: UUID,
    giver_id: UUID | None,
    reason: str,
    private: bool,
    quiet: bool,
    now: datetime,
    awards: Sequence[NewAward],
) -> frozenset[UUID]:
    """Write awards and return the ids of those that were written.

    One that is missing met another with the same occasion, the same code, or the same `held_key`.
    """
    common = {
        "workspace_id": workspace_id,
        "batch_id": batch_id,
        "giver_id": giver_id,
        "reason": reason,
        "private": private,
        "quiet": quiet,
        "hidden": False,
        "undone": False,
        "awarded_at": now,
    }
    rows = session.execute(_insert(session), [common | award._asdict() for award in awards])
    return frozenset(rows.scalars())


_by_occasions = select(*_columns).where(
    _award.c.workspace_id == bindparam("workspace_id"),
    _award.c.occasion_key.in_(bindparam("keys", expanding=True)),
)


def by_occasions(
    session: Connection, *, workspace_id: int, keys: Collection[str]
) -> dict[str, AwardRow]:
    """The awards of these occasions, by occasion key."""
    rows = session.execute(_by_occasions, {"workspace_id": workspace_id, "keys": list(keys)})
    return {row.occasion_key: AwardRow._make(row) for row in rows}


_earlier = select(*_columns).where(
    _award.c.workspace_id == bindparam("workspace_id"),
    _award.c.recipient_id.in_(bindparam("recipients", expanding=True)),
    _award.c.badge_id.in_(bindparam("badges", expanding=True)),
    _award.c.revoked_at.is_(None),
)
_earlier_lately = _earlier.where(_award.c.awarded_at > bindparam("since"))


def earlier(
    session: Connection,
    *,
    workspace_id: int,
    recipient_ids: Collection[UUID],
    badge_ids: Collection[UUID],
    since: datetime | None = None,
) -> list[AwardRow]:
    """Awards that stand of these badges to these people, of any visibility; `since`: only later ones."""
    values = {
        "workspace_id": workspace_id,
        "recipients": list(recipient_ids),
        "badges": list(badge_ids),
    }
    if since is None:
        rows = session.execute(_earlier, values)
    else:
        rows = session.execute(_earlier_lately, values | {"since": since})
    return [AwardRow._make(row) for row in rows]


def of_batch(session: Connection, *, workspace_id: int, batch_id: UUID) -> list[AwardRow]:
    """The awards of one command, revoked ones too, in the order they were written."""
    rows = session.execute(
        select(*_columns)
        .where(_award.c.workspace_id == workspace_id, _award.c.batch_id == batch_id)
        .order_by(_award.c.id)
    )
    return [AwardRow._make(row) for row in rows]


def by_code(session: Connection, *, workspace_id: int, code: str) -> AwardRow | None:
    """The award people call A-XXXXXXX, revoked or not."""
    row = session.execute(
        select(*_columns).where(_award.c.workspace_id == workspace_id, _award.c.code == code)
    ).one_or_none()
    return AwardRow._make(row) if row else None


def revoke(
    session: Connection,
    *,
    workspace_id: int,
    ids: Collection[UUID],
    by: UUID,
    reason: str,
    now: datetime,
    undone: bool = False,
) -> int:
    """Revoke awards that stand; the rows stay. Returns how many were."""
    result = session.execute(
        update(_award)
        .where(
            _award.c.workspace_id == workspace_id,
            _award.c.id.in_(list(ids)),
            _award.c.revoked_at.is_(None),
        )
        .values(revoked_at=now, revoked_by=by, revoke_reason=reason, undone=undone, held_key=None)
    )
    return result.rowcount


def set_hidden(session: Connection, *, workspace_id: int, award_id: UUID, hidden: bool) -> None:
    """Hide an award from its recipient's profile, or show it again."""
    session.execute(
        update(_award)
        .where(_award.c.workspace_id == workspace_id, _award.c.id == award_id)
        .values(hidden=hidden)
    )


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
    rows = session.execute(
        _showcases[_standpoint(viewer)],
        {
            "workspace_id": workspace_id,
            "recipient_id": recipient_id,
            "viewer_id": viewer.person_id,
            "now": now,
            "limit": limit,
        },
    ).all()
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
    rows = session.execute(
        _times_held[_standpoint(viewer)],
        {
            "workspace_id": workspace_id,
            "recipient_id": recipient_id,
            "viewer_id": viewer.person_id,
            "now": now,
        },
    )
    return {row[0]: row[1] for row in rows}


def count_visible(
    session: Connection,
    *,
    workspace_id: int,
    recipient_id: UUID,
    viewer: Viewer,
    now: datetime,
) -> int:
    """How many awards of a person the viewer may see."""
    return session.execute(
        select(func.count()).where(
            _award.c.workspace_id == workspace_id,
            _award.c.recipient_id == recipient_id,
            visible_to(viewer, now=now),
        )
    ).scalar_one()


_latest = _for_each_standpoint(
    lambda seen: (
        select(*_columns)
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
    rows = session.execute(
        _latest[_standpoint(viewer)],
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
        select(*_columns)
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
    rows = session.execute(
        _holders_of[_standpoint(viewer)],
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


def badges_seen(
    session: Connection,
    *,
    workspace_id: int,
    badge_ids: Collection[UUID],
    viewer: Viewer,
    now: datetime,
) -> frozenset[UUID]:
    """Those of these badges of which the viewer may see an award, anybody's."""
    if not badge_ids:
        return frozenset()
    rows = session.execute(
        select(_badge.c.id).where(
            _badge.c.workspace_id == workspace_id,
            _badge.c.id.in_(list(badge_ids)),
            exists().where(
                _award.c.workspace_id == workspace_id,
                _award.c.badge_id == _badge.c.id,
                visible_to(viewer, now=now),
            ),
        )
    )
    return frozenset(rows.scalars())


def add_evidence(
    session: Connection,
    *,
    workspace_id: int,
    award_ids: Collection[UUID],
    url: str,
    public: bool,
    now: datetime,
) -> None:
    """Keep what an award was given for; `public`: everyone in the workspace can open it."""
    session.execute(
        insert(_evidence),
        [
            {
                "workspace_id": workspace_id,
                "id": new_id(now),
                "award_id": award_id,
                "url": url,
                "public": public,
                "created_at": now,
            }
            for award_id in award_ids
        ],
    )


def evidence(
    session: Connection, *, workspace_id: int, award_ids: Collection[UUID]
) -> dict[UUID, tuple[str, bool]]:
    """The address of each award's evidence, and whether it is public, by award."""
    rows = session.execute(
        select(_evidence.c.award_id, _evidence.c.url, _evidence.c.public).where(
            _evidence.c.workspace_id == workspace_id, _evidence.c.award_id.in_(list(award_ids))
        )
    )
    return {row[0]: (row[1], row[2]) for row in rows}
