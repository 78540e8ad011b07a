"""Tells managers some days before of what is to be celebrated, so that a person can say something too."""

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
from storage.tenure import LOOK_NOW

_REMINDED = "anniversaries.reminded"
_AT_ONCE = 500


def enqueue(database: Database, *, workspace: WorkspaceRef, frame: Frame) -> int:
    """Have managers reminded of what is celebrated so many days from now; how many reminders."""
    if not frame.policies.reminder_days:
        return 0
    since = database.read(lambda session: _since(session, workspace, frame))
    found = database.read(lambda session: _due(session, workspace, frame, since))

    if not found:
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


def _since(session: Connection, workspace: WorkspaceRef, frame: Frame) -> datetime:
    """Up to when managers have been reminded; a day at the most is caught up with."""
    kept = kept_settings.get(session, workspace_id=workspace.id, key=_REMINDED)
    earliest = frame.now - timedelta(days=1)
    return max(earliest, datetime.fromisoformat(kept)) if kept else earliest


def _due(
    session: Connection, workspace: WorkspaceRef, frame: Frame, since: datetime
) -> list[NewDelivery]:
    policies, found = frame.policies, []
    ahead = timedelta(days=policies.reminder_days)
    moved = timedelta(days=LONGEST_MOVE if policies.calendar.moves else 0)
    first = (since - timedelta(days=1)).date() + ahead - moved
    last = (frame.now + timedelta(days=1)).date() + ahead + moved
    position = max(first, LOOK_NOW), UUID(int=0)
    while True:
        page = nearing.near(
            session,
            workspace_id=workspace.id,
            until=last,
            since=position[0],
            after_id=position[1],
            limit=_AT_ONCE,
            managed=True,
        )
        managed = [
            one for one in page if one.manager_id is not None and _is_spoken_of(one, policies)
        ]
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
                if since < at <= frame.now < due.at:
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
