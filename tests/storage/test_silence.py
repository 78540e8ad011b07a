"""A PostgreSQL that is gone without a word: behind a proxy, everything sent arrives, and nothing comes back."""

import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from storage import settings, workspaces
from storage.database import CommitInDoubtError, Database, take_time
from storage.deadline import Deadline, answering_within
from storage.prepared import Insertion
from storage.tables import Setting, table_of
from storage.workspaces import WorkspaceRow
from tests.cast import ACME, NOW

PATIENCE = 0.2  # seconds
_later = Insertion(table_of(Setting), ("workspace_id", "key", "value", "updated_at"), skip=False)


class Proxy:
    """Stands between Laurel and PostgreSQL, and can fall silent on the connections of that moment."""

    def __init__(self, server: Path) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._other: dict[socket.socket, socket.socket] = {}
        self._silent: set[socket.socket] = set()
        self._at_commit: Callable[[], None] | None = None
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def fall_silent(self) -> None:
        self._silent |= set(self._other)

    def answer_the_next_commit(self, how: Callable[[], None]) -> None:
        """Do this once a commit was carried out, before its answer is passed on."""
        self._at_commit = how

    def cut(self) -> None:
        """End the connections of this moment."""
        for one in self._other:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

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
        if self._at_commit is not None and b"COMMIT\0" in said and one.family == socket.AF_UNIX:
            how, self._at_commit = self._at_commit, None
            how()
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


@pytest.fixture
def acme(postgresql_database: Database) -> WorkspaceRow:
    return postgresql_database.write(lambda session: workspaces.save(session, **ACME, now=NOW))


def noted_at_once(session: Connection, workspace: WorkspaceRow) -> None:
    settings.put(session, workspace_id=workspace.id, key="tea", value="green", now=NOW)


def noted_with_the_commit(session: Connection, workspace: WorkspaceRow) -> None:
    """As an award is written."""
    settings.get(session, workspace_id=workspace.id, key="tea")
    _later.add_later(session, [(workspace.id, "tea", "green", NOW)])


note = pytest.mark.parametrize("note", [noted_at_once, noted_with_the_commit])


@note
def test_a_commit_that_is_held_up_is_waited_for_and_carried_out_once(
    database: Database,
    proxy: Proxy,
    acme: WorkspaceRow,
    note: Callable[[Connection, WorkspaceRow], None],
) -> None:
    tries: list[int] = []

    def work(session: Connection) -> None:
        tries.append(1)
        note(session, acme)

    proxy.answer_the_next_commit(lambda: time.sleep(3 * PATIENCE))
    database.write(work)
    assert len(tries) == 1
    found = database.read(lambda s: settings.get(s, workspace_id=acme.id, key="tea"))
    assert found == "green"


@note
def test_what_may_have_been_committed_is_not_done_a_second_time(
    database: Database,
    proxy: Proxy,
    acme: WorkspaceRow,
    note: Callable[[Connection, WorkspaceRow], None],
) -> None:
    tries: list[int] = []
    deadline = Deadline(60)

    def work(session: Connection) -> None:
        tries.append(1)
        note(session, acme)

    proxy.answer_the_next_commit(proxy.cut)
    with answering_within(deadline), pytest.raises(CommitInDoubtError):
        database.write(work)
    assert len(tries) == 1
    assert deadline.may_have_changed
    found = database.read(lambda s: settings.get(s, workspace_id=acme.id, key="tea"))
    assert found == "green"


def test_what_was_only_read_is_read_anew_where_its_end_was_lost(
    database: Database, proxy: Proxy
) -> None:
    proxy.answer_the_next_commit(proxy.cut)
    assert database.read(by_the_library) == "none"
