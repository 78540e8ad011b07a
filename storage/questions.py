"""Questions to the database: several that do not wait for each other's answers share a round trip."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

from sqlalchemy import Connection

from storage.lines import Asked, line_of
from storage.prepared import Query, Row, driven

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """A query with its values, and what its rows mean."""

    query: Query
    values: Mapping[str, Any]
    read: Callable[[list[Row]], T]

    def then(self, go_on: Callable[[T], A]) -> "Question[A]":
        """The same question, whose answer is what `go_on` makes of it."""
        read = self.read
        return Question(self.query, self.values, lambda rows: go_on(read(rows)))


def ask(session: Connection, question: Question[T]) -> T:
    """The answer to a question. Raises what SQLAlchemy raises."""
    return question.read(question.query.rows(session, question.values))


@overload
def ask_together(session: Connection, a: Question[A], b: Question[B], /) -> tuple[A, B]: ...
@overload
def ask_together(
    session: Connection, a: Question[A], b: Question[B], c: Question[C], /
) -> tuple[A, B, C]: ...
@overload
def ask_together(
    session: Connection, a: Question[A], b: Question[B], c: Question[C], d: Question[D], /
) -> tuple[A, B, C, D]: ...
def ask_together(session: Connection, *questions: Question[Any]) -> tuple[Any, ...]:
    """The answers to questions that do not wait for each other: in one round trip, where there are any."""
    bound = [one.query.with_values(session, one.values) for one in questions]
    asked = [Asked(ready.sql, values, True) for ready, values in bound]
    line = line_of(session)
    found = driven(session, "; ".join([one.sql for one in asked]), lambda: line.run_together(asked))
    return tuple(
        [
            one.read(ready.converted(rows))
            for one, (ready, _), (rows, _) in zip(questions, bound, found, strict=True)
        ]
    )


class Later(Generic[T]):
    """A question that is answered with what follows in a transaction, at the latest before its commit.

    `then` gets the answer and may raise; no result of the transaction leaves `Database` before. It may be
    asked any number of times, of one database.
    """

    def __init__(self, question: Question[T], then: Callable[[T], None]) -> None:
        self._question = question
        self._then = then
        self._asked: Asked | None = None

    def ask(self, session: Connection) -> None:
        """Have it answered. Raises what SQLAlchemy raises, and what `then` does."""
        asked = self._asked = self._asked or self._prepared(session)
        line = line_of(session)
        driven(session, asked.sql, lambda: line.put_off(asked))

    def _prepared(self, session: Connection) -> Asked:
        question, then = self._question, self._then
        ready, values = question.query.with_values(session, question.values)
        return Asked(
            ready.sql,
            values,
            True,
            answered=lambda answer: then(question.read(ready.converted(answer[0]))),
        )
