"""Since when people are here: what is known, from where, and what is entered in Slack."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, NamedTuple

from sqlalchemy import Connection

from bot import policies, service
from bot.deps import WorkspaceRef
from bot.errors import BadRequestError, NeedsSlackError, NotFoundError, NotPermittedError
from bot.messages.text import named
from bot.permissions import may, may_enter_service, may_know_service
from bot.profiles import Reader
from bot.service import Entry, Outcome, Source
from bot.settings import Settings
from bot.tenure import Policies
from bot.upcoming import Ahead, next_of
from storage import audit, employment, people, tenure
from storage.people import PersonRow
from storage.tenure import SpellRow

# What is noted of an entry: of what it was, and of what was forgotten again.
_ACTIONS = {
    "start": ("service.entered", "service.forgotten"),
    "end": ("service.ended", "service.goes_on"),
    "leave": ("service.leave", "service.leave_forgotten"),
}


class Change(NamedTuple):
    """What is entered: a first day, a last day, or leave, both its days included; no day: forget it."""

    what: Literal["start", "end", "leave"]
    day: date | None = None
    last: date | None = None  # of leave


@dataclass(frozen=True)
class Known:
    """What is known of somebody's employments; `outcome`: of an entry, where there was one."""

    owner: PersonRow
    reader: Reader
    spells: tuple[SpellRow, ...]
    ahead: tuple[Ahead, ...]
    policies: Policies
    now: datetime
    outcome: Outcome | None = None

    @property
    def is_own(self) -> bool:
        """Whether somebody asks about themselves."""
        return self.reader.person.id == self.owner.id


def owner_of(
    session: Connection, workspace: WorkspaceRef, slack_id: str, *, asked: bool
) -> PersonRow:
    """Who is asked about, deactivated or not. `asked`: Slack was asked already.

    Raises NeedsSlackError for someone not known yet, NotFoundError for who has no anniversaries.
    """
    person = people.by_slack_id(session, workspace_id=workspace.id, slack_id=slack_id)
    if person is None and slack_id != workspace.bot_user_id:
        if not asked:
            raise NeedsSlackError(people=frozenset([slack_id]))
        raise NotFoundError("Slack does not know that person in this workspace.")
    if person is None or person.bot:
        name = person.name if person else "Laurel"
        raise NotFoundError(f"{name} is an app, and apps have no anniversaries.")
    return person


def may_know(
    session: Connection, workspace: WorkspaceRef, *, reader: Reader, owner: PersonRow
) -> bool:
    """Whether the reader may know of the owner's service."""
    employed = employment.of_people(session, workspace_id=workspace.id, person_ids=[owner.id])
    manager = employed[owner.id].manager_id if owner.id in employed else None
    return may_know_service(reader.standing, owner, manages=manager == reader.person.id)


def known(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    *,
    reader: Reader,
    owner: PersonRow,
    now: datetime,
    outcome: Outcome | None = None,
) -> Known:
    """What is known of the owner, for a reader who may know it; raises NotPermittedError."""
    if not may_know(session, workspace, reader=reader, owner=owner):
        raise NotPermittedError(
            f"Since when {named(owner.name)} is here is for them, their manager and badge admins to know."
        )
    spells = tenure.of_people(session, workspace_id=workspace.id, person_ids=[owner.id])
    return Known(
        owner=owner,
        reader=reader,
        spells=tuple(spells.get(owner.id, ())),
        ahead=next_of(session, workspace, settings, person=owner, now=now),
        policies=policies.load(session, workspace_id=workspace.id),
        now=now,
        outcome=outcome,
    )


def enter(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    *,
    reader: Reader,
    owner: PersonRow,
    change: Change,
    now: datetime,
) -> Known:
    """Enter since when the owner is here, until when, or when they were on leave.

    Raises NotPermittedError, and BadRequestError for a day that cannot be.
    """
    if not may_enter_service(reader.standing, owner):
        raise NotPermittedError(
            "Only badge admins enter start dates for others. `/badges since 2019-03-01` enters yours."
        )
    if change.what != "start" and not may(reader.standing, "enter_service"):
        raise NotPermittedError("Only badge admins enter a last day, or leave.")
    before = tenure.of_people(session, workspace_id=workspace.id, person_ids=[owner.id], lock=True)
    spells = before.get(owner.id, [])
    outcome = service.replace_spells(
        session,
        workspace=workspace,
        settings=settings,
        person_id=owner.id,
        spells=_changed(spells, change, owner),
        source="entry",
        now=now,
    )
    if outcome in ("new", "changed"):
        _note(session, workspace, reader, owner, spells, change, now)
    return known(session, workspace, settings, reader=reader, owner=owner, now=now, outcome=outcome)


def say(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    *,
    owner: PersonRow,
    start: date,
    source: Source,
    now: datetime,
) -> Outcome:
    """Keep a start date that a source says, with what is known of earlier employments."""
    rows = tenure.of_people(session, workspace_id=workspace.id, person_ids=[owner.id], lock=True)
    return service.replace_spells(
        session,
        workspace=workspace,
        settings=settings,
        person_id=owner.id,
        spells=beginning(rows.get(owner.id, []), start),
        source=source,
        now=now,
    )


def beginning(spells: Sequence[SpellRow], start: date) -> list[Entry]:
    """Somebody's employments when the present one began on this day; earlier ones stay."""
    entries = [Entry(row.started_on, row.ended_on, row.leave) for row in spells]
    if not entries:
        return [Entry(start)]
    *_before, last = entries
    if last.ended_on is not None and last.ended_on < start:
        return [*entries, Entry(start)]
    earlier = [one for one in entries[:-1] if one.ended_on is not None and one.ended_on < start]
    leave = tuple((max(first, start), end) for first, end in last.leave if end >= start)
    return [*earlier, Entry(start, last.ended_on, leave)]


def _changed(spells: Sequence[SpellRow], change: Change, owner: PersonRow) -> list[Entry]:
    if change.what == "start":
        return [] if change.day is None else beginning(spells, change.day)
    if not spells:
        raise BadRequestError(
            f"I don’t know since when {named(owner.name)} is here."
            " First tell me that: `/badges since @name 2019-03-01`."
        )
    if change.what == "end":
        return ending(spells, change.day)
    return on_leave(spells, change.day, change.last)


def ending(spells: Sequence[SpellRow], last_day: date | None) -> list[Entry]:
    """The same employments, the latest until this day; None: it goes on."""
    *earlier, last = [Entry(row.started_on, row.ended_on, row.leave) for row in spells]
    return [*earlier, replace(last, ended_on=last_day)]


def on_leave(spells: Sequence[SpellRow], first: date | None, last: date | None) -> list[Entry]:
    """The same employments, with leave on these days besides what is known; None: without any.

    Raises BadRequestError where it is no time of an employment.
    """
    entries = [Entry(row.started_on, row.ended_on, row.leave) for row in spells]
    if first is None or last is None:
        return [replace(one, leave=()) for one in entries]
    for place, one in enumerate(entries):
        if one.started_on <= first <= last <= (one.ended_on or date.max):
            others = [pause for pause in one.leave if pause[1] < first or last < pause[0]]
            touched = [pause for pause in one.leave if pause not in others]
            whole = min([first, *(a for a, _ in touched)]), max([last, *(b for _, b in touched)])
            entries[place] = replace(one, leave=tuple(sorted([*others, whole])))
            return entries
    raise BadRequestError(
        f"From {first} to {last} is no time of one employment that I know of: leave begins and ends"
        " within one, its first day before its last."
    )


def _note(
    session: Connection,
    workspace: WorkspaceRef,
    reader: Reader,
    owner: PersonRow,
    before: Sequence[SpellRow],
    change: Change,
    now: datetime,
) -> None:
    entered, forgotten = _ACTIONS[change.what]
    # Not the days themselves: they are the person's, and the audit outlives what is known of them.
    said = {"before": [row.source for row in before]}
    audit.note(
        session,
        workspace_id=workspace.id,
        action=entered if change.day else forgotten,
        subject=owner.id.hex,
        detail=json.dumps(said),
        now=now,
        actor_id=reader.person.id,
    )
