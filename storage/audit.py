"""Who did what when: entries are only ever added, and the database itself refuses to change them."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, delete, insert, or_, select

from storage.tables import AuditEntry, table_of
from storage.types import new_id

_entry = table_of(AuditEntry)
_AT_ONCE = 1_000  # rows that an export holds


class Entry(NamedTuple):
    """Something that was done; `actor_id` None: by Laurel itself, or its command line."""

    id: UUID
    at: datetime
    actor_id: UUID | None
    action: str  # badge.edited
    subject: str  # an id, a code, a slug or the name of a setting
    detail: str  # JSON: what it was, and what it is


_columns = tuple(_entry.c[name] for name in Entry._fields)


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
    """Add an entry; `actor_id` None: Laurel itself, or its command line.

    It outlives what is known of people: so neither subject nor detail has a name, a reason or a date
    of somebody's in it.
    """
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


def entries(
    session: Connection,
    *,
    workspace_id: int,
    before: UUID | None = None,
    limit: int,
    actor_id: UUID | None = None,
    action: str | None = None,
) -> list[Entry]:
    """Entries, the latest first, from before an entry on; `action` is one, or the kind: `badge`."""
    wanted = select(*_columns).where(_entry.c.workspace_id == workspace_id)
    if before is not None:
        wanted = wanted.where(_entry.c.id < before)
    if actor_id is not None:
        wanted = wanted.where(_entry.c.actor_id == actor_id)
    if action is not None:
        kind = _entry.c.action.startswith(f"{action}.", autoescape=True)
        wanted = wanted.where(or_(_entry.c.action == action, kind))
    rows = session.execute(wanted.order_by(_entry.c.id.desc()).limit(limit))
    return [Entry._make(row) for row in rows]


def export(session: Connection, *, workspace_id: int) -> Iterator[Entry]:
    """Every entry, the oldest first; a thousand are held at once."""
    everything = select(*_columns).where(_entry.c.workspace_id == workspace_id)
    wanted = everything
    while True:
        page = session.execute(wanted.order_by(_entry.c.id).limit(_AT_ONCE)).all()
        yield from (Entry._make(row) for row in page)
        if len(page) < _AT_ONCE:
            return
        wanted = everything.where(_entry.c.id > page[-1][0])


def clear(session: Connection, *, workspace_id: int, before: datetime, limit: int) -> int:
    """Delete up to so many entries from before then, the oldest first; how many that were.

    The database refuses it for entries that are younger than a year.
    """
    old = (
        select(_entry.c.id)
        .where(_entry.c.workspace_id == workspace_id, _entry.c.at < before)
        .order_by(_entry.c.at)
        .limit(limit)
        .scalar_subquery()
    )
    return session.execute(
        delete(_entry).where(_entry.c.workspace_id == workspace_id, _entry.c.id.in_(old))
    ).rowcount
