"""When each thing that Laurel does by the clock is due next, in each workspace."""

from datetime import datetime

from sqlalchemy import Connection, select

from storage import again, bulk, past, settings
from storage.tables import Bulk, Setting, table_of

_setting = table_of(Setting)
_bulk = table_of(Bulk)
_PREFIX = "due:"  # what is after it is the duty's name; the row's time is when it is due


def planned(session: Connection) -> dict[tuple[int, str], datetime]:
    """When what is due next, by workspace and name of the duty."""
    rows = session.execute(
        select(_setting.c.workspace_id, _setting.c.key, _setting.c.updated_at).where(
            _setting.c.key.startswith(_PREFIX, autoescape=True)
        )
    )
    return {(row[0], row[1].removeprefix(_PREFIX)): row[2] for row in rows}


def due_at(session: Connection, *, workspace_id: int, name: str) -> datetime | None:
    """When a duty is due next; None: that was never planned."""
    at: datetime | None = session.execute(
        select(_setting.c.updated_at).where(
            _setting.c.workspace_id == workspace_id, _setting.c.key == _PREFIX + name
        )
    ).scalar_one_or_none()
    return at


def plan(session: Connection, *, workspace_id: int, name: str, at: datetime) -> None:
    """Have a duty done at this time, in place of any other."""
    settings.put(session, workspace_id=workspace_id, key=_PREFIX + name, value="", now=at)


def under_way(session: Connection) -> set[int]:
    """The workspaces in which many awards are being given, taken back or changed, or spells looked at."""
    found = select(_bulk.c.workspace_id).where(bulk.under_way).distinct()
    changing = {workspace_id for workspace_id, _badge in past.left(session)}
    return changing | again.left(session) | set(session.execute(found).scalars())
