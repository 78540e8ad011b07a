"""The first steps in a new workspace: which are done, by what is the case, and who is told of them."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from bot import rules
from bot.deps import WorkspaceRef
from bot.settings import Settings
from storage import audit, outbox, people, tenure
from storage import settings as kept_settings
from storage.outbox import NewDelivery

KEY = "welcome"
KEEP, DISMISS = "awarders", "dismissed"  # what an owner can say of it
_WELCOMED = 20  # people, at most


@dataclass(frozen=True)
class Steps:
    """What is done of the first steps."""

    feed_channel: str  # "" where there is none
    awarders: bool  # whether somebody decided who may award
    dates: bool  # whether any start date is known

    @property
    def left(self) -> int:
        """How many are to be done."""
        return 3 - sum((bool(self.feed_channel), self.awarders, self.dates))


def steps(session: Connection, workspace: WorkspaceRef, settings: Settings) -> Steps | None:
    """The first steps of a workspace; None once somebody put them away."""
    said = _said(session, workspace)
    if DISMISS in said:
        return None
    chosen = "awarders" in rules.decided(session, workspace_id=workspace.id)
    return Steps(
        settings.feed_channel,
        chosen or "awarders" in settings.fixed or KEEP in said,
        tenure.number(session, workspace_id=workspace.id) > 0,
    )


def say(
    session: Connection, workspace: WorkspaceRef, what: str, *, now: datetime, actor_id: UUID
) -> None:
    """Note that everyone may award as it is (`KEEP`), or that the steps are put away (`DISMISS`)."""
    kept_settings.lock(session, workspace_id=workspace.id)
    before = _said(session, workspace)
    if what in before:
        return
    said = sorted({*before, what})
    kept_settings.put(session, workspace_id=workspace.id, key=KEY, value=json.dumps(said), now=now)
    audit.note(
        session,
        workspace_id=workspace.id,
        action="setting.changed",
        subject=KEY,
        detail=json.dumps({"from": before, "to": said}),
        now=now,
        actor_id=actor_id,
    )


def enqueue(
    session: Connection, workspace: WorkspaceRef, settings: Settings, *, now: datetime
) -> bool:
    """Have the admins whom the environment names told of the steps; whether any are to be told.

    Each is told once: the same delivery again is none.
    """
    found = steps(session, workspace, settings)
    if found is None or not found.left or not settings.admins:
        return False
    known = people.by_slack_ids(
        session,
        workspace_id=workspace.id,
        slack_ids=sorted(settings.admins)[:_WELCOMED],
    )
    deliveries = [
        NewDelivery("dm", "welcome", f"welcome:{person.id}", person_id=person.id)
        for person in known.values()
    ]
    if deliveries:
        outbox.enqueue(session, workspace_id=workspace.id, deliveries=deliveries, now=now)
    return bool(deliveries)


def _said(session: Connection, workspace: WorkspaceRef) -> list[str]:
    text = kept_settings.get(session, workspace_id=workspace.id, key=KEY)
    return list(json.loads(text)) if text else []
