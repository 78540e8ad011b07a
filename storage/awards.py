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
    union_all,
    update,
)

from storage.database import TransactionConflictError
from storage.prepared import Insertion, Query
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

    @property
    def secret(self) -> bool:
        """Whether others may not know of it, see `is_secret`."""
        return is_secret(private=self.private, hidden=self.hidden, quiet=self.quiet)

    def is_over(self, now: datetime) -> bool:
        """Whether it has expired."""
        return self.expires_at is not None and self.expires_at <= now


def is_secret(*, private: bool, hidden: bool, quiet: bool) -> bool:
    """Whether others may not know of an award: it is private, or on nobody's page and in no feed."""
    return private or (hidden and quiet)


class NewAward(NamedTuple):
    """An award about to be written; `held_key` only for what is held once."""

    id: UUID
    code: str
    recipient_id: UUID
    badge_id: UUID
    version_id: UUID
    occasion_key: str
    held_key: str | None
    quiet: bool = False
    hidden: bool = False
    expires_at: datetime | None = None


_MOST_ASKED = 256  # ids in one statement
COLUMNS = tuple(_award.c[name] for name in AwardRow._fields)


class Batch(NamedTuple):
    """What the awards of one command have in common."""

    workspace_id: int
    batch_id: UUID
    giver_id: UUID | None
    reason: str
    private: bool
    awarded_at: datetime
    undone: bool = False


_insert = Insertion(_award, NewAward._fields, common=Batch._fields)
_insert_all = Insertion(_award, NewAward._fields, common=Batch._fields, skip=False)


def add(session: Connection, batch: Batch, awards: Sequence[NewAward]) -> frozenset[UUID]:
    """Write awards and return the ids of those that were written.

    One that is missing met another with the same occasion, the same code, or the same `held_key`.
    """
    if _insert.add(session, awards, batch) == len(awards):
        return frozenset(award.id for award in awards)
    return _present(session, batch.workspace_id, [award.id for award in awards])


def add_later(session: Connection, batch: Batch, awards: Sequence[NewAward]) -> None:
    """Write awards with what follows in the transaction, at the latest with its commit.

    Where one meets another (see `add`), that raises TransactionConflictError.
    """
    _insert_all.add_later(
        session, awards, batch, refused=lambda: TransactionConflictError("an award met another")
    )


class AutomaticAward(NamedTuple):
    """An award about to be written, one of many that differ in everything but the giver."""

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
    hidden: bool = False
    expires_at: datetime | None = None


_insert_automatic = Insertion(
    _award,
    AutomaticAward._fields,
    common=("workspace_id", "giver_id", "undone"),
)


def add_many(
    session: Connection,
    *,
    workspace_id: int,
    giver_id: UUID | None,
    awards: Sequence[AutomaticAward],
) -> frozenset[UUID]:
    """Write awards by one giver (None: Laurel) and return the ids of those written; see `add`."""
    common = (workspace_id, giver_id, False)
    if _insert_automatic.add(session, awards, common) == len(awards):
        return frozenset(award.id for award in awards)
    return _present(session, workspace_id, [award.id for award in awards])


_ids_of = Query(
    select(_award.c.id).where(
        _award.c.workspace_id == bindparam("workspace_id"),
        _award.c.id.in_(bindparam("ids", expanding=True)),
    )
)


def _present(session: Connection, workspace_id: int, ids: Sequence[UUID]) -> frozenset[UUID]:
    found: set[UUID] = set()
    for start in range(0, len(ids), _MOST_ASKED):
        values = {"workspace_id": workspace_id, "ids": ids[start : start + _MOST_ASKED]}
        found.update(row[0] for row in _ids_of.rows(session, values))
    return frozenset(found)


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
_same_words = _standing.where(
    _award.c.awarded_at > bindparam("since"),
    _award.c.giver_id == bindparam("giver"),
    _award.c.reason == bindparam("reason"),
)
_given_back = select(*COLUMNS).where(
    _award.c.workspace_id == bindparam("workspace_id"),
    _award.c.recipient_id == bindparam("giver"),
    _award.c.giver_id.in_(bindparam("recipients", expanding=True)),
    _award.c.giver_id != _award.c.recipient_id,
    _award.c.awarded_at > bindparam("back_since"),
    _award.c.revoked_at.is_(None),
)
_lately = Query(_same_words)
_back = Query(_given_back)
_lately_and_back = Query(union_all(_same_words, _given_back))


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
    back_since: datetime | None,
) -> list[AwardRow]:
    """Awards that stand of these badges to these people by one giver, in the same words.

    And, where `back_since` says since when, what these people gave the giver, of whatever badge.
    """
    if back_since is None and not badge_ids:
        return []
    query = (_lately_and_back if badge_ids else _back) if back_since else _lately
    values = {
        "workspace_id": workspace_id,
        "recipients": recipient_ids,
        "badges": badge_ids,
        "giver": giver_id,
        "reason": reason,
        "since": since,
        "back_since": back_since,
    }
    return [AwardRow._make(row) for row in query.rows(session, values)]


def let_go(session: Connection, *, workspace_id: int, award_ids: Collection[UUID]) -> None:
    """Let these awards, which are over, no longer keep their badges from being awarded again."""
    session.execute(
        update(_award)
        .where(_award.c.workspace_id == workspace_id, _award.c.id.in_(award_ids))
        .values(held_key=None)
    )


_of_batches = Query(
    select(*COLUMNS).where(
        _award.c.workspace_id == bindparam("workspace_id"),
        _award.c.batch_id.in_(bindparam("batch_ids", expanding=True)),
    )
)


def of_batches(
    session: Connection, *, workspace_id: int, batch_ids: Collection[UUID]
) -> dict[UUID, list[AwardRow]]:
    """The awards of each of these commands, revoked ones too, in the order they were written."""
    found: dict[UUID, list[AwardRow]] = {batch_id: [] for batch_id in batch_ids}
    rows = _of_batches.rows(session, {"workspace_id": workspace_id, "batch_ids": list(found)})
    # Asked for them in order, SQLite would go through all awards there are.
    for row in sorted((AwardRow._make(row) for row in rows), key=lambda row: row.id):
        found[row.batch_id].append(row)
    return found


def of_batch(session: Connection, *, workspace_id: int, batch_id: UUID) -> list[AwardRow]:
    """The awards of one command."""
    return of_batches(session, workspace_id=workspace_id, batch_ids=[batch_id])[batch_id]


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
