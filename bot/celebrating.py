"""What is said of milestones, worked out when it is sent: who left, or chose otherwise since, is not named."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot import policies
from bot.calendars import LONGEST_MOVE, zone_of
from bot.delivery.parts import NOTHING, Became, Sent, Skipped
from bot.deps import WorkspaceRef
from bot.messages import anniversaries as words
from bot.messages.anniversaries import Celebrated
from bot.messages.awards import Post, Source
from bot.milestones import WAITED, may_be_told, spell_of, waited_too_long
from bot.rules import in_force
from bot.settings import Settings
from bot.tenure import Due, Length, Policies, Where, due_of, following
from storage import badges, employment, people, preferences, tellings, tenure
from storage.awards import AwardRow
from storage.people import PersonRow
from storage.tellings import Telling
from storage.tenure import SpellRow


class _When(NamedTuple):
    """The time, the workspace's timezone, and when people were told, where they were."""

    now: datetime
    timezone: str
    told: datetime | None


def _when(now: datetime, timezone: str, message_ts: str | None) -> _When:
    return _When(now, timezone, _posted(message_ts))


def _posted(message_ts: str | None) -> datetime | None:
    return datetime.fromtimestamp(float(message_ts), UTC) if message_ts else None


def feed_post(
    session: Connection,
    workspace: WorkspaceRef,
    batch_id: UUID,
    *,
    now: datetime,
    message_ts: str | None,
    timezone: str,
    card: Source,
) -> Post | None:
    """The post about one person, or the digest about many; None when nobody is left to be named.

    `message_ts`: the post's, where it was posted: whether it is late, it says of that day.
    """
    rows = tellings.of_batch(session, workspace_id=workspace.id, batch_id=batch_id)
    rules = policies.load(session, workspace_id=workspace.id)
    standing = [row for row in rows if not (row.private or row.quiet)]
    when = _when(now, timezone, message_ts)
    told = _celebrated(session, workspace, standing, rules, when, feed=True)
    if not told:
        return None
    return words.post(told[0], card=card) if len(told) == 1 else words.digest(told, card=card)


def direct_message(
    session: Connection,
    workspace: WorkspaceRef,
    batch_id: UUID,
    person_id: UUID,
    *,
    now: datetime,
    message_ts: str | None,
    timezone: str,
    card: Source,
) -> Post | None:
    """What one person is told; None when nothing is left to be told. `message_ts`: as above."""
    rows = tellings.of_batch_for(
        session, workspace_id=workspace.id, batch_id=batch_id, person_id=person_id
    )
    rules = policies.load(session, workspace_id=workspace.id)
    when = _when(now, timezone, message_ts)
    told = _celebrated(session, workspace, rows, rules, when, feed=False)
    return words.direct_message(told, card=card) if told else None


def reminder(
    session: Connection,
    workspace: WorkspaceRef,
    subject: str,
    person_id: UUID,
    *,
    now: datetime,
    timezone: str,
    feed_channel: str,
) -> Post | None:
    """What a manager is told, afterwards where it was missed; None when it is not to be any more."""
    spell, _, written = subject.partition(":")
    spell_id, length = UUID(hex=spell), Length.parse(written)
    whose = tenure.person_of(session, workspace_id=workspace.id, spell_id=spell_id)
    if whose is None:
        return None
    known = people.by_ids(session, workspace_id=workspace.id, ids=[whose, person_id])
    rows = tenure.of_people(session, workspace_id=workspace.id, person_ids=[whose])[whose]
    spell_row = next(row for row in rows if row.id == spell_id)
    rules = policies.load(session, workspace_id=workspace.id)
    employed = employment.of_people(session, workspace_id=workspace.id, person_ids=[whose])
    own = employed.get(whose)
    person = known[whose]
    zone = zone_of(person.timezone if rules.person_timezone else None, timezone)
    choice = preferences.chosen(
        session, workspace_id=workspace.id, person_id=whose, key=tenure.CHOICE
    )
    why, in_feed, _dm = may_be_told(
        person,
        ended_on=spell_row.ended_on,
        removed=False,
        choice=choice,
        policies=rules,
        today=now.astimezone(zone).date(),
    )
    if why or own is None or own.manager_id != person_id:
        return None
    due = _due(rows, rules, (spell_id, length), Where(zone, own.country), now)
    if due is None:
        return None
    if due.at <= now:
        return words.missed(person, length, on=due.celebrated_on, manager=known[person_id])
    rule = rules.rule_for(length)
    in_feed = in_feed and rule is not None and rule.feed
    return words.reminder(
        person,
        length,
        on=due.celebrated_on,
        at=due.at,
        zone=zone,
        why=due.why,
        feed_channel=feed_channel if in_feed else "",
        manager=known[person_id],
    )


def _due(
    rows: Sequence[SpellRow],
    rules: Policies,
    key: tuple[UUID, Length],
    where: Where,
    now: datetime,
) -> Due | None:
    """When a milestone of these spells is celebrated; None: never, or too long ago to be told of."""
    spell_id, length = key
    longest_ago = timedelta(days=rules.belated_days + 1)
    since = now.date() - longest_ago - timedelta(days=LONGEST_MOVE)
    for milestone in following([spell_of(row) for row in rows], rules, spell_id, since=since):
        if milestone.length == length:
            due = due_of(milestone, rules, where)
            if now - longest_ago <= due.at:
                return due
        if milestone.length.days > length.days:
            break
    return None


def when_revoked(
    session: Connection, workspace: WorkspaceRef, award: AwardRow
) -> Literal["", "left out", "deleted"] | None:
    """What becomes of the feed post that told of an award, now revoked; None: it was no milestone."""
    rows = tellings.of_batch(session, workspace_id=workspace.id, batch_id=award.batch_id)
    if not rows:
        return None
    named = [row for row in rows if row.state == "announced"]
    if award.code not in {row.code for row in named}:
        return ""
    return "left out" if any(row.revoked_at is None for row in named) else "deleted"


def note(
    session: Connection, *, workspace_id: int, became: Sequence[Became], settings: Settings
) -> None:
    """Write into the ledger what became of posts and messages about milestones."""
    told = [one for one in became if one.delivery.kind in ("announce", "notify")]
    batches = {one.delivery.batch_id for one in told if one.delivery.batch_id is not None}
    if not batches:
        return
    ours = tellings.of_milestones(session, workspace_id=workspace_id, batch_ids=batches)
    if not ours:
        return
    timezone = in_force(session, settings, workspace_id=workspace_id).timezone
    for one in told:
        if one.delivery.batch_id in ours:
            _note(session, workspace_id, one.delivery.batch_id, one, timezone)


def _note(
    session: Connection, workspace_id: int, batch_id: UUID, became: Became, timezone: str
) -> None:
    match became.outcome, became.delivery.person_id:
        case Sent(channel, ts), None:
            # Whom the post named, when it was posted: it may be found only much later.
            when = _When(_posted(ts) or became.at, timezone, None)
            rows = tellings.of_batch(session, workspace_id=workspace_id, batch_id=batch_id)
            standing = [row for row in rows if not (row.private or row.quiet)]
            rules = policies.load(session, workspace_id=workspace_id)
            named = _may_be_named(session, workspace_id, standing, rules, when, feed=True)
            tellings.note_announced(
                session,
                workspace_id=workspace_id,
                keys=[(row.spell_id, row.length) for row, *_ in named],
                channel=channel,
                message_ts=ts,
                now=became.at,
            )
        case Sent(), person_id:
            assert person_id is not None
            tellings.note_told(
                session,
                workspace_id=workspace_id,
                batch_id=batch_id,
                person_id=person_id,
                now=became.at,
            )
        case Skipped(reason), person_id if person_id is not None:
            when = _When(became.at, timezone, None)
            if reason == NOTHING and _waited(session, workspace_id, batch_id, person_id, when):
                reason = WAITED
            tellings.note_silent(
                session,
                workspace_id=workspace_id,
                batch_id=batch_id,
                person_id=person_id,
                reason=reason,
            )


def _celebrated(
    session: Connection,
    workspace: WorkspaceRef,
    rows: Sequence[Telling],
    rules: Policies,
    when: _When,
    *,
    feed: bool,
) -> list[Celebrated]:
    named = _may_be_named(session, workspace.id, rows, rules, when, feed=feed)
    versions = badges.of_versions(
        session, workspace_id=workspace.id, version_ids={row.version_id for row, *_ in named}
    )
    return [
        Celebrated(
            person=person,
            length=Length.parse(row.length),
            badge=versions[row.version_id],
            code=row.code,
            message=row.reason,
            belated=day > row.celebrated_on,
            private=row.private,
        )
        for row, person, day in named
        if versions[row.version_id].feed or not feed
    ]


def _may_be_named(
    session: Connection,
    workspace_id: int,
    rows: Sequence[Telling],
    rules: Policies,
    when: _When,
    *,
    feed: bool,
) -> list[tuple[Telling, PersonRow, date]]:
    """Who is told of, and the day that it is for them when they are."""
    known = people.by_ids(session, workspace_id=workspace_id, ids={row.person_id for row in rows})
    found = []
    for row in rows:
        person = known[row.person_id]
        zone = zone_of(person.timezone if rules.person_timezone else None, when.timezone)
        why, in_feed, in_person = may_be_told(
            person,
            ended_on=row.ended_on,
            removed=row.removed_at is not None,
            choice=row.choice,
            policies=rules,
            today=when.now.astimezone(zone).date(),
        )
        day = (when.told or when.now).astimezone(zone).date()
        # Of what was told, nothing is too late any more, whatever the policies are by now.
        late = row.state == "silent" if when.told else _is_late(row, day, zone, rules)
        standing = row.revoked_at is None and row.state != "withdrawn" and not late
        if standing and not why and (in_feed if feed else in_person):
            found.append((row, person, day))
    return found


def _is_late(row: Telling, day: date, zone: ZoneInfo, rules: Policies) -> bool:
    recorded_on = row.recorded_at.astimezone(zone).date()
    return waited_too_long(row.celebrated_on, recorded_on, day, rules)


def _waited(
    session: Connection, workspace_id: int, batch_id: UUID, person_id: UUID, when: _When
) -> bool:
    """Whether somebody was told nothing because it had waited for too long."""
    rows = tellings.of_batch_for(
        session, workspace_id=workspace_id, batch_id=batch_id, person_id=person_id
    )
    rules = policies.load(session, workspace_id=workspace_id)
    person = people.by_ids(session, workspace_id=workspace_id, ids=[person_id])[person_id]
    zone = zone_of(person.timezone if rules.person_timezone else None, when.timezone)
    day = when.now.astimezone(zone).date()
    return any(_is_late(row, day, zone, rules) for row in rows)
