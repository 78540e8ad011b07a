"""What else HR says of people: who manages them, and in which country they are."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from storage.copying import Copy
from storage.prepared import Query
from storage.tables import Employment, Person, table_of
from storage.upsert import insert_for

_employment = table_of(Employment)
_person = table_of(Person)


class EmploymentRow(NamedTuple):
    """What else HR says of a person."""

    manager_id: UUID | None = None
    country: str | None = None


_of_people = Query(
    select(_employment.c.person_id, _employment.c.manager_id, _employment.c.country).where(
        _employment.c.workspace_id == bindparam("workspace_id"),
        _employment.c.person_id.in_(bindparam("people", expanding=True)),
    )
)
_manages = Query(
    select(_employment.c.person_id)
    .where(
        _employment.c.workspace_id == bindparam("workspace_id"),
        _employment.c.manager_id == bindparam("person_id"),
        _person.c.workspace_id == _employment.c.workspace_id,
        _person.c.id == _employment.c.person_id,
        _person.c.active.is_(True),
    )
    .limit(1)
)
_add = Copy(_employment, ("workspace_id", "person_id", *EmploymentRow._fields))


def of_people(
    session: Connection, *, workspace_id: int, person_ids: Collection[UUID]
) -> dict[UUID, EmploymentRow]:
    """The managers and countries that are known of these people, by person."""
    rows = _of_people.rows(session, {"workspace_id": workspace_id, "people": person_ids})
    return {row[0]: EmploymentRow(row[1], row[2]) for row in rows}


def manages_anyone(session: Connection, *, workspace_id: int, person_id: UUID) -> bool:
    """Whether HR says that somebody active has this person as their manager."""
    return bool(_manages.rows(session, {"workspace_id": workspace_id, "person_id": person_id}))


def add(session: Connection, *, workspace_id: int, rows: Mapping[UUID, EmploymentRow]) -> None:
    """Keep the same of people of whom nothing is known yet."""
    _add.add(session, [(workspace_id, person_id, *row) for person_id, row in rows.items()])


def save(session: Connection, *, workspace_id: int, rows: Mapping[UUID, EmploymentRow]) -> None:
    """Keep who manages these people and in which country they are."""
    if not rows:
        return
    statement = insert_for(session, _employment)
    values: list[dict[str, Any]] = [
        {"workspace_id": workspace_id, "person_id": person_id, **row._asdict()}
        for person_id, row in rows.items()
    ]
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["workspace_id", "person_id"],
            set_={
                "manager_id": statement.excluded.manager_id,
                "country": statement.excluded.country,
            },
        ),
        values,
    )


def team_of(session: Connection, *, workspace_id: int, manager_id: UUID) -> frozenset[UUID]:
    """Whom a person manages."""
    rows = session.execute(
        select(_employment.c.person_id).where(
            _employment.c.workspace_id == workspace_id, _employment.c.manager_id == manager_id
        )
    )
    return frozenset(rows.scalars())
