"""What Slack tells of itself: people and user groups that came or changed."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from slack_bolt import BoltContext

from bot import installing, people, profile_dates
from bot.deps import Deps, WorkspaceRef, reference
from bot.listeners import Listeners
from storage import workspaces


def register(on: Listeners, deps: Deps) -> None:
    """Keep people and user groups in step with Slack."""
    on.event("user_change")(_person(deps))
    on.event("team_join")(_person(deps))
    on.event("subteam_members_changed")(_group(deps))
    on.event("subteam_updated")(_group(deps))
    on.event("subteam_created")(_group(deps))
    on.event("app_uninstalled")(_removed(deps))
    on.event("tokens_revoked")(_removed(deps))


def _person(deps: Deps) -> Callable[..., None]:
    def changed(event: dict[str, Any], context: BoltContext) -> None:
        workspace: WorkspaceRef = context["workspace"]
        if people.hear(deps, workspace, event["user"]):
            profile_dates.hear(deps, workspace, event["user"])

    return changed


def _removed(deps: Deps) -> Callable[..., None]:
    def removed(event: dict[str, Any], body: dict[str, Any], context: BoltContext) -> None:
        # Tokens of people are none of ours; without the bot's nothing is left to do there.
        if event["type"] == "tokens_revoked" and not (event.get("tokens") or {}).get("bot"):
            return
        whole = bool(context.is_enterprise_install)
        row = deps.database.read(
            lambda session: workspaces.by_team(
                session,
                team_id="" if whole else context.team_id or "",
                enterprise_id=context.enterprise_id or "",
            )
        )
        if row is not None and row.uninstalled_at is None:
            at = datetime.fromtimestamp(float(body["event_time"]), UTC)
            leave = partial(installing.leave, deps, reference(row), at=at)
            if deps.settings.by_oauth:
                leave()
            else:  # it asks Slack
                deps.after_acknowledgement(leave)

    return removed


def _group(deps: Deps) -> Callable[..., None]:
    def changed(event: dict[str, Any], context: BoltContext) -> None:
        workspace: WorkspaceRef = context["workspace"]
        group_id = event.get("subteam_id") or event["subteam"]["id"]
        if group_id in people.watched_groups(deps, workspace):
            deps.after_acknowledgement(lambda: people.look_up_groups(deps, workspace, [group_id]))

    return changed
