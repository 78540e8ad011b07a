"""The audit in Settings: sent to whoever asks for it, as a file in their direct messages."""

import io
import logging
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, BoltContext
from sqlalchemy import Connection

from bot import audit_file, profiles
from bot.apologies import SLACK_SILENT
from bot.audit_file import Form
from bot.deps import Deps, WorkspaceRef
from bot.errors import BadRequestError
from bot.listeners import Listeners
from bot.messages.audit import EXPORT
from bot.respond import hand_over

_log = logging.getLogger(__name__)


def register(on: Listeners, deps: Deps) -> None:
    """The buttons that export the audit."""
    on.action(f"{EXPORT}csv", f"{EXPORT}json")(_exported(deps))


def _exported(deps: Deps) -> Callable[..., None]:
    def exported(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext
    ) -> None:
        workspace: WorkspaceRef = context["workspace"]
        slack_id = body["user"]["id"]
        form: Form = "json" if action["action_id"] == f"{EXPORT}json" else "csv"

        def permitted(session: Connection) -> None:
            settings = deps.settings_in(session, workspace)
            profiles.permitted(session, workspace, settings, slack_id, "audit")

        def written(session: Connection) -> str:
            permitted(session)
            out = io.StringIO()
            count = audit_file.write(out, audit_file.told(session, workspace), form=form)
            _log.info("audit exported", extra={"entries": count})
            return out.getvalue()

        def send() -> None:
            if not hand_over(
                deps.slack(workspace),
                slack_id,
                content=deps.database.read(written).encode(),
                filename=f"laurel-audit.{form}",
                title="Laurel’s audit",
                comment="Here is the audit, all of it: who did what when.",
            ):
                raise BadRequestError(SLACK_SILENT)

        deps.database.read(permitted)
        ack()
        deps.after_acknowledgement(send)

    return exported
