"""Service spells: who was employed from when to when, and whose next milestone is near."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from storage.tables import (
    Employment,
    Leave,
    Person,
    PersonIdentity,
    Preference,
    ServiceSpell,
    table_of,
)
from storage.upsert import insert_for

_spell = table_of(ServiceSpell)
_other = _spell.alias("other")
_leave = table_of(Leave)
_person = table_of(Person)
_identity = table_of(PersonIdentity)
_employment = table_of(Employment)
_preference = table_of(Preference)

CHOICE = "anniversaries"  # the preference in which a person says who is to be told
LOOK_NOW = date.min  # as `next_on`: it is new or was changed, and has to be looked at
_NO_ID = UUID(int=0)


class SpellRow(NamedTuple):
    """One employment as stored; `leave` are first and last days without service."""

    id: UUID
    person_id: UUID
    started_on: date
    ended_on: date | None
    source: str
    entered_at: datetime
    next_on: date | None
    leave: tuple[tuple[date, date], ...] = ()


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


class NewSpell(NamedTuple):
    """A spell about to be written."""

    id: UUID
    person_id: UUID
    started_on: date
    ended_on: date | None


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
            and_(
                _identity.c.workspace_id == _spell.c.workspace_id,
                _identity.c.person_id == _spell.c.person_id,
                _identity.c.kind == "slack",
            ),
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
_managed = _candidates.where(_employment.c.manager_id.is_not(None))
# What another process is at is left to it.
_claimed = _candidates.with_for_update(of=_spell, skip_locked=True)


def near(
    session: Connection,
    *,
    workspace_id: int,
    until: date,
    since: date = LOOK_NOW,
    after_id: UUID = _NO_ID,
    limit: int,
    claim: bool = False,
    managed: bool = False,
) -> list[Candidate]:
    """Spells whose next milestone is on a day until then, those on `since` only after that id.

    `managed`: only of people whose manager is known. `claim`: hold them until the transaction ends,
    without those that another one holds.
    """
    rows = session.execute(
        _claimed if claim else _managed if managed else _candidates,
        {
            "workspace_id": workspace_id,
            "until": until,
            "since": since,
            "after_id": after_id,
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


def number(session: Connection, *, workspace_id: int) -> int:
    """How many spells there are."""
    counted = (
        select(func.count())
        .select_from(_spell)
        .where(_spell.c.workspace_id == workspace_id, _spell.c.removed_at.is_(None))
    )
    return int(session.execute(counted).scalar_one())


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


_spell_columns = (
    _spell.c.id,
    _spell.c.person_id,
    _spell.c.started_on,
    _spell.c.ended_on,
    _spell.c.source,
    _spell.c.entered_at,
    _spell.c.next_on,
)
_spells_of = (
    select(*_spell_columns)
    .where(
        _spell.c.workspace_id == bindparam("workspace_id"),
        _spell.c.person_id.in_(bindparam("people", expanding=True)),
        _spell.c.removed_at.is_(None),
    )
    .order_by(_spell.c.started_on, _spell.c.id)
)
_leave_of = select(_leave.c.spell_id, _leave.c.first_on, _leave.c.last_on).where(
    _leave.c.workspace_id == bindparam("workspace_id"),
    _leave.c.spell_id.in_(bindparam("spells", expanding=True)),
)


def of_people(
    session: Connection, *, workspace_id: int, person_ids: Collection[UUID], lock: bool = False
) -> dict[UUID, list[SpellRow]]:
    """The spells that count of these people, the earliest first, by person."""
    if not person_ids:
        return {}
    rows = session.execute(
        _spells_of.with_for_update() if lock else _spells_of,
        {"workspace_id": workspace_id, "people": list(person_ids)},
    ).all()
    leave: dict[UUID, list[tuple[date, date]]] = {}
    if rows:
        found = session.execute(
            _leave_of, {"workspace_id": workspace_id, "spells": [row[0] for row in rows]}
        )
        for spell_id, first, last in found:
            leave.setdefault(spell_id, []).append((first, last))
    spells: dict[UUID, list[SpellRow]] = {}
    for row in rows:
        spell = SpellRow(*row, tuple(sorted(leave.get(row[0], ()))))
        spells.setdefault(spell.person_id, []).append(spell)
    return spells


def person_of(session: Connection, *, workspace_id: int, spell_id: UUID) -> UUID | None:
    """Whose spell it is, if there is such a spell and it counts."""
    return session.execute(
        select(_spell.c.person_id).where(
            _spell.c.workspace_id == workspace_id,
            _spell.c.id == spell_id,
            _spell.c.removed_at.is_(None),
        )
    ).scalar_one_or_none()


def any_spell(session: Connection, *, workspace_id: int) -> bool:
    """Whether a start date of anybody is known."""
    return bool(
        session.execute(select(exists().where(_spell.c.workspace_id == workspace_id))).scalar_one()
    )


_insert_spell = insert(_spell)
_insert_leave = insert(_leave)


def add(
    session: Connection,
    *,
    workspace_id: int,
    spells: Sequence[NewSpell],
    source: str,
    now: datetime,
) -> None:
    """Write new spells, to be looked at by the next run."""
    if spells:
        common = {
            "workspace_id": workspace_id,
            "source": source,
            "entered_at": now,
            "next_on": LOOK_NOW,
        }
        session.execute(_insert_spell, [common | spell._asdict() for spell in spells])


_update_spell = (
    update(_spell)
    .where(_spell.c.workspace_id == bindparam("of_workspace"), _spell.c.id == bindparam("of_id"))
    .values(
        started_on=bindparam("new_start"),
        ended_on=bindparam("new_end"),
        source=bindparam("new_source"),
        entered_at=bindparam("new_entered_at"),
        next_on=LOOK_NOW,
    )
)


def change(
    session: Connection,
    *,
    workspace_id: int,
    spells: Sequence[NewSpell],
    source: str,
    now: datetime,
) -> None:
    """Give spells that are there other dates, to be looked at by the next run."""
    if spells:
        session.execute(
            _update_spell,
            [
                {
                    "of_workspace": workspace_id,
                    "of_id": spell.id,
                    "new_start": spell.started_on,
                    "new_end": spell.ended_on,
                    "new_source": source,
                    "new_entered_at": now,
                }
                for spell in spells
            ],
        )


def remove(
    session: Connection, *, workspace_id: int, spell_ids: Collection[UUID], now: datetime
) -> None:
    """Have spells that were a mistake count no more; the rows stay."""
    if spell_ids:
        session.execute(
            update(_spell)
            .where(_spell.c.workspace_id == workspace_id, _spell.c.id.in_(list(spell_ids)))
            .values(removed_at=now, next_on=None)
        )


def replace_leave(
    session: Connection, *, workspace_id: int, leave: Mapping[UUID, Iterable[tuple[date, date]]]
) -> None:
    """Make these, and no others, the days without service of each spell."""
    if not leave:
        return
    session.execute(
        delete(_leave).where(
            _leave.c.workspace_id == workspace_id, _leave.c.spell_id.in_(list(leave))
        )
    )
    rows = [
        {"workspace_id": workspace_id, "spell_id": spell_id, "first_on": first, "last_on": last}
        for spell_id, pauses in leave.items()
        for first, last in pauses
    ]
    if rows:
        session.execute(_insert_leave, rows)


_set_next = (
    update(_spell)
    .where(_spell.c.workspace_id == bindparam("of_workspace"), _spell.c.id == bindparam("of_id"))
    .values(next_on=bindparam("new_next"))
)


def set_next(
    session: Connection, *, workspace_id: int, next_on: Mapping[UUID, date | None]
) -> None:
    """Note on which day each spell's next milestone falls; None: there is none to come."""
    if next_on:
        session.execute(
            _set_next,
            [
                {"of_workspace": workspace_id, "of_id": spell_id, "new_next": day}
                for spell_id, day in next_on.items()
            ],
        )


def look_again(
    session: Connection, *, workspace_id: int, person_ids: Collection[UUID] | None = None
) -> None:
    """Have every spell, or those of these people, looked at by the next run."""
    chosen = and_(_spell.c.workspace_id == workspace_id, _spell.c.removed_at.is_(None))
    if person_ids is not None:
        chosen = and_(chosen, _spell.c.person_id.in_(list(person_ids)))
    session.execute(update(_spell).where(chosen).values(next_on=LOOK_NOW))


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
        and_(
            _identity.c.workspace_id == _person.c.workspace_id,
            _identity.c.person_id == _person.c.id,
            _identity.c.kind == "slack",
        ),
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
            "after_id": after_id or _NO_ID,
            "limit": limit,
        },
    )
    return [(row[0], row[1]) for row in rows]


class EmploymentRow(NamedTuple):
    """What else HR says of a person."""

    manager_id: UUID | None = None
    country: str | None = None


def employment(
    session: Connection, *, workspace_id: int, person_ids: Collection[UUID]
) -> dict[UUID, EmploymentRow]:
    """The managers and countries that are known of these people, by person."""
    rows = session.execute(
        select(_employment.c.person_id, _employment.c.manager_id, _employment.c.country).where(
            _employment.c.workspace_id == workspace_id,
            _employment.c.person_id.in_(list(person_ids)),
        )
    )
    return {row[0]: EmploymentRow(row[1], row[2]) for row in rows.all()}


def save_employment(
    session: Connection, *, workspace_id: int, rows: Mapping[UUID, EmploymentRow]
) -> None:
    """Keep who manages these people and in which country they are."""
    if not rows:
        return
    statement = insert_for(session, _employment)
    values: list[dict[str, Any]] = [
        {"workspace_id": workspace_id, "person_id": person_id, **row._asdict()}
        for person_id, row in rows.items()
    ]
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["workspace_id", "person_id"],
            set_={
                "manager_id": statement.excluded.manager_id,
                "country": statement.excluded.country,
            },
        ),
        values,
    )


def team_of(session: Connection, *, workspace_id: int, manager_id: UUID) -> frozenset[UUID]:
    """Whom a person manages."""
    rows = session.execute(
        select(_employment.c.person_id).where(
            _employment.c.workspace_id == workspace_id, _employment.c.manager_id == manager_id
        )
    )
    return frozenset(rows.scalars())


def count_to_look_at(session: Connection, *, workspace_id: int) -> int:
    """How many spells are new or were changed since the last run."""
    return session.execute(
        select(func.count()).where(
            _spell.c.workspace_id == workspace_id, _spell.c.next_on == LOOK_NOW
        )
    ).scalar_one()
