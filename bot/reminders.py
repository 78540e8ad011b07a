"""Tells managers some days before of what is to be celebrated, so that a person can say something too.

What could not be told in time, after an outage or since its start date was entered late, is told as
long as it is of use: until the day itself, and with what the person is told of belatedly.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from bot.calendars import LONGEST_MOVE, moment
from bot.deps import WorkspaceRef
from bot.milestones import Frame, where_of
from bot.milestones import spells_of as all_spells_of
from bot.tenure import Due, Policies, due_of, following
from storage import nearing, outbox, tenure
from storage import settings as kept_settings
from storage.database import Database
from storage.nearing import Candidate
from storage.outbox import NewDelivery

_REMINDED = "anniversaries.reminded"
_AT_ONCE = 500
_OFTEN_ENOUGH = timedelta(days=1)  # to note how far it came: twice the same reminder is one


def enqueue(database: Database, *, workspace: WorkspaceRef, frame: Frame) -> int:
    """Have managers reminded of what is celebrated so many days from now; how many reminders."""
    if not frame.policies.reminder_days:
        return 0
    earliest = frame.now - timedelta(days=frame.policies.reminder_days)

    def look(session: Connection) -> tuple[datetime | None, list[NewDelivery]]:
        since = _since(session, workspace)
        return since, _due(session, workspace, frame, max(since or earliest, earliest))

    since, found = database.read(look)
    if not found and since is not None and frame.now - since < _OFTEN_ENOUGH:
        return 0

    def write(session: Connection) -> None:
        for start in range(0, len(found), _AT_ONCE):
            outbox.enqueue(
                session,
                workspace_id=workspace.id,
                deliveries=found[start : start + _AT_ONCE],
                now=frame.now,
            )
        kept_settings.put(
            session,
            workspace_id=workspace.id,
            key=_REMINDED,
            value=frame.now.isoformat(),
            now=frame.now,
        )

    database.write(write)
    return len(found)


def subject_of(spell_id: UUID, length: str) -> str:
    """How a reminder's delivery names its milestone."""
    return f"{spell_id.hex}:{length}"


def afterwards(candidate: Candidate, due: Due) -> NewDelivery | None:
    """What the manager is told of a milestone that is told belatedly; None: there is no manager."""
    return _delivery(candidate, due) if candidate.manager_id is not None else None


def _since(session: Connection, workspace: WorkspaceRef) -> datetime | None:
    """Up to when managers have been reminded, if ever."""
    kept = kept_settings.get(session, workspace_id=workspace.id, key=_REMINDED)
    return datetime.fromisoformat(kept) if kept else None


def _due(
    session: Connection, workspace: WorkspaceRef, frame: Frame, since: datetime
) -> list[NewDelivery]:
    policies, found = frame.policies, []
    ahead = timedelta(days=policies.reminder_days)
    moved = timedelta(days=LONGEST_MOVE if policies.calendar.moves else 0)
    # The hour strikes from 14 hours before to 12 hours after it does in UTC.
    hour = timedelta(hours=policies.hour)
    first = (since - timedelta(hours=12) - hour).date() + ahead - moved
    last = (frame.now + timedelta(hours=14) - hour).date() + ahead + moved
    position = frame.now.date() - moved, UUID(int=0)
    while True:
        page = nearing.managed(
            session,
            workspace_id=workspace.id,
            until=last,
            since=position[0],
            after_id=position[1],
            not_before=first,
            or_entered_since=since,
            limit=_AT_ONCE,
        )
        managed = [one for one in page if _is_spoken_of(one, policies)]
        rows = tenure.of_people(
            session,
            workspace_id=workspace.id,
            person_ids={one.person_id for one in managed if one.complex},
        )
        for one in managed:
            where = where_of(one, frame)
            for milestone in following(
                all_spells_of(one, rows), policies, one.id, since=one.next_on
            ):
                if milestone.due_on > last:
                    break
                due = due_of(milestone, policies, where)
                at = moment(due.celebrated_on - ahead, where.zone, policies.hour)
                late = at <= since <= one.entered_at
                if (since < at or late) and at <= frame.now < due.at:
                    found.append(_delivery(one, due))
        if len(page) < _AT_ONCE:
            return found
        position = page[-1].next_on, page[-1].id


def _is_spoken_of(one: Candidate, policies: Policies) -> bool:
    quiet = (one.choice or policies.unless_chosen) == "nothing"
    return one.active and not one.bot and not quiet


def _delivery(one: Candidate, due: Due) -> NewDelivery:
    subject = subject_of(one.id, str(due.milestone.length))
    # Another day is another reminder; the same day is the same one.
    key = f"remind:{subject}:{due.celebrated_on}"
    return NewDelivery("dm", "remind", key, person_id=one.manager_id, subject=subject)
