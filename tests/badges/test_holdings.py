"""How holdings are read: from their indexes, whoever looks."""

from typing import Any

import pytest

from storage import holdings
from storage.database import Database
from storage.holdings import Viewer
from storage.people import PersonRow
from storage.workspaces import WorkspaceRow
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
