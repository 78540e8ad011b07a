"""Which badges' past awards are still to show another version: kept until all of them do."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select

from storage import settings
from storage.tables import Setting, table_of

_setting = table_of(Setting)
_PREFIX = "past:"  # what is after it is the badge's id


class Change(NamedTuple):
    """Awards from `since` (None: the first) to `until` are to show this version of their badge."""

    version_id: UUID
    since: datetime | None
    until: datetime


def keep(
    session: Connection, *, workspace_id: int, badge_id: UUID, change: Change, now: datetime
) -> None:
    """Remember what is still to be done, in place of what was to be done for this badge before."""
    since = change.since.isoformat() if change.since else ""
    settings.put(
        session,
        workspace_id=workspace_id,
        key=_PREFIX + badge_id.hex,
        value=f"{change.version_id.hex} {change.until.isoformat()} {since}",
        now=now,
    )


def kept(session: Connection, *, workspace_id: int, badge_id: UUID) -> Change | None:
    """What is still to be done for a badge, if anything is."""
    said = settings.get(session, workspace_id=workspace_id, key=_PREFIX + badge_id.hex)
    if said is None:
        return None
    version_id, until, since = said.split(" ")
    return Change(
        UUID(hex=version_id),
        datetime.fromisoformat(since) if since else None,
        datetime.fromisoformat(until),
    )


def done(session: Connection, *, workspace_id: int, badge_id: UUID) -> None:
    """Forget it, once nothing is left to be done."""
    settings.remove(session, workspace_id=workspace_id, key=_PREFIX + badge_id.hex)


def left(session: Connection) -> Iterator[tuple[int, UUID]]:
    """The badges, each with its workspace, for which something is to be done."""
    rows = session.execute(
        select(_setting.c.workspace_id, _setting.c.key).where(
            _setting.c.key.startswith(_PREFIX, autoescape=True)
        )
    )
    for workspace_id, key in rows:
        yield workspace_id, UUID(hex=key.removeprefix(_PREFIX))
