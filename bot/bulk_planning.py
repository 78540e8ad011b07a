"""From whom an admin wants to award to what that would do: who is new, who holds it, who is refused."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from bot import parsing
from bot.allowance import Purview
from bot.awarding import expires_at
from bot.bulk_file import Refused, Row, Who
from bot.bulk_limits import often_enough
from bot.bulk_plan import MOST, Line, Plan, Shown, Wanted, moment
from bot.deps import WorkspaceRef
from bot.errors import BadRequestError
from bot.hr_file import visible
from bot.messages.text import named
from bot.permissions import may_award, refusal
from bot.precedents import may_be_refused_for
from bot.settings import Settings
from bot.standing import standing_towards
from storage import awards, badges, directory, people
from storage.badges import BadgeRow
from storage.directory import chunks
from storage.people import PersonRow

_AT_ONCE = 500  # people of one statement
_SHOWN = 12  # of those who are awarded


def make_plan(
    session: Connection,
    *,
    workspace: WorkspaceRef,
    settings: Settings,
    giver: PersonRow,
    wanted: Wanted,
    now: datetime,
) -> Plan:
    """Look up everybody and every badge, and decide about each; nothing is written.

    Raises BadRequestError where it is too much, or the badge cannot be awarded.
    """
    rows = [Row(0, Who("slack", one), "", "", None, None) for one in wanted.people]
    rows += wanted.file.rows if wanted.file else ()
    if len(rows) > MOST:
        raise BadRequestError(f"That is {len(rows):,} awards, and {MOST:,} at once is the most.")
    plan = Plan()
    if wanted.file is not None:
        plan.refused += wanted.file.refused
        plan.notes = wanted.file.notes
    found = _Found.of(session, workspace, settings, giver, wanted, rows)
    taken: dict[tuple[UUID, UUID], int] = {}
    chosen: list[tuple[Shown, Line]] = []
    for row in rows:
        decided = _decide(found, settings, giver, wanted, row, taken, now)
        if isinstance(decided, Refused):
            plan.refused.append(decided)
        else:
            chosen.append(decided)
    every = [shown for shown, _line in chosen]
    held = _held(session, workspace, giver, every, now)
    purview = Purview(workspace, settings, giver, now)
    often = often_enough(session, purview, [(one.person.id, one.badge) for one in every])
    for shown, line in chosen:
        if (shown.person.id, shown.badge.id) in held:
            plan.held.append(shown)
            continue
        if (shown.person.id, shown.badge.id) in often:
            who, what = named(shown.person.name), named(shown.badge.name)
            why = f"{who} had {what} as often as one person may, for now."
            plan.refused.append(Refused(shown.line, why))
            continue
        plan.lines.append(line)
        plan.badges[shown.badge] = plan.badges.get(shown.badge, 0) + 1
        if len(plan.first) < _SHOWN:
            plan.first.append(shown)
    plan.refused.sort(key=lambda one: one.line)
    return plan


def _decide(
    found: "_Found",
    settings: Settings,
    giver: PersonRow,
    wanted: Wanted,
    row: Row,
    taken: dict[tuple[UUID, UUID], int],
    now: datetime,
) -> tuple[Shown, Line] | Refused:
    person = found.person(row.who)
    if isinstance(person, str):
        return Refused(row.line, person)
    why = refusal(giver, person, settings)
    if why:
        return Refused(row.line, why)
    badge = found.badge(row.badge)
    if isinstance(badge, str):
        return Refused(row.line, badge)
    ends = expires_at(badge, moment(row.on, now=now, settings=settings))
    if ends is not None and ends <= now:
        return Refused(row.line, f"an award of {named(badge.name)} would be over by now.")
    before = taken.setdefault((person.id, badge.id), row.line)
    if before != row.line or (row.line == 0 and (person.id, badge.id) in found.named):
        where = f"on line {before:,}" if before else "chosen in the form"
        pair = f"{named(person.name)} and {named(badge.name)}"
        return Refused(row.line, f"{pair} are {where} already.")
    found.named.add((person.id, badge.id))
    private = wanted.private if row.private is None else row.private
    line = Line(person.id, badge.id, row.reason or wanted.reason, row.on, private)
    return Shown(row.line, person, badge, private), line


def _held(
    session: Connection,
    workspace: WorkspaceRef,
    giver: PersonRow,
    chosen: Sequence[Shown],
    now: datetime,
) -> set[tuple[UUID, UUID]]:
    """Who holds which badge that is held once, as far as the giver may be refused for it."""
    once = [one for one in chosen if one.badge.held_once]
    badge_ids = {one.badge.id for one in once}
    return {
        (row.recipient_id, row.badge_id)
        for some in chunks({one.person.id: 0 for one in once}, _AT_ONCE)
        for row in awards.earlier(
            session, workspace_id=workspace.id, recipient_ids=some, badge_ids=badge_ids
        )
        if not row.is_over(now) and may_be_refused_for(row, giver.id)
    }


@dataclass
class _Found:
    """Everybody and every badge that rows name."""

    by_kind: Mapping[str, Mapping[str, UUID]]
    by_name: Mapping[str, Sequence[UUID]]
    people: Mapping[UUID, PersonRow]
    badges: Mapping[str, BadgeRow]
    default: BadgeRow | None
    named: set[tuple[UUID, UUID]] = field(default_factory=set)

    @classmethod
    def of(
        cls,
        session: Connection,
        workspace: WorkspaceRef,
        settings: Settings,
        giver: PersonRow,
        wanted: Wanted,
        rows: Sequence[Row],
    ) -> "_Found":
        """Read them, each kind at once. Raises BadRequestError where the form's badge cannot be."""
        by_kind = {
            kind: directory.by_identities(
                session,
                workspace_id=workspace.id,
                kind=kind,
                values={row.who.value for row in rows if row.who.kind == kind},
            )
            for kind in ("email", "slack", "employee")
        }
        by_name = _by_name(session, workspace, {r.who.value for r in rows if r.who.kind == "name"})
        ids = {one for found in by_kind.values() for one in found.values()}
        ids |= {one for several in by_name.values() for one in several}
        known: dict[UUID, PersonRow] = {}
        for some in chunks(ids, _AT_ONCE):
            known |= people.by_ids(session, workspace_id=workspace.id, ids=some)
        named, default = _badges(session, workspace, settings, giver, wanted, rows)
        return cls(by_kind, by_name, known, named, default)

    def person(self, who: Who) -> PersonRow | str:
        """Whom a row means, or why nobody."""
        if who.kind == "name":
            several = self.by_name.get(who.value.casefold(), ())
            if len(several) > 1:
                return f"{len(several)} people are called {who}: give an e-mail address instead."
            if not several:
                return f"I know nobody called {who}. Their e-mail address would do."
            return self.people[several[0]]
        person_id = self.by_kind[who.kind].get(who.value)
        if person_id is None:
            what = {"email": "", "slack": " as", "employee": " with the employee number"}[who.kind]
            return f"I know nobody{what or ' with the address'} {who}."
        return self.people[person_id]

    def badge(self, words: str) -> BadgeRow | str:
        """Which badge a row means, or why none."""
        if not words:
            return self.default or "no badge is named."
        badge = self.badges.get(parsing.badge_key(words))
        if badge is None:
            return f"there is no badge called “{visible(words)}” that you can award."
        return badge if badge.active else f"{named(badge.name)} is retired."


def _by_name(
    session: Connection, workspace: WorkspaceRef, wanted: Iterable[str]
) -> dict[str, list[UUID]]:
    keys = {name.casefold() for name in wanted}
    found: dict[str, list[UUID]] = {}
    if keys:
        for person_id, name in directory.names_in_slack(session, workspace_id=workspace.id):
            if (key := " ".join(name.split()).casefold()) in keys:
                found.setdefault(key, []).append(person_id)
    return found


def _badges(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    giver: PersonRow,
    wanted: Wanted,
    rows: Sequence[Row],
) -> tuple[Mapping[str, BadgeRow], BadgeRow | None]:
    keys = sorted({parsing.badge_key(row.badge) for row in rows if row.badge})
    rows_found = [
        badge
        for some in chunks(keys, _AT_ONCE)
        for badge in badges.matching(session, workspace_id=workspace.id, keys=some)
    ]
    default = None
    if wanted.badge_id is not None:
        chosen = badges.by_ids(session, workspace_id=workspace.id, ids=[wanted.badge_id])
        default = chosen.get(wanted.badge_id)
    every = [*rows_found, *([default] if default else [])]
    standing = standing_towards(session, workspace, settings, giver, every)
    if wanted.badge_id is not None and (
        default is None or not default.active or not may_award(standing, default)
    ):
        raise BadRequestError("That badge can’t be awarded any more. Please choose another one.")
    mine = [badge for badge in rows_found if may_award(standing, badge)]
    return badges.by_name(mine), default
