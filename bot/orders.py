"""From what someone typed or chose to a gift that may be awarded: who, which badges, whether allowed."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from bot import parsing, rules
from bot.deps import WorkspaceRef
from bot.errors import BadRequestError, NeedsSlackError, NotFoundError, NotPermittedError
from bot.gifts import REASON_LIMIT, Gift, too_long
from bot.messages import text
from bot.permissions import (
    Standing,
    is_badge_admin,
    limit_of,
    may_award,
    may_award_at_all,
    refusal,
)
from bot.settings import Settings
from bot.standing import standing_towards
from storage import badges, user_groups
from storage.badges import BadgeRow
from storage.memory import Memory, Wanted
from storage.people import PersonRow

MAX_RECIPIENTS = 50
MAX_BADGES = 10
_NAMED = 10  # of those who cannot be awarded, where nobody else is


class Order(NamedTuple):
    """What someone asks to be awarded, in Slack's ids and words.

    The badges are either `badge_ids`, with `reason`, or stand at the start of `words`, which then go
    on with the reason.
    """

    giver: str
    occasion: str
    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    words: str = ""
    badge_ids: tuple[UUID, ...] = ()
    reason: str = ""
    private: bool = False
    quiet: bool = False
    confirmed: bool = False
    all_or_none: bool = False  # someone who cannot be awarded stops it all, as at a form's field
    asked_slack: bool = False  # whoever is not known now is not in the workspace
    evidence_url: str = ""
    evidence_public: bool = False


class UnknownBadgeError(NotFoundError):
    """No badge of that name that the giver can award."""


class TooManyBadgesError(BadRequestError):
    """More badges are named than anybody means."""


class RecipientsError(BadRequestError):
    """None of those people can be awarded; said at their field in a modal."""


class ReasonError(BadRequestError):
    """The reason cannot be shown as it is."""


class Prepared(NamedTuple):
    """A gift, and why some of the people asked for are not in it."""

    gift: Gift
    settings: Settings  # that held
    refused: tuple[str, ...] = ()  # a sentence each


def prepare(
    session: Connection,
    *,
    workspace: WorkspaceRef,
    settings: Settings,
    memory: Memory,
    order: Order,
) -> Prepared:
    """Look up and permit everything an order needs; `settings` are the environment's.

    Raises NeedsSlackError where people or groups are not known yet, and a UserFacingError that says
    what to do where the order cannot be carried out; nothing is written.
    """
    if len(order.people) > MAX_RECIPIENTS:
        raise RecipientsError(too_many(len(order.people)))
    wanted = Wanted(
        (order.giver, *order.people),
        () if order.badge_ids else parsing.badge_keys(order.words),
        order.badge_ids,
        rules.KEY,
    )
    found = memory.look_up(session, wanted, workspace_id=workspace.id)
    settings = rules.over(settings, found.setting)
    giver, recipients, unknown = _people(session, workspace, order, found.people)
    chosen, reason, standing = _badges(session, workspace, settings, giver, order, found.badges)
    if len(reason) > REASON_LIMIT:
        raise ReasonError(too_long(reason))
    welcome: list[PersonRow] = []
    refused: list[str] = []
    for recipient in recipients:
        sentence = refusal(giver, recipient, settings)
        if not sentence:
            welcome.append(recipient)
        elif recipient.id != giver.id or giver.slack_id in order.people:
            refused.append(sentence)
    if unknown:
        count = text.count(len(unknown), "person", "people")
        refused.append(f"I can’t find {count} you named among those of this workspace.")
    if len(welcome) > MAX_RECIPIENTS:
        raise RecipientsError(too_many(len(welcome)))
    if refused and order.all_or_none:
        raise RecipientsError(" ".join(refused[:_NAMED]))
    if not welcome:
        nobody = "There is nobody else in that group." if recipients else "That group is empty."
        said = " ".join(refused[:_NAMED]) or nobody
        raise RecipientsError(f"{said} Nothing was awarded.")
    return Prepared(
        Gift(
            giver=giver,
            recipients=tuple(welcome),
            badges=tuple(chosen),
            reason=reason,
            occasion=order.occasion,
            private=order.private,
            quiet=order.quiet,
            confirmed=order.confirmed,
            evidence_url=_ours(order.evidence_url, workspace),
            evidence_public=order.evidence_public,
            limit=limit_of(standing),
            knows_all=is_badge_admin(standing),
            all_or_none=order.all_or_none,
        ),
        settings,
        tuple(refused),
    )


def _ours(address: str, workspace: WorkspaceRef) -> str:
    """The address of a message, if it is one of this workspace's: it is posted as a link."""
    return address if address.startswith(f"{workspace.url.rstrip('/')}/archives/") else ""


def too_many(people: int) -> str:
    """What to say when more people are named than one command takes."""
    return (
        f"That is {people:,} people, and {MAX_RECIPIENTS} at once is the most."
        " Nothing was awarded; please do it in several commands."
    )


def awardable(
    session: Connection, *, workspace: WorkspaceRef, settings: Settings, giver: PersonRow
) -> list[BadgeRow]:
    """The active badges that this person may award, in the catalogue's order."""
    every = [b for b in badges.catalogue(session, workspace_id=workspace.id) if b.active]
    standing = standing_towards(session, workspace, settings, giver, every)
    return [badge for badge in every if may_award(standing, badge)]


def _people(
    session: Connection, workspace: WorkspaceRef, order: Order, known: Mapping[str, PersonRow]
) -> tuple[PersonRow, list[PersonRow], list[str]]:
    """The giver, the known recipients in the order asked for, and the ids nobody knows."""
    missing = [slack_id for slack_id in (order.giver, *order.people) if slack_id not in known]
    if (missing or order.groups) and not order.asked_slack:
        raise NeedsSlackError(people=frozenset(missing), groups=frozenset(order.groups))
    if order.giver not in known:
        raise NotPermittedError("I don’t know you yet; please try again in a minute.")
    recipients = [known[slack_id] for slack_id in order.people if slack_id in known]
    for group in order.groups:
        recipients += user_groups.members(session, workspace_id=workspace.id, group_id=group)
    distinct = list({recipient.id: recipient for recipient in recipients}.values())
    return known[order.giver], distinct, [one for one in missing if one != order.giver]


def _badges(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    giver: PersonRow,
    order: Order,
    found: Sequence[BadgeRow],
) -> tuple[Sequence[BadgeRow], str, Standing]:
    """The badges of an order, each of which the giver may award, the reason, and who the giver is."""
    standing = standing_towards(session, workspace, settings, giver, found)
    permit(standing, found)
    # Only then by name: a private badge must not stand in the way of a public one named alike.
    known: list[BadgeRow] = []
    barred: list[BadgeRow] = []
    for badge in found:
        if may_award(standing, badge):
            if badge.active or not badge.private:
                known.append(badge)
        elif not badge.private:
            barred.append(badge)
    if order.badge_ids:
        if len(known) < len(order.badge_ids):
            raise UnknownBadgeError("One of those badges can’t be awarded any more.")
        chosen: Sequence[BadgeRow] = known
        reason = order.reason
        if order.all_or_none and (found_flag := parsing.flag_in(reason)):
            shown, flag = found_flag
            raise ReasonError(
                f"“{shown}” would be published here. Tick {flag.capitalize()} instead,"
                " or drop the dash."
            )
    else:
        chosen, reason = from_words(
            order.words,
            badges.by_name(barred) | badges.by_name(known),
            lambda: awardable(session, workspace=workspace, settings=settings, giver=giver),
        )
    for badge in chosen:
        if not badge.active:
            raise UnknownBadgeError(
                f"{text.named(badge.name)} is retired, so it can’t be awarded any more. Nothing was awarded."
            )
        if badge in barred:
            raise UnknownBadgeError(
                f"{text.named(badge.name)} is for others to award, so nothing was awarded. With"
                f" `/badges request @name {badge.slug}` you can suggest it to them."
            )
    if len(chosen) > MAX_BADGES:
        raise UnknownBadgeError(
            f"That is {len(chosen)} badges, and {MAX_BADGES} at once is the most. Nothing was awarded."
        )
    return chosen, reason, standing


def from_words(
    words: str,
    by_name: Mapping[str, BadgeRow],
    suggestible: Callable[[], Collection[BadgeRow]],
    *,
    can: str = " that you can award",
    nothing: str = "Nothing was awarded.",
) -> tuple[Sequence[BadgeRow], str]:
    """The badges, among those `by_name`, that words begin with, and the reason after them.

    Raises UnknownBadgeError with the nearest of those that may be suggested; it says what the person
    `can` do with badges that they name, and that `nothing` came of it. Raises TooManyBadgesError for
    far too many.
    """
    names: list[tuple[str, str]] = []

    def near(wanted: str, cutoff: float | None = None) -> Sequence[str]:
        if not names:
            names.extend((badge.slug, badge.name) for badge in suggestible())
        if cutoff is None:
            return parsing.nearest(wanted, names)
        return parsing.nearest(wanted, names, cutoff=cutoff)

    try:
        split = parsing.split_badges(words, by_name, lambda one: near(one, parsing.TYPO_CUTOFF))
    except parsing.ParseProblem as problem:
        raise TooManyBadgesError(problem.sentence) from problem
    if split.unknown is None and split.badges:
        return split.badges, split.reason
    if not words.strip():
        raise UnknownBadgeError("Which badge? Add it after the name, or see `/badges catalog`.")
    wanted = split.unknown or words
    nearest = near(wanted)
    hint = (
        f" Did you mean {text.either([f'`{slug}`' for slug in nearest])}?"
        if nearest
        else " `/badges catalog` shows what there is."
    )
    raise UnknownBadgeError(
        f"I don’t know a badge called “{text.named(text.shorten(wanted, 60))}”{can}.{hint} {nothing}"
    )


def require_some(
    session: Connection, *, workspace: WorkspaceRef, settings: Settings, standing: Standing
) -> None:
    """Refuse someone who may award no badge that there is, before they fill in anything."""
    if not may_award_at_all(standing):
        permit(
            standing,
            awardable(session, workspace=workspace, settings=settings, giver=standing.person),
        )


def permit(standing: Standing, found: Collection[BadgeRow]) -> None:
    """Refuse someone who may award nothing at all, whatever they typed."""
    if may_award_at_all(standing):
        return
    if any(may_award(standing, badge) for badge in found):
        return
    if standing.person.stranger:
        raise NotPermittedError("Only people of this workspace award badges here.")
    if standing.person.guest:
        raise NotPermittedError("Guests can’t award badges here. A colleague can do it for you.")
    raise NotPermittedError(
        "You can’t award badges here, as things stand. A colleague can do it for you;"
        " an owner can change that in Settings."
    )
