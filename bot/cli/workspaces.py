"""`laurel workspaces`: which there are, all of one as a file, and the end of one."""

import base64
import json
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from bot.cli import DONE, FAILED, complain, is_meant
from bot.cli.workspace import slack_id_of, within, within_each
from bot.deps import WorkspaceRef
from bot.hr_file import visible
from bot.settings import Settings
from storage import installations, own_files, whole, workspaces
from storage.database import Database

_AT_ONCE = 500
_ROUNDS = 5  # what a process that still ran wrote meanwhile goes in the next
_ABOUT = """All that Laurel keeps of a workspace: one file a table, one row a line, as JSON.
Times are in UTC, pictures and other bytes in base64. Tokens and keys are left out.
"""


def show(settings: Settings, *, as_json: bool) -> int:
    """Print every workspace, and whether Laurel is still installed there."""

    def list_them(database: Database, _chosen: object) -> int:
        found = database.read(_listed)
        if as_json:
            print(json.dumps(found, indent=2, ensure_ascii=False))
        elif not found:
            print("There is no workspace yet.")
        for one in () if as_json else found:
            removed = f"; removed on {one['removed'][:10]}" if one["removed"] else ""
            print(
                f"{one['id']}  {visible(one['name'])}: {one['people']:,} people,"
                f" {one['awards']:,} awards{removed}"
            )
        return DONE

    return within_each(settings, list_them)


def export(settings: Settings, *, team: str, path: str) -> int:
    """Write everything of a workspace to a zip of JSON lines, as of one moment."""

    def work(database: Database, workspace: WorkspaceRef, _in_force: Settings) -> int:
        try:
            count = database.read(lambda session: _write(session, workspace, Path(path)))
        except OSError as problem:
            complain(f"{visible(path, 200)} cannot be written: {problem.strerror}.")
            return FAILED
        print(f"{visible(workspace.name)} is in {visible(path, 200)}: {count:,} rows.")
        return DONE

    return within(settings, work, team=team)


def erase(settings: Settings, *, team: str, sure: bool) -> int:
    """Erase a workspace, once it is said that this is meant; broken off, it goes on when run again."""

    def work(database: Database, workspace: WorkspaceRef, _in_force: Settings) -> int:
        size = database.read(lambda session: whole.size(session, workspace_id=workspace.id))
        question = (
            f"Erase {visible(workspace.name)}, with {size.people:,} people and"
            f" {size.awards:,} awards? Nothing brings it back."
        )
        if not is_meant(question, sure=sure, otherwise="Nothing was erased"):
            return FAILED
        count = erase_whole(database, workspace)
        print(
            f"Erased {visible(workspace.name)}: {count:,} rows. If Laurel is still installed there,"
            " remove it from the workspace in Slack."
        )
        return DONE

    return within(settings, work, team=team)


def erase_whole(database: Database, workspace: WorkspaceRef) -> int:
    """Erase everything of a workspace, a few rows at a time; how many rows that were."""
    now, count = datetime.now(UTC), 0

    def begin(session: Connection) -> None:
        installations.remove(
            session, team_id=workspace.team_id, enterprise_id=workspace.enterprise_id
        )
        workspaces.begin_erasing(session, workspace_id=workspace.id, now=now)

    database.write(begin)
    for left in reversed(range(_ROUNDS)):
        count += _erase_rows(database, workspace)
        try:
            database.write(lambda session: whole.erase_itself(session, workspace_id=workspace.id))
        except IntegrityError:
            if not left:
                raise
        else:
            break
    return count


def _erase_rows(database: Database, workspace: WorkspaceRef) -> int:
    count = 0
    for table in reversed(whole.every_table()):
        erased = _AT_ONCE
        while erased == _AT_ONCE:
            erased = database.write(
                lambda session, table=table: whole.erase_some(  # type: ignore[misc]
                    session, workspace_id=workspace.id, table=table, limit=_AT_ONCE
                )
            )
            count += erased
    return count


def _listed(session: Connection) -> list[dict[str, Any]]:
    return [
        {
            "id": slack_id_of(row),
            "name": row.name,
            "url": row.url,
            "removed": row.uninstalled_at.isoformat() if row.uninstalled_at else None,
            **whole.size(session, workspace_id=row.id)._asdict(),
        }
        for row in workspaces.every(session)
    ]


def _write(session: Connection, workspace: WorkspaceRef, path: Path) -> int:
    whole.stand_still(session)
    count = 0
    with (
        open(path, "wb", opener=own_files.opener) as whole_file,
        zipfile.ZipFile(whole_file, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        archive.writestr("README.txt", _ABOUT)
        itself = whole.itself(session, workspace_id=workspace.id)
        archive.writestr("workspace.jsonl", _line(itself))
        for table in whole.every_table():
            with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as file:
                for row in whole.rows(session, workspace_id=workspace.id, table=table):
                    file.write(_line(row).encode())
                    count += 1
    return count


def _line(row: Any) -> str:
    return json.dumps(dict(row), ensure_ascii=False, default=_plain) + "\n"


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not written to exports")
