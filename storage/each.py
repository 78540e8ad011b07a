"""Statements that change several rows at once, each row to values of its own."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Subquery, Update, bindparam, select, union_all
from sqlalchemy.types import TypeEngine

from storage.prepared import Change


class ChangeEach:
    """An UPDATE from rows that are given with it: `statement` makes it from a table with these columns.

    `columns` are their names and types.
    """

    def __init__(
        self, columns: Mapping[str, TypeEngine[Any]], statement: Callable[[Subquery], Update]
    ) -> None:
        self._columns = columns
        self._statement = statement
        self._changes: dict[int, tuple[Change, list[str]]] = {}

    def count(
        self, session: Connection, rows: Sequence[Sequence[Any]], common: Mapping[str, Any]
    ) -> int:
        """Run it and return how many rows it changed, of at least one; `common` are its parameters."""
        # By powers of two, so that there are few statements: once more is as good as once.
        size = 1 << (len(rows) - 1).bit_length()
        padded = [*rows, *[rows[-1]] * (size - len(rows))]
        change, names = self._change(size)
        values = dict(zip(names, chain.from_iterable(padded), strict=True))
        return change.count(session, {**common, **values})

    def _change(self, size: int) -> tuple[Change, list[str]]:
        if size not in self._changes:
            names = [[f"{name}_{number}" for name in self._columns] for number in range(size)]
            given = union_all(*[self._row(row) for row in names]).subquery("given")
            flat = [name for row in names for name in row]
            self._changes[size] = Change(self._statement(given)), flat
        return self._changes[size]

    def _row(self, names: Sequence[str]) -> Any:
        return select(
            *[
                bindparam(name, type_=type_).label(column)
                for name, (column, type_) in zip(names, self._columns.items(), strict=True)
            ]
        )
