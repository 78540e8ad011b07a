"""Changing what an award says; what stays is who received it, when, and the id people know it by."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from storage.database import TransactionConflictError
from storage.tables import Award, table_of

_award = table_of(Award)


def set_reason(session: Connection, *, workspace_id: int, award_id: UUID, reason: str) -> None:
    """Give an award another reason.

    Raises TransactionConflictError where it was revoked in this very moment.
    """
    _change(session, workspace_id, award_id, {"reason": reason})


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


def set_held(session: Connection, *, workspace_id: int, award_id: UUID, held_key: str) -> None:
    """Have an award that holds what is held once hold it by another key.

    Raises TransactionConflictError where another came to do so in this very moment.
    """
    try:
        session.execute(
            update(_award)
            .where(
                _award.c.workspace_id == workspace_id,
                _award.c.id == award_id,
                _award.c.held_key.is_not(None),
            )
            .values(held_key=held_key)
        )
    except IntegrityError as problem:
        raise TransactionConflictError("somebody came to hold it") from problem


def set_badge(
    session: Connection,
    *,
    workspace_id: int,
    award_id: UUID,
    badge_id: UUID,
    version_id: UUID,
    quiet: bool,
    held_key: str | None,
    expires_at: datetime | None,
) -> None:
    """Make an award one of another badge.

    Raises TransactionConflictError where somebody came to hold that one, or this award was revoked,
    in this very moment.
    """
    values = {
        "badge_id": badge_id,
        "version_id": version_id,
        "quiet": quiet,
        "held_key": held_key,
        "expires_at": expires_at,
    }
    try:
        _change(session, workspace_id, award_id, values)
    except IntegrityError as problem:
        raise TransactionConflictError("somebody came to hold it") from problem


def _change(
    session: Connection, workspace_id: int, award_id: UUID, values: Mapping[str, Any]
) -> None:
    # A revoked award that held its badge again would keep it from being awarded for good.
    changed = session.execute(
        update(_award)
        .where(
            _award.c.workspace_id == workspace_id,
            _award.c.id == award_id,
            _award.c.revoked_at.is_(None),
        )
        .values(**values)
    )
    if changed.rowcount != 1:
        raise TransactionConflictError("the award was revoked meanwhile")
