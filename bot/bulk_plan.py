"""What awarding to many would do: who is new, who holds it, who is left out; and how it is kept."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.bulk_file import BulkFile, Refused
from bot.settings import Settings
from storage.badges import BadgeRow
from storage.people import PersonRow

MOST = 20_000  # awards of one plan


@dataclass(frozen=True)
class Wanted:
    """What an admin asks for: people and members of groups by their Slack ids, and a list.

    `badge_id` and `reason` are for people and groups, and for rows that say nothing else.
    """

    people: tuple[str, ...] = ()
    file: BulkFile | None = None
    file_name: str = ""
    badge_id: UUID | None = None
    reason: str = ""
    private: bool = False
    quiet: bool = False


class Line(NamedTuple):
    """One award that is planned."""

    person_id: UUID
    badge_id: UUID
    reason: str
    on: date | None
    private: bool


class Shown(NamedTuple):
    """One award as the preview names it; `line` 0: of no list."""

    line: int
    person: PersonRow
    badge: BadgeRow
    private: bool = False


@dataclass
class Plan:
    """What a bulk award would do."""

    lines: list[Line] = field(default_factory=list)
    first: list[Shown] = field(default_factory=list)  # of the new ones
    held: list[Shown] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    badges: dict[BadgeRow, int] = field(default_factory=dict)  # how often each
    notes: tuple[str, ...] = ()

    def dump(self) -> str:
        """As it is kept; by person, since one message tells somebody all that they are given."""
        reasons = {reason: place for place, reason in enumerate({x.reason: 0 for x in self.lines})}
        given = {
            badge_id: place for place, badge_id in enumerate({x.badge_id: 0 for x in self.lines})
        }
        rows = [
            [
                line.person_id.hex,
                given[line.badge_id],
                reasons[line.reason],
                line.on.isoformat() if line.on else "",
                int(line.private),
            ]
            for line in sorted(self.lines, key=lambda line: (line.person_id, line.badge_id))
        ]
        kept = {"badges": [one.hex for one in given], "reasons": list(reasons), "rows": rows}
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def load(kept: str) -> list[Line]:
    """The lines of a plan that was kept, in its order."""
    said = json.loads(kept)
    given = [UUID(hex=one) for one in said["badges"]]
    return [
        Line(
            UUID(hex=person),
            given[badge],
            said["reasons"][reason],
            date.fromisoformat(on) if on else None,
            bool(private),
        )
        for person, badge, reason, on, private in said["rows"]
    ]


def moment(on: date | None, *, now: datetime, settings: Settings) -> datetime:
    """When an award of this day was earned: noon where the workspace is, and never yet to come."""
    zone = ZoneInfo(settings.timezone)
    if on is None or on == now.astimezone(zone).date():
        return now
    return min(now, datetime.combine(on, time(12), zone).astimezone(now.tzinfo))


def in_chunks(lines: Sequence[Line], start: int, size: int) -> Iterator[Line]:
    """About `size` lines from there on, never some of a person's and not the others."""
    for place in range(start, len(lines)):
        here = lines[place]
        if place >= start + size and here.person_id != lines[place - 1].person_id:
            return
        yield here
