"""Writing what is due: line of the ledger, award and deliveries, in one transaction for many people."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Connection

from bot import policies, reminders
from bot.awarding import Occasion, award_many
from bot.deps import WorkspaceRef
from bot.due import AT_ONCE, Position, page, plans_of
from bot.feeds import channel_of
from bot.milestones import Frame, Plan
from bot.seniority import badges_for
from bot.settings import Settings
from bot.tenure import Length
from bot.turns import LEASE
from storage import milestones, nearing, outbox
from storage import settings as kept_settings
from storage.badges import BadgeRow
from storage.milestones import MilestoneRow
from storage.outbox import NewDelivery
from storage.types import new_id

DIGEST_PEOPLE = 240  # in one post: about 10,000 characters of blocks
_HOUR = "anniversaries.hour"
_TURN = "anniversaries.turn"


@dataclass(frozen=True)
class Ran:
    """What a run did: how many milestones were recorded, by what became of each."""

    recorded: int = 0
    awarded: int = 0
    posts: int = 0
    messages: int = 0
    silent: int = 0
    reminders: int = 0
    elsewhere: bool = False  # another process was at it

    def __add__(self, other: "Ran") -> "Ran":
        return Ran(
            self.recorded + other.recorded,
            self.awarded + other.awarded,
            self.posts + other.posts,
            self.messages + other.messages,
            self.silent + other.silent,
            self.reminders + other.reminders,
            self.elsewhere or other.elsewhere,
        )


class Batch:
    """One transaction's worth of spells; `holder` names who wants to be the only one at it, if so."""

    def __init__(
        self,
        workspace: WorkspaceRef,
        settings: Settings,
        frame: Frame,
        feed: int,
        position: Position,
        holder: str = "",
    ) -> None:
        self._workspace = workspace
        self._settings = settings
        self._frame = frame
        self._feed = feed
        self._position = position
        self._holder = holder

    def work(self, session: Connection) -> tuple[Ran, Position | None]:
        """Record what is due of them; what was done, and where the next batch begins."""
        if self._holder and not self._take_turn(session):
            return Ran(elsewhere=True), None
        done, following = self._work(session)
        if self._holder and following is None:
            end_turn(session, workspace=self._workspace, holder=self._holder)
        return done, following

    def _take_turn(self, session: Connection) -> bool:
        now = self._frame.now
        return kept_settings.take_turn(
            session,
            workspace_id=self._workspace.id,
            key=_TURN,
            holder=self._holder,
            now=now,
            # Then another may help: the work is shared, and nothing done twice.
            until=now + LEASE,
        )

    def _work(self, session: Connection) -> tuple[Ran, Position | None]:
        ws, frame = self._workspace, self._frame
        candidates = page(session, ws, frame, self._position, claim=True)
        if not candidates:
            return Ran(), None
        # The policies that hold now: whoever changes them from here on has these looked at again.
        rules = policies.load(session, workspace_id=ws.id)
        frame = self._frame = replace(frame, policies=rules)
        plans, next_on = plans_of(session, ws, frame, candidates)
        nearing.set_next(session, workspace_id=ws.id, next_on=next_on)
        done = self._record(session, plans) if plans else Ran()
        last = candidates[-1]
        full = len(candidates) == AT_ONCE
        # On PostgreSQL a page is short too where another process holds some of its spells.
        return done, (last.next_on, last.id) if full else None

    def _record(self, session: Connection, plans: Sequence[Plan]) -> Ran:
        ws, now = self._workspace, self._frame.now
        named = badges_for(session, workspace_id=ws.id, rules=[(p.rule, p.length) for p in plans])
        retired = {p.length for p in plans if not named[p.length].active}
        batch_of = self._batches(session, plans, named, retired)
        occasions = [
            Occasion(
                key=_occasion(one),
                recipient_id=one.candidate.person_id,
                badge=named[one.length],
                batch_id=batch_of[index],
                reason=one.rule.message,
                at=min(one.due.at, now),
                # Colleagues learn only what is announced: a date of service is nobody else's business.
                private=one.private or not self._channel(one, named),
                quiet=not one.feed,
            )
            for index, one in enumerate(plans)
            if one.award and one.length not in retired
        ]
        given = award_many(
            session, workspace=ws, settings=self._settings, occasions=occasions, now=now
        )
        rows = [
            self._line(one, given.get(_occasion(one)), batch_of[index], one.length in retired)
            for index, one in enumerate(plans)
        ]
        milestones.add(
            session,
            workspace_id=ws.id,
            rows=[row for row, one in zip(rows, plans, strict=True) if one.again is None],
        )
        milestones.record_again(
            session,
            workspace_id=ws.id,
            rows=[row for row, one in zip(rows, plans, strict=True) if one.again is not None],
        )
        told = [(one, row) for one, row in zip(plans, rows, strict=True) if row.state == "recorded"]
        deliveries = self._deliveries(told, named)
        if deliveries:
            outbox.enqueue(session, workspace_id=ws.id, deliveries=deliveries, now=now)
        kinds = Counter(one.kind for one in deliveries)
        return Ran(
            recorded=len(rows),
            awarded=len(given),
            posts=kinds["announce"],
            messages=kinds["notify"],
            silent=len(rows) - len(told),
        )

    def _channel(self, one: Plan, named: Mapping[Length, BadgeRow]) -> str:
        """Where it is posted, if anywhere."""
        return channel_of(named[one.length], self._settings) if one.feed else ""

    def _batches(
        self,
        session: Connection,
        plans: Sequence[Plan],
        named: Mapping[Length, BadgeRow],
        retired: set[Length],
    ) -> list[UUID]:
        """Which milestones are told of together: the posts of the feed, and all the rest."""
        now = self._frame.now
        channels: dict[str, list[int]] = {}
        for index, one in enumerate(plans):
            channel = self._channel(one, named)
            if channel and one.length not in retired and one.award:
                channels.setdefault(channel, []).append(index)
        rest = new_id(now)
        batches = [rest] * len(plans)
        more = sum(map(len, channels.values()))
        if more:
            before = _posted_this_hour(session, self._workspace, self._frame, more)
            together = before + max(self._feed, more) > self._frame.policies.digest_above
            size = DIGEST_PEOPLE if together else 1
        for feed in channels.values():
            # The longest service is named first.
            feed.sort(key=lambda index: (-plans[index].length.days, plans[index].candidate.id))
            for start in range(0, len(feed), size):
                batch = new_id(now)
                for index in feed[start : start + size]:
                    batches[index] = batch
        return batches

    def _line(
        self, one: Plan, award_id: UUID | None, batch_id: UUID, retired: bool
    ) -> MilestoneRow:
        silent = one.silent
        if not silent and award_id is None:
            silent = "its badge is retired" if retired else "holds the badge already"
        milestone = one.due.milestone
        return MilestoneRow(
            spell_id=milestone.spell_id,
            length=str(milestone.length),
            person_id=one.candidate.person_id,
            due_on=milestone.due_on,
            celebrated_on=one.due.celebrated_on,
            moved=one.due.why,
            counted_from=milestone.counted_from,
            source=one.candidate.source,
            recorded_at=self._frame.now,
            state="silent" if silent else "recorded",
            reason=silent,
            belated=one.belated,
            withdrawals=one.again or 0,
            award_id=award_id,
            batch_id=batch_id,
            told_at=None,
            channel=None,
            message_ts=None,
        )

    def _deliveries(
        self, told: Sequence[tuple[Plan, MilestoneRow]], named: Mapping[Length, BadgeRow]
    ) -> list[NewDelivery]:
        posts: dict[UUID, NewDelivery] = {}
        notes: dict[tuple[UUID, UUID], NewDelivery] = {}
        for one, row in told:
            batch, person = row.batch_id, row.person_id
            assert batch is not None
            if channel := self._channel(one, named):
                lane = f"channel:{channel}"
                posts[batch] = NewDelivery(lane, "announce", f"announce:{batch}", batch)
            key = f"notify:{batch}:{person}"
            notes[batch, person] = NewDelivery("dm", "notify", key, batch, person)
        return [*posts.values(), *notes.values(), *self._afterwards(told)]

    def _afterwards(self, told: Sequence[tuple[Plan, MilestoneRow]]) -> list[NewDelivery]:
        """What managers are told of milestones that were missed, unless they were told in time."""
        if not self._frame.policies.reminder_days:
            return []
        late = [one for one, row in told if row.belated]
        made = [reminders.afterwards(one.candidate, one.due) for one in late]
        return [one for one in made if one is not None]


def end_turn(session: Connection, *, workspace: WorkspaceRef, holder: str) -> None:
    """Let the next one record."""
    kept_settings.end_turn(session, workspace_id=workspace.id, key=_TURN, holder=holder)


def _posted_this_hour(session: Connection, workspace: WorkspaceRef, frame: Frame, more: int) -> int:
    """How many were posted in this hour before these."""
    hour = frame.now.strftime("%Y-%m-%dT%H")
    kept = kept_settings.get(session, workspace_id=workspace.id, key=_HOUR) or ""
    last, _, number = kept.partition(" ")
    before = int(number) if last == hour else 0
    kept_settings.put(
        session,
        workspace_id=workspace.id,
        key=_HOUR,
        value=f"{hour} {before + more}",
        now=frame.now,
    )
    return before


def _occasion(one: Plan) -> str:
    milestone = one.due.milestone
    key = f"tenure:{milestone.spell_id.hex}:{milestone.length}"
    # Its first award was taken back when its day turned out to be wrong.
    return f"{key}:{one.again}" if one.again else key
