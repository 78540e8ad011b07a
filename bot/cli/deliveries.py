"""`laurel deliveries list|retry`: what waits to be sent to Slack, and what was given up."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from bot.cli import DONE, FAILED, USED_WRONGLY, complain
from bot.delivery import explain
from bot.settings import Settings
from storage import audit, migrate, outbox, workspaces
from storage.database import Database, DatabaseUnavailableError
from storage.outbox import DeliveryRow

MOST = 1000


def show(settings: Settings, *, as_json: bool) -> int:
    """Print what was given up, with the reason and what to do, and what waits."""

    def read(session: Any) -> list[DeliveryRow]:
        rows: list[DeliveryRow] = []
        for workspace in workspaces.every(session):
            rows += outbox.list_dead(session, workspace_id=workspace.id, limit=MOST)
            rows += outbox.list_waiting(session, workspace_id=workspace.id, limit=MOST)
        return rows

    database = _open(settings)
    if database is None:
        return FAILED
    rows = database.read(read)
    database.close()
    if as_json:
        print(json.dumps([_told(row) for row in rows], indent=2, ensure_ascii=False))
        return DONE
    if not rows:
        print("Everything was sent.")
    for row in rows:
        print(f"{row.id}  {row.state:8}  {row.kind:9}  {row.lane}  {row.created_at:%Y-%m-%d %H:%M}")
        if row.error:
            print(f"    {row.error}: {explain(row.error).sentence}")
    return DONE


def retry(settings: Settings, *, ids: Sequence[str], as_json: bool) -> int:
    """Have dead deliveries sent again, these or all; a Laurel that runs sends them within a second."""
    try:
        chosen = [UUID(text) for text in ids] or None
    except ValueError:
        complain("That is not a delivery's id: `laurel deliveries list` shows them.")
        return USED_WRONGLY
    now = datetime.now(UTC)

    def write(session: Any) -> int:
        total = 0
        for workspace in workspaces.every(session):
            count = outbox.retry(session, workspace_id=workspace.id, now=now, ids=chosen)
            if count:
                audit.note(
                    session,
                    workspace_id=workspace.id,
                    action="deliveries.retried",
                    subject=", ".join(str(one) for one in chosen or ()) or "all",
                    detail=json.dumps({"deliveries": count}),
                    now=now,
                )
            total += count
        return total

    database = _open(settings)
    if database is None:
        return FAILED
    count = database.write(write)
    database.close()
    if as_json:
        print(json.dumps({"retried": count}))
    elif count:
        print(f"{count} will be sent again.")
    else:
        print("There is nothing that was given up.")
    return FAILED if chosen and not count else DONE


def _open(settings: Settings) -> Database | None:
    database = Database(settings.database_url, connections=1)
    try:
        current = migrate.is_current(database)
    except DatabaseUnavailableError as problem:
        complain(f"The database does not answer ({str(problem).strip()}): check DATABASE_URL.")
        return None
    if not current:
        complain("The tables are not up to date: run `laurel db upgrade` first.")
        return None
    return database


def _told(row: DeliveryRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "state": row.state,
        "kind": row.kind,
        "lane": row.lane,
        "attempts": row.attempts,
        "created_at": row.created_at.isoformat(),
        "error": row.error,
        "advice": explain(row.error).sentence if row.error else None,
    }
