"""App Home: it is opened, people go about in it, and decide about themselves."""

import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any, get_args

from slack_bolt import Ack, BoltContext
from sqlalchemy import Connection

from bot import consent, home, profiles, welcome
from bot.deps import Deps, WorkspaceRef
from bot.errors import BadRequestError
from bot.home_frame import Place
from bot.listeners import Listeners
from bot.messages.home import GO, SET
from bot.messages.home_page import ALL, ANNIVERSARIES, MESSAGES, NEW_AWARDS, OWN
from bot.messages.welcome import SAY
from bot.recent import Recent
from bot.tenure import Choice
from storage import preferences

_WORDS = ("query", "category", "sort", "section")


def register(on: Listeners, deps: Deps) -> None:
    """Opening Home, its ways about, and one's own choices."""
    latest = Recent()  # what each person did last: only that is drawn
    on.event("app_home_opened")(_opened(deps, latest))
    on.action(re.compile(f"^({GO}|{SET})"))(_moved(deps, latest))
    on.action(re.compile(f"^{OWN}"))(_chosen(deps))
    on.action(re.compile(f"^{SAY}"))(_said(deps))


def _opened(deps: Deps, latest: Recent) -> Callable[..., None]:
    def opened(event: dict[str, Any], context: BoltContext) -> None:
        if event.get("tab") != "home":
            return
        view: Mapping[str, Any] = event.get("view") or {}
        # What was searched for last week is not what somebody comes back for; the tab is.
        place = Place(Place.of_view(view).tab)
        _show(deps, context, latest, event["user"], place, view)

    return opened


def _moved(deps: Deps, latest: Recent) -> Callable[..., None]:
    def moved(ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext) -> None:
        place = _place(body, action)
        ack()
        _show(deps, context, latest, body["user"]["id"], place, body["view"])

    return moved


def _show(
    deps: Deps,
    context: BoltContext,
    latest: Recent,
    slack_id: str,
    place: Place,
    view: Mapping[str, Any],
) -> None:
    workspace: WorkspaceRef = context["workspace"]
    mine = secrets.token_hex(8)
    latest.put(slack_id, mine)

    def is_latest() -> bool:
        return latest.get(slack_id) == mine

    def show() -> None:
        if is_latest():
            home.republish(
                deps,
                workspace,
                slack_id,
                place,
                seen=str(view.get("hash") or ""),
                is_latest=is_latest,
            )

    deps.after_acknowledgement(show)


def _place(body: Mapping[str, Any], action: Mapping[str, Any]) -> Place:
    """Where a button leads, or a menu or a field."""
    name = str(action["action_id"])
    if name.startswith(GO):
        return Place.read(str(action.get("value") or ""))
    word = name.removeprefix(SET)
    if word not in _WORDS:
        raise BadRequestError("That menu is no use any more. Please open Home again.")
    chosen = str((action.get("selected_option") or action).get("value") or "")
    said = "" if word == "category" and chosen == ALL else " ".join(chosen.split())
    return Place.of_view(body["view"]).at(item="", **{word: said})


def _chosen(deps: Deps) -> Callable[..., None]:
    def chosen(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext
    ) -> None:
        workspace: WorkspaceRef = context["workspace"]
        name = str(action["action_id"]).removeprefix(OWN)
        value = str((action.get("selected_option") or {}).get("value", ""))

        def choose(session: Connection) -> None:
            settings = deps.settings_in(session, workspace)
            reader = profiles.reader_of(
                session, workspace, settings, body["user"]["id"], asked=True
            )
            if name == ANNIVERSARIES and value in get_args(Choice):
                consent.choose(session, workspace, reader=reader, choice=value)  # type: ignore[arg-type]
                return
            key, values = _PREFERENCES.get(name, ("", ()))
            if value not in values:
                raise BadRequestError("That menu is no use any more. Please open Home again.")
            preferences.save(
                session,
                workspace_id=workspace.id,
                person_id=reader.person.id,
                key=key,
                value=value,
            )

        deps.database.write(choose)
        ack()
        home.republish_later(deps, workspace, body)

    return chosen


def _said(deps: Deps) -> Callable[..., None]:
    """An owner says something of the first steps."""

    def said(ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext) -> None:
        workspace: WorkspaceRef = context["workspace"]
        what = str(action.get("value", ""))

        def note(session: Connection) -> None:
            settings = deps.settings_in(session, workspace)
            reader = profiles.permitted(session, workspace, settings, body["user"]["id"], "roles")
            if what in (welcome.KEEP, welcome.DISMISS):
                welcome.say(session, workspace, what, now=deps.clock(), actor_id=reader.person.id)

        deps.database.write(note)
        ack()
        home.republish_later(deps, workspace, body)

    return said


_PREFERENCES: dict[str, tuple[str, tuple[str, ...]]] = {
    MESSAGES: (preferences.NOTIFY, ("on", "off")),
    NEW_AWARDS: (preferences.NEW_AWARDS, ("shown", "hidden")),
}
