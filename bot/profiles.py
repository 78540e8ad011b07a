"""What someone holds, as far as whoever looks may see it: read from the database, ready to be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from bot.deps import WorkspaceRef
from bot.errors import BadRequestError, NeedsSlackError, NotFoundError, NotPermittedError
from bot.gifts import held_key
from bot.messages.text import named
from bot.permissions import Action, Standing, collects, is_badge_admin, require
from bot.pictures import Case, Pictures
from bot.settings import Settings
from bot.standing import standing_of
from storage import awards, badges, correcting, holdings, people
from storage.awards import AwardRow
from storage.badges import BadgeRow
from storage.holdings import Viewer
from storage.people import PersonRow

PROFILE_PAGE = 5
HISTORY_PAGE = 8

NO_SUCH_AWARD = (
    "I can’t find an award of yours with that id. `/badges history` lists yours with their ids."
)


class Reader(NamedTuple):
    """Who looks, and as whom they look at awards."""

    person: PersonRow
    viewer: Viewer
    standing: Standing
    settings: Settings  # that hold in the workspace


class Page(NamedTuple):
    """Which page of how many is shown, from 1."""

    number: int
    of: int

    @classmethod
    def within(cls, wanted: int, *, size: int, total: int) -> "Page":
        """The page that is wanted, or the nearest there is."""
        last = max(1, -(-total // size))
        return cls(min(max(wanted, 1), last), last)

    def offset(self, size: int) -> int:
        """How many entries come before this page."""
        return (self.number - 1) * size


@dataclass(frozen=True)
class Line:
    """One award, with everything that is shown of it; the badge as it was when awarded."""

    award: AwardRow
    badge: BadgeRow
    giver: PersonRow | None  # None: Laurel itself
    revoker: PersonRow | None
    evidence_url: str  # "" where there is none, or not everyone can open it


@dataclass(frozen=True)
class Profile:
    """One page of a person's awards; `reader` None: as it is shown to everyone in a channel."""

    owner: PersonRow
    reader: PersonRow | None
    case: Case
    lines: tuple[Line, ...]
    page: Page
    collects: bool = True  # False: the owner receives no badges, as a guest

    @property
    def is_own(self) -> bool:
        """Whether someone looks at what they hold themselves."""
        return self.reader is not None and self.reader.id == self.owner.id


@dataclass(frozen=True)
class History:
    """One page of all awards a person was ever given."""

    owner: PersonRow
    lines: tuple[Line, ...]
    page: Page
    total: int
    now: datetime


def reader_of(
    session: Connection, workspace: WorkspaceRef, settings: Settings, slack_id: str, *, asked: bool
) -> Reader:
    """Who a Slack user is to Laurel. `asked`: Slack was asked already, so do not ask again.

    Raises NeedsSlackError for someone not known yet.
    """
    person = people.by_slack_id(session, workspace_id=workspace.id, slack_id=slack_id)
    if person is None:
        if not asked:
            raise NeedsSlackError(people=frozenset([slack_id]))
        raise NotPermittedError("I don’t know you yet; please try again in a minute.")
    standing = standing_of(session, workspace, settings, person)
    viewer = Viewer(person.id, admin=is_badge_admin(standing))
    return Reader(person, viewer, standing, settings)


def permitted(
    session: Connection, workspace: WorkspaceRef, settings: Settings, slack_id: str, action: Action
) -> Reader:
    """Who clicked or sent something that takes this permission. Raises NotPermittedError."""
    reader = reader_of(session, workspace, settings, slack_id, asked=True)
    require(reader.standing, action)
    return reader


def owner_of(
    session: Connection, workspace: WorkspaceRef, slack_id: str, *, asked: bool
) -> PersonRow:
    """Whose profile can be shown for a Slack user id.

    Raises NeedsSlackError for someone not known yet, NotFoundError for someone without a profile.
    """
    if slack_id == workspace.bot_user_id:
        raise NotFoundError("I only hand badges out; I hold none myself.")
    person = people.by_slack_id(session, workspace_id=workspace.id, slack_id=slack_id)
    if person is None:
        if not asked:
            raise NeedsSlackError(people=frozenset([slack_id]))
        raise NotFoundError("Slack does not know that person in this workspace.")
    return _with_profile(person)


def _with_profile(person: PersonRow) -> PersonRow:
    if person.bot:
        raise NotFoundError(f"{named(person.name)} is an app, and apps hold no badges.")
    if not (person.active or person.stranger):
        raise NotFoundError(
            f"{named(person.name)} is not active in this workspace, so there is no profile to show."
        )
    return person


def profile(
    session: Connection,
    pictures: Pictures,
    workspace: WorkspaceRef,
    *,
    owner: PersonRow,
    reader: Reader | None,
    now: datetime,
    page: int = 1,
) -> Profile:
    """A page of a profile as the reader may see it; reader None: as the public may."""
    viewer = reader.viewer if reader else Viewer(None)
    case = pictures.case(
        session, workspace_id=workspace.id, person_id=owner.id, viewer=viewer, now=now
    )
    shown = Page.within(page, size=PROFILE_PAGE, total=case.awards)
    rows = holdings.latest(
        session,
        workspace_id=workspace.id,
        recipient_id=owner.id,
        viewer=viewer,
        now=now,
        limit=PROFILE_PAGE,
        offset=shown.offset(PROFILE_PAGE),
    )
    lines = _lines(session, workspace, rows)
    able = reader is None or collects(owner, reader.settings)
    return Profile(owner, reader.person if reader else None, case, lines, shown, able)


def profile_by_id(
    session: Connection,
    pictures: Pictures,
    workspace: WorkspaceRef,
    *,
    owner_id: UUID,
    reader: Reader | None,
    now: datetime,
    page: int = 1,
) -> Profile:
    """The same for a person's own id, as buttons carry it."""
    owner = people.by_ids(session, workspace_id=workspace.id, ids=[owner_id]).get(owner_id)
    if owner is None:
        raise NotFoundError("Slack does not know that person in this workspace.")
    return profile(
        session,
        pictures,
        workspace,
        owner=_with_profile(owner),
        reader=reader,
        now=now,
        page=page,
    )


def history(
    session: Connection, workspace: WorkspaceRef, *, owner: PersonRow, now: datetime, page: int = 1
) -> History:
    """A page of someone's own history, latest first, revoked and hidden awards too."""
    total = holdings.count_history(session, workspace_id=workspace.id, recipient_id=owner.id)
    shown = Page.within(page, size=HISTORY_PAGE, total=total)
    rows = holdings.history(
        session,
        workspace_id=workspace.id,
        recipient_id=owner.id,
        limit=HISTORY_PAGE,
        offset=shown.offset(HISTORY_PAGE),
    )
    return History(owner, _lines(session, workspace, rows), shown, total, now)


def set_hidden(
    session: Connection,
    workspace: WorkspaceRef,
    *,
    reader: Reader,
    code: str,
    hidden: bool,
    now: datetime,
) -> Line:
    """Hide one's own award from one's profile, or show it again; twice is the same as once.

    Raises NotFoundError, in the same words for every award that is not one's own, and BadRequestError
    where what is held once would be shown twice.
    """
    row = awards.by_code(session, workspace_id=workspace.id, code=code)
    if row is None or row.recipient_id != reader.person.id or row.undone:
        raise NotFoundError(NO_SUCH_AWARD)
    if row.hidden == hidden:
        return _lines(session, workspace, [row])[0]
    row = row._replace(hidden=hidden)
    _hold(session, workspace, row, now)
    awards.set_hidden(session, workspace_id=workspace.id, award_id=row.id, hidden=hidden)
    return _lines(session, workspace, [row])[0]


def _hold(session: Connection, workspace: WorkspaceRef, row: AwardRow, now: datetime) -> None:
    """Have an award hold what is held once as it is to be seen now. Raises BadRequestError.

    While nobody may know of it, it is in nobody's way; somebody may have given the same meanwhile.
    """
    badge = badges.by_ids(session, workspace_id=workspace.id, ids=[row.badge_id])[row.badge_id]
    held = held_key(row.recipient_id, badge, row.giver_id, secret=row.secret)
    if held is None:
        return
    if not correcting.is_held(session, workspace_id=workspace.id, held_key=held, besides=row.id):
        correcting.set_held(session, workspace_id=workspace.id, award_id=row.id, held_key=held)
    elif not row.hidden and row.revoked_at is None and not row.is_over(now):
        raise BadRequestError(
            f"{named(badge.name)} is held once, and you hold it by another award too, so this"
            " one stays hidden."
        )


def _lines(
    session: Connection, workspace: WorkspaceRef, rows: Sequence[AwardRow]
) -> tuple[Line, ...]:
    if not rows:
        return ()
    versions = badges.of_versions(
        session, workspace_id=workspace.id, version_ids={row.version_id for row in rows}
    )
    named = {one for row in rows for one in (row.giver_id, row.revoked_by) if one is not None}
    known = people.by_ids(session, workspace_id=workspace.id, ids=named) if named else {}
    proofs = awards.evidence(session, workspace_id=workspace.id, award_ids=[row.id for row in rows])
    return tuple(
        Line(
            award=row,
            badge=versions[row.version_id],
            giver=known.get(row.giver_id) if row.giver_id else None,
            revoker=known.get(row.revoked_by) if row.revoked_by else None,
            evidence_url=_public(proofs.get(row.id)),
        )
        for row in rows
    )


def _public(proof: tuple[str, bool] | None) -> str:
    return proof[0] if proof and proof[1] else ""
