"""Which badges there are for whoever looks: read from the database, ready to be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from bot import parsing, seniority
from bot.deps import WorkspaceRef
from bot.errors import NotFoundError
from bot.messages import text
from bot.messages.blocks import Block
from bot.permissions import may_award
from bot.pictures import Pictures
from bot.profiles import Page, Reader
from bot.settings import Settings
from bot.standing import standing_of
from storage import badges, holdings, people
from storage.badges import BadgeRow
from storage.people import PersonRow

CATALOGUE_PAGE = 8
HOLDERS_PAGE = 20


@dataclass(frozen=True)
class Listed:
    """A badge in the catalogue: where Slack finds its tile, and how often the reader holds it."""

    badge: BadgeRow
    tile: Block | None
    times: int


@dataclass(frozen=True)
class CataloguePage:
    """One page of the catalogue; `categories` are each one's name and first badge, in order."""

    listed: tuple[Listed, ...]
    page: Page
    total: int
    categories: tuple[tuple[str, UUID], ...]
    missing: tuple[str, ...]  # keys of the tiles that Slack lacks


@dataclass(frozen=True)
class BadgeDetails:
    """One badge and a page of who holds it, as far as the reader may see."""

    badge: BadgeRow
    card: Block | None
    marked_private: bool
    times: int  # how often the reader holds it
    holders: tuple[tuple[PersonRow, int], ...]
    total: int
    page: Page
    missing: tuple[str, ...]


def catalogue_page(
    session: Connection,
    pictures: Pictures,
    workspace: WorkspaceRef,
    *,
    reader: Reader,
    now: datetime,
    page: int = 1,
    beginning_with: UUID | None = None,
    only_like: UUID | None = None,
    query: str = "",
) -> CataloguePage:
    """A page of the active public badges by category; private ones are not for earning.

    `beginning_with`: the page on which this badge is; `only_like`: those of its category alone;
    `query`: those whose name, slug or category has it, the best first.
    """
    shown = earnable = _earnable(session, workspace)
    chosen = next((one.category for one in earnable if one.id == only_like), None)
    if chosen is not None:
        shown = [one for one in earnable if one.category == chosen]
    if query:
        shown = found_by(shown, query)
    ids = [badge.id for badge in shown]
    if beginning_with in ids:
        page = ids.index(beginning_with) // CATALOGUE_PAGE + 1
    place = Page.within(page, size=CATALOGUE_PAGE, total=len(shown))
    start = place.offset(CATALOGUE_PAGE)
    rows = shown[start : start + CATALOGUE_PAGE]
    held = holdings.times_held(
        session,
        workspace_id=workspace.id,
        recipient_id=reader.person.id,
        viewer=reader.viewer,
        now=now,
    )
    keys = [f"tile:{badge.version_id}" for badge in rows]
    tiles = pictures.sources(session, workspace, keys)
    firsts: dict[str, UUID] = {}
    for badge in earnable:
        firsts.setdefault(badge.category, badge.id)
    return CataloguePage(
        listed=tuple(
            Listed(badge, tiles.get(key), held.get(badge.id, 0))
            for badge, key in zip(rows, keys, strict=True)
        ),
        page=place,
        total=len(shown),
        categories=tuple(firsts.items()),
        missing=tuple(key for key in keys if key not in tiles),
    )


def of_category(session: Connection, workspace: WorkspaceRef, words: str) -> list[BadgeRow]:
    """The badges to earn of the category that is called so, or else most nearly so; empty for none."""
    by_name: dict[str, list[BadgeRow]] = {}
    for badge in _earnable(session, workspace):
        by_name.setdefault(parsing.badge_key(badge.category), []).append(badge)
    wanted = parsing.badge_key(words)
    near = parsing.nearest(wanted, [(name, name) for name in by_name], limit=1)
    return by_name.get(wanted) or by_name.get(near[0] if near else "", [])


def _earnable(session: Connection, workspace: WorkspaceRef) -> list[BadgeRow]:
    every = badges.catalogue(session, workspace_id=workspace.id)
    return _by_category([one for one in every if one.active and not one.private])


def found_by(rows: Sequence[BadgeRow], typed: str) -> list[BadgeRow]:
    """Badges whose name, slug or category has what was typed, names that begin with it first; else the nearest."""
    wanted = parsing.badge_key(typed)
    if not wanted:
        return list(rows)
    loose = _letters(wanted)
    hits = [
        row
        for row in rows
        if (loose and (loose in _letters(row.name_key) or loose in _letters(row.slug)))
        or wanted in row.category.casefold()
    ]
    if hits:
        return sorted(
            hits,
            key=lambda row: not (row.name_key.startswith(wanted) or row.slug.startswith(wanted)),
        )
    near = parsing.nearest(wanted, [(row.slug, row.name) for row in rows], limit=5)
    return [row for slug in near for row in rows if row.slug == slug]


def _letters(name: str) -> str:
    """A name without what people leave out when they type: spaces and hyphens."""
    return "".join(letter for letter in name if letter.isalnum())


def find_badge(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    *,
    reader: Reader,
    words: str,
    now: datetime,
) -> BadgeRow:
    """The badge of this slug or name, in any case, if the reader may know of it.

    Raises NotFoundError with the nearest ones the reader may know of; its words are the same whether
    there is no such badge or the reader may not know that there is.
    """
    wanted = parsing.badge_key(words)
    found = badges.matching(session, workspace_id=workspace.id, keys=[wanted])
    known = [
        one
        for one in _known(session, workspace, settings, reader, found, now)
        if wanted in (one.slug, parsing.badge_key(one.name))
    ]
    # A slug before a name, and what can still be earned before what cannot.
    ranked = sorted(known, key=lambda badge: (badge.slug != wanted, not badge.active))
    if ranked:
        return ranked[0]
    every = badges.catalogue(session, workspace_id=workspace.id)
    suggestible = _known(session, workspace, settings, reader, every, now)
    near = parsing.nearest(wanted, [(badge.slug, badge.name) for badge in suggestible])
    raise NotFoundError(_no_such_badge(words, near))


def badge_details(
    session: Connection,
    pictures: Pictures,
    workspace: WorkspaceRef,
    settings: Settings,
    *,
    reader: Reader,
    badge: BadgeRow,
    now: datetime,
    page: int = 1,
) -> BadgeDetails:
    """A badge and a page of its holders, as far as the reader may see them."""
    total = holdings.count_holders(
        session, workspace_id=workspace.id, badge_id=badge.id, viewer=reader.viewer, now=now
    )
    place = Page.within(page, size=HOLDERS_PAGE, total=total)
    rows = holdings.holders(
        session,
        workspace_id=workspace.id,
        badge_id=badge.id,
        viewer=reader.viewer,
        now=now,
        limit=HOLDERS_PAGE,
        offset=place.offset(HOLDERS_PAGE),
    )
    named = people.by_ids(session, workspace_id=workspace.id, ids=[row[0] for row in rows])
    held = holdings.times_held(
        session,
        workspace_id=workspace.id,
        recipient_id=reader.person.id,
        viewer=reader.viewer,
        now=now,
    )
    key = f"card:{badge.version_id}"
    card = pictures.source(session, workspace, key)
    awardable = _awardable(session, workspace, settings, reader.person, [badge])
    return BadgeDetails(
        badge=badge,
        card=card,
        # Who meets it only through an award is not told more than that award says.
        marked_private=badge.private and badge.id in awardable,
        times=held.get(badge.id, 0),
        holders=tuple((named[person_id], times) for person_id, times in rows),
        total=total,
        page=place,
        missing=() if card else (key,),
    )


def badge_by_id(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    *,
    reader: Reader,
    badge_id: UUID,
    now: datetime,
) -> BadgeRow:
    """The badge of a button, if the reader may still know of it; raises NotFoundError."""
    found = badges.by_ids(session, workspace_id=workspace.id, ids=[badge_id])
    known = _known(session, workspace, settings, reader, list(found.values()), now)
    if not known:
        raise NotFoundError("That badge is not there any more.")
    return known[0]


def _known(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    reader: Reader,
    rows: list[BadgeRow],
    now: datetime,
) -> list[BadgeRow]:
    """Those badges that the reader may know of: public, theirs to award, or met through an award.

    What is met through an award is as the newest one has it that they may see, whatever it became since.
    """
    private = [badge for badge in rows if badge.private]
    if not private:
        return rows
    awardable = _awardable(session, workspace, settings, reader.person, private)
    seen = holdings.versions_seen(
        session,
        workspace_id=workspace.id,
        badge_ids=[badge.id for badge in private if badge.id not in awardable],
        viewer=reader.viewer,
        now=now,
    )
    met = badges.of_versions(session, workspace_id=workspace.id, version_ids=set(seen.values()))
    return [
        met[seen[one.id]] if one.id in seen else one
        for one in rows
        if not one.private or one.id in awardable or one.id in seen
    ]


def _awardable(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    person: PersonRow,
    rows: list[BadgeRow],
) -> frozenset[UUID]:
    """The private ones among these badges that this person may award."""
    private = [badge for badge in rows if badge.private]
    if not private:
        return frozenset()
    awarders = [badge.awarders for badge in private]
    standing = standing_of(session, workspace, settings, person, awarders=awarders)
    return frozenset(badge.id for badge in private if may_award(standing, badge))


def _by_category(rows: list[BadgeRow]) -> list[BadgeRow]:
    """The badges, each category together, in the order in which the categories come first.

    New categories come after those, then what has none. Milestones of seniority come last, the
    shortest first: they come of themselves.
    """
    order: dict[str, int] = {}
    for badge in rows:
        order.setdefault(badge.category, len(order))
    # Badges of the Studio have no position, and so come before all that a catalogue file set out.
    set_out = {badge.category for badge in rows if badge.position > 0}

    def place(badge: BadgeRow) -> tuple[bool, bool, bool, int, float]:
        category = badge.category
        return (
            category == seniority.CATEGORY,
            not category,
            category not in set_out,
            order[category],
            seniority.days_of(badge),
        )

    return sorted(rows, key=place)


def _no_such_badge(words: str, near: list[str]) -> str:
    shown = text.named(text.shorten(text.one_line(words), 60))
    if near:
        slugs = text.either([f"`{slug}`" for slug in near])
        return f"I don’t know a badge called “{shown}”. Did you mean {slugs}?"
    return f"I don’t know a badge called “{shown}”. `/badges catalog` shows what there is."
