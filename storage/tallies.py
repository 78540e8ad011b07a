"""How many awards somebody gave or got within a period: what limits are about."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, and_, func, not_, or_, select

from storage.tables import Award, table_of

_award = table_of(Award)


class Tally(NamedTuple):
    """How many awards count: those that were not undone, and of the others those not forgiven."""

    given: int
    undone: int


def count_given(
    session: Connection,
    *,
    workspace_id: int,
    giver_id: UUID,
    since: datetime,
    forgiven: int,
    badge_id: UUID | None = None,
) -> Tally:
    """How many awards, of a badge or of any, somebody has given since then.

    Undone ones count only beyond as many as are `forgiven`: each told people of it all the same.
    """
    given = (
        select(_award.c.undone, func.count())
        .where(
            _award.c.workspace_id == workspace_id,
            _award.c.giver_id == giver_id,
            _award.c.awarded_at >= since,
        )
        .group_by(_award.c.undone)
    )
    if badge_id is not None:
        given = given.where(_award.c.badge_id == badge_id)
    counts = {bool(row[0]): int(row[1]) for row in session.execute(given)}
    return Tally(counts.get(False, 0), max(0, counts.get(True, 0) - forgiven))


def count_received(
    session: Connection,
    *,
    workspace_id: int,
    badge_id: UUID,
    recipient_ids: Collection[UUID],
    known_to: UUID | None,
    since: datetime,
) -> dict[UUID, int]:
    """How many awards of a badge that stand these people got since then, by person.

    Those that are a secret (`storage.awards.is_secret`) only as far as somebody may know of them, as
    giver or recipient; None: all of them.
    """
    received = select(_award.c.recipient_id, func.count()).where(
        _award.c.workspace_id == workspace_id,
        _award.c.recipient_id.in_(recipient_ids),
        _award.c.badge_id == badge_id,
        _award.c.awarded_at >= since,
        _award.c.revoked_at.is_(None),
    )
    if known_to is not None:
        unseen = and_(_award.c.hidden, _award.c.quiet)
        received = received.where(
            or_(
                not_(or_(_award.c.private, unseen)),
                _award.c.giver_id == known_to,
                _award.c.recipient_id == known_to,
            )
        )
    rows = session.execute(received.group_by(_award.c.recipient_id))
    return {row[0]: row[1] for row in rows}
