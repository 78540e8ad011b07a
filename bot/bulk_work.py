"""Carrying out what was confirmed to be awarded to many, a chunk at a time, and taking it back.

The plan is kept in the database until it is carried out, and each of its awards is an occasion of its
own. So a process that dies is followed by another that goes on, and nothing is awarded twice.
"""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Connection

from bot import awarding, bulk_plan, permissions
from bot.allowance import Purview
from bot.awarding import Occasion
from bot.bulk import PATIENCE
from bot.bulk_limits import within
from bot.bulk_plan import Line
from bot.delivery.verdict import MANY
from bot.deps import Deps, WorkspaceRef
from bot.feeds import announcements
from bot.permissions import may, may_award
from bot.requests import answering, telling
from bot.rota import NotYetError
from bot.settings import Settings
from bot.standing import standing_towards
from bot.turns import turn
from storage import audit, awards, badges, bulk, outbox, people, requests
from storage.bulk import BulkRow
from storage.outbox import NewDelivery
from storage.types import new_id

_log = logging.getLogger(__name__)

# Awards of one transaction. SQLite has one writer: whoever awards meanwhile waits for it to end.
AT_ONCE = 250

# For so long, whoever wanted it is tried to be told of the end.
TOLD_WITHIN = timedelta(days=1)

Report = Callable[[BulkRow], bool]  # says how far a bulk award is; False: it may later
Step = Callable[[Connection], BulkRow | None]


def carry_on(
    deps: Deps, workspace: WorkspaceRef, id_: UUID, report: Report, *, at_once: int = AT_ONCE
) -> bool:
    """Carry out what was confirmed, or take back what is to be, from wherever it is to its end.

    False where another process is at it, or where the end could not be told yet. `report` is called
    after each chunk, and at the end until that is told, after a process that died too.
    """
    with turn(deps, workspace, f"bulk:{id_}") as ours:
        if ours is None:
            return False
        step = deps.database.read(lambda session: _way(session, deps, workspace, id_, at_once))
        while step is not None:
            row = deps.database.write(step, patience=PATIENCE)
            deps.wake_delivery()
            if row is None or row.finished_at is not None:
                break
            report(row)
            if not ours.keep():
                return False
        return _tell_end(deps, workspace, id_, report)


def _tell_end(deps: Deps, workspace: WorkspaceRef, id_: UUID, report: Report) -> bool:
    """Have the end told, unless it was; False: it could not be yet. Undo's time begins with it."""
    row = deps.database.read(
        lambda session: bulk.untold(session, workspace_id=workspace.id, bulk_id=id_)
    )
    if row is None or row.finished_at is None:
        return True
    told, now = report(row), deps.clock()
    if not told and now - row.finished_at <= TOLD_WITHIN:
        return False
    at = now if told else row.finished_at
    deps.database.write(
        lambda session: bulk.note_told(session, workspace_id=workspace.id, bulk_id=id_, at=at),
        patience=PATIENCE,
    )
    return True


def resume(deps: Deps, workspace: WorkspaceRef, report: Report) -> int:
    """Go on with whatever a process that died left unfinished or untold; how much that was.

    Raises NotYetError where the end of some could not be told yet.
    """
    rows = deps.database.read(lambda session: bulk.to_resume(session, workspace_id=workspace.id))
    untold = 0
    for row in rows:
        _log.info("bulk award resumed", extra={"bulk": str(row.id), "done": row.done})
        done = carry_on(deps, workspace, row.id, report)
        untold += not done and row.finished_at is not None
    if untold:
        raise NotYetError(f"of {untold} bulk awards the end is not told")
    return len(rows)


def _way(
    session: Connection, deps: Deps, workspace: WorkspaceRef, id_: UUID, at_once: int
) -> Step | None:
    """What is to be done again and again until all is done; None where nothing is."""
    row = bulk.by_id(session, workspace_id=workspace.id, bulk_id=id_)
    if row is not None and row.state == "running":
        # Read once: a plan does not change while it is carried out.
        lines = bulk_plan.load(bulk.plan_of(session, workspace_id=workspace.id, bulk_id=id_))
        return lambda session: _award_some(session, deps, workspace, id_, lines, at_once)
    if row is not None and row.state == "undone" and row.finished_at is None:
        return lambda session: _take_some_back(session, deps, workspace, id_, at_once)
    return None


def _award_some(
    session: Connection,
    deps: Deps,
    workspace: WorkspaceRef,
    id_: UUID,
    lines: list[Line],
    at_once: int,
) -> BulkRow | None:
    """Award a chunk, and return how far it is; None where there is nothing to do any more."""
    row = bulk.by_id(session, workspace_id=workspace.id, bulk_id=id_)
    if row is None or row.state != "running":
        return None
    now, settings = deps.clock(), deps.settings_in(session, workspace)
    some = list(bulk_plan.in_chunks(lines, row.done, at_once))
    to = row.done + len(some)
    if not bulk.advance(session, workspace_id=workspace.id, bulk_id=row.id, done=row.done, to=to):
        return None
    occasions = _occasions(session, workspace, settings, row, some, deps)
    public = {(one.recipient_id, one.badge.id): one.key for one in occasions if not one.private}
    giver = people.by_ids(session, workspace_id=workspace.id, ids=[row.giver_id])[row.giver_id]
    asked = answering.awaited(session, workspace, settings, giver, public) if public else None
    given = awarding.award_many(
        session,
        workspace=workspace,
        settings=settings,
        occasions=occasions,
        now=now,
        giver_id=row.giver_id,
    )
    answering.answer(session, workspace, asked, now)
    told = dict.fromkeys(one.recipient_id for one in occasions if one.key in given)
    outbox.enqueue(
        session,
        workspace_id=workspace.id,
        deliveries=[
            NewDelivery(MANY, "notify", bulk.notify_key(row.id, person), row.id, person)
            for person in told
        ],
        now=now,
    )
    if to < len(lines):
        return row._replace(done=to)
    _finish(session, deps, workspace, settings, row, lines)
    return row._replace(done=to, state="done", finished_at=now)


def _occasions(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    row: BulkRow,
    lines: list[Line],
    deps: Deps,
) -> list[Occasion]:
    """The awards of these lines, as far as they are still allowed: the plan may be a while ago."""
    known = people.by_ids(
        session,
        workspace_id=workspace.id,
        ids={row.giver_id, *(line.person_id for line in lines)},
    )
    given = badges.by_ids(session, workspace_id=workspace.id, ids={line.badge_id for line in lines})
    giver = known[row.giver_id]
    standing = standing_towards(session, workspace, settings, giver, given.values())
    allowed = {
        badge.id
        for badge in given.values()
        if badge.active and may(standing, "bulk") and may_award(standing, badge)
    }
    occasions = [
        Occasion(
            key=f"bulk:{row.id.hex}:{line.person_id.hex}:{line.badge_id.hex}",
            recipient_id=line.person_id,
            badge=given[line.badge_id],
            batch_id=row.id,
            reason=line.reason,
            at=bulk_plan.moment(line.on, now=deps.clock(), settings=settings),
            private=line.private,
            quiet=row.quiet,
        )
        for line in lines
        if line.badge_id in allowed
        and line.person_id in known
        and not permissions.refusal(giver, known[line.person_id], settings)
    ]
    return within(session, Purview(workspace, settings, giver, deps.clock()), standing, occasions)


def _finish(
    session: Connection,
    deps: Deps,
    workspace: WorkspaceRef,
    settings: Settings,
    row: BulkRow,
    lines: list[Line],
) -> None:
    """Note that it is done, and have the feed told of it, once."""
    now = deps.clock()
    bulk.change(
        session,
        workspace_id=workspace.id,
        bulk_id=row.id,
        state="running",
        to="done",
        plan=bulk.UNTOLD,
        finished_at=now,
    )
    public = [
        one.version_id
        for one in bulk.in_feed(session, workspace_id=workspace.id, batch_id=row.id)
        if one.standing
    ]
    versions = badges.of_versions(session, workspace_id=workspace.id, version_ids=public)
    posts = announcements(row.id, versions.values(), settings) if versions else []
    outbox.enqueue(session, workspace_id=workspace.id, deliveries=posts, now=now)
    count = bulk.counts(session, workspace_id=workspace.id, batch_id=row.id).standing
    detail = {"awarded": count, "left_out": len(lines) - count}
    _note(session, deps, workspace, "bulk.finished", row.id, detail, row.giver_id)


def _take_some_back(
    session: Connection, deps: Deps, workspace: WorkspaceRef, id_: UUID, at_once: int
) -> BulkRow | None:
    """Take back a chunk, and return how far it is; None where there is nothing to do any more."""
    row = bulk.by_id(session, workspace_id=workspace.id, bulk_id=id_)
    if row is None or row.state != "undone" or row.finished_at is not None:
        return None
    now = deps.clock()
    said = json.loads(bulk.plan_of(session, workspace_id=workspace.id, bulk_id=row.id))
    some = bulk.standing(session, workspace_id=workspace.id, batch_id=row.id, limit=at_once)
    if some:
        told = bulk.told_among(
            session,
            workspace_id=workspace.id,
            batch_id=row.id,
            person_ids={person for _award, person in some},
        )
        awards.revoke(
            session,
            workspace_id=workspace.id,
            ids=[award for award, _person in some],
            by=UUID(hex=said["by"]),
            reason=said["reason"],
            now=now,
            undone=said["undone"],
        )
        amends = [
            NewDelivery(MANY, "amend", f"amend:{new_id(now)}", row.id, person) for person in told
        ]
        outbox.enqueue(session, workspace_id=workspace.id, deliveries=amends, now=now)
        answered = requests.answered(
            session, workspace_id=workspace.id, award_ids=[award for award, _person in some]
        )
        telling.amend(session, workspace, answered, now)
        return row
    posts = outbox.posts_of_batch(session, workspace_id=workspace.id, batch_id=row.id)
    amends = [
        NewDelivery(post.lane, "amend", f"amend:{new_id(now)}", row.id, subject=post.key)
        for post in posts
    ]
    outbox.enqueue(session, workspace_id=workspace.id, deliveries=amends, now=now)
    bulk.change(
        session,
        workspace_id=workspace.id,
        bulk_id=row.id,
        state="undone",
        to="undone",
        plan=bulk.UNTOLD,
        finished_at=now,
    )
    gone = bulk.counts(session, workspace_id=workspace.id, batch_id=row.id)
    action = "bulk.undone" if said["undone"] else "bulk.revoked"
    detail = {"awards": gone.undone if said["undone"] else gone.revoked}
    _note(session, deps, workspace, action, row.id, detail, UUID(hex=said["by"]))
    return row._replace(finished_at=now)


def _note(
    session: Connection,
    deps: Deps,
    workspace: WorkspaceRef,
    action: str,
    id_: UUID,
    detail: Mapping[str, object],
    actor_id: UUID,
) -> None:
    audit.note(
        session,
        workspace_id=workspace.id,
        action=action,
        subject=str(id_),
        detail=json.dumps(detail),
        now=deps.clock(),
        actor_id=actor_id,
    )
