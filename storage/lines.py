"""What runs a statement on a connection: a driver's cursors, or for PostgreSQL its own library."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection

Answer = tuple[list[Sequence[Any]], int]  # the rows, and how many rows were found or changed
Refused = Callable[[], Exception]
Answered = Callable[[Answer], None]
_LINE = "laurel_line"  # in a connection’s `info`


class Asked(NamedTuple):
    """A statement, its parameters by their place, and whether it returns rows."""

    sql: str
    values: Sequence[Any]
    returns: bool
    refused: Refused | None = None  # makes what is raised where a constraint refuses it
    answered: Answered | None = None  # takes the answer of what was put off, and may raise


class Line(Protocol):
    """A connection for one thread at a time. Each method raises what the driver raises."""

    def begin(self, how: str) -> None:
        """Begin a transaction, where the driver leaves that to us."""

    def has_changed(self) -> bool:
        """Whether the transaction has changed a row so far; False where only the database knows."""

    def run(self, statement: Asked) -> Answer:
        """Run a statement, after those that were put off."""

    def run_together(self, statements: Sequence[Asked]) -> list[Answer]:
        """Run statements that do not wait for each other's answers."""

    def put_off(self, statement: Asked) -> None:
        """Run it now or with what follows, at the latest with the commit; nobody waits for its answer."""

    def catch_up(self) -> None:
        """Run what was put off."""

    def awaits_answers(self) -> bool:
        """Whether something was put off whose answer is taken."""

    def forget(self) -> None:
        """Drop what was put off: its transaction is rolled back."""

    def take_time(self) -> None:
        """Let the rest of the transaction take as long as it does."""

    def commit(self) -> None:
        """End the transaction, if there is one that this knows of."""


class CursorLine:
    """Runs each statement at once, by a cursor of the driver's."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._changes = 0  # rows that were changed on this connection before its transaction

    def begin(self, how: str) -> None:
        """Begin a transaction."""
        self._connection.execute(how)
        self._changes = self._connection.total_changes

    def has_changed(self) -> bool:
        """Whether the transaction has changed a row so far."""
        return bool(self._connection.total_changes != self._changes)

    def run(self, statement: Asked) -> Answer:
        """Run a statement."""
        sql, values, returns, _, _ = statement
        cursor = self._connection.cursor()
        try:
            cursor.execute(sql, values)
            return (cursor.fetchall() if returns else []), cursor.rowcount
        finally:
            cursor.close()

    def run_together(self, statements: Sequence[Asked]) -> list[Answer]:
        """Run them one after the other."""
        return [self.run(one) for one in statements]

    def put_off(self, statement: Asked) -> None:
        """Run it now: there is no round trip to be saved."""
        try:
            answer = self.run(statement)
        except self._connection.IntegrityError as problem:
            if statement.refused is None:
                raise
            raise statement.refused() from problem
        if statement.answered is not None:
            statement.answered(answer)

    def catch_up(self) -> None:
        """Nothing was put off."""

    def awaits_answers(self) -> bool:
        """Nothing was put off."""
        return False

    def forget(self) -> None:
        """Nothing was put off."""

    def take_time(self) -> None:
        """Nothing is broken off."""

    def commit(self) -> None:
        """SQLAlchemy does it."""


def keep_line(info: dict[Any, Any], line: Line) -> None:
    """Have the connection that this `info` belongs to run its statements by this line."""
    info[_LINE] = line


def line_of(session: Connection) -> Line:
    """What runs a connection's statements."""
    line: Line | None = session.info.get(_LINE)
    if line is None:
        line = CursorLine(session.connection.dbapi_connection)
        keep_line(session.info, line)
    return line
