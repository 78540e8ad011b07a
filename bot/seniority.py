"""The badges of milestones: taken from the catalogue, and added to it where they are missing."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection

from bot.parsing import badge_key
from bot.tenure import Length, Rule
from storage import audit, badges, files
from storage.badges import BadgeRow, BadgeValues
from storage.database import Database

CATEGORY = "Seniority"


class BadgesMissingError(Exception):
    """Badges of milestones are not in the catalogue yet; raised inside a transaction, which it rolls back.

    `add_badges` makes them: drawing takes too long for a transaction that others wait for.
    """

    def __init__(self, missing: dict[str, Length]) -> None:
        super().__init__(", ".join(missing))
        self.missing = missing


def days_of(badge: BadgeRow) -> float:
    """About how many days the milestone of a badge takes, by its slug; 0 for any other badge."""
    length = Length.of_slug(badge.slug)
    return length.days if length else 0


def badges_for(
    session: Connection, *, workspace_id: int, rules: Iterable[tuple[Rule, Length]]
) -> dict[Length, BadgeRow]:
    """The badge of each length. Raises BadgesMissingError.

    A rule may name a badge by its slug; else it is the one named for the length: `5-years`.
    """
    slugs = {length: rule.badge or length.slug for rule, length in rules}
    known = _known(session, workspace_id, slugs.values())
    missing = {slug: length for length, slug in slugs.items() if slug not in known}
    if missing:
        raise BadgesMissingError(missing)
    return {length: known[slug] for length, slug in slugs.items()}


def add_badges(
    database: Database, *, workspace_id: int, missing: dict[str, Length], now: datetime
) -> None:
    """Draw these badges, by slug, and add those that are still missing, as private ones.

    So they are met through an award that one may see, and by badge admins, who can make them public.
    """
    drawn = {slug: _drawn(length) for slug, length in missing.items()}

    def add(session: Connection) -> None:
        known = _known(session, workspace_id, missing)
        added = [
            _add(session, workspace_id, slug, length, drawn[slug], now)
            for slug, length in sorted(missing.items(), key=lambda item: item[1].days)
            if slug not in known
        ]
        # Slack is to have their cards before the first post that shows one.
        keys = [f"card:{badge.version_id}" for badge in added]
        files.enqueue_uploads(session, workspace_id=workspace_id, keys=keys, now=now)

    database.write(add)


def _known(session: Connection, workspace_id: int, slugs: Iterable[str]) -> dict[str, BadgeRow]:
    found = badges.matching(session, workspace_id=workspace_id, keys=sorted(set(slugs)))
    return {badge.slug: badge for badge in found}


def _add(
    session: Connection,
    workspace_id: int,
    slug: str,
    length: Length,
    picture: bytes,
    now: datetime,
) -> BadgeRow:
    name = length.words.title()
    audit.note(
        session,
        workspace_id=workspace_id,
        action="badge.created",
        subject=slug,
        detail="{}",
        now=now,
    )
    values = BadgeValues(
        slug=slug,
        name=name,
        name_key=badge_key(name),
        description=f"{length.words} with us, and we are glad of it.",
        criteria=f"Complete {length.words} with us.",
        category=CATEGORY,
        kind="flair",
        # That it is there tells how long somebody has been with us, who may not want it told.
        private=True,
        image_id=badges.add_image(session, workspace_id=workspace_id, content=picture),
    )
    return badges.add(session, workspace_id=workspace_id, values=values, now=now)


@lru_cache(maxsize=16)  # each is drawn anew for every workspace otherwise
def _drawn(length: Length) -> bytes:
    from bot.artwork import milestone_badge, year_badge  # Pillow, only where there is to be drawn

    if length.unit == "y":
        return year_badge(length.number)
    return milestone_badge(length.number, "days" if length.unit == "d" else "months")
