"""App Home: which tabs there are, and showing somebody theirs.

A tab is one line in `TABS`. What a tab shows is drawn anew each time, from what its reader may see
at that moment; nothing that Slack sends back is trusted but as a wish to be somewhere.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection

from bot import home_page, permissions, profiles, settings_tab
from bot.delivery.trouble import SlackTroubleError, ask
from bot.deps import Deps, WorkspaceRef
from bot.errors import NeedsSlackError
from bot.home_frame import Place, Shown, Tab
from bot.messages import blocks
from bot.messages.blocks import Block
from bot.messages.fitting import without_pictures
from bot.messages.home import home_view
from bot.people import ask_slack
from bot.showing import bring_picture, forget_refused, upload_later
from bot.studio import tab as studio_tab

_log = logging.getLogger(__name__)

TABS: tuple[Tab, ...] = (
    Tab("home", "Home", None, home_page.build),
    Tab("studio", "Studio", "studio", studio_tab.build),
    Tab("settings", "Settings", "settings", settings_tab.build),
)

# Slack's answers to a view with a picture that it cannot show (any more, or yet).
NOT_SHOWN = frozenset({"invalid_arguments", "invalid_blocks"})


class Drawn(NamedTuple):
    """Somebody's Home, ready to be published."""

    place: Place
    tabs: tuple[Tab, ...]
    shown: Shown

    def view(self, picture: Block | None = None) -> Block:
        """As Slack takes it; `picture` is where Slack finds the trophy case that it lacked."""
        said = list(self.shown.blocks)
        if picture is not None and self.shown.case is not None:
            trophies = blocks.picture(picture, self.shown.case.alt_text)
            said.insert(self.shown.case_at, trophies)
        return home_view(said, self.place, self.tabs)


def draw(
    session: Connection,
    deps: Deps,
    workspace: WorkspaceRef,
    slack_id: str,
    place: Place,
    *,
    asked: bool,
) -> Drawn:
    """Somebody's Home at a place, or at its beginning where they may not be there.

    `asked`: Slack was asked already who that is. Raises NeedsSlackError.
    """
    settings = deps.settings_in(session, workspace)
    reader = profiles.reader_of(session, workspace, settings, slack_id, asked=asked)
    mine = tuple(
        tab for tab in TABS if tab.action is None or permissions.may(reader.standing, tab.action)
    )
    tab = next((one for one in mine if one.name == place.tab), None)
    if tab is None:
        tab, place = mine[0], Place()
    return Drawn(place, mine, tab.build(session, deps, workspace, reader, place))


def republish(
    deps: Deps,
    workspace: WorkspaceRef,
    slack_id: str,
    place: Place,
    *,
    seen: str = "",
    is_latest: Callable[[], bool] = lambda: True,
) -> None:
    """Show somebody their Home at a place. Calls Slack, so only once a request is acknowledged.

    `seen`: the hash of what was clicked. Where something else is shown by now, `is_latest` says
    whether this goes over it. Raises what `ask` raises.
    """
    drawn = _drawn(deps, workspace, slack_id, place)
    publishing = _Publishing(deps, workspace, slack_id, drawn, is_latest)
    shown = publishing.publish(drawn.view(), seen)
    upload_later(deps, workspace, drawn.shown.missing)
    if shown and drawn.shown.case is not None:
        publishing.bring_trophies(shown)


def republish_later(
    deps: Deps, workspace: WorkspaceRef, body: Mapping[str, Any], place: Place | None = None
) -> None:
    """After a click in Home: show it again, at the place of the click unless another is named."""
    view = body.get("view") or {}
    there = place or Place.of_view(view)
    slack_id = str(body["user"]["id"])
    seen = str(view.get("hash") or "") if view.get("type") == "home" else ""
    deps.after_acknowledgement(lambda: republish(deps, workspace, slack_id, there, seen=seen))


def _drawn(deps: Deps, workspace: WorkspaceRef, slack_id: str, place: Place) -> Drawn:
    try:
        return deps.database.read(
            lambda session: draw(session, deps, workspace, slack_id, place, asked=False)
        )
    except NeedsSlackError as needed:
        ask_slack(deps, workspace, people=needed.people)
    return deps.database.read(
        lambda session: draw(session, deps, workspace, slack_id, place, asked=True)
    )


class _Publishing(NamedTuple):
    """One drawing on its way to Slack."""

    deps: Deps
    workspace: WorkspaceRef
    slack_id: str
    drawn: Drawn
    is_latest: Callable[[], bool]

    def publish(self, view: Block, seen: str) -> str:
        """Publish, without pictures where Slack does not take them; the new hash, "" where overtaken."""
        try:
            return self._over(view, seen)
        except SlackTroubleError as trouble:
            bare = without_pictures(view["blocks"])
            if trouble.code not in NOT_SHOWN or bare == view["blocks"]:
                raise
            _log.warning("Home shown without pictures", extra={"error": trouble.code})
        published = self._over(view | {"blocks": bare}, seen)
        forget_refused(self.deps, self.workspace, view["blocks"])
        return published

    def bring_trophies(self, shown: str) -> None:
        """Upload the trophy case and show it, as long as the person is still where they were."""

        def post(picture: Block) -> bool | None:
            try:
                self._send(self.drawn.view(picture), shown)
            except SlackTroubleError as trouble:
                return None if trouble.code == "hash_conflict" else False
            return True

        assert self.drawn.shown.case is not None
        bring_picture(self.deps, self.workspace, self.drawn.shown.case, post)

    def _over(self, view: Block, seen: str) -> str:
        try:
            return self._send(view, seen)
        except SlackTroubleError as trouble:
            if trouble.code != "hash_conflict":
                raise
        # Something else is shown by now: what was asked for before this, or after it.
        return self._send(view, "") if self.is_latest() else ""

    def _send(self, view: Block, seen: str) -> str:
        slack = self.deps.slack(self.workspace)
        more = {"hash": seen} if seen else {}
        said = ask(lambda: slack.views_publish(user_id=self.slack_id, view=view, **more))
        return str(said["view"].get("hash") or "")
