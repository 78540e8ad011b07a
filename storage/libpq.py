"""Prepared statements of PostgreSQL, run by its own C library, which psycopg hands out as `psycopg.pq`.

A cursor of psycopg's takes three times the CPU for a statement, and lets other threads in several times
while it runs one: https://www.psycopg.org/psycopg3/docs/api/pq.html
"""

import re
from collections.abc import Sequence
from itertools import count
from typing import Any

from psycopg import Connection
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

_MOST_PARAMETERS = 65535  # of a statement: https://www.postgresql.org/docs/current/limits.html
# As text, so that PostgreSQL takes each for what the statement wants there.
_AS_TEXT = (PyFormat.TEXT,) * _MOST_PARAMETERS


class Line:
    """A connection, with the statements that were prepared on it; for one thread at a time."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._library = connection.pgconn
        self._encoding = connection.info.encoding
        self._transformer = Transformer(connection)  # knows the types of parameters and columns
        self._prepared: dict[str, bytes] = {}

    def run(
        self, sql: str, values: Sequence[Any], *, returns: bool
    ) -> tuple[list[tuple[Any, ...]], int]:
        """The rows, and how many rows the statement found or changed.

        A transaction is begun where there is none, as a cursor would. Raises what psycopg raises.
        """
        if self._library.transaction_status == TransactionStatus.IDLE:
            self._checked(self._library.exec_(b"BEGIN"))
        name = self._prepared.get(sql)
        if name is None:
            name = f"laurel_{len(self._prepared)}".encode()
            self._checked(self._library.prepare(name, _numbered(sql)))
            self._prepared[sql] = name
        bound: Any = self._transformer.dump_sequence(values, _AS_TEXT[: len(values)])
        result = self._checked(self._library.exec_prepared(name, bound))
        if not returns:
            return [], result.command_tuples or 0
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, tuple), result.ntuples

    def _checked(self, result: PGresult) -> PGresult:
        if result.status == ExecStatus.FATAL_ERROR:
            raise error_from_result(result, self._encoding)
        return result


def _numbered(sql: str) -> bytes:
    """A statement with its parameters as PostgreSQL has them, from what drivers of Python have."""
    numbers = count(1)
    return re.sub(
        "%(.)", lambda found: f"${next(numbers)}" if found[1] == "s" else found[1], sql
    ).encode()
