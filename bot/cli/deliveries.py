"""`laurel deliveries list|retry`: what waits to be sent to Slack, and what was given up."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from bot.cli import DONE, FAILED, USED_WRONGLY, complain
from bot.cli.workspace import slack_id_of, within_each
from bot.delivery import explain
from bot.hr_file import visible
from bot.settings import Settings
from storage import audit, outbox
from storage.database import Database
from storage.outbox import DeliveryRow
from storage.workspaces import WorkspaceRow

MOST = 1000


def show(settings: Settings, *, as_json: bool, team: str = "") -> int:
    """Print what was given up, with the reason and what to do, and what waits, in all workspaces or one."""

    def read(database: Database, chosen: Sequence[WorkspaceRow]) -> int:
        found = database.read(lambda session: [(row, _of(session, row.id)) for row in chosen])
        if as_json:
            told = [_told(workspace, row, settings) for workspace, rows in found for row in rows]
            print(json.dumps(told, indent=2, ensure_ascii=False))
            return DONE
        if not any(rows for _, rows in found):
            print("Everything was sent.")
        for workspace, rows in found:
            if rows and len(chosen) > 1:
                print(f"{slack_id_of(workspace)}  {visible(workspace.name)}")
            for row in rows:
                _print(row, settings)
        return DONE

    return within_each(settings, read, team=team)


def retry(settings: Settings, *, ids: Sequence[str], as_json: bool, team: str = "") -> int:
    """Have dead deliveries sent again, these or all; a Laurel that runs sends them within a second."""
    try:
        wanted = [UUID(text) for text in ids] or None
    except ValueError:
        complain("That is not a delivery's id: `laurel deliveries list` shows them.")
        return USED_WRONGLY
    now = datetime.now(UTC)

    def write(database: Database, chosen: Sequence[WorkspaceRow]) -> int:
        count = database.write(
            lambda session: sum(_retry(session, row.id, wanted, now) for row in chosen)
        )
        if as_json:
            print(json.dumps({"retried": count}))
        elif count:
            print(f"{count} will be sent again.")
        else:
            print("There is nothing that was given up.")
        return FAILED if wanted and not count else DONE

    return within_each(settings, write, team=team)


def _of(session: Connection, workspace_id: int) -> list[DeliveryRow]:
    return [
        *outbox.list_dead(session, workspace_id=workspace_id, limit=MOST),
        *outbox.list_waiting(session, workspace_id=workspace_id, limit=MOST),
    ]


def _retry(
    session: Connection, workspace_id: int, wanted: Sequence[UUID] | None, now: datetime
) -> int:
    count = outbox.retry(session, workspace_id=workspace_id, now=now, ids=wanted)
    if count:
        audit.note(
            session,
            workspace_id=workspace_id,
            action="deliveries.retried",
            subject=", ".join(str(one) for one in wanted or ()) or "all",
            detail=json.dumps({"deliveries": count}),
            now=now,
        )
    return count


def _advice(error: str, settings: Settings) -> str:
    return explain(error, install_url=settings.install_url).sentence


def _print(row: DeliveryRow, settings: Settings) -> None:
    print(f"{row.id}  {row.state:8}  {row.kind:9}  {row.lane}  {row.created_at:%Y-%m-%d %H:%M}")
    if row.error:
        print(f"    {row.error}: {_advice(row.error, settings)}")


def _told(workspace: WorkspaceRow, row: DeliveryRow, settings: Settings) -> dict[str, Any]:
    return {
        "workspace": slack_id_of(workspace),
        "id": str(row.id),
        "state": row.state,
        "kind": row.kind,
        "lane": row.lane,
        "attempts": row.attempts,
        "created_at": row.created_at.isoformat(),
        "error": row.error,
        "advice": _advice(row.error, settings) if row.error else None,
    }
