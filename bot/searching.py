"""Searching all awards, for badge admins: what is asked for, and a page of what is found."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from bot.bulk import permitted
from bot.deps import Deps, WorkspaceRef
from bot.errors import BadRequestError
from bot.messages import text
from storage import badges, bulk, people, searching
from storage.awards import AwardRow
from storage.badges import BadgeRow
from storage.people import PersonRow
from storage.searching import Beside, Sought

PAGE = 8


@dataclass(frozen=True)
class Asked:
    """What is asked for, in Slack's ids and days; kept in a view, and looked up anew each time."""

    recipient: str = ""
    badge: str = ""  # its id, hexadecimal
    giver: str = ""
    since: str = ""  # the first day, as ISO 8601 has it
    until: str = ""  # the last day
    beside: str = ""  # which page: see `place`

    def kept(self) -> str:
        """As a view's private metadata."""
        return json.dumps({key: value for key, value in asdict(self).items() if value})

    @classmethod
    def read(cls, kept: str) -> "Asked":
        """From what `kept` wrote. Raises BadRequestError for anything else."""
        try:
            return cls(**{str(key): str(value) for key, value in json.loads(kept or "{}").items()})
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise BadRequestError("That search is out of date. Please begin anew.") from None


class Line(NamedTuple):
    """One award, with everybody it names; the badge as it was when awarded."""

    award: AwardRow
    badge: BadgeRow
    recipient: PersonRow
    giver: PersonRow | None  # None: Laurel itself
    revoker: PersonRow | None
    of_many: bool  # one of a bulk award


@dataclass(frozen=True)
class Found:
    """A page of what was found; `newer`, `older`: where the pages beside it are, "" where none is."""

    asked: Asked
    reader: PersonRow
    lines: tuple[Line, ...]
    newer: str
    older: str
    now: datetime
    recipient: PersonRow | None
    giver: PersonRow | None
    badge: BadgeRow | None


def look(
    session: Connection, deps: Deps, workspace: WorkspaceRef, slack_id: str, asked: Asked
) -> Found:
    """Search for somebody who may. Raises NotPermittedError, and BadRequestError for impossible days."""
    settings = deps.settings_in(session, workspace)
    reader = permitted(session, workspace, settings, slack_id, "search")
    known = people.by_slack_ids(
        session, workspace_id=workspace.id, slack_ids=[asked.recipient, asked.giver]
    )
    badge_id = _read(UUID, asked.badge)
    chosen = badges.by_ids(session, workspace_id=workspace.id, ids=[badge_id]) if badge_id else {}
    by_laurel = asked.giver == workspace.bot_user_id
    lost = (asked.recipient and asked.recipient not in known) or (
        asked.giver and asked.giver not in known and not by_laurel
    )
    recipient, giver = known.get(asked.recipient), known.get(asked.giver)
    page = searching.Page((), newer=False, older=False)
    if not lost:
        page = searching.search(
            session,
            workspace_id=workspace.id,
            sought=Sought(
                recipient_id=recipient.id if recipient else None,
                badge_id=badge_id,
                giver_id=giver.id if giver and not by_laurel else None,
                by_laurel=by_laurel,
                since=_midnight(asked.since, reader, 0),
                until=_midnight(asked.until, reader, 1),
            ),
            beside=_beside(asked.beside),
            limit=PAGE,
        )
    return Found(
        asked,
        reader,
        lines_of(session, workspace, page.awards),
        place(page.awards[0], newer=True) if page.newer and page.awards else "",
        place(page.awards[-1], newer=False) if page.older and page.awards else "",
        deps.clock(),
        recipient,
        giver,
        chosen.get(badge_id) if badge_id else None,
    )


def lines_of(
    session: Connection, workspace: WorkspaceRef, rows: tuple[AwardRow, ...]
) -> tuple[Line, ...]:
    """These awards with everybody they name."""
    if not rows:
        return ()
    ids = {one for row in rows for one in (row.recipient_id, row.giver_id, row.revoked_by) if one}
    known = people.by_ids(session, workspace_id=workspace.id, ids=ids)
    versions = badges.of_versions(
        session, workspace_id=workspace.id, version_ids={row.version_id for row in rows}
    )
    many = bulk.among(session, workspace_id=workspace.id, batch_ids={row.batch_id for row in rows})
    return tuple(
        Line(
            row,
            versions[row.version_id],
            known[row.recipient_id],
            known.get(row.giver_id) if row.giver_id else None,
            known.get(row.revoked_by) if row.revoked_by else None,
            row.batch_id in many,
        )
        for row in rows
    )


def place(award: AwardRow, *, newer: bool) -> str:
    """Where a page lies: beside this award."""
    return f"{award.awarded_at.isoformat()}|{award.id.hex}|{'n' if newer else 'o'}"


def _beside(kept: str) -> Beside | None:
    if not kept:
        return None
    at, _, rest = kept.partition("|")
    award_id, _, way = rest.partition("|")
    moment, id_ = _read(datetime.fromisoformat, at), _read(UUID, award_id)
    if moment is None or id_ is None or moment.tzinfo is None or not _is_sane(moment):
        return None
    return Beside(moment, id_, newer=way == "n")


def _midnight(day: str, reader: PersonRow, days: int) -> datetime | None:
    """When a day begins where the reader is, so many days later."""
    on = _read(date.fromisoformat, day)
    if on is None or not _is_sane(on):
        return None
    return datetime.combine(on + timedelta(days=days), time.min, text.timezone_of(reader))


def _is_sane(day: date) -> bool:
    """Whether a day, or a moment, can be moved to another timezone, as the first and last cannot."""
    return 1900 < day.year < 9000


def _read(parse: Callable[[str], Any], kept: str) -> Any:
    try:
        return parse(kept) if kept else None
    except ValueError:
        return None
