"""The connection to the database: SQLite or PostgreSQL, one way of using both."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from sqlite3 import SQLITE_CORRUPT, SQLITE_NOTADB
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from storage import own_files
from storage.connections import Connections
from storage.deadline import Deadline, TooLateError, current_deadline
from storage.lines import keep_line, line_of
from storage.prepared import begin, catch_up, commit, forget, run_plain, take_answers
from storage.together import Conflict, Job, Turns

T = TypeVar("T")

_AGAIN = "laurel_again"  # in a connection's `info`
_WRITERS_CACHE = 16_000  # KiB at most, of the one connection that writes to SQLite
_BESIDE = 2  # connections more, for who asks the engine itself: slack_sdk's stores
# A host that is gone is noticed on a connection that nobody uses, too.
_KEEPALIVES = {"keepalives_idle": 10, "keepalives_interval": 3, "keepalives_count": 3}
PATIENCE = 2.0  # seconds that a command waits for the database


class DatabaseUnavailableError(Exception):
    """The database did not answer in time, or not at all; nothing was changed, unless in doubt."""


class CommitInDoubtError(DatabaseUnavailableError):
    """The connection was lost with the commit: whether anything was changed is not known."""


class TransactionConflictError(Conflict):
    """Raised inside a transaction to have it run again from the start, with new identifiers."""


class Database:
    """Runs functions in transactions.

    `write` and `read` take a function of a connection, run it in one transaction and return what it
    returns. A transaction that lost its connection or met a conflict is run once or twice more, so the
    function must do nothing but work on the connection. Where the connection was lost with the commit,
    what it wrote may be there already: it is not run again, and who asked has to look.
    """

    def __init__(self, url: str, *, connections: int = 16, patience: float = PATIENCE) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._patience = patience
        # SQLite has one writer at a time. Waiting for one's turn here is 10 to 40 times shorter at the
        # 99th percentile than SQLite's own busy waiting.
        self._turns = Turns(self._carry_out) if self.is_sqlite else None
        self._writing: Connection | None = None  # SQLite's writer's; only whose turn it is uses it
        self.engine = self._create_engine(connections)
        self._connections = Connections(self.engine, most=connections, patience=patience)

    def write(
        self, work: Callable[[Connection], T], *, patience: float | None = None, brief: bool = False
    ) -> T:
        """Run `work` in a transaction that may change things.

        On SQLite, what answers somebody and what is `brief` may share a commit. Raises
        DatabaseUnavailableError when the database is locked or gone, TooLateError when the answer's
        time was over first; either way nothing was changed. Raises CommitInDoubtError where that is
        not known.
        """
        deadline = current_deadline()
        if self._turns is None:
            return self._run(work, write=True, deadline=deadline)
        wait = self._patience if patience is None else patience
        if deadline is not None:
            wait = min(wait, deadline.left)
        # A long job would make a short one wait for it, so it shares no commit.
        for alone in (False, True) if brief or deadline is not None else (True,):
            job = Job(work, deadline, alone=alone)
            if not self._turns.take(job, patience=wait):
                raise DatabaseUnavailableError("another transaction is writing")
            if not job.is_to_be_repeated:
                break
        if job.problem is not None:
            raise job.problem
        result: T = job.result
        return result

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction that only reads; on SQLite readers never wait for the writer."""
        return self._run(work, write=False, deadline=None)

    @property
    def busy_connections(self) -> int:
        """How many connections are in use, of those opened since `close`; SQLite's writer's aside."""
        pool = self.engine.pool
        assert isinstance(pool, QueuePool)
        return int(pool.checkedout()) - self._connections.idle - (self._writing is not None)

    @property
    def writers_in_line(self) -> int:
        """On SQLite, how many wait for their turn to write."""
        return self._turns.waiting if self._turns else 0

    def close(self) -> None:
        """Close every connection, save one that somebody is still busy with."""
        # SQLite crashes where its connection is closed under a statement that is being carried out.
        if self._turns is not None:
            self._turns.pause(self._let_go_of_writing, patience=self._patience)
        self._connections.close()
        self.engine.dispose()

    def _carry_out(self, jobs: Sequence[Job]) -> None:
        """Do these jobs in one transaction; each has its result or problem afterwards."""
        if len(jobs) == 1:
            self._carry_out_alone(jobs[0])
            return

        def work(session: Connection) -> None:
            for job in jobs:
                job.attempt(session)

        try:
            self._run(work, write=True, deadline=None)
        except BaseException as problem:
            for job in jobs:
                job.problem, job.is_to_be_repeated = problem, False
        finally:
            for job in jobs:
                if job.began_commit and job.deadline is not None:
                    job.deadline.end_commit()

    def _carry_out_alone(self, job: Job) -> None:
        try:
            if job.deadline is not None and job.deadline.left <= 0:
                raise TooLateError
            job.result = self._run(job.work, write=True, deadline=job.deadline)
        except BaseException as problem:
            job.problem = problem

    def _run(self, work: Callable[[Connection], T], *, write: bool, deadline: Deadline | None) -> T:
        for again, last in ((False, False), (True, False), (True, True)):
            try:
                return self._once(_again(work) if again else work, write=write, deadline=deadline)
            except TransactionConflictError:
                if last:
                    raise
            except DBAPIError as problem:
                passing = problem.connection_invalidated or _was_chosen_as_victim(problem)
                if last or not passing:
                    if isinstance(problem, IntegrityError) or not is_outage(problem):
                        raise
                    raise DatabaseUnavailableError(str(problem.orig)) from problem
            except PoolTimeoutError as problem:
                raise DatabaseUnavailableError("every connection is busy") from problem
        raise AssertionError("unreachable")

    def _once(
        self, work: Callable[[Connection], T], *, write: bool, deadline: Deadline | None
    ) -> T:
        if write and self._turns is not None:
            try:
                return _transact(self._writers(), work, deadline, write=True)
            except DBAPIError:
                self._let_go_of_writing()  # whatever state it is in
                raise
        connection = self._connections.take()
        sound = False
        try:
            result = _transact(connection, work, deadline, write=write)
            sound = True
        finally:
            self._connections.give_back(connection, sound=sound)
        return result

    def _writers(self) -> Connection:
        """SQLite's one writer's connection, which stays open from turn to turn."""
        if self._writing is None:
            self._writing = self.engine.connect().execution_options(laurel_write=True)
            # Pages that awards come back to again and again are not read from the file each time.
            run_plain(self._writing, f"PRAGMA cache_size = -{_WRITERS_CACHE}")
        return self._writing

    def _let_go_of_writing(self) -> None:
        connection, self._writing = self._writing, None
        if connection is not None:
            connection.close()

    def _create_engine(self, connections: int) -> Engine:
        if self.is_sqlite:
            return self._create_sqlite_engine(connections)
        url = self.url
        if url.drivername in ("postgresql", "postgres"):
            url = url.set(drivername="postgresql+psycopg")
        milliseconds = int(self._patience * 1000)
        given = url.query.get("options", "")
        ours = {
            "connect_timeout": max(2, round(self._patience)),  # libpq's least is 2
            "tcp_user_timeout": milliseconds,
            "application_name": "laurel",
            **_KEEPALIVES,
        }
        engine = create_engine(
            url,
            pool_size=connections,
            max_overflow=_BESIDE,
            pool_timeout=self._patience,
            pool_use_lifo=True,
            hide_parameters=True,  # an error must not carry reasons and names into the log
            connect_args={
                **{name: value for name, value in ours.items() if name not in url.query},
                # It would forget all that is prepared on a connection whenever it rolls back.
                "prepare_threshold": None,
                "options": f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds}"
                " -c idle_in_transaction_session_timeout=10000"
                # What commands ask for is in memory, or on a disk without arms: an index is cheap.
                f" -c random_page_cost=1.1 {given if isinstance(given, str) else ' '.join(given)}",
            },
        )

        @event.listens_for(engine, "do_connect")
        def _connect(_dialect: Any, _record: Any, args: Any, parameters: Any) -> Any:
            from storage.waiting import TimedConnection  # psycopg is imported where it is used

            return TimedConnection.connect(*args, **parameters)

        @event.listens_for(engine, "connect")
        def _configure(dbapi_connection: Any, record: ConnectionPoolEntry) -> None:
            from storage.libpq import LibraryLine

            dbapi_connection.set_limit(until_known=self._patience)
            keep_line(record.info, LibraryLine(dbapi_connection))

        event.listen(engine, "commit", commit)
        event.listen(engine, "rollback", forget)
        event.listen(engine, "before_cursor_execute", lambda session, *_: catch_up(session))
        return engine

    def _create_sqlite_engine(self, connections: int) -> Engine:
        engine = create_engine(
            self.url,
            pool_size=connections,
            max_overflow=_BESIDE + 1,  # the writer’s own
            pool_timeout=self._patience,
            pool_use_lifo=True,
            hide_parameters=True,  # an error must not carry reasons and names into the log
            connect_args={"timeout": self._patience, "check_same_thread": False},
        )
        path = self.url.database or ":memory:"
        if not path.startswith((":memory:", "file:")):

            @event.listens_for(engine, "do_connect")
            def _make(*_args: Any) -> None:
                # What lies beside it has its mode; where it cannot be made, SQLite says so.
                with suppress(OSError):
                    own_files.make(path)

        @event.listens_for(engine, "connect")
        def _configure(dbapi_connection: Any, _record: Any) -> None:
            # The driver's own transaction control begins too late for BEGIN IMMEDIATE; ours begins below.
            dbapi_connection.isolation_level = None
            cursor = dbapi_connection.cursor()
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute(
                "PRAGMA synchronous = FULL"
            )  # an acknowledged award survives a power cut
            cursor.execute("PRAGMA foreign_keys = ON")
            # What a savepoint may have to take back: it would be a file for each award in line.
            cursor.execute("PRAGMA temp_store = MEMORY")
            # Pages that many awards change are written to the database itself a quarter as often.
            cursor.execute("PRAGMA wal_autocheckpoint = 4000")
            cursor.close()

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            write = connection.get_execution_options().get("laurel_write", False)
            begin(connection, "BEGIN IMMEDIATE" if write else "BEGIN")

        return engine


def is_again(session: Connection) -> bool:
    """Whether a transaction is run anew, after one that met a conflict or lost its connection."""
    return bool(session.info.get(_AGAIN))


def _again(work: Callable[[Connection], T]) -> Callable[[Connection], T]:
    """The same work, which is told that it is not done for the first time."""

    def done_again(session: Connection) -> T:
        info = session.info  # which a connection that is lost meanwhile has no more
        info[_AGAIN] = True
        try:
            return work(session)
        finally:
            del info[_AGAIN]

    return done_again


def _transact(
    connection: Connection,
    work: Callable[[Connection], T],
    deadline: Deadline | None,
    *,
    write: bool,
) -> T:
    """Run the work in a transaction, and tell the deadline of its commit."""
    transaction = connection.begin()
    try:
        result = _worked(connection, work)
        if deadline is not None:
            deadline.begin_commit()
    except BaseException:
        transaction.rollback()
        raise
    try:
        transaction.commit()
    except BaseException as problem:
        transaction.rollback()  # what was put off may have failed before the commit
        if deadline is not None:
            if isinstance(problem, Conflict):  # of what was put off: nothing was committed
                deadline.take_back_commit()
            else:
                deadline.end_commit()
        if write and isinstance(problem, DBAPIError) and problem.connection_invalidated:
            raise CommitInDoubtError(str(problem.orig)) from problem
        raise
    if deadline is not None:
        deadline.end_commit()
    return result


def _worked(connection: Connection, work: Callable[[Connection], T]) -> T:
    """What the work returns or raises, once everything that it supposed has been looked at."""
    try:
        result = work(connection)
    except (Conflict, DBAPIError):
        raise
    except Exception:
        if not connection.invalidated:
            take_answers(connection)
        raise
    take_answers(connection)
    return result


def _was_chosen_as_victim(problem: DBAPIError) -> bool:
    """Whether PostgreSQL rolled this back for another's sake (deadlock, serialization failure)."""
    return getattr(problem.orig, "sqlstate", None) in ("40P01", "40001")


def is_outage(problem: SQLAlchemyError) -> bool:
    """Whether the database is locked, gone, too slow or spoiled, as against a statement that is wrong."""
    if isinstance(problem, OperationalError):
        return True
    if not isinstance(problem, DBAPIError):
        return False
    code = getattr(problem.orig, "sqlite_errorcode", 0) & 0xFF  # the rest is for details
    return code in (SQLITE_NOTADB, SQLITE_CORRUPT) or problem.connection_invalidated


def take_time(session: Connection) -> None:
    """Let what is left of a transaction take as long as it does; PostgreSQL would break it off."""
    if session.dialect.name == "postgresql":
        session.exec_driver_sql("SET LOCAL statement_timeout = 0")
    line_of(session).take_time()


def try_writing(connection: Connection) -> None:
    """Write nothing, which SQLite refuses all the same where the file may only be read."""
    connection.exec_driver_sql("DELETE FROM workspace WHERE 1 = 0")


def ping(connection: Connection) -> float:
    """Ask the database for nothing; seconds it took."""
    began = time.perf_counter()
    connection.exec_driver_sql("SELECT 1")
    return time.perf_counter() - began
