"""Everything that is kept of one person: to hand it to them, and to forget it."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlmodel import SQLModel

from storage import requests
from storage import settings as kept_settings
from storage.awards import COLUMNS, AwardRow
from storage.tables import (
    AuditEntry,
    Award,
    Badge,
    BadgeVersion,
    Bulk,
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
_identity = table_of(PersonIdentity)
_award = table_of(Award)
_badge = table_of(Badge)
_version = table_of(BadgeVersion)
_evidence = table_of(Evidence)
_delivery = table_of(Delivery)
_spell = table_of(ServiceSpell)
_leave = table_of(Leave)
_employment = table_of(Employment)
_milestone = table_of(Milestone)
_preference = table_of(Preference)
_member = table_of(UserGroupMember)
_audit = table_of(AuditEntry)
_bulk = table_of(Bulk)

_ERASED = "erased:"  # begins the settings' keys that say who was erased
NAMELESS = "Someone"  # whom nothing is known of any more

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

    Of awards they gave, what the recipient decided for themselves (hidden) is left out; of what they
    did for the workspace, only that they did something of the kind.
    """
    found = {"person": _rows(session, _person, _mine(_person, "id", workspace_id, person_id))}
    for name, model in _THEIRS.items():
        table = table_of(model)
        found[name] = _rows(session, table, _mine(table, "person_id", workspace_id, person_id))
    spells = [one["id"] for one in found["service"]]
    found["leave"] = _rows(
        session, _leave, and_(_leave.c.workspace_id == workspace_id, _leave.c.spell_id.in_(spells))
    )
    found["awards_received"] = _awards(session, workspace_id, _award.c.recipient_id == person_id)
    found["awards_given"] = _awards(session, workspace_id, _award.c.giver_id == person_id)
    for award in found["awards_given"]:
        del award["hidden"]
    found["evidence"] = _rows(
        session, _evidence, _mine_of(workspace_id, [a["id"] for a in found["awards_received"]])
    )
    found["requests"] = requests.asked_by(session, workspace_id=workspace_id, person_id=person_id)
    found["messages"] = _rows(
        session,
        _delivery,
        _mine(_delivery, "person_id", workspace_id, person_id),
        only=("kind", "state", "created_at", "sent_at"),
    )
    found["actions"] = _rows(
        session,
        _audit,
        _mine(_audit, "actor_id", workspace_id, person_id),
        only=("at", "action"),
    )
    return found


def _mine(table: Table, column: str, workspace_id: int, person_id: UUID) -> ColumnElement[bool]:
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
    "revoke_reason",
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


def forget(
    session: Connection,
    *,
    workspace_id: int,
    person_id: UUID,
    called: Sequence[str],
    told: Sequence[AwardRow],
    remembered: str,
    now: datetime,
) -> bool:
    """Forget who a person was; their awards stay, as someone's. False: they were forgotten before.

    `told` is what `posts_about` found.

    `remembered` is what they are recognised by should Slack tell of them again, which says nothing.

    What was written about them goes, and so does what they are `called` in anybody's reason; the
    reasons that they gave to others stay with those.
    """
    erased = session.execute(
        update(_person)
        .where(_mine(_person, "id", workspace_id, person_id), _person.c.erased_at.is_(None))
        .values(
            name=NAMELESS,
            timezone=None,
            locale=None,
            active=False,
            guest=False,
            bot=False,
            slack_admin=False,
            stranger=False,
            left_at=None,
            erased_at=now,
            updated_at=now,
        )
    )
    if not erased.rowcount:
        return False
    if remembered:
        kept_settings.put(
            session, workspace_id=workspace_id, key=f"{_ERASED}{remembered}", value="", now=now
        )
    _forget_awards(session, workspace_id, person_id)
    _forget_mentions(session, workspace_id, called, told)
    _forget_service(session, workspace_id, person_id)
    for table in (_identity, _member, _preference):
        session.execute(delete(table).where(_mine(table, "person_id", workspace_id, person_id)))
    _forget_plans(session, workspace_id, person_id, called)
    return True


def _forget_awards(session: Connection, workspace_id: int, person_id: UUID) -> None:
    received = _mine(_award, "recipient_id", workspace_id, person_id)
    session.execute(
        delete(_evidence).where(
            _evidence.c.workspace_id == workspace_id,
            _evidence.c.award_id.in_(select(_award.c.id).where(received)),
        )
    )
    session.execute(update(_award).where(received).values(reason=""))
    session.execute(
        update(_award).where(received, _award.c.revoke_reason.is_not(None)).values(revoke_reason="")
    )


def _forget_mentions(
    session: Connection, workspace_id: int, called: Sequence[str], told: Sequence[AwardRow]
) -> None:
    # Found once, and not by each of these: to look through all reasons takes a while.
    for row in told:
        both = row.reason, row.revoke_reason or ""
        if any(words in said for said in both for words in called):
            for column in (_award.c.reason, _award.c.revoke_reason):
                session.execute(
                    update(_award)
                    .where(_award.c.workspace_id == workspace_id, _award.c.id == row.id)
                    .values({column.name: _without(column, called)})
                )


def _without(column: ColumnElement[str], called: Sequence[str]) -> ColumnElement[str]:
    for words in called:
        column = func.replace(column, words, NAMELESS.lower())
    return column


def _forget_plans(
    session: Connection, workspace_id: int, person_id: UUID, called: Sequence[str]
) -> None:
    """Awards to many: what waits to be confirmed goes with them, what is under way names nobody."""
    ours = _bulk.c.workspace_id == workspace_id
    theirs = or_(_bulk.c.giver_id == person_id, _bulk.c.plan.contains(person_id.hex))
    session.execute(delete(_bulk).where(ours, _bulk.c.state == "planned", theirs))
    as_json = [json.dumps(words, ensure_ascii=False)[1:-1] for words in called]
    session.execute(
        update(_bulk).where(ours, _bulk.c.plan != "").values(plan=_without(_bulk.c.plan, as_json))
    )


def _forget_service(session: Connection, workspace_id: int, person_id: UUID) -> None:
    of_person = select(_spell.c.id).where(_mine(_spell, "person_id", workspace_id, person_id))
    session.execute(
        delete(_milestone).where(_mine(_milestone, "person_id", workspace_id, person_id))
    )
    session.execute(
        delete(_leave).where(
            _leave.c.workspace_id == workspace_id, _leave.c.spell_id.in_(of_person)
        )
    )
    session.execute(delete(_spell).where(_mine(_spell, "person_id", workspace_id, person_id)))
    session.execute(
        delete(_employment).where(_mine(_employment, "person_id", workspace_id, person_id))
    )
    session.execute(
        update(_employment)
        .where(_mine(_employment, "manager_id", workspace_id, person_id))
        .values(manager_id=None)
    )


def posts_about(
    session: Connection, *, workspace_id: int, person_id: UUID, called: Sequence[str]
) -> list[AwardRow]:
    """The awards whose feed post or direct messages may name the person."""
    named = [
        column.contains(words, autoescape=True)
        for column in (_award.c.reason, _award.c.revoke_reason)
        for words in called
    ]
    theirs = or_(_award.c.recipient_id == person_id, _award.c.giver_id == person_id)
    rows = session.execute(
        select(*COLUMNS).where(_award.c.workspace_id == workspace_id, or_(theirs, *named))
    )
    return [AwardRow._make(row) for row in rows]


def erased_among(
    session: Connection, *, workspace_id: int, remembered: Collection[str]
) -> frozenset[str]:
    """Those of these by whom an erased person is recognised."""
    keys = [f"{_ERASED}{one}" for one in remembered]
    found = kept_settings.present(session, workspace_id=workspace_id, keys=keys)
    return frozenset(key.removeprefix(_ERASED) for key in found)


def left_before(
    session: Connection, *, workspace_id: int, before: datetime, limit: int
) -> list[UUID]:
    """People who left before then and are not forgotten yet.

    Somebody who never was in Slack left when the last of their employments ended.
    """
    in_slack = exists().where(
        _identity.c.workspace_id == _person.c.workspace_id,
        _identity.c.person_id == _person.c.id,
        _identity.c.kind == "slack",
    )
    spells = and_(
        _spell.c.workspace_id == _person.c.workspace_id, _spell.c.person_id == _person.c.id
    )
    ended = and_(
        ~in_slack,
        exists().where(spells),
        ~exists().where(
            spells, or_(_spell.c.ended_on.is_(None), _spell.c.ended_on >= before.date())
        ),
    )
    rows = session.execute(
        select(_person.c.id)
        .where(
            _person.c.workspace_id == workspace_id,
            _person.c.erased_at.is_(None),
            or_(_person.c.left_at < before, ended),
        )
        .limit(limit)
    )
    return list(rows.scalars())


def reminders_about(session: Connection, *, workspace_id: int, person_id: UUID) -> list[str]:
    """The keys of what managers were reminded of about the person's anniversaries."""
    spells = session.execute(
        select(_spell.c.id).where(_mine(_spell, "person_id", workspace_id, person_id))
    ).scalars()
    about = [_delivery.c.subject.startswith(f"{spell.hex}:") for spell in spells]
    if not about:
        return []
    rows = session.execute(
        select(_delivery.c.key).where(
            _delivery.c.workspace_id == workspace_id,
            _delivery.c.kind == "remind",
            _delivery.c.message_ts.is_not(None),
            or_(*about),
        )
    )
    return list(rows.scalars())


def set_awarders(session: Connection, *, workspace_id: int, badge_id: UUID, awarders: str) -> None:
    """Name who may award a badge, in the grammar of LAUREL_AWARDERS."""
    session.execute(
        update(_badge)
        .where(_badge.c.workspace_id == workspace_id, _badge.c.id == badge_id)
        .values(awarders=awarders)
    )


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
