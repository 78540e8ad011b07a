"""Everything that is kept of one person, to hand it to them; `storage.forgetting` forgets it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    func,
    select,
)
from sqlmodel import SQLModel

from storage import requests
from storage.tables import (
    AuditEntry,
    Award,
    Badge,
    BadgeVersion,
    Delivery,
    Employment,
    Evidence,
    Leave,
    Milestone,
    Person,
    PersonIdentity,
    Preference,
    ServiceSpell,
    UserGroupMember,
    table_of,
)

Record = dict[str, Any]

_person = table_of(Person)
_award = table_of(Award)
_badge = table_of(Badge)
_version = table_of(BadgeVersion)
_evidence = table_of(Evidence)
_delivery = table_of(Delivery)
_leave = table_of(Leave)
_audit = table_of(AuditEntry)

# What is kept of a person and of nobody else, by the name it has in an export.
_THEIRS: dict[str, type[SQLModel]] = {
    "names_elsewhere": PersonIdentity,
    "user_groups": UserGroupMember,
    "preferences": Preference,
    "employment": Employment,
    "service": ServiceSpell,
    "milestones": Milestone,
}


def of_person(
    session: Connection, *, workspace_id: int, person_id: UUID
) -> dict[str, list[Record]]:
    """All rows about a person, by what they are: records with the names of the columns.

    Of awards they gave, what the recipient decided for themselves (hidden) and why others revoked them
    is left out; of messages, what was never sent; of what they did for the workspace, everything but
    that they did something of the kind.
    """
    found = {"person": _rows(session, _person, belongs(_person, "id", workspace_id, person_id))}
    for name, model in _THEIRS.items():
        table = table_of(model)
        found[name] = _rows(session, table, belongs(table, "person_id", workspace_id, person_id))
    spells = [one["id"] for one in found["service"]]
    found["leave"] = _rows(
        session, _leave, and_(_leave.c.workspace_id == workspace_id, _leave.c.spell_id.in_(spells))
    )
    found["awards_received"] = _awards(session, workspace_id, _award.c.recipient_id == person_id)
    found["awards_given"] = _awards(session, workspace_id, _award.c.giver_id == person_id)
    for award in found["awards_given"]:
        del award["hidden"]
        if award["revoked_by"] != person_id:
            del award["revoke_reason"]
    for award in (*found["awards_received"], *found["awards_given"]):
        del award["revoked_by"]
    found["evidence"] = _rows(
        session, _evidence, _mine_of(workspace_id, [a["id"] for a in found["awards_received"]])
    )
    found["requests"] = requests.asked_by(session, workspace_id=workspace_id, person_id=person_id)
    found["messages"] = _rows(
        session,
        _delivery,
        and_(belongs(_delivery, "person_id", workspace_id, person_id), _delivery.c.state == "sent"),
        only=("kind", "created_at", "sent_at"),
    )
    found["actions"] = _rows(
        session,
        _audit,
        belongs(_audit, "actor_id", workspace_id, person_id),
        only=("at", "action"),
    )
    return found


def belongs(table: Table, column: str, workspace_id: int, person_id: UUID) -> ColumnElement[bool]:
    """Whether a row's column names the person."""
    return and_(table.c.workspace_id == workspace_id, table.c[column] == person_id)


def _mine_of(workspace_id: int, award_ids: Sequence[UUID]) -> ColumnElement[bool]:
    return and_(_evidence.c.workspace_id == workspace_id, _evidence.c.award_id.in_(award_ids))


def _rows(
    session: Connection, table: Table, which: ColumnElement[bool], only: Sequence[str] = ()
) -> list[Record]:
    columns = [table.c[name] for name in only] or [
        column for column in table.columns if column.name != "workspace_id"
    ]
    rows = session.execute(select(*columns).where(which).order_by(*table.primary_key.columns))
    return [dict(row) for row in rows.mappings()]


_AWARD_FIELDS = (
    "id",
    "code",
    "reason",
    "private",
    "quiet",
    "hidden",
    "awarded_at",
    "expires_at",
    "revoked_at",
    "revoked_by",
    "revoke_reason",
    "undone",
)


def _awards(session: Connection, workspace_id: int, whose: ColumnElement[bool]) -> list[Record]:
    giver, recipient = _person.alias("giver"), _person.alias("recipient")
    rows = session.execute(
        select(
            *(_award.c[name] for name in _AWARD_FIELDS),
            _award.c.version_id,
            _badge.c.slug.label("badge"),
            _version.c.name.label("badge_name"),
            func.coalesce(giver.c.name, "Laurel").label("giver"),
            recipient.c.name.label("recipient"),
        )
        .join(_badge, _same(_badge, _award.c.badge_id))
        .join(_version, _same(_version, _award.c.version_id))
        .join(recipient, _same(recipient, _award.c.recipient_id))
        .outerjoin(giver, _same(giver, _award.c.giver_id))
        .where(_award.c.workspace_id == workspace_id, whose)
        .order_by(_award.c.awarded_at, _award.c.id)
    )
    return [dict(row) for row in rows.mappings()]


def _same(table: Any, id_: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(table.c.workspace_id == _award.c.workspace_id, table.c.id == id_)
