"""Who did what when: entries are only ever added."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, insert

from storage.tables import AuditEntry, table_of
from storage.types import new_id

_entry = table_of(AuditEntry)


def note(
    session: Connection,
    *,
    workspace_id: int,
    action: str,
    subject: str,
    detail: str,
    now: datetime,
    actor_id: UUID | None = None,
) -> None:
    """Add an entry; `actor_id` None: Laurel itself, or its command line."""
    session.execute(
        insert(_entry).values(
            workspace_id=workspace_id,
            id=new_id(now),
            at=now,
            actor_id=actor_id,
            action=action,
            subject=subject,
            detail=detail,
        )
    )
