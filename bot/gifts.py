"""What is to be awarded, and what happened to it: the values that awarding takes and returns."""

from typing import Literal, NamedTuple
from uuid import UUID

from bot.grants import Limit
from storage.badges import BadgeRow
from storage.people import PersonRow

REASON_LIMIT = 500  # characters

# undone: this very occasion, which was taken back since
Outcome = Literal["awarded", "held", "undone"]


class Gift(NamedTuple):
    """What is to be awarded, with everything looked up and permitted."""

    giver: PersonRow | None  # None: Laurel itself
    recipients: tuple[PersonRow, ...]
    badges: tuple[BadgeRow, ...]
    reason: str
    occasion: str  # `slash:<trigger>`, `view:<view>`: the same occasion is the same award
    private: bool = False
    quiet: bool = False
    confirmed: bool = False  # the giver was asked about the same award a minute ago
    evidence_url: str = ""
    evidence_public: bool = False
    limit: Limit | None = None  # how often the giver may award, as their role has it
    knows_all: bool = False  # the giver is a badge admin, and may know of every award
    all_or_none: bool = False  # someone who cannot be awarded stops it all

    def key(self, recipient: PersonRow, badge: BadgeRow) -> str:
        """Which occasion one of its awards is."""
        return f"{self.occasion}:{recipient.id.hex}:{badge.id.hex}"


def held_key(
    recipient_id: UUID, badge: BadgeRow, giver_id: UUID | None, *, secret: bool
) -> str | None:
    """What an award holds that is held once, if anything; `giver_id` None: Laurel gave it.

    A secret one (`storage.awards.is_secret`) is in the way of its own giver's alone, so that nobody
    learns of it by a refusal.
    """
    if not badge.held_once:
        return None
    key = f"{recipient_id.hex}:{badge.id.hex}"
    return f"{key}:{giver_id.hex if giver_id else ''}" if secret else key


class Given(NamedTuple):
    """What happened to one badge for one recipient."""

    recipient: PersonRow
    badge: BadgeRow
    outcome: Outcome
    code: str = ""


class Left(NamedTuple):
    """How often a giver may still award: a badge, or anything (None), within the period that runs."""

    limit: Limit
    left: int
    badge: BadgeRow | None = None
    by_undoing: bool = False  # there would be more, had nothing been undone


class Awarded(NamedTuple):
    """What happened to a gift. `batch_id` is what Undo takes back; None where nothing was awarded."""

    given: tuple[Given, ...]
    batch_id: UUID | None
    channels: tuple[str, ...] = ()  # in which posts were asked for
    refused: tuple[str, ...] = ()  # why some recipients were left out, a sentence each
    left: tuple[Left, ...] = ()

    @property
    def awarded(self) -> tuple[Given, ...]:
        """Those that were awarded."""
        return tuple(given for given in self.given if given.outcome == "awarded")


def too_long(reason: str, nothing: str = "Nothing was awarded") -> str:
    """What to say of a reason that is longer than can be shown; `nothing` came of it."""
    return (
        f"That reason has {len(reason):,} characters, and {REASON_LIMIT} is the most."
        f" {nothing}; please shorten it."
    )
