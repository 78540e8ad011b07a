"""Awarding: the one write path, for people, schedule and rules alike (`bot.revoking` takes back).

Everything here runs inside a transaction that the caller owns. What is to be announced is written to
the outbox in that same transaction; nothing here calls Slack.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection

from bot.deps import WorkspaceRef
from bot.parsing import CODE_LETTERS
from bot.settings import Settings
from storage import awards, outbox
from storage.awards import AutomaticAward, AwardRow, NewAward
from storage.badges import BadgeRow
from storage.database import TransactionConflictError
from storage.outbox import NewDelivery
from storage.people import PersonRow
from storage.types import new_id

SAME_AGAIN_WINDOW = timedelta(minutes=1)
REASON_LIMIT = 500  # characters


# undone: this very occasion, which was taken back since
Outcome = Literal["awarded", "held", "undone"]


@dataclass(frozen=True)
class Gift:
    """What is to be awarded, with everything looked up and permitted."""

    giver: PersonRow | None  # None: Laurel itself
    recipients: tuple[PersonRow, ...]
    badges: tuple[BadgeRow, ...]
    reason: str
    occasion: str  # `slash:<trigger>`, `view:<view>`: the same occasion is the same award
    private: bool = False
    quiet: bool = False
    confirmed: bool = False  # the giver was asked about the same award a minute ago
    evidence_url: str = ""
    evidence_public: bool = False


@dataclass(frozen=True)
class Given:
    """What happened to one badge for one recipient."""

    recipient: PersonRow
    badge: BadgeRow
    outcome: Outcome
    code: str = ""


@dataclass(frozen=True)
class Awarded:
    """What happened to a gift. `batch_id` is what Undo takes back; None where nothing was awarded."""

    given: tuple[Given, ...]
    batch_id: UUID | None
    announced: bool  # whether a post in the feed was asked for

    @property
    def awarded(self) -> tuple[Given, ...]:
        """Those that were awarded."""
        return tuple(given for given in self.given if given.outcome == "awarded")


class SameAgainError(Exception):
    """The same giver gave the same for the same reason within the last minute; ask before repeating."""

    def __init__(self, recipient: PersonRow, badge: BadgeRow) -> None:
        super().__init__(badge.slug)
        self.recipient = recipient
        self.badge = badge


def award(
    session: Connection, *, workspace: WorkspaceRef, settings: Settings, gift: Gift, now: datetime
) -> Awarded:
    """Write a gift's awards and their deliveries, and return what happened.

    The same occasion again yields the first result. Raises SameAgainError (see there), and
    TransactionConflictError when a fresh code was taken, after which the caller's transaction runs anew.
    """
    earlier = _earlier(session, workspace, gift, now)
    repeated = {row.occasion_key: row for row in earlier}
    held: list[Given] = []
    wanted: list[tuple[PersonRow, BadgeRow]] = []
    for recipient in gift.recipients:
        for badge in gift.badges:
            if _key(gift, recipient, badge) in repeated:
                wanted.append((recipient, badge))
            elif badge.held_once and _holds(earlier, gift, recipient, badge):
                held.append(Given(recipient, badge, "held"))
            elif not gift.confirmed and _same_again(earlier, gift, recipient, badge, now):
                raise SameAgainError(recipient, badge)
            else:
                wanted.append((recipient, badge))
    if not wanted:
        return Awarded(tuple(held), None, announced=False)
    return _write(session, workspace, settings, gift, wanted, held, now)


@dataclass(frozen=True)
class Occasion:
    """An award that Laurel gives by itself; the caller sees to what is announced of it."""

    key: str  # `tenure:<spell>:<length>`: the same occasion is the same award
    recipient_id: UUID
    badge: BadgeRow
    batch_id: UUID
    reason: str
    at: datetime  # when it was earned
    private: bool = False
    quiet: bool = False


def award_many(
    session: Connection, *, workspace: WorkspaceRef, occasions: Sequence[Occasion], now: datetime
) -> dict[str, UUID]:
    """Write many awards of Laurel's own at once, and return their ids by occasion.

    One that is missing is held already, of a badge that is held once. An occasion that was served
    before has its first award. Raises TransactionConflictError like `award`.
    """
    new = [
        AutomaticAward(
            id=new_id(now),
            code=new_code(),
            batch_id=one.batch_id,
            recipient_id=one.recipient_id,
            badge_id=one.badge.id,
            version_id=one.badge.version_id,
            reason=one.reason,
            private=one.private,
            quiet=one.quiet,
            awarded_at=one.at,
            occasion_key=one.key,
            held_key=f"{one.recipient_id.hex}:{one.badge.id.hex}" if one.badge.held_once else None,
        )
        for one in occasions
    ]
    written = awards.add_many(session, workspace_id=workspace.id, awards=new)
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


def _write(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    gift: Gift,
    wanted: Sequence[tuple[PersonRow, BadgeRow]],
    held: list[Given],
    now: datetime,
) -> Awarded:
    batch_id = new_id(now)
    new = [
        NewAward(
            id=new_id(now),
            code=new_code(),
            recipient_id=recipient.id,
            badge_id=badge.id,
            version_id=badge.version_id,
            occasion_key=_key(gift, recipient, badge),
            held_key=_held_key(gift, recipient, badge),
        )
        for recipient, badge in wanted
    ]
    written = awards.add(
        session,
        workspace_id=workspace.id,
        batch_id=batch_id,
        giver_id=gift.giver.id if gift.giver else None,
        reason=gift.reason,
        private=gift.private,
        quiet=gift.quiet,
        now=now,
        # In one order for everybody: two commands about the same people would lock each other out.
        awards=sorted(new, key=lambda award: (award.recipient_id, award.badge_id)),
    )
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
    announced = False
    if written:
        if gift.evidence_url:
            awards.add_evidence(
                session,
                workspace_id=workspace.id,
                award_ids=written,
                url=gift.evidence_url,
                public=gift.evidence_public,
                now=now,
            )
        announced = _announce(session, workspace, settings, gift, batch_id, given, now)
    elif given:
        announced = _goes_to_feed(settings, gift, [one.badge for one in given])
    return Awarded(tuple(given + held), batch_id if given else None, announced)


def _first_time(
    session: Connection,
    workspace: WorkspaceRef,
    gift: Gift,
    missing: Sequence[tuple[PersonRow, BadgeRow]],
) -> tuple[Awarded | None, list[Given]]:
    """Why awards were not written: the occasion had been served, or the achievement came to be held."""
    rows = awards.by_occasions(
        session, workspace_id=workspace.id, keys=[_key(gift, *pair) for pair in missing]
    )
    given: list[Given] = []
    lost: list[Given] = []
    batch_id: UUID | None = None
    outcome: Outcome
    for recipient, badge in missing:
        row = rows.get(_key(gift, recipient, badge))
        if row is not None:
            batch_id = row.batch_id
            outcome = "undone" if row.revoked_at else "awarded"
            given.append(Given(recipient, badge, outcome, row.code))
        elif badge.held_once:
            lost.append(Given(recipient, badge, "held"))
        else:
            raise TransactionConflictError("an award's code was taken")
    return (Awarded(tuple(given), batch_id, announced=False) if given else None), lost


def _announce(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    gift: Gift,
    batch_id: UUID,
    given: Sequence[Given],
    now: datetime,
) -> bool:
    deliveries = [
        NewDelivery("dm", "notify", f"notify:{batch_id}:{person_id}", batch_id, person_id)
        for person_id in dict.fromkeys(one.recipient.id for one in given)
    ]
    feed = _goes_to_feed(settings, gift, [one.badge for one in given])
    if feed:
        lane = feed_lane(settings)
        deliveries.insert(0, NewDelivery(lane, "announce", f"announce:{batch_id}", batch_id))
    outbox.enqueue(session, workspace_id=workspace.id, deliveries=deliveries, now=now)
    return feed


def refusal(giver: PersonRow, recipient: PersonRow) -> str:
    """Why this person cannot be awarded by this giver, as a sentence; "" where they can."""
    if recipient.id == giver.id:
        return "You can’t award yourself; a colleague can, with `/award` and your name."
    if recipient.bot:
        return f"{recipient.name} is a bot, and bots don’t collect badges."
    if not recipient.active:
        # Deactivated, or from another workspace's side of a shared channel.
        return f"{recipient.name}’s account isn’t active here."
    return ""


def too_long(reason: str) -> str:
    """What to say of a reason that is longer than can be shown."""
    return (
        f"That reason has {len(reason):,} characters, and {REASON_LIMIT} is the most."
        " Nothing was awarded; please shorten it."
    )


def new_code() -> str:
    """A fresh id people can type: `A-` and seven random Crockford base-32 characters."""
    bits = secrets.randbits(35)
    return "A-" + "".join(CODE_LETTERS[bits >> shift & 31] for shift in range(0, 35, 5))


def feed_lane(settings: Settings) -> str:
    """The lane of the feed channel."""
    return f"channel:{settings.feed_channel}"


def _goes_to_feed(settings: Settings, gift: Gift, badges: Sequence[BadgeRow]) -> bool:
    return bool(
        settings.feed_channel
        and not gift.private
        and not gift.quiet
        and any(badge.feed for badge in badges)
    )


def _earlier(
    session: Connection, workspace: WorkspaceRef, gift: Gift, now: datetime
) -> list[AwardRow]:
    """What stands already of the gift's badges: what is held once, and flair in the same words lately."""
    recipients = [recipient.id for recipient in gift.recipients]
    flair = [badge.id for badge in gift.badges if not badge.held_once]
    once = [badge.id for badge in gift.badges if badge.held_once]
    found: list[AwardRow] = []
    if flair and gift.giver is not None:
        found += awards.given_lately(
            session,
            workspace_id=workspace.id,
            recipient_ids=recipients,
            badge_ids=flair,
            giver_id=gift.giver.id,
            reason=gift.reason,
            since=now - SAME_AGAIN_WINDOW,
        )
    if once:
        found += awards.earlier(
            session, workspace_id=workspace.id, recipient_ids=recipients, badge_ids=once
        )
    return found


def _holds(earlier: Sequence[AwardRow], gift: Gift, recipient: PersonRow, badge: BadgeRow) -> bool:
    """Whether the recipient holds the badge, as far as the giver may be refused for it.

    Somebody else's private award never makes this one be refused.
    """
    giver_id = gift.giver.id if gift.giver else None
    return any(
        row.recipient_id == recipient.id
        and row.badge_id == badge.id
        and (not row.private or row.giver_id == giver_id)
        for row in earlier
    )


def _same_again(
    earlier: Sequence[AwardRow], gift: Gift, recipient: PersonRow, badge: BadgeRow, now: datetime
) -> bool:
    return gift.giver is not None and any(
        row.recipient_id == recipient.id
        and row.badge_id == badge.id
        and row.giver_id == gift.giver.id
        and row.reason == gift.reason
        and now - row.awarded_at <= SAME_AGAIN_WINDOW
        for row in earlier
    )


def _key(gift: Gift, recipient: PersonRow, badge: BadgeRow) -> str:
    return f"{gift.occasion}:{recipient.id.hex}:{badge.id.hex}"


def _held_key(gift: Gift, recipient: PersonRow, badge: BadgeRow) -> str | None:
    if not badge.held_once:
        return None
    key = f"{recipient.id.hex}:{badge.id.hex}"
    if gift.private:
        return f"{key}:{gift.giver.id.hex if gift.giver else ''}"
    return key
