"""Showing what an import would change, and doing it."""

import json
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from bot import service
from bot.deps import WorkspaceRef
from bot.hr_file import HrFile
from bot.people_import.planning import Progress, make_plan
from bot.people_import.plans import Plan, Writes
from bot.people_import.spells import SOURCE
from bot.settings import Settings
from storage import audit, directory, employment, tenure
from storage.database import Database
from storage.directory import chunks

ACTION = "people.imported"
_MANY = 1_000  # rows; so many change what the database believes of its tables


class PlanChangedError(Exception):
    """What the import would change is not what was shown; nothing was written. `plan`: by now."""

    def __init__(self, plan: Plan) -> None:
        super().__init__("the plan is another by now")
        self.plan = plan


def latest_start(now: datetime) -> date:
    """The day on which somebody can have started at the latest: where it is already tomorrow."""
    return (now + timedelta(hours=14)).date()


def preview(
    database: Database,
    *,
    workspace_id: int,
    file: HrFile,
    progress: Progress = lambda _done: None,
) -> Plan:
    """What importing a file would change. Raises FileRefusedError; writes nothing."""
    return database.read(
        lambda session: make_plan(session, workspace_id=workspace_id, file=file, progress=progress)
    )


def carry_out(
    database: Database,
    *,
    workspace: WorkspaceRef,
    settings: Settings,
    file: HrFile,
    now: datetime,
    actor_id: UUID | None = None,
    expected: str | None = None,
    progress: Progress = lambda _done: None,
) -> Plan:
    """Import a file in one transaction, and return what changed; `actor_id` None: the command line.

    Raises FileRefusedError, and PlanChangedError where the plan’s fingerprint is not the expected
    one: then, as when the process dies, nothing was written.
    """

    def work(session: Connection) -> Plan:
        plan = make_plan(
            session,
            workspace_id=workspace.id,
            file=file,
            progress=lambda done: progress(done / 2),
            lock=True,
        )
        if expected is not None and plan.fingerprint != expected:
            raise PlanChangedError(plan)
        if plan.is_empty:
            return plan
        _write(session, workspace.id, plan.writes, now, lambda done: progress(0.5 + done / 2))
        service.settle(
            session,
            workspace=workspace,
            settings=settings,
            person_ids=plan.writes.settled,
            now=now,
        )
        audit.note(
            session,
            workspace_id=workspace.id,
            action=ACTION,
            subject="people",  # not the file's name, which may be somebody's
            detail=json.dumps(plan.counts),
            now=now,
            actor_id=actor_id,
        )
        return plan

    # Where Slack tells of one of them meanwhile, it is done anew: now they are known.
    return database.write(work)


def _write(
    session: Connection, workspace_id: int, writes: Writes, now: datetime, progress: Progress
) -> None:
    """Write everything, people first: the rest refers to them."""
    steps = 7
    directory.add_people(session, workspace_id=workspace_id, people=writes.people, now=now)
    progress(1 / steps)
    directory.rename(session, workspace_id=workspace_id, people=writes.names, now=now)
    directory.add_identities(session, workspace_id=workspace_id, identities=writes.identities)
    progress(3 / steps)
    for rows in chunks(writes.added):
        tenure.add(session, workspace_id=workspace_id, spells=rows, source=SOURCE, now=now)
    progress(5 / steps)
    for rows in chunks(writes.changed):
        tenure.change(session, workspace_id=workspace_id, spells=rows, source=SOURCE, now=now)
    for ids in chunks(writes.removed):
        tenure.remove(session, workspace_id=workspace_id, spell_ids=ids, now=now)
    for leave in chunks(writes.leave.items()):
        tenure.replace_leave(session, workspace_id=workspace_id, leave=dict(leave))
    progress(6 / steps)
    new = {person.id for person in writes.people}
    for employed in chunks(writes.employment.items()):
        met = {one: row for one, row in employed if one in new}
        known = {one: row for one, row in employed if one not in new}
        employment.add(session, workspace_id=workspace_id, rows=met)
        employment.save(session, workspace_id=workspace_id, rows=known)
    if writes.rows >= _MANY:
        directory.analyze(session)
    progress(1.0)
