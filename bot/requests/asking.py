"""Asking for a badge, for oneself or a colleague, and taking that back."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection

from bot import awarding, parsing, profiles
from bot.calendars import zone_of
from bot.deps import WorkspaceRef
from bot.errors import BadRequestError, NeedsSlackError, NotFoundError, NotPermittedError
from bot.gifts import REASON_LIMIT, too_long
from bot.messages import text
from bot.orders import ReasonError, TooManyBadgesError, UnknownBadgeError, from_words
from bot.parsing.flags import NearFlagProblem
from bot.permissions import Standing, may_award, refusal, request_refusal
from bot.precedents import may_be_refused_for
from bot.requests import reading, telling
from bot.requests.deciding import Click
from bot.requests.reading import Shown
from bot.settings import Settings
from bot.standing import standing_of
from storage import awards, badges, people, preferences, requests
from storage.badges import BadgeRow
from storage.people import PersonRow

MOST_OPEN = 10  # requests that one person can have waiting
MOST_TAKEN_BACK = 10  # a day, before one asks no more
_TAKEN_BACK = "requests_taken_back"  # a preference: the day, and how many

_NOTHING = "Nothing was requested"
_EXAMPLE = "`/badges request team-player I mentored three newcomers`"
_TOO_MANY = (
    f"{MOST_OPEN} of your requests wait for an answer, and that is the most. {_NOTHING};"
    " `/badges requests` shows them, to take one back."
)
_TAKEN_BACK_TOO_OFTEN = (
    f"You’ve taken back {MOST_TAKEN_BACK} requests today, and that is the most: whoever decides hears"
    f" of each. {_NOTHING}; please ask again tomorrow."
)
GONE = "That request isn’t there any more. `/badges requests` shows those that wait."


@dataclass(frozen=True)
class Wanted:
    """What is asked for: whom the badge is for (a Slack id, "" is oneself), and badge and reason.

    These are `words` as they were typed, or what was chosen in the form.
    """

    person: str
    words: str = ""
    badge_id: UUID | None = None
    reason: str = ""


@dataclass(frozen=True)
class Asked:
    """A request that waits; `fresh`: since just now. `awards`: the asker may award it without asking."""

    shown: Shown
    fresh: bool
    awards: bool


def read(typed: str) -> Wanted:
    """Read what follows `/badges request`, as Slack sent it: without words, the form is to open.

    Raises BadRequestError.
    """
    try:
        found = parsing.parse_award(typed)
    except NearFlagProblem as near:
        raise BadRequestError(_flagless(near.shown)) from near
    except parsing.ParseProblem as problem:
        raise BadRequestError(f"{problem.sentence} {_NOTHING}.") from problem
    if found.private or found.quiet:
        raise BadRequestError(_flagless("--private" if found.private else "--quiet"))
    if found.groups or len(found.people) > 1:
        raise BadRequestError(
            f"One person at a time, please: `/badges request @tom team-player` and why. {_NOTHING}."
        )
    return Wanted(found.people[0] if found.people else "", found.rest)


def _flagless(shown: str) -> str:
    return (
        f"Please leave “{shown}” out: only whoever decides reads a request, and what they award is"
        f" announced as usual. {_NOTHING}."
    )


def may_begin(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    slack_id: str,
    *,
    asked_slack: bool,
) -> bool:
    """Whether a form may say that somebody asks for themselves. Raises why none opens for them.

    Raises NeedsSlackError for someone not known yet.
    """
    person = profiles.reader_of(session, workspace, settings, slack_id, asked=asked_slack).person
    refused = request_refusal(person, person, settings)
    if refused and not (person.guest and settings.guests_award):
        raise NotPermittedError(refused)
    waiting = requests.open_by(session, workspace_id=workspace.id, asker_id=person.id)
    if len(waiting) >= MOST_OPEN:
        raise BadRequestError(_TOO_MANY)
    return not refused


def askable(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    asker: PersonRow,
    now: datetime,
) -> list[BadgeRow]:
    """The badges that somebody may ask for: a private one only where they may award it."""
    every = [
        badge
        for badge in badges.catalogue(session, workspace_id=workspace.id)
        if badge.active and not _is_over(badge, now)
    ]
    own = [badge.awarders for badge in every if badge.private]
    able = standing_of(session, workspace, settings, asker, awarders=own)
    return [b for b in every if not b.private or may_award(able, b)]


def ask(
    session: Connection,
    *,
    workspace: WorkspaceRef,
    settings: Settings,
    slack_id: str,
    wanted: Wanted,
    now: datetime,
    asked_slack: bool,
) -> Asked:
    """Keep a request, and have those told who decide. The same again changes nothing.

    Raises NeedsSlackError for someone not known yet, and refusals.
    """
    asker = profiles.reader_of(session, workspace, settings, slack_id, asked=asked_slack).person
    recipient = _recipient(session, workspace, asker, wanted.person, asked_slack=asked_slack)
    if sentence := request_refusal(asker, recipient, settings):
        raise NotPermittedError(sentence)
    badge, reason, standing = _badge(session, workspace, settings, asker, wanted, now)
    people.lock(session, workspace_id=workspace.id, ids=[asker.id])
    awards_it = may_award(standing, badge) and not refusal(asker, recipient, settings)
    waiting = requests.open_by(session, workspace_id=workspace.id, asker_id=asker.id)
    for row in waiting:
        if (row.recipient_id, row.badge_id) == (recipient.id, badge.id):
            return Asked(reading.shown(session, workspace, [row])[0], False, awards_it)
    _refuse_held(session, workspace, asker, recipient, badge, now)
    if len(waiting) >= MOST_OPEN:
        raise BadRequestError(_TOO_MANY)
    today = _today(settings, asker, now)
    if _taken_back(session, workspace, asker, today) >= MOST_TAKEN_BACK:
        raise BadRequestError(_TAKEN_BACK_TOO_OFTEN)
    request = _passed_on(session, workspace, settings, asker, recipient, badge, reason, now)
    return Asked(request, True, awards_it)


def _passed_on(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    asker: PersonRow,
    recipient: PersonRow,
    badge: BadgeRow,
    reason: str,
    now: datetime,
) -> Shown:
    """Keep a request, and have those told who decide. Raises BadRequestError where nobody could."""
    added = requests.add(
        session,
        workspace_id=workspace.id,
        asker_id=asker.id,
        recipient_id=recipient.id,
        badge_id=badge.id,
        version_id=badge.version_id,
        reason=reason,
        now=now,
    )
    assert added is not None  # the asker is locked, so nobody else asks for them
    (request,) = reading.shown(session, workspace, [added])
    told = telling.deciders(session, workspace, settings, request)
    if not told:  # which takes the request back as well
        raise BadRequestError(
            f"Nobody is here yet who could decide on that. {_NOTHING}; an owner can name badge"
            " admins in Settings."
        )
    telling.enqueue(session, workspace, added, told, now)
    return request


def take_back(session: Connection, click: Click) -> Shown:
    """Take one's own request back, as if it had not been; or, decided meanwhile, what came of it.

    Raises NotFoundError.
    """
    workspace, id_ = click.workspace, click.request_id
    person = profiles.reader_of(
        session, workspace, click.settings, click.slack_id, asked=True
    ).person
    row = requests.by_id(session, workspace_id=workspace.id, request_id=id_, lock=True)
    if row is None or row.asker_id != person.id:
        raise NotFoundError(GONE)
    (found,) = reading.shown(session, workspace, [row])
    if requests.remove(session, workspace_id=workspace.id, request_id=id_):
        telling.amend(session, workspace, [id_], click.now)
        today = _today(click.settings, person, click.now)
        _count_taken_back(session, workspace, person, today)
    return found


def _today(settings: Settings, person: PersonRow, now: datetime) -> date:
    """Which day it is where somebody is."""
    return now.astimezone(zone_of(person.timezone, settings.timezone)).date()


def _taken_back(
    session: Connection, workspace: WorkspaceRef, person: PersonRow, today: date
) -> int:
    """How many requests somebody took back today: those who decide had read of each."""
    kept = preferences.chosen(
        session, workspace_id=workspace.id, person_id=person.id, key=_TAKEN_BACK
    )
    day, _, number = (kept or "").partition(" ")
    return int(number) if day == today.isoformat() else 0


def _count_taken_back(
    session: Connection, workspace: WorkspaceRef, person: PersonRow, today: date
) -> None:
    people.lock(session, workspace_id=workspace.id, ids=[person.id])
    number = _taken_back(session, workspace, person, today) + 1
    preferences.save(
        session,
        workspace_id=workspace.id,
        person_id=person.id,
        key=_TAKEN_BACK,
        value=f"{today.isoformat()} {number}",
    )


def _recipient(
    session: Connection,
    workspace: WorkspaceRef,
    asker: PersonRow,
    slack_id: str,
    *,
    asked_slack: bool,
) -> PersonRow:
    """Whom the badge is for. Raises NeedsSlackError for someone not known yet, and NotFoundError."""
    if slack_id in ("", asker.slack_id):
        return asker
    found = people.by_slack_id(session, workspace_id=workspace.id, slack_id=slack_id)
    if found is None and not asked_slack:
        raise NeedsSlackError(people=frozenset([slack_id]))
    if found is None:
        raise NotFoundError(f"Slack does not know that person in this workspace. {_NOTHING}.")
    return found


def _badge(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    asker: PersonRow,
    wanted: Wanted,
    now: datetime,
) -> tuple[BadgeRow, str, Standing]:
    """The one badge that is asked for, why, and who the asker is. Raises refusals."""
    if wanted.badge_id is not None:
        ids = [wanted.badge_id]
        found = list(badges.by_ids(session, workspace_id=workspace.id, ids=ids).values())
    else:
        keys = parsing.badge_keys(wanted.words)
        found = badges.matching(session, workspace_id=workspace.id, keys=keys)
    awarders = [badge.awarders for badge in found]
    standing = standing_of(session, workspace, settings, asker, awarders=awarders)
    # A private badge that is not theirs to award does not exist for them.
    known = [
        badge
        for badge in found
        if not badge.private or (badge.active and may_award(standing, badge))
    ]
    if wanted.badge_id is not None:
        badge, reason = _chosen(known), wanted.reason
    else:
        badge, reason = _typed(
            wanted.words, known, lambda: askable(session, workspace, settings, asker, now)
        )
    if not badge.active or _is_over(badge, now):
        over = "is retired" if not badge.active else f"was to be had until {badge.expiry}"
        raise UnknownBadgeError(
            f"{text.named(badge.name)} {over}, so it can’t be awarded any more. {_NOTHING}."
        )
    if not reason:
        where = "" if wanted.badge_id else f", after the badge: {_EXAMPLE}"
        end = "." if wanted.badge_id else ""
        raise ReasonError(f"What for? Say in a few words why{where}{end} {_NOTHING} yet.")
    if len(reason) > REASON_LIMIT:
        raise ReasonError(too_long(reason, _NOTHING))
    if wanted.badge_id is not None and (flag := parsing.flag_in(reason)):
        raise ReasonError(_flagless(flag[0]))
    return badge, reason, standing


def _chosen(known: Sequence[BadgeRow]) -> BadgeRow:
    if not known:
        raise UnknownBadgeError(
            f"That badge can’t be asked for any more. {_NOTHING}; please choose another."
        )
    return known[0]


def _typed(
    words: str, known: Sequence[BadgeRow], suggestible: Callable[[], Collection[BadgeRow]]
) -> tuple[BadgeRow, str]:
    try:
        chosen, reason = from_words(
            words, badges.by_name(known), suggestible, can="", nothing=f"{_NOTHING}."
        )
    except TooManyBadgesError as problem:
        raise BadRequestError(_one_badge()) from problem
    if len(chosen) > 1:
        raise BadRequestError(_one_badge())
    return chosen[0], reason


def _is_over(badge: BadgeRow, now: datetime) -> bool:
    ends = awarding.expires_at(badge, now)
    return ends is not None and ends <= now


def _one_badge() -> str:
    return f"One badge at a time, please: {_EXAMPLE} {_NOTHING}."


def _refuse_held(
    session: Connection,
    workspace: WorkspaceRef,
    asker: PersonRow,
    recipient: PersonRow,
    badge: BadgeRow,
    now: datetime,
) -> None:
    """Refuse what is held once and held, as far as the asker may know of it."""
    if not badge.held_once:
        return
    before = awards.earlier(
        session, workspace_id=workspace.id, recipient_ids=[recipient.id], badge_ids=[badge.id]
    )
    own = recipient.id == asker.id
    known = [row for row in before if own or may_be_refused_for(row, asker.id)]
    if any(not row.is_over(now) for row in known):
        who = "You hold" if own else f"{text.named(recipient.name)} holds"
        raise BadRequestError(
            f"{who} {text.named(badge.name)} already, and it is held once. {_NOTHING}."
        )
