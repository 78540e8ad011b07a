"""Who may do what: pure functions, one place."""

from bot.settings import Awarders, Settings, parse_awarders
from storage.badges import BadgeRow
from storage.people import PersonRow


def is_badge_admin(person: PersonRow, settings: Settings) -> bool:
    """Named in LAUREL_ADMINS, or an admin or owner of the Slack workspace."""
    return (
        person.active
        and not person.bot
        and (person.slack_admin or person.slack_id in settings.admins)
    )


def groups_that_matter(badge_awarders: list[str | None], settings: Settings) -> frozenset[str]:
    """The user groups whose members may award any of this: whose membership has to be known."""
    groups = settings.awarders.groups
    for spec in badge_awarders:
        if spec:
            groups |= parse_awarders(spec).groups
    return groups


def may_award_at_all(
    person: PersonRow, settings: Settings, *, groups: frozenset[str] = frozenset()
) -> bool:
    """Whether a person may award public badges; `groups`: the user groups they are in."""
    if is_badge_admin(person, settings):
        return True
    return _among(person, settings.awarders, groups)


def may_award(
    person: PersonRow,
    badge: BadgeRow,
    settings: Settings,
    *,
    groups: frozenset[str] = frozenset(),
) -> bool:
    """Whether a person may award this badge, and so, where it is private, may know of it.

    A badge may name its own awarders; a private one that does not is for badge admins.
    """
    if is_badge_admin(person, settings):
        return True
    if badge.awarders:
        return _among(person, parse_awarders(badge.awarders), groups)
    return not badge.private and _among(person, settings.awarders, groups)


def may_revoke(person: PersonRow, *, giver: bool, settings: Settings) -> bool:
    """The giver of an award and badge admins may revoke it."""
    return giver or is_badge_admin(person, settings)


def may_know_service(
    person: PersonRow, owner: PersonRow, *, manages: bool, settings: Settings
) -> bool:
    """Whether somebody may know another's start date, leave, and why a milestone was told or not.

    `manages`: HR says that the one manages the other.
    """
    return person.id == owner.id or manages or is_badge_admin(person, settings)


def may_enter_service(person: PersonRow, owner: PersonRow, settings: Settings) -> bool:
    """Whether somebody may say since when another, or they themselves, work here."""
    return person.id == owner.id or is_badge_admin(person, settings)


def _among(person: PersonRow, awarders: Awarders, groups: frozenset[str]) -> bool:
    if not person.active or person.bot:
        return False
    if person.slack_id in awarders.people:  # a guest too: somebody meant this very person
        return True
    return not person.guest and (awarders.everyone or bool(groups & awarders.groups))
