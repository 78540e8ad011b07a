"""Awards: the one table that says who was given what, when, by whom and why."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    Connection,
    Table,
    bindparam,
    insert,
    select,
    update,
)

from storage.prepared import InsertOrSkip, Query
from storage.tables import Award, Evidence, table_of
from storage.types import new_id

_award: Table = table_of(Award)
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


COLUMNS = tuple(_award.c[name] for name in AwardRow._fields)
_insert = InsertOrSkip(
    _award,
    NewAward._fields,
    common=(
        "workspace_id",
        "batch_id",
        "giver_id",
        "reason",
        "private",
        "quiet",
        "hidden",
        "undone",
        "awarded_at",
    ),
    returning="id",
)


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
    common = (workspace_id, batch_id, giver_id, reason, private, quiet, False, False, now)
    return frozenset(_insert.add(session, awards, common))


class AutomaticAward(NamedTuple):
    """An award of Laurel's own about to be written, one of many that differ in everything."""

    id: UUID
    code: str
    batch_id: UUID
    recipient_id: UUID
    badge_id: UUID
    version_id: UUID
    reason: str
    private: bool
    quiet: bool
    awarded_at: datetime
    occasion_key: str
    held_key: str | None


_insert_automatic = InsertOrSkip(
    _award,
    AutomaticAward._fields,
    common=("workspace_id", "giver_id", "hidden", "undone"),
    returning="id",
)


def add_many(
    session: Connection, *, workspace_id: int, awards: Sequence[AutomaticAward]
) -> frozenset[UUID]:
    """Write Laurel's own awards and return the ids of those that were written; see `add`."""
    return frozenset(_insert_automatic.add(session, awards, (workspace_id, None, False, False)))


_by_occasions = Query(
    select(*COLUMNS).where(
        _award.c.workspace_id == bindparam("workspace_id"),
        _award.c.occasion_key.in_(bindparam("keys", expanding=True)),
    )
)


def by_occasions(
    session: Connection, *, workspace_id: int, keys: Collection[str]
) -> dict[str, AwardRow]:
    """The awards of these occasions, by occasion key."""
    rows = _by_occasions.rows(session, {"workspace_id": workspace_id, "keys": keys})
    return {award.occasion_key: award for award in map(AwardRow._make, rows)}


_standing = select(*COLUMNS).where(
    _award.c.workspace_id == bindparam("workspace_id"),
    _award.c.recipient_id.in_(bindparam("recipients", expanding=True)),
    _award.c.badge_id.in_(bindparam("badges", expanding=True)),
    _award.c.revoked_at.is_(None),
)
_earlier = Query(_standing)
_lately = Query(
    _standing.where(
        _award.c.awarded_at > bindparam("since"),
        _award.c.giver_id == bindparam("giver"),
        _award.c.reason == bindparam("reason"),
    )
)


def earlier(
    session: Connection,
    *,
    workspace_id: int,
    recipient_ids: Collection[UUID],
    badge_ids: Collection[UUID],
) -> list[AwardRow]:
    """Awards that stand of these badges to these people, of any visibility."""
    values = {"workspace_id": workspace_id, "recipients": recipient_ids, "badges": badge_ids}
    return [AwardRow._make(row) for row in _earlier.rows(session, values)]


def given_lately(
    session: Connection,
    *,
    workspace_id: int,
    recipient_ids: Collection[UUID],
    badge_ids: Collection[UUID],
    giver_id: UUID,
    reason: str,
    since: datetime,
) -> list[AwardRow]:
    """Awards that stand of these badges to these people by one giver, in the same words."""
    values = {
        "workspace_id": workspace_id,
        "recipients": recipient_ids,
        "badges": badge_ids,
        "giver": giver_id,
        "reason": reason,
        "since": since,
    }
    return [AwardRow._make(row) for row in _lately.rows(session, values)]


_of_batch = Query(
    select(*COLUMNS)
    .where(
        _award.c.workspace_id == bindparam("workspace_id"),
        _award.c.batch_id == bindparam("batch_id"),
    )
    .order_by(_award.c.id)
)


def of_batch(session: Connection, *, workspace_id: int, batch_id: UUID) -> list[AwardRow]:
    """The awards of one command, revoked ones too, in the order they were written."""
    rows = _of_batch.rows(session, {"workspace_id": workspace_id, "batch_id": batch_id})
    return [AwardRow._make(row) for row in rows]


def by_code(session: Connection, *, workspace_id: int, code: str) -> AwardRow | None:
    """The award people call A-XXXXXXX, revoked or not."""
    row = session.execute(
        select(*COLUMNS).where(_award.c.workspace_id == workspace_id, _award.c.code == code)
    ).one_or_none()
    return AwardRow._make(row) if row else None


def revoke(
    session: Connection,
    *,
    workspace_id: int,
    ids: Collection[UUID],
    by: UUID | None,
    reason: str,
    now: datetime,
    undone: bool = False,
) -> int:
    """Revoke awards that stand; the rows stay. Returns how many were. `by` None: Laurel itself."""
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


_evidence_of = Query(
    select(_evidence.c.award_id, _evidence.c.url, _evidence.c.public).where(
        _evidence.c.workspace_id == bindparam("workspace_id"),
        _evidence.c.award_id.in_(bindparam("award_ids", expanding=True)),
    )
)


def evidence(
    session: Connection, *, workspace_id: int, award_ids: Collection[UUID]
) -> dict[UUID, tuple[str, bool]]:
    """The address of each award's evidence, and whether it is public, by award."""
    rows = _evidence_of.rows(session, {"workspace_id": workspace_id, "award_ids": award_ids})
    return {row[0]: (row[1], row[2]) for row in rows}
