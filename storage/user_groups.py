"""Who is in Slack's user groups, as far as anybody asked."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, insert, select

from storage import settings
from storage.people import PersonRow, in_slack
from storage.tables import Person, UserGroupMember, table_of

_person = table_of(Person)
_member = table_of(UserGroupMember)
_among = select(_member.c.group_id).where(
    _member.c.workspace_id == bindparam("workspace_id"),
    _member.c.person_id == bindparam("person_id"),
    _member.c.group_id.in_(bindparam("groups", expanding=True)),
)


def save(
    session: Connection, *, workspace_id: int, group_id: str, members: Collection[UUID]
) -> None:
    """Make these people, and nobody else, the members of a user group."""
    settings.lock(session, workspace_id=workspace_id)  # for who just does the same
    session.execute(
        delete(_member).where(
            _member.c.workspace_id == workspace_id, _member.c.group_id == group_id
        )
    )
    if members:
        session.execute(
            insert(_member),
            [
                {"workspace_id": workspace_id, "group_id": group_id, "person_id": person_id}
                for person_id in sorted(set(members))
            ],
        )


def members(session: Connection, *, workspace_id: int, group_id: str) -> list[PersonRow]:
    """The people of a user group, as last heard from Slack, by name."""
    rows = session.execute(
        in_slack.where(
            _member.c.workspace_id == workspace_id,
            _member.c.group_id == group_id,
            _person.c.workspace_id == _member.c.workspace_id,
            _person.c.id == _member.c.person_id,
        ).order_by(_person.c.name, _person.c.id)
    )
    return [PersonRow._make(row) for row in rows]


def of_person(
    session: Connection, *, workspace_id: int, person_id: UUID, among: Collection[str]
) -> frozenset[str]:
    """Which of these user groups a person is a member of."""
    if not among:
        return frozenset()
    rows = session.execute(
        _among, {"workspace_id": workspace_id, "person_id": person_id, "groups": sorted(among)}
    )
    return frozenset(row[0] for row in rows)
