"""Awarding: the one write path, for people, schedule and rules alike (`bot.revoking` takes back).

Everything here runs inside a transaction that the caller owns. What is to be announced is written to
the outbox in that same transaction; nothing here calls Slack.
"""

from calendar import monthrange
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from uuid import UUID

from sqlalchemy import Connection

from bot import allowance, precedents
from bot.allowance import Purview
from bot.deps import WorkspaceRef
from bot.errors import BadRequestError
from bot.feeds import announcements, channel_of, channels_of
from bot.gifts import Awarded, Gift, Given, Outcome, held_key
from bot.messages.text import named
from bot.parsing import CODE_LETTERS
from bot.precedents import SameAgainError
from bot.requests import answering
from bot.settings import Settings
from storage import awards, outbox, preferences
from storage.awards import AutomaticAward, Batch, NewAward, is_secret
from storage.badges import BadgeRow
from storage.database import TransactionConflictError
from storage.outbox import NewDelivery
from storage.people import PersonRow
from storage.types import new_id, random_bits

# Where every day ends last: nobody's badge is over while it is still that day for somebody.
_LAST_TIMEZONE = timezone(timedelta(hours=-12))


def award(
    session: Connection,
    *,
    workspace: WorkspaceRef,
    settings: Settings,
    gift: Gift,
    now: datetime,
    hopeful: bool = False,
) -> Awarded:
    """Write a gift's awards and their deliveries, and return what happened.

    The same occasion again yields the first result. Raises BadRequestError where limits or the
    workspace's rules forbid it, SameAgainError (see there), and TransactionConflictError when a fresh
    code was taken, after which the caller's transaction runs anew. `hopeful`: nobody waits to hear
    whether an award meets another; where one does, that is raised too, at the latest with the commit.
    """
    _refuse_what_is_over(gift, now)
    before = precedents.of(session, workspace, settings, gift, now)
    gift, refused = precedents.without_trades(gift, before, now)
    held: list[Given] = []
    wanted: list[tuple[PersonRow, BadgeRow]] = []
    again: tuple[PersonRow, BadgeRow] | None = None
    for recipient in gift.recipients:
        for badge in gift.badges:
            if before.is_repeated(gift, recipient, badge):
                wanted.append((recipient, badge))
                hopeful = False
            elif badge.held_once and before.holds(gift, recipient, badge, now):
                held.append(Given(recipient, badge, "held"))
            else:
                if again is None and before.is_same_again(gift, recipient, badge):
                    again = recipient, badge
                wanted.append((recipient, badge))
    left = None
    if wanted and gift.giver and allowance.is_limited(gift):
        purview = Purview(workspace, settings, gift.giver, now)
        left = allowance.check(session, purview, gift, wanted)
    if again is not None:
        raise SameAgainError(*again)
    if not wanted:
        answering.answer_held(session, workspace, settings, gift, held, now)
        return Awarded(tuple(held), None, refused=refused)
    if before.expired:
        awards.let_go(
            session, workspace_id=workspace.id, award_ids=[row.id for row in before.expired]
        )
    asked = answering.by_gift(session, workspace, settings, gift, wanted)
    done = _write(session, workspace, settings, gift, wanted, held, now, hopeful)
    answering.answer(session, workspace, asked, now)
    answering.answer_held(session, workspace, settings, gift, done.given, now)
    return done._replace(refused=refused, left=left or ()) if refused or left else done


def expires_at(badge: BadgeRow, awarded_at: datetime) -> datetime | None:
    """When an award of a badge ends, if ever: months later, or with a day, wherever that ends last."""
    if not badge.expiry:
        return None
    if badge.expiry.endswith("m"):
        return months_later(awarded_at, int(badge.expiry[:-1]))
    last = date.fromisoformat(badge.expiry)
    return datetime.combine(last + timedelta(days=1), time.min, _LAST_TIMEZONE)


def months_later(moment: datetime, months: int) -> datetime:
    """The same day and hour so many months later; where that month is shorter, its last day."""
    years, before = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + years, before + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


def _refuse_what_is_over(gift: Gift, now: datetime) -> None:
    for badge in gift.badges:
        ends = expires_at(badge, now)
        if ends is not None and ends <= now:
            raise BadRequestError(
                f"{named(badge.name)} was to be had until {badge.expiry}, so it can’t be awarded any more."
                " Nothing was awarded."
            )


@dataclass(frozen=True)
class Occasion:
    """An award of Laurel's own, or one of many; the caller sees to what is announced of it."""

    key: str  # `tenure:<spell>:<length>`: the same occasion is the same award
    recipient_id: UUID
    badge: BadgeRow
    batch_id: UUID
    reason: str
    at: datetime  # when it was earned
    private: bool = False
    quiet: bool = False


def award_many(
    session: Connection,
    *,
    workspace: WorkspaceRef,
    settings: Settings,
    occasions: Sequence[Occasion],
    now: datetime,
    giver_id: UUID | None = None,
) -> dict[str, UUID]:
    """Write many awards at once, and return their ids by occasion; `giver_id` None: Laurel's own.

    One that is missing is held already, of a badge that is held once. An occasion that was served
    before has its first award. Raises TransactionConflictError like `award`.
    """
    once = [one for one in occasions if one.badge.held_once and one.badge.expiry]
    if once:
        _let_go_of_expired(session, workspace, once, now)
    hiding = preferences.who_hide_new(
        session, workspace_id=workspace.id, ids=[one.recipient_id for one in occasions]
    )
    new = [
        _automatic(settings, one, giver_id, now, hidden=one.recipient_id in hiding)
        for one in occasions
    ]
    written = awards.add_many(session, workspace_id=workspace.id, giver_id=giver_id, awards=new)
    given = {award.occasion_key: award.id for award in new if award.id in written}
    missing = [one for one in occasions if one.key not in given]
    if missing:
        before = awards.by_occasions(
            session, workspace_id=workspace.id, keys=[one.key for one in missing]
        )
        given |= {key: row.id for key, row in before.items()}
        if any(one.key not in given and not one.badge.held_once for one in missing):
            raise TransactionConflictError("an award's code was taken")
    return given


def _automatic(
    settings: Settings, one: Occasion, giver_id: UUID | None, now: datetime, *, hidden: bool
) -> AutomaticAward:
    quiet = one.quiet or not channel_of(one.badge, settings)
    secret = is_secret(private=one.private, hidden=hidden, quiet=quiet)
    return AutomaticAward(
        id=new_id(now),
        code=new_code(),
        batch_id=one.batch_id,
        recipient_id=one.recipient_id,
        badge_id=one.badge.id,
        version_id=one.badge.version_id,
        reason=one.reason,
        private=one.private,
        quiet=quiet,
        awarded_at=one.at,
        occasion_key=one.key,
        held_key=held_key(one.recipient_id, one.badge, giver_id, secret=secret),
        hidden=hidden,
        expires_at=expires_at(one.badge, one.at),
    )


def _let_go_of_expired(
    session: Connection, workspace: WorkspaceRef, occasions: Sequence[Occasion], now: datetime
) -> None:
    standing = awards.earlier(
        session,
        workspace_id=workspace.id,
        recipient_ids={one.recipient_id for one in occasions},
        badge_ids={one.badge.id for one in occasions},
    )
    expired = [row.id for row in standing if row.is_over(now)]
    if expired:
        awards.let_go(session, workspace_id=workspace.id, award_ids=expired)


def _write(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    gift: Gift,
    wanted: Sequence[tuple[PersonRow, BadgeRow]],
    held: list[Given],
    now: datetime,
    hopeful: bool,
) -> Awarded:
    batch_id = new_id(now)
    new = [_new_award(settings, gift, recipient, badge, now) for recipient, badge in wanted]
    # In one order for everybody: two commands about the same people would lock each other out.
    ordered = sorted(new, key=lambda award: (award.recipient_id, award.badge_id))
    giver_id = gift.giver.id if gift.giver else None
    batch = Batch(workspace.id, batch_id, giver_id, gift.reason, gift.private, now)
    if hopeful:
        awards.add_later(session, batch, ordered)
        written: Collection[UUID] = {award.id for award in new}
    else:
        written = awards.add(session, batch, ordered)
    given = [
        Given(recipient, badge, "awarded", award.code)
        for award, (recipient, badge) in zip(new, wanted, strict=True)
        if award.id in written
    ]
    if len(written) < len(new):
        missing = [pair for award, pair in zip(new, wanted, strict=True) if award.id not in written]
        first, lost = _first_time(session, workspace, gift, missing)
        held = held + lost
        if first:
            given = [*given, *first.given]
            batch_id = batch_id if written else first.batch_id or batch_id
    channels: tuple[str, ...] = ()
    if written:
        if gift.evidence_url:
            _keep_evidence(session, workspace, gift, written, now)
        channels = _announce(session, workspace, settings, gift, batch_id, given, now)
    elif given and not (gift.private or gift.quiet):
        channels = tuple(channels_of([one.badge for one in given], settings))
    return Awarded(tuple(given + held), batch_id if given else None, channels)


def _new_award(
    settings: Settings, gift: Gift, recipient: PersonRow, badge: BadgeRow, now: datetime
) -> NewAward:
    giver_id, hidden = gift.giver.id if gift.giver else None, recipient.hides_new
    quiet = gift.quiet or not channel_of(badge, settings)
    secret = is_secret(private=gift.private, hidden=hidden, quiet=quiet)
    return NewAward(
        id=new_id(now),
        code=new_code(),
        recipient_id=recipient.id,
        badge_id=badge.id,
        version_id=badge.version_id,
        occasion_key=gift.key(recipient, badge),
        held_key=held_key(recipient.id, badge, giver_id, secret=secret),
        quiet=quiet,
        hidden=hidden,
        expires_at=expires_at(badge, now),
    )


def _keep_evidence(
    session: Connection,
    workspace: WorkspaceRef,
    gift: Gift,
    award_ids: Collection[UUID],
    now: datetime,
) -> None:
    awards.add_evidence(
        session,
        workspace_id=workspace.id,
        award_ids=award_ids,
        url=gift.evidence_url,
        public=gift.evidence_public,
        now=now,
    )


def _first_time(
    session: Connection,
    workspace: WorkspaceRef,
    gift: Gift,
    missing: Sequence[tuple[PersonRow, BadgeRow]],
) -> tuple[Awarded | None, list[Given]]:
    """Why awards were not written: the occasion had been served, or the achievement came to be held."""
    rows = awards.by_occasions(
        session, workspace_id=workspace.id, keys=[gift.key(*pair) for pair in missing]
    )
    given: list[Given] = []
    lost: list[Given] = []
    batch_id: UUID | None = None
    outcome: Outcome
    for recipient, badge in missing:
        row = rows.get(gift.key(recipient, badge))
        if row is not None:
            batch_id = row.batch_id
            outcome = "undone" if row.revoked_at else "awarded"
            given.append(Given(recipient, badge, outcome, row.code))
        elif badge.held_once:
            lost.append(Given(recipient, badge, "held"))
        else:
            raise TransactionConflictError("an award's code was taken")
    return (Awarded(tuple(given), batch_id) if given else None), lost


def _announce(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    gift: Gift,
    batch_id: UUID,
    given: Sequence[Given],
    now: datetime,
) -> tuple[str, ...]:
    """Have the awards posted and told to their recipients; the channels of the posts."""
    posts: list[NewDelivery] = []
    if not (gift.private or gift.quiet):
        posts = announcements(batch_id, [one.badge for one in given], settings)
    notes = [
        NewDelivery("dm", "notify", f"notify:{batch_id}:{person_id}", batch_id, person_id)
        for person_id in dict.fromkeys(one.recipient.id for one in given)
    ]
    outbox.enqueue(session, workspace_id=workspace.id, deliveries=[*posts, *notes], now=now)
    return tuple(post.lane.removeprefix("channel:") for post in posts)


def new_code() -> str:
    """A fresh id people can type: `A-` and seven random Crockford base-32 characters."""
    bits = random_bits(35)
    return "A-" + "".join(CODE_LETTERS[bits >> shift & 31] for shift in range(0, 35, 5))
