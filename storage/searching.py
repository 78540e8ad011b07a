"""Finding awards among all of them: by who received or gave them, by badge, by time; page by page."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, and_, func, or_, select
from sqlalchemy.ext.compiler import compiles

from storage.awards import COLUMNS, AwardRow
from storage.tables import Award, Badge, table_of

_award: Table = table_of(Award)
_badge: Table = table_of(Badge)

_FIRST, _LAST = datetime(1950, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
_MOMENT, _SPAN = timedelta(microseconds=1), timedelta(days=1)


class Sought(NamedTuple):
    """What is looked for; None: whatever it is. `by_laurel`: given by no person."""

    recipient_id: UUID | None = None
    badge_id: UUID | None = None
    giver_id: UUID | None = None
    by_laurel: bool = False
    since: datetime | None = None
    until: datetime | None = None  # itself not included


class Beside(NamedTuple):
    """The award that a page lies beside: behind it, or with `newer` before it."""

    awarded_at: datetime
    award_id: UUID
    newer: bool = False


class Page(NamedTuple):
    """Awards, the latest first, and whether there are newer and older ones."""

    awards: tuple[AwardRow, ...]
    newer: bool
    older: bool


def search(
    session: Connection,
    *,
    workspace_id: int,
    sought: Sought,
    beside: Beside | None,
    limit: int,
) -> Page:
    """A page of the awards that are looked for, revoked ones too; but not what was undone.

    Every viewer of it may see everything: private awards are among them.
    """
    newer = beside is not None and beside.newer
    if sought.recipient_id or sought.giver_id or sought.by_laurel or sought.badge_id:
        statement = _statement(workspace_id, sought, beside).limit(limit + 1)
        rows = list(session.execute(statement))
    else:
        rows = _in_order(session, workspace_id, sought, beside, limit + 1)
    more, found = len(rows) > limit, [AwardRow._make(row) for row in rows[:limit]]
    if newer:
        return Page(tuple(reversed(found)), newer=more, older=True)
    return Page(tuple(found), newer=beside is not None, older=more)


def by_id(session: Connection, *, workspace_id: int, award_id: UUID) -> AwardRow | None:
    """One award by its own id."""
    row = session.execute(
        select(*COLUMNS).where(_award.c.workspace_id == workspace_id, _award.c.id == award_id)
    ).one_or_none()
    return AwardRow._make(row) if row else None


def _statement(workspace_id: int, sought: Sought, beside: Beside | None) -> Select[Any]:
    """By the index of whichever is asked for that has the fewest awards; the others are looked at."""
    wanted: list[tuple[Any, UUID | None]] = []
    if sought.recipient_id is not None:
        wanted.append((_award.c.recipient_id, sought.recipient_id))
    if sought.giver_id is not None or sought.by_laurel:
        wanted.append((_award.c.giver_id, sought.giver_id))
    if sought.badge_id is not None:
        wanted.append((_award.c.badge_id, sought.badge_id))
    conditions = [column == value for column, value in wanted[:1]]
    conditions += [_Aside(column) == value for column, value in wanted[1:]]
    if sought.since is not None:
        conditions.append(_award.c.awarded_at >= sought.since)
    if sought.until is not None:
        conditions.append(_award.c.awarded_at < sought.until)
    if beside is not None:
        conditions.append(_beyond(beside))
        if wanted:  # tells the index where to begin
            at = _award.c.awarded_at
            conditions.append(at >= beside.awarded_at if beside.newer else at <= beside.awarded_at)
    order = [_award.c.awarded_at.desc(), _award.c.id.desc()]
    if beside is not None and beside.newer:
        order = [_award.c.awarded_at.asc(), _award.c.id.asc()]
    return (
        select(*COLUMNS)
        .where(_award.c.workspace_id == workspace_id, _award.c.undone.is_(False), *conditions)
        .order_by(*order)
    )


def _beyond(beside: Beside) -> ColumnElement[bool]:
    at, id_ = _award.c.awarded_at, _award.c.id
    if beside.newer:
        same = and_(at == beside.awarded_at, id_ > beside.award_id)
        return or_(at > beside.awarded_at, same)
    same = and_(at == beside.awarded_at, id_ < beside.award_id)
    return or_(at < beside.awarded_at, same)


def _in_order(
    session: Connection, workspace_id: int, sought: Sought, beside: Beside | None, limit: int
) -> list[Row[Any]]:
    """At least so many awards, if there are, whatever they are; each from the next time there is one.

    No index knows all awards by their time. Those of each badge are known so, hence it is quickly
    found when the next one was, and what is within a day of that.
    """
    newer = beside is not None and beside.newer
    # The times come with each span: of two bounds SQLite might take the wider one.
    statement = _statement(workspace_id, Sought(), beside)
    first, last = sought.since or _FIRST, sought.until or _LAST
    if beside is not None and newer:
        first = max(first, beside.awarded_at)
    elif beside is not None:
        last = min(last, beside.awarded_at + _MOMENT)
    rows: list[Row[Any]] = []
    while len(rows) < limit:
        at = _next(session, workspace_id, first, last, newer=newer)
        if at is None:
            break
        span = (at, min(last, at + _SPAN)) if newer else (max(first, at - _SPAN), at + _MOMENT)
        rows += session.execute(_in_span(statement, workspace_id, span).limit(limit - len(rows)))
        first, last = (span[1], last) if newer else (first, span[0])
    return rows


def _next(
    session: Connection, workspace_id: int, first: datetime, last: datetime, *, newer: bool
) -> datetime | None:
    """When the first (`newer`) or else the latest award was, from `first` on and before `last`."""
    at = _award.c.awarded_at
    of_badge = (
        select(at)
        .where(
            _award.c.workspace_id == workspace_id,
            _award.c.badge_id == _badge.c.id,
            at >= first,
            at < last,
        )
        .order_by(at.asc() if newer else at.desc())
        .limit(1)
        .correlate(_badge)
        .scalar_subquery()
    )
    every = select(of_badge.label("at")).where(_badge.c.workspace_id == workspace_id).subquery()
    found = select(func.min(every.c.at) if newer else func.max(every.c.at))
    when: datetime | None = session.execute(found).scalar_one()
    return when


def _in_span(
    statement: Select[Any], workspace_id: int, span: tuple[datetime, datetime]
) -> Select[Any]:
    """The same within a time, its end not included, by the index of each badge's awards."""
    badges = select(_badge.c.id).where(_badge.c.workspace_id == workspace_id)
    return statement.where(
        _award.c.badge_id.in_(badges),
        _award.c.awarded_at >= span[0],
        _award.c.awarded_at < span[1],
    )


class _Aside(ColumnElement[Any]):
    """A column that SQLite looks up no index for; PostgreSQL knows by itself which is best."""

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        self.column = column
        self.type = column.type


@compiles(_Aside)
def _plain(element: _Aside, compiler: Any, **how: Any) -> str:
    return str(compiler.process(element.column, **how))


@compiles(_Aside, "sqlite")
def _unindexed(element: _Aside, compiler: Any, **how: Any) -> str:
    return f"+{compiler.process(element.column, **how)}"
