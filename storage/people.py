"""People and how the outside knows them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Connection,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from storage.prepared import Query
from storage.tables import Employment, Person, PersonIdentity, Preference, UserGroupMember, table_of
from storage.types import new_id

_person = table_of(Person)
_identity = table_of(PersonIdentity)
_member = table_of(UserGroupMember)
_preference = table_of(Preference)
_employment = table_of(Employment)


class PersonRow(NamedTuple):
    """A person as Slack and colleagues know them; `slack_id` is "" for someone not in Slack."""

    id: UUID
    slack_id: str
    name: str
    timezone: str | None
    locale: str | None
    active: bool
    guest: bool
    bot: bool
    slack_admin: bool
    stranger: bool = False  # of another workspace, met in a shared channel
    hides_new: bool = False  # new awards begin hidden on the profile


class Profile(NamedTuple):
    """What Slack says of a person."""

    slack_id: str
    name: str
    timezone: str | None = None
    locale: str | None = None
    email: str | None = None
    active: bool = True
    guest: bool = False
    bot: bool = False
    slack_admin: bool = False
    stranger: bool = False


NOTIFY = "notify"  # the preference for direct messages about badges: "on" or "off"
NEW_AWARDS = "new_awards"  # … for new awards on one's own profile: "shown" or "hidden"

_hides_new = exists().where(
    _preference.c.workspace_id == _person.c.workspace_id,
    _preference.c.person_id == _person.c.id,
    _preference.c.key == NEW_AWARDS,
    _preference.c.value == "hidden",
)
_columns = (
    _person.c.id,
    _identity.c.value,
    _person.c.name,
    _person.c.timezone,
    _person.c.locale,
    _person.c.active,
    _person.c.guest,
    _person.c.bot,
    _person.c.slack_admin,
    _person.c.stranger,
    _hides_new,
)
_same_person = and_(
    _identity.c.workspace_id == _person.c.workspace_id, _identity.c.person_id == _person.c.id
)
_by_slack = Query(
    select(*_columns).where(
        _same_person,
        _identity.c.workspace_id == bindparam("workspace_id"),
        _identity.c.kind == "slack",
        _identity.c.value.in_(bindparam("slack_ids", expanding=True)),
    )
)
_by_id = Query(
    select(*_columns)
    .select_from(_person.outerjoin(_identity, and_(_same_person, _identity.c.kind == "slack")))
    .where(
        _person.c.workspace_id == bindparam("workspace_id"),
        _person.c.id.in_(bindparam("ids", expanding=True)),
    )
)


def by_slack_ids(
    session: Connection, *, workspace_id: int, slack_ids: Collection[str]
) -> dict[str, PersonRow]:
    """The known ones among these Slack users, by Slack id."""
    rows = _by_slack.rows(
        session, {"workspace_id": workspace_id, "slack_ids": sorted(set(slack_ids))}
    )
    return {row[1]: PersonRow._make(row) for row in rows}


def by_slack_id(session: Connection, *, workspace_id: int, slack_id: str) -> PersonRow | None:
    """The person behind a Slack user id, if known."""
    return by_slack_ids(session, workspace_id=workspace_id, slack_ids=[slack_id]).get(slack_id)


def by_ids(
    session: Connection, *, workspace_id: int, ids: Collection[UUID]
) -> dict[UUID, PersonRow]:
    """These people, by their own ids."""
    rows = _by_id.rows(session, {"workspace_id": workspace_id, "ids": ids})
    return {row[0]: PersonRow(row[0], row[1] or "", *row[2:]) for row in rows}


def by_email(session: Connection, *, workspace_id: int, email: str) -> UUID | None:
    """The id of the person with this e-mail address (compared in lower case)."""
    return session.execute(
        select(_identity.c.person_id).where(
            _identity.c.workspace_id == workspace_id,
            _identity.c.kind == "email",
            _identity.c.value == email.strip().lower(),
        )
    ).scalar_one_or_none()


def save_profiles(
    session: Connection, *, workspace_id: int, profiles: Sequence[Profile], now: datetime
) -> list[PersonRow]:
    """Create or bring up to date the people of these Slack profiles, in the order given.

    Someone known only by e-mail so far (from an HR file, say) becomes known by Slack id too; but a
    second Slack user with the same address is somebody else.
    """
    known = by_slack_ids(
        session, workspace_id=workspace_id, slack_ids=[profile.slack_id for profile in profiles]
    )
    emails = _by_emails(session, workspace_id, [p.email for p in profiles if p.email])
    in_slack = _in_slack(session, workspace_id, set(emails.values()))
    created: list[dict[str, object]] = []
    identities: list[dict[str, object]] = []
    changed: list[dict[str, object]] = []
    result: list[PersonRow] = []
    for profile in profiles:
        email = profile.email.strip().lower() if profile.email else None
        before = known.get(profile.slack_id)
        person_id = before.id if before else emails.get(email or "")
        if before is None and person_id in in_slack:
            person_id = None
        values: dict[str, object] = {
            "name": profile.name,
            "timezone": profile.timezone,
            "locale": profile.locale,
            "active": profile.active,
            "guest": profile.guest,
            "bot": profile.bot,
            "slack_admin": profile.slack_admin,
            "stranger": profile.stranger,
            "updated_at": now,
        }
        if person_id is None:
            person_id = new_id(now)
            left_at = None if profile.active or profile.stranger else now
            created.append(
                {"workspace_id": workspace_id, "id": person_id, "left_at": left_at, **values}
            )
        else:
            changed.append(
                {"of_workspace": workspace_id, "of_person": person_id}
                | {f"new_{key}": value for key, value in values.items()}
            )
        row = PersonRow(
            person_id,
            profile.slack_id,
            profile.name,
            profile.timezone,
            profile.locale,
            profile.active,
            profile.guest,
            profile.bot,
            profile.slack_admin,
            profile.stranger,
            before.hides_new if before else False,
        )
        if before is None:
            identities.append(_identity_row(workspace_id, "slack", profile.slack_id, person_id))
            known[profile.slack_id] = row
            in_slack.add(person_id)
        if email and email not in emails:
            identities.append(_identity_row(workspace_id, "email", email, person_id))
            emails[email] = person_id
        result.append(row)
    if created:
        session.execute(insert(_person), created)
    if changed:
        session.execute(_update_person, changed)
    if identities:
        session.execute(insert(_identity), identities)
    return result


def _said(name: str) -> BindParameter[bool]:
    return bindparam(f"new_{name}", type_=_person.c[name].type)


_update_person = (
    update(_person)
    .where(
        _person.c.workspace_id == bindparam("of_workspace"), _person.c.id == bindparam("of_person")
    )
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in (
                "name",
                "timezone",
                "locale",
                "active",
                "guest",
                "bot",
                "slack_admin",
                "stranger",
                "updated_at",
            )
        }
        # When they were first seen deactivated; whoever comes back never left, nor does a stranger.
        | {
            "left_at": case(
                (or_(_said("active"), _said("stranger")), None),
                else_=func.coalesce(_person.c.left_at, bindparam("new_updated_at")),
            )
        }
    )
)


def _identity_row(workspace_id: int, kind: str, value: str, person_id: UUID) -> dict[str, object]:
    return {
        "workspace_id": workspace_id,
        "kind": kind,
        "value": value,
        "person_id": person_id,
    }


def _by_emails(session: Connection, workspace_id: int, emails: Collection[str]) -> dict[str, UUID]:
    if not emails:
        return {}
    rows = session.execute(
        select(_identity.c.value, _identity.c.person_id).where(
            _identity.c.workspace_id == workspace_id,
            _identity.c.kind == "email",
            _identity.c.value.in_({email.strip().lower() for email in emails}),
        )
    )
    return {row[0]: row[1] for row in rows}


def _in_slack(session: Connection, workspace_id: int, ids: Collection[UUID]) -> set[UUID]:
    """Those among these people whom Slack knows already."""
    if not ids:
        return set()
    rows = session.execute(
        select(_identity.c.person_id).where(
            _identity.c.workspace_id == workspace_id,
            _identity.c.kind == "slack",
            _identity.c.person_id.in_(ids),
        )
    )
    return set(rows.scalars())


def save_group(
    session: Connection, *, workspace_id: int, group_id: str, members: Collection[UUID]
) -> None:
    """Make these people, and nobody else, the members of a user group."""
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
        select(*_columns)
        .where(
            _same_person,
            _identity.c.kind == "slack",
            _member.c.workspace_id == workspace_id,
            _member.c.group_id == group_id,
            _person.c.workspace_id == _member.c.workspace_id,
            _person.c.id == _member.c.person_id,
        )
        .order_by(_person.c.name, _person.c.id)
    )
    return [PersonRow._make(row) for row in rows]


_groups_of = select(_member.c.group_id).where(
    _member.c.workspace_id == bindparam("workspace_id"),
    _member.c.person_id == bindparam("person_id"),
    _member.c.group_id.in_(bindparam("groups", expanding=True)),
)


def groups_among(
    session: Connection, *, workspace_id: int, person_id: UUID, groups: Collection[str]
) -> frozenset[str]:
    """Which of these user groups a person is a member of."""
    if not groups:
        return frozenset()
    rows = session.execute(
        _groups_of,
        {"workspace_id": workspace_id, "person_id": person_id, "groups": sorted(groups)},
    )
    return frozenset(row[0] for row in rows)


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


def manages_anyone(session: Connection, *, workspace_id: int, person_id: UUID) -> bool:
    """Whether HR says that somebody active has this person as their manager."""
    return bool(_manages.rows(session, {"workspace_id": workspace_id, "person_id": person_id}))


_preferred = Query(
    select(_preference.c.value).where(
        _preference.c.workspace_id == bindparam("workspace_id"),
        _preference.c.person_id == bindparam("person_id"),
        _preference.c.key == bindparam("key"),
    )
)


def count_owners(session: Connection, *, workspace_id: int, slack_ids: Collection[str]) -> int:
    """How many people are there who can act, and are Slack's admins or have one of these Slack ids."""
    return session.execute(
        select(func.count(_person.c.id.distinct())).where(
            _same_person,
            _identity.c.kind == "slack",
            _person.c.workspace_id == workspace_id,
            _person.c.active.is_(True),
            _person.c.bot.is_(False),
            or_(_person.c.slack_admin.is_(True), _identity.c.value.in_(slack_ids)),
        )
    ).scalar_one()


def who_hide_new(
    session: Connection, *, workspace_id: int, ids: Collection[UUID]
) -> frozenset[UUID]:
    """Those of these people whose new awards begin hidden on their profile."""
    if not ids:
        return frozenset()
    rows = session.execute(
        select(_preference.c.person_id).where(
            _preference.c.workspace_id == workspace_id,
            _preference.c.person_id.in_(ids),
            _preference.c.key == NEW_AWARDS,
            _preference.c.value == "hidden",
        )
    )
    return frozenset(rows.scalars())


def lock(session: Connection, *, workspace_id: int, ids: Collection[UUID]) -> None:
    """Make others who lock one of these people wait for the end of this transaction.

    Awards to them are written meanwhile. On SQLite there is but one writer anyway.
    """
    session.execute(
        select(_person.c.id)
        .where(_person.c.workspace_id == workspace_id, _person.c.id.in_(ids))
        .order_by(_person.c.id)  # two that lock the same people would else wait for each other
        .with_for_update(key_share=True)
    )


def preference(session: Connection, *, workspace_id: int, person_id: UUID, key: str) -> str | None:
    """What a person chose, or None where they chose nothing."""
    values = {"workspace_id": workspace_id, "person_id": person_id, "key": key}
    for (value,) in _preferred.rows(session, values):
        return str(value)
    return None


def save_preference(
    session: Connection, *, workspace_id: int, person_id: UUID, key: str, value: str
) -> None:
    """Keep what a person chose."""
    changed = session.execute(
        update(_preference)
        .where(
            _preference.c.workspace_id == workspace_id,
            _preference.c.person_id == person_id,
            _preference.c.key == key,
        )
        .values(value=value)
    )
    if changed.rowcount == 0:
        session.execute(
            insert(_preference).values(
                workspace_id=workspace_id, person_id=person_id, key=key, value=value
            )
        )
