"""Service spells: who was employed from when to when."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from storage import people
from storage.copying import Copy
from storage.prepared import Query
from storage.tables import Leave, ServiceSpell, table_of

_spell = table_of(ServiceSpell)
_leave = table_of(Leave)

_LOCK = 0x7370656C  # "spel", of PostgreSQL's advisory locks those that are about spells
CHOICE = "anniversaries"  # the preference in which a person says who is to be told
LOOK_NOW = date.min  # as `next_on`: it is new or was changed, and has to be looked at


class SpellRow(NamedTuple):
    """One employment as stored; `leave` are first and last days without service."""

    id: UUID
    person_id: UUID
    started_on: date
    ended_on: date | None
    source: str
    entered_at: datetime
    next_on: date | None
    leave: tuple[tuple[date, date], ...] = ()


class NewSpell(NamedTuple):
    """A spell about to be written."""

    id: UUID
    person_id: UUID
    started_on: date
    ended_on: date | None


def number(session: Connection, *, workspace_id: int) -> int:
    """How many spells there are."""
    counted = (
        select(func.count())
        .select_from(_spell)
        .where(_spell.c.workspace_id == workspace_id, _spell.c.removed_at.is_(None))
    )
    return int(session.execute(counted).scalar_one())


_spell_columns = (
    _spell.c.id,
    _spell.c.person_id,
    _spell.c.started_on,
    _spell.c.ended_on,
    _spell.c.source,
    _spell.c.entered_at,
    _spell.c.next_on,
)
_all_of = (
    select(*_spell_columns)
    .where(
        _spell.c.workspace_id == bindparam("workspace_id"),
        _spell.c.person_id.in_(bindparam("people", expanding=True)),
        _spell.c.removed_at.is_(None),
    )
    .order_by(_spell.c.started_on, _spell.c.id)
)
_spells_of, _spells_locked = Query(_all_of), Query(_all_of.with_for_update())
_leave_of = Query(
    select(_leave.c.spell_id, _leave.c.first_on, _leave.c.last_on).where(
        _leave.c.workspace_id == bindparam("workspace_id"),
        _leave.c.spell_id.in_(bindparam("spells", expanding=True)),
    )
)


def of_people(
    session: Connection, *, workspace_id: int, person_ids: Collection[UUID], lock: bool = False
) -> dict[UUID, list[SpellRow]]:
    """The spells that count of these people, the earliest first, by person.

    `lock`: for whoever writes others in their place; the people are locked too, for while somebody
    has no spell there is none to be locked. Waits for who writes those of many (`lock_all`).
    """
    if not person_ids:
        return {}
    if lock:
        _lock(session, "pg_advisory_xact_lock_shared", workspace_id)
        people.lock(session, workspace_id=workspace_id, ids=person_ids)
    rows = (_spells_locked if lock else _spells_of).rows(
        session, {"workspace_id": workspace_id, "people": person_ids}
    )
    leave: dict[UUID, list[tuple[date, date]]] = {}
    if rows:
        found = _leave_of.rows(
            session, {"workspace_id": workspace_id, "spells": [row[0] for row in rows]}
        )
        for spell_id, first, last in found:
            leave.setdefault(spell_id, []).append((first, last))
    spells: dict[UUID, list[SpellRow]] = {}
    for row in rows:
        spell = SpellRow._make((*row, tuple(sorted(leave.get(row[0], ())))))
        spells.setdefault(spell.person_id, []).append(spell)
    return spells


def lock_all(session: Connection, *, workspace_id: int) -> None:
    """Make whoever enters dates of anybody wait for the end of this transaction.

    For writing those of many: the people themselves are awarded and saved meanwhile.
    """
    _lock(session, "pg_advisory_xact_lock", workspace_id)


def _lock(session: Connection, how: str, workspace_id: int) -> None:
    if session.dialect.name != "sqlite":  # which has but one writer
        session.execute(select(getattr(func, how)(_LOCK, workspace_id)))


def person_of(session: Connection, *, workspace_id: int, spell_id: UUID) -> UUID | None:
    """Whose spell it is, if there is such a spell and it counts."""
    return session.execute(
        select(_spell.c.person_id).where(
            _spell.c.workspace_id == workspace_id,
            _spell.c.id == spell_id,
            _spell.c.removed_at.is_(None),
        )
    ).scalar_one_or_none()


def any_spell(session: Connection, *, workspace_id: int) -> bool:
    """Whether a start date of anybody is known."""
    return bool(
        session.execute(select(exists().where(_spell.c.workspace_id == workspace_id))).scalar_one()
    )


_add_spells = Copy(
    _spell,
    (
        *("workspace_id", "source", "entered_at", "next_on"),
        *NewSpell._fields,
    ),
)
_insert_leave = insert(_leave)


def add(
    session: Connection,
    *,
    workspace_id: int,
    spells: Sequence[NewSpell],
    source: str,
    now: datetime,
) -> None:
    """Write new spells, to be looked at by the next run."""
    common = workspace_id, source, now, LOOK_NOW
    _add_spells.add(session, [(*common, *spell) for spell in spells])


_update_spell = (
    update(_spell)
    .where(_spell.c.workspace_id == bindparam("of_workspace"), _spell.c.id == bindparam("of_id"))
    .values(
        started_on=bindparam("new_start"),
        ended_on=bindparam("new_end"),
        source=bindparam("new_source"),
        entered_at=bindparam("new_entered_at"),
        next_on=LOOK_NOW,
    )
)


def change(
    session: Connection,
    *,
    workspace_id: int,
    spells: Sequence[NewSpell],
    source: str,
    now: datetime,
) -> None:
    """Give spells that are there other dates, to be looked at by the next run."""
    if spells:
        session.execute(
            _update_spell,
            [
                {
                    "of_workspace": workspace_id,
                    "of_id": spell.id,
                    "new_start": spell.started_on,
                    "new_end": spell.ended_on,
                    "new_source": source,
                    "new_entered_at": now,
                }
                for spell in spells
            ],
        )


def remove(
    session: Connection, *, workspace_id: int, spell_ids: Collection[UUID], now: datetime
) -> None:
    """Have spells that were a mistake count no more; the rows stay."""
    if spell_ids:
        session.execute(
            update(_spell)
            .where(_spell.c.workspace_id == workspace_id, _spell.c.id.in_(list(spell_ids)))
            .values(removed_at=now, next_on=None)
        )


def replace_leave(
    session: Connection, *, workspace_id: int, leave: Mapping[UUID, Iterable[tuple[date, date]]]
) -> None:
    """Make these, and no others, the days without service of each spell."""
    if not leave:
        return
    session.execute(
        delete(_leave).where(
            _leave.c.workspace_id == workspace_id, _leave.c.spell_id.in_(list(leave))
        )
    )
    rows = [
        {"workspace_id": workspace_id, "spell_id": spell_id, "first_on": first, "last_on": last}
        for spell_id, pauses in leave.items()
        for first, last in pauses
    ]
    if rows:
        session.execute(_insert_leave, rows)


def look_again(session: Connection, *, workspace_id: int, person_ids: Collection[UUID]) -> None:
    """Have every spell of these people looked at by the next run."""
    _look_again(session, workspace_id, _spell.c.person_id.in_(list(person_ids)))


def look_again_after(
    session: Connection, *, workspace_id: int, after_id: UUID, limit: int
) -> UUID | None:
    """The same of so many spells, by their ids; the last of them, or None where none come after."""
    after = and_(_spell.c.workspace_id == workspace_id, _spell.c.id > after_id)
    last: UUID | None = session.execute(
        select(_spell.c.id).where(after).order_by(_spell.c.id).offset(limit - 1).limit(1)
    ).scalar_one_or_none()
    _look_again(session, workspace_id, after if last is None else and_(after, _spell.c.id <= last))
    return last


def _look_again(session: Connection, workspace_id: int, which: ColumnElement[bool]) -> None:
    session.execute(
        update(_spell)
        .where(
            _spell.c.workspace_id == workspace_id,
            _spell.c.removed_at.is_(None),
            or_(_spell.c.next_on.is_(None), _spell.c.next_on != LOOK_NOW),
            which,
        )
        .values(next_on=LOOK_NOW)
    )
