"""The form in which a badge is asked for: opened by `/badges request` alone, checked field by field."""

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, BoltContext
from sqlalchemy import Connection

from bot.catalogue import found_by
from bot.deps import Deps, WorkspaceRef
from bot.errors import NeedsSlackError, NotFoundError, NotPermittedError, UserFacingError
from bot.listeners import Listeners
from bot.messages import request_form
from bot.messages import requests as words
from bot.messages.award_form import badge_options
from bot.messages.blocks import Block
from bot.messages.message import Message, sentence
from bot.messages.request_form import BADGE, CALLBACK, PERSON, REASON
from bot.messages.text import without_code
from bot.opening import open_later
from bot.orders import ReasonError, UnknownBadgeError
from bot.people import ask_slack
from bot.requests import asking
from bot.requests.asking import Wanted
from bot.respond import show_in_view
from storage import people
from storage.badges import BadgeRow


def register(on: Listeners, deps: Deps) -> None:
    """The form's submission and its type-ahead."""
    on.view(CALLBACK)(_submitted(deps))
    on.options(BADGE)(_type_ahead(deps))


def open_form(
    deps: Deps, workspace: WorkspaceRef, *, slack_id: str, person: str, trigger_id: str
) -> None:
    """Open the form once Slack has its acknowledgement; `person`: a Slack id, "" is oneself.

    Raises refusals for whoever may ask for nothing, and who may not ask for more.
    """

    def form(asked_slack: bool) -> Block:
        def look(session: Connection) -> bool:
            settings = deps.settings_in(session, workspace)
            return asking.may_begin(session, workspace, settings, slack_id, asked_slack=asked_slack)

        for_oneself = deps.database.read(look)
        return request_form.form(person or (slack_id if for_oneself else ""))

    try:
        open_later(deps, workspace, trigger_id, form(asked_slack=False))
    except NeedsSlackError as needed:
        missing = needed.people  # the name of an `except` is gone once the block ends

        def open_once_known() -> None:
            ask_slack(deps, workspace, people=missing)
            view = form(asked_slack=True)
            deps.slack(workspace).views_open(trigger_id=trigger_id, view=view)

        deps.after_acknowledgement(open_once_known)


def ask(
    deps: Deps, workspace: WorkspaceRef, slack_id: str, wanted: Wanted, *, asked_slack: bool
) -> Message:
    """Ask for a badge, and say what came of it. Raises refusals, and NeedsSlackError."""

    def work(session: Connection) -> Message:
        asked = asking.ask(
            session,
            workspace=workspace,
            settings=deps.settings_in(session, workspace),
            slack_id=slack_id,
            wanted=wanted,
            now=deps.clock(),
            asked_slack=asked_slack,
        )
        return words.asked(asked.shown, fresh=asked.fresh, awards=asked.awards)

    message = deps.database.write(work)
    deps.wake_delivery()
    return message


def _submitted(deps: Deps) -> Callable[..., None]:
    def submitted(
        ack: Ack, body: dict[str, Any], view: dict[str, Any], context: BoltContext
    ) -> None:
        workspace: WorkspaceRef = context["workspace"]
        slack_id, wanted = body["user"]["id"], request_form.read(view)
        try:
            message = ask(deps, workspace, slack_id, wanted, asked_slack=False)
        except NeedsSlackError as needed:
            missing = needed.people  # the name of an `except` is gone once the block ends
            waiting = sentence("One moment, I’m asking Slack who that is…")
            ack(response_action="update", view=words.done(waiting))

            def finish() -> None:
                ask_slack(deps, workspace, people=missing)
                try:
                    result = ask(deps, workspace, slack_id, wanted, asked_slack=True)
                except UserFacingError as problem:
                    result = sentence(problem.sentence)
                shown = words.done(result)
                show_in_view(
                    deps.slack(workspace), view["id"], shown, slack_id=slack_id, message=result
                )

            deps.after_acknowledgement(finish)
        except UserFacingError as problem:
            field = _field_at_fault(problem)
            ack(response_action="errors", errors={field: without_code(problem.sentence)})
        else:
            ack(response_action="update", view=words.done(message))

    return submitted


def _field_at_fault(problem: UserFacingError) -> str:
    if isinstance(problem, ReasonError):
        return REASON
    about_people = isinstance(problem, NotFoundError | NotPermittedError)
    return PERSON if about_people and not isinstance(problem, UnknownBadgeError) else BADGE


def _type_ahead(deps: Deps) -> Callable[..., None]:
    def type_ahead(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        workspace: WorkspaceRef = context["workspace"]

        def find(session: Connection) -> list[BadgeRow]:
            settings = deps.settings_in(session, workspace)
            asker = people.by_slack_id(
                session, workspace_id=workspace.id, slack_id=body["user"]["id"]
            )
            if asker is None or asker.stranger or not asker.active:
                return []
            return asking.askable(session, workspace, settings, asker, deps.clock())

        found = found_by(deps.database.read(find), body.get("value") or "")
        ack(options=badge_options(found))

    return type_ahead
