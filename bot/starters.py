"""The starter catalogue: badges that a workspace begins with, and changes as it likes."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from bot.catalogue_file import BadgeEntry, read_entries
from bot.catalogue_import import values_of
from storage import audit, badges, files, settings

ASSETS = Path(__file__).parent.parent / "assets"


def starter_badges(path: Path = ASSETS / "catalog.toml") -> tuple[BadgeEntry, ...]:
    """The badges of the starter catalogue, in its order; pictures are paths within `assets`."""
    return read_entries(path.read_text(encoding="utf-8"))


def load_starters(
    session: Connection,
    *,
    workspace_id: int,
    starters: Sequence[BadgeEntry],
    now: datetime,
    upload: bool,
) -> int:
    """Give a workspace without badges the starter catalogue; how many badges it got.

    `upload`: Slack is to have the pictures, since it cannot fetch them from us. Who may award a
    private badge is left open, which means badge admins.
    """
    settings.lock(session, workspace_id=workspace_id)  # for who just does the same
    if badges.count(session, workspace_id=workspace_id):
        return 0
    keys: list[str] = []
    for position, starter in enumerate(starters):
        image_id = None
        if starter.picture:
            content = (ASSETS / starter.picture).read_bytes()
            image_id = badges.add_image(session, workspace_id=workspace_id, content=content)
        badge = badges.add(
            session,
            workspace_id=workspace_id,
            values=values_of(starter, image_id),
            active=starter.active,
            position=position,
            now=now,
        )
        keys += [f"card:{badge.version_id}"] + ([f"tile:{badge.version_id}"] if upload else [])
    files.enqueue_uploads(session, workspace_id=workspace_id, keys=keys, now=now)
    audit.note(
        session,
        workspace_id=workspace_id,
        action="catalogue.imported",
        subject="starters",
        detail=json.dumps({"new": len(starters)}),
        now=now,
    )
    return len(starters)
