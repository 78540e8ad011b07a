"""The policies about anniversaries, changed in Settings: first seen, then saved."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from slack_bolt import Ack, BoltContext
from sqlalchemy import Connection

from bot import deciding, home, policies, profiles
from bot.deps import Deps, WorkspaceRef
from bot.errors import BadRequestError
from bot.home_frame import Place
from bot.listeners import Listeners
from bot.messages import settings_policies as words
from bot.messages.blocks import Block
from bot.messages.policy_values import refusal
from bot.messages.settings_forms import notice
from bot.messages.settings_policies import POLICY_EDIT, POLICY_FORM, POLICY_SAVE
from bot.messages.text import without_code
from bot.opening import open_later
from bot.policy_preview import preview
from bot.profiles import Reader
from bot.tenure import Policies
from storage.people import PersonRow

_GONE = "That milestone is not there any more. Please open Home again."


def register(on: Listeners, deps: Deps) -> None:
    """The buttons, the forms and their previews."""
    on.action(re.compile(f"^{POLICY_EDIT}"))(_opened(deps))
    on.view(POLICY_FORM)(_previewed(deps))
    on.view(POLICY_SAVE)(_saved(deps))


def _permitted(session: Connection, deps: Deps, workspace: WorkspaceRef, slack_id: str) -> Reader:
    settings = deps.settings_in(session, workspace)
    return profiles.permitted(session, workspace, settings, slack_id, "settings")


def _opened(deps: Deps) -> Callable[..., None]:
    def opened(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext
    ) -> None:
        workspace: WorkspaceRef = context["workspace"]
        place = Place.of_view(body["view"])

        def read(session: Connection) -> Block | None:
            _permitted(session, deps, workspace, body["user"]["id"])
            rules = policies.load(session, workspace_id=workspace.id)
            return words.policy_form(rules, str(action.get("value", "")), place)

        view = deps.database.read(read)
        if view is None:
            raise BadRequestError(_GONE)
        ack()
        open_later(deps, workspace, body["trigger_id"], view)

    return opened


def _previewed(deps: Deps) -> Callable[..., None]:
    def previewed(
        ack: Ack, body: dict[str, Any], view: dict[str, Any], context: BoltContext
    ) -> None:
        workspace: WorkspaceRef = context["workspace"]
        place = Place.read(words.read_place(view))
        name, wished = words.read_policy_form(view)
        if not wished:
            raise BadRequestError(_GONE)
        found = deps.database.read(
            lambda session: _wished(session, deps, workspace, body["user"]["id"], wished)
        )
        if isinstance(found, _Refused):
            field = words.field_at_fault(name, found.policy)
            ack(response_action="errors", errors={field: without_code(found.sentence)})
            return
        ack(response_action="update", view=words.reckoning(name))
        deps.after_acknowledgement(
            lambda: _show_preview(deps, workspace, view["id"], name, found, place)
        )

    return previewed


class _Wish(NamedTuple):
    """Changes that can be made, and the policies before and after."""

    changes: dict[str, str | None]
    before: Policies
    after: Policies
    reader: PersonRow


class _Refused(NamedTuple):
    """The policy that cannot be as wished, and why in a sentence."""

    policy: str
    sentence: str


def _wished(
    session: Connection,
    deps: Deps,
    workspace: WorkspaceRef,
    slack_id: str,
    wished: dict[str, str | None],
) -> _Wish | _Refused:
    """What of a form is a change."""
    reader = _permitted(session, deps, workspace, slack_id)
    changes: dict[str, str | None] = {}
    before = policies.load(session, workspace_id=workspace.id)
    after = before
    for name, text in wished.items():
        try:
            _, then = deciding.with_changes(
                session, workspace_id=workspace.id, changes={**changes, name: text}
            )
        except ValueError as problem:
            return _Refused(name, refusal(name, str(problem)))
        if then != after:
            changes[name], after = text, then
    if after == before:
        return _Refused(next(iter(wished)), "It is so already: change something, or close this.")
    return _Wish(changes, before, after, reader.person)


def _show_preview(
    deps: Deps, workspace: WorkspaceRef, view_id: str, name: str, wish: _Wish, place: Place
) -> None:
    now = deps.clock()
    seen = preview(
        deps.database,
        workspace=workspace,
        settings=deps.settings_of(workspace),
        before=wish.before,
        after=wish.after,
        now=now,
    )
    shown = words.preview_view(
        name,
        wish.changes,
        deciding.difference(wish.before, wish.after),
        seen,
        place,
        reader=wish.reader,
        today=now.date(),
    )
    deps.slack(workspace).views_update(view_id=view_id, view=shown)


def _saved(deps: Deps) -> Callable[..., None]:
    def saved(ack: Ack, body: dict[str, Any], view: dict[str, Any], context: BoltContext) -> None:
        workspace: WorkspaceRef = context["workspace"]
        place = Place.read(words.read_place(view))
        slack_id = body["user"]["id"]

        def decide(session: Connection) -> str:
            reader = _permitted(session, deps, workspace, slack_id)
            try:
                deciding.decide_all(
                    session,
                    workspace_id=workspace.id,
                    changes=words.read_changes(view),
                    now=deps.clock(),
                    actor_id=reader.person.id,
                )
            except ValueError as problem:
                return f"Meanwhile something else changed, so nothing was: {problem}"
            return ""

        problem = deps.database.write(decide)
        if problem:
            ack(response_action="update", view=notice("Anniversaries", words.said(problem)))
            return
        ack()
        deps.after_acknowledgement(lambda: home.republish(deps, workspace, slack_id, place))

    return saved
