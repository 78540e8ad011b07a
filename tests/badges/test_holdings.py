"""How holdings are read: from their indexes, whoever looks, and as the latest award has them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from storage import editing, holdings
from storage.badges import BadgeValues
from storage.database import Database
from storage.holdings import Viewer
from storage.people import PersonRow
from storage.workspaces import WorkspaceRow
from tests.badges.shelf import award, badge
from tests.cast import NOW


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """SQLite, whose plan for an empty database is the one for a full one."""
    return sqlite_database


def plan_of(database: Database, read: Any) -> str:
    """SQLite's plan for the statement of a reading function."""
    with database.engine.connect() as connection:
        asked: list[str] = []
        driver: Any = connection.connection.dbapi_connection
        driver.set_trace_callback(asked.append)
        read(connection)
        driver.set_trace_callback(None)
        rows = driver.execute(f"EXPLAIN QUERY PLAN {asked[-1]}").fetchall()
        return "\n".join(row[3] for row in rows)


@pytest.mark.parametrize("who", ["public", "person", "admin"])
def test_profiles_and_holders_are_read_from_their_indexes(
    database: Database, workspace: WorkspaceRow, cast: dict[str, PersonRow], who: str
) -> None:
    viewer = Viewer(None if who == "public" else cast["Tom"].id, admin=who == "admin")
    look = {"workspace_id": workspace.id, "viewer": viewer, "now": NOW}
    maria = cast["Maria"].id
    plan = plan_of(database, lambda s: holdings.showcase(s, recipient_id=maria, limit=24, **look))
    assert plan.count("ix_award_profile") == 2
    assert "SCAN award" not in plan
    plan = plan_of(database, lambda s: holdings.latest(s, recipient_id=maria, limit=5, **look))
    assert "ix_award_latest" in plan
    plan = plan_of(database, lambda s: holdings.holders(s, badge_id=maria, limit=20, **look))
    assert "ix_award_holders (workspace_id=? AND badge_id=?)" in plan


@pytest.mark.parametrize("latest_first", [False, True])
def test_a_badge_is_shown_as_its_latest_award_has_it_and_its_holders_are_counted_once(
    database: Database, workspace: WorkspaceRow, cast: dict[str, PersonRow], latest_first: bool
) -> None:
    look = {"workspace_id": workspace.id, "viewer": Viewer(None), "now": NOW}
    maria = cast["Maria"]

    def give(session: Connection) -> list[Any]:
        first = badge(session, workspace.id, "Hero")
        values = BadgeValues.of(first)._replace(description="As it is since")
        later = editing.edit(
            session, workspace_id=workspace.id, before=first, values=values, now=NOW
        )
        given = [(first, NOW - timedelta(days=2)), (later, NOW - timedelta(days=1))]
        for number, (one, at) in enumerate(sorted(given, reverse=latest_first, key=lambda x: x[1])):
            award(session, workspace.id, one, maria, number=number, at=at)
        return [first.id, later.version_id]

    badge_id, version_id = database.write(give)

    def read(session: Connection) -> None:
        held = holdings.showcase(session, recipient_id=maria.id, limit=24, **look)
        assert [(one.version_id, one.times) for one in held.held] == [(version_id, 2)]
        assert (held.badges, held.awards) == (1, 2)
        seen = holdings.versions_seen(session, badge_ids=[badge_id], **look)
        assert seen == {badge_id: version_id}
        assert holdings.holders(session, badge_id=badge_id, limit=9, **look) == [(maria.id, 2)]
        assert holdings.count_holders(session, badge_id=badge_id, **look) == 1

    database.read(read)
