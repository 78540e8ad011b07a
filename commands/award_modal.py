"""The award form: opened by `/award` alone or from a message, checked field by field."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, BoltContext
from slack_sdk.errors import SlackApiError
from sqlalchemy import Connection

from bot import filling_in, orders
from bot.catalogue import found_by
from bot.deps import Deps, WorkspaceRef
from bot.errors import BadRequestError, NeedsSlackError, UserFacingError
from bot.listeners import Listeners
from bot.messages import award_form
from bot.messages.award_form import BADGES, CALLBACK, HOW, PEOPLE, REASON, Opening
from bot.messages.message import Message, sentence
from bot.messages.text import without_code
from bot.orders import Order, ReasonError, UnknownBadgeError
from bot.people import ask_slack
from bot.permissions import refusal
from bot.placing import after_asking, place
from bot.redrawing import Redrawing
from bot.respond import respond, show_in_view
from bot.settings import Settings
from storage import badges, people, user_groups
from storage.badges import BadgeRow

logger = logging.getLogger(__name__)
_REFUSED = 3  # of those who cannot be awarded, how many are spoken of above the form


def register(on: Listeners, deps: Deps) -> None:
    """The form's submission, its type-ahead and preview, and the message shortcut."""
    on.view(CALLBACK)(_submitted(deps))
    on.options(BADGES)(_type_ahead(deps))
    on.action(PEOPLE, BADGES, REASON, HOW)(_changed(deps))
    on.message_shortcut("award_for_message")(_for_message(deps))


def open_later(
    deps: Deps,
    workspace: WorkspaceRef,
    *,
    opening: Opening,
    groups: Sequence[str] = (),
    slack_id: str,
    trigger_id: str,
    response_url: str,
) -> None:
    """Open the form once Slack has its acknowledgement; user groups are filled in when Slack told who.

    Where Slack does not open it in time, the person is told what to do.
    """

    def open_form() -> None:
        slack = deps.slack(workspace)
        try:
            opened = slack.views_open(trigger_id=trigger_id, view=award_form.form(opening))
        except SlackApiError as problem:
            logger.warning("form not opened", extra={"error": problem.response.get("error")})
            respond(
                slack,
                response_url,
                sentence(
                    "Slack did not open the form in time. Please try again, or type it in one go:"
                    " `/award @maria ping-pong-champion Great final!`"
                ),
            )
            return
        if groups:
            filled = _with_groups(deps, workspace, opening, groups, slack_id)
            filled = replace(filled, round=opening.round + 1)
            try:
                slack.views_update(view_id=opened["view"]["id"], view=award_form.form(filled))
            except SlackApiError as problem:
                if problem.response.get("error") != "not_found":  # it was closed meanwhile
                    raise

    deps.after_acknowledgement(open_form)


def welcome(
    deps: Deps, workspace: WorkspaceRef, slack_id: str, named: Sequence[str] = ()
) -> Opening:
    """What somebody's form starts with: those of the people named whom they may award, and a word above.

    Raises NotPermittedError for someone for whom none opens.
    """

    def look_up(session: Connection) -> Opening:
        settings = deps.settings_in(session, workspace)
        left = filling_in.welcome(
            session, workspace=workspace, settings=settings, slack_id=slack_id, now=deps.clock()
        )
        return _filled_in(session, workspace, settings, Opening(), named, slack_id).noting(left)

    return deps.database.read(look_up)


def show_later(
    deps: Deps, workspace: WorkspaceRef, view_id: str, message: Message, *, slack_id: str
) -> None:
    """Show a message in place of an open view, once Slack has its acknowledgement."""
    deps.after_acknowledgement(lambda: _show(deps, workspace, view_id, message, slack_id=slack_id))


def _show(
    deps: Deps, workspace: WorkspaceRef, view_id: str, message: Message, *, slack_id: str
) -> None:
    show_in_view(
        deps.slack(workspace), view_id, award_form.done(message), slack_id=slack_id, message=message
    )


def _submitted(deps: Deps) -> Callable[..., None]:
    def submitted(
        ack: Ack, body: dict[str, Any], view: dict[str, Any], context: BoltContext
    ) -> None:
        workspace: WorkspaceRef = context["workspace"]
        filled, opening = award_form.read(view), Opening.read(view)
        order = Order(
            giver=body["user"]["id"],
            occasion=f"view:{view['id']}",
            people=filled.people,
            badge_ids=filled.badge_ids,
            reason=filled.reason,
            private=filled.private,
            quiet=filled.quiet,
            all_or_none=True,
            evidence_url=opening.evidence_url,
            evidence_public=opening.evidence_public,
        )
        try:
            message = place(deps, workspace, order)
        except NeedsSlackError as needed:
            missing = needed  # the name of an `except` is gone once the block ends
            waiting = sentence("One moment, I’m asking Slack who that is…")
            ack(response_action="update", view=award_form.done(waiting))

            def finish() -> None:
                result = after_asking(
                    deps,
                    workspace,
                    missing,
                    lambda: place(deps, workspace, order._replace(asked_slack=True)),
                )
                _show(deps, workspace, view["id"], result, slack_id=order.giver)

            deps.after_acknowledgement(finish)
        except UserFacingError as problem:
            field = award_form.field_of(view, _field_at_fault(problem))
            ack(response_action="errors", errors={field: without_code(problem.sentence)})
        else:
            ack(response_action="update", view=award_form.done(message))

    return submitted


def _field_at_fault(problem: UserFacingError) -> str:
    if isinstance(problem, UnknownBadgeError):
        return BADGES
    if isinstance(problem, ReasonError):
        return REASON
    return PEOPLE


def _type_ahead(deps: Deps) -> Callable[..., None]:
    def type_ahead(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        workspace: WorkspaceRef = context["workspace"]

        def find(session: Connection) -> list[BadgeRow]:
            giver = people.by_slack_id(
                session, workspace_id=workspace.id, slack_id=body["user"]["id"]
            )
            if giver is None:
                return []
            return orders.awardable(
                session,
                workspace=workspace,
                settings=deps.settings_in(session, workspace),
                giver=giver,
            )

        found = found_by(deps.database.read(find), body.get("value") or "")
        ack(options=award_form.badge_options(found))

    return type_ahead


def _changed(deps: Deps) -> Callable[..., None]:
    redrawing = Redrawing()

    def changed(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        workspace: WorkspaceRef = context["workspace"]
        view = body["view"]
        ack()

        def redraw() -> None:
            drawn = award_form.form(Opening.read(view), _preview(deps, workspace, body))
            redrawing.show(deps.slack(workspace), view, drawn)

        deps.after_acknowledgement(redraw)

    return changed


def _preview(deps: Deps, workspace: WorkspaceRef, body: dict[str, Any]) -> list[dict[str, Any]]:
    filled, opening = award_form.read(body["view"]), Opening.read(body["view"])

    def look_up(session: Connection) -> list[dict[str, Any]]:
        known = people.by_slack_ids(
            session, workspace_id=workspace.id, slack_ids=[body["user"]["id"], *filled.people]
        )
        giver = known.get(body["user"]["id"])
        if giver is None:
            return []
        settings = deps.settings_in(session, workspace)
        may = {
            badge.id
            for badge in orders.awardable(
                session, workspace=workspace, settings=settings, giver=giver
            )
        }
        rows = badges.by_ids(session, workspace_id=workspace.id, ids=filled.badge_ids)
        chosen = [rows[one] for one in filled.badge_ids if one in rows and one in may]
        return award_form.preview(
            filled,
            giver=giver,
            recipients=[
                known[one]
                for one in filled.people
                if one in known and not refusal(giver, known[one], settings)
            ],
            badges=chosen,
            settings=settings,
            evidence_url=opening.evidence_url,
            evidence_public=opening.evidence_public,
            left=filling_in.left(
                session,
                workspace=workspace,
                settings=settings,
                giver=giver,
                chosen=chosen,
                now=deps.clock(),
            ),
        )

    return deps.database.read(look_up)


def _for_message(deps: Deps) -> Callable[..., None]:
    def for_message(ack: Ack, shortcut: dict[str, Any], context: BoltContext) -> None:
        workspace: WorkspaceRef = context["workspace"]
        slack_id = shortcut["user"]["id"]
        message, channel = shortcut["message"], shortcut["channel"]
        author = message.get("user") or ""
        note = ""
        if not author or message.get("bot_id"):
            author, note = "", "A bot wrote that message. Who is the badge for?"
        elif author == slack_id:
            author, note = "", "You wrote that message yourself. Who is the badge for?"
        opening = welcome(deps, workspace, slack_id, [author] if author else [])
        ack()
        open_later(
            deps,
            workspace,
            opening=replace(
                opening,
                evidence_url=permalink(workspace, channel["id"], message),
                evidence_public=_is_public(channel),
            ).noting(note, first=True),
            slack_id=slack_id,
            trigger_id=shortcut["trigger_id"],
            response_url=shortcut.get("response_url") or "",
        )

    return for_message


def _is_public(channel: dict[str, Any]) -> bool:
    """Whether everyone can open a channel, by the names Slack gives the others in a payload."""
    name = channel.get("name") or "directmessage"
    elsewhere = name in ("directmessage", "privategroup") or name.startswith("mpdm-")
    return channel["id"].startswith("C") and not elsewhere


def permalink(workspace: WorkspaceRef, channel: str, message: dict[str, Any]) -> str:
    """The address of a message, put together as Slack does, so that Slack need not be asked.

    https://docs.slack.dev/reference/methods/chat.getPermalink shows the form.
    """
    ts, thread = str(message["ts"]), message.get("thread_ts")
    address = f"{workspace.url.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}"
    if thread and thread != ts:
        address += f"?thread_ts={thread}&cid={channel}"
    return address


def _with_groups(
    deps: Deps, workspace: WorkspaceRef, opening: Opening, groups: Sequence[str], slack_id: str
) -> Opening:
    """The form with the members of groups filled in, or with a word on why they are not."""
    try:
        ask_slack(deps, workspace, groups=frozenset(groups), most=2 * orders.MAX_RECIPIENTS)
    except BadRequestError as problem:
        return opening.noting(problem.sentence)

    def look_up(session: Connection) -> Opening:
        members = [
            member.slack_id
            for group in groups
            for member in user_groups.members(session, workspace_id=workspace.id, group_id=group)
            if member.active and not member.bot
        ]
        if not members:
            return opening.noting("That group is empty.")
        settings = deps.settings_in(session, workspace)
        named = [*opening.people, *members]
        return _filled_in(session, workspace, settings, opening, named, slack_id)

    return deps.database.read(look_up)


def _filled_in(
    session: Connection,
    workspace: WorkspaceRef,
    settings: Settings,
    opening: Opening,
    named: Sequence[str],
    slack_id: str,
) -> Opening:
    """A form with those of the people named whom its giver may award, and a word on the others."""
    welcome, refused = filling_in.receiving(
        session, workspace=workspace, settings=settings, slack_id=slack_id, named=named
    )
    refused = [why for why in refused if why not in opening.note]
    for why in refused[:_REFUSED]:
        opening = opening.noting(why)
    if len(refused) > _REFUSED:
        opening = opening.noting(f"{len(refused) - _REFUSED:,} more can’t be awarded either.")
    return opening.with_people(welcome)
