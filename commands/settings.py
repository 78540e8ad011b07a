"""The tab Settings: forms that are opened and sent, and menus that decide at once."""

import re
from collections.abc import Callable
from typing import Any
from zoneinfo import available_timezones

from slack_bolt import Ack, BoltContext
from sqlalchemy import Connection

from bot import apologies, feed_channel, home, people, profiles, workspace_settings
from bot.delivery.trouble import SlackTroubleError, ask
from bot.deps import Deps, WorkspaceRef
from bot.errors import BadRequestError, UserFacingError
from bot.feed_channel import Channel
from bot.grants import Grant
from bot.home_frame import Place
from bot.listeners import Listeners
from bot.messages import settings_forms as forms
from bot.messages.blocks import Block
from bot.messages.settings import CHOOSE, EDIT
from bot.messages.settings_forms import FEED_CHECK, FEED_JOIN, FORM, TIMEZONE, FieldError, Filled
from bot.messages.text import escape, without_code
from bot.opening import open_and_make_later, open_later
from bot.profiles import Reader
from bot.settings import Settings
from bot.user_groups import UserGroups, listed
from bot.workspace_settings import Item
from commands import settings_audit, settings_policies

_ZONES = tuple(sorted(available_timezones()))


def register(on: Listeners, deps: Deps) -> None:
    """Everything in the tab Settings."""
    on.action(re.compile(f"^{CHOOSE}"))(_chosen(deps))
    on.action(re.compile(f"^{EDIT}"))(_opened(deps))
    on.view(FORM)(_submitted(deps))
    on.options(TIMEZONE)(_zones)
    on.action(FEED_JOIN, FEED_CHECK)(_feed_again(deps))
    settings_policies.register(on, deps)
    settings_audit.register(on, deps)


def _in_force(
    session: Connection, deps: Deps, workspace: WorkspaceRef, slack_id: str
) -> tuple[Settings, Reader]:
    settings = deps.settings_in(session, workspace)
    return settings, profiles.reader_of(session, workspace, settings, slack_id, asked=True)


def _change(deps: Deps, workspace: WorkspaceRef, slack_id: str, name: str, value: Any) -> Settings:
    """Decide a setting, and return what held before. Raises refusals."""

    def work(session: Connection) -> Settings:
        settings, reader = _in_force(session, deps, workspace, slack_id)
        workspace_settings.change(
            session,
            workspace=workspace,
            settings=settings,
            reader=reader,
            name=name,
            value=value,
            now=deps.clock(),
        )
        return settings

    return deps.database.write(work)


def _chosen(deps: Deps) -> Callable[..., None]:
    def chosen(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext
    ) -> None:
        workspace: WorkspaceRef = context["workspace"]
        name = str(action["action_id"]).removeprefix(CHOOSE)
        picked = str((action.get("selected_option") or {}).get("value", ""))
        item = _changeable(deps, workspace, body["user"]["id"], name)
        _change(deps, workspace, body["user"]["id"], name, _picked(item, picked))
        ack()
        home.republish_later(deps, workspace, body)

    return chosen


def _picked(item: Item, value: str) -> bool | int:
    """What an option of a menu would have a setting be. Raises BadRequestError."""
    if item.kind == "flag" and value in ("on", "off"):
        return value == "on"
    if item.kind == "months" and value.isdecimal():
        return int(value)
    raise BadRequestError("That menu is no use any more. Please open Home again.")


def _changeable(deps: Deps, workspace: WorkspaceRef, slack_id: str, name: str) -> Item:
    """The setting of this name, if somebody may change it. Raises refusals."""
    return deps.database.read(
        lambda session: workspace_settings.require_change(
            *_in_force(session, deps, workspace, slack_id), name
        )
    )


def _opened(deps: Deps) -> Callable[..., None]:
    groups = UserGroups()

    def opened(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext
    ) -> None:
        workspace: WorkspaceRef = context["workspace"]
        place = Place.of_view(body["view"])

        def read(session: Connection) -> tuple[Item, Settings]:
            settings, reader = _in_force(session, deps, workspace, body["user"]["id"])
            name = str(action.get("value", ""))
            return workspace_settings.require_change(settings, reader, name), settings

        item, settings = deps.database.read(read)
        names = groups.known(deps, workspace) or {}
        view = forms.form(item, settings, place, names=names)
        ack()
        trigger_id = body["trigger_id"]
        if names or not _names_groups(item, settings):
            open_later(deps, workspace, trigger_id, view)
            return
        waiting = forms.checking(item, "One moment, I’m asking Slack what the groups are called…")

        def make() -> Block:
            return forms.form(item, settings, place, names=groups.ask(deps, workspace))

        open_and_make_later(deps, workspace, trigger_id, waiting, make)

    return opened


def _names_groups(item: Item, settings: Settings) -> bool:
    value = getattr(settings, item.name)
    return isinstance(value, Grant) and bool(value.groups | value.denied_groups)


def _submitted(deps: Deps) -> Callable[..., None]:
    def submitted(
        ack: Ack, body: dict[str, Any], view: dict[str, Any], context: BoltContext
    ) -> None:
        workspace: WorkspaceRef = context["workspace"]
        name, place = forms.read_kept(view)
        slack_id, view_id = body["user"]["id"], view["id"]
        item = _changeable(deps, workspace, slack_id, name)
        later = _Later(deps, workspace, slack_id, item, place, view_id)
        try:
            value = _value(item, view)
        except FieldError as problem:
            errors = {problem.block_id: without_code(problem.sentence)}
            ack(response_action="errors", errors=errors)
            return
        if isinstance(value, Filled) and (value.handles or value.denied_handles):
            wait = "One moment, I’m asking Slack for these groups…"
            ack(response_action="update", view=forms.checking(item, wait))
            deps.after_acknowledgement(lambda: later.look_up_handles(value))
        elif item.kind == "channel" and value:
            wait = "One moment, I’m looking whether I’m in that channel…"
            ack(response_action="update", view=forms.checking(item, wait))
            deps.after_acknowledgement(lambda: later.check_feed(str(value)))
        else:
            decided = value.grant if isinstance(value, Filled) else value
            before = _change(deps, workspace, slack_id, name, decided)
            ack()
            deps.after_acknowledgement(lambda: later.follow(before, decided))

    return submitted


def _value(item: Item, view: dict[str, Any]) -> Any:
    """What a form would have a setting be; None: its default. Raises FieldError."""
    match item.kind:
        case "channel":
            return forms.read_channel(view)
        case "timezone":
            return forms.read_timezone(view)
        case "limits":
            return forms.read_limits(view)
        case _:
            return forms.read_grant(view)


class _Later:
    """What follows the acknowledgement of a form: whatever asks Slack first."""

    def __init__(
        self,
        deps: Deps,
        workspace: WorkspaceRef,
        slack_id: str,
        item: Item,
        place: Place,
        view_id: str,
    ) -> None:
        self._deps = deps
        self._workspace = workspace
        self._slack_id = slack_id
        self._item = item
        self._place = place
        self._view_id = view_id

    def follow(self, before: Settings, decided: Any) -> None:
        """Show Home anew, and learn who is in the groups that count now."""
        home.republish(self._deps, self._workspace, self._slack_id, self._place)
        if isinstance(decided, Grant):
            new = decided.groups_asked - getattr(before, self._item.name).groups_asked
            people.look_up_groups(self._deps, self._workspace, new)

    def look_up_handles(self, filled: Filled) -> None:
        """Ask Slack which groups these are; then decide, or show the form once more."""
        try:
            groups = listed(self._deps, self._workspace)
        except SlackTroubleError as trouble:
            self._show(forms.saved(self._item, apologies.of_slack(trouble)))
            return
        ids = {str(one["handle"]).casefold(): str(one["id"]) for one in groups}
        unknown = [one for one in (*filled.handles, *filled.denied_handles) if one not in ids]
        if unknown:
            note = f"Slack knows no user group called @{unknown[0][:60]}. Is it spelt right?"
            self._show(forms.grant_form(self._item, filled, self._place, note=note))
            return
        self._decide(filled.with_ids(ids), "Saved: it holds from now on.")

    def check_feed(self, channel: str, *, join: bool = False) -> None:
        """Look whether Laurel is in a channel, joining it first where asked to; then decide."""
        slack = self._deps.slack(self._workspace)
        try:
            found: Channel = (feed_channel.join if join else feed_channel.look)(slack, channel)
        except SlackTroubleError as trouble:
            self._show(forms.saved(self._item, apologies.of_slack(trouble)))
            return
        view = forms.feed_view(self._item, channel, found.state, self._place)
        if found.state == "in":
            self._decide(channel, view=view)
        else:
            self._show(view)

    def _decide(self, value: Any, words: str = "", *, view: Block | None = None) -> None:
        try:
            before = _change(self._deps, self._workspace, self._slack_id, self._item.name, value)
        except UserFacingError as problem:
            self._show(forms.saved(self._item, escape(problem.sentence)))
            return
        self._show(view or forms.saved(self._item, words))
        self.follow(before, value)

    def _show(self, view: Block) -> None:
        slack = self._deps.slack(self._workspace)
        try:
            ask(lambda: slack.views_update(view_id=self._view_id, view=view))
        except SlackTroubleError as trouble:
            if trouble.code != "not_found":  # it was closed meanwhile
                raise


def _feed_again(deps: Deps) -> Callable[..., None]:
    def again(ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext) -> None:
        workspace: WorkspaceRef = context["workspace"]
        _, place = forms.read_kept(body["view"])
        item = workspace_settings.FEED
        slack_id, channel = body["user"]["id"], str(action.get("value", ""))
        _changeable(deps, workspace, slack_id, item.name)
        ack()
        later = _Later(deps, workspace, slack_id, item, place, body["view"]["id"])
        join = action["action_id"] == FEED_JOIN
        deps.after_acknowledgement(lambda: later.check_feed(channel, join=join))

    return again


def _zones(ack: Ack, body: dict[str, Any]) -> None:
    typed = str(body.get("value") or "").strip().casefold().replace(" ", "_")
    found = [one for one in _ZONES if typed in one.casefold()]
    best = sorted(found, key=lambda one: not one.rpartition("/")[2].casefold().startswith(typed))
    ack(options=forms.timezone_options(best))
