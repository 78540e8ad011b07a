"""Who may do what: pure functions, one place, one table (which README shows)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, NamedTuple, get_args
from uuid import UUID

from bot.errors import NotPermittedError
from bot.grants import Grant, Limit, parse_grant
from bot.messages.text import named
from bot.settings import Settings
from storage.badges import BadgeRow
from storage.people import PersonRow

# From the one who may do the least to the one who may do everything.
Role = Literal["everyone", "awarder", "badge admin", "owner"]
ROLES: tuple[Role, ...] = get_args(Role)

Action = Literal[
    "award",
    "award_private",
    "decide_request",
    "revoke_any",
    "see_private",
    "studio",
    "bulk",
    "search",
    "correct",
    "import_people",
    "see_service",
    "enter_service",
    "settings",
    "audit",
    "roles",
    "erase",
]


class Rule(NamedTuple):
    """The least role an action takes, in the words of the table and of a refusal."""

    role: Role
    words: str  # as in “May award public badges”


RULES: dict[Action, Rule] = {
    "award": Rule("awarder", "award a public badge"),
    "award_private": Rule("badge admin", "award a private badge that names no awarders of its own"),
    "decide_request": Rule("awarder", "decide on a request of somebody else’s"),
    "revoke_any": Rule("badge admin", "revoke an award that somebody else gave"),
    "see_private": Rule("badge admin", "see private badges and private awards of others"),
    "studio": Rule("badge admin", "create, edit, retire, export and import badges"),
    "bulk": Rule("badge admin", "award to many at once"),
    "search": Rule("badge admin", "search all awards"),
    "correct": Rule("badge admin", "correct an award"),
    "import_people": Rule("badge admin", "import people from an HR file"),
    "see_service": Rule("badge admin", "see the start dates of others"),
    "enter_service": Rule("badge admin", "enter the start dates of others"),
    "settings": Rule("badge admin", "change settings"),
    "audit": Rule("badge admin", "read and export the audit"),
    "roles": Rule("owner", "say who has which role"),
    "erase": Rule("owner", "erase a person"),
}


def table() -> list[tuple[str, ...]]:
    """What each role above everyone may, as README shows it: a row an action, with ✓ where it may."""
    return [
        (rule.words, *("✓" if _reaches(role, rule.role) else "" for role in ROLES[1:]))
        for rule in RULES.values()
    ]


@dataclass(frozen=True)
class Standing:
    """A person in a workspace, under the settings that hold there."""

    person: PersonRow
    settings: Settings
    groups: frozenset[str] = frozenset()  # of those groups that matter
    manager: bool = False  # HR says that they manage somebody

    @cached_property
    def role(self) -> Role:
        """The highest role of theirs."""
        person, settings = self.person, self.settings
        if not person.active or person.bot:
            return "everyone"
        if person.slack_admin or person.slack_id in settings.admins:
            return "owner"
        if _among(self, settings.badge_admins, guests=False):
            return "badge admin"
        if _among(self, settings.awarders, guests=settings.guests_award):
            return "awarder"
        return "everyone"


def may(standing: Standing, action: Action) -> bool:
    """Whether somebody may do something that concerns no badge or person in particular."""
    return _reaches(standing.role, RULES[action].role)


def require(standing: Standing, action: Action) -> None:
    """Raise NotPermittedError, with who to ask, unless somebody may do something."""
    if not may(standing, action):
        rule = RULES[action]
        who = f"{'A' if rule.role == 'badge admin' else 'An'} {rule.role}"
        raise NotPermittedError(f"{who} can {rule.words}; you can’t, as things stand.")


def is_badge_admin(standing: Standing) -> bool:
    """A badge admin, or an owner, who is one too."""
    return _reaches(standing.role, "badge admin")


def may_award(standing: Standing, badge: BadgeRow) -> bool:
    """Whether a person may award this badge, and so, where it is private, may know of it.

    A badge may name its own awarders; a private one that does not is for badge admins. Whoever is
    denied, there or in the workspace, may not, badge admins included; owners cannot be denied.
    """
    role, settings = standing.role, standing.settings
    if role == "owner":
        return True
    own = parse_grant(badge.awarders) if badge.awarders else None
    if _denied(standing, settings.awarders) or (own is not None and _denied(standing, own)):
        return False
    if role == "badge admin":
        return True
    if own is not None:
        return _among(standing, own, guests=settings.guests_award)
    return not badge.private and role == "awarder"


def may_decide(standing: Standing, badge: BadgeRow) -> bool:
    """Whether requests for this badge are a person's to see and to decide on.

    They may award it, and that not only because everyone may: what somebody asks for is not for
    everyone to read.
    """
    if not may_award(standing, badge):
        return False
    if is_badge_admin(standing):
        return True
    settings = standing.settings
    named = replace(deciding_awarders(badge, settings), everyone=False)
    return _among(standing, named, guests=settings.guests_award)


def deciding_awarders(badge: BadgeRow, settings: Settings) -> Grant:
    """Who may award a badge next to badge admins: its own awarders, or else the workspace's."""
    return parse_grant(badge.awarders) if badge.awarders else settings.awarders


def own_request_refusal(
    decider: PersonRow, asker_id: UUID, recipient_id: UUID, settings: Settings
) -> str:
    """Why this person may not decide on what they asked for themselves; "" where they may."""
    if decider.id != asker_id:
        return ""
    if not settings.own_requests:
        return "You asked for this one yourself, so it is for somebody else to decide."
    if decider.id == recipient_id and not settings.self_awards:
        return "You would award yourself with this one, so it is for somebody else to decide."
    return ""


def request_refusal(asker: PersonRow, recipient: PersonRow, settings: Settings) -> str:
    """Why this person may not ask for a badge, or not for that one, as a sentence; "" where they may."""
    if not asker.active or asker.bot or asker.stranger:
        return "Only people of this workspace ask for badges here."
    if asker.id == recipient.id and asker.guest and not settings.guests_receive:
        return "Guests don’t collect badges here; an admin can change that in Settings."
    if asker.guest and not (settings.guests_award or settings.guests_receive):
        return (
            "Guests don’t suggest people for badges here; an admin can let them award in Settings."
        )
    return _receiving_refusal(recipient, settings)


def may_award_at_all(standing: Standing) -> bool:
    """Whether a person may award public badges that name no awarders of their own."""
    role = standing.role
    return role == "owner" or (
        _reaches(role, "awarder") and not _denied(standing, standing.settings.awarders)
    )


def limit_of(standing: Standing) -> Limit | None:
    """How often somebody may award, by their role; who awards by a badge's leave is an awarder."""
    limits = dict(standing.settings.limits)
    role = standing.role
    return limits.get(role) or (limits.get("awarder") if role == "everyone" else None)


def refusal(giver: PersonRow, recipient: PersonRow, settings: Settings) -> str:
    """Why nobody may award this person, or this giver may not, as a sentence; "" where they may."""
    if recipient.id == giver.id and not settings.self_awards:
        return "You can’t award yourself; a colleague can, with `/award` and your name."
    return _receiving_refusal(recipient, settings)


def collects(person: PersonRow, settings: Settings) -> bool:
    """Whether somebody can receive badges at all."""
    return not _receiving_refusal(person, settings)


def _receiving_refusal(recipient: PersonRow, settings: Settings) -> str:
    if recipient.bot:
        return f"{named(recipient.name)} is a bot, and bots don’t collect badges."
    if recipient.stranger:
        if settings.strangers_receive:
            return ""
        return (
            f"{named(recipient.name)} is from another workspace, and our badges stay in this one;"
            " an admin can change that in Settings."
        )
    if not recipient.active:
        return f"{named(recipient.name)}’s account isn’t active here."
    if recipient.guest and not settings.guests_receive:
        return (
            f"{named(recipient.name)} is a guest. Guests don’t collect badges here; an admin can change that"
            " in Settings."
        )
    return ""


def may_revoke(standing: Standing, *, giver: bool) -> bool:
    """The giver of an award and badge admins may revoke it."""
    return giver or may(standing, "revoke_any")


def may_know_service(standing: Standing, owner: PersonRow, *, manages: bool) -> bool:
    """Whether somebody may know another's start date, leave, and why a milestone was told or not.

    `manages`: HR says that the one manages the other.
    """
    return standing.person.id == owner.id or manages or may(standing, "see_service")


def may_enter_service(standing: Standing, owner: PersonRow) -> bool:
    """Whether somebody may say since when another, or they themselves, work here."""
    return standing.person.id == owner.id or may(standing, "enter_service")


def groups_that_matter(badge_awarders: Iterable[str | None], settings: Settings) -> frozenset[str]:
    """The user groups that roles and these badges speak of: whose members have to be known."""
    groups = settings.awarders.groups_asked | settings.badge_admins.groups_asked
    for spec in badge_awarders:
        if spec:
            groups |= parse_grant(spec).groups_asked
    return groups


def managers_matter(badge_awarders: Iterable[str | None], settings: Settings) -> bool:
    """Whether it has to be known who manages somebody."""
    return (
        settings.awarders.managers
        or settings.badge_admins.managers
        or any(parse_grant(spec).managers for spec in badge_awarders if spec)
    )


def _reaches(role: Role, least: Role) -> bool:
    return ROLES.index(role) >= ROLES.index(least)


def _denied(standing: Standing, grant: Grant) -> bool:
    return grant.denies(standing.person.slack_id, standing.groups)


def _among(standing: Standing, grant: Grant, *, guests: bool) -> bool:
    person = standing.person
    if not person.active or person.bot or person.stranger or _denied(standing, grant):
        return False
    if person.slack_id in grant.people:  # a guest too: somebody meant this very person
        return True
    if person.guest and not guests:
        return False
    return (
        grant.everyone
        or (grant.managers and standing.manager)
        or bool(standing.groups & grant.groups)
    )
