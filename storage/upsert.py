"""INSERT … ON CONFLICT for both databases, which spell it alike."""

from collections.abc import Callable

from sqlalchemy import ColumnElement, Connection, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_for(session: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    if session.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def insert_or_skip(
    table: Table, *returning: ColumnElement[object]
) -> Callable[[Connection], Executable]:
    """An INSERT that leaves out rows which are there already, built once for each database.

    Give the rows to `execute` and not to `values`: then SQLAlchemy compiles it once, too (a multi-row
    `values` was 40 % of the CPU time of an award).
    """
    for_sqlite = sqlite.insert(table).on_conflict_do_nothing()
    for_postgresql = postgresql.insert(table).on_conflict_do_nothing()
    statements: dict[str, Executable] = {"sqlite": for_sqlite, "postgresql": for_postgresql}
    if returning:
        statements = {
            "sqlite": for_sqlite.returning(*returning),
            "postgresql": for_postgresql.returning(*returning),
        }
    return lambda session: statements[session.dialect.name]
