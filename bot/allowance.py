"""How often something may still be awarded: limits of givers and of badges, counted when it matters.

Periods begin where the giver is; those of "so often a person" in the workspace's own timezone, so that
they are the same whoever gives.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.calendars import zone_of
from bot.deps import WorkspaceRef
from bot.errors import BadRequestError
from bot.gifts import Gift, Left
from bot.grants import Limit, Period
from bot.messages import text
from bot.messages.days import weekday
from bot.settings import Settings
from storage import awards, people, tallies
from storage.badges import BadgeRow
from storage.people import PersonRow

_NAMED = 10  # of those who had a badge often enough
_RUNNING: dict[Period, str] = {"day": "today"}  # else: this week

Pair = tuple[PersonRow, BadgeRow]


class OverLimitError(BadRequestError):
    """More than may be given now; its sentence says when it can be done again."""


@dataclass(frozen=True)
class Purview:
    """Whose allowance is looked at, and when."""

    workspace: WorkspaceRef
    settings: Settings
    giver: PersonRow
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        """Where the giver is."""
        return zone_of(self.giver.timezone, self.settings.timezone)

    def since(self, limit: Limit, zone: ZoneInfo) -> datetime:
        """When the period that runs began."""
        return _midnight(limit.begins_on(self.now.astimezone(zone).date()), zone)

    def again(self, limit: Limit, zone: ZoneInfo) -> str:
        """The day on which the next one begins, as the giver reads it."""
        today = self.now.astimezone(zone).date()
        return weekday(limit.ends_on(today), self.giver, today=today)


def is_limited(gift: Gift) -> bool:
    """Whether any limit holds for a gift; where none does, nothing need be asked."""
    if gift.giver is None:
        return False
    if gift.limit is not None:
        return True
    return any(badge.giver_limit or badge.recipient_limit for badge in gift.badges)


def left_of(
    session: Connection,
    purview: Purview,
    limit: Limit | None,
    badges: Iterable[BadgeRow],
) -> list[Left]:
    """How often a giver may still award: by their role's limit, and by those of badges that have one."""
    bounds: list[tuple[Limit, BadgeRow | None]] = [(limit, None)] if limit else []
    bounds += [(Limit.parse(one.giver_limit), one) for one in badges if one.giver_limit]
    found = []
    for bound, badge in bounds:
        given = tallies.count_given(
            session,
            workspace_id=purview.workspace.id,
            giver_id=purview.giver.id,
            since=purview.since(bound, purview.zone),
            forgiven=bound.most,
            badge_id=badge.id if badge else None,
        )
        left = max(0, bound.most - sum(given))
        found.append(Left(bound, left, badge, left < bound.most - given.given))
    return found


def check(
    session: Connection, purview: Purview, gift: Gift, wanted: Sequence[Pair]
) -> tuple[Left, ...]:
    """What would be left if all of this were awarded; others who ask about the same people wait.

    Raises OverLimitError. What was awarded on this very occasion before counts once.
    """
    concerned = {recipient.id for recipient, badge in wanted if badge.recipient_limit}
    people.lock(
        session, workspace_id=purview.workspace.id, ids=sorted({purview.giver.id, *concerned})
    )
    served = awards.by_occasions(
        session, workspace_id=purview.workspace.id, keys=[gift.key(*pair) for pair in wanted]
    )
    fresh = [pair for pair in wanted if gift.key(*pair) not in served]
    after = []
    for one in left_of(session, purview, gift.limit, gift.badges):
        asked = sum(one.badge is None or one.badge.id == badge.id for _person, badge in fresh)
        if asked > one.left:
            raise OverLimitError(f"{_too_often(purview, one, asked)} Nothing was awarded.")
        after.append(one._replace(left=one.left - asked))
    for badge in gift.badges:
        if badge.recipient_limit:
            _check_recipients(session, purview, gift, badge, fresh)
    return tuple(after)


def _check_recipients(
    session: Connection, purview: Purview, gift: Gift, badge: BadgeRow, fresh: Sequence[Pair]
) -> None:
    """Raise OverLimitError where somebody had a badge as often as they may.

    An award that the giver may not know of does not count: the refusal would tell of it.
    """
    limit = Limit.parse(badge.recipient_limit or "")
    zone = zone_of(purview.settings.timezone)
    recipients = [recipient for recipient, given in fresh if given.id == badge.id]
    counts = tallies.count_received(
        session,
        workspace_id=purview.workspace.id,
        badge_id=badge.id,
        recipient_ids=[recipient.id for recipient in recipients],
        known_to=None if gift.knows_all else purview.giver.id,
        since=purview.since(limit, zone),
    )
    full = [text.named(one.name) for one in recipients if counts.get(one.id, 0) >= limit.most]
    if full:
        more = [f"{len(full) - _NAMED:,} more"] if len(full) > _NAMED else []
        who = text.in_words([*full[:_NAMED], *more])
        raise OverLimitError(
            f"{who} {'has' if len(full) == 1 else 'have'} had {text.named(badge.name)} as often as one person may"
            f" {running(limit)} ({limit.most:,}). It can be awarded to them again from"
            f" {purview.again(limit, zone)}. Nothing was awarded."
        )


def running(limit: Limit) -> str:
    """The period that runs: today, this week."""
    return _RUNNING.get(limit.period, f"this {limit.period}")


def told(left: Iterable[Left]) -> Iterator[str]:
    """What is left, in plain words: “2 of 5 left this week”."""
    for one in left:
        what = f" of {text.named(one.badge.name)}" if one.badge else ""
        yield f"{one.left:,} of {one.limit.most:,}{what} left {running(one.limit)}"


def before_awarding(purview: Purview, left: Sequence[Left]) -> str:
    """What is left, as a form says it before anything is chosen; "" where nothing is limited."""
    if any(one.left == 0 and one.badge is None for one in left):
        return next(_too_often(purview, one, 1) for one in left if one.left == 0)
    return f"You have {text.in_words(list(told(left)))}." if left else ""


def _too_often(purview: Purview, one: Left, asked: int) -> str:
    what = f" of {text.named(one.badge.name)}" if one.badge else ""
    again = purview.again(one.limit, purview.zone)
    period, most = running(one.limit), f"{one.limit.most:,}"
    if one.left:
        return (
            f"That would be {asked:,}{what}, and you have {one.left:,} of {most} left {period};"
            f" from {again} on there are {most} again."
        )
    spent = f"all {most} awards" if one.limit.most > 1 else "the one award"
    undone = ", counting what you undid, as people hear of that too" if one.by_undoing else ""
    return (
        f"You’ve given {spent}{what} that you have {period}{undone}; from {again} on you can again."
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)
