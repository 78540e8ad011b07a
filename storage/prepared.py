"""Statements of the hot paths: compiled once, then run by the driver itself.

For a statement that takes the database 20 µs, SQLAlchemy's work per execution is four times what the
driver's own is. What SQLAlchemy knows of types, names and dialects is asked here once, when a
statement is first used, and errors are raised as its own.
"""

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple, NoReturn, TypeVar

from sqlalchemy import (
    Boolean,
    ClauseElement,
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    Table,
    Update,
    Uuid,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from storage.lines import Answer, Asked, Refused, line_of
from storage.types import as_hex

Row = Sequence[Any]
# Rows of one INSERT, so that its parameters stay far below what databases take.
_MOST_ROWS = 256
T = TypeVar("T")
_Convert = Callable[[Any], Any]
_Converts = Sequence[_Convert | None]


@dataclass(frozen=True)
class _Slot:
    """Stands for a value while a statement is compiled; `place` where it is one of a list."""

    name: str
    place: int | None = None


class _Parameter(NamedTuple):
    """What fills parameters that follow each other: a value, all of a list, or a constant."""

    name: str | None  # None: the constant
    many: bool
    convert: _Convert | None
    constant: Any = None


class _Ready(NamedTuple):
    """A statement as the driver takes it, its parameters by their place."""

    sql: str
    parameters: tuple[_Parameter, ...]
    returns: bool
    conversions: tuple[tuple[int, _Convert], ...]  # by a result column's place

    def bind(self, values: Mapping[str, Any]) -> list[Any]:
        bound: list[Any] = []
        for name, many, convert, value in self.parameters:
            if name is not None:
                value = values[name]
            if many:
                bound += value if convert is None else map(convert, value)
            else:
                bound.append(value if name is None or convert is None else convert(value))
        return bound

    def converted(self, rows: list[Row]) -> list[Row]:
        """Rows as Python has them, from what the driver returned."""
        if not self.conversions:
            return rows
        converted: list[Row] = []
        for row in rows:
            changed = list(row)
            for place, convert in self.conversions:
                changed[place] = convert(changed[place])
            converted.append(changed)
        return converted


_Bound = tuple[_Ready, Sequence[Any]]


def run_plain(session: Connection, sql: str) -> None:
    """Run a statement without parameters or rows. Raises what SQLAlchemy raises."""
    _run(session, (_Ready(sql, (), False, ()), ()))


class _Statement:
    """A statement whose parameters are its `bindparam`s; those that are `expanding` take lists."""

    def __init__(
        self, statement: Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]] | Update
    ) -> None:
        self._statement = statement
        self._ready: dict[tuple[str, tuple[int, ...]], _Ready] = {}
        named = statement.compile().binds.values()
        self._single = [bind.key for bind in named if bind.required and not bind.expanding]
        self._lists = list(dict.fromkeys(bind.key for bind in named if bind.expanding))

    def with_values(self, session: Connection, values: Mapping[str, Any]) -> _Bound:
        """The statement for so many values as these are, and they in their places."""
        if self._lists:
            values = {**values, **{name: _padded(values[name]) for name in self._lists}}
        sizes = tuple([len(values[name]) for name in self._lists])
        ready = self._ready.get((session.dialect.name, sizes))
        if ready is None:
            ready = self._compiled(session.dialect, sizes)
            self._ready[session.dialect.name, sizes] = ready
        return ready, ready.bind(values)

    def _compiled(self, dialect: Dialect, sizes: tuple[int, ...]) -> _Ready:
        slots: dict[str, Any] = {name: _Slot(name) for name in self._single}
        for name, size in zip(self._lists, sizes, strict=True):
            slots[name] = [_Slot(name, place) for place in range(size)]
        returned = () if isinstance(self._statement, Update) else self._statement.exported_columns
        return _ready(self._statement, dialect, returned, slots)


class Query(_Statement):
    """A SELECT."""

    def rows(self, session: Connection, values: Mapping[str, Any]) -> list[Row]:
        """Run it and return all rows. Raises what SQLAlchemy raises."""
        return _run(session, self.with_values(session, values))[0]


class Change(_Statement):
    """An UPDATE."""

    def count(self, session: Connection, values: Mapping[str, Any]) -> int:
        """Run it and return how many rows it found. Raises what SQLAlchemy raises."""
        return _run(session, self.with_values(session, values))[1]


class Insertion:
    """An INSERT of rows. One that is there already is left out, or without `skip` refused.

    A row has what all of them have in common, by `common`, and its own, by `columns`.
    """

    def __init__(
        self,
        table: Table,
        columns: Sequence[str],
        *,
        common: Sequence[str] = (),
        skip: bool = True,
    ) -> None:
        self._table = table
        self._skip = skip
        given = [*common, *columns]
        self._shared = len(common)
        # SQLAlchemy has them in the order of the table.
        self._columns = [column for column in table.c if column.name in given]
        self._in_order = itemgetter(*[given.index(column.name) for column in self._columns])
        self._ready: dict[tuple[str, int], _Ready] = {}
        self._converts: dict[str, _Converts] = {}

    def add(
        self, session: Connection, rows: Sequence[Sequence[Any]], common: Sequence[Any] = ()
    ) -> int:
        """Write the rows, and return how many were not there yet."""
        return sum(_run(session, one)[1] for one in self._statements(session, rows, common))

    def add_later(
        self,
        session: Connection,
        rows: Sequence[Sequence[Any]],
        common: Sequence[Any] = (),
        *,
        refused: Refused | None = None,
    ) -> None:
        """Write the rows with what follows in the transaction, at the latest with its commit.

        Where a constraint refuses one, what `refused` makes is raised, now or then.
        """
        line = line_of(session)
        for ready, values in self._statements(session, rows, common):
            asked = Asked(ready.sql, values, False, refused)
            driven(session, ready.sql, partial(line.put_off, asked))

    def _statements(
        self, session: Connection, rows: Sequence[Sequence[Any]], common: Sequence[Any]
    ) -> Iterator[_Bound]:
        dialect = session.dialect
        converts = self._converts.get(dialect.name)
        if converts is None:
            converts = [_binding(column.type, dialect) for column in self._columns]
            self._converts[dialect.name] = converts
        while rows:
            # By powers of two: few statements to compile, and few round trips.
            size = min(_MOST_ROWS, 1 << len(rows).bit_length() - 1)
            some, rows = rows[:size], rows[size:]
            ready = self._ready.get((dialect.name, size))
            if ready is None:
                ready = self._compiled(dialect, size)
                self._ready[dialect.name, size] = ready
            bound: list[Any] = []
            for row in some:
                given = (*common, *row)
                if len(common) != self._shared or len(given) != len(self._columns):
                    raise ValueError(
                        f"a row of {self._table.name} has not the values for its columns"
                    )
                values = self._in_order(given)
                bound += [
                    value if convert is None else convert(value)
                    for value, convert in zip(values, converts, strict=True)
                ]
            yield ready, bound

    def _compiled(self, dialect: Dialect, size: int) -> _Ready:
        insert: Any = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
        statement = insert(self._table)
        if self._skip:
            statement = statement.on_conflict_do_nothing()
        names = [column.name for column in self._columns]
        statement = statement.values([{name: _Slot(name) for name in names} for _ in range(size)])
        ready = _ready(statement, dialect, ())
        assert [one.name for one in ready.parameters] == names * size
        return ready


def _ready(
    statement: ClauseElement,
    dialect: Dialect,
    returned: Iterable[ColumnElement[Any]],
    slots: dict[str, Any] | None = None,
) -> _Ready:
    compiled = statement.compile(dialect=_by_place(dialect))
    assert isinstance(compiled, SQLCompiler)
    expanded = compiled.construct_expanded_state(slots)
    parameters: list[_Parameter] = []
    for name in expanded.positiontup or ():
        value: Any = expanded.parameters[name]
        bind = compiled.binds.get(name)
        if isinstance(value, _Slot):
            if bind is None:  # one of a list, named after it, and all of them stand together
                if value.place == 0:
                    convert = _binding(compiled.binds[value.name].type, dialect)
                    parameters.append(_Parameter(value.name, True, convert))
                continue
            parameters.append(_Parameter(value.name, False, _binding(bind.type, dialect)))
        else:
            assert bind is not None
            convert = _binding(bind.type, dialect)
            constant = value if convert is None else convert(value)
            parameters.append(_Parameter(None, False, None, constant))
    columns = list(returned)
    conversions = [_fetching(column.type, dialect) for column in columns]
    return _Ready(
        expanded.statement,
        tuple(parameters),
        bool(columns),
        tuple((place, convert) for place, convert in enumerate(conversions) if convert),
    )


def _by_place(dialect: Dialect) -> Dialect:
    """The same dialect with parameters by their place, which cost the driver less than names."""
    if dialect.positional:
        return dialect
    positional = copy.copy(dialect)
    positional.positional, positional.paramstyle = True, "format"
    return positional


def _binding(type_: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    if isinstance(type_, Boolean):
        return None  # both drivers take True, False and None as they are; nothing else is one
    if isinstance(type_, Uuid):
        return as_hex
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _fetching(type_: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    return type_.dialect_impl(dialect).result_processor(dialect, None)


def _padded(values: Iterable[Any]) -> list[Any]:
    """The same in a list whose length is a power of two; once more is as good as once, for IN."""
    found = list(values)
    if len(found) > 2:
        found += found[-1:] * ((1 << (len(found) - 1).bit_length()) - len(found))
    return found


def begin(session: Connection, how: str) -> None:
    """Begin a transaction by this statement. Raises what SQLAlchemy raises."""
    driven(session, how, lambda: line_of(session).begin(how))


def catch_up(session: Connection) -> None:
    """Run what was put off. Raises what SQLAlchemy raises."""
    driven(session, "", line_of(session).catch_up)


def take_answers(session: Connection) -> None:
    """Run what was put off, if an answer of it is taken. Raises what SQLAlchemy raises, and what takes it."""
    if line_of(session).awaits_answers():
        catch_up(session)


def forget(session: Connection) -> None:
    """Drop what was put off: its transaction is rolled back."""
    if not session.invalidated:
        line_of(session).forget()


def commit(session: Connection) -> None:
    """Run what was put off, and commit. Raises what SQLAlchemy raises."""
    driven(session, "COMMIT", line_of(session).commit)


def _run(session: Connection, bound: _Bound) -> Answer:
    """The rows, and how many rows the statement found or changed."""
    ready, values = bound
    asked = Asked(ready.sql, values, ready.returns)
    driver: Any = session.dialect.loaded_dbapi
    try:
        rows, count = line_of(session).run(asked)
    except driver.Error as problem:
        _raise(session, ready.sql, problem)
    return ready.converted(rows), count


def driven(session: Connection, sql: str, work: Callable[[], T]) -> T:
    """What the work returns; what the driver raises is raised as SQLAlchemy does, for this statement."""
    driver: Any = session.dialect.loaded_dbapi
    try:
        return work()
    except driver.Error as problem:
        _raise(session, sql, problem)


def _raise(session: Connection, sql: str, problem: Exception) -> NoReturn:
    """Raise a driver's error as SQLAlchemy does."""
    dialect: Any = session.dialect
    if dialect.is_disconnect(problem, session.connection.dbapi_connection, None):
        # Let SQLAlchemy meet it too: it then gives up every connection of its pool.
        session.exec_driver_sql("SELECT 1")
    driver: Any = dialect.loaded_dbapi
    raise DBAPIError.instance(sql, None, problem, driver.Error, dialect=dialect) from problem
