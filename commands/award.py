"""`/award`: give a badge, take it back; and the buttons of the answers."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, BoltContext

from bot import parsing
from bot.deps import Deps, WorkspaceRef
from bot.errors import BadRequestError, NeedsSlackError, UserFacingError
from bot.listeners import Listeners
from bot.messages import bulk_form, confirmation
from bot.messages.awards import AGAIN_ACTION, DISMISS_ACTION, UNDO_ACTION
from bot.messages.help import help_message
from bot.messages.message import Message, sentence
from bot.orders import Order
from bot.parsing.wording import USER
from bot.placing import after_asking, place, revoke, take_back
from bot.respond import respond
from commands import award_modal, bulk, search

AWARD_HELP: tuple[tuple[str, str], ...] = (
    ("/award", "Opens a form."),
    ("/award @maria ping-pong-champion Great final!", "Gives a badge, with your reason."),
    ("/award @maria @tom team-player, customer-hero", "Several people and badges at once."),
    ("/award @maria team-player --private", "Only Maria, you and badge admins will know."),
    ("/award @maria team-player --quiet", "On the profile, but not posted in the feed."),
    (
        "/award many",
        "For badge admins: people, user groups or a CSV at once, shown before it counts.",
    ),
    ("/award search", "For badge admins: finds any award, to revoke or correct it."),
    ("/award revoke A-7K3QX9M reason", "Takes an award back; the giver and badge admins can."),
    ("/award help", "This."),
)


def register(on: Listeners, deps: Deps) -> None:
    """Everything `/award` does."""
    on.command("/award")(_command(deps))
    on.action(UNDO_ACTION)(_undo(deps))
    on.action(AGAIN_ACTION)(_again(deps))
    on.action(DISMISS_ACTION)(_dismiss(deps))


def _command(deps: Deps) -> Callable[..., None]:
    def award(ack: Ack, command: dict[str, Any], context: BoltContext) -> None:
        workspace: WorkspaceRef = context["workspace"]
        words = command.get("text") or ""
        sub, rest = parsing.first_word(words)
        if sub == "help":
            ack(help_message("Award a badge", AWARD_HELP).payload())
        elif sub == "revoke":
            _answer(
                deps,
                workspace,
                ack,
                lambda: revoke(deps, workspace, command["user_id"], rest),
                response_url=command["response_url"],
            )
        elif sub == "many":
            groups = bulk_form.named_groups(rest)
            bulk.open_form(
                deps,
                workspace,
                slack_id=command["user_id"],
                trigger_id=command["trigger_id"],
                groups=groups,
            )
            ack()
        elif sub == "search":
            named = re.search(USER, rest)
            search.open_form(
                deps,
                workspace,
                slack_id=command["user_id"],
                trigger_id=command["trigger_id"],
                recipient=named["user"] if named else "",
            )
            ack()
        else:
            _award(deps, workspace, ack, command, words)

    return award


def _award(
    deps: Deps, workspace: WorkspaceRef, ack: Ack, command: dict[str, Any], words: str
) -> None:
    try:
        asked = parsing.parse_award(words)
    except parsing.ParseProblem as problem:
        ack(sentence(problem.sentence).payload())
        return
    if not asked.rest:
        slack_id = command["user_id"]
        opening = award_modal.welcome(deps, workspace, slack_id, asked.people)
        ack()
        award_modal.open_later(
            deps,
            workspace,
            opening=replace(opening, private=asked.private, quiet=asked.quiet),
            groups=asked.groups,
            slack_id=slack_id,
            trigger_id=command["trigger_id"],
            response_url=command["response_url"],
        )
        return
    if not (asked.people or asked.groups):
        raise BadRequestError(
            "Who is it for? Name people first, then the badge:"
            " `/award @maria ping-pong-champion Great final!` Nothing was awarded."
        )
    order = Order(
        giver=command["user_id"],
        occasion=f"slash:{command['trigger_id']}",
        people=asked.people,
        groups=asked.groups,
        words=asked.rest,
        private=asked.private,
        quiet=asked.quiet,
    )
    _answer(
        deps,
        workspace,
        ack,
        lambda: place(deps, workspace, order),
        lambda: place(deps, workspace, order._replace(asked_slack=True)),
        response_url=command["response_url"],
    )


def _answer(
    deps: Deps,
    workspace: WorkspaceRef,
    ack: Ack,
    attempt: Callable[[], Message],
    once_asked: Callable[[], Message] | None = None,
    *,
    response_url: str,
) -> None:
    """Attempt what was asked for, and acknowledge with what happened.

    Where Slack has to be asked first who somebody is, the acknowledgement promises nothing, and the
    result, of `once_asked` if that is another attempt, follows by the response address.
    """
    try:
        ack(attempt().payload())
    except NeedsSlackError as needed:
        ack(sentence("One moment, I’m asking Slack who that is…").payload())
        missing = needed  # the name of an `except` is gone once the block ends

        def finish() -> None:
            result = after_asking(deps, workspace, missing, once_asked or attempt)
            respond(deps.slack(workspace), response_url, result)

        deps.after_acknowledgement(finish)


def _undo(deps: Deps) -> Callable[..., None]:
    def undo(ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext) -> None:
        workspace: WorkspaceRef = context["workspace"]
        done = True
        try:
            message = take_back(deps, workspace, body["user"]["id"], action.get("value", ""))
        except UserFacingError as problem:
            message, done = sentence(problem.sentence), False
        ack()
        # A refusal leaves the confirmation where it is: the ids are in it.
        _show_later(deps, workspace, body, message, replace=done)

    return undo


def _again(deps: Deps) -> Callable[..., None]:
    def again(ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext) -> None:
        workspace: WorkspaceRef = context["workspace"]
        try:
            order = confirmation.order_again(action.get("value", ""), giver=body["user"]["id"])
            message = place(deps, workspace, order)
        except NeedsSlackError:
            message = sentence("That took too long; please send the command again.")
        except ValueError:
            message = sentence("That button is no use any more. Nothing was awarded.")
        except UserFacingError as problem:
            message = sentence(problem.sentence)
        ack()
        _show_later(deps, workspace, body, message)

    return again


def _dismiss(deps: Deps) -> Callable[..., None]:
    def dismiss(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        ack()
        _show_later(deps, context["workspace"], body, sentence("Left as it was."))

    return dismiss


def _show_later(
    deps: Deps,
    workspace: WorkspaceRef,
    body: dict[str, Any],
    message: Message,
    *,
    replace: bool = True,
) -> None:
    """Show a message once Slack has its acknowledgement: in place of what was clicked, or below it.

    In a form there is no below.
    """
    if body.get("view"):
        award_modal.show_later(
            deps, workspace, body["view"]["id"], message, slack_id=body["user"]["id"]
        )
    else:
        slack = deps.slack(workspace)
        deps.after_acknowledgement(
            lambda: respond(slack, body["response_url"], message, replace=replace)
        )
