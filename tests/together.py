"""Two transactions at once, of which one may have to wait for the other."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TypeVar

from sqlalchemy import Connection

from storage.database import Database

A = TypeVar("A")
B = TypeVar("B")


def meanwhile(
    database: Database, first: Callable[[Connection], A], second: Callable[[], B]
) -> tuple[A, B]:
    """What both return; the first commits once the second waits for it, or has ended without."""
    done, go_on = Event(), Event()

    def slowly(session: Connection) -> A:
        result = first(session)
        done.set()
        assert go_on.wait(30)
        return result

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(database.write, slowly)
        assert done.wait(30)
        other = pool.submit(second)
        end = time.monotonic() + 30
        while not (other.done() or _one_waits(database)) and time.monotonic() < end:
            time.sleep(0.001)
        go_on.set()
        return one.result(30), other.result(30)


def _one_waits(database: Database) -> bool:
    """Whether a transaction waits for what another has locked."""
    if database.is_sqlite:
        return database.writers_in_line > 0
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    return bool(database.read(lambda session: session.exec_driver_sql(waiting).scalar_one()))
