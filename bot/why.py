"""Why a milestone was told of when it was, or why not: answered from the ledger."""

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot import policies, start_dates
from bot.calendars import zone_of
from bot.deps import WorkspaceRef
from bot.errors import BadRequestError
from bot.milestones import TOLD, may_be_told, spell_of
from bot.parsing import badge_key
from bot.profiles import Reader
from bot.settings import Settings
from bot.tenure import Due, Length, Policies, Where, due_of, milestone_date
from bot.upcoming import Ahead
from storage import employment, milestones, preferences, tellings, tenure
from storage.milestones import Announced, MilestoneRow
from storage.people import PersonRow
from storage.tenure import SpellRow

_LENGTH = re.compile(
    r"(\d{1,4})[\s\-‐‑–]*(?:(d)(?:ays?)?|(m)(?:o|os|onths?)?|(y)(?:rs?|ears?)?)", re.IGNORECASE
)
_LONGEST = 100 * 366  # days


@dataclass(frozen=True)
class Line:
    """One line of the ledger; `failures`: why Slack did not take what was to be sent."""

    row: MilestoneRow
    failures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Why:
    """Everything there is to say, for those who may know it.

    `ahead`: the milestone as reckoned now, where it is not in the ledger.
    """

    owner: PersonRow
    reader: PersonRow
    length: Length
    lines: tuple[Line, ...]
    ahead: Ahead | None
    spells: tuple[SpellRow, ...]
    policies: Policies
    now: datetime
    site: str
    feed_channel: str

    @property
    def is_own(self) -> bool:
        """Whether somebody asks about themselves."""
        return self.reader.id == self.owner.id

    @property
    def is_milestone(self) -> bool:
        """Whether this length is a milestone here at all."""
        return self.policies.rule_for(self.length) is not None


@dataclass(frozen=True)
class Heard:
    """What a colleague may know: what the feed was told, or nothing."""

    owner: PersonRow
    reader: PersonRow
    length: Length
    announced: Announced | None
    site: str


def explain(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    *,
    reader: Reader,
    owner: PersonRow,
    words: str,
    now: datetime,
) -> Why | Heard:
    """What became, or becomes, of a milestone. Raises BadRequestError where no length is named."""
    rules = policies.load(session, workspace_id=workspace.id)
    length = length_named(words, rules)
    if not start_dates.may_know(session, workspace, reader=reader, owner=owner):
        announced = milestones.announced(
            session, workspace_id=workspace.id, person_id=owner.id, length=str(length)
        )
        return Heard(owner, reader.person, length, announced, workspace.url)
    ledger = milestones.of_person(session, workspace_id=workspace.id, person_id=owner.id)
    lines = [row for row in ledger if row.length == str(length)]
    spells = tenure.of_people(session, workspace_id=workspace.id, person_ids=[owner.id])
    rows = tuple(spells.get(owner.id, ()))
    return Why(
        owner=owner,
        reader=reader.person,
        length=length,
        lines=tuple(_line(session, workspace, row) for row in lines),
        ahead=_ahead(session, workspace, settings, owner, rows, length, lines, rules, now),
        spells=rows,
        policies=rules,
        now=now,
        site=workspace.url,
        feed_channel=settings.feed_channel,
    )


def length_named(words: str, rules: Policies) -> Length:
    """The length that words name: `5-years`, `6 months`, `30d`, or the badge of a rule.

    Raises BadRequestError.
    """
    found = _LENGTH.fullmatch(words.strip())
    if found is not None and int(found[1]):
        unit = found[2] or found[3] or found[4]
        length = Length.parse(f"{int(found[1])}{unit}")
        if length.days > _LONGEST:
            raise BadRequestError(f"Nobody has been anywhere for {length.words}, not even me.")
        return length
    wanted = badge_key(words) if words.strip() else ""
    for rule in rules.rules:
        if wanted and rule.badge and not rule.every and badge_key(rule.badge) == wanted:
            return rule.length
    raise BadRequestError(
        "Which anniversary? For example `/badges why @maria 5-years`, `6-months` or `30-days`;"
        " without a name it is about yours."
    )


def _line(session: Connection, workspace: WorkspaceRef, row: MilestoneRow) -> Line:
    if row.batch_id is None or row.state not in ("recorded", "silent"):
        return Line(row)
    failures = tellings.failures(
        session, workspace_id=workspace.id, batch_id=row.batch_id, person_id=row.person_id
    )
    return Line(row, tuple(failures))


def _ahead(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    owner: PersonRow,
    spells: tuple[SpellRow, ...],
    length: Length,
    lines: list[MilestoneRow],
    rules: Policies,
    now: datetime,
) -> Ahead | None:
    """The milestone as reckoned now; None: there is none, or it is in the ledger."""
    if rules.rule_for(length) is None:
        return None
    milestone = milestone_date([spell_of(row) for row in spells], length, rules)
    standing = [row for row in lines if row.state != "withdrawn"]
    if milestone is None or any(row.spell_id == milestone.spell_id for row in standing):
        return None
    employed = employment.of_people(session, workspace_id=workspace.id, person_ids=[owner.id])
    country = employed[owner.id].country if owner.id in employed else None
    zone = zone_of(owner.timezone if rules.person_timezone else None, settings.timezone)
    due = due_of(milestone, rules, Where(zone, country))
    spell = next(row for row in spells if row.id == milestone.spell_id)
    why, feed = _told(session, workspace, owner, spell, due, rules, now, zone)
    rule = rules.rule_for(length)
    if not why and _told_before(standing, spells, rules):
        why = TOLD
    feed = bool(feed and rule and rule.feed and settings.feed_channel)
    return Ahead(owner, due, zone, feed=feed, silent=why)


def _told(
    session: Connection,
    workspace: WorkspaceRef,
    owner: PersonRow,
    spell: SpellRow,
    due: Due,
    rules: Policies,
    now: datetime,
    zone: ZoneInfo,
) -> tuple[str, bool]:
    choice = preferences.chosen(
        session, workspace_id=workspace.id, person_id=owner.id, key=tenure.CHOICE
    )
    why, feed, _dm = may_be_told(
        owner,
        ended_on=spell.ended_on,
        removed=False,
        choice=choice,
        policies=rules,
        today=max(due.celebrated_on, now.astimezone(zone).date()),
    )
    return why, feed


def _told_before(
    standing: list[MilestoneRow], spells: tuple[SpellRow, ...], rules: Policies
) -> bool:
    counting = {row.id for row in spells}
    return any(
        row.state in ("announced", "told")
        and (rules.rehire == "bridged" or row.spell_id not in counting)
        for row in standing
    )
