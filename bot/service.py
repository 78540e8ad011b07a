"""Service: entering and correcting from when to when somebody is employed.

replace_spells(session, …, person_id=…, spells=[…], source="entry")   what one source says of a person
settle(session, …, person_ids=…)       after any other change of spells: bring the ledger in line
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from bot import anniversaries, policies
from bot.deps import WorkspaceRef
from bot.errors import BadRequestError
from bot.milestones import spell_of
from bot.settings import Settings
from bot.tenure import EARLIEST, Length, Policies, Rule, milestones
from storage import awards, tellings, tenure
from storage import milestones as ledger
from storage.milestones import MilestoneRow
from storage.tenure import NewSpell, SpellRow
from storage.types import new_id

Source = Literal["hr", "entry", "slack", "field"]
# trusted: dates that are known from where they are trusted more were left as they are
Outcome = Literal["new", "changed", "same", "trusted"]
CORRECTED = "its day was corrected"
_AT_ONCE = 500


@dataclass(frozen=True)
class Entry:
    """One employment as somebody says it is, its last day included."""

    started_on: date
    ended_on: date | None = None
    leave: tuple[tuple[date, date], ...] = ()


class Settled(NamedTuple):
    """What a change did to the ledger: how many lines were withdrawn, and how many only marked."""

    withdrawn: int = 0
    marked: int = 0


def replace_spells(
    session: Connection,
    *,
    workspace: WorkspaceRef,
    settings: Settings,
    person_id: UUID,
    spells: Sequence[Entry],
    source: Source,
    now: datetime,
) -> Outcome:
    """Make these the employments of a person, unless they are known from a more trusted source.

    An employment keeps its place in the ledger when its dates are corrected. Raises BadRequestError
    for dates that cannot be.
    """
    said = sorted(spells, key=lambda one: one.started_on)
    problem = problem_with(said, today=now.date())
    if problem:
        raise BadRequestError(problem)
    known = tenure.of_people(
        session, workspace_id=workspace.id, person_ids=[person_id], lock=True
    ).get(person_id, [])
    order = policies.load(session, workspace_id=workspace.id).sources
    if any(order.index(row.source) < order.index(source) for row in known):
        return "trusted"
    pairs = _paired(known, said)
    if len(known) == len(said) and all(
        (row.started_on, row.ended_on, row.leave) == (one.started_on, one.ended_on, one.leave)
        and row.source == source
        for row, one in pairs
    ):
        return "same"
    _write(session, workspace, person_id, known, said, pairs, source, now)
    settle(session, workspace=workspace, settings=settings, person_ids=[person_id], now=now)
    return "changed" if known else "new"


def problem_with(spells: Sequence[Entry], *, today: date) -> str:
    """Why these cannot be somebody's employments, in order, as a sentence; "" where they can."""
    for one in spells:
        if one.started_on < EARLIEST:
            return f"{one.started_on} is before {EARLIEST.year}: please check the year."
        if one.started_on > today:
            return f"{one.started_on} is yet to come: a start date is entered once it is there."
        if one.ended_on is not None and one.ended_on < one.started_on:
            return f"The end, {one.ended_on}, is before the start, {one.started_on}."
        if any(last < first for first, last in one.leave):
            return "Leave ends before it begins."
    for before, after in pairwise(spells):
        if before.ended_on is None or before.ended_on >= after.started_on:
            return f"The employment from {before.started_on} runs into the next one."
    return ""


def settle(
    session: Connection,
    *,
    workspace: WorkspaceRef,
    settings: Settings,
    person_ids: Collection[UUID],
    now: datetime,
) -> Settled:
    """Bring the ledger in line with spells that were changed, and have them looked at by the next run.

    What nobody has been told of is withdrawn where its day is another one now, and falls due again on
    that; what people have been told of stays and is marked, and is never told again.
    """
    anniversaries.begin(session, workspace=workspace, timezone=settings.timezone, now=now)
    return bring_in_line(session, workspace=workspace, person_ids=person_ids, now=now)


def bring_in_line(
    session: Connection, *, workspace: WorkspaceRef, person_ids: Collection[UUID], now: datetime
) -> Settled:
    """The same where start dates have been known before."""
    rules = policies.load(session, workspace_id=workspace.id)
    done, everyone = Settled(), list(person_ids)
    for start in range(0, len(everyone), _AT_ONCE):
        some = everyone[start : start + _AT_ONCE]
        wrong = _wrong_lines(session, workspace, rules, some)
        tenure.look_again(session, workspace_id=workspace.id, person_ids=some)
        if wrong:
            one = _take_back(session, workspace, wrong, now)
            done = Settled(done.withdrawn + one.withdrawn, done.marked + one.marked)
    return done


def _wrong_lines(
    session: Connection, workspace: WorkspaceRef, rules: Policies, people: Collection[UUID]
) -> list[MilestoneRow]:
    """The lines that stand and whose day is not the right one, or not any more."""
    lines = ledger.standing(session, workspace_id=workspace.id, person_ids=people)
    if not lines:
        return []
    of_person: dict[UUID, list[MilestoneRow]] = {}
    for line in lines:
        of_person.setdefault(line.person_id, []).append(line)
    rows = tenure.of_people(session, workspace_id=workspace.id, person_ids=list(of_person))
    wrong = []
    for person_id, theirs in of_person.items():
        lengths = sorted({Length.parse(line.length) for line in theirs})
        # Whatever lengths the workspace has by now: these were milestones once.
        reckoning = replace(rules, rules=tuple(Rule(length) for length in lengths))
        right = {
            (one.spell_id, str(one.length)): one.due_on
            for one in milestones(
                [spell_of(row) for row in rows.get(person_id, ())],
                reckoning,
                since=EARLIEST,
                until=date(9000, 1, 1),
            )
        }
        wrong += [line for line in theirs if right.get((line.spell_id, line.length)) != line.due_on]
    return wrong


def _take_back(
    session: Connection, workspace: WorkspaceRef, wrong: Sequence[MilestoneRow], now: datetime
) -> Settled:
    sent = tellings.being_sent(
        session,
        workspace_id=workspace.id,
        batch_ids={line.batch_id for line in wrong if line.batch_id is not None},
    )
    told = [
        line
        for line in wrong
        if line.state in ("announced", "told")
        or (
            line.state == "recorded"
            and line.batch_id is not None
            and ((line.batch_id, None) in sent or (line.batch_id, line.person_id) in sent)
        )
    ]
    untold = [line for line in wrong if line not in told]
    ledger.mark(
        session,
        workspace_id=workspace.id,
        keys=[(line.spell_id, line.length) for line in told],
        reason=CORRECTED,
    )
    ledger.withdraw(
        session,
        workspace_id=workspace.id,
        keys=[(line.spell_id, line.length) for line in untold],
        reason=CORRECTED,
    )
    undo_awards(session, workspace=workspace, lines=untold, reason=CORRECTED, now=now)
    return Settled(len(untold), len(told))


def undo_awards(
    session: Connection,
    *,
    workspace: WorkspaceRef,
    lines: Iterable[MilestoneRow],
    reason: str,
    now: datetime,
) -> None:
    """Undo the awards that lines of the ledger had, as if they had never been given."""
    awarded = [line.award_id for line in lines if line.award_id is not None]
    if awarded:
        awards.revoke(
            session,
            workspace_id=workspace.id,
            ids=awarded,
            by=None,
            reason=reason,
            now=now,
            undone=True,
        )


def _paired(known: Sequence[SpellRow], said: Sequence[Entry]) -> list[tuple[SpellRow, Entry]]:
    """Which employment is which: by the first day, the others in their order."""
    left, pairs, rest = list(known), [], []
    for one in said:
        same = next((row for row in left if row.started_on == one.started_on), None)
        if same is None:
            rest.append(one)
        else:
            left.remove(same)
            pairs.append((same, one))
    return pairs + list(zip(left, rest, strict=False))


def _write(
    session: Connection,
    workspace: WorkspaceRef,
    person_id: UUID,
    known: Sequence[SpellRow],
    said: Sequence[Entry],
    pairs: Sequence[tuple[SpellRow, Entry]],
    source: Source,
    now: datetime,
) -> None:
    kept = {row.id for row, _one in pairs}
    paired = [one for _row, one in pairs]
    ids = {id(one): row.id for row, one in pairs}
    added = [one for one in said if not any(one is other for other in paired)]
    ids |= {id(one): new_id(now) for one in added}
    rows = {
        id(one): NewSpell(ids[id(one)], person_id, one.started_on, one.ended_on) for one in said
    }
    tenure.add(
        session,
        workspace_id=workspace.id,
        spells=[rows[id(one)] for one in added],
        source=source,
        now=now,
    )
    tenure.change(
        session,
        workspace_id=workspace.id,
        spells=[rows[id(one)] for one in paired],
        source=source,
        now=now,
    )
    tenure.remove(
        session,
        workspace_id=workspace.id,
        spell_ids=[row.id for row in known if row.id not in kept],
        now=now,
    )
    tenure.replace_leave(
        session, workspace_id=workspace.id, leave={ids[id(one)]: one.leave for one in said}
    )
