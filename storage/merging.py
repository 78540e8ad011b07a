"""One person who was kept as two: known by e-mail from an HR file, and apart from that in Slack."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Column, Connection, and_, case, delete, func, literal, or_, select, update
from sqlmodel import SQLModel

from storage import bulk, directory
from storage.people import Profile, by_slack_ids
from storage.tables import (
    AuditEntry,
    Award,
    Delivery,
    Employment,
    Person,
    PersonIdentity,
    Preference,
    UserGroupMember,
    table_of,
)

_person = table_of(Person)
_identity = table_of(PersonIdentity)
_award = table_of(Award)
_employment = table_of(Employment)
_preference = table_of(Preference)
_member = table_of(UserGroupMember)


def _referring() -> list[Column[UUID]]:
    """Every column that names a person, but for those by which rows are told apart."""
    found = [
        element.parent
        for table in SQLModel.metadata.tables.values()
        for constraint in table.foreign_key_constraints
        for element in constraint.elements
        if element.column is _person.c.id and not element.parent.primary_key
    ]
    others = (_award.c.giver_id, _award.c.revoked_by)
    told = table_of(Delivery).c.person_id, table_of(AuditEntry).c.actor_id
    return [*found, *others, *told]


def twofold(
    session: Connection, *, workspace_id: int, profiles: Collection[Profile]
) -> list[tuple[UUID, UUID]]:
    """Whom Slack now says to be known under an e-mail address apart: the one in Slack, the other."""
    said = {one.slack_id: one.email.strip().lower() for one in profiles if one.email}
    if not said:
        return []
    mine = by_slack_ids(session, workspace_id=workspace_id, slack_ids=list(said))
    by_email = directory.by_identities(
        session, workspace_id=workspace_id, kind="email", values=sorted(set(said.values()))
    )
    pairs = {
        by_email[said[slack_id]]: person.id
        for slack_id, person in mine.items()
        if by_email.get(said[slack_id], person.id) != person.id
    }
    known = directory.known(session, workspace_id=workspace_id, person_ids=list(pairs))
    # A second Slack user with the same address is somebody else.
    return [(pairs[other], other) for other, row in known.items() if not row.slack_id]


def merge(session: Connection, *, workspace_id: int, person_id: UUID, other_id: UUID) -> None:
    """Have one person all that is kept of the other, who is no more."""
    _one_of_each_held(session, workspace_id, person_id, other_id)
    for column in (*_referring(), _identity.c.person_id):
        session.execute(
            update(column.table)
            .where(column.table.c.workspace_id == workspace_id, column == other_id)
            .values({column.name: person_id})
        )
    _move_unless_there(session, workspace_id, person_id, other_id)
    bulk.rename_person(session, workspace_id=workspace_id, person_id=person_id, other_id=other_id)
    session.execute(
        delete(_person).where(_person.c.workspace_id == workspace_id, _person.c.id == other_id)
    )


def _one_of_each_held(
    session: Connection, workspace_id: int, person_id: UUID, other_id: UUID
) -> None:
    """Of what is held once and both hold, take back the other's; the rest becomes the person's."""
    theirs = _award.alias("theirs")
    badge = func.substr(_award.c.held_key, len(other_id.hex) + 1)
    moved = literal(person_id.hex) + badge
    twice = (
        select(theirs.c.id)
        .where(theirs.c.workspace_id == workspace_id, theirs.c.held_key == moved)
        .exists()
    )
    session.execute(
        update(_award)
        .where(
            _award.c.workspace_id == workspace_id,
            _award.c.recipient_id == other_id,
            _award.c.held_key.is_not(None),
        )
        .values(
            held_key=case((twice, None), else_=moved),
            undone=or_(_award.c.undone, twice),
            revoked_at=case((twice, _award.c.awarded_at), else_=_award.c.revoked_at),
        )
    )


def _move_unless_there(
    session: Connection, workspace_id: int, person_id: UUID, other_id: UUID
) -> None:
    """What is kept once a person: the person's own goes before the other's."""
    for table, key in ((_employment, None), (_preference, "key"), (_member, "group_id")):
        own = table.alias("own")
        same = and_(own.c.workspace_id == workspace_id, own.c.person_id == person_id)
        if key is not None:
            same = and_(same, own.c[key] == table.c[key])
        of_other = and_(table.c.workspace_id == workspace_id, table.c.person_id == other_id)
        session.execute(delete(table).where(of_other, select(own.c.person_id).where(same).exists()))
        session.execute(update(table).where(of_other).values(person_id=person_id))
