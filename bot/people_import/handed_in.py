"""From a file that somebody shared in Slack to what importing it would change, or changed."""

from dataclasses import asdict, dataclass, replace
from io import BytesIO
from typing import Any
from uuid import UUID

from bot.deps import Deps, WorkspaceRef
from bot.hr_file import HrFile, Options, parse_mapping, read
from bot.hr_file.dates import Order
from bot.people_import.importing import carry_out, latest_start, preview
from bot.people_import.plans import Plan
from bot.shared_files import fetch
from bot.slack_files import CannotDownloadError

# Larger ones keep others waiting for the database: the command line takes them.
MOST_BYTES = 10_000_000
MOST_ROWS = 20_000


@dataclass(frozen=True)
class HandedIn:
    """A file in Slack, and how it is to be read; `expected`: the plan that was shown."""

    file_id: str
    name: str
    order: Order | None = None
    mapping: str = ""
    expected: str = ""

    def as_value(self) -> dict[str, Any]:
        """What a button keeps of it."""
        return asdict(self)


def look_at(deps: Deps, workspace: WorkspaceRef, handed: HandedIn) -> tuple[Plan, HandedIn]:
    """What importing the file would change. Raises FileRefusedError and CannotDownloadError."""
    file = _read(deps, workspace, handed)
    plan = preview(deps.database, workspace_id=workspace.id, file=file)
    return plan, replace(handed, expected=plan.fingerprint)


def take_in(deps: Deps, workspace: WorkspaceRef, handed: HandedIn, *, actor_id: UUID) -> Plan:
    """Import the file; its plan is made anew.

    Raises FileRefusedError, CannotDownloadError, and PlanChangedError where what was shown is out of
    date.
    """
    file = _read(deps, workspace, handed)
    return carry_out(
        deps.database,
        workspace=workspace,
        settings=deps.settings_of(workspace),
        file=file,
        now=deps.clock(),
        actor_id=actor_id,
        expected=handed.expected,
    )


def _read(deps: Deps, workspace: WorkspaceRef, handed: HandedIn) -> HrFile:
    file = fetch(deps.slack(workspace), handed.file_id, most=MOST_BYTES)
    if file.content is None:
        raise CannotDownloadError(
            f"This file has more than {MOST_BYTES // 1_000_000} MB: one so large is imported by"
            " `laurel people import` where Laurel runs."
        )
    return read(
        BytesIO(file.content),
        options=Options(
            mapping=parse_mapping(handed.mapping) if handed.mapping else {},
            order=handed.order,
            most_rows=MOST_ROWS,
        ),
        today=latest_start(deps.clock()),
    )
