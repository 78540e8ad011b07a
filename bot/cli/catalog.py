"""`laurel catalog export` and `laurel catalog import`: the catalogue as a file."""

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from bot import catalogue_import
from bot.catalogue_file import Catalogue, archived, opened, written
from bot.catalogue_file.archive import MOST_BYTES
from bot.catalogue_import import CatalogueChangedError, Change, Pictures, Plan
from bot.cli import DONE, FAILED, USED_WRONGLY, agreed, complain
from bot.cli.people import SHOWN, Bar
from bot.cli.workspace import within
from bot.deps import WorkspaceRef
from bot.hr_file import FileRefusedError, visible
from bot.messages.text import count
from bot.settings import Settings
from storage.database import Database

_SHOWN_OF_A_VALUE = 60  # characters


@dataclass(frozen=True)
class Request:
    """What was typed."""

    path: str  # "-": standard input
    dry_run: bool = False
    as_json: bool = False
    sure: bool = False
    team: str = ""


# -- export ----------------------------------------------------------------------------------------


def export_file(settings: Settings, *, path: str, team: str = "") -> int:
    """Write every badge to a file, or to standard output where none is named."""

    def work(database: Database, workspace: WorkspaceRef, _settings: Settings) -> int:
        entries, pictures = database.read(
            lambda session: catalogue_import.exported(session, workspace_id=workspace.id)
        )
        if not path and pictures and sys.stdout.isatty():
            complain(
                "The catalogue has pictures: name a file, like `laurel catalog export FILE.zip`."
            )
            return USED_WRONGLY
        try:
            if path.lower().endswith(".toml"):
                _write_beside(Path(path), written(entries), pictures)
            else:
                content = archived(entries, pictures) if pictures else written(entries).encode()
                _put(path, content)
        except OSError as problem:
            if not path:
                raise
            complain(f"{visible(path, 200)} cannot be written: {problem.strerror}.")
            return FAILED
        with_pictures = f" and {count(len(pictures), 'picture')}" if pictures else ""
        where = f" to {visible(path, 200)}" if path else ""
        complain(f"Wrote {count(len(entries), 'badge')}{with_pictures}{where}.")
        return DONE

    return within(settings, work, team=team)


def _put(path: str, content: bytes) -> None:
    if path:
        Path(path).write_bytes(content)
    else:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()


def _write_beside(path: Path, text: str, pictures: dict[str, bytes]) -> None:
    for name, content in pictures.items():
        place = path.parent / name
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(content)
    path.write_text(text, encoding="utf-8")


# -- import ----------------------------------------------------------------------------------------


def import_file(settings: Settings, request: Request) -> int:
    """Read the file, show what would change, ask on a terminal, and do it."""
    try:
        content, folder = _read(request.path)
    except OSError as problem:
        complain(f"{visible(request.path, 200)} cannot be read: {problem.strerror}.")
        return USED_WRONGLY
    try:
        catalogue = opened(content, folder=folder)
        return within(
            settings,
            lambda database, workspace, in_force: _import(
                database, workspace, in_force, request, catalogue
            ),
            team=request.team,
        )
    except FileRefusedError as refusal:
        return _refused(request, refusal)


def _read(path: str) -> tuple[bytes, Path | None]:
    if path == "-":
        return sys.stdin.buffer.read(MOST_BYTES + 1), None
    with open(path, "rb") as file:
        return file.read(MOST_BYTES + 1), Path(path).parent


def _import(
    database: Database,
    workspace: WorkspaceRef,
    settings: Settings,
    request: Request,
    catalogue: Catalogue,
) -> int:
    with Bar(sys.stderr, "Looking at pictures") as bar:
        pictures = catalogue_import.prepared(
            database, workspace_id=workspace.id, catalogue=catalogue, progress=bar.show
        )
    asks = sys.stdin.isatty() and sys.stderr.isatty() and not request.sure
    expected = None
    if asks or request.dry_run:
        plan = catalogue_import.preview(
            database, workspace_id=workspace.id, catalogue=catalogue, pictures=pictures
        )
        if request.dry_run or plan.is_empty:
            return _told(request, plan, pictures, "preview")
        _tell(request, plan, pictures, sys.stderr if request.as_json else sys.stdout)
        if not agreed("Import this?"):
            complain("Nothing was imported.")
            return FAILED
        expected = plan.fingerprint
    try:
        plan = catalogue_import.carry_out(
            database,
            workspace_id=workspace.id,
            catalogue=catalogue,
            pictures=pictures,
            now=datetime.now(UTC),
            upload_tiles=not settings.public_url,
            expected=expected,
        )
    except CatalogueChangedError:
        complain("Meanwhile something else changed, so nothing was imported: please look again.")
        return FAILED
    return _told(request, plan, pictures, "imported", briefly=asks)


# -- what people and scripts read ------------------------------------------------------------------


def _refused(request: Request, refusal: FileRefusedError) -> int:
    if request.as_json:
        problems = [{"line": one.line, "why": one.sentence} for one in refusal.problems]
        print(json.dumps({"result": "refused", "problems": problems}, indent=2, ensure_ascii=False))
        return FAILED
    name = visible(Path(request.path).name, 100)
    complain(f"{name} was refused, and nothing was imported:", *map(str, refusal.problems))
    if refusal.count > len(refusal.problems):
        complain(f"… and {refusal.count - len(refusal.problems):,} more.")
    return FAILED


def _told(
    request: Request, plan: Plan, pictures: Pictures, result: str, *, briefly: bool = False
) -> int:
    if request.as_json:
        said = _as_json(plan, "nothing to change" if plan.is_empty else result)
        print(json.dumps(said, indent=2, ensure_ascii=False))
        return DONE
    if not briefly:
        _tell(request, plan, pictures, sys.stdout)
    if plan.is_empty:
        print(f"Nothing to change: every badge is as {visible(request.path, 100)} has it.")
    elif result == "imported":
        print("Imported.")
    else:
        print("Nothing was imported: this was a dry run.")
    return DONE


def _tell(request: Request, plan: Plan, pictures: Pictures, out: TextIO) -> None:
    """Print what would change, field by field."""

    def heading(title: str, number: int) -> None:
        print(f"{title}: {number:,}", file=out)

    total = len(plan.new) + len(plan.changed) + plan.unchanged
    print(f"{visible(Path(request.path).name, 100)}: {count(total, 'badge')}.", file=out)
    if plan.new:
        heading("New", len(plan.new))
        for change in plan.new[:SHOWN]:
            entry = change.entry
            print(f"  {entry.slug}: {visible(entry.name, 60)}, {_kind(change)}", file=out)
        _more(len(plan.new), out)
    if plan.changed:
        heading("Changed", len(plan.changed))
        for change in plan.changed[:SHOWN]:
            print(f"  {change.entry.slug}", file=out)
            for field, (old, new) in change.fields.items():
                print(f"    {field}: {_value(old)} → {_value(new)}", file=out)
        _more(len(plan.changed), out)
    if pictures.new:
        heading("New pictures", len(pictures.new))
    heading("Unchanged", plan.unchanged)
    if plan.left:
        heading("Not in the file, and left as they are", len(plan.left))


def _kind(change: Change) -> str:
    entry = change.entry
    private = "private " if entry.private else ""
    category = f" in {visible(entry.category)}" if entry.category else ""
    return f"{private}{entry.kind}{category}{'' if entry.active else ', retired'}"


def _value(value: Any) -> str:
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return visible(str(value), _SHOWN_OF_A_VALUE)


def _more(number: int, out: TextIO) -> None:
    if number > SHOWN:
        print(f"  … and {number - SHOWN:,} more", file=out)


def _as_json(plan: Plan, result: str) -> dict[str, Any]:
    return {
        "result": result,
        "new": [change.entry.slug for change in plan.new],
        "changed": {
            change.entry.slug: {field: list(both) for field, both in change.fields.items()}
            for change in plan.changed
        },
        "unchanged": plan.unchanged,
        "not_in_file": list(plan.left),
    }
