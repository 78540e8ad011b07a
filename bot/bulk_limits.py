"""Limits of givers and badges where many are awarded: asked of the plan, and again of every chunk."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection

from bot import allowance, bulk_plan
from bot.allowance import Purview
from bot.awarding import Occasion
from bot.calendars import zone_of
from bot.errors import BadRequestError
from bot.gifts import Left
from bot.grants import Limit
from bot.messages import text
from bot.permissions import Standing, limit_of
from storage import bulk, people, tallies
from storage.badges import BadgeRow
from storage.directory import chunks

_AT_ONCE = 500  # people of one statement

Pair = tuple[UUID, UUID]  # a person and a badge


def require_within(
    session: Connection, purview: Purview, standing: Standing, counts: Mapping[BadgeRow, int]
) -> tuple[str, ...]:
    """What the giver's limits leave, in words. Raises BadRequestError where it is not enough.

    Badge admins have no other limits here than elsewhere: those of their role, and of the badge.
    What they confirmed before and is still being awarded counts as given.
    """
    limit = limit_of(standing)
    under_way = _under_way(session, purview)
    left = [_less(one, under_way) for one in allowance.left_of(session, purview, limit, counts)]
    for one in left:
        asked = sum(n for badge, n in counts.items() if one.badge in (None, badge))
        if asked > one.left:
            what = f" of {text.named(one.badge.name)}" if one.badge else ""
            raise BadRequestError(
                f"That would be {text.count(asked, 'award')}{what}, and your limit leaves you"
                f" {one.left:,} of {one.limit.most:,} {allowance.running(one.limit)}."
                " Nothing was awarded; an owner can change limits in Settings."
            )
    said = text.in_words(list(allowance.told(left)))
    return (f"Your limits hold here too: {said} before this.",) if said else ()


def within(
    session: Connection, purview: Purview, standing: Standing, occasions: Sequence[Occasion]
) -> list[Occasion]:
    """Those that no limit forbids, in their order; others who ask about the same people wait.

    Between confirming and awarding the giver may have awarded elsewhere: what is counted in the
    transaction that awards is what holds.
    """
    badges = list({one.badge.id: one.badge for one in occasions}.values())
    concerned = {one.recipient_id for one in occasions if one.badge.recipient_limit}
    limit = limit_of(standing)
    if not concerned and limit is None and not any(badge.giver_limit for badge in badges):
        return list(occasions)
    people.lock(
        session, workspace_id=purview.workspace.id, ids=sorted({purview.giver.id, *concerned})
    )
    full = often_enough(session, purview, [(one.recipient_id, one.badge) for one in occasions])
    bounds = allowance.left_of(session, purview, limit, badges)
    given = [0] * len(bounds)
    kept = []
    for one in occasions:
        # What is dated before a period began is not of it.
        counting = [
            place
            for place, bound in enumerate(bounds)
            if (bound.badge is None or bound.badge.id == one.badge.id)
            and one.at >= purview.since(bound.limit, purview.zone)
        ]
        if (one.recipient_id, one.badge.id) in full:
            continue
        if all(given[place] < bounds[place].left for place in counting):
            kept.append(one)
            for place in counting:
                given[place] += 1
    return kept


def often_enough(
    session: Connection, purview: Purview, chosen: Collection[tuple[UUID, BadgeRow]]
) -> set[Pair]:
    """Who of these people had which badge as often as one person may in the period that runs."""
    of_badge: dict[BadgeRow, list[UUID]] = {}
    for person_id, badge in chosen:
        if badge.recipient_limit:
            of_badge.setdefault(badge, []).append(person_id)
    full: set[Pair] = set()
    for badge, ids in of_badge.items():
        limit = Limit.parse(badge.recipient_limit or "")
        since = purview.since(limit, zone_of(purview.settings.timezone))
        for some in chunks(ids, _AT_ONCE):
            counts = tallies.count_received(
                session,
                workspace_id=purview.workspace.id,
                badge_id=badge.id,
                recipient_ids=some,
                known_to=None,
                since=since,
            )
            full |= {(person, badge.id) for person, n in counts.items() if n >= limit.most}
    return full


def _under_way(session: Connection, purview: Purview) -> Counter[UUID]:
    """How many awards of each badge the giver has confirmed that are not written yet."""
    waiting: Counter[UUID] = Counter()
    for row in bulk.unfinished(session, workspace_id=purview.workspace.id):
        if row.giver_id == purview.giver.id and row.state == "running":
            kept = bulk.plan_of(session, workspace_id=purview.workspace.id, bulk_id=row.id)
            waiting.update(line.badge_id for line in bulk_plan.load(kept)[row.done :])
    return waiting


def _less(one: Left, under_way: Counter[UUID]) -> Left:
    waiting = under_way[one.badge.id] if one.badge else under_way.total()
    return one._replace(left=max(0, one.left - waiting))
