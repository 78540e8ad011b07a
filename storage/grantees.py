"""Whom a grant means: people, user groups, people managers, as far as they are known and active."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, case, or_, select

from storage.tables import Employment, Person, PersonIdentity, UserGroupMember, table_of

_person = table_of(Person)
_identity = table_of(PersonIdentity)
_member = table_of(UserGroupMember)
_employment = table_of(Employment)


def grantees(
    session: Connection,
    *,
    workspace_id: int,
    slack_ids: Collection[str],
    groups: Collection[str],
    managers: bool,
    admins: bool,
    limit: int,
) -> list[UUID]:
    """These Slack users who are here, then members of these groups, people managers, Slack's admins."""
    of_group = select(_member.c.person_id).where(
        _member.c.workspace_id == workspace_id, _member.c.group_id.in_(list(groups))
    )
    who: list[ColumnElement[bool]] = [
        _identity.c.value.in_(list(slack_ids)),
        _person.c.id.in_(of_group),
    ]
    if managers:
        of_reports = select(_employment.c.manager_id).where(
            _employment.c.workspace_id == workspace_id, _employment.c.manager_id.is_not(None)
        )
        who.append(_person.c.id.in_(of_reports))
    if admins:
        who.append(_person.c.slack_admin.is_(True))
    rows = session.execute(
        select(_person.c.id)
        .join(
            _identity,
            and_(
                _identity.c.workspace_id == _person.c.workspace_id,
                _identity.c.person_id == _person.c.id,
                _identity.c.kind == "slack",
            ),
        )
        .where(
            _person.c.workspace_id == workspace_id,
            _person.c.active.is_(True),
            _person.c.bot.is_(False),
            or_(*who),
        )
        .order_by(case((_identity.c.value.in_(list(slack_ids)), 0), else_=1), _person.c.id)
        .limit(limit)
    )
    return list(rows.scalars())
