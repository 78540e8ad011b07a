"""Several writers at once, and statements that the driver runs itself."""

import shutil
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Connection, delete, event, func, select, text
from sqlalchemy.exc import DBAPIError

from storage import outbox, people, settings, workspaces
from storage.database import Database, TransactionConflictError
from storage.deadline import Deadline, TooLateError, answering_within
from storage.outbox import NewDelivery
from storage.people import PersonRow
from storage.prepared import Insertion, Query, run_plain
from storage.tables import Delivery, Lane, Setting, table_of
from storage.workspaces import WorkspaceRow
from tests.cast import ACME, NOW

Work = Callable[[Connection], Any]


@pytest.fixture
def acme(sqlite_database: Database) -> WorkspaceRow:
    """Acme's workspace on SQLite."""
    return sqlite_database.write(
        lambda session: workspaces.save(
            session, team_id="T1", name="Acme", url="", bot_user_id="U0", bot_id="B0", now=NOW
        )
    )


def note(workspace: WorkspaceRow, key: str) -> Work:
    """Work that leaves a trace."""
    return lambda session: settings.put(
        session, workspace_id=workspace.id, key=key, value="here", now=NOW
    )


def noted(database: Database, workspace: WorkspaceRow, key: str) -> bool:
    """Whether the trace is there."""
    found = database.read(lambda s: settings.get(s, workspace_id=workspace.id, key=key))
    return found == "here"


def answer(database: Database, work: Work, deadline: Deadline | None = None) -> Any:
    """Write as for somebody who waits for an answer."""
    with answering_within(deadline or Deadline(60)):
        return database.write(work)


def all_at_once(
    database: Database, writers: list[Callable[[], Any]]
) -> tuple[list[Future[Any]], int]:
    """Have these write while another is at it; how that went, and in how many commits."""
    writing, go_on = Event(), Event()
    commits: list[object] = []
    count = commits.append

    def hold(_session: Connection) -> None:
        writing.set()
        assert go_on.wait(30)

    event.listen(database.engine, "commit", count)
    with ThreadPoolExecutor(len(writers) + 1) as pool:
        first = pool.submit(database.write, hold)
        assert writing.wait(30)
        futures = [pool.submit(writer) for writer in writers]
        end = time.monotonic() + 30
        while database.writers_in_line < len(writers) and time.monotonic() < end:
            time.sleep(0)
        go_on.set()
    event.remove(database.engine, "commit", count)
    first.result()
    return futures, len(commits) - 1


def test_writers_that_wait_share_one_commit(sqlite_database: Database, acme: WorkspaceRow) -> None:
    works = [note(acme, f"key-{number}") for number in range(6)]
    writers = [partial(answer, sqlite_database, work) for work in works]
    futures, commits = all_at_once(sqlite_database, writers)
    for future in futures:
        future.result()
    assert commits == 1
    assert all(noted(sqlite_database, acme, f"key-{number}") for number in range(6))


def test_work_that_nobody_waits_for_has_a_commit_of_its_own(
    sqlite_database: Database, acme: WorkspaceRow
) -> None:
    aside = partial(sqlite_database.write, note(acme, "aside"))
    _, commits = all_at_once(
        sqlite_database,
        [aside, *(partial(answer, sqlite_database, note(acme, f"{n}")) for n in range(3))],
    )
    assert commits >= 2  # the line may have it between the others
    assert noted(sqlite_database, acme, "aside")


def test_what_goes_wrong_for_one_writer_is_no_other_writers_trouble(
    sqlite_database: Database, acme: WorkspaceRow
) -> None:
    def fail(session: Connection) -> None:
        note(acme, "wrong")(session)
        raise ValueError("not this one")

    works: list[Work] = [note(acme, "before"), fail, note(acme, "after")]
    writers = [partial(answer, sqlite_database, work) for work in works]
    futures, commits = all_at_once(sqlite_database, writers)
    with pytest.raises(ValueError, match="not this one"):
        futures[1].result()
    assert commits == 1
    assert noted(sqlite_database, acme, "before")
    assert noted(sqlite_database, acme, "after")
    assert not noted(sqlite_database, acme, "wrong")


def test_a_writer_that_meets_a_conflict_among_others_runs_again(
    sqlite_database: Database, acme: WorkspaceRow
) -> None:
    tries: list[int] = []

    def conflict(session: Connection) -> str:
        tries.append(1)
        note(acme, f"try-{len(tries)}")(session)
        if len(tries) == 1:
            raise TransactionConflictError
        return "done"

    writers = [partial(answer, sqlite_database, work) for work in (conflict, note(acme, "other"))]
    futures, _ = all_at_once(sqlite_database, writers)
    assert futures[0].result() == "done"
    assert not noted(sqlite_database, acme, "try-1")
    assert noted(sqlite_database, acme, "try-2")
    assert noted(sqlite_database, acme, "other")


def test_a_writer_whose_time_is_over_changes_nothing_among_others(
    sqlite_database: Database, acme: WorkspaceRow
) -> None:
    deadline = Deadline(60)

    def late(session: Connection) -> None:
        note(acme, "late")(session)
        assert deadline.expire()

    too_late = partial(answer, sqlite_database, late, deadline)
    in_time = partial(answer, sqlite_database, note(acme, "in-time"))
    futures, commits = all_at_once(sqlite_database, [too_late, in_time])
    assert commits == 1
    with pytest.raises(TooLateError):
        futures[0].result()
    assert not noted(sqlite_database, acme, "late")
    assert noted(sqlite_database, acme, "in-time")


@pytest.mark.parametrize("count", range(7))
def test_a_list_of_any_length_is_looked_up(
    database: Database, workspace: WorkspaceRow, cast: dict[str, PersonRow], count: int
) -> None:
    wanted = [row.slack_id for row in cast.values()][:count]
    found = database.read(
        lambda session: people.by_slack_ids(session, workspace_id=workspace.id, slack_ids=wanted)
    )
    assert sorted(found) == sorted(wanted)


def test_a_connection_that_was_lost_is_replaced_without_a_word(
    postgresql_database: Database,
) -> None:
    def ask(session: Connection) -> dict[str, PersonRow]:
        return people.by_slack_ids(session, workspace_id=1, slack_ids=["U1"])

    postgresql_database.read(ask)
    other = Database(postgresql_database.url.render_as_string(hide_password=False))
    ended = other.read(
        lambda session: session.exec_driver_sql(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        ).scalar_one()
    )
    other.close()
    assert ended >= 1
    assert postgresql_database.read(ask) == {}


def test_a_statement_the_database_refuses_raises_what_sqlalchemy_raises(
    database: Database, workspace: WorkspaceRow, cast: dict[str, PersonRow]
) -> None:
    def ask(session: Connection) -> dict[str, PersonRow]:
        return people.by_slack_ids(session, workspace_id=workspace.id, slack_ids=["UMARIA"])

    for _ in range(8):  # more often than drivers wait before they prepare a statement
        database.read(ask)
    with database.engine.connect() as session, pytest.raises(DBAPIError, match="absent"):
        run_plain(session, "SELECT * FROM absent")
    assert list(database.read(ask)) == ["UMARIA"]


def test_text_that_postgresql_cannot_keep_is_refused_and_not_cut(
    postgresql_database: Database,
) -> None:
    with pytest.raises(DBAPIError, match="NUL"):
        postgresql_database.read(lambda s: settings.get(s, workspace_id=1, key="feed\0channel"))


def test_closing_leaves_a_connection_to_whoever_is_writing_with_it(
    sqlite_template: Path, tmp_path: Path
) -> None:
    shutil.copy(sqlite_template, tmp_path / "laurel.db")
    database = Database(f"sqlite:///{tmp_path / 'laurel.db'}", patience=0.05)
    writing, go_on = Event(), Event()

    def work(session: Connection) -> int:
        writing.set()
        assert go_on.wait(30)
        found: int = session.exec_driver_sql("SELECT 7").scalar_one()
        return found

    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(database.write, work)
        assert writing.wait(30)
        database.close()
        go_on.set()
        assert written.result(10) == 7
    database.close()


def test_what_is_refused_with_the_commit_is_done_anew_for_somebody_who_waits(
    postgresql_database: Database,
) -> None:
    acme = postgresql_database.write(
        lambda session: workspaces.save(
            session, team_id="T1", name="Acme", url="", bot_user_id="U0", bot_id="B0", now=NOW
        )
    )

    def enqueue(key: str) -> Work:
        delivery = NewDelivery("dm", "notify", key)
        return lambda session: outbox.enqueue(
            session, workspace_id=acme.id, deliveries=[delivery], now=NOW
        )

    def forget_lanes(session: Connection) -> None:
        for table in (Delivery, Lane):
            session.execute(delete(table_of(table)))

    answer(postgresql_database, enqueue("first"))
    postgresql_database.write(forget_lanes)
    answer(postgresql_database, enqueue("second"))

    waiting = postgresql_database.read(
        lambda session: outbox.list_waiting(session, workspace_id=acme.id)
    )
    assert [one.key for one in waiting] == ["second"]


def test_a_connection_that_is_lost_twice_is_no_mistake_of_ours(
    postgresql_database: Database,
) -> None:
    of_server = Query(select(func.pg_backend_pid()))
    lost: list[int] = []

    def work(session: Connection) -> int:
        server = int(of_server.rows(session, {})[0][0])
        if len(lost) < 2:
            lost.append(server)
            end = text("SELECT pg_terminate_backend(:server, 5000)")
            postgresql_database.write(lambda other: other.execute(end, {"server": server}).close())
        return int(of_server.rows(session, {})[0][0])

    assert postgresql_database.write(work) not in lost
    assert len(lost) == 2


def test_after_a_conflict_at_the_commit_it_is_still_known_that_nothing_was_saved(
    postgresql_database: Database,
) -> None:
    acme = postgresql_database.write(lambda session: workspaces.save(session, **ACME, now=NOW))
    postgresql_database.write(note(acme, "tea"))
    setting = Insertion(
        table_of(Setting), ("workspace_id", "key", "value", "updated_at"), skip=False
    )
    deadline = Deadline(60)
    known: list[bool] = []

    def work(session: Connection) -> None:
        known.append(deadline.may_have_changed)
        if len(known) == 1:
            row = (acme.id, "tea", "there", NOW)
            met = TransactionConflictError("it is there already")
            setting.add_later(session, [row], refused=lambda: met)

    answer(postgresql_database, work, deadline)
    assert known == [False, False]


@pytest.mark.parametrize(
    ("row", "common"),
    [(("tea", "here"), (1, NOW)), (("tea", "here"), ()), (("tea",), (1,)), (("tea", "x", NOW), ())],
)
def test_a_row_with_too_much_or_too_little_is_refused(
    sqlite_database: Database, row: tuple[Any, ...], common: tuple[Any, ...]
) -> None:
    setting = Insertion(table_of(Setting), ("key", "value", "updated_at"), common=("workspace_id",))
    with pytest.raises(ValueError, match="a row of setting"):
        sqlite_database.write(lambda session: setting.add(session, [row], common))
    everything = sqlite_database.read(lambda session: session.execute(select(Setting)).all())
    assert everything == []
