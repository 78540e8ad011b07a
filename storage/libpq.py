"""Prepared statements of PostgreSQL, run by its own C library, which psycopg hands out as `psycopg.pq`.

A cursor of psycopg's takes three times the CPU for a statement, and lets other threads in several times
while it runs one: https://www.psycopg.org/psycopg3/docs/api/pq.html
Several statements at once share a round trip: https://www.postgresql.org/docs/current/libpq-pipeline-mode.html
"""

import re
import select
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

from psycopg import IntegrityError, OperationalError, ProgrammingError
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

from storage.lines import Answer, Asked, Refused
from storage.waiting import TimedConnection

_MOST_PARAMETERS = 65535  # of a statement: https://www.postgresql.org/docs/current/limits.html
# As text, so that PostgreSQL takes each for what the statement wants there.
_AS_TEXT = (PyFormat.TEXT,) * _MOST_PARAMETERS
_READABLE = select.POLLIN
_BEGIN = Asked("BEGIN", (), False)
_COMMIT = Asked("COMMIT", (), False)


class LibraryLine:
    """A connection, with the statements that were prepared on it; for one thread at a time."""

    def __init__(self, connection: TimedConnection) -> None:
        self._connection = connection
        self._library = connection.pgconn
        self._encoding = connection.info.encoding
        self._transformer = Transformer(connection)  # knows the types of parameters and columns
        self._prepared: dict[str, bytes] = {}
        self._later: list[tuple[Asked, Any]] = []  # what was put off, with its parameters as sent
        self._line = select.poll()
        self._line.register(self._library.socket, _READABLE)

    def begin(self, how: str) -> None:
        """Nothing: a transaction begins with its first statement."""

    def has_changed(self) -> bool:
        """False: only PostgreSQL knows."""
        return False

    def run(self, statement: Asked) -> Answer:
        """Run a statement, after those that were put off."""
        if not self._later and self._library.transaction_status == TransactionStatus.INTRANS:
            name, bound = self._name_of(statement), self._bound(statement)
            self._library.send_query_prepared(name, bound)
            return self._answer(statement, self._only_result())
        return self.run_together([statement])[0]

    def run_together(self, statements: Sequence[Asked]) -> list[Answer]:
        """Run these, and before them those that were put off, in one round trip.

        A transaction is begun where there is none, as a cursor would. Nothing after a failure is
        carried out.
        """
        every = [*self._later, *[(one, self._bound(one)) for one in statements]]
        if self._library.transaction_status == TransactionStatus.IDLE:
            every.insert(0, (_BEGIN, self._bound(_BEGIN)))
        named = [(self._name_of(one), bound) for one, bound in every]
        self._later = []  # not before: where a value cannot be sent, they are still to be run
        answers = [
            self._answer(one, result)
            for (one, _), result in zip(every, self._results(named), strict=True)
        ]
        for (one, _), answer in zip(every, answers, strict=True):
            if one.answered is not None:
                one.answered(answer)
        return answers[len(every) - len(statements) :]

    def put_off(self, statement: Asked) -> None:
        """Run it with what follows, be it the commit. Raises where a value cannot be sent."""
        self._later.append((statement, self._bound(statement)))

    def catch_up(self) -> None:
        """Run what was put off."""
        if self._later:
            self.run_together(())

    def awaits_answers(self) -> bool:
        """Whether something was put off whose answer is taken."""
        return any(one.answered is not None for one, _ in self._later)

    def forget(self) -> None:
        """Drop what was put off: its transaction is rolled back."""
        self._later = []
        self._connection.limit = self._connection.usual_limit

    def take_time(self) -> None:
        """Wait without an end until the transaction is over."""
        self._connection.limit = None

    def commit(self) -> None:
        """End the transaction, if there is one."""
        try:
            if self._later or self._library.transaction_status != TransactionStatus.IDLE:
                self._connection.await_commit()
                self.run_together([_COMMIT])
        finally:
            self.forget()  # what could not even be prepared is no later transaction's

    def _name_of(self, statement: Asked) -> bytes:
        name = self._prepared.get(statement.sql)
        if name is None:
            name = f"laurel_{len(self._prepared)}".encode()
            self._library.send_prepare(name, _numbered(statement.sql))
            self._check(self._only_result())
            self._prepared[statement.sql] = name
        return name

    def _bound(self, statement: Asked) -> Any:
        values = statement.values
        if len(values) > _MOST_PARAMETERS:  # psycopg would read on behind the formats
            raise ProgrammingError(f"{len(values)} parameters, more than PostgreSQL takes")
        return self._transformer.dump_sequence(values, _AS_TEXT[: len(values)])

    def _results(self, statements: Sequence[tuple[bytes, Any]]) -> list[PGresult]:
        library = self._library
        library.enter_pipeline_mode()
        for name, bound in statements:
            library.send_query_prepared(name, bound)
        library.pipeline_sync()
        self._flush()
        results = list(self._until_synced())
        library.exit_pipeline_mode()
        return results

    def _only_result(self) -> PGresult:
        """The result of what was sent by itself."""
        self._flush()
        result = self._next_result()
        while self._next_result() is not None:
            pass  # what is said of a connection that is lost is said in several
        if result is None:
            raise OperationalError("the connection is lost")
        return result

    def _flush(self) -> None:
        while self._library.flush():  # more than fits on the line: PostgreSQL answers, or reads on
            self._wait(_READABLE | select.POLLOUT)

    def _until_synced(self) -> Iterator[PGresult]:
        library = self._library
        while True:
            result = self._next_result()
            if result is None:
                if library.status != ConnStatus.OK:
                    raise OperationalError("the connection is lost")
            elif result.status == ExecStatus.PIPELINE_SYNC:
                return
            else:
                yield result

    def _next_result(self) -> PGresult | None:
        while self._library.is_busy():  # `get_result` would wait without letting other threads in
            self._wait(_READABLE)
        return self._library.get_result()

    def _wait(self, until: int) -> None:
        """Let other threads in until something came, or until the line takes more."""
        self._line.modify(self._library.socket, until)
        limit = self._connection.limit
        events = self._line.poll(None if limit is None else limit * 1000)
        if not events:
            self._connection.give_up()
        if any(event & ~select.POLLOUT for _, event in events):
            self._library.consume_input()

    def _answer(self, statement: Asked, result: PGresult) -> Answer:
        self._check(result, statement.refused)
        if not statement.returns:
            return [], result.command_tuples or 0
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, tuple), result.ntuples

    def _check(self, result: PGresult, refused: Refused | None = None) -> None:
        if result.status != ExecStatus.FATAL_ERROR:
            return
        problem = error_from_result(result, self._encoding)
        if refused is not None and isinstance(problem, IntegrityError):
            raise refused() from problem
        raise problem


def _numbered(sql: str) -> bytes:
    """A statement with its parameters as PostgreSQL has them, from what drivers of Python have."""
    numbers = count(1)
    return re.sub(
        "%(.)", lambda found: f"${next(numbers)}" if found[1] == "s" else found[1], sql
    ).encode()
