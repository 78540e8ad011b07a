"""Searching awards, for badge admins: pages of what is found, and the menu beside each award."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from slack_bolt import Ack, BoltContext
from sqlalchemy import Connection

from bot import bulk, bulk_work, correcting, orders, revoking, searching
from bot.bulk import permitted
from bot.bulk_progress import reporter
from bot.catalogue import found_by
from bot.delivery.trouble import SlackTroubleError, ask
from bot.deps import Deps, WorkspaceRef
from bot.errors import NotFoundError, UserFacingError
from bot.listeners import Listeners
from bot.messages import award_form, text
from bot.messages import search as words
from bot.messages.blocks import Block
from bot.messages.message import Message, sentence
from bot.messages.search import About
from bot.messages.text import without_code
from bot.opening import open_later, push_later
from bot.payloads import id_in
from bot.permissions import Action
from bot.searching import Asked, Line
from storage import badges
from storage import bulk as kept_bulk
from storage import searching as kept
from storage.badges import BadgeRow
from storage.people import PersonRow


@dataclass(frozen=True)
class Sent:
    """A form of the menu that somebody sent."""

    deps: Deps
    workspace: WorkspaceRef
    slack_id: str
    about: About
    view: dict[str, Any]

    def permitted(self, session: Connection, action: Action) -> PersonRow:
        """Who sent it, if they may do this. Raises NotPermittedError."""
        return _permitted(session, self.deps, self.workspace, self.slack_id, action)


# Does what a form asks for, and says what came of it.
Act = Callable[[Connection, Sent], Message]


def register(on: Listeners, deps: Deps) -> None:
    """The search form, its results, and the forms that their menus open."""
    on.view(words.FORM)(_searched(deps))
    on.options(words.BADGE, words.NEW_BADGE)(_type_ahead(deps))
    on.action(f"{words.TURN}_newer", f"{words.TURN}_older")(_turned(deps))
    on.action(words.OPEN)(_opened(deps))
    on.action(words.ANEW)(_anew(deps))
    on.action(re.compile(f"^{words.MENU}_[0-9a-f]{{32}}$"))(_chosen(deps))
    for callback_id, (field, act) in _ACTS.items():
        on.view(callback_id)(_submitted(deps, field, act))


def open_form(
    deps: Deps, workspace: WorkspaceRef, *, slack_id: str, trigger_id: str, recipient: str = ""
) -> None:
    """Open the search once Slack has its acknowledgement. Raises NotPermittedError."""
    deps.database.read(lambda session: _permitted(session, deps, workspace, slack_id, "search"))
    view = words.form(Asked(recipient=recipient))
    open_later(deps, workspace, trigger_id, view)


def open_results(
    deps: Deps, workspace: WorkspaceRef, asked: Asked, *, slack_id: str, trigger_id: str
) -> None:
    """Open what a search finds once Slack has its acknowledgement. Raises NotPermittedError."""
    view = _results(deps, workspace, slack_id, asked)
    open_later(deps, workspace, trigger_id, view)


def _opened(deps: Deps) -> Callable[..., None]:
    def opened(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        open_form(
            deps, context["workspace"], slack_id=body["user"]["id"], trigger_id=body["trigger_id"]
        )
        ack()

    return opened


def _permitted(
    session: Connection, deps: Deps, workspace: WorkspaceRef, slack_id: str, action: Action
) -> PersonRow:
    return permitted(session, workspace, deps.settings_in(session, workspace), slack_id, action)


def _results(deps: Deps, workspace: WorkspaceRef, slack_id: str, asked: Asked) -> Block:
    found = deps.database.read(
        lambda session: searching.look(session, deps, workspace, slack_id, asked)
    )
    return words.results(found)


def _searched(deps: Deps) -> Callable[..., None]:
    def searched(
        ack: Ack, body: dict[str, Any], view: dict[str, Any], context: BoltContext
    ) -> None:
        workspace: WorkspaceRef = context["workspace"]
        asked = words.read(view)
        if asked.since and asked.until and asked.until < asked.since:
            ack(response_action="errors", errors={words.UNTIL: "That is before the first day."})
            return
        ack(
            response_action="update",
            view=_results(deps, workspace, body["user"]["id"], asked),
        )

    return searched


def _turned(deps: Deps) -> Callable[..., None]:
    def turned(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext
    ) -> None:
        asked = Asked.read(body["view"].get("private_metadata") or "")
        asked = replace(asked, beside=str(action.get("value") or ""))
        _show_instead(deps, context["workspace"], ack, body, asked)

    return turned


def _show_instead(
    deps: Deps, workspace: WorkspaceRef, ack: Ack, body: dict[str, Any], asked: Asked
) -> None:
    view = _results(deps, workspace, body["user"]["id"], asked)
    ack()
    deps.after_acknowledgement(
        lambda: deps.slack(workspace).views_update(view_id=body["view"]["id"], view=view)
    )


def _anew(deps: Deps) -> Callable[..., None]:
    def anew(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        workspace: WorkspaceRef = context["workspace"]
        asked = Asked.read(body["view"].get("private_metadata") or "")

        def chosen(session: Connection) -> BadgeRow | None:
            _permitted(session, deps, workspace, body["user"]["id"], "search")
            if not asked.badge:
                return None
            badge_id = id_in(asked.badge)
            return badges.by_ids(session, workspace_id=workspace.id, ids=[badge_id]).get(badge_id)

        view = words.form(asked, badge=deps.database.read(chosen))
        ack()
        deps.after_acknowledgement(
            lambda: deps.slack(workspace).views_update(view_id=body["view"]["id"], view=view)
        )

    return anew


def _type_ahead(deps: Deps) -> Callable[..., None]:
    def type_ahead(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        workspace: WorkspaceRef = context["workspace"]

        def find(session: Connection) -> list[BadgeRow]:
            settings = deps.settings_in(session, workspace)
            if body["action_id"] == words.BADGE:
                _permitted(session, deps, workspace, body["user"]["id"], "search")
                return badges.catalogue(session, workspace_id=workspace.id)
            actor = _permitted(session, deps, workspace, body["user"]["id"], "correct")
            return orders.awardable(session, workspace=workspace, settings=settings, giver=actor)

        found = found_by(deps.database.read(find), body.get("value") or "")
        ack(options=award_form.badge_options(found))

    return type_ahead


def _chosen(deps: Deps) -> Callable[..., None]:
    """The menu beside an award: opens the form for what was chosen."""

    def chosen(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext
    ) -> None:
        workspace: WorkspaceRef = context["workspace"]
        kind, _, award = str(action["selected_option"]["value"]).partition(":")
        about = About(id_in(award), body["view"].get("private_metadata") or "")

        def make(session: Connection) -> Block:
            _permitted(session, deps, workspace, body["user"]["id"], "search")
            return _form(session, workspace, kind, about)

        view = deps.database.read(make)
        ack()
        push_later(deps, workspace, body["trigger_id"], view)

    return chosen


def _form(session: Connection, workspace: WorkspaceRef, kind: str, about: About) -> Block:
    line = _line(session, workspace, about)
    match kind:
        case words.CORRECT_REASON:
            return words.reason_form(line, about)
        case words.CORRECT_BADGE:
            return words.badge_form(line, about)
        case words.REVOKE_ALL:
            counts = kept_bulk.counts(
                session, workspace_id=workspace.id, batch_id=line.award.batch_id
            )
            return words.revoke_form(line, about, everything=True, count=counts.standing)
        case _:
            return words.revoke_form(line, about)


def _line(session: Connection, workspace: WorkspaceRef, about: About) -> Line:
    row = kept.by_id(session, workspace_id=workspace.id, award_id=about.award_id)
    if row is None or row.undone:
        raise NotFoundError(correcting.GONE)
    (line,) = searching.lines_of(session, workspace, (row,))
    return line


def _submitted(deps: Deps, field: str, act: Act) -> Callable[..., None]:
    """A form of the menu: does it, says so, and brings the results beneath up to date."""

    def submitted(
        ack: Ack, body: dict[str, Any], view: dict[str, Any], context: BoltContext
    ) -> None:
        sent = Sent(deps, context["workspace"], body["user"]["id"], About.read(view), view)
        try:
            message = deps.database.write(lambda session: act(session, sent))
        except UserFacingError as problem:
            ack(response_action="errors", errors={field: without_code(problem.sentence)})
            return
        deps.wake_delivery()
        ack(response_action="update", view=words.done(message))

        def follow() -> None:
            if view["callback_id"] == words.REVOKE_ALL:
                _carry_on(sent)
            _refresh(sent)

        deps.after_acknowledgement(follow)

    return submitted


def _carry_on(sent: Sent) -> None:
    """Revoke the rest of a bulk award."""
    deps, workspace = sent.deps, sent.workspace
    row = deps.database.read(
        lambda session: kept.by_id(session, workspace_id=workspace.id, award_id=sent.about.award_id)
    )
    if row is not None:
        bulk_work.carry_on(deps, workspace, row.batch_id, reporter(deps, workspace))


def _refresh(sent: Sent) -> None:
    """Show the results as they are now; whoever closed them needs them no more."""
    shown = _results(sent.deps, sent.workspace, sent.slack_id, Asked.read(sent.about.asked))
    client, root = sent.deps.slack(sent.workspace), sent.view["root_view_id"]
    try:
        ask(lambda: client.views_update(view_id=root, view=shown))
    except SlackTroubleError as trouble:
        if trouble.code != "not_found":
            raise


def _revoke(session: Connection, sent: Sent) -> Message:
    actor = sent.permitted(session, "search")
    line = _line(session, sent.workspace, sent.about)
    revoking.revoke(
        session,
        workspace=sent.workspace,
        settings=sent.deps.settings_in(session, sent.workspace),
        actor=actor,
        code=line.award.code,
        reason=words.typed_reason(sent.view),
        now=sent.deps.clock(),
    )
    return sentence(f"{line.award.code} is revoked. Whatever told of it says so in a moment.")


def _revoke_all(session: Connection, sent: Sent) -> Message:
    sent.permitted(session, "search")
    line = _line(session, sent.workspace, sent.about)
    bulk.revoke_all(
        session,
        sent.deps,
        sent.workspace,
        sent.slack_id,
        line.award.batch_id,
        reason=words.typed_reason(sent.view),
    )
    return sentence("The whole bulk award is being revoked; that takes a moment.")


def _correct_reason(session: Connection, sent: Sent) -> Message:
    row = correcting.correct_reason(
        session,
        workspace=sent.workspace,
        settings=sent.deps.settings_in(session, sent.workspace),
        actor=sent.permitted(session, "correct"),
        award_id=sent.about.award_id,
        reason=words.typed_reason(sent.view),
        now=sent.deps.clock(),
    )
    return sentence(f"{row.code} has another reason now, in its post and message too.")


def _correct_badge(session: Connection, sent: Sent) -> Message:
    row, badge = correcting.correct_badge(
        session,
        workspace=sent.workspace,
        settings=sent.deps.settings_in(session, sent.workspace),
        actor=sent.permitted(session, "correct"),
        award_id=sent.about.award_id,
        badge_id=words.chosen_badge(sent.view),
        now=sent.deps.clock(),
    )
    name = text.shorten(badge.name, 100)
    return sentence(f"{row.code} is {name} now, in its post and message too.")


_ACTS: dict[str, tuple[str, Act]] = {
    words.REVOKE: (words.REASON, _revoke),
    words.REVOKE_ALL: (words.REASON, _revoke_all),
    words.CORRECT_REASON: (words.REASON, _correct_reason),
    words.CORRECT_BADGE: (words.NEW_BADGE, _correct_badge),
}
