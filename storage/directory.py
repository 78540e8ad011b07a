"""People in large numbers, by what the outside knows them by: for imports, a chunk at a time."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, exists, select, text, update

from storage.copying import Copy
from storage.prepared import Query
from storage.tables import Employment, Leave, Person, PersonIdentity, ServiceSpell, table_of

T = TypeVar("T")

CHUNK = 2_048  # rows a statement: well within what both databases bind, and quick enough for each

_person = table_of(Person)
_identity = table_of(PersonIdentity)
_spell = table_of(ServiceSpell)
_COUNTED = (
    _person,
    _identity,
    _spell,
    table_of(Leave),
    table_of(Employment),
)


class Known(NamedTuple):
    """Someone who is known; `slack_id` "": not in Slack."""

    name: str
    slack_id: str


class NewPerson(NamedTuple):
    """Someone who is not in Slack, or not yet."""

    id: UUID
    name: str


class NewIdentity(NamedTuple):
    """One more thing by which the outside knows a person; `kind`: slack, email or employee."""

    kind: str
    value: str
    person_id: UUID


_by_values = Query(
    select(_identity.c.value, _identity.c.person_id).where(
        _identity.c.workspace_id == bindparam("workspace_id"),
        _identity.c.kind == bindparam("kind"),
        _identity.c.value.in_(bindparam("values", expanding=True)),
    )
)
in_slack = and_(
    _identity.c.workspace_id == _person.c.workspace_id,
    _identity.c.person_id == _person.c.id,
    _identity.c.kind == "slack",
)
_people = Query(
    select(_person.c.id, _person.c.name, _identity.c.value)
    .select_from(_person.outerjoin(_identity, in_slack))
    .where(
        _person.c.workspace_id == bindparam("workspace_id"),
        _person.c.id.in_(bindparam("ids", expanding=True)),
    )
)
_FRESH = {
    "active": True,
    "guest": False,
    "bot": False,
    "slack_admin": False,
    "stranger": False,
    "slack_updated": 0,
}
_add_people = Copy(_person, ("workspace_id", "id", "name", "updated_at", *_FRESH))
_add_identities = Copy(_identity, ("workspace_id", "kind", "value", "person_id"))


def by_identities(
    session: Connection, *, workspace_id: int, kind: str, values: Iterable[str]
) -> dict[str, UUID]:
    """Whose e-mail addresses (in lower case), Slack ids or employee numbers these are, if known."""
    found: dict[str, UUID] = {}
    for chunk in chunks(values):
        about = {"workspace_id": workspace_id, "kind": kind, "values": chunk}
        found.update((row[0], row[1]) for row in _by_values.rows(session, about))
    return found


def known(
    session: Connection, *, workspace_id: int, person_ids: Collection[UUID]
) -> dict[UUID, Known]:
    """These people, not more than a chunk of them, by their own ids."""
    if not person_ids:
        return {}
    rows = _people.rows(session, {"workspace_id": workspace_id, "ids": person_ids})
    return {row[0]: Known(row[1], row[2] or "") for row in rows}


def names_in_slack(session: Connection, *, workspace_id: int) -> list[tuple[UUID, str]]:
    """Everybody who is active in Slack and no bot, with the name that colleagues read."""
    rows = session.execute(
        select(_person.c.id, _person.c.name)
        .join(_identity, in_slack)
        .where(
            _person.c.workspace_id == workspace_id,
            _person.c.active.is_(True),
            _person.c.bot.is_(False),
        )
    )
    return [(row[0], row[1]) for row in rows.all()]


_trusted_spell = exists().where(
    _spell.c.workspace_id == _person.c.workspace_id,
    _spell.c.person_id == _person.c.id,
    _spell.c.removed_at.is_(None),
    _spell.c.source.in_(bindparam("trusted", expanding=True)),
)
_unsettled = (
    select(_person.c.id, _identity.c.value)
    .join(
        _identity,
        in_slack,
    )
    .where(
        _person.c.workspace_id == bindparam("workspace_id"),
        _person.c.id > bindparam("after_id"),
        _person.c.active.is_(True),
        _person.c.bot.is_(False),
        ~_trusted_spell,
    )
    .order_by(_person.c.id)
    .limit(bindparam("limit"))
)


def unsettled(
    session: Connection,
    *,
    workspace_id: int,
    trusted: Collection[str],
    after_id: UUID | None,
    limit: int,
) -> list[tuple[UUID, str]]:
    """Active people after this one whose dates are not known from a trusted source, with Slack ids."""
    rows = session.execute(
        _unsettled,
        {
            "workspace_id": workspace_id,
            "trusted": list(trusted),
            "after_id": after_id or UUID(int=0),
            "limit": limit,
        },
    )
    return [(row[0], row[1]) for row in rows]


def add_people(
    session: Connection, *, workspace_id: int, people: Sequence[NewPerson], now: datetime
) -> None:
    """Keep people whom Slack has not told of."""
    fresh = tuple(_FRESH.values())
    _add_people.add(
        session, [(workspace_id, person.id, person.name, now, *fresh) for person in people]
    )


def add_identities(
    session: Connection, *, workspace_id: int, identities: Sequence[NewIdentity]
) -> None:
    """Have people known by these, too. Raises TransactionConflictError where somebody else is."""
    _add_identities.add(session, [(workspace_id, *one) for one in identities])


_rename = (
    update(_person)
    .where(
        _person.c.workspace_id == bindparam("of_workspace"), _person.c.id == bindparam("of_person")
    )
    .values(name=bindparam("new_name"), updated_at=bindparam("at"))
)


def rename(
    session: Connection, *, workspace_id: int, people: Sequence[NewPerson], now: datetime
) -> None:
    """Give people other names."""
    for chunk in chunks(people):
        session.execute(
            _rename,
            [
                {
                    "of_workspace": workspace_id,
                    "of_person": person.id,
                    "new_name": person.name,
                    "at": now,
                }
                for person in chunk
            ],
        )


def analyze(session: Connection) -> None:
    """Have PostgreSQL count again what it holds of people and their service.

    Until its autovacuum comes by, it goes by what was there before, and picks indexes accordingly.
    """
    if session.dialect.name == "postgresql":
        for table in _COUNTED:
            session.execute(text(f"ANALYZE {table.name}"))


def chunks(rows: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The rows, so many at a time."""
    left = iter(rows)
    while chunk := list(islice(left, size)):
        yield chunk
