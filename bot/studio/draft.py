"""What stands in the form of a badge: as people filled it in, not yet checked."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from uuid import UUID

from bot.artwork import Design
from bot.artwork.design import ACCENTS, BACKGROUNDS, SHAPES
from bot.grants import Grant, Limit, parse_grant
from storage.badges import BadgeRow, BadgeValues

# Where an error is shown, and how each field is called in Slack.
NAME, SLUG, DESCRIPTION, CRITERIA = "name", "slug", "description", "criteria"
CATEGORY, KIND, VISIBILITY = "category", "kind", "visibility"
PICTURE, FILE, FIT = "picture", "file", "fit"
SHAPE, BACKGROUND, ACCENT, SYMBOL = "shape", "background", "accent", "symbol"
AWARDERS, PEOPLE, GROUPS = "awarders", "people", "groups"
NOT_PEOPLE, NOT_GROUPS = "not_people", "not_groups"
FEED, CHANNEL = "feed", "channel"
RECIPIENT_LIMIT, GIVER_LIMIT = "recipient_limit", "giver_limit"
EXPIRY, MONTHS, DATE = "expiry", "months", "date"
PAST = "past"

FLAIR, ONCE, ACHIEVEMENT = "flair", "once", "achievement"
KEEP, UPLOAD, DRAWN, LETTERS = "keep", "upload", "drawn", "letters"
WORKSPACE, ADMINS, EVERYONE, MANAGERS, NAMED = (
    "workspace",
    "admins",
    "everyone",
    "managers",
    "named",
)
OFF, ELSEWHERE = "off", "elsewhere"
NEVER, AFTER, ON = "never", "after", "on"
CROP, PAD = "crop", "pad"

MOST_TEXT = 3000  # characters that Slack's fields take
_WORDS = 149  # characters of a category that a menu's option can carry


@dataclass(frozen=True)
class Draft:
    """A badge as it stands in the form; texts as they were typed."""

    name: str = ""
    slug: str = ""  # "": made from the name
    description: str = ""
    criteria: str = ""
    category: str = ""  # see `category_value`
    kind: str = FLAIR
    private: bool = False
    picture: str = LETTERS
    file_id: str = ""
    fit: str = CROP
    shape: str = SHAPES[2]
    background: str = BACKGROUNDS[0]
    accent: str = ACCENTS[0]
    symbol: str = ""
    awarders: str = WORKSPACE
    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    not_people: tuple[str, ...] = ()
    not_groups: tuple[str, ...] = ()
    feed: str = WORKSPACE
    channel: str = ""
    recipient_limit: str = ""
    giver_limit: str = ""
    expiry: str = NEVER
    months: str = ""
    date: str = ""  # ISO
    past: bool = False

    @property
    def design(self) -> Design | None:
        """What is drawn, where all of it is given; None: it cannot be drawn as it stands."""
        return self._drawn[0]

    @property
    def undrawn(self) -> str:
        """Why it cannot be drawn as it stands, as a sentence; "" where it can."""
        return self._drawn[1]

    @cached_property
    def _drawn(self) -> tuple[Design | None, str]:
        try:
            return Design.of(self.shape, self.background, self.accent, self.symbol), ""
        except ValueError as problem:
            return None, str(problem)

    @property
    def named_groups(self) -> frozenset[str]:
        """The user groups that it names."""
        return frozenset((*self.groups, *self.not_groups))


def draft_of(badge: BadgeRow) -> Draft:
    """A badge as the form shows it."""
    grant = parse_grant(badge.awarders) if badge.awarders else None
    design = Design.parse(badge.design) if badge.design and not badge.image_id else None
    months, date = "", ""
    if badge.expiry and badge.expiry.endswith("m"):
        months = badge.expiry[:-1]
    elif badge.expiry:
        date = badge.expiry
    return Draft(
        name=badge.name,
        slug=badge.slug,
        description=badge.description,
        criteria=badge.criteria,
        category=category_value(badge.category, badge.id),
        kind=ACHIEVEMENT if badge.kind == "achievement" else FLAIR if badge.repeats else ONCE,
        private=badge.private,
        picture=KEEP if badge.image_id else DRAWN if design else LETTERS,
        **(design._asdict() if design else {}),
        awarders=_awarders(grant),
        people=_sorted(grant.people if grant else ()),
        groups=_sorted(grant.groups if grant else ()),
        not_people=_sorted(grant.denied_people if grant else ()),
        not_groups=_sorted(grant.denied_groups if grant else ()),
        feed=OFF if not badge.feed else ELSEWHERE if badge.feed_channel else WORKSPACE,
        channel=badge.feed_channel or "",
        recipient_limit=_limit(badge.recipient_limit),
        giver_limit=_limit(badge.giver_limit),
        expiry=AFTER if months else ON if date else NEVER,
        months=months,
        date=date,
    )


def category_value(category: str, badge_id: UUID) -> str:
    """A category as a menu carries it: itself, or, where it is too long, a badge that is in it."""
    return f"={category}" if len(category) <= _WORDS else f"#{badge_id.hex}"


def grant_of(draft: Draft) -> str | None:
    """Who may award it, in the grammar of grants; None: as the workspace. Raises ValueError."""
    if draft.awarders == WORKSPACE:
        return None
    if draft.awarders == ADMINS:
        return "admins"
    by_name = draft.awarders in (MANAGERS, NAMED)
    grant = Grant(
        everyone=draft.awarders == EVERYONE,
        managers=draft.awarders == MANAGERS,
        people=frozenset(draft.people if by_name else ()),
        groups=frozenset(draft.groups if by_name else ()),
        denied_people=frozenset(draft.not_people),
        denied_groups=frozenset(draft.not_groups),
    )
    denied = grant.denied_people | grant.denied_groups
    if draft.awarders == NAMED and not (grant.people or grant.groups or denied):
        raise ValueError("Please choose who may award it, people or user groups.")
    both = (grant.people & grant.denied_people) | (grant.groups & grant.denied_groups)
    if both:
        raise ValueError("Someone is both among those who may and those who may not.")
    return str(parse_grant(str(grant)))


def fingerprint(badge: BadgeRow) -> str:
    """What tells whether a badge is still as somebody saw it."""
    return sha256(repr(BadgeValues.of(badge)).encode()).hexdigest()[:24]


def _awarders(grant: Grant | None) -> str:
    if grant is None:
        return WORKSPACE
    if grant.everyone:
        return EVERYONE
    if grant.managers:
        return MANAGERS
    # Whom it leaves out stands in the form only where somebody is to be named.
    return ADMINS if grant == Grant() else NAMED


def _limit(text: str | None) -> str:
    if not text:
        return ""
    limit = Limit.parse(text)
    return f"{limit.most} a {limit.period}"


def _sorted(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(ids))
