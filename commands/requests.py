"""`/badges request` and `/badges requests`: asking for a badge, taking that back, and deciding."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from slack_bolt import Ack, BoltContext
from sqlalchemy import Connection

from bot import profiles
from bot.answers import Answer
from bot.deps import Deps, WorkspaceRef
from bot.errors import UserFacingError
from bot.listeners import Listeners
from bot.messages import confirmation
from bot.messages import requests as words
from bot.messages.message import Message
from bot.messages.requests import Pressed
from bot.messages.text import without_code
from bot.opening import open_later
from bot.placing import log_awarded
from bot.requests import asking, deciding, reading
from bot.requests.deciding import Click, Decided
from bot.respond import respond, show_in_view
from commands import request_form

REQUESTS_HELP: tuple[tuple[str, str], ...] = (
    ("/badges request", "Opens a form to ask for a badge."),
    (
        "/badges request team-player I mentored three newcomers",
        "Asks for a badge; badge admins read why, and decide.",
    ),
    (
        "/badges request @tom team-player Always there for us",
        "Suggests a colleague, who hears of it once it is awarded.",
    ),
    ("/badges requests", "What you asked for, and what waits for your answer."),
)


def register(on: Listeners, deps: Deps) -> None:
    """The form, the buttons below requests, and the form in which one is declined."""
    request_form.register(on, deps)
    on.action(words.AWARD)(_awarded(deps))
    on.action(words.DECLINE)(_asked_why(deps))
    on.action(words.TAKE_BACK)(_taken_back(deps))
    on.view(words.FORM)(_declined(deps))


def answer(
    deps: Deps,
    workspace: WorkspaceRef,
    slack_id: str,
    what: Literal["request", "requests"],
    typed: str,
    *,
    asked_slack: bool,
) -> Answer:
    """Ask for a badge, or list what waits. Raises refusals, and NeedsSlackError."""
    if what == "requests":
        return Answer(
            deps.database.read(
                lambda session: _listed(session, deps, workspace, slack_id, asked=asked_slack)
            )
        )
    wanted = asking.read(typed)
    return Answer(request_form.ask(deps, workspace, slack_id, wanted, asked_slack=asked_slack))


def open_form(deps: Deps, workspace: WorkspaceRef, command: Mapping[str, Any], typed: str) -> bool:
    """Open the form where what follows `/badges request` names no badge; whether it does not.

    Raises refusals.
    """
    wanted = asking.read(typed)
    if not wanted.words:
        request_form.open_form(
            deps,
            workspace,
            slack_id=command["user_id"],
            person=wanted.person,
            trigger_id=command["trigger_id"],
        )
    return not wanted.words


def _listed(
    session: Connection,
    deps: Deps,
    workspace: WorkspaceRef,
    slack_id: str,
    *,
    asked: bool = True,
    note: str = "",
) -> Message:
    settings = deps.settings_in(session, workspace)
    reader = profiles.reader_of(session, workspace, settings, slack_id, asked=asked)
    return words.listed(reading.listing(session, workspace, settings, reader.person), note=note)


def _click(
    session: Connection, deps: Deps, workspace: WorkspaceRef, slack_id: str, pressed: Pressed
) -> Click:
    settings = deps.settings_in(session, workspace)
    return Click(workspace, settings, slack_id, pressed.request_id, deps.clock(), deps.memory)


def _awarded(deps: Deps) -> Callable[..., None]:
    def awarded(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext
    ) -> None:
        workspace: WorkspaceRef = context["workspace"]
        pressed, slack_id = Pressed.read(action.get("value")), body["user"]["id"]

        def work(session: Connection) -> tuple[Decided, Message]:
            decided = deciding.award(session, _click(session, deps, workspace, slack_id, pressed))
            message = words.decided(decided.shown)
            if pressed.listed:
                # What was awarded is said below; what was decided before, above the list.
                note = "" if decided.awarded else words.in_short(decided.shown)
                message = _listed(session, deps, workspace, slack_id, note=note)
            return decided, message

        decided, message = deps.database.write(work)
        ack()
        deps.wake_delivery()
        done = decided.awarded
        if done:
            log_awarded(done)
        said = [confirmation.awarded(done, refused=(), private=False, quiet=False)] if done else []
        _show(deps, workspace, body, message, *said)

    return awarded


def _asked_why(deps: Deps) -> Callable[..., None]:
    """Decline…: opens the form, unless it is decided."""

    def asked_why(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext
    ) -> None:
        workspace: WorkspaceRef = context["workspace"]
        pressed, slack_id = Pressed.read(action.get("value")), body["user"]["id"]

        def look(session: Connection) -> tuple[dict[str, Any] | None, Message]:
            found = deciding.look(session, _click(session, deps, workspace, slack_id, pressed))
            if found.is_open:
                return words.form(found), words.decided(found)
            message = words.decided(found)
            if pressed.listed:
                note = words.in_short(found)
                message = _listed(session, deps, workspace, slack_id, note=note)
            return None, message

        view, message = deps.database.read(look)
        ack()
        if view is None:
            _show(deps, workspace, body, message)
            return
        open_later(deps, workspace, body["trigger_id"], view)

    return asked_why


def _declined(deps: Deps) -> Callable[..., None]:
    def declined(
        ack: Ack, body: dict[str, Any], view: dict[str, Any], context: BoltContext
    ) -> None:
        workspace: WorkspaceRef = context["workspace"]
        request_id, note = words.form_of(view)
        pressed = Pressed(request_id, listed=False)

        def work(session: Connection) -> Decided:
            click = _click(session, deps, workspace, body["user"]["id"], pressed)
            return deciding.decline(session, click, note)

        try:
            decided = deps.database.write(work)
        except UserFacingError as problem:
            ack(
                response_action="errors",
                errors={words.NOTE: without_code(problem.sentence)},
            )
            return
        deps.wake_delivery()
        ack(
            response_action="update",
            view=words.done(words.declined(decided.shown, fresh=decided.fresh)),
        )

    return declined


def _taken_back(deps: Deps) -> Callable[..., None]:
    def taken_back(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext
    ) -> None:
        workspace: WorkspaceRef = context["workspace"]
        pressed, slack_id = Pressed.read(action.get("value")), body["user"]["id"]

        def work(session: Connection) -> Message:
            click = _click(session, deps, workspace, slack_id, pressed)
            message = words.taken_back(asking.take_back(session, click))
            if pressed.listed:
                message = _listed(session, deps, workspace, slack_id, note=message.text)
            return message

        message = deps.database.write(work)
        ack()
        deps.wake_delivery()
        _show(deps, workspace, body, message)

    return taken_back


def _show(
    deps: Deps, workspace: WorkspaceRef, body: Mapping[str, Any], message: Message, *said: Message
) -> None:
    """After the acknowledgement: a message in place of what was clicked, and others below."""

    def show() -> None:
        slack = deps.slack(workspace)
        if body.get("view"):  # where the form was, and nothing is ever said below
            view_id, slack_id = body["view"]["id"], body["user"]["id"]
            show_in_view(slack, view_id, words.done(message), slack_id=slack_id, message=message)
            return
        address = str(body["response_url"])
        respond(slack, address, message)
        for one in said:
            respond(slack, address, one, replace=False)

    deps.after_acknowledgement(show)
