"""Opening views once Slack has its acknowledgement: a trigger lives for three seconds."""

from collections.abc import Callable
from typing import Any

from bot.delivery.trouble import ask
from bot.deps import Deps, WorkspaceRef

View = dict[str, Any]


def open_later(deps: Deps, workspace: WorkspaceRef, trigger_id: str, view: View) -> None:
    """Open a view once the present request is answered."""
    deps.after_acknowledgement(
        lambda: deps.slack(workspace).views_open(trigger_id=trigger_id, view=view)
    )


def push_later(deps: Deps, workspace: WorkspaceRef, trigger_id: str, view: View) -> None:
    """Open a view above the one that is open, once the present request is answered."""
    deps.after_acknowledgement(
        lambda: deps.slack(workspace).views_push(trigger_id=trigger_id, view=view)
    )


def open_and_make_later(
    deps: Deps, workspace: WorkspaceRef, trigger_id: str, waiting: View, make: Callable[[], View]
) -> None:
    """Open a view that asks for patience, and then put in its place what takes a while to `make`."""

    def open_it() -> None:
        slack = deps.slack(workspace)
        shown = ask(lambda: slack.views_open(trigger_id=trigger_id, view=waiting))
        view = make()
        ask(lambda: slack.views_update(view_id=shown["view"]["id"], view=view))

    deps.after_acknowledgement(open_it)
