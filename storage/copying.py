"""Writing very many rows at once: by COPY on PostgreSQL, which takes a third of the time INSERT does."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table

from storage.database import TransactionConflictError
from storage.prepared import Insertion


class Copy:
    """Rows of one table, given as values in the order of `columns`."""

    def __init__(self, table: Table, columns: Sequence[str]) -> None:
        self._insert = Insertion(table, columns)
        self._copy = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN"

    def add(self, session: Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Write the rows. Raises TransactionConflictError where one is there already."""
        if session.dialect.name != "postgresql":
            if self._insert.add(session, rows) < len(rows):
                raise TransactionConflictError("somebody else wrote one of them meanwhile")
            return
        driver = session.connection.driver_connection
        assert driver is not None
        try:
            with driver.cursor() as cursor, cursor.copy(self._copy) as copy:
                for row in rows:
                    copy.write_row(row)
        except session.dialect.loaded_dbapi.IntegrityError as problem:
            raise TransactionConflictError("somebody else wrote one of them meanwhile") from problem
