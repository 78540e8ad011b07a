"""Awarding to many: planned, confirmed, and taken back; `bot.bulk_work` carries it out."""

import json
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from bot import bulk_plan
from bot.allowance import Purview
from bot.bulk_limits import require_within
from bot.bulk_plan import Plan, Wanted
from bot.bulk_planning import make_plan
from bot.deps import Deps, WorkspaceRef
from bot.errors import BadRequestError, NotFoundError, NotPermittedError
from bot.orders import require_some
from bot.permissions import Action, require
from bot.revoking import UNDO_WINDOW
from bot.settings import Settings
from bot.standing import standing_of
from storage import audit, badges, bulk, people
from storage.bulk import BulkRow
from storage.people import PersonRow
from storage.types import new_id

KEPT_FOR = timedelta(days=1)  # a plan that nobody confirms
PATIENCE = 60.0  # seconds that a chunk waits for the database: nobody waits for it

GONE = "That bulk award is no more. Please begin anew with `/award many`."


class Planned(NamedTuple):
    """A plan, and where it is kept; `bulk_id` None: there is nothing to carry out."""

    plan: Plan
    bulk_id: UUID | None
    notes: tuple[str, ...]


def admin_of(
    session: Connection, workspace: WorkspaceRef, settings: Settings, slack_id: str
) -> PersonRow:
    """Who asks, if they may award to many. Raises NotPermittedError."""
    return permitted(session, workspace, settings, slack_id, "bulk")


def awarder_of(
    session: Connection, workspace: WorkspaceRef, settings: Settings, slack_id: str
) -> PersonRow:
    """The same, if there is anything that they may award. Raises NotPermittedError."""
    person = admin_of(session, workspace, settings, slack_id)
    standing = standing_of(session, workspace, settings, person)
    require_some(session, workspace=workspace, settings=settings, standing=standing)
    return person


def permitted(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    slack_id: str,
    action: Action,
) -> PersonRow:
    """Who asks, if they may do this. Raises NotPermittedError; someone unknown may nothing."""
    person = people.by_slack_id(session, workspace_id=workspace.id, slack_id=slack_id)
    if person is None:
        raise NotPermittedError("I don’t know you yet; please try again in a minute.")
    require(standing_of(session, workspace, settings, person), action)
    return person


def prepare(deps: Deps, workspace: WorkspaceRef, slack_id: str, wanted: Wanted) -> Planned:
    """Work out what would be awarded, and keep it until it is confirmed.

    Raises NotPermittedError, and BadRequestError where it is too much.
    """

    def plan(session: Connection) -> tuple[PersonRow, Plan, tuple[str, ...]]:
        settings = deps.settings_in(session, workspace)
        giver = admin_of(session, workspace, settings, slack_id)
        made = make_plan(
            session,
            workspace=workspace,
            settings=settings,
            giver=giver,
            wanted=wanted,
            now=deps.clock(),
        )
        standing = standing_of(session, workspace, settings, giver)
        purview = Purview(workspace, settings, giver, deps.clock())
        return giver, made, require_within(session, purview, standing, made.badges)

    giver, made, limits = deps.database.read(plan)
    where = "" if not wanted.quiet else "Quiet: no post in the feed."
    notes = tuple(note for note in (*made.notes, where, *limits) if note)
    if not made.lines:
        return Planned(made, None, notes)
    bulk_id, kept, now = new_id(deps.clock()), made.dump(), deps.clock()
    deps.database.write(
        lambda session: bulk.add(
            session,
            workspace_id=workspace.id,
            bulk_id=bulk_id,
            giver_id=giver.id,
            plan=kept,
            total=len(made.lines),
            quiet=wanted.quiet,
            now=now,
        ),
        patience=PATIENCE,
    )
    return Planned(made, bulk_id, notes)


def start(
    session: Connection, deps: Deps, workspace: WorkspaceRef, slack_id: str, id_: UUID
) -> BulkRow:
    """Confirm a plan: from now on it is carried out, whatever happens. A second time changes nothing.

    Raises NotPermittedError, NotFoundError, and OverLimitError where the giver may not so many any more.
    """
    settings = deps.settings_in(session, workspace)
    giver = admin_of(session, workspace, settings, slack_id)
    row = _own(session, workspace, giver, id_)
    if row.state != "planned":
        return row
    kept = bulk.plan_of(session, workspace_id=workspace.id, bulk_id=id_)
    lines = bulk_plan.load(kept)
    given = badges.by_ids(session, workspace_id=workspace.id, ids={line.badge_id for line in lines})
    counts = {
        badge: sum(line.badge_id == badge.id for line in lines)
        for badge in given.values()  # but for those deleted since, which are left out
    }
    # Two that are confirmed at once are asked one after the other.
    people.lock(session, workspace_id=workspace.id, ids=[giver.id])
    standing = standing_of(session, workspace, settings, giver)
    require_within(session, Purview(workspace, settings, giver, deps.clock()), standing, counts)
    if bulk.change(session, workspace_id=workspace.id, bulk_id=id_, state="planned", to="running"):
        detail = {
            "total": row.total,
            "badges": sorted(badge.slug for badge in given.values()),
            "quiet": row.quiet,
        }
        audit.note(
            session,
            workspace_id=workspace.id,
            action="bulk.started",
            subject=str(id_),
            detail=json.dumps(detail),
            now=deps.clock(),
            actor_id=giver.id,
        )
    return row._replace(state="running")


def discard(
    session: Connection, deps: Deps, workspace: WorkspaceRef, slack_id: str, id_: UUID
) -> None:
    """Forget a plan. Raises NotFoundError where it is not one's own, or was confirmed."""
    settings = deps.settings_in(session, workspace)
    giver = admin_of(session, workspace, settings, slack_id)
    _own(session, workspace, giver, id_)
    if not bulk.remove(session, workspace_id=workspace.id, bulk_id=id_):
        raise NotFoundError(GONE)


def undo(
    session: Connection, deps: Deps, workspace: WorkspaceRef, slack_id: str, id_: UUID
) -> BulkRow:
    """Begin to take a bulk award back as if it had not been: its giver may, within ten minutes."""
    settings = deps.settings_in(session, workspace)
    giver = admin_of(session, workspace, settings, slack_id)
    row = _own(session, workspace, giver, id_)
    if row.state == "undone":
        return row
    if row.state != "done" or row.finished_at is None:
        raise BadRequestError("It is not done yet. Undo works once it is, for ten minutes.")
    if deps.clock() - row.finished_at > UNDO_WINDOW:
        raise BadRequestError(
            "It’s been more than ten minutes, so Undo is closed. `/award search` finds these awards;"
            " the menu beside each can revoke the whole bulk award."
        )
    return _begin_taking_back(session, workspace, row, giver, reason="", undone=True)


def revoke_all(
    session: Connection,
    deps: Deps,
    workspace: WorkspaceRef,
    slack_id: str,
    id_: UUID,
    *,
    reason: str,
) -> BulkRow:
    """Begin to revoke every award of a bulk award; they stay in the history. Badge admins may."""
    settings = deps.settings_in(session, workspace)
    actor = permitted(session, workspace, settings, slack_id, "revoke_any")
    row = bulk.by_id(session, workspace_id=workspace.id, bulk_id=id_)
    if row is None or row.state == "planned":
        raise NotFoundError(GONE)
    if row.state == "running":
        raise BadRequestError("It is being awarded right now. Please wait until that is done.")
    if row.state == "undone":
        raise BadRequestError("That bulk award was taken back already.")
    return _begin_taking_back(session, workspace, row, actor, reason=reason, undone=False)


def _begin_taking_back(
    session: Connection,
    workspace: WorkspaceRef,
    row: BulkRow,
    actor: PersonRow,
    *,
    reason: str,
    undone: bool,
) -> BulkRow:
    kept = json.dumps({"by": actor.id.hex, "reason": reason, "undone": undone})
    bulk.change(
        session, workspace_id=workspace.id, bulk_id=row.id, state="done", to="undone", plan=kept
    )
    return row._replace(state="undone", finished_at=None)


def _own(session: Connection, workspace: WorkspaceRef, giver: PersonRow, id_: UUID) -> BulkRow:
    row = bulk.by_id(session, workspace_id=workspace.id, bulk_id=id_)
    if row is None or row.giver_id != giver.id:
        raise NotFoundError(GONE)
    return row
