"""`/badges anniversaries`, `upcoming`, `why` and `since`: what people do about anniversaries."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from slack_bolt import Ack, BoltContext
from sqlalchemy import Connection

from bot import consent, profile_dates, profiles, start_dates
from bot.answers import Answer
from bot.deps import Deps, WorkspaceRef
from bot.errors import BadRequestError
from bot.hr_file.dates import Unreadable, read_date
from bot.listeners import Listeners
from bot.messages.consent import CONSENT, consent_message, default_message
from bot.messages.service import known_message
from bot.messages.upcoming import UPCOMING_TURNS, upcoming_message
from bot.messages.why import heard_message, why_message
from bot.parsing.wording import USER, plain
from bot.profiles import Reader
from bot.showing import show_instead
from bot.start_dates import Change, Known
from bot.tenure import Choice
from bot.upcoming import Scope, upcoming
from bot.why import Heard, explain
from storage.people import PersonRow

ANNIVERSARIES_HELP: tuple[tuple[str, str], ...] = (
    ("/badges anniversaries", "Who is told of yours: add `feed`, `dm` or `nothing` to choose."),
    ("/badges upcoming", "The anniversaries ahead: yours, and your team’s."),
    ("/badges why @maria 5-years", "When and where an anniversary was announced, or why not."),
    ("/badges since 2019-03-01", "Says since when you are here; without a date, what I know."),
    ("/badges since @maria 2019-03-01", "The same of Maria, for badge admins."),
    ("/badges since @maria ended 2026-03-31", "Notes Maria’s last day, for badge admins."),
    (
        "/badges since @maria leave 2026-01-01 2026-02-28",
        "Notes unpaid leave, its first day and its last, for badge admins.",
    ),
)

What = Literal["consent", "upcoming", "why", "since"]

_WORDS: dict[str, What] = {
    "anniversaries": "consent",
    "anniversary": "consent",
    "upcoming": "upcoming",
    "why": "why",
    "since": "since",
}
_CHOICES: dict[str, Choice] = {
    "feed": "feed",
    "dm": "dm",
    "direct": "dm",
    "nothing": "nothing",
    "none": "nothing",
    "off": "nothing",
}
_EVERYONE = ("everyone", "everybody", "all")
_SCOPES: dict[str, Scope | None] = {
    "": None,
    "me": "me",
    "mine": "me",
    "team": "team",
    "my team": "team",
} | dict.fromkeys(_EVERYONE, "everyone")
_FORGET = ("forget", "remove", "delete")
_ENDED = ("ended", "ends", "end", "left", "until")
_TO = re.compile(r"\s+(?:to|until|-)\s+|\s*(?:–|\.\.)\s*")
_USER = re.compile(USER)


@dataclass(frozen=True)
class Asked:
    """What was typed: about whom (a Slack id; "" is oneself), and with which words."""

    what: What
    person: str = ""
    words: str = ""
    everyone: bool = False
    choice: Choice | None = None
    scope: Scope | None = None
    change: Change | None = None


def register(on: Listeners, deps: Deps) -> None:
    """The buttons of the answers; the commands come by way of `commands.badges`."""
    choices = [f"{CONSENT}{choice}" for choice in get_args(Choice)]
    on.action(*UPCOMING_TURNS, *choices)(_clicked(deps))


def read_text(word: str, rest: str) -> Asked | None:
    """Read what follows `/badges`; None where it is about something else.

    `word` is its first word, `rest` what follows as Slack sent it. Raises BadRequestError.
    """
    what = _WORDS.get(word)
    if what is None:
        return None
    if what in ("why", "since"):
        person, rest = _person(rest)
        words = plain(rest)
        return Asked("why", person, words) if what == "why" else _since(person, words)
    words = plain(rest).casefold()
    return _upcoming(words) if what == "upcoming" else _consent(words)


def answer(
    deps: Deps,
    workspace: WorkspaceRef,
    slack_id: str,
    asked: Asked,
    *,
    response_url: str,
    asked_slack: bool,
) -> Answer:
    """The answer to what was asked. Raises NeedsSlackError and refusals."""

    def work(session: Connection) -> Answer | Known:
        reader = profiles.reader_of(
            session, workspace, deps.settings_in(session, workspace), slack_id, asked=asked_slack
        )
        match asked.what:
            case "consent":
                return _consent_answer(session, deps, workspace, reader, asked)
            case "upcoming":
                return _upcoming_answer(session, deps, workspace, reader, asked.scope)
        owner = reader.person
        if asked.person and asked.person != slack_id:
            owner = start_dates.owner_of(session, workspace, asked.person, asked=asked_slack)
        if asked.what == "why":
            return _why_answer(session, deps, workspace, reader, owner, asked.words)
        return _since_answer(session, deps, workspace, reader, owner, asked)

    writes = asked.choice is not None or asked.change is not None
    found = deps.database.write(work) if writes else deps.database.read(work)
    if isinstance(found, Answer):
        return found
    if not found.spells and not writes:
        profile_dates.ask_later(deps, workspace, found, response_url)
    return Answer(known_message(found))


def _person(rest: str) -> tuple[str, str]:
    """The person who is named first, as a Slack id, and the words after."""
    rest = rest.lstrip()
    found = _USER.match(rest)
    if found is not None:
        return found["user"], rest[found.end() :]
    if rest[:1] in ("@", "＠"):
        name = plain(rest).split()[0][:40]
        raise BadRequestError(
            f"I can’t tell who “{name}” is. Pick the name from the list Slack offers while you type,"
            " so that it turns into a link."
        )
    return "", rest


def _consent(words: str) -> Asked:
    first, _, rest = words.partition(" ")
    everyone = first in _EVERYONE
    if everyone:
        words = rest.strip()
    choice = _CHOICES.get(words)
    if choice is None and words:
        name = "everyone " if everyone else ""
        raise BadRequestError(
            f"Who is to be told? `/badges anniversaries {name}feed`, `dm` or `nothing`."
        )
    return Asked("consent", choice=choice, everyone=everyone)


def _upcoming(words: str) -> Asked:
    if words not in _SCOPES:
        raise BadRequestError(
            "Whose? `/badges upcoming me`, `team` or `everyone`;"
            " about one person ask `/badges why @maria 5-years`."
        )
    return Asked("upcoming", scope=_SCOPES[words])


def _since(person: str, words: str) -> Asked:
    if not words:
        return Asked("since", person)
    first, _, rest = words.casefold().partition(" ")
    if words.casefold() in _FORGET:
        change = Change("start")
    elif first in _ENDED:
        if not rest:
            raise BadRequestError(
                "Which day was, or is, the last? `/badges since @name ended 2026-03-31`."
            )
        change = Change("end", None if rest in _FORGET else _day(rest))
    elif first == "leave":
        change = _leave(rest)
    else:
        change = Change("start", _day(words))
    return Asked("since", person, change=change)


def _leave(words: str) -> Change:
    if words in _FORGET:
        return Change("leave")
    words = words.removeprefix("from ")
    days = _TO.split(words) if _TO.search(words) else words.split()
    if len(days) != 2:
        raise BadRequestError(
            "Please give the first day of leave and the last:"
            " `/badges since @name leave 2026-01-01 2026-02-28`."
        )
    return Change("leave", _day(days[0]), _day(days[1]))


def _day(words: str) -> date:
    day = read_date(words)
    if isinstance(day, Unreadable):
        raise BadRequestError(f"{_brief(day.reason)}. Please write it like 2019-03-01, year first.")
    return day


def _brief(reason: str) -> str:
    """What is wrong with a date, without what to do about it in a file."""
    quoted, mark, rest = reason.rpartition("”")
    return quoted + mark + rest.partition(":")[0]


def _consent_answer(
    session: Connection, deps: Deps, workspace: WorkspaceRef, reader: Reader, asked: Asked
) -> Answer:
    feed = deps.settings_in(session, workspace).feed_channel
    if asked.everyone and asked.choice is not None:
        rules = consent.choose_for_everyone(
            session, workspace, reader=reader, choice=asked.choice, now=deps.clock()
        )
        return Answer(default_message(rules, feed_channel=feed))
    if asked.everyone:
        return Answer(default_message(consent.rules_of(session, workspace), feed_channel=feed))
    if asked.choice is not None:
        chosen = consent.choose(session, workspace, reader=reader, choice=asked.choice)
    else:
        chosen = consent.of(session, workspace, reader=reader)
    return Answer(consent_message(chosen, feed_channel=feed))


def _upcoming_answer(
    session: Connection,
    deps: Deps,
    workspace: WorkspaceRef,
    reader: Reader,
    scope: Scope | None,
    page: int = 1,
) -> Answer:
    found = upcoming(
        session,
        workspace,
        deps.settings_in(session, workspace),
        reader=reader,
        scope=scope,
        now=deps.clock(),
        page=page,
    )
    return Answer(upcoming_message(found))


def _why_answer(
    session: Connection,
    deps: Deps,
    workspace: WorkspaceRef,
    reader: Reader,
    owner: PersonRow,
    words: str,
) -> Answer:
    found = explain(
        session,
        workspace,
        deps.settings_in(session, workspace),
        reader=reader,
        owner=owner,
        words=words,
        now=deps.clock(),
    )
    return Answer(heard_message(found) if isinstance(found, Heard) else why_message(found))


def _since_answer(
    session: Connection,
    deps: Deps,
    workspace: WorkspaceRef,
    reader: Reader,
    owner: PersonRow,
    asked: Asked,
) -> Known:
    if asked.change is None:
        return start_dates.known(
            session,
            workspace,
            deps.settings_in(session, workspace),
            reader=reader,
            owner=owner,
            now=deps.clock(),
        )
    return start_dates.enter(
        session,
        workspace,
        deps.settings_in(session, workspace),
        reader=reader,
        owner=owner,
        change=asked.change,
        now=deps.clock(),
    )


def _clicked(deps: Deps) -> Callable[..., None]:
    def clicked(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext
    ) -> None:
        workspace: WorkspaceRef = context["workspace"]
        name, value = action["action_id"], str(action.get("value", ""))
        choice = _CHOICES.get(name.removeprefix(CONSENT)) if name.startswith(CONSENT) else None

        def work(session: Connection) -> Answer:
            reader = profiles.reader_of(
                session,
                workspace,
                deps.settings_in(session, workspace),
                body["user"]["id"],
                asked=True,
            )
            if choice is not None:
                asked = Asked("consent", choice=choice)
                return _consent_answer(session, deps, workspace, reader, asked)
            scope, _, page = value.partition(":")
            number = int(page) if page.isdecimal() and len(page) < 8 else 1
            return _upcoming_answer(
                session, deps, workspace, reader, _SCOPES.get(scope), page=number
            )

        shown = deps.database.write(work) if choice else deps.database.read(work)
        ack()
        show_instead(deps, workspace, shown, body["response_url"], slack_id=body["user"]["id"])

    return clicked
