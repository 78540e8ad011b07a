"""The starter catalogue: badges that a workspace begins with, and changes as it likes."""

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection

from bot.parsing import badge_key
from storage import badges, files

ASSETS = Path(__file__).parent.parent / "assets"


class StarterBadge(NamedTuple):
    """One entry of `assets/catalog.toml`; `picture` is a path within `assets`, or "" for none."""

    slug: str
    name: str
    description: str
    criteria: str
    category: str
    kind: str
    picture: str
    private: bool


def starter_badges(path: Path = ASSETS / "catalog.toml") -> list[StarterBadge]:
    """The badges of the starter catalogue, in its order."""
    with path.open("rb") as file:
        entries: list[dict[str, Any]] = tomllib.load(file)["badge"]
    return [
        StarterBadge(
            slug=entry["slug"],
            name=entry["name"],
            description=entry["description"],
            criteria=entry["criteria"],
            category=entry["category"],
            kind=entry["kind"],
            picture=entry.get("picture", ""),
            private=entry.get("visibility") == "private",
        )
        for entry in entries
    ]


def load_starters(
    session: Connection,
    *,
    workspace_id: int,
    starters: list[StarterBadge],
    now: datetime,
    upload: bool,
) -> int:
    """Give a workspace without badges the starter catalogue; how many badges it got.

    `upload`: Slack is to have the pictures, since it cannot fetch them from us. Who may award a
    private badge is left open, which means badge admins.
    """
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
            slug=starter.slug,
            name=starter.name,
            name_key=badge_key(starter.name),
            description=starter.description,
            criteria=starter.criteria,
            category=starter.category,
            kind=starter.kind,
            private=starter.private,
            position=position,
            image_id=image_id,
            now=now,
        )
        keys += [f"card:{badge.version_id}"] + ([f"tile:{badge.version_id}"] if upload else [])
    files.enqueue_uploads(session, workspace_id=workspace_id, keys=keys, now=now)
    return len(starters)
