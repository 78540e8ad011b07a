"""The catalogue out of the database as a file, and a file's badges into it: compared first, then written.

Badges are known by their slugs. What the file does not have is left as it is; a new version is made
only where what a badge says or looks like changes, so the same file again changes nothing.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from bot.catalogue_file import BadgeEntry, Catalogue
from bot.hr_file.problems import Findings
from bot.parsing import badge_key
from storage import audit, badges, editing, files
from storage.badges import BadgeRow, BadgeValues
from storage.database import Database

ACTION = "catalogue.imported"
PICTURES = "pictures"  # the folder of a file's pictures

Progress = Callable[[float], None]


class CatalogueChangedError(Exception):
    """What the import would change is not what was shown; nothing was written."""


class Pictures(NamedTuple):
    """A file's pictures made safe: the stored picture that each badge shows, and those still to store."""

    ids: Mapping[str, str]  # by slug
    new: Mapping[str, bytes]  # by id


class Change(NamedTuple):
    """A badge as it is (None: it is new) and as the file has it."""

    before: BadgeRow | None
    entry: BadgeEntry
    values: BadgeValues

    @property
    def fields(self) -> dict[str, tuple[Any, Any]]:
        """What of a known badge changes, by the file's keys: as it is, and as it is to be."""
        if self.before is None:
            return {}
        now = _entry(self.before)
        changed: dict[str, tuple[Any, Any]] = {
            key: (getattr(now, key), value)
            for key, value in self.entry._asdict().items()
            if key != "picture" and value != getattr(now, key)
        }
        if self.before.image_id != self.values.image_id:
            changed["picture"] = (now.picture or None, self.entry.picture or None)
        if "private" in changed:
            old, new = changed.pop("private")
            changed["visibility"] = (_visibility(old), _visibility(new))
        return changed


class Plan(NamedTuple):
    """What an import changes: new and changed badges in the file's order; how many stay as they are."""

    new: tuple[Change, ...]
    changed: tuple[Change, ...]
    unchanged: int
    left: tuple[str, ...]  # slugs that are not in the file

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        return not self.new and not self.changed

    @property
    def fingerprint(self) -> str:
        """Equal for plans that change the same things in the same way."""
        said = [
            [change.entry.slug, change.values, change.fields] for change in self.new + self.changed
        ]
        return hashlib.sha256(repr(said).encode()).hexdigest()


# -- out of the database ---------------------------------------------------------------------------


def exported(
    session: Connection, *, workspace_id: int
) -> tuple[tuple[BadgeEntry, ...], dict[str, bytes]]:
    """Every badge, in the catalogue's order, and the uploaded pictures by path."""
    rows = badges.catalogue(session, workspace_id=workspace_id)
    pictures: dict[str, bytes] = {}
    for row in rows:
        if row.image_id is not None:
            content = badges.image(session, workspace_id=workspace_id, image_id=row.image_id)
            if content is not None:
                pictures[_path(row)] = content
    return tuple(map(_entry, rows)), pictures


def _entry(row: BadgeRow) -> BadgeEntry:
    same = {
        key: getattr(row, key) for key in BadgeEntry._fields if key not in ("picture", "design")
    }
    # An uploaded picture is what shows, whatever was drawn before.
    if row.image_id is not None:
        return BadgeEntry(**same, picture=_path(row))
    return BadgeEntry(**same, design=row.design)


def _path(row: BadgeRow) -> str:
    return f"{PICTURES}/{row.slug}.png"


def _visibility(private: bool) -> str:
    return "private" if private else "public"


# -- into it ---------------------------------------------------------------------------------------


def prepared(
    database: Database,
    *,
    workspace_id: int,
    catalogue: Catalogue,
    progress: Progress = lambda _done: None,
) -> Pictures:
    """Read a file's pictures and make those safe that are not stored yet, outside of any transaction.

    Raises FileRefusedError with every picture that is not taken.
    """
    from bot.artwork import PictureRefusedError, safe

    rows = database.read(lambda session: badges.catalogue(session, workspace_id=workspace_id))
    stored = {row.image_id for row in rows}
    ids: dict[str, str] = {}
    new: dict[str, bytes] = {}
    findings = Findings()
    with_picture = [entry for entry in catalogue.entries if entry.picture]
    for done, entry in enumerate(with_picture):
        progress(done / len(with_picture))
        content = catalogue.picture(entry.picture)
        image_id = hashlib.sha256(content).hexdigest()
        if image_id not in stored:
            try:
                content = safe(content, fit="pad", name=entry.picture).original
            except PictureRefusedError as refused:
                findings.add(None, f"{entry.picture}, of badge {entry.slug}: {refused.sentence}")
                continue
            image_id = hashlib.sha256(content).hexdigest()
            if image_id not in stored:
                new[image_id] = content
        ids[entry.slug] = image_id
    findings.settle()
    return Pictures(ids, new)


def make_plan(
    session: Connection, *, workspace_id: int, catalogue: Catalogue, pictures: Pictures
) -> Plan:
    """What importing would change. Raises FileRefusedError where names would be ambiguous."""
    rows = badges.catalogue(session, workspace_id=workspace_id)
    by_slug = {row.slug: row for row in rows}
    changes = [
        Change(by_slug.get(entry.slug), entry, values_of(entry, pictures.ids.get(entry.slug)))
        for entry in catalogue.entries
    ]
    _check_names(rows, changes)
    new = tuple(change for change in changes if change.before is None)
    changed = tuple(change for change in changes if change.before is not None and change.fields)
    in_file = {entry.slug for entry in catalogue.entries}
    return Plan(
        new,
        changed,
        len(changes) - len(new) - len(changed),
        tuple(row.slug for row in rows if row.slug not in in_file),
    )


def values_of(entry: BadgeEntry, image_id: str | None) -> BadgeValues:
    """What an entry says of a badge that shows this picture."""
    said = entry._asdict()
    given = {key: said[key] for key in BadgeValues._fields if key in said}
    return BadgeValues(**given, name_key=badge_key(entry.name), image_id=image_id)


def _check_names(rows: list[BadgeRow], changes: list[Change]) -> None:
    """Two badges in use may not be called alike: what people type would name either."""
    in_file = {change.entry.slug for change in changes}
    others = {row.name_key: row for row in rows if row.active and row.slug not in in_file}
    findings = Findings()
    for change in changes:
        twin = others.get(change.values.name_key)
        if twin is not None and change.entry.active:
            findings.add(
                None,
                f"badge {change.entry.slug}: {twin.name} is already the name of {twin.slug}, which is"
                f" not in the file. Give it another name, or put {twin.slug} into the file, too.",
            )
    findings.settle()


def preview(
    database: Database, *, workspace_id: int, catalogue: Catalogue, pictures: Pictures
) -> Plan:
    """What importing a file would change; writes nothing. Raises FileRefusedError."""
    return database.read(
        lambda session: make_plan(
            session, workspace_id=workspace_id, catalogue=catalogue, pictures=pictures
        )
    )


def carry_out(
    database: Database,
    *,
    workspace_id: int,
    catalogue: Catalogue,
    pictures: Pictures,
    now: datetime,
    upload_tiles: bool,
    expected: str | None = None,
    actor_id: UUID | None = None,
) -> Plan:
    """Import a file in one transaction, and return what changed; `actor_id` None: the command line.

    `upload_tiles`: Slack cannot fetch pictures from us. Raises FileRefusedError, and
    CatalogueChangedError where the plan's fingerprint is not the expected one.
    """

    def work(session: Connection) -> Plan:
        plan = make_plan(session, workspace_id=workspace_id, catalogue=catalogue, pictures=pictures)
        if expected is not None and plan.fingerprint != expected:
            raise CatalogueChangedError
        if plan.is_empty:
            return plan
        after = _write(session, workspace_id, plan, pictures, now)
        kinds = ("card", "tile") if upload_tiles else ("card",)
        keys = [f"{kind}:{row.version_id}" for row in after for kind in kinds]
        files.enqueue_uploads(session, workspace_id=workspace_id, keys=keys, now=now)
        audit.note(
            session,
            workspace_id=workspace_id,
            action=ACTION,
            subject="catalogue",
            detail=json.dumps(_told(plan), ensure_ascii=False),
            now=now,
            actor_id=actor_id,
        )
        return plan

    return database.write(work)


def _write(
    session: Connection, workspace_id: int, plan: Plan, pictures: Pictures, now: datetime
) -> list[BadgeRow]:
    """Write the plan; the badges in their new versions."""
    needed = {change.values.image_id for change in plan.new + plan.changed}
    for image_id, content in pictures.new.items():
        if image_id in needed:
            badges.add_image(session, workspace_id=workspace_id, content=content)
    rows = badges.catalogue(session, workspace_id=workspace_id)
    last = max((row.position for row in rows), default=-1)
    after = [
        badges.add(
            session,
            workspace_id=workspace_id,
            values=change.values,
            active=change.entry.active,
            position=last + number,
            now=now,
        )
        for number, change in enumerate(plan.new, 1)
    ]
    for change in plan.changed:
        assert change.before is not None
        badge_id = change.before.id
        before = editing.locked(session, workspace_id=workspace_id, badge_id=badge_id)
        if before != change.before:
            raise CatalogueChangedError
        edited = editing.edit(
            session, workspace_id=workspace_id, before=before, values=change.values, now=now
        )
        if edited.active != change.entry.active:
            badges.set_active(
                session, workspace_id=workspace_id, badge_id=badge_id, active=change.entry.active
            )
        if edited.version_id != before.version_id:
            after.append(edited)
    return after


def _told(plan: Plan) -> dict[str, Any]:
    changed = {change.entry.slug: sorted(change.fields) for change in plan.changed}
    return {"new": [change.entry.slug for change in plan.new], "changed": changed}
