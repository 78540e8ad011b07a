"""Whose spells are still to be looked at again, since milestones are reckoned otherwise: kept until all are."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from storage import settings, tenure
from storage.tables import Setting, table_of

AT_ONCE = 2_000  # spells in one transaction: a fifteenth of what PostgreSQL has time for
_KEY = "anniversaries.again"  # under it is the spell up to which they are done

_setting = table_of(Setting)


def begin(session: Connection, *, workspace_id: int, now: datetime) -> None:
    """Have every spell looked at again by the next run: the first ones at once, the rest by `go_on`."""
    settings.lock(session, workspace_id=workspace_id)
    _go_on_after(session, workspace_id, UUID(int=0), now)


def go_on(session: Connection, *, workspace_id: int, now: datetime) -> bool:
    """Have some more of them looked at again; whether others are left."""
    # Not what another process has just begun anew is to be noted as done.
    settings.lock(session, workspace_id=workspace_id)
    done = settings.get(session, workspace_id=workspace_id, key=_KEY)
    return done is not None and _go_on_after(session, workspace_id, UUID(hex=done), now)


def left(session: Connection) -> set[int]:
    """The workspaces in which some are left."""
    found = select(_setting.c.workspace_id).where(_setting.c.key == _KEY)
    return set(session.execute(found).scalars())


def _go_on_after(session: Connection, workspace_id: int, done: UUID, now: datetime) -> bool:
    last = tenure.look_again_after(session, workspace_id=workspace_id, after_id=done, limit=AT_ONCE)
    if last is None:
        settings.remove(session, workspace_id=workspace_id, key=_KEY)
        return False
    settings.put(session, workspace_id=workspace_id, key=_KEY, value=last.hex, now=now)
    return True
