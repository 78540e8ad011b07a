"""`/badges`: profiles, the catalogue, single badges, one's own history and what shows of it."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from slack_bolt import Ack, BoltContext
from sqlalchemy import Connection

from bot import catalogue, parsing, profiles
from bot.answers import (
    Answer,
    badge_answer,
    category_answer,
    history_answer,
    noted,
    own_or_other,
)
from bot.deps import Deps, WorkspaceRef
from bot.errors import BadRequestError, NeedsSlackError, NotFoundError
from bot.listeners import Listeners
from bot.messages.help import help_message
from bot.messages.message import sentence
from bot.messages.profile import hidden_message
from bot.parsing.wording import GROUP, USER, plain
from bot.people import ask_slack
from bot.profiles import Reader
from bot.showing import answer_command, follow_acknowledgement, send
from commands import anniversaries, badge_buttons, privacy, requests
from commands.anniversaries import ANNIVERSARIES_HELP
from commands.privacy import PRIVACY_HELP
from commands.requests import REQUESTS_HELP
from storage import preferences

BADGES_HELP: tuple[tuple[str, str], ...] = (
    ("/badges", "Your badges, who gave them, and why."),
    ("/badges @maria", "What Maria holds."),
    ("/badges catalog", "Every badge there is to earn."),
    ("/badges show ping-pong-champion", "One badge: what it takes and who holds it."),
    ("/badges history", "Everything you were ever given, with ids."),
    ("/badges hide A-7K3QX9M", "Takes an award off your profile; only you still see it."),
    ("/badges unhide A-7K3QX9M", "Shows it again."),
    ("/badges dm off", "No direct message when you receive a badge; `on` brings it back."),
    *REQUESTS_HELP,
    *ANNIVERSARIES_HELP,
    *PRIVACY_HELP,
    ("/badges help", "This."),
)

What = Literal[
    "profile",
    "catalogue",
    "show",
    "guess",
    "history",
    "hide",
    "unhide",
    "dm",
    "request",
    "requests",
    "tenure",
    "export",
    "erase",
    "help",
]

_SUBCOMMANDS: dict[str, What] = {
    "catalog": "catalogue",
    "catalogue": "catalogue",
    "show": "show",
    "history": "history",
    "hide": "hide",
    "unhide": "unhide",
    "dm": "dm",
    "notifications": "dm",
    "request": "request",
    "nominate": "request",
    "requests": "requests",
    "export": "export",
    "erase": "erase",
    "help": "help",
    "?": "help",
}
_WORDLESS: frozenset[What] = frozenset(("catalogue", "history", "requests", "export", "help"))
_AS_SENT: frozenset[What] = frozenset(("hide", "unhide", "request"))
_OWN_HISTORY = (
    "A history is for its owner alone, so this is yours."
    " `/badges` and a name shows what somebody else holds."
)
_OWN_EXPORT = (
    "An export is for its owner alone, so this is yours."
    " Whoever runs Laurel can write that of somebody else."
)
_USERS = re.compile(USER)
_GROUPS = re.compile(rf"{GROUP}|<!(?:channel|here|everyone)(?:\|[^<>]*)?>|<#[CGD][A-Z0-9]+")


@dataclass(frozen=True)
class Asked:
    """What a `/badges` text asks for: about whom (a Slack id, "" is oneself) or with which words."""

    what: What
    person: str = ""
    words: str = ""
    tenure: anniversaries.Asked | None = None
    whole: str = (
        ""  # all that was typed, as a badge may be called “History Buff” or “Hide and Seek”
    )

    @property
    def names_somebody(self) -> bool:
        """Whether the words, of what is for its owner alone, begin with a name."""
        return self.words.startswith(("@", "＠"))


def register(on: Listeners, deps: Deps) -> None:
    """Everything `/badges` does, and the buttons of its answers."""
    on.command("/badges")(_command(deps))
    badge_buttons.register(on, deps)
    anniversaries.register(on, deps)
    privacy.register(on, deps)
    requests.register(on, deps)


def read_text(text: str) -> Asked:
    """Read a `/badges` text as Slack sent it; raises BadRequestError with what to do instead."""
    word, rest = parsing.first_word(text)
    what = _SUBCOMMANDS.get(word)
    if not word:
        return Asked("profile")
    whole = plain(text) if rest else ""
    if what in _WORDLESS:
        return Asked(what, words=plain(rest), whole=whole)
    tenure = anniversaries.read_text(word, rest)
    if tenure is not None:
        return Asked("tenure", tenure=tenure, whole=whole)
    if what == "erase":
        named = _USERS.match(rest)
        return Asked(what, person=named["user"] if named else "")
    if what in ("show", None):
        people_named = list(dict.fromkeys(found["user"] for found in _USERS.finditer(text)))
        if len(people_named) > 1:
            raise BadRequestError("One person at a time, please: `/badges @maria`.")
        if people_named and (text if what is None else rest).lstrip().startswith("<@"):
            if what is None and parsing.first_word(_USERS.sub("", text))[0] == "history":
                return Asked("history", words=whole)
            return Asked("profile", person=people_named[0])
        _refuse_non_people(text if what is None else rest)
    if what is None:
        return Asked("guess", words=plain(text))
    return Asked(what, words=rest if what in _AS_SENT else plain(rest), whole=whole)


def _refuse_non_people(words: str) -> None:
    words = words.lstrip()
    if _GROUPS.match(words):
        raise BadRequestError(
            "Only people hold badges. Name one person, as in `/badges @maria`;"
            " `/badges` alone shows your own."
        )
    if words[:1] in ("@", "＠"):
        name = plain(words).split()[0][:40]
        raise BadRequestError(
            f"I can’t tell who “{name}” is. Pick the name from the list Slack offers while you type,"
            " so that it turns into a link."
        )


def _command(deps: Deps) -> Callable[..., None]:
    def badges(ack: Ack, command: dict[str, Any], context: BoltContext) -> None:
        workspace: WorkspaceRef = context["workspace"]
        asked = read_text(command.get("text") or "")
        slack_id, response_url = command["user_id"], command["response_url"]
        if asked.what == "request" and requests.open_form(deps, workspace, command, asked.words):
            ack()
            return
        try:
            answer = _answer(deps, workspace, slack_id, asked, response_url, asked_slack=False)
        except NeedsSlackError as needed:
            missing = needed.people  # the name of an `except` is gone once the block ends
            ack(sentence("One moment, I’m asking Slack who that is…").payload())

            def finish() -> None:
                ask_slack(deps, workspace, people=missing)
                late = _answer(deps, workspace, slack_id, asked, response_url, asked_slack=True)
                send(deps, workspace, late.message, response_url, replace=True, slack_id=slack_id)
                follow_acknowledgement(deps, workspace, late, response_url)

            deps.after_acknowledgement(finish)
        else:
            answer_command(deps, workspace, ack, answer, response_url, slack_id=slack_id)

    return badges


def _answer(
    deps: Deps,
    workspace: WorkspaceRef,
    slack_id: str,
    asked: Asked,
    response_url: str,
    *,
    asked_slack: bool,
) -> Answer:
    """What a sub-command answers; or the badge of that name, where it takes no such words."""

    def badge_of_that_name(session: Connection) -> Answer:
        settings = deps.settings_in(session, workspace)
        reader = profiles.reader_of(session, workspace, settings, slack_id, asked=asked_slack)
        return _show(session, deps, workspace, reader, asked.whole)

    if asked.what in _WORDLESS and asked.whole:
        with suppress(NotFoundError):
            return deps.database.read(badge_of_that_name)
    try:
        return _obey(deps, workspace, slack_id, asked, response_url, asked_slack=asked_slack)
    except (BadRequestError, NotFoundError):
        if asked.whole and asked.what not in _WORDLESS:
            with suppress(NotFoundError):
                return deps.database.read(badge_of_that_name)
        raise


def _obey(
    deps: Deps,
    workspace: WorkspaceRef,
    slack_id: str,
    asked: Asked,
    response_url: str,
    *,
    asked_slack: bool,
) -> Answer:
    if asked.what == "help":
        return Answer(help_message("See badges", BADGES_HELP))
    if asked.tenure is not None:
        return anniversaries.answer(
            deps,
            workspace,
            slack_id,
            asked.tenure,
            response_url=response_url,
            asked_slack=asked_slack,
        )
    if asked.what == "request" or asked.what == "requests":
        return requests.answer(
            deps, workspace, slack_id, asked.what, asked.words, asked_slack=asked_slack
        )
    code = _code(asked)

    def work(session: Connection) -> Answer:
        reader = profiles.reader_of(
            session, workspace, deps.settings_in(session, workspace), slack_id, asked=asked_slack
        )
        match asked.what:
            case "profile":
                owner = reader.person
                if asked.person and asked.person != slack_id:
                    owner = profiles.owner_of(session, workspace, asked.person, asked=asked_slack)
                return own_or_other(session, deps, workspace, reader=reader, owner=owner)
            case "catalogue":
                return category_answer(session, deps, workspace, reader, asked.words)
            case "history":
                history = history_answer(session, deps, workspace, owner=reader.person)
                return noted(history, _OWN_HISTORY) if asked.names_somebody else history
            case "export":
                own = privacy.export_answer(deps, workspace, reader, response_url=response_url)
                return noted(own, _OWN_EXPORT) if asked.names_somebody else own
            case "erase":
                return privacy.erase_answer(session, workspace, reader, asked.person)
            case "hide" | "unhide":
                return _hide(session, deps, workspace, reader, code, hidden=asked.what == "hide")
            case "dm":
                return _notify(session, workspace, reader, asked.words)
            case "show":
                return _show(session, deps, workspace, reader, asked.words)
            case _:
                return _guess(session, deps, workspace, reader, asked.words)

    writes = asked.what in ("hide", "unhide", "dm")
    return deps.database.write(work) if writes else deps.database.read(work)


def _code(asked: Asked) -> str:
    if asked.what not in ("hide", "unhide"):
        return ""
    try:
        return parsing.parse_code(asked.words, given=True)[0]
    except parsing.ParseProblem as problem:
        raise BadRequestError(problem.sentence) from problem


def _guess(
    session: Connection, deps: Deps, workspace: WorkspaceRef, reader: Reader, words: str
) -> Answer:
    try:
        return _show(session, deps, workspace, reader, words)
    except NotFoundError as problem:
        raise NotFoundError(
            f"{problem.sentence} `/badges help` shows what you can type."
        ) from problem


def _show(
    session: Connection, deps: Deps, workspace: WorkspaceRef, reader: Reader, words: str
) -> Answer:
    if not words:
        raise BadRequestError(
            "Which badge? For example `/badges show ping-pong-champion`;"
            " `/badges catalog` has them all."
        )
    badge = catalogue.find_badge(
        session,
        workspace,
        deps.settings_in(session, workspace),
        reader=reader,
        words=words,
        now=deps.clock(),
    )
    return badge_answer(session, deps, workspace, reader=reader, badge=badge)


def _hide(
    session: Connection,
    deps: Deps,
    workspace: WorkspaceRef,
    reader: Reader,
    code: str,
    *,
    hidden: bool,
) -> Answer:
    now = deps.clock()
    line = profiles.set_hidden(session, workspace, reader=reader, code=code, hidden=hidden, now=now)
    return Answer(hidden_message(line, hidden=hidden, now=now))


def _notify(session: Connection, workspace: WorkspaceRef, reader: Reader, words: str) -> Answer:
    owner, choice = reader.person.id, words.casefold()
    if choice in ("on", "off"):
        preferences.save(
            session,
            workspace_id=workspace.id,
            person_id=owner,
            key=preferences.NOTIFY,
            value=choice,
        )
    elif choice:
        raise BadRequestError("Is that on or off? `/badges dm on` or `/badges dm off`.")
    else:
        kept = preferences.chosen(
            session, workspace_id=workspace.id, person_id=owner, key=preferences.NOTIFY
        )
        choice = kept or "on"
    said = (
        "I’ll send you a direct message when you receive a badge. `/badges dm off` stops that."
        if choice == "on"
        else "I won’t send you a direct message when you receive a badge;"
        " `/badges` still shows it. `/badges dm on` brings the messages back."
    )
    return Answer(sentence(said))
