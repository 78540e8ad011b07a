"""What was awarded before, as far as it decides about what is to be awarded now."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from bot.deps import WorkspaceRef
from bot.errors import BadRequestError
from bot.gifts import Gift
from bot.messages import text
from bot.settings import Settings
from storage import awards
from storage.awards import AwardRow
from storage.badges import BadgeRow
from storage.people import PersonRow

SAME_AGAIN_WINDOW = timedelta(minutes=1)
TRADE_WINDOW = timedelta(days=1)


class SameAgainError(Exception):
    """The same giver gave the same for the same reason within the last minute; ask before repeating."""

    def __init__(self, recipient: PersonRow, badge: BadgeRow) -> None:
        super().__init__(badge.slug)
        self.recipient = recipient
        self.badge = badge


class TradeError(BadRequestError):
    """Nobody is left whom this giver can award: the others awarded them within a day."""


class Before(NamedTuple):
    """Awards that stand: those of the gift's badges that matter, and what the recipients gave its giver."""

    earlier: tuple[AwardRow, ...]
    given_back: tuple[AwardRow, ...]  # within a day; none where that is allowed
    expired: tuple[AwardRow, ...]  # of what is held once, and over

    def is_repeated(self, gift: Gift, recipient: PersonRow, badge: BadgeRow) -> bool:
        """Whether this very occasion was served."""
        key = gift.key(recipient, badge)
        return any(row.occasion_key == key for row in self.earlier)

    def holds(self, gift: Gift, recipient: PersonRow, badge: BadgeRow, now: datetime) -> bool:
        """Whether the recipient holds the badge, as far as the giver may be refused for it."""
        giver_id = gift.giver.id if gift.giver else None
        return any(
            row.recipient_id == recipient.id
            and row.badge_id == badge.id
            and not row.is_over(now)
            and may_be_refused_for(row, giver_id)
            for row in self.earlier
        )

    def is_same_again(self, gift: Gift, recipient: PersonRow, badge: BadgeRow) -> bool:
        """Whether the giver gave the same in the same words just now, and was not asked about it."""
        return (
            not badge.held_once
            and not gift.confirmed
            and any(
                row.recipient_id == recipient.id
                and row.badge_id == badge.id
                and row.reason == gift.reason
                for row in self.earlier
            )
        )


def may_be_refused_for(award: AwardRow, giver_id: UUID | None) -> bool:
    """Whether who gives may learn that an award stands: they gave it, or others may know of it."""
    return award.giver_id == giver_id or not award.secret


def of(
    session: Connection, workspace: WorkspaceRef, settings: Settings, gift: Gift, now: datetime
) -> Before:
    """Read it: what is held once, flair in the same words lately, and awards that would be answered."""
    recipients = [recipient.id for recipient in gift.recipients]
    flair = [badge.id for badge in gift.badges if not badge.held_once]
    once = [badge.id for badge in gift.badges if badge.held_once]
    lately: list[AwardRow] = []
    if gift.giver is not None:
        lately = awards.given_lately(
            session,
            workspace_id=workspace.id,
            recipient_ids=recipients,
            badge_ids=flair,
            giver_id=gift.giver.id,
            reason=gift.reason,
            since=now - SAME_AGAIN_WINDOW,
            back_since=None if settings.trades else now - TRADE_WINDOW,
        )
    held: list[AwardRow] = []
    if once:
        held = awards.earlier(
            session, workspace_id=workspace.id, recipient_ids=recipients, badge_ids=once
        )
    giver_id = gift.giver.id if gift.giver else None
    own = [row for row in lately if row.giver_id == giver_id]
    return Before(
        earlier=(*own, *held),
        given_back=tuple(row for row in lately if row.giver_id != giver_id),
        expired=tuple(row for row in held if row.is_over(now)),
    )


def without_trades(gift: Gift, before: Before, now: datetime) -> tuple[Gift, tuple[str, ...]]:
    """A gift without those who awarded its giver within a day, and a sentence about each of them.

    Raises TradeError where nobody is left, or somebody must not be left out.
    """
    latest = {row.giver_id: row.awarded_at for row in _oldest_first(before.given_back)}
    if not latest:
        return gift, ()
    refused = tuple(
        f"{text.named(one.name)} gave you a badge less than a day ago, and badges don’t go straight back here."
        f" You can return it in {_wait(latest[one.id] + TRADE_WINDOW - now)}."
        for one in gift.recipients
        if one.id in latest
    )
    others = tuple(one for one in gift.recipients if one.id not in latest)
    if not others or gift.all_or_none:
        raise TradeError(f"{' '.join(refused[:10])} Nothing was awarded.")
    return gift._replace(recipients=others), refused


def _oldest_first(rows: Iterable[AwardRow]) -> list[AwardRow]:
    return sorted(rows, key=lambda row: row.awarded_at)


def _wait(left: timedelta) -> str:
    minutes = max(1, -(-int(left.total_seconds()) // 60))
    return text.count(-(-minutes // 60), "hour") if minutes > 60 else text.count(minutes, "minute")
