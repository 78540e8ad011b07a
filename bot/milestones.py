"""What is to be done about a milestone: pure decisions, taken when it is recorded and when it is sent."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from bot.calendars import LONGEST_MOVE, moment, zone_of
from bot.tenure import (
    Due,
    Length,
    Pause,
    Policies,
    Rule,
    Spell,
    Where,
    due_of,
    following,
)
from storage.milestones import Recorded
from storage.nearing import Candidate
from storage.people import PersonRow
from storage.tenure import LOOK_NOW, SpellRow

BOT, GONE, LEFT = "a bot", "deactivated", "no longer here"
GUEST, NOT_IN_SLACK = "a guest", "not in Slack"
CHOSE, UNASKED = "chose not to be told", "did not ask to be told"
BEFORE, LATE = "before Laurel began here", "found out too late"
TOLD = "told before"
WAITED = "waited too long to be sent"


@dataclass(frozen=True)
class Plan:
    """One milestone that is to be recorded, and who is to be told of it."""

    candidate: Candidate
    due: Due
    rule: Rule
    again: int | None = None  # how often it was withdrawn before, where it was
    award: bool = True
    private: bool = False
    feed: bool = False
    dm: bool = False
    belated: bool = False
    silent: str = ""  # why nobody is told

    @property
    def length(self) -> Length:
        """The length that is completed."""
        return self.due.milestone.length


@dataclass(frozen=True)
class Frame:
    """What is the same for everybody in one run."""

    policies: Policies
    timezone: str  # the workspace's
    now: datetime
    began: date  # what was celebrated before that day is past
    on: date | None = None  # only what is celebrated on this day, whatever the time

    @property
    def horizon(self) -> date:
        """The last day on which something can fall due that is celebrated by now."""
        # Nowhere is a day further on than 14 hours before UTC, and nothing is due before its hour.
        ahead = timedelta(hours=14 - self.policies.hour)
        last = self.on or (self.now + ahead).date()
        return last + timedelta(days=self.policies.calendar.longest_lead)


def where_of(candidate: Candidate, frame: Frame) -> Where:
    """The timezone that counts for somebody, and their country."""
    own = candidate.timezone if frame.policies.person_timezone else None
    return Where(zone_of(own, frame.timezone), candidate.country)


def spells_of(candidate: Candidate, rows: Mapping[UUID, Sequence[SpellRow]]) -> list[Spell]:
    """All the spells of a candidate's person; `rows` need have only those of complex ones."""
    found = rows.get(candidate.person_id) if candidate.complex else None
    if found:
        return [spell_of(row) for row in found]
    return [Spell(candidate.id, candidate.started_on, candidate.ended_on)]


def spell_of(row: SpellRow) -> Spell:
    """A stored spell, as tenure reckons with it."""
    return Spell(row.id, row.started_on, row.ended_on, tuple(Pause(*pause) for pause in row.leave))


def plan(
    candidate: Candidate,
    spells: Sequence[Spell],
    recorded: Collection[Recorded],
    frame: Frame,
    *,
    told: Mapping[str, UUID] | None = None,
    recent: bool = False,
) -> tuple[list[Plan], date | None]:
    """What of a spell is to be recorded now, and the day of the first milestone after it, if any.

    `told`: the lengths that its person was told of already, each with its spell. `recent`: leave out
    what is too long ago to be told of.
    """
    where, policies = where_of(candidate, frame), frame.policies
    if frame.on is None and candidate.next_on != LOOK_NOW:
        day = policies.calendar.celebration(candidate.next_on, where.country).day
        if moment(day, where.zone, policies.hour) > frame.now:
            return [], candidate.next_on
    lines = {line.length: line for line in recorded}
    plans: list[Plan] = []
    since = max(candidate.next_on, candidate.started_on)
    if recent and frame.on is None:
        ago = frame.policies.belated_days + 2 + (LONGEST_MOVE if policies.calendar.moves else 0)
        since = max(since, frame.now.date() - timedelta(days=ago))
    if frame.on is not None:
        since = max(since, frame.on - timedelta(days=LONGEST_MOVE + 1))
    for milestone in following(spells, policies, candidate.id, since=since):
        due = due_of(milestone, policies, where)
        if frame.on is None and due.at > frame.now:
            return _past_ones(plans, frame), milestone.due_on
        if frame.on is not None and milestone.due_on > frame.horizon:
            break
        line = lines.get(str(milestone.length))
        known = line is not None and line.state != "withdrawn"
        if known or (frame.on is not None and due.celebrated_on != frame.on):
            continue
        rule = policies.rule_for(milestone.length)
        assert rule is not None, milestone
        made = _decided(candidate, due, rule, line.withdrawals if line else None, frame, where)
        before = (told or {}).get(str(milestone.length), candidate.id)
        if before != candidate.id:
            made = replace(made, award=False, feed=False, dm=False, silent=TOLD)
        plans.append(made)
    return _past_ones(plans, frame), None


def _decided(
    who: Candidate, due: Due, rule: Rule, again: int | None, frame: Frame, where: Where
) -> Plan:
    policies = frame.policies
    today = frame.on or frame.now.astimezone(where.zone).date()
    choice = who.choice or policies.unless_chosen
    late = frame.on is None and today - due.celebrated_on > timedelta(days=policies.belated_days)
    why = ""
    if who.bot:
        why = BOT
    elif not who.active:
        why = GONE
    elif who.ended_on is not None and who.ended_on < today:
        why = LEFT
    elif frame.on is None and due.celebrated_on < frame.began:
        why = BEFORE
    elif late:
        why = LATE
    elif who.guest and not policies.guests:
        why = GUEST
    elif choice == "nothing":
        why = CHOSE if who.choice else UNASKED
    elif not who.slack_id:
        why = NOT_IN_SLACK
    return Plan(
        who,
        due,
        rule,
        again,
        award=not who.bot,
        private=choice != "feed",
        feed=not why and rule.feed and choice == "feed",
        dm=not why,
        belated=not why and frame.on is None and today > due.celebrated_on,
        silent=why,
    )


def waited_too_long(celebrated_on: date, recorded_on: date, day: date, policies: Policies) -> bool:
    """Asked when a message is sent: whether it is not told any more, that day, as what is found late.

    What was to be told although it was long past when it was recorded, is told for as long from then.
    """
    longest = timedelta(days=policies.belated_days)
    begun = recorded_on if recorded_on - celebrated_on > longest else celebrated_on
    return day - begun > longest


def _past_ones(plans: list[Plan], frame: Frame) -> list[Plan]:
    """Of what was past when its start date was entered, award only the highest, if that is the policy."""
    if frame.policies.past == "each" or len(plans) < 2:
        return plans
    past = [
        plan
        for plan in plans
        if plan.silent and plan.due.at < max(plan.candidate.entered_at, _midnight(frame.began))
    ]
    lower = {id(plan) for plan in sorted(past, key=lambda plan: plan.length.days)[:-1]}
    return [replace(plan, award=False) if id(plan) in lower else plan for plan in plans]


def _midnight(day: date) -> datetime:
    return moment(day, zone_of(None), 0)


def may_be_told(
    person: PersonRow,
    *,
    ended_on: date | None,
    removed: bool,
    choice: str | None,
    policies: Policies,
    today: date,
) -> tuple[str, bool, bool]:
    """Asked again when a message is sent: why nobody is told, whether the feed is, whether the person."""
    chosen = choice or policies.unless_chosen
    if person.bot:
        return BOT, False, False
    if not person.active:
        return GONE, False, False
    if removed or (ended_on is not None and ended_on < today):
        return LEFT, False, False
    if person.guest and not policies.guests:
        return GUEST, False, False
    if chosen == "nothing":
        return CHOSE if choice else UNASKED, False, False
    return "", chosen == "feed", True
