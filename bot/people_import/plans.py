"""What an import would do: for people to read, and as rows to be written."""

import hashlib
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from storage.directory import NewIdentity, NewPerson
from storage.employment import EmploymentRow
from storage.tenure import NewSpell


class Started(NamedTuple):
    """Someone whose employment is new, begins on another day than was known, or ends."""

    line: int
    name: str
    start: date
    known_start: date | None = None
    end: date | None = None


class Adjusted(NamedTuple):
    """Someone of whom something else changes; `what`: which things, in words, and not what they say."""

    line: int
    name: str
    what: tuple[str, ...]


class Stranger(NamedTuple):
    """Someone whom Slack has not told of; `nearest`: names in Slack that look alike."""

    line: int
    name: str
    email: str
    nearest: tuple[str, ...] = ()


@dataclass
class Writes:
    """The rows to be written."""

    people: list[NewPerson] = field(default_factory=list)
    names: list[NewPerson] = field(default_factory=list)
    identities: list[NewIdentity] = field(default_factory=list)
    added: list[NewSpell] = field(default_factory=list)
    changed: list[NewSpell] = field(default_factory=list)
    removed: list[UUID] = field(default_factory=list)
    leave: dict[UUID, tuple[tuple[date, date], ...]] = field(default_factory=dict)
    settled: set[UUID] = field(default_factory=set)  # people whose known employments change
    employment: dict[UUID, EmploymentRow] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        """Whether there is anything to write."""
        return any(vars(self).values())

    @property
    def rows(self) -> int:
        """About how many rows are written."""
        return sum(len(rows) for rows in vars(self).values())


@dataclass
class Plan:
    """What an import would change, in the order of the file."""

    people: int = 0
    new: list[Started] = field(default_factory=list)
    changed: list[Started] = field(default_factory=list)  # the start date
    ended: list[Started] = field(default_factory=list)
    adjusted: list[Adjusted] = field(default_factory=list)  # nothing of the above changes
    unchanged: int = 0
    trusted: list[Started] = field(
        default_factory=list
    )  # left: known from where it is trusted more
    strangers: list[Stranger] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    writes: Writes = field(default_factory=Writes)

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not self.writes.any

    @property
    def fingerprint(self) -> str:
        """Tells one plan from another: what was shown from what would be done by now."""
        lists = (self.new, self.changed, self.ended, self.adjusted, self.trusted)
        said = repr((self.counts, *lists))
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    @property
    def counts(self) -> dict[str, Any]:
        """How many people each concerns."""
        return {
            "people": self.people,
            "new": len(self.new),
            "changed": len(self.changed),
            "ended": len(self.ended),
            "adjusted": len(self.adjusted),
            "unchanged": self.unchanged,
            "left_to_more_trusted_sources": len(self.trusted),
            "not_in_slack": len(self.strangers),
        }
