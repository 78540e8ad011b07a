"""Statements asked together, and rows that are written with what follows them."""

from contextlib import suppress

import psycopg
import pytest
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from storage import lanes, outbox, people, settings, statistics, workspaces
from storage.database import Database, ping
from storage.lines import Asked, line_of
from storage.outbox import NewDelivery
from storage.people import PersonRow, Profile
from storage.questions import ask_together
from storage.tables import Delivery, table_of
from storage.workspaces import WorkspaceRow
from tests.cast import ACME, NOW

delivery = table_of(Delivery)


def enqueue(session: Connection, workspace: WorkspaceRow, *keys: str) -> None:
    """Have these wait in the outbox, with whatever follows in the transaction."""
    outbox.enqueue(
        session,
        workspace_id=workspace.id,
        deliveries=[NewDelivery("dm", "notify", key) for key in keys],
        now=NOW,
    )


def waiting(database: Database, workspace: WorkspaceRow) -> list[str]:
    """The keys of what waits."""
    rows = database.read(lambda s: outbox.list_waiting(s, workspace_id=workspace.id))
    return [row.key for row in rows]


def test_each_of_several_questions_gets_its_own_answer(
    database: Database, workspace: WorkspaceRow, cast: dict[str, PersonRow]
) -> None:
    database.write(
        lambda s: settings.put(s, workspace_id=workspace.id, key="tea", value="green", now=NOW)
    )
    of = workspace.id
    found = database.read(
        lambda session: ask_together(
            session,
            settings.kept(workspace_id=of, key="coffee"),
            people.of_slack_ids(workspace_id=of, slack_ids=["UMARIA"]),
            settings.kept(workspace_id=of, key="tea").then(lambda value: (value or "").upper()),
        )
    )
    assert found == (None, {"UMARIA": cast["Maria"]}, "GREEN")


def test_what_is_written_with_what_follows_is_there_for_what_follows(
    database: Database, workspace: WorkspaceRow
) -> None:
    def work(session: Connection) -> tuple[int, int]:
        enqueue(session, workspace, "a", "b", "c")
        by_sqlalchemy = session.execute(select(func.count()).select_from(delivery)).scalar_one()
        enqueue(session, workspace, "d")
        by_the_driver = len(lanes.waiting(session, most=9))
        return by_sqlalchemy, by_the_driver

    assert database.write(work) == (3, 1)
    assert waiting(database, workspace) == ["a", "b", "c", "d"]


def test_more_is_written_with_a_commit_than_fits_on_the_line(
    database: Database, workspace: WorkspaceRow
) -> None:
    keys = [f"{number:04}" + "x" * 2000 for number in range(900)]
    database.write(lambda session: enqueue(session, workspace, *keys))
    count = database.read(
        lambda session: session.execute(select(func.count()).select_from(delivery)).scalar_one()
    )
    assert count == len(keys)


def test_what_was_to_be_written_is_gone_with_its_transaction(
    database: Database, workspace: WorkspaceRow
) -> None:
    def work(session: Connection) -> None:
        enqueue(session, workspace, "a")
        raise LookupError

    with pytest.raises(LookupError):
        database.write(work)
    database.write(lambda session: enqueue(session, workspace, "b"))
    assert waiting(database, workspace) == ["b"]


def test_what_a_constraint_refuses_at_the_commit_undoes_the_transaction(
    database: Database, workspace: WorkspaceRow
) -> None:
    def work(session: Connection) -> None:
        settings.put(session, workspace_id=workspace.id, key="tea", value="green", now=NOW)
        outbox.enqueue(
            session,
            workspace_id=workspace.id + 1,  # there is none
            deliveries=[NewDelivery("dm", "notify", "a")],
            now=NOW,
        )

    with pytest.raises(IntegrityError):
        database.write(work)
    kept = database.read(lambda s: settings.get(s, workspace_id=workspace.id, key="tea"))
    assert kept is None
    database.write(lambda session: enqueue(session, workspace, "b"))
    assert waiting(database, workspace) == ["b"]


def test_what_cannot_be_written_is_refused_at_once(
    postgresql_database: Database,
) -> None:
    acme = postgresql_database.write(lambda session: workspaces.save(session, **ACME, now=NOW))
    reached: list[str] = []

    def work(session: Connection) -> None:
        enqueue(session, acme, "no text \0")
        reached.append("what follows")

    with pytest.raises(DataError):
        postgresql_database.write(work)
    assert reached == []


def test_what_is_to_be_written_outlasts_a_question_that_cannot_be_asked(
    database: Database, workspace: WorkspaceRow
) -> None:
    def work(session: Connection) -> None:
        enqueue(session, workspace, "a")
        with suppress(DataError):
            settings.get(session, workspace_id=workspace.id, key="no text \0")
        enqueue(session, workspace, "b")

    database.write(work)
    assert waiting(database, workspace) == ["a", "b"]


def test_what_could_not_be_written_with_a_commit_is_not_written_with_the_next(
    postgresql_database: Database,
) -> None:
    acme = postgresql_database.write(lambda session: workspaces.save(session, **ACME, now=NOW))
    keys = [f"{number:02}" for number in range(16)]  # a statement that is new to the connection

    def work(session: Connection) -> None:
        session.execute(text("ALTER TABLE delivery RENAME TO mislaid"))
        enqueue(session, acme, *keys)

    with pytest.raises(DBAPIError, match="delivery"):
        postgresql_database.write(work)
    postgresql_database.write(lambda session: enqueue(session, acme, "b"))
    assert waiting(postgresql_database, acme) == ["b"]


def test_more_parameters_than_postgresql_takes_are_a_mistake_and_not_the_end(
    postgresql_database: Database,
) -> None:
    def work(session: Connection) -> None:
        # psycopg would read memory that is not its own, and the process be gone.
        line_of(session).run(Asked("SELECT %s", ["one too many"] * 65_536, True))

    with pytest.raises(psycopg.ProgrammingError, match="65536 parameters"):
        postgresql_database.read(work)
    postgresql_database.read(ping)


def test_a_mistake_among_several_questions_spoils_no_connection(
    database: Database, workspace: WorkspaceRow, cast: dict[str, PersonRow]
) -> None:
    of = workspace.id

    def work(session: Connection) -> None:
        session.execute(text("ALTER TABLE setting RENAME TO mislaid"))
        ask_together(
            session,
            people.of_slack_ids(workspace_id=of, slack_ids=["UMARIA"]),
            settings.kept(workspace_id=of, key="tea"),
        )

    with pytest.raises(Exception, match="setting"):
        database.write(work)
    for _ in range(3):
        found = database.read(
            lambda s: people.by_slack_ids(s, workspace_id=of, slack_ids=["UMARIA"])
        )
        assert list(found) == ["UMARIA"]


def test_statistics_tell_postgresql_at_once_how_many_people_there_are(
    postgresql_database: Database,
) -> None:
    profiles = [Profile(f"U{number}", f"Person {number}") for number in range(40)]

    def work(session: Connection) -> None:
        acme = workspaces.save(
            session, team_id="T1", name="Acme", url="", bot_user_id="U", bot_id="B", now=NOW
        )
        people.save_profiles(session, workspace_id=acme.id, profiles=profiles, now=NOW)

    postgresql_database.write(work)
    postgresql_database.write(statistics.refresh)
    known = postgresql_database.read(
        lambda session: session.execute(
            text("SELECT reltuples FROM pg_class WHERE relname = 'person'")
        ).scalar_one()
    )
    assert known == len(profiles)
