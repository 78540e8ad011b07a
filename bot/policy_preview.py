"""What other policies would change: the celebrations of the next weeks, reckoned twice and compared."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection

from bot import anniversaries
from bot.calendars import LONGEST_MOVE
from bot.deps import WorkspaceRef
from bot.due import FIRST, Position, told_elsewhere
from bot.milestones import Frame, Plan, may_be_told, plan, spells_of, where_of
from bot.policies import reckons_anew
from bot.settings import Settings
from bot.tenure import Due, Length, Policies, Rule, due_of, following
from bot.upcoming import WEEKS
from storage import milestones, nearing, people, tenure
from storage.database import Database
from storage.milestones import Recorded
from storage.nearing import Candidate
from storage.people import PersonRow
from storage.tenure import LOOK_NOW, SpellRow

Kind = Literal["moved", "added", "dropped", "at once", "told differently", "recorded silently"]
Progress = Callable[[float], None]

_AT_ONCE = 500
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Told:
    """How a milestone is celebrated under some policies."""

    day: date = field(compare=False)
    hour: str  # there: `09:00 Europe/Lisbon`; "" where it is past
    place: str  # who is told, in words
    badge: str  # its slug; "" where none is awarded
    message: str
    ahead: date | None  # the day; None where it is past, and the next run records it
    silent: bool = False  # nobody is told
    posted_at: datetime | None = field(default=None, compare=False)  # in the feed; by the hour

    @property
    def overdue(self) -> bool:
        """Whether its hour is past, so that the next run records it."""
        return self.ahead is None


@dataclass(frozen=True)
class Change:
    """One milestone that would be celebrated otherwise; None: not at all in these weeks."""

    name: str
    length: Length
    before: Told | None
    after: Told | None

    @property
    def kind(self) -> Kind:
        """What changes first of all."""
        before, after = self.before, self.after
        if after is None:
            return "dropped"
        if after.overdue:
            return "recorded silently" if after.silent else "at once"
        if before is None:
            return "added"
        return "moved" if before.day != after.day else "told differently"


@dataclass(frozen=True)
class Together:
    """Celebrations in the feed within one hour that would be told otherwise: as one digest, or each."""

    day: date
    count: int
    digest: bool  # what they would be


@dataclass(frozen=True)
class Preview:
    """What would change until a day, in order."""

    until: date
    changes: tuple[Change, ...]
    together: tuple[Together, ...] = ()

    def of(self, kind: Kind) -> list[Change]:
        """The changes of one kind."""
        return [one for one in self.changes if one.kind == kind]


def preview(
    database: Database,
    *,
    workspace: WorkspaceRef,
    settings: Settings,
    before: Policies,
    after: Policies,
    now: datetime,
    progress: Progress = lambda _done: None,
) -> Preview:
    """What the next eight weeks have otherwise under other policies; writes nothing."""
    until = now.date() + timedelta(weeks=WEEKS)
    frame = anniversaries.circumstances(database, workspace, settings, now)
    if frame is None:
        return Preview(until, ())
    frames = replace(frame, policies=before), replace(frame, policies=after)
    comparison = _Comparison(workspace, settings, *frames, until)
    found: list[Change] = []
    for changes in comparison.pages(database, progress):
        found += changes
    return Preview(until, tuple(sorted(found, key=_order)), tuple(comparison.together()))


def _order(change: Change) -> tuple[date, str, float]:
    told = change.after or change.before
    assert told is not None
    return told.day, change.name.casefold(), change.length.days


@dataclass(frozen=True)
class _Comparison:
    workspace: WorkspaceRef
    settings: Settings
    before: Frame
    after: Frame
    until: date
    # How many posts there are in the feed in each hour, before and after.
    posts: tuple[Counter[datetime], Counter[datetime]] = field(
        default_factory=lambda: (Counter(), Counter())
    )

    def together(self) -> Iterator[Together]:
        """The hours whose posts become a digest, or a digest posts."""
        before, after = self.posts
        for hour in sorted(after):
            was = before[hour] > self.before.policies.digest_above
            digest = after[hour] > self.after.policies.digest_above
            if was != digest and after[hour] > 1:
                yield Together(hour.date(), after[hour], digest)

    def pages(self, database: Database, progress: Progress) -> Iterator[list[Change]]:
        """The changes of some hundred people at a time, each in a transaction of its own."""
        # Who has no milestone near has none under other calendars; under other lengths, anybody may.
        anew = reckons_anew(self.before.policies, self.after.policies)
        whole = database.read(lambda session: tenure.number(session, workspace_id=self._id))
        done, position = 0, FIRST
        while True:

            def look(
                session: Connection, position: Position = position
            ) -> tuple[list[Candidate], list[Change]]:
                found = self._page(session, position, anew=anew)
                return found, self._compared(session, found, anew=anew) if found else []

            candidates, changes = database.read(look)
            yield changes
            if len(candidates) < _AT_ONCE:
                progress(1.0)
                return
            done += len(candidates)
            progress(done / max(whole, 1))
            position = candidates[-1].next_on, candidates[-1].id

    @property
    def _id(self) -> int:
        return self.workspace.id

    def _page(
        self, session: Connection, position: tuple[date, UUID], *, anew: bool
    ) -> list[Candidate]:
        since, after_id = position
        if anew:
            return nearing.every(session, workspace_id=self._id, after_id=after_id, limit=_AT_ONCE)
        return nearing.near(
            session,
            workspace_id=self._id,
            until=self.until + LONGEST_MOVE * _DAY,
            since=since,
            after_id=after_id,
            limit=_AT_ONCE,
        )

    def _compared(
        self, session: Connection, candidates: Sequence[Candidate], *, anew: bool
    ) -> list[Change]:
        known = people.by_ids(
            session, workspace_id=self._id, ids={one.person_id for one in candidates}
        )
        several = {one.person_id for one in candidates if one.complex}
        rows = tenure.of_people(session, workspace_id=self._id, person_ids=several)
        lines: dict[UUID, list[Recorded]] = {}
        for line in milestones.recorded(
            session, workspace_id=self._id, spell_ids=[one.id for one in candidates]
        ):
            lines.setdefault(line.spell_id, []).append(line)
        told = [
            told_elsewhere(session, self.workspace, frame, several)
            for frame in (self.before, self.after)
        ]
        changes = []
        for one in candidates:
            person = known[one.person_id]
            if person.bot or not person.active:
                continue
            look = _Look(one, person, rows, lines.get(one.id, ()), self.until)
            again = replace(look, candidate=one._replace(next_on=LOOK_NOW)) if anew else look
            channel = self.settings.feed_channel
            then = look.told(self.before, told[0].get(person.id, {}), channel)
            now = again.told(self.after, told[1].get(person.id, {}), channel)
            for posts, found in zip(self.posts, (then, now), strict=True):
                posts.update(self._posted(found.values()))
            changes += self._changes(person, then, now)
        return changes

    def _posted(self, found: Iterable[Told]) -> list[datetime]:
        return [
            one.posted_at for one in found if one.posted_at is not None and one.day <= self.until
        ]

    def _changes(
        self, person: PersonRow, then: Mapping[Length, Told], now: Mapping[Length, Told]
    ) -> list[Change]:
        return [
            Change(person.name, length, then.get(length), now.get(length))
            for length in {**then, **now}
            if self._matters(then.get(length), now.get(length))
        ]

    def _matters(self, then: Told | None, now: Told | None) -> bool:
        if then is not None and then.overdue and then.silent and now is None:
            return False
        return then != now and any(one is not None and one.day <= self.until for one in (then, now))


@dataclass(frozen=True)
class _Look:
    """One spell, to be looked at under several policies."""

    candidate: Candidate
    person: PersonRow
    rows: Mapping[UUID, Sequence[SpellRow]]
    lines: Sequence[Recorded]
    until: date

    def told(self, frame: Frame, elsewhere: Mapping[str, UUID], channel: str) -> dict[Length, Told]:
        """What is recorded by the next run, and what is celebrated after it."""
        one, policies = self.candidate, frame.policies
        spells, where = spells_of(one, self.rows), where_of(one, frame)
        overdue, _next = plan(one, spells, self.lines, frame, told=elsewhere)
        found = {each.length: _overdue(each, frame, channel) for each in overdue}
        recorded = {line.length for line in self.lines if line.state != "withdrawn"}
        margin = LONGEST_MOVE if policies.calendar.moves else 0
        since = frame.now.date() - timedelta(days=margin + 2)
        for milestone in following(spells, policies, one.id, since=since):
            if milestone.due_on > self.until + 2 * LONGEST_MOVE * _DAY:
                break
            due, length = due_of(milestone, policies, where), str(milestone.length)
            rule = policies.rule_for(milestone.length)
            if rule is not None and due.at > frame.now and length not in recorded:
                silent = length in elsewhere and elsewhere[length] != one.id
                found[milestone.length] = self._ahead(due, rule, frame, channel, silent=silent)
        return found

    def _ahead(self, due: Due, rule: Rule, frame: Frame, channel: str, *, silent: bool) -> Told:
        why, feed, dm = may_be_told(
            self.person,
            ended_on=self.candidate.ended_on,
            removed=False,
            choice=self.candidate.choice,
            policies=frame.policies,
            today=due.celebrated_on,
        )
        if silent:
            why, feed, dm = "told before", False, False
        feed = feed and rule.feed and bool(channel)
        place = _place(feed, dm, why, channel)
        told = _told(self.candidate, due, rule, frame, place, silent=bool(why))
        return replace(told, posted_at=due.at.replace(minute=0)) if feed else told


def _overdue(one: Plan, frame: Frame, channel: str) -> Told:
    place = _place(one.feed, one.dm, one.silent, channel)
    told = _told(one.candidate, one.due, one.rule, frame, place, silent=bool(one.silent))
    posted_at = frame.now.replace(minute=0, second=0, microsecond=0)
    return replace(
        told,
        ahead=None,
        hour="",
        badge=told.badge if one.award else "",
        posted_at=posted_at if one.feed and channel else None,
    )


def _told(
    candidate: Candidate, due: Due, rule: Rule, frame: Frame, place: str, *, silent: bool
) -> Told:
    zone = where_of(candidate, frame).zone
    return Told(
        day=due.celebrated_on,
        hour=f"{due.at.astimezone(zone):%H:%M} {zone.key}",
        place=place,
        badge=rule.badge or due.milestone.length.slug,
        message=rule.message,
        ahead=due.celebrated_on,
        silent=silent,
    )


def _place(feed: bool, dm: bool, why: str, channel: str) -> str:
    if feed and channel:
        return f"#{channel} and direct message"
    return "direct message" if dm else f"nobody is told ({why})"
