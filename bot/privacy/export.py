"""Everything Laurel knows of a person, as a zip for themselves."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from bot.deps import WorkspaceRef
from bot.pictures import Case, Pictures
from bot.profiles import Reader
from storage import belongings
from storage.belongings import Record

FILENAME = "laurel-export.zip"
_README = """Everything Laurel knows of you, as of {day}.

person.json            your name, timezone and language, as Slack tells them
names_elsewhere.json   how you are known: your Slack id, e-mail address, employee number
user_groups.json       the user groups you are in, as far as they decide who may award
awards_received.json   every badge you were ever given, with the reason
awards_given.json      every badge you gave
evidence.json          messages that badges were given to you for
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
    reader: Reader,
    now: datetime,
) -> Export:
    """Everything about the reader."""
    return Export(
        belongings.of_person(session, workspace_id=workspace.id, person_id=reader.person.id),
        pictures.case(
            session,
            workspace_id=workspace.id,
            person_id=reader.person.id,
            viewer=reader.viewer,
            now=now,
        ),
        now,
    )


def zipped(
    session: Connection, pictures: Pictures, workspace: WorkspaceRef, export: Export
) -> bytes:
    """The zip; the pictures of badges are drawn as they were when they were given."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _README.format(day=export.at.date()))
        for name, records in export.records.items():
            text = json.dumps(records, default=_plain, ensure_ascii=False, indent=2)
            archive.writestr(f"{name}.json", text)
        if export.case.trophies:
            drawing = pictures.draw_case(export.case)
            archive.writestr(f"pictures/{drawing.filename}", drawing.content)
        for version_id, slug in _versions(export):
            drawing = pictures.draw(session, workspace, f"tile:{version_id}")
            archive.writestr(f"pictures/{slug}-{version_id.hex[-6:]}.png", drawing.content)
    return file.getvalue()


def _versions(export: Export) -> list[tuple[UUID, str]]:
    received = export.records["awards_received"]
    return list(dict.fromkeys((one["version_id"], one["badge"]) for one in received))


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
