"""Anniversaries: finds what is due, records it once, awards it and has it announced.

    run(database, workspace=…, settings=…, now=…)               what is due by now, each hour
    run_day(database, workspace=…, settings=…, on=…, now=…)     what is celebrated on one day
    foresee(database, …, on=…)                                  the same, and nothing happens

Line of the ledger, award and deliveries commit together. What is due is read from the spells
themselves, so it does not matter when, how often or in how many processes this runs.
"""

import logging
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from functools import partial

from sqlalchemy import Connection

from bot import policies, reminders
from bot.calendars import zone_of
from bot.deps import WorkspaceRef
from bot.due import FIRST, Position, count, planned
from bot.milestones import Frame, Plan
from bot.recording import Batch, Ran, end_turn
from bot.seniority import BadgesMissingError, add_badges
from bot.settings import Settings
from storage import settings as kept_settings
from storage import tenure
from storage.database import Database
from storage.types import new_id

_log = logging.getLogger(__name__)

_BEGAN = "anniversaries.began"


def run(
    database: Database,
    *,
    workspace: WorkspaceRef,
    settings: Settings,
    now: datetime,
    take_turn: bool = True,
) -> Ran:
    """Record, award and have announced what is due by now, of everyone.

    One process at a time does it; without `take_turn` two share the work, to the same effect.
    """
    policies.go_on(database, workspace_id=workspace.id, now=now)
    frame = circumstances(database, workspace, settings, now)
    if frame is None:
        return Ran()
    done = _record_all(database, workspace, settings, frame, alone=take_turn)
    reminded = reminders.enqueue(database, workspace=workspace, frame=frame)
    done += Ran(reminders=reminded)
    if done != Ran():
        _log.info("anniversaries recorded", extra=asdict(done))
    return done


def run_day(
    database: Database, *, workspace: WorkspaceRef, settings: Settings, on: date, now: datetime
) -> Ran:
    """Record, award and have announced at once what is celebrated on one day, and nothing else."""
    policies.go_on(database, workspace_id=workspace.id, now=now)
    frame = circumstances(database, workspace, settings, now, on=on)
    return _record_all(database, workspace, settings, frame, alone=False) if frame else Ran()


def foresee(
    database: Database, *, workspace: WorkspaceRef, settings: Settings, on: date, now: datetime
) -> Iterator[Plan]:
    """What `run_day` would do, and nothing happens."""
    frame = circumstances(database, workspace, settings, now, on=on)
    if frame is not None:
        yield from planned(database, workspace, frame)


def _record_all(
    database: Database,
    workspace: WorkspaceRef,
    settings: Settings,
    frame: Frame,
    *,
    alone: bool,
) -> Ran:
    # Counted first: whether there will be one digest is known before the first post is written.
    any_due, feed = count(database, workspace, frame, settings)
    if not any_due:
        return Ran()
    holder = str(new_id()) if alone else ""
    done, position = Ran(), FIRST
    try:
        while True:
            batch = Batch(workspace, settings, frame, feed, position, holder)
            did, last = _written(database, batch, workspace, frame)
            done += did
            if last is None:
                return done
            position = last
    except BaseException:
        if position != FIRST:
            database.write(partial(end_turn, workspace=workspace, holder=holder))
        raise


def _written(
    database: Database, batch: Batch, workspace: WorkspaceRef, frame: Frame
) -> tuple[Ran, Position | None]:
    try:
        return database.write(batch.work)
    except BadgesMissingError as problem:
        add_badges(database, workspace_id=workspace.id, missing=problem.missing, now=frame.now)
    return database.write(batch.work)


def circumstances(
    database: Database,
    workspace: WorkspaceRef,
    settings: Settings,
    now: datetime,
    *,
    on: date | None = None,
) -> Frame | None:
    """The circumstances of a run; None where nobody's start date is known."""

    def look(session: Connection) -> Frame | None:
        if not tenure.any_spell(session, workspace_id=workspace.id):
            return None
        return Frame(
            policies=policies.load(session, workspace_id=workspace.id),
            timezone=settings.timezone,
            now=now,
            began=_began(session, workspace, settings, now),
            on=on,
        )

    return database.read(look)


def _began(session: Connection, workspace: WorkspaceRef, config: Settings, now: datetime) -> date:
    kept = kept_settings.get(session, workspace_id=workspace.id, key=_BEGAN)
    return date.fromisoformat(kept) if kept else now.astimezone(zone_of(config.timezone)).date()


def begin(session: Connection, *, workspace: WorkspaceRef, timezone: str, now: datetime) -> None:
    """Note that start dates are known from today on: what was celebrated before is past."""
    if kept_settings.get(session, workspace_id=workspace.id, key=_BEGAN) is None:
        today = now.astimezone(zone_of(timezone)).date()
        kept_settings.put(
            session, workspace_id=workspace.id, key=_BEGAN, value=today.isoformat(), now=now
        )
