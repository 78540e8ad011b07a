"""What is due: the spells whose milestones may be, a page at a time, and what of them is to be recorded."""

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Connection

from bot.deps import WorkspaceRef
from bot.milestones import Frame, Plan, plan, spells_of
from bot.settings import Settings
from storage import milestones, nearing, tenure
from storage.database import Database
from storage.nearing import Candidate
from storage.tenure import LOOK_NOW

Position = tuple[date, UUID]  # how far a run has come: the spells after this one are next

AT_ONCE = 480  # spells in one transaction
_LOOK_AT_ONCE = 100  # when it is only counted, or told: mostly, few are enough
_FEW = 24
FIRST: Position = (LOOK_NOW, UUID(int=0))


def page(
    session: Connection,
    workspace: WorkspaceRef,
    frame: Frame,
    position: Position,
    *,
    limit: int = AT_ONCE,
    claim: bool = False,
) -> list[Candidate]:
    """The spells after a position whose next milestone may be due; `claim` keeps others off them."""
    return nearing.near(
        session,
        workspace_id=workspace.id,
        until=frame.horizon,
        since=position[0],
        after_id=position[1],
        limit=limit,
        claim=claim,
    )


def plans_of(
    session: Connection,
    workspace: WorkspaceRef,
    frame: Frame,
    candidates: Sequence[Candidate],
    *,
    recent: bool = False,
) -> tuple[list[Plan], dict[UUID, date | None]]:
    """What is to be recorded of these spells, and where their next milestones lie, if elsewhere."""
    people = {one.person_id for one in candidates if one.complex}
    rows = tenure.of_people(session, workspace_id=workspace.id, person_ids=people)
    lines: dict[UUID, list[milestones.Recorded]] = {}
    for line in milestones.recorded(
        session,
        workspace_id=workspace.id,
        spell_ids=[one.id for one in candidates],
        since=min(one.next_on for one in candidates),
    ):
        lines.setdefault(line.spell_id, []).append(line)
    told = told_elsewhere(session, workspace, frame, people)
    plans: list[Plan] = []
    next_on: dict[UUID, date | None] = {}
    for one in candidates:
        spells, before = spells_of(one, rows), told.get(one.person_id, {})
        found, following = plan(
            one, spells, lines.get(one.id, ()), frame, told=before, recent=recent
        )
        plans += found
        if frame.on is None and following != one.next_on:
            next_on[one.id] = following
    return plans, next_on


def told_elsewhere(
    session: Connection, workspace: WorkspaceRef, frame: Frame, people: set[UUID]
) -> dict[UUID, dict[str, UUID]]:
    """What people were told of in a spell that is another one now: by person and length, the spell."""
    told: dict[UUID, dict[str, UUID]] = {}
    for person_id, spell_id, length, counts in milestones.told(
        session, workspace_id=workspace.id, person_ids=people
    ):
        # Where each employment counts by itself, each has its own first year.
        if frame.policies.rehire == "bridged" or not counts:
            told.setdefault(person_id, {})[length] = spell_id
    return told


def planned(database: Database, workspace: WorkspaceRef, frame: Frame) -> Iterator[Plan]:
    """Everything that is to be recorded, a page at a time, each in a transaction of its own."""
    for found, _next_on in _pages(database, workspace, frame):
        yield from found


def _pages(
    database: Database,
    workspace: WorkspaceRef,
    frame: Frame,
    *,
    recent: bool = False,
    at_once: int = _LOOK_AT_ONCE,
) -> Iterator[tuple[list[Plan], dict[UUID, date | None]]]:
    position = FIRST
    while True:

        def look(
            session: Connection, position: Position = position
        ) -> tuple[list[Candidate], list[Plan], dict[UUID, date | None]]:
            candidates = page(session, workspace, frame, position, limit=at_once)
            if not candidates:
                return [], [], {}
            return candidates, *plans_of(session, workspace, frame, candidates, recent=recent)

        candidates, found, next_on = database.read(look)
        yield found, next_on
        if len(candidates) < at_once:
            return
        position = candidates[-1].next_on, candidates[-1].id


def count(
    database: Database, workspace: WorkspaceRef, frame: Frame, settings: Settings
) -> tuple[bool, int]:
    """Whether there is anything to write, and how many milestones are for the feed, as far as it matters."""
    feed, any_due = 0, False
    # A few at a time: on a busy day these are more than a digest's least already.
    for found, next_on in _pages(database, workspace, frame, recent=True, at_once=_FEW):
        any_due = any_due or bool(found or next_on)
        if settings.feed_channel:
            feed += sum(one.feed and one.award for one in found)
        enough = feed > frame.policies.digest_above or not settings.feed_channel
        if any_due and enough:
            break
    return any_due, feed
