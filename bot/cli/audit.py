"""`laurel audit export`: who did what when, as CSV for a spreadsheet or JSON for a script."""

import sys
from contextlib import nullcontext

from bot.audit_file import Form, told, write
from bot.cli import DONE, FAILED, complain
from bot.cli.workspace import within
from bot.deps import WorkspaceRef
from bot.hr_file import visible
from bot.messages import text
from bot.settings import Settings
from storage import own_files
from storage.database import Database


def export(settings: Settings, *, path: str, form: Form, team: str) -> int:
    """Write the whole audit to a file, or to standard output where the path is empty."""

    def work(database: Database, workspace: WorkspaceRef, _in_force: Settings) -> int:
        try:
            opened = (
                open(path, "w", encoding="utf-8", newline="", opener=own_files.opener)  # noqa: SIM115 - closed below
                if path
                else nullcontext(sys.stdout)
            )
            with opened as out:
                count = database.read(
                    lambda session: write(out, told(session, workspace), form=form)
                )
        except OSError as problem:
            if not path:
                raise
            complain(f"{visible(path, 200)} cannot be written: {problem.strerror}.")
            return FAILED
        if path:
            written = text.count(count, "entry", "entries")
            print(f"{visible(path, 200)} has {written}.")
        return DONE

    return within(settings, work, team=team)
