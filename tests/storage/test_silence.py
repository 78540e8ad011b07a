"""A PostgreSQL that is gone without a word: behind a proxy, everything sent arrives, and nothing comes back."""

import selectors
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from storage import settings
from storage.database import Database, take_time

PATIENCE = 0.2  # seconds


class Proxy:
    """Stands between Laurel and PostgreSQL, and can fall silent on the connections of that moment."""

    def __init__(self, server: Path) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._other: dict[socket.socket, socket.socket] = {}
        self._silent: set[socket.socket] = set()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def fall_silent(self) -> None:
        self._silent |= set(self._other)

    def close(self) -> None:
        self._closing.set()
        self._thread.join()
        for one in [self._listener, *self._other]:
            one.close()
        self._selector.close()

    def _serve(self) -> None:
        while not self._closing.is_set():
            for key, _ in self._selector.select(0.02):
                if key.fileobj is self._listener:
                    self._meet()
                elif isinstance(key.fileobj, socket.socket):
                    self._pass_on(key.fileobj)

    def _meet(self) -> None:
        client, _ = self._listener.accept()
        server = socket.socket(socket.AF_UNIX)
        server.connect(str(self._server))
        for one, other in ((client, server), (server, client)):
            self._other[one] = other
            self._selector.register(one, selectors.EVENT_READ)

    def _pass_on(self, one: socket.socket) -> None:
        said = one.recv(65536)
        if one in self._silent and said:
            return
        with suppress(OSError):  # the other side has gone already
            self._other[one].sendall(said)
        if not said:
            self._selector.unregister(one)
            with suppress(OSError):
                self._other[one].shutdown(socket.SHUT_WR)


@pytest.fixture
def proxy(postgresql_database: Database) -> Iterator[Proxy]:
    found = Proxy(Path(str(postgresql_database.url.query["host"])) / ".s.PGSQL.5432")
    yield found
    found.close()


@pytest.fixture
def database(postgresql_database: Database, proxy: Proxy) -> Iterator[Database]:
    url = postgresql_database.url.set(host="127.0.0.1", port=proxy.port, query={})
    found = Database(url.render_as_string(hide_password=False), patience=PATIENCE)
    yield found
    found.close()


def by_the_library(session: Connection) -> str:
    return settings.get(session, workspace_id=1, key="tea") or "none"


def by_a_cursor(session: Connection) -> str:
    return str(session.execute(text("SELECT 'none'")).scalar_one())


@pytest.mark.parametrize("ask", [by_the_library, by_a_cursor])
@pytest.mark.parametrize("begun", [False, True], ids=["first statement", "later statement"])
def test_who_waits_for_a_server_that_is_gone_goes_on_with_another_connection(
    database: Database, proxy: Proxy, ask: Callable[[Connection], str], *, begun: bool
) -> None:
    tries: list[int] = []

    def work(session: Connection) -> str:
        if begun:
            ask(session)
        if not tries:
            proxy.fall_silent()
        tries.append(1)
        return ask(session)

    database.read(ask)
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(database.read, work)
        try:
            answer = asking.result(20)
        finally:
            proxy.close()  # lets go of who would wait for ever
    assert (answer, len(tries)) == ("none", 2)


def test_what_takes_its_time_is_waited_for(database: Database) -> None:
    def work(session: Connection) -> bool:
        take_time(session)
        session.exec_driver_sql(f"SELECT pg_sleep({3 * PATIENCE})")
        return by_the_library(session) == "none"

    assert database.read(work)
    limit = "SHOW statement_timeout"
    assert database.read(lambda s: s.exec_driver_sql(limit).scalar_one()) == "200ms"


def test_the_limit_is_that_of_the_server(database: Database) -> None:
    """Where the address says how long a statement may take, that long is waited for."""
    url = database.url.update_query_dict(
        {"options": "-c statement_timeout=30s", "application_name": "tea", "keepalives": "0"}
    )
    other = Database(url.render_as_string(hide_password=False), patience=PATIENCE)

    def work(session: Connection) -> tuple[str, str]:
        session.exec_driver_sql(f"SELECT pg_sleep({3 * PATIENCE})")
        driver = session.connection.driver_connection
        assert driver is not None
        found = driver.info.get_parameters()
        return found["application_name"], found["keepalives"]

    assert other.read(work) == ("tea", "0")
    other.close()


def test_after_a_transaction_that_took_its_time_a_silence_is_noticed_again(
    database: Database, proxy: Proxy
) -> None:
    database.read(take_time)
    proxy.fall_silent()
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(database.read, by_the_library)
        try:
            assert asking.result(20) == "none"
        finally:
            proxy.close()
