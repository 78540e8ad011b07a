"""Makes one person of two, once Slack tells the e-mail address of somebody whom an HR file knows by it."""

import logging
from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection

from bot import policies, service
from bot.deps import WorkspaceRef
from bot.milestones import TOLD
from storage import merging, milestones, tenure
from storage.milestones import MilestoneRow
from storage.people import Profile
from storage.tenure import SpellRow

_log = logging.getLogger(__name__)


def unite(
    session: Connection, *, workspace: WorkspaceRef, profiles: Collection[Profile], now: datetime
) -> int:
    """Make one of whoever these profiles show to be kept as two; how many those were.

    Spells, awards, milestones and choices move to the one in Slack. Where both have start dates, the
    source that is trusted more decides; no milestone is awarded or told of twice.
    """
    pairs = merging.twofold(session, workspace_id=workspace.id, profiles=profiles)
    for person_id, other_id in pairs:
        _unite(session, workspace, person_id, other_id, now)
    if pairs:
        _log.info("people united", extra={"people": len(pairs)})
    return len(pairs)


def _unite(
    session: Connection, workspace: WorkspaceRef, person_id: UUID, other_id: UUID, now: datetime
) -> None:
    spells = tenure.of_people(
        session, workspace_id=workspace.id, person_ids=[person_id, other_id], lock=True
    )
    merging.merge(session, workspace_id=workspace.id, person_id=person_id, other_id=other_id)
    sources = policies.load(session, workspace_id=workspace.id).sources
    wrong = _mistaken(spells.get(person_id, ()), spells.get(other_id, ()), sources)
    tenure.remove(session, workspace_id=workspace.id, spell_ids=wrong, now=now)
    if wrong:
        _award_once(session, workspace, person_id, wrong, now)
    if spells:
        service.bring_in_line(session, workspace=workspace, person_ids=[person_id], now=now)


def _mistaken(
    one: Sequence[SpellRow], other: Sequence[SpellRow], sources: Sequence[str]
) -> set[UUID]:
    """The spells that say of some days what a source that is trusted more says otherwise."""
    if not one or not other:
        return set()

    def trust(spells: Sequence[SpellRow]) -> int:
        return min(sources.index(row.source) for row in spells)

    right, left = (one, other) if trust(one) <= trust(other) else (other, one)
    return {row.id for row in left if any(_overlap(row, known) for known in right)}


def _overlap(one: SpellRow, other: SpellRow) -> bool:
    ends = one.ended_on or date.max, other.ended_on or date.max
    return one.started_on <= ends[1] and other.started_on <= ends[0]


def _award_once(
    session: Connection,
    workspace: WorkspaceRef,
    person_id: UUID,
    wrong: Collection[UUID],
    now: datetime,
) -> None:
    """What people were told of in a mistaken spell keeps its award; the same of another has none."""
    lines = milestones.standing(session, workspace_id=workspace.id, person_ids=[person_id])
    told = {
        line.length
        for line in lines
        if line.spell_id in wrong and line.state in ("announced", "told")
    }
    again: list[MilestoneRow] = [
        line for line in lines if line.spell_id not in wrong and line.length in told
    ]
    milestones.change(
        session,
        workspace_id=workspace.id,
        keys=[(line.spell_id, line.length) for line in again],
        state="silent",
        reason=TOLD,
        award_id=None,
        batch_id=None,
    )
    service.undo_awards(session, workspace=workspace, lines=again, reason=TOLD, now=now)
