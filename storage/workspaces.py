"""Slack workspaces that Laurel serves."""

import secrets
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, bindparam, or_, select, update

from storage.prepared import Query
from storage.tables import Workspace, table_of
from storage.upsert import insert_for

_workspace = table_of(Workspace)


class WorkspaceRow(NamedTuple):
    """One workspace, as stored."""

    id: int
    team_id: str
    name: str
    url: str
    bot_user_id: str
    bot_id: str
    link_key: str
    enterprise_id: str
    uninstalled_at: datetime | None


_columns = tuple(_workspace.c[name] for name in WorkspaceRow._fields)
_serving = (
    select(*_columns)
    .where(
        _workspace.c.uninstalled_at.is_(None),
        or_(
            _workspace.c.team_id == bindparam("team_id"),
            and_(
                _workspace.c.team_id == "",
                _workspace.c.enterprise_id == bindparam("enterprise_id"),
            ),
        ),
    )
    # A team's own installation comes before its organisation's.
    .order_by(_workspace.c.team_id.desc(), _workspace.c.id.desc())
    .limit(1)
)
_by_id = Query(select(*_columns).where(_workspace.c.id == bindparam("workspace_id")))


def by_team(session: Connection, *, team_id: str, enterprise_id: str = "") -> WorkspaceRow | None:
    """The workspace of a Slack team, or ("") of a whole organisation, if Laurel has met it."""
    whose = _workspace.c.team_id == team_id
    if not team_id:
        whose = and_(whose, _workspace.c.enterprise_id == enterprise_id)
    row = session.execute(select(*_columns).where(whose)).one_or_none()
    return WorkspaceRow._make(row) if row else None


def serving(session: Connection, *, team_id: str, enterprise_id: str) -> WorkspaceRow | None:
    """The workspace that a request belongs to: the team's own, else its whole organisation's.

    "" stands for an id that the request does not have.
    """
    rows = session.execute(
        _serving, {"team_id": team_id or None, "enterprise_id": enterprise_id or None}
    ).all()
    return WorkspaceRow._make(rows[0]) if rows else None


def by_id(session: Connection, *, workspace_id: int) -> WorkspaceRow | None:
    """A workspace by its own id."""
    rows = _by_id.rows(session, {"workspace_id": workspace_id})
    return WorkspaceRow._make(rows[0]) if rows else None


def every(session: Connection) -> list[WorkspaceRow]:
    """All workspaces, oldest first."""
    return [
        WorkspaceRow._make(row)
        for row in session.execute(select(*_columns).order_by(_workspace.c.id))
    ]


def installed(session: Connection) -> list[WorkspaceRow]:
    """The workspaces in which the app is installed, oldest first."""
    return [
        WorkspaceRow._make(row)
        for row in session.execute(
            select(*_columns).where(_workspace.c.uninstalled_at.is_(None)).order_by(_workspace.c.id)
        )
    ]


def uninstall(session: Connection, *, workspace_id: int, now: datetime) -> None:
    """Note that the app was removed from a workspace; `save` takes that back."""
    session.execute(
        update(_workspace).where(_workspace.c.id == workspace_id).values(uninstalled_at=now)
    )


def begin_erasing(session: Connection, *, workspace_id: int, now: datetime) -> None:
    """From now on the audit, too, may go."""
    session.execute(
        update(_workspace)
        .where(_workspace.c.id == workspace_id)
        .values(erased_at=now, uninstalled_at=now)
    )


def save(
    session: Connection,
    *,
    team_id: str,
    name: str,
    url: str,
    bot_user_id: str,
    bot_id: str,
    now: datetime,
    enterprise_id: str = "",
) -> WorkspaceRow:
    """Create the workspace, or bring what Slack says of it up to date."""
    said = {"name": name, "url": url, "bot_user_id": bot_user_id, "bot_id": bot_id}
    if by_team(session, team_id=team_id, enterprise_id=enterprise_id) is None:
        session.execute(
            insert_for(session, _workspace)
            .values(
                team_id=team_id,
                enterprise_id=enterprise_id,
                link_key=secrets.token_hex(32),
                created_at=now,
                **said,
            )
            .on_conflict_do_nothing()  # another process has just met it
        )
    found = by_team(session, team_id=team_id, enterprise_id=enterprise_id)
    assert found is not None
    if enterprise_id:  # where it is not said, it may be known all the same
        said["enterprise_id"] = enterprise_id
    session.execute(
        update(_workspace)
        .where(_workspace.c.id == found.id)
        .values(**said, uninstalled_at=None, erased_at=None)
    )
    saved = by_id(session, workspace_id=found.id)
    assert saved is not None
    return saved
