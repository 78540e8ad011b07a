"""Statements of the hot paths: compiled once, then run by the driver itself.

For a statement that takes the database 20 µs, SQLAlchemy's work per execution is four times what the
driver's own is. What SQLAlchemy knows of types, names and dialects is asked here once, when a
statement is first used, and errors are raised as its own.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

from sqlalchemy import ColumnElement, Connection, Select, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import Compiled, SQLCompiler
from sqlalchemy.types import TypeEngine

Row = Sequence[Any]
# Rows of one INSERT, so that its parameters stay far below what databases take.
_MOST_ROWS = 256
_Convert = Callable[[Any], Any]


@dataclass(frozen=True)
class _Slot:
    """Stands for a value while a statement is compiled; `place` where it is one of a list."""

    name: str
    place: int | None = None


class _Parameter(NamedTuple):
    """A value as the driver takes it: a constant of the statement, or what fills a slot."""

    name: str
    slot: _Slot | None
    convert: _Convert | None
    constant: Any = None


class _Ready(NamedTuple):
    """A statement as the driver takes it."""

    sql: str
    parameters: tuple[_Parameter, ...]  # in the driver's order
    by_name: bool
    returns: bool
    conversions: tuple[tuple[int, _Convert], ...]  # by a result column's place

    def bind(self, values: Mapping[str, Any]) -> Any:
        bound = []
        for _, slot, convert, value in self.parameters:
            if slot is not None:
                value = values[slot.name]
                if slot.place is not None:
                    value = value[slot.place]
                if convert is not None:
                    value = convert(value)
            bound.append(value)
        if self.by_name:
            return {
                parameter[0]: value for parameter, value in zip(self.parameters, bound, strict=True)
            }
        return bound


def run_plain(session: Connection, sql: str) -> None:
    """Run a statement without parameters or rows. Raises what SQLAlchemy raises."""
    _run(session, _Ready(sql, (), False, False, ()), ())


class Query:
    """A SELECT; its parameters are its `bindparam`s, of which those that are `expanding` take lists."""

    def __init__(self, statement: Select[Any]) -> None:
        self._statement = statement
        self._ready: dict[tuple[str, tuple[int, ...]], _Ready] = {}
        named = statement.compile().binds.values()
        self._single = [bind.key for bind in named if bind.required and not bind.expanding]
        self._lists = list(dict.fromkeys(bind.key for bind in named if bind.expanding))

    def rows(self, session: Connection, values: Mapping[str, Any]) -> list[Row]:
        """Run it and return all rows. Raises what SQLAlchemy raises."""
        if self._lists:
            values = {**values, **{name: _padded(values[name]) for name in self._lists}}
        sizes = tuple([len(values[name]) for name in self._lists])
        ready = self._ready.get((session.dialect.name, sizes))
        if ready is None:
            ready = self._compiled(session.dialect, sizes)
            self._ready[session.dialect.name, sizes] = ready
        return _run(session, ready, ready.bind(values))

    def _compiled(self, dialect: Dialect, sizes: tuple[int, ...]) -> _Ready:
        slots: dict[str, Any] = {name: _Slot(name) for name in self._single}
        for name, size in zip(self._lists, sizes, strict=True):
            slots[name] = [_Slot(name, place) for place in range(size)]
        statement = self._statement.params(slots)
        return _ready(statement.compile(dialect=dialect), dialect, statement.exported_columns)


class InsertOrSkip:
    """An INSERT of rows that leaves out those which are there already."""

    def __init__(self, table: Table, columns: Sequence[str], *, returning: str = "") -> None:
        self._table = table
        self._columns = columns
        self._returning = [table.c[returning]] if returning else []
        self._ready: dict[tuple[str, int], _Ready] = {}

    def add(self, session: Connection, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Write the rows, and return `returning` of those that were not there yet."""
        added: list[Any] = []
        while rows:
            # By powers of two: few statements to compile, and few round trips.
            size = min(_MOST_ROWS, 1 << len(rows).bit_length() - 1)
            some, rows = rows[:size], rows[size:]
            ready = self._ready.get((session.dialect.name, size))
            if ready is None:
                ready = self._compiled(session.dialect, size)
                self._ready[session.dialect.name, size] = ready
            values = {column: [row[column] for row in some] for column in self._columns}
            added += [row[0] for row in _run(session, ready, ready.bind(values))]
        return added

    def _compiled(self, dialect: Dialect, size: int) -> _Ready:
        insert: Any = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
        statement = insert(self._table).on_conflict_do_nothing()
        if self._returning:
            statement = statement.returning(*self._returning)
        statement = statement.values(
            [{column: _Slot(column, n) for column in self._columns} for n in range(size)]
        )
        return _ready(statement.compile(dialect=dialect), dialect, self._returning)


def _ready(compiled: Compiled, dialect: Dialect, returned: Iterable[ColumnElement[Any]]) -> _Ready:
    assert isinstance(compiled, SQLCompiler)
    expanded = compiled.construct_expanded_state()
    parameters = []
    for name in expanded.positiontup or expanded.parameters:
        value: Any = expanded.parameters[name]
        slot = value if isinstance(value, _Slot) else None
        bind = compiled.binds.get(name)
        if bind is None:  # one of a list, named after it
            assert slot is not None
            bind = compiled.binds[slot.name]
        convert = _binding(bind.type, dialect)
        if slot is None and convert is not None:
            value = convert(value)
        parameters.append(_Parameter(name, slot, convert, value))
    columns = list(returned)
    conversions = [_fetching(column.type, dialect) for column in columns]
    return _Ready(
        expanded.statement,
        tuple(parameters),
        not compiled.positional,
        bool(columns),
        tuple((place, convert) for place, convert in enumerate(conversions) if convert),
    )


def _binding(type_: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _fetching(type_: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    return type_.dialect_impl(dialect).result_processor(dialect, None)


def _padded(values: Iterable[Any]) -> list[Any]:
    """The same in a list whose length is a power of two; once more is as good as once, for IN."""
    found = list(values)
    if len(found) > 2:
        found += found[-1:] * ((1 << (len(found) - 1).bit_length()) - len(found))
    return found


def _run(session: Connection, ready: _Ready, values: Any) -> list[Row]:
    driver: Any = session.dialect.loaded_dbapi
    cursor: Any = session.connection.cursor()
    try:
        cursor.execute(ready.sql, values)
        rows: list[Row] = cursor.fetchall() if ready.returns else []
    except driver.Error as problem:
        _raise(session, ready.sql, problem, cursor)
    finally:
        cursor.close()
    if not ready.conversions:
        return rows
    converted: list[Row] = []
    for row in rows:
        changed = list(row)
        for place, convert in ready.conversions:
            changed[place] = convert(changed[place])
        converted.append(changed)
    return converted


def _raise(session: Connection, sql: str, problem: Exception, cursor: Any) -> NoReturn:
    """Raise a driver's error as SQLAlchemy does."""
    dialect: Any = session.dialect
    if dialect.is_disconnect(problem, session.connection.dbapi_connection, cursor):
        # Let SQLAlchemy meet it too: it then gives up every connection of its pool.
        session.exec_driver_sql("SELECT 1")
    driver: Any = dialect.loaded_dbapi
    raise DBAPIError.instance(sql, None, problem, driver.Error, dialect=dialect) from problem
