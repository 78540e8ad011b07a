"""Changing what an award says; what stays is who received it, when, and the id people know it by."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from storage.database import TransactionConflictError
from storage.tables import Award, table_of

_award = table_of(Award)


def set_reason(session: Connection, *, workspace_id: int, award_id: UUID, reason: str) -> None:
    """Give an award another reason."""
    session.execute(
        update(_award)
        .where(_award.c.workspace_id == workspace_id, _award.c.id == award_id)
        .values(reason=reason)
    )


def is_held(session: Connection, *, workspace_id: int, held_key: str, besides: UUID) -> bool:
    """Whether another award than this one holds what is held once."""
    return (
        session.execute(
            select(_award.c.id).where(
                _award.c.workspace_id == workspace_id,
                _award.c.held_key == held_key,
                _award.c.id != besides,
            )
        ).first()
        is not None
    )


def set_badge(
    session: Connection,
    *,
    workspace_id: int,
    award_id: UUID,
    badge_id: UUID,
    version_id: UUID,
    held_key: str | None,
    expires_at: datetime | None,
) -> None:
    """Make an award one of another badge.

    Raises TransactionConflictError where somebody came to hold that one in this very moment.
    """
    try:
        session.execute(
            update(_award)
            .where(_award.c.workspace_id == workspace_id, _award.c.id == award_id)
            .values(
                badge_id=badge_id, version_id=version_id, held_key=held_key, expires_at=expires_at
            )
        )
    except IntegrityError as problem:
        raise TransactionConflictError("somebody came to hold it") from problem
