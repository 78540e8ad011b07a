"""What is to come: the anniversaries of the next weeks, for those who may look ahead."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot import policies
from bot.calendars import LONGEST_MOVE
from bot.deps import WorkspaceRef
from bot.errors import NotPermittedError
from bot.milestones import TOLD, Frame, may_be_told, spells_of, where_of
from bot.profiles import Page, Reader
from bot.settings import Settings
from bot.tenure import Due, due_of, following
from storage import employment, milestones, nearing, people, tenure
from storage.nearing import Candidate
from storage.people import PersonRow
from storage.tenure import LOOK_NOW, SpellRow

Scope = Literal["me", "team", "everyone"]

WEEKS = 8
PAGE = 12
OWN = 3  # of the reader's own, however far ahead
_MOST = 2_000  # spells that are looked through for one answer
_AT_ONCE = 500
_FAR = date(9000, 1, 1)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Ahead:
    """One anniversary to come; `feed`: it is posted there, else its person alone is told.

    `silent`: why nobody is told, as things stand.
    """

    person: PersonRow
    due: Due
    zone: ZoneInfo
    feed: bool = False
    silent: str = ""


@dataclass(frozen=True)
class Upcoming:
    """A page of what is to come; `own`: the reader's next ones."""

    scope: Scope
    reader: PersonRow
    own: tuple[Ahead, ...]
    own_start_known: bool
    ahead: tuple[Ahead, ...]
    page: Page
    total: int
    until: date
    whole: bool  # else there were too many to look through
    now: datetime
    feed_channel: str


def upcoming(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    *,
    reader: Reader,
    scope: Scope | None,
    now: datetime,
    page: int = 1,
) -> Upcoming:
    """What is to come for the reader, their team or everyone; scope None: as much as they may see.

    Raises NotPermittedError.
    """
    me = reader.person
    team = employment.team_of(session, workspace_id=workspace.id, manager_id=me.id)
    if scope is None:
        scope = "everyone" if reader.viewer.admin else "team" if team else "me"
    if scope == "everyone" and not reader.viewer.admin:
        raise NotPermittedError(
            "Everyone’s anniversaries are for badge admins to see. `/badges upcoming me` shows yours."
        )
    if scope == "team" and not team:
        raise NotPermittedError(
            "Nobody is listed as reporting to you; that comes from the HR file."
            " `/badges upcoming me` shows your own anniversaries."
        )
    looking = _Looking(session, workspace, settings, now)
    until = now.date() + timedelta(weeks=WEEKS)
    found, whole = looking.among(scope, team, until)
    place = Page.within(page, size=PAGE, total=len(found))
    start = place.offset(PAGE)
    own, known = looking.own(me)
    return Upcoming(
        scope=scope,
        reader=me,
        own=own,
        own_start_known=known,
        ahead=looking.shown(found[start : start + PAGE]),
        page=place,
        total=len(found),
        until=until,
        whole=whole,
        now=now,
        feed_channel=settings.feed_channel,
    )


def next_of(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    *,
    person: PersonRow,
    now: datetime,
) -> tuple[Ahead, ...]:
    """The next anniversaries of one person, however far ahead."""
    return _Looking(session, workspace, settings, now).own(person)[0]


class _Coming(NamedTuple):
    candidate: Candidate
    due: Due


class _Looking:
    """One look ahead, within one transaction."""

    def __init__(
        self, session: Connection, workspace: WorkspaceRef, settings: Settings, now: datetime
    ) -> None:
        self._session = session
        self._workspace = workspace
        self._settings = settings
        rules = policies.load(session, workspace_id=workspace.id)
        self._frame = Frame(rules, settings.timezone, now, now.date())

    def among(
        self, scope: Scope, team: Collection[UUID], until: date
    ) -> tuple[list[_Coming], bool]:
        """What is celebrated up to a day, in order, and whether that is all of it."""
        last = until + timedelta(days=self._frame.policies.calendar.longest_lead)
        candidates, whole = self._candidates(scope, team, last)
        found = [
            one
            for one in self._coming(candidates, last)
            if one.due.celebrated_on <= until and one.candidate.active and not one.candidate.bot
        ]
        return sorted(found, key=_order), whole

    def own(self, person: PersonRow) -> tuple[tuple[Ahead, ...], bool]:
        """The next ones of a person, and whether a start date of theirs is known."""
        candidates = nearing.near_among(
            self._session, workspace_id=self._workspace.id, person_ids=[person.id], until=_FAR
        )
        found = sorted(self._coming(candidates, _FAR, most=OWN), key=_order)[:OWN]
        return self.shown(found), bool(candidates) or bool(self._spells([person.id]))

    def shown(self, found: Sequence[_Coming]) -> tuple[Ahead, ...]:
        """The same with the people, and where each is to be told of."""
        ids = {one.candidate.person_id for one in found}
        known = people.by_ids(self._session, workspace_id=self._workspace.id, ids=ids)
        before = self._told_before({one.candidate.person_id for one in found})
        return tuple(self._shown(one, known[one.candidate.person_id], before) for one in found)

    def _candidates(
        self, scope: Scope, team: Collection[UUID], last: date
    ) -> tuple[list[Candidate], bool]:
        if scope == "me":
            return [], True
        if scope == "team":
            ids, found = sorted(team), []
            for start in range(0, min(len(ids), _MOST), _AT_ONCE):
                found += nearing.near_among(
                    self._session,
                    workspace_id=self._workspace.id,
                    person_ids=ids[start : start + _AT_ONCE],
                    until=last,
                )
            return found, len(ids) <= _MOST
        # Those with new dates have to be looked through too, and may be all of a first import.
        new = self._near(LOOK_NOW, LOOK_NOW)
        near = self._near(LOOK_NOW + _DAY, last)
        return [*new, *near], max(len(new), len(near)) < _MOST

    def _near(self, since: date, until: date) -> list[Candidate]:
        return nearing.near(
            self._session,
            workspace_id=self._workspace.id,
            since=since,
            until=until,
            limit=_MOST,
        )

    def _coming(
        self, candidates: Sequence[Candidate], last: date, most: int | None = None
    ) -> Iterator[_Coming]:
        rows = self._spells({one.person_id for one in candidates if one.complex})
        frame = self._frame
        moved = LONGEST_MOVE if frame.policies.calendar.moves else 0
        since = frame.now.date() - timedelta(days=moved + 2)
        recorded = self._recorded(candidates, since)
        for one in candidates:
            where = where_of(one, frame)
            ahead = (
                _Coming(one, due)
                for milestone in following(
                    spells_of(one, rows), frame.policies, one.id, since=since
                )
                if (due := due_of(milestone, frame.policies, where)).at > frame.now
                and (one.id, str(milestone.length)) not in recorded
            )
            for coming in islice(ahead, most):
                if coming.due.milestone.due_on > last:
                    break
                yield coming

    def _spells(self, ids: Collection[UUID]) -> dict[UUID, list[SpellRow]]:
        return tenure.of_people(self._session, workspace_id=self._workspace.id, person_ids=ids)

    def _recorded(self, candidates: Sequence[Candidate], since: date) -> set[tuple[UUID, str]]:
        """What stands in the ledger already: a run for one day may have been ahead of time."""
        lines = milestones.recorded(
            self._session,
            workspace_id=self._workspace.id,
            spell_ids=[one.id for one in candidates],
            since=since,
        )
        return {(line.spell_id, line.length) for line in lines if line.state != "withdrawn"}

    def _told_before(self, ids: Collection[UUID]) -> set[tuple[UUID, str, UUID]]:
        """What people were told of in another spell, and will not be told of again."""
        bridged = self._frame.policies.rehire == "bridged"
        return {
            (person_id, length, spell_id)
            for person_id, spell_id, length, counts in milestones.told(
                self._session, workspace_id=self._workspace.id, person_ids=ids
            )
            if bridged or not counts
        }

    def _shown(self, one: _Coming, person: PersonRow, before: set[tuple[UUID, str, UUID]]) -> Ahead:
        milestone, rules = one.due.milestone, self._frame.policies
        zone = where_of(one.candidate, self._frame).zone
        length = str(milestone.length)
        if any(
            (person_id, told) == (person.id, length) and spell_id != milestone.spell_id
            for person_id, told, spell_id in before
        ):
            return Ahead(person, one.due, zone, silent=TOLD)
        why, feed, _dm = may_be_told(
            person,
            ended_on=one.candidate.ended_on,
            removed=False,
            choice=one.candidate.choice,
            policies=rules,
            today=one.due.celebrated_on,
        )
        rule = rules.rule_for(milestone.length)
        feed = bool(feed and rule and rule.feed and self._settings.feed_channel)
        return Ahead(person, one.due, zone, feed=feed, silent=why)


def _order(one: _Coming) -> tuple[datetime, float, UUID]:
    return one.due.at, -one.due.milestone.length.days, one.candidate.person_id
