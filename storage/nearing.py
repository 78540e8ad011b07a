"""Whose next milestone is near: spells in the order in which they fall due, with their people."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, exists, or_, select, update

from storage.directory import in_slack
from storage.prepared import Query
from storage.tables import (
    Employment,
    Leave,
    Person,
    PersonIdentity,
    Preference,
    ServiceSpell,
    table_of,
)
from storage.tenure import CHOICE, LOOK_NOW

_spell = table_of(ServiceSpell)
_other = _spell.alias("other")
_leave = table_of(Leave)
_person = table_of(Person)
_identity = table_of(PersonIdentity)
_employment = table_of(Employment)
_preference = table_of(Preference)

_NO_ID = UUID(int=0)


class Candidate(NamedTuple):
    """A spell with a milestone near, and what decides about its person."""

    id: UUID
    person_id: UUID
    started_on: date
    ended_on: date | None
    source: str
    entered_at: datetime
    next_on: date
    timezone: str | None
    active: bool
    guest: bool
    bot: bool
    slack_id: str | None
    country: str | None
    manager_id: UUID | None
    choice: str | None
    complex: bool  # there are other spells, mistaken ones too, or leave to be read


_of_spell = and_(
    _person.c.workspace_id == _spell.c.workspace_id, _person.c.id == _spell.c.person_id
)
_complex = or_(
    exists().where(
        _other.c.workspace_id == _spell.c.workspace_id,
        _other.c.person_id == _spell.c.person_id,
        _other.c.id != _spell.c.id,
    ),
    exists().where(
        _leave.c.workspace_id == _spell.c.workspace_id, _leave.c.spell_id == _spell.c.id
    ),
)
_everyone = (
    select(
        _spell.c.id,
        _spell.c.person_id,
        _spell.c.started_on,
        _spell.c.ended_on,
        _spell.c.source,
        _spell.c.entered_at,
        _spell.c.next_on,
        _person.c.timezone,
        _person.c.active,
        _person.c.guest,
        _person.c.bot,
        _identity.c.value,
        _employment.c.country,
        _employment.c.manager_id,
        _preference.c.value,
        _complex,
    )
    .select_from(
        _spell.join(_person, _of_spell)
        .outerjoin(
            _identity,
            in_slack,
        )
        .outerjoin(
            _employment,
            and_(
                _employment.c.workspace_id == _spell.c.workspace_id,
                _employment.c.person_id == _spell.c.person_id,
            ),
        )
        .outerjoin(
            _preference,
            and_(
                _preference.c.workspace_id == _spell.c.workspace_id,
                _preference.c.person_id == _spell.c.person_id,
                _preference.c.key == CHOICE,
            ),
        )
    )
    .where(_spell.c.workspace_id == bindparam("workspace_id"))
)
_candidates = (
    _everyone.where(
        _spell.c.next_on <= bindparam("until"),
        _spell.c.next_on >= bindparam("since"),
        or_(_spell.c.next_on > bindparam("since"), _spell.c.id > bindparam("after_id")),
    )
    .order_by(_spell.c.next_on, _spell.c.id)
    .limit(bindparam("limit"))
)
_near = Query(_candidates)
_managed = Query(
    _candidates.where(
        _employment.c.manager_id.is_not(None),
        or_(
            _spell.c.next_on >= bindparam("not_before"),
            _spell.c.entered_at >= bindparam("entered_since"),
        ),
    )
)
# What another process is at is left to it.
_claimed = Query(_candidates.with_for_update(of=_spell, skip_locked=True))


def near(
    session: Connection,
    *,
    workspace_id: int,
    until: date,
    since: date = LOOK_NOW,
    after_id: UUID = _NO_ID,
    limit: int,
    claim: bool = False,
) -> list[Candidate]:
    """Spells whose next milestone is on a day until then, those on `since` only after that id.

    `claim`: hold them until the transaction ends, without those that another one holds.
    """
    chosen = _claimed if claim else _near
    rows = chosen.rows(
        session,
        {
            "workspace_id": workspace_id,
            "until": until,
            "since": since,
            "after_id": after_id,
            "limit": limit,
        },
    )
    return [Candidate._make(row) for row in rows]


def managed(
    session: Connection,
    *,
    workspace_id: int,
    until: date,
    since: date,
    after_id: UUID,
    not_before: date,
    or_entered_since: datetime,
    limit: int,
) -> list[Candidate]:
    """The same of people whose manager is known.

    Only milestones of `not_before` and later, but of dates entered since then all of them.
    """
    rows = _managed.rows(
        session,
        {
            "workspace_id": workspace_id,
            "until": until,
            "since": since,
            "after_id": after_id,
            "not_before": not_before,
            "entered_since": or_entered_since,
            "limit": limit,
        },
    )
    return [Candidate._make(row) for row in rows]


_by_id = (
    _everyone.where(_spell.c.removed_at.is_(None), _spell.c.id > bindparam("after_id"))
    .order_by(_spell.c.id)
    .limit(bindparam("limit"))
)


def every(
    session: Connection, *, workspace_id: int, after_id: UUID = _NO_ID, limit: int
) -> list[Candidate]:
    """Spells by id, whenever their next milestone is; LOOK_NOW where they have none to come."""
    rows = session.execute(
        _by_id, {"workspace_id": workspace_id, "after_id": after_id, "limit": limit}
    )
    found = (Candidate._make(row) for row in rows)
    return [one._replace(next_on=one.next_on or LOOK_NOW) for one in found]


_near_among = _candidates.where(_spell.c.person_id.in_(bindparam("people", expanding=True)))
_MOST_SPELLS = 10_000


def near_among(
    session: Connection, *, workspace_id: int, person_ids: Collection[UUID], until: date
) -> list[Candidate]:
    """The same of these people alone, at most 10,000 spells."""
    if not person_ids:
        return []
    about = {"workspace_id": workspace_id, "until": until, "limit": _MOST_SPELLS}
    everything = {"since": LOOK_NOW, "after_id": _NO_ID, "people": list(person_ids)}
    rows = session.execute(_near_among, about | everything)
    return [Candidate._make(row) for row in rows]


_set_next = (
    update(_spell)
    .where(
        _spell.c.workspace_id == bindparam("of_workspace"),
        _spell.c.id.in_(bindparam("of_ids", expanding=True)),
    )
    .values(next_on=bindparam("new_next"))
)


def set_next(
    session: Connection, *, workspace_id: int, next_on: Mapping[UUID, date | None]
) -> None:
    """Note on which day each spell's next milestone falls; None: there is none to come."""
    together: dict[date | None, list[UUID]] = {}
    for spell_id, day in next_on.items():
        together.setdefault(day, []).append(spell_id)
    for day, ids in together.items():
        session.execute(_set_next, {"of_workspace": workspace_id, "of_ids": ids, "new_next": day})
