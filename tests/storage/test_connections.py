"""Connections stay open from one transaction to the next, as long as nothing is the matter with them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError

from storage.database import Database, DatabaseUnavailableError
from storage.lines import line_of
from storage.prepared import run_plain

AT_ONCE = 4


def one(session: Connection) -> int:
    """Ask for a number."""
    found: int = session.execute(text("SELECT 1")).scalar_one()
    return found


def opened(database: Database) -> list[object]:
    """Whatever is taken out of the engine's pool from now on."""
    taken: list[object] = []
    event.listen(database.engine, "checkout", lambda connection, *_: taken.append(connection))
    return taken


def together(database: Database, work: Callable[[Connection], Any], count: int) -> list[Any]:
    """Have work done in so many transactions at once."""
    barrier = Barrier(count)

    def meet(session: Connection) -> Any:
        barrier.wait(30)
        return work(session)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda _: database.read(meet), range(count)))


def test_a_connection_goes_from_one_transaction_to_the_next(database: Database) -> None:
    database.read(one)
    taken = opened(database)
    assert [database.read(one) for _ in range(5)] == [1] * 5
    assert taken == []
    assert database.busy_connections == 0


def test_as_many_are_open_as_were_in_use_at_once(database: Database) -> None:
    together(database, one, AT_ONCE)
    taken = opened(database)
    together(database, one, AT_ONCE)
    assert taken == []


def test_after_a_mistake_the_next_transaction_begins_anew(database: Database) -> None:
    def fail(session: Connection) -> None:
        one(session)
        run_plain(session, "SELECT * FROM absent")

    def leave(session: Connection) -> None:
        one(session)
        raise KeyError("of ours")

    for work, problem in ((fail, (DBAPIError, DatabaseUnavailableError)), (leave, KeyError)):
        for run in (database.read, database.write):
            with pytest.raises(problem):
                run(work)
            assert database.busy_connections == 0
            assert database.read(one) == database.write(one) == 1


def test_a_refused_commit_leaves_nothing_behind(postgresql_database: Database) -> None:
    def put_off(session: Connection) -> None:
        session.execute(
            text("CREATE TEMPORARY TABLE once (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
        )
        session.execute(text("INSERT INTO once VALUES (1), (1)"))

    for _ in range(3):
        with pytest.raises(DBAPIError, match="once_n_key"):
            postgresql_database.write(put_off)
        assert postgresql_database.read(one) == 1


def test_one_transaction_meets_a_lost_connection_and_no_other_does(
    postgresql_database: Database,
) -> None:
    together(postgresql_database, one, AT_ONCE)
    other = Database(postgresql_database.url.render_as_string(hide_password=False))
    ended = other.read(
        lambda session: session.execute(
            text(
                "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        ).scalar_one()
    )
    other.close()
    assert ended >= AT_ONCE
    begun: list[object] = []

    def ask(session: Connection) -> int:
        begun.append(line_of(session))
        return one(session)

    # More are lost than a transaction is tried again.
    assert together(postgresql_database, one, 1) == [1]
    assert [postgresql_database.read(ask) for _ in range(AT_ONCE)] == [1] * AT_ONCE
    assert len(begun) == AT_ONCE


def test_who_waits_too_long_for_a_connection_reads_that_all_are_busy(database: Database) -> None:
    few = Database(database.url.render_as_string(hide_password=False), connections=1, patience=0.3)
    began, may_end = Event(), Event()

    def hold(session: Connection) -> int:
        began.set()
        assert may_end.wait(30)
        return one(session)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(few.read, hold)
        assert began.wait(30)
        assert few.busy_connections == 1
        with pytest.raises(DatabaseUnavailableError, match="every connection is busy"):
            few.read(one)
        may_end.set()
        assert holding.result() == 1
    assert few.read(one) == 1
    few.close()


def test_a_session_that_somebody_went_on_with_is_nobody_elses(database: Database) -> None:
    left: list[Connection] = []
    database.read(left.append)
    one(left[0])
    assert left[0].in_transaction()
    assert [database.read(one) for _ in range(2)] == [1, 1]
    assert left[0].closed


def test_what_was_in_use_when_all_was_closed_is_not_used_again(database: Database) -> None:
    held: list[object] = []

    def close(session: Connection) -> int:
        held.append(session.connection.dbapi_connection)
        database.close()
        return one(session)

    database.read(one)
    assert database.read(close) == 1
    taken = opened(database)
    database.read(lambda session: held.append(session.connection.dbapi_connection))
    assert len(taken) == 1
    assert held[0] is not held[1]


def test_a_database_that_cannot_be_opened_can_be_asked_for_again(tmp_path: Path) -> None:
    absent = Database(f"sqlite:///{tmp_path}/nowhere/laurel.db", connections=1, patience=0.05)
    for _ in range(3):
        with pytest.raises(DatabaseUnavailableError, match="unable to open"):
            absent.read(one)
    (tmp_path / "nowhere").mkdir()
    assert absent.read(one) == 1
    absent.close()


def test_options_in_the_address_hold_beside_laurels_own(postgresql_database: Database) -> None:
    url = postgresql_database.url.update_query_dict({"options": "-c search_path=elsewhere"})
    database = Database(url.render_as_string(hide_password=False))

    def shown(session: Connection) -> list[str]:
        names = ("search_path", "statement_timeout")
        return [session.exec_driver_sql(f"SHOW {name}").scalar_one() for name in names]

    assert database.read(shown) == ["elsewhere", "2s"]
    database.close()
