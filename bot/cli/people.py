"""`laurel people import`: who started when, from an HR file."""

import gc
import io
import json
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from bot import people_import
from bot.cli import DONE, FAILED, USED_WRONGLY, agreed, complain
from bot.cli.database import using_database
from bot.cli.workspace import chosen_workspace
from bot.deps import WorkspaceRef
from bot.hr_file import MOST_BYTES, FileRefusedError, HrFile, Options, parse_mapping, read, visible
from bot.hr_file.dates import Order
from bot.people_import import Plan, PlanChangedError, Started
from bot.settings import Settings
from storage.database import CommitInDoubtError, Database, DatabaseUnavailableError

SHOWN = 20  # of each list
_WIDTH = 30  # of the progress bar


@dataclass(frozen=True)
class Request:
    """What was typed."""

    path: str  # "-": standard input
    mapping: str = ""
    order: Order | None = None
    dry_run: bool = False
    as_json: bool = False
    sure: bool = False
    team: str = ""  # Slack's id of the workspace, where there are several


def import_file(settings: Settings, request: Request) -> int:
    """Read the file, show what would change, ask on a terminal, and do it."""
    try:
        mapping = parse_mapping(request.mapping) if request.mapping else {}
        stream = _open_file(request.path)
    except ValueError as problem:
        complain(str(problem))
        return USED_WRONGLY
    except OSError as problem:
        complain(f"{visible(request.path, 200)} cannot be read: {problem.strerror}.")
        return USED_WRONGLY
    now = datetime.now(UTC)
    gc.disable()  # millions of rows without a cycle: looking for one takes a fifth of the time
    try:
        return _read_and_import(settings, request, stream, Options(mapping, request.order), now)
    finally:
        gc.enable()


def _read_and_import(
    settings: Settings, request: Request, stream: BinaryIO, options: Options, now: datetime
) -> int:
    with stream:
        bar = Bar(sys.stderr, "Reading")
        try:
            file = read(
                stream,
                options=options,
                today=people_import.latest_start(now),
                progress=bar.show,
            )
        except FileRefusedError as refusal:
            return _refused(request, refusal)
        finally:
            bar.clear()
    return _with_database(settings, request, file, now)


def _with_database(settings: Settings, request: Request, file: HrFile, now: datetime) -> int:
    def work(database: Database) -> int:
        workspace = chosen_workspace(database, settings, request.team)
        if isinstance(workspace, str):
            complain(workspace)
            return FAILED
        try:
            return _import(database, workspace, settings, request, file, now)
        except FileRefusedError as refusal:
            return _refused(request, refusal)
        except DatabaseUnavailableError as problem:
            if not isinstance(problem, CommitInDoubtError):
                complain("Nothing was imported.")
            raise

    return using_database(settings, work)


def _import(
    database: Database,
    workspace: WorkspaceRef,
    settings: Settings,
    request: Request,
    file: HrFile,
    now: datetime,
) -> int:
    asks = sys.stdin.isatty() and sys.stderr.isatty() and not request.sure
    expected = None
    if asks or request.dry_run:
        with Bar(sys.stderr, "Comparing") as bar:
            plan = people_import.preview(
                database, workspace_id=workspace.id, file=file, progress=bar.show
            )
        if request.dry_run or plan.is_empty:
            return _told(request, plan, "preview")
        _tell(request, plan, sys.stderr if request.as_json else sys.stdout)
        if not agreed("Import this?"):
            complain("Nothing was imported.")
            return FAILED
        expected = plan.fingerprint
    bar = Bar(sys.stderr, "Importing")
    try:
        plan = people_import.carry_out(
            database,
            workspace=workspace,
            settings=settings,
            file=file,
            now=now,
            expected=expected,
            progress=bar.show,
        )
    except PlanChangedError:
        bar.clear()
        complain("Meanwhile something else changed, so nothing was imported: please look again.")
        return FAILED
    finally:
        bar.clear()
    return _told(request, plan, "imported", briefly=asks)


def _open_file(path: str) -> BinaryIO:
    """The file, in a form that can be sought in. Raises OSError."""
    stream: BinaryIO = sys.stdin.buffer if path == "-" else open(path, "rb")  # noqa: SIM115
    if path != "-" and stream.seekable():
        return stream
    return io.BytesIO(stream.read(MOST_BYTES + 1))


# -- what people and scripts read ----------------------------------------------------------------


def _refused(request: Request, refusal: FileRefusedError) -> int:
    if request.as_json:
        said = {
            "result": "refused",
            "count": refusal.count,
            "problems": [{"line": one.line, "why": one.sentence} for one in refusal.problems],
        }
        print(json.dumps(said, indent=2, ensure_ascii=False))
        return FAILED
    name = visible(Path(request.path).name, 100)
    complain(f"{name} was refused, and nothing was imported:", *map(str, refusal.problems))
    left = refusal.count - len(refusal.problems)
    if left > 0:
        complain(f"… and {left:,} more{', at least' if refusal.more else ''}.")
    if any(problem.kind == "ambiguous date" for problem in refusal.problems):
        complain("Say which by --date-format dmy (day first) or --date-format mdy (month first).")
    return FAILED


def _told(request: Request, plan: Plan, result: str, *, briefly: bool = False) -> int:
    if request.as_json:
        print(json.dumps(_as_json(plan, result), indent=2, ensure_ascii=False))
        return DONE
    if not briefly:
        _tell(request, plan, sys.stdout)
    if plan.is_empty:
        print(f"Nothing to change: everything is as {visible(request.path, 100)} has it.")
    elif result == "imported":
        print("Imported.")
    else:
        print("Nothing was imported: this was a dry run.")
    return DONE


def _tell(request: Request, plan: Plan, out: TextIO) -> None:
    """Print what would change; names and addresses in it are fit for a terminal already."""

    def heading(rows: int, title: str) -> None:
        print(f"{title}: {rows:,}", file=out)

    def listed(title: str, rows: list[Started]) -> None:
        if rows:
            heading(len(rows), title)
            for row in rows[:SHOWN]:
                print(f"  line {row.line}: {row.name}, {_dates(row)}", file=out)
            _more(len(rows), out)

    print(f"{visible(Path(request.path).name, 100)}: {plan.people:,} people.", file=out)
    for note in plan.notes:
        print(note, file=out)
    listed("New start dates", plan.new)
    listed("Other start dates", plan.changed)
    listed("Ended", plan.ended)
    listed("Left as they are, since their source is trusted more", plan.trusted)
    if plan.adjusted:
        heading(len(plan.adjusted), "Something else changes")
        for one in plan.adjusted[:SHOWN]:
            print(f"  line {one.line}: {one.name}, {' and '.join(one.what)}", file=out)
        _more(len(plan.adjusted), out)
    if plan.strangers:
        heading(len(plan.strangers), "Not in Slack yet; kept, and matched when they join")
        for row in plan.strangers[:SHOWN]:
            email = f" ({row.email})" if row.email else ""
            near = f"; in Slack there is {' and '.join(row.nearest)}" if row.nearest else ""
            print(f"  line {row.line}: {row.name}{email}{near}", file=out)
        _more(len(plan.strangers), out)
    heading(plan.unchanged, "Unchanged")


def _more(count: int, out: TextIO) -> None:
    if count > SHOWN:
        print(f"  … and {count - SHOWN:,} more", file=out)


def _dates(row: Started) -> str:
    known = row.known_start
    start = f"{known} → {row.start}" if known not in (None, row.start) else f"{row.start}"
    return f"{start} to {row.end}" if row.end else start


def _as_json(plan: Plan, result: str) -> dict[str, Any]:
    def rows(found: list[Started]) -> list[dict[str, Any]]:
        return [
            {key: str(value) if key in _DAYS and value else value for key, value in pairs.items()}
            for pairs in (row._asdict() for row in found)
        ]

    return {
        "result": "nothing to change" if plan.is_empty else result,
        "counts": plan.counts,
        "notes": plan.notes,
        "new": rows(plan.new),
        "changed": rows(plan.changed),
        "ended": rows(plan.ended),
        "adjusted": [row._asdict() for row in plan.adjusted],
        "left_to_more_trusted_sources": rows(plan.trusted),
        "not_in_slack": [row._asdict() for row in plan.strangers],
    }


_DAYS = ("start", "known_start", "end")


class Bar:
    """A progress bar, on a terminal only."""

    def __init__(self, out: TextIO, what: str) -> None:
        self._out = out
        self._what = what
        self._shown = out.isatty()
        self._next = 0.0

    def show(self, done: float) -> None:
        """Draw it, at most ten times a second; `done` from 0 to 1."""
        if not self._shown or (time.monotonic() < self._next and done < 1):
            return
        self._next = time.monotonic() + 0.1
        full = round(_WIDTH * min(done, 1))
        bar = "█" * full + "░" * (_WIDTH - full)
        self._out.write(f"\r{self._what} {bar} {min(done, 1):4.0%}")
        self._out.flush()

    def clear(self) -> None:
        """Leave nothing of it behind."""
        if self._shown:
            self._out.write("\r\x1b[K")
            self._out.flush()

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *_problem: object) -> None:
        self.clear()
