"""The statements of the search, on both databases: what they find, in order, and by which index."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event

from storage import awards, searching
from storage.awards import AutomaticAward
from storage.database import Database
from storage.people import PersonRow
from storage.searching import Beside, Sought
from storage.types import new_id
from storage.workspaces import WorkspaceRow
from tests.badges.shelf import award, badge, code_of
from tests.cast import NOW

Cast = dict[str, PersonRow]


@pytest.fixture
def given(database: Database, workspace: WorkspaceRow, cast: Cast) -> list[AutomaticAward]:
    """Thirty awards, two at a time: Tom and Yuki in turns, by Maria, of two badges; the latest first."""
    kinds = [
        database.write(lambda session, name=name: badge(session, workspace.id, name))  # type: ignore[misc]
        for name in ("one", "two")
    ]
    made = [
        AutomaticAward(
            id=new_id(NOW),
            code=f"A-{number:07}",
            batch_id=new_id(NOW),
            recipient_id=cast["Tom" if number % 2 else "由紀"].id,
            badge_id=kinds[number % 3 == 0].id,
            version_id=kinds[number % 3 == 0].version_id,
            reason="",
            private=number % 5 == 0,
            quiet=False,
            awarded_at=NOW - timedelta(days=number // 2 * 40),
            occasion_key=str(number),
            held_key=None,
        )
        for number in range(30)
    ]
    database.write(
        lambda session: awards.add_many(
            session, workspace_id=workspace.id, giver_id=cast["Maria"].id, awards=made
        )
    )
    return sorted(made, key=lambda one: (one.awarded_at, one.id), reverse=True)


def all_pages(
    database: Database, workspace: WorkspaceRow, sought: Sought, *, newer: bool = False
) -> list[str]:
    """The codes of everything that is found, by turning pages of four from one end to the other."""
    codes: list[str] = []
    beside = (
        Beside(datetime.min.replace(tzinfo=NOW.tzinfo), new_id(NOW), newer=True) if newer else None
    )
    while True:
        at = beside
        page = database.read(
            lambda session, at=at: searching.search(  # type: ignore[misc]
                session, workspace_id=workspace.id, sought=sought, beside=at, limit=4
            )
        )
        found = [award.code for award in page.awards]
        codes = found + codes if newer else codes + found
        if not (page.newer if newer else page.older):
            return codes
        edge = page.awards[0 if newer else -1]
        beside = Beside(edge.awarded_at, edge.id, newer=newer)


def test_every_award_is_on_one_page_in_order(
    database: Database, workspace: WorkspaceRow, cast: Cast, given: list[AutomaticAward]
) -> None:
    tom, one, middle = cast["Tom"].id, given[1].badge_id, NOW - timedelta(days=400)
    for sought, wanted in (
        (Sought(), given),
        (Sought(recipient_id=tom), [x for x in given if x.recipient_id == tom]),
        (Sought(giver_id=cast["Maria"].id), given),
        (Sought(badge_id=one), [x for x in given if x.badge_id == one]),
        (
            Sought(recipient_id=tom, badge_id=one, since=middle),
            [
                x
                for x in given
                if x.recipient_id == tom and x.badge_id == one and x.awarded_at >= middle
            ],
        ),
        (Sought(since=middle, until=NOW), [x for x in given if middle <= x.awarded_at < NOW]),
    ):
        assert len(wanted) >= 4
        for newer in (False, True):
            found = all_pages(database, workspace, sought, newer=newer)
            assert found == [x.code for x in wanted]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("newer", [False, True])
@pytest.mark.parametrize("recipient", [None, "Tom"])
def test_what_was_given_on_one_day_is_told_apart_by_its_hour(
    database: Database, workspace: WorkspaceRow, cast: Cast, recipient: str | None, newer: bool
) -> None:
    def give(session: Connection) -> None:
        one = badge(session, workspace.id, "one")
        for ago in range(5):
            at = NOW - timedelta(hours=ago)
            award(session, workspace.id, one, cast["Tom"], number=ago, at=at)

    database.write(give)
    sought = Sought(
        recipient_id=cast[recipient].id if recipient else None,
        since=NOW - timedelta(hours=3),
        until=NOW - timedelta(hours=1),
    )

    assert all_pages(database, workspace, sought, newer=newer) == [code_of(2), code_of(3)]


def test_what_laurel_gave_and_what_was_undone_is_told_apart(
    database: Database, workspace: WorkspaceRow, given: list[AutomaticAward]
) -> None:
    assert all_pages(database, workspace, Sought(by_laurel=True)) == []
    database.write(
        lambda session: awards.revoke(
            session,
            workspace_id=workspace.id,
            ids=[one.id for one in given[:5]],
            by=None,
            reason="",
            now=NOW,
            undone=True,
        )
    )
    assert all_pages(database, workspace, Sought()) == [one.code for one in given[5:]]


def test_every_search_goes_by_an_index_for_its_order(
    sqlite_database: Database, workspace: WorkspaceRow, cast: Cast
) -> None:
    asked: list[tuple[str, Any]] = []

    def listen(_c: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if "FROM award" in statement:
            asked.append((statement, parameters))

    event.listen(sqlite_database.engine, "before_cursor_execute", listen)
    one = cast["Tom"].id
    for sought in (
        Sought(recipient_id=one, badge_id=one, giver_id=one),
        Sought(giver_id=one, badge_id=one),
        Sought(by_laurel=True),
        Sought(badge_id=one),
        Sought(since=NOW),
        Sought(),
    ):
        asked.clear()
        beside = Beside(NOW, one)
        sqlite_database.read(
            lambda session, sought=sought, beside=beside: searching.search(
                session, workspace_id=1, sought=sought, beside=beside, limit=4
            )
        )
        assert asked
        for statement, parameters in list(asked):
            plan = [
                row[3]
                for row in sqlite_database.read(
                    lambda session, s=statement, p=parameters: session.exec_driver_sql(
                        f"EXPLAIN QUERY PLAN {s}", p
                    ).all()
                )
            ]
            (way,) = [step for step in plan if " award " in step]
            assert "ix_award_" in way
            assert "awarded_at<?" in way or "awarded_at>?" in way
    event.remove(sqlite_database.engine, "before_cursor_execute", listen)
