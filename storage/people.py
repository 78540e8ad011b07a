"""People and how the outside knows them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Connection,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from storage.preferences import NEW_AWARDS
from storage.prepared import Query
from storage.questions import Question, ask
from storage.tables import Person, PersonIdentity, Preference, Request, table_of
from storage.types import new_id

_person = table_of(Person)
_identity = table_of(PersonIdentity)
_preference = table_of(Preference)
_request = table_of(Request)


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
    awaited: bool = False  # a request for a badge for them waits


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
    updated: int = 0  # Slack's time of the last change, in seconds; 0: it does not say


_SAID = ("name", "timezone", "locale", "active", "guest", "bot", "slack_admin", "stranger")
_hides_new = exists().where(
    _preference.c.workspace_id == _person.c.workspace_id,
    _preference.c.person_id == _person.c.id,
    _preference.c.key == NEW_AWARDS,
    _preference.c.value == "hidden",
)
# Beside who somebody is, because to ask for it by itself would be a statement of every award.
_awaited = exists().where(
    _request.c.workspace_id == _person.c.workspace_id,
    _request.c.recipient_id == _person.c.id,
    text("request.state = 'open'"),  # spelled as the index has it
)
_columns = (
    _person.c.id,
    _identity.c.value,
    *(_person.c[name] for name in _SAID),
    _hides_new,
    _awaited,
)
_same_person = and_(
    _identity.c.workspace_id == _person.c.workspace_id, _identity.c.person_id == _person.c.id
)
in_slack = select(*_columns).where(_same_person, _identity.c.kind == "slack")  # PersonRows
_by_slack = Query(
    in_slack.where(
        _identity.c.workspace_id == bindparam("workspace_id"),
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


def of_slack_ids(
    *, workspace_id: int, slack_ids: Collection[str]
) -> Question[dict[str, PersonRow]]:
    """Asks for the known ones among these Slack users, by Slack id."""
    values = {"workspace_id": workspace_id, "slack_ids": sorted(set(slack_ids))}
    return Question(_by_slack, values, lambda rows: {row[1]: PersonRow._make(row) for row in rows})


def by_slack_ids(
    session: Connection, *, workspace_id: int, slack_ids: Collection[str]
) -> dict[str, PersonRow]:
    """The known ones among these Slack users, by Slack id."""
    return ask(session, of_slack_ids(workspace_id=workspace_id, slack_ids=slack_ids))


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


def known_as(session: Connection, *, workspace_id: int, value: str) -> UUID | None:
    """Who is known by this e-mail address, Slack id or employee number; None: nobody, or several."""
    rows = session.execute(
        select(_identity.c.person_id)
        .where(
            _identity.c.workspace_id == workspace_id,
            or_(
                _identity.c.value == value.strip(),
                and_(_identity.c.kind == "email", _identity.c.value == value.strip().lower()),
            ),
        )
        .distinct()
        .limit(2)
    )
    found = list(rows.scalars())
    return found[0] if len(found) == 1 else None


def news(
    session: Connection,
    *,
    workspace_id: int,
    profiles: Sequence[Profile],
    asked: datetime | None = None,
) -> list[Profile]:
    """Those of these profiles than which nothing newer is known.

    What Slack told by itself is as old as it says; what it was asked for, at `asked`, is older than
    whatever was saved since. Of the people, nobody else can save anything until the end of this transaction.
    """
    rows = session.execute(
        select(_identity.c.value, _person.c.slack_updated, _person.c.updated_at)
        .where(
            _same_person,
            _identity.c.kind == "slack",
            _identity.c.workspace_id == workspace_id,
            _identity.c.value.in_([profile.slack_id for profile in profiles]),
        )
        .order_by(_person.c.id)
        .with_for_update(of=_person, key_share=True)
    )
    known = {row[0]: (row[1], row[2]) for row in rows}

    def is_news(profile: Profile) -> bool:
        if profile.slack_id not in known:
            return True
        told, saved = known[profile.slack_id]
        if asked is not None:
            return bool(saved <= asked)
        return not profile.updated or profile.updated >= told

    return [profile for profile in profiles if is_news(profile)]


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
    taken = _known_to_slack(session, workspace_id, set(emails.values()))
    result: list[PersonRow] = []
    created: list[PersonRow] = []
    changed: list[PersonRow] = []
    identities: list[tuple[str, str, UUID]] = []
    updated: dict[UUID, int] = {}
    for profile in profiles:
        email = profile.email.strip().lower() if profile.email else None
        before = known.get(profile.slack_id)
        person_id = before.id if before else emails.get(email or "")
        if before is None and person_id in taken:
            person_id = None
        rows = created if person_id is None else changed
        said = [getattr(profile, name) for name in _SAID]
        kept = before[-2:] if before else ()  # what Slack says nothing of
        row = PersonRow(person_id or new_id(now), profile.slack_id, *said, *kept)
        rows.append(row)
        updated[row.id] = profile.updated
        result.append(row)
        if before is None:
            identities.append(("slack", profile.slack_id, row.id))
            known[profile.slack_id] = row
            taken.add(row.id)
        if email and email not in emails:
            identities.append(("email", email, row.id))
            emails[email] = row.id
    _create(session, workspace_id, created, updated, now)
    _change(session, workspace_id, changed, updated, now)
    _identify(session, workspace_id, identities)
    return result


def _create(
    session: Connection,
    workspace_id: int,
    rows: Sequence[PersonRow],
    updated: Mapping[UUID, int],
    now: datetime,
) -> None:
    if rows:
        session.execute(
            insert(_person),
            [
                {
                    "workspace_id": workspace_id,
                    "id": row.id,
                    "updated_at": now,
                    "slack_updated": updated[row.id],
                    "left_at": None if row.active or row.stranger else now,
                    **{name: getattr(row, name) for name in _SAID},
                }
                for row in rows
            ],
        )


def _change(
    session: Connection,
    workspace_id: int,
    rows: Sequence[PersonRow],
    updated: Mapping[UUID, int],
    now: datetime,
) -> None:
    if rows:
        session.execute(
            _update_person,
            [
                {
                    "of_workspace": workspace_id,
                    "of_person": row.id,
                    "new_updated_at": now,
                    "new_slack_updated": updated[row.id],
                    **{f"new_{name}": getattr(row, name) for name in _SAID},
                }
                for row in rows
            ],
        )


def _said(name: str) -> BindParameter[bool]:
    return bindparam(f"new_{name}", type_=_person.c[name].type)


_update_person = (
    update(_person)
    .where(
        _person.c.workspace_id == bindparam("of_workspace"),
        _person.c.id == bindparam("of_person"),
        _person.c.erased_at.is_(None),  # not even since they were read
    )
    .values(
        {name: bindparam(f"new_{name}") for name in (*_SAID, "updated_at")}
        # Where Slack did not say how old its news are, what it said before stays.
        | {
            "slack_updated": func.coalesce(
                func.nullif(bindparam("new_slack_updated", type_=_person.c.slack_updated.type), 0),
                _person.c.slack_updated,
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


def _identify(
    session: Connection, workspace_id: int, identities: Sequence[tuple[str, str, UUID]]
) -> None:
    if identities:
        session.execute(
            insert(_identity),
            [
                {"workspace_id": workspace_id, "kind": kind, "value": value, "person_id": person_id}
                for kind, value, person_id in identities
            ],
        )


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


def _known_to_slack(session: Connection, workspace_id: int, ids: Collection[UUID]) -> set[UUID]:
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


_locked = Query(
    select(_person.c.id)
    .where(
        _person.c.workspace_id == bindparam("workspace_id"),
        _person.c.id.in_(bindparam("ids", expanding=True)),
    )
    .order_by(_person.c.id)  # two that lock the same people would else wait for each other
    .with_for_update(key_share=True)
)


def lock(session: Connection, *, workspace_id: int, ids: Collection[UUID]) -> None:
    """Make others who lock one of these people wait for the end of this transaction.

    Awards to them are written meanwhile. On SQLite there is but one writer anyway.
    """
    if ids and session.dialect.name != "sqlite":
        _locked.rows(session, {"workspace_id": workspace_id, "ids": ids})
