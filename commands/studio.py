"""The Studio's tab: new badges, and what its menus do with those there are."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from slack_bolt import Ack, BoltContext
from sqlalchemy import Connection

from bot import home
from bot.deps import Deps, WorkspaceRef
from bot.errors import BadRequestError
from bot.home_frame import Place
from bot.listeners import Listeners
from bot.messages import studio as words
from bot.messages.studio_form import closing_view
from bot.opening import open_later
from bot.searching import Asked
from bot.studio.checking import Form, badge_of
from bot.studio.draft import Draft, draft_of, fingerprint
from bot.studio.saving import admin, delete, set_active
from commands import studio_form
from commands.search import open_results
from commands.studio_form import StudioForms
from storage import editing
from storage.badges import BadgeRow

OUT_OF_DATE = "That button is no use any more. Please open the Studio again."


def register(on: Listeners, deps: Deps) -> None:
    """The tab's buttons and menus, the form, and the question before a badge is deleted."""
    forms = StudioForms(deps)
    on.action(words.NEW)(_new(deps, forms))
    on.action(re.compile(f"^{words.EDIT}"))(_edit(deps, forms))
    on.action(re.compile(f"^{words.MENU}"))(_menu(deps, forms))
    on.view(words.DELETE_CALLBACK)(_deleted(deps))
    studio_form.register(on, forms)


def _new(deps: Deps, forms: StudioForms) -> Callable[..., None]:
    def new(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        workspace: WorkspaceRef = context["workspace"]
        slack_id = body["user"]["id"]
        deps.database.read(lambda session: admin(session, deps, workspace, slack_id))
        ack()
        forms.open_later(workspace, body, Form(), Draft())

    return new


def _edit(deps: Deps, forms: StudioForms) -> Callable[..., None]:
    def edit(ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext) -> None:
        workspace: WorkspaceRef = context["workspace"]
        badge_id = _id(str(action.get("value") or ""))

        def look(session: Connection) -> tuple[BadgeRow, bool]:
            admin(session, deps, workspace, body["user"]["id"])
            badge = badge_of(session, workspace, badge_id)
            awarded = editing.is_awarded(session, workspace_id=workspace.id, badge_id=badge_id)
            return badge, awarded

        badge, awarded = deps.database.read(look)
        ack()
        form = Form(badge.id, seen=fingerprint(badge), slug_is_free=not awarded)
        forms.open_later(workspace, body, form, draft_of(badge))

    return edit


def _menu(deps: Deps, forms: StudioForms) -> Callable[..., None]:
    def chosen(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext
    ) -> None:
        workspace: WorkspaceRef = context["workspace"]
        slack_id = body["user"]["id"]
        what, _, said = str((action.get("selected_option") or {}).get("value", "")).partition(":")
        badge_id = _id(said)

        if what in (words.RETIRE, words.RESTORE):
            deps.database.write(
                lambda session: set_active(
                    session, deps, workspace, slack_id, badge_id, active=what == words.RESTORE
                )
            )
            ack()
            home.republish_later(deps, workspace, body)
            return

        if what == words.AWARDS:
            open_results(
                deps,
                workspace,
                Asked(badge=badge_id.hex),
                slack_id=slack_id,
                trigger_id=body["trigger_id"],
            )
            ack()
            return

        def look(session: Connection) -> BadgeRow:
            admin(session, deps, workspace, slack_id)
            return badge_of(session, workspace, badge_id)

        badge = deps.database.read(look)
        if what == words.DUPLICATE:
            ack()
            forms.open_later(workspace, body, Form(source=badge.id), _copy_of(badge))
        elif what == words.DELETE:
            ack()
            kept = json.dumps([badge.id.hex, Place.of_view(body["view"]).kept()])
            open_later(deps, workspace, body["trigger_id"], words.delete_view(badge, kept))
        else:
            raise BadRequestError(OUT_OF_DATE)

    return chosen


def _copy_of(badge: BadgeRow) -> Draft:
    """A new badge that is like this one but for its name."""
    return replace(draft_of(badge), name=f"{badge.name[:240]} (copy)", slug="")


def _deleted(deps: Deps) -> Callable[..., None]:
    def deleted(ack: Ack, body: dict[str, Any], view: dict[str, Any], context: BoltContext) -> None:
        workspace: WorkspaceRef = context["workspace"]
        slack_id = body["user"]["id"]
        badge_id, place = _kept(view)
        name = deps.database.write(
            lambda session: delete(session, deps, workspace, slack_id, badge_id)
        )
        done = closing_view("Delete badge", words.deleted_message(name))
        ack(response_action="update", view=done)
        deps.after_acknowledgement(lambda: home.republish(deps, workspace, slack_id, place))

    return deleted


def _kept(view: Mapping[str, Any]) -> tuple[UUID, Place]:
    try:
        badge_id, place = json.loads(view.get("private_metadata") or "")
    except (ValueError, TypeError, RecursionError):
        raise BadRequestError(OUT_OF_DATE) from None
    return _id(str(badge_id)), Place.read(str(place))


def _id(text: str) -> UUID:
    try:
        return UUID(hex=text)
    except ValueError:
        raise BadRequestError(OUT_OF_DATE) from None
