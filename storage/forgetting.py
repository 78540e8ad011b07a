"""Forgetting who somebody was: what that takes, and who is due for it."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Connection,
    and_,
    delete,
    exists,
    or_,
    select,
    update,
)

from storage import mentions
from storage import settings as kept_settings
from storage.awards import COLUMNS, AwardRow
from storage.belongings import belongs
from storage.outbox import is_waiting
from storage.tables import (
    Award,
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
    Setting,
    UserGroupMember,
    table_of,
)
from storage.types import first_id

_person = table_of(Person)
_identity = table_of(PersonIdentity)
_award = table_of(Award)
_evidence = table_of(Evidence)
_delivery = table_of(Delivery)
_spell = table_of(ServiceSpell)
_leave = table_of(Leave)
_employment = table_of(Employment)
_milestone = table_of(Milestone)
_preference = table_of(Preference)
_member = table_of(UserGroupMember)
_bulk = table_of(Bulk)
_setting = table_of(Setting)

_ERASED = "erased:"  # begins the settings' keys that say who was erased
_AGAIN = "erased-lately:"  # and those that say of whom something may be recorded still, by their id
NAMELESS = "Someone"  # whom nothing is known of any more
# What is recorded of somebody erased in a transaction that began before was begun so long before,
# by clocks that differ a little (a transaction waits for a minute at most, `bot.bulk.PATIENCE`).
LATELY = timedelta(minutes=3)


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

    `told` is what `posts_about` found; `remembered` is what they are recognised by should Slack tell of
    them again, which says nothing.

    What was written about them goes, and so does what they are `called` in anybody's reason; the
    reasons that they gave to others stay with those.
    """
    erased = session.execute(
        update(_person)
        .where(belongs(_person, "id", workspace_id, person_id), _person.c.erased_at.is_(None))
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
            slack_updated=0,
            erased_at=now,
            updated_at=now,
        )
    )
    if not erased.rowcount:
        return False
    kept_settings.put(
        session, workspace_id=workspace_id, key=_AGAIN + person_id.hex, value="", now=now
    )
    if remembered:
        kept_settings.put(
            session, workspace_id=workspace_id, key=f"{_ERASED}{remembered}", value="", now=now
        )
    _forget_mentions(session, workspace_id, called, told)
    _forget_plans(session, workspace_id, person_id, called)
    _forget_theirs(session, workspace_id, person_id)
    return True


def erased_lately(
    session: Connection, *, workspace_id: int, before: datetime
) -> dict[UUID, datetime]:
    """Who was erased before then, and when, of whom `forget_again` was not done since."""
    rows = session.execute(
        select(_setting.c.key, _setting.c.updated_at).where(
            _setting.c.workspace_id == workspace_id,
            _setting.c.key.startswith(_AGAIN, autoescape=True),
            _setting.c.updated_at < before,
        )
    )
    return {UUID(hex=row[0].removeprefix(_AGAIN)): row[1] for row in rows}


def forget_again(session: Connection, *, workspace_id: int, person_id: UUID) -> None:
    """Forget what others recorded of somebody while they were being erased, not knowing of that."""
    _forget_theirs(session, workspace_id, person_id)
    kept_settings.remove(session, workspace_id=workspace_id, key=_AGAIN + person_id.hex)


def _forget_theirs(session: Connection, workspace_id: int, person_id: UUID) -> None:
    """Whatever is found by the person's id alone."""
    _forget_awards(session, workspace_id, person_id)
    _forget_service(session, workspace_id, person_id)
    for table in (_identity, _member, _preference):
        session.execute(delete(table).where(belongs(table, "person_id", workspace_id, person_id)))


def _forget_awards(session: Connection, workspace_id: int, person_id: UUID) -> None:
    received = belongs(_award, "recipient_id", workspace_id, person_id)
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
        if _names(row, called):
            mentions.replace_in(
                session,
                workspace_id=workspace_id,
                columns=(_award.c.reason, _award.c.revoke_reason),
                which=_award.c.id == row.id,
                otherwise=lambda said: _without(said, called),
            )


def _names(row: AwardRow, called: Sequence[str]) -> bool:
    return any(_without(said, called) != said for said in (row.reason, row.revoke_reason or ""))


def _without(said: str, called: Sequence[str]) -> str:
    return mentions.without(said, called, NAMELESS.lower())


def _forget_plans(
    session: Connection, workspace_id: int, person_id: UUID, called: Sequence[str]
) -> None:
    """Awards to many: what waits to be confirmed goes with them, what is under way names nobody."""
    ours = _bulk.c.workspace_id == workspace_id
    theirs = or_(_bulk.c.giver_id == person_id, _bulk.c.plan.contains(person_id.hex))
    session.execute(delete(_bulk).where(ours, _bulk.c.state == "planned", theirs))
    as_json = [_dump(words)[1:-1] for words in called]
    mentions.replace_in(
        session,
        workspace_id=workspace_id,
        columns=(_bulk.c.plan,),
        which=mentions.may_have(_bulk.c.plan, as_json),
        otherwise=lambda plan: _dump(_plan_without(json.loads(plan), called)),
    )


def _plan_without(plan: Any, called: Sequence[str]) -> Any:
    """A plan, whose texts are told apart from what JSON makes of a line's end before a name."""
    match plan:
        case str():
            return _without(plan, called)
        case list():
            return [_plan_without(one, called) for one in plan]
        case dict():
            return {key: _plan_without(one, called) for key, one in plan.items()}
    return plan


def _dump(plan: Any) -> str:
    return json.dumps(plan, ensure_ascii=False, separators=(",", ":"))


def _forget_service(session: Connection, workspace_id: int, person_id: UUID) -> None:
    of_person = select(_spell.c.id).where(belongs(_spell, "person_id", workspace_id, person_id))
    session.execute(
        delete(_milestone).where(belongs(_milestone, "person_id", workspace_id, person_id))
    )
    session.execute(
        delete(_leave).where(
            _leave.c.workspace_id == workspace_id, _leave.c.spell_id.in_(of_person)
        )
    )
    session.execute(delete(_spell).where(belongs(_spell, "person_id", workspace_id, person_id)))
    session.execute(
        delete(_employment).where(belongs(_employment, "person_id", workspace_id, person_id))
    )
    session.execute(
        update(_employment)
        .where(belongs(_employment, "manager_id", workspace_id, person_id))
        .values(manager_id=None)
    )


def posts_about(
    session: Connection,
    *,
    workspace_id: int,
    person_id: UUID,
    called: Sequence[str],
    since: datetime | None = None,
) -> list[AwardRow]:
    """The awards, of those recorded since, whose feed post or direct messages may name the person."""
    named = [
        mentions.may_have(column, called) for column in (_award.c.reason, _award.c.revoke_reason)
    ]
    theirs = or_(_award.c.recipient_id == person_id, _award.c.giver_id == person_id)
    found = select(*COLUMNS).where(_award.c.workspace_id == workspace_id, or_(theirs, *named))
    if since is not None:
        found = found.where(_award.c.id >= first_id(since))
    rows = map(AwardRow._make, session.execute(found))
    return [
        row for row in rows if person_id in (row.recipient_id, row.giver_id) or _names(row, called)
    ]


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


def reminders_about(session: Connection, *, workspace_id: int, person_id: UUID) -> dict[str, str]:
    """The keys of what managers are reminded of about the person's anniversaries, and their lanes.

    Of those on their way as well: what they say was read when the person was known.
    """
    spells = session.execute(
        select(_spell.c.id).where(belongs(_spell, "person_id", workspace_id, person_id))
    ).scalars()
    about = [_delivery.c.subject.startswith(f"{spell.hex}:") for spell in spells]
    if not about:
        return {}
    rows = session.execute(
        select(_delivery.c.key, _delivery.c.lane).where(
            _delivery.c.workspace_id == workspace_id,
            _delivery.c.kind == "remind",
            or_(_delivery.c.message_ts.is_not(None), is_waiting),
            or_(*about),
        )
    )
    return {row[0]: row[1] for row in rows}
