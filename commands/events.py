"""What Slack tells of itself: people and user groups that came or changed."""

from collections.abc import Callable
from typing import Any

from slack_bolt import App, BoltContext

from bot import people, profile_dates
from bot.deps import Deps, WorkspaceRef


def register(app: App, deps: Deps) -> None:
    """Keep people and user groups in step with Slack."""
    app.event("user_change")(_person(deps))
    app.event("team_join")(_person(deps))
    app.event("subteam_members_changed")(_group(deps))
    app.event("subteam_updated")(_group(deps))
    app.event("subteam_created")(_group(deps))


def _person(deps: Deps) -> Callable[..., None]:
    def changed(event: dict[str, Any], context: BoltContext) -> None:
        workspace: WorkspaceRef = context["workspace"]
        profile = people.profile_of(event["user"], team_id=workspace.team_id)
        people.save(deps.database, workspace, [profile], now=deps.clock())
        profile_dates.hear(deps, workspace, event["user"])

    return changed


def _group(deps: Deps) -> Callable[..., None]:
    def changed(event: dict[str, Any], context: BoltContext) -> None:
        workspace: WorkspaceRef = context["workspace"]
        group_id = event.get("subteam_id") or event["subteam"]["id"]
        if group_id in people.watched_groups(deps, workspace):
            deps.after_acknowledgement(lambda: people.look_up_groups(deps, workspace, [group_id]))

    return changed
