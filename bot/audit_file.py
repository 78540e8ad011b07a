"""The audit as a file: CSV for a spreadsheet, JSON for a script."""

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any, Literal, TextIO

from sqlalchemy import Connection

from bot.deps import WorkspaceRef
from storage import audit, people
from storage.people import PersonRow

Form = Literal["csv", "json"]
COLUMNS = ("at", "actor", "actor_slack_id", "actor_id", "action", "subject", "detail", "id")

# With these a spreadsheet takes a cell for a formula (https://owasp.org/www-community/attacks/CSV_Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def told(session: Connection, workspace: WorkspaceRef) -> Iterator[dict[str, Any]]:
    """Every entry by COLUMNS, the oldest first; people are called what they are called now."""
    known: dict[Any, PersonRow | None] = {None: None}
    for entry in audit.export(session, workspace_id=workspace.id):
        if entry.actor_id not in known:
            assert entry.actor_id is not None
            found = people.by_ids(session, workspace_id=workspace.id, ids=[entry.actor_id])
            known[entry.actor_id] = found.get(entry.actor_id)
        actor = known[entry.actor_id]
        yield {
            "at": entry.at.isoformat(),
            "actor": actor.name if actor else "Laurel" if entry.actor_id is None else "someone",
            "actor_slack_id": actor.slack_id if actor else "",
            "actor_id": str(entry.actor_id or ""),
            "action": entry.action,
            "subject": entry.subject,
            "detail": json.loads(entry.detail) if entry.detail else {},
            "id": str(entry.id),
        }


def write(out: TextIO, rows: Iterable[dict[str, Any]], *, form: Form) -> int:
    """Write rows of `told`, one at a time, and return how many."""
    sheet = csv.DictWriter(out, COLUMNS)
    if form == "csv":
        sheet.writeheader()
    count = 0
    for row in rows:
        count += 1
        if form == "csv":
            row["detail"] = json.dumps(row["detail"], ensure_ascii=False)
            sheet.writerow({name: safe(value) for name, value in row.items()})
        else:
            out.write("[\n" if count == 1 else ",\n")
            out.write(json.dumps(row, ensure_ascii=False))
    if form == "json":
        out.write("\n]\n" if count else "[]\n")
    return count


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
