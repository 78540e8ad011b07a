"""Settings kept in the database, turns that processes take, and the deadline of an answer."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from storage import settings
from storage.database import Database
from storage.deadline import Deadline, TooLateError, answering_within
from storage.workspaces import WorkspaceRow
from tests.cast import NOW


def get(database: Database, workspace: WorkspaceRow, key: str) -> str | None:
    return database.read(lambda session: settings.get(session, workspace_id=workspace.id, key=key))


def put(database: Database, workspace: WorkspaceRow, key: str, value: str) -> None:
    database.write(
        lambda session: settings.put(
            session, workspace_id=workspace.id, key=key, value=value, now=NOW
        )
    )


def take(database: Database, workspace: WorkspaceRow, holder: str, minute: int) -> bool:
    now = NOW + timedelta(minutes=minute)
    return database.write(
        lambda session: settings.take_turn(
            session,
            workspace_id=workspace.id,
            key="turn",
            holder=holder,
            now=now,
            until=now + timedelta(minutes=10),
        )
    )


def test_a_setting_is_kept_replaced_and_forgotten(
    database: Database, workspace: WorkspaceRow
) -> None:
    assert get(database, workspace, "feed") is None
    put(database, workspace, "feed", "kudos")
    put(database, workspace, "feed", "praise")
    assert get(database, workspace, "feed") == "praise"
    database.write(lambda session: settings.remove(session, workspace_id=workspace.id, key="feed"))
    assert get(database, workspace, "feed") is None


def test_a_turn_is_one_holders_until_it_ends_or_its_time_is_over(
    database: Database, workspace: WorkspaceRow
) -> None:
    assert take(database, workspace, "one", 0)
    assert not take(database, workspace, "two", 5)
    assert take(database, workspace, "one", 9)  # prolongs it
    assert not take(database, workspace, "two", 15)
    assert take(database, workspace, "two", 20)
    assert not take(database, workspace, "one", 21)

    def end(holder: str) -> None:
        database.write(
            lambda session: settings.end_turn(
                session, workspace_id=workspace.id, key="turn", holder=holder
            )
        )

    end("one")  # not its own any more
    assert not take(database, workspace, "one", 22)
    end("two")
    assert take(database, workspace, "one", 22)


def test_a_clock_that_is_set_back_has_nobody_wait_for_a_turn_of_the_old_time(
    database: Database, workspace: WorkspaceRow
) -> None:
    assert take(database, workspace, "dead", 60)
    assert take(database, workspace, "one", 0)
    assert not take(database, workspace, "two", 0)
    assert not take(database, workspace, "two", -1)  # another machine's clock, or a second's step
    assert take(database, workspace, "one", 1)


def test_what_ran_out_of_time_is_not_saved(database: Database, workspace: WorkspaceRow) -> None:
    deadline = Deadline(60)

    def too_slow(session: Connection) -> None:
        settings.put(session, workspace_id=workspace.id, key="feed", value="kudos", now=NOW)
        assert deadline.expire()  # the person has just been told that nothing was done

    with answering_within(deadline), pytest.raises(TooLateError, match="an answer was over"):
        database.write(too_slow)
    assert get(database, workspace, "feed") is None


def test_once_something_was_saved_nobody_says_that_nothing_was(
    database: Database, workspace: WorkspaceRow
) -> None:
    deadline = Deadline(60)
    with answering_within(deadline):
        put(database, workspace, "feed", "kudos")
    assert deadline.may_have_changed
    assert not deadline.expire()
    with answering_within(deadline), pytest.raises(TooLateError):
        put(database, workspace, "feed", "praise")
    assert get(database, workspace, "feed") == "kudos"
