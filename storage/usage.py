"""How much badges are used."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, bindparam, case, func, or_, select

from storage.prepared import Query
from storage.tables import Award, table_of

_award = table_of(Award)


class Usage(NamedTuple):
    """How often a badge was awarded, how many people hold it now, and when it was awarded last."""

    awarded: int
    holders: int
    latest: datetime | None


UNUSED = Usage(0, 0, None)

# From the index `ix_award_holders` alone, in its order: a million awards take a quarter of a second.
# Telling apart what was revoked would mean to read each of their rows, which takes five times that.
_times_given = Query(
    select(_award.c.badge_id, func.count())
    .where(_award.c.workspace_id == bindparam("workspace_id"))
    .group_by(_award.c.badge_id)
)
_holder = case(
    (
        or_(_award.c.expires_at.is_(None), _award.c.expires_at > bindparam("now")),
        _award.c.recipient_id,
    )
)
_of_some = Query(
    select(
        _award.c.badge_id,
        func.count(),
        func.count(_holder.distinct()),
        func.max(_award.c.awarded_at),
    )
    .where(
        _award.c.workspace_id == bindparam("workspace_id"),
        _award.c.badge_id.in_(bindparam("badge_ids", expanding=True)),
        _award.c.revoked_at.is_(None),
        _award.c.hidden.is_(False),
    )
    .group_by(_award.c.badge_id)
)


def times_given(session: Connection, *, workspace_id: int) -> dict[UUID, int]:
    """How often each badge was ever awarded, for putting them in order: what was revoked counts too."""
    return {row[0]: row[1] for row in _times_given.rows(session, {"workspace_id": workspace_id})}


def of_badges(
    session: Connection, *, workspace_id: int, badge_ids: Collection[UUID], now: datetime
) -> dict[UUID, Usage]:
    """The figures of those among these badges that were awarded, as badge admins may see them.

    Private awards count; what was revoked does not, nor what its holder hides, which is for nobody
    else to see.
    """
    if not badge_ids:
        return {}
    values = {"workspace_id": workspace_id, "badge_ids": badge_ids, "now": now}
    return {row[0]: Usage(*row[1:]) for row in _of_some.rows(session, values)}
