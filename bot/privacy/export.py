"""Everything Laurel knows of a person, as a zip for themselves."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from bot.deps import WorkspaceRef
from bot.pictures import Case, Drawing, Pictures
from storage import belongings
from storage.belongings import Record
from storage.database import Database
from storage.holdings import Viewer

FILENAME = "laurel-export.zip"
_README = """Everything Laurel knows of you, as of {day}.

person.json            your name, timezone and language, as Slack tells them
names_elsewhere.json   how you are known: your Slack id, e-mail address, employee number
user_groups.json       the user groups you are in, as far as anybody asked who is in them
awards_received.json   every badge you were ever given, with the reason; taken back or undone ones, too
awards_given.json      every badge you gave
evidence.json          messages that badges were given to you for
requests.json          badges you asked for, for yourself or a colleague, and the answer
service.json           since when you work here, and until when; leave.json: days that do not count
milestones.json        your anniversaries, and what became of each
employment.json        what else the HR file says: your manager, your country
preferences.json       what you chose for yourself
messages.json          what Laurel sent you, and when
actions.json           what you did for the workspace, and when
pictures/              your trophy case, and the badges you were given

Times are in UTC.
"""


@dataclass(frozen=True)
class Export:
    """What there is, read in one transaction; pictures are still to be drawn."""

    records: Mapping[str, Sequence[Record]]
    case: Case
    at: datetime


def collect(
    session: Connection,
    pictures: Pictures,
    workspace: WorkspaceRef,
    *,
    person_id: UUID,
    now: datetime,
) -> Export:
    """Everything about a person, as they themselves may see it."""
    return Export(
        belongings.of_person(session, workspace_id=workspace.id, person_id=person_id),
        pictures.case(
            session,
            workspace_id=workspace.id,
            person_id=person_id,
            viewer=Viewer(person_id),
            now=now,
        ),
        now,
    )


def zipped(export: Export, pictures: Pictures, draw: Callable[[str], Drawing]) -> bytes:
    """The zip; `draw` gives the picture of a key, and badges look as they did when they were given."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _README.format(day=export.at.date()))
        for name, records in export.records.items():
            text = json.dumps(records, default=_plain, ensure_ascii=False, indent=2)
            archive.writestr(f"{name}.json", text)
        if export.case.trophies:
            case = pictures.draw_case(export.case)
            archive.writestr(f"pictures/{case.filename}", case.content)
        for version_id, slug in _versions(export):
            name = f"pictures/{slug}-{version_id.hex[-6:]}.png"
            archive.writestr(name, draw(f"tile:{version_id}").content)
    return file.getvalue()


def _versions(export: Export) -> list[tuple[UUID, str]]:
    received = export.records["awards_received"]
    return list(dict.fromkeys((one["version_id"], one["badge"]) for one in received))


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def made(
    database: Database,
    pictures: Pictures,
    workspace: WorkspaceRef,
    *,
    person_id: UUID,
    now: datetime,
) -> bytes:
    """The zip of a person as things stand, in transactions of its own."""
    export = database.read(
        lambda session: collect(session, pictures, workspace, person_id=person_id, now=now)
    )
    return zipped(
        export,
        pictures,
        lambda key: database.read(lambda session: pictures.draw(session, workspace, key)),
    )
