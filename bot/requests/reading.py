"""Requests as they are shown, and which of them somebody may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from bot.deps import WorkspaceRef
from bot.permissions import Standing, may_decide, own_request_refusal
from bot.settings import Settings
from bot.standing import standing_of
from storage import awards, badges, people, requests
from storage.awards import AwardRow
from storage.badges import BadgeRow
from storage.people import PersonRow
from storage.requests import RequestRow

_OCCASION = "request:"
LISTED = 8  # of those that wait for somebody's answer


@dataclass(frozen=True)
class Shown:
    """A request with everything that is shown of it."""

    row: RequestRow
    asker: PersonRow
    recipient: PersonRow
    badge: BadgeRow  # as it is now
    badge_then: BadgeRow  # as it was when it was asked for
    decider: PersonRow | None
    taken_back: bool  # what was awarded is revoked, undone, or another badge by now

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.row.state == "open"

    @property
    def is_own(self) -> bool:
        """Whether somebody asks for themselves."""
        return self.row.asker_id == self.row.recipient_id


@dataclass(frozen=True)
class Listing:
    """What somebody asked for and waits for, and what waits for them."""

    reader: PersonRow
    own: tuple[tuple[Shown, bool], ...]  # whether they may decide on it, too
    to_decide: tuple[Shown, ...]
    more: bool  # others wait for them besides


def shown(session: Connection, workspace: WorkspaceRef, rows: Sequence[RequestRow]) -> list[Shown]:
    """These requests with their people and badges."""
    if not rows:
        return []
    ids = {one for row in rows for one in (row.asker_id, row.recipient_id, row.decided_by) if one}
    known = people.by_ids(session, workspace_id=workspace.id, ids=ids)
    now = badges.by_ids(session, workspace_id=workspace.id, ids={row.badge_id for row in rows})
    then = badges.of_versions(
        session, workspace_id=workspace.id, version_ids={row.version_id for row in rows}
    )
    keys = {row.id: _award_key(row) for row in rows if row.state == "awarded"}
    given = awards.by_occasions(session, workspace_id=workspace.id, keys=keys.values())
    over = {
        row.id
        for row in rows
        if (award := given.get(keys.get(row.id, ""))) is not None
        and (award.revoked_at is not None or award.badge_id != row.badge_id)
    }
    return [
        Shown(
            row,
            known[row.asker_id],
            known[row.recipient_id],
            now[row.badge_id],
            then[row.version_id],
            known.get(row.decided_by) if row.decided_by else None,
            row.id in over,
        )
        for row in rows
    ]


def occasion(request_id: UUID) -> str:
    """The occasion of the award that comes of a request."""
    return f"{_OCCASION}{request_id.hex}"


def requested(award: AwardRow) -> UUID | None:
    """The request that an award came of, if it came of one."""
    if not award.occasion_key.startswith(_OCCASION):
        return None
    return UUID(hex=award.occasion_key.removeprefix(_OCCASION).partition(":")[0])


def _award_key(row: RequestRow) -> str:
    """The occasion of the award that answered a request.

    A process of the version before notes none: what it awards came of the request itself.
    """
    return row.award_key or f"{occasion(row.id)}:{row.recipient_id.hex}:{row.badge_id.hex}"


def is_held_openly(
    session: Connection, workspace: WorkspaceRef, request: Shown, *, now: datetime
) -> bool:
    """Whether the badge is held by an award that everybody may know of."""
    before = awards.earlier(
        session,
        workspace_id=workspace.id,
        recipient_ids=[request.recipient.id],
        badge_ids=[request.badge.id],
    )
    return any(not row.secret and not row.is_over(now) for row in before)


def is_theirs(standing: Standing, request: Shown) -> bool:
    """Whether a request is somebody's to decide; whom a colleague suggests does not learn of it."""
    asker, recipient = request.row.asker_id, request.row.recipient_id
    if standing.person.id == recipient != asker:
        return False
    refusal = own_request_refusal(standing.person, asker, recipient, standing.settings)
    return not refusal and may_decide(standing, request.badge)


def listing(
    session: Connection, workspace: WorkspaceRef, settings: Settings, reader: PersonRow
) -> Listing:
    """What somebody reads of requests: their own, and those they may decide on."""
    wanted = requests.asked_for(session, workspace_id=workspace.id)
    every = badges.by_ids(session, workspace_id=workspace.id, ids=wanted).values()
    awarders = [badge.awarders for badge in every]
    standing = standing_of(session, workspace, settings, reader, awarders=awarders)
    theirs = [badge.id for badge in every if may_decide(standing, badge)]
    own = shown(
        session,
        workspace,
        requests.open_by(session, workspace_id=workspace.id, asker_id=reader.id),
    )
    waiting: list[RequestRow] = []
    if theirs:
        waiting = requests.waiting(
            session,
            workspace_id=workspace.id,
            badge_ids=theirs,
            reader_id=reader.id,
            limit=LISTED + 1,
        )
    return Listing(
        reader,
        tuple((one, is_theirs(standing, one)) for one in own),
        tuple(shown(session, workspace, waiting[:LISTED])),
        len(waiting) > LISTED,
    )
