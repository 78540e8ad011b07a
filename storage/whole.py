"""A workspace as a whole: everything of it read, or erased."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, delete, func, select, tuple_
from sqlmodel import SQLModel

from storage import tables
from storage.tables import Award, Generation, Person, Workspace, table_of

_workspace = table_of(Workspace)
_generation = table_of(Generation)
_counted = {"people": table_of(Person), "awards": table_of(Award)}
_SECRET = frozenset({"link_key"})  # of the workspace: it signs the addresses of pictures
_PAGE = 500


class Size(NamedTuple):
    """How much there is of a workspace."""

    people: int
    awards: int


def every_table() -> list[Table]:
    """The tables in which a workspace has rows, those first that others refer to.

    Not that in which the database counts changes, which goes with the workspace itself.
    """
    return [
        table
        for table in SQLModel.metadata.sorted_tables
        if table not in (_workspace, _generation, *tables.OAUTH)
    ]


def size(session: Connection, *, workspace_id: int) -> Size:
    """Count people and awards."""
    return Size(
        **{
            name: session.execute(
                select(func.count()).select_from(table).where(table.c.workspace_id == workspace_id)
            ).scalar_one()
            for name, table in _counted.items()
        }
    )


def stand_still(session: Connection) -> None:
    """Have the rest of a transaction, which must not have read anything, see one moment's rows."""
    if session.dialect.name == "postgresql":
        session.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def rows(session: Connection, *, workspace_id: int, table: Table) -> Iterator[Mapping[str, Any]]:
    """Everything of a workspace in one of its tables, in the order of its key; never a secret."""
    found = session.execute(
        select(table)
        .where(table.c.workspace_id == workspace_id)
        .order_by(*table.primary_key.columns)
        .execution_options(yield_per=_PAGE)
    )
    for row in found.mappings():
        yield dict(row)


def itself(session: Connection, *, workspace_id: int) -> Mapping[str, Any]:
    """What is known of the workspace itself, without its secrets."""
    row = (
        session.execute(select(_workspace).where(_workspace.c.id == workspace_id)).mappings().one()
    )
    return {name: value for name, value in row.items() if name not in _SECRET}


def erase_some(session: Connection, *, workspace_id: int, table: Table, limit: int) -> int:
    """Erase a few rows of a workspace from one of its tables; how many."""
    key = tuple_(*table.primary_key.columns)
    some = (
        select(*table.primary_key.columns).where(table.c.workspace_id == workspace_id).limit(limit)
    )
    # The workspace is said twice, so that a distributed database knows where to look.
    return session.execute(
        delete(table).where(table.c.workspace_id == workspace_id, key.in_(some))
    ).rowcount


def erase_itself(session: Connection, *, workspace_id: int) -> None:
    """Erase the workspace, of which nothing else is left."""
    session.execute(delete(_workspace).where(_workspace.c.id == workspace_id))
