"""From a filled-in form to a badge: every field checked, everything written in one transaction."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from bot import deciding, profiles
from bot.deps import Deps, WorkspaceRef
from bot.errors import BadRequestError, NotFoundError
from bot.messages.text import named
from bot.permissions import require
from bot.profiles import Reader
from bot.requests import telling
from bot.studio import past as past_awards
from bot.studio.checking import GONE, Form, badge_of, namesake, values_of
from bot.studio.draft import Draft, fingerprint
from storage import audit, badges, editing, files, requests
from storage import settings as kept_settings
from storage.badges import VERSIONED, BadgeRow, BadgeValues
from storage.database import TransactionConflictError

if TYPE_CHECKING:
    from bot.artwork.uploads import SafePicture

_FORMS = UUID("5b0c7a52-2c0e-4d7f-9a39-7c1f0f6d2a11")  # names the badges that forms make


@dataclass(frozen=True)
class Saved:
    """A badge that was saved. `past_left`: some of its past awards are still to be changed."""

    badge: BadgeRow
    created: bool
    new_groups: frozenset[str] = frozenset()
    past: bool = False
    past_left: bool = False


def admin(session: Connection, deps: Deps, workspace: WorkspaceRef, slack_id: str) -> Reader:
    """Who that is, if the Studio is theirs still. Raises NotPermittedError."""
    settings = deps.settings_in(session, workspace)
    reader = profiles.reader_of(session, workspace, settings, slack_id, asked=True)
    require(reader.standing, "studio")
    return reader


def check(
    session: Connection,
    workspace: WorkspaceRef,
    reader: Reader,
    form: Form,
    draft: Draft,
    *,
    now: datetime,
) -> None:
    """Check everything but an uploaded picture. Raises FieldErrors and UserFacingError."""
    before = badge_of(session, workspace, form.badge_id) if form.badge_id else None
    values_of(session, workspace, reader, form, draft, before, image_id=None, now=now)


def save(
    session: Connection,
    deps: Deps,
    workspace: WorkspaceRef,
    slack_id: str,
    form: Form,
    draft: Draft,
    *,
    picture: "SafePicture | None" = None,
    view_id: str,
) -> Saved:
    """Make or change a badge as a form says. The same form again changes nothing more.

    Raises FieldErrors, NotPermittedError, NotFoundError, and BadRequestError where somebody else
    changed the badge since the form was opened.
    """
    now = deps.clock()
    reader = admin(session, deps, workspace, slack_id)
    new_id = uuid5(_FORMS, f"{workspace.id}:{view_id}")
    # Whoever chooses a name at the same time waits, and then sees this one.
    kept_settings.lock(session, workspace_id=workspace.id)
    before = editing.locked(session, workspace_id=workspace.id, badge_id=form.badge_id or new_id)
    if before is None and form.badge_id:
        raise NotFoundError(GONE)
    if before is not None and not form.badge_id:
        return Saved(before, created=True)  # by the same form, sent twice
    image_id = None
    if picture is not None:
        image_id = badges.add_image(session, workspace_id=workspace.id, content=picture.original)
    values = values_of(session, workspace, reader, form, draft, before, image_id=image_id, now=now)
    try:
        if before is None:
            after = badges.add(
                session, workspace_id=workspace.id, values=values, now=now, badge_id=new_id
            )
            _note(session, workspace, "badge.created", after, {"kind": after.kind}, reader, now)
        else:
            after = _edited(session, workspace, reader, form, before, values, now)
    except IntegrityError as problem:
        # On PostgreSQL two can be at it at once: whoever comes second looks again, and is told.
        raise TransactionConflictError("a badge of that slug was made meanwhile") from problem
    _have_pictures(session, deps, workspace, after, now)
    past = bool(draft.past and before)
    return Saved(
        after,
        created=before is None,
        new_groups=draft.named_groups if values.awarders not in (None, "admins") else frozenset(),
        past=past,
        past_left=past and _apply_to_past(session, workspace, reader, after, now),
    )


def _edited(
    session: Connection,
    workspace: WorkspaceRef,
    reader: Reader,
    form: Form,
    before: BadgeRow,
    values: BadgeValues,
    now: datetime,
) -> BadgeRow:
    if values == BadgeValues.of(before):
        return before
    if fingerprint(before) != form.seen:
        raise BadRequestError(
            f"Somebody changed {named(before.name)} while you had this open, so nothing was saved. Close"
            " this and open it again to see it as it is now."
        )
    after = editing.edit(session, workspace_id=workspace.id, before=before, values=values, now=now)
    if after.slug != before.slug:
        deciding.follow_badge(
            session,
            workspace_id=workspace.id,
            slug=before.slug,
            renamed=after.slug,
            now=now,
            actor_id=reader.person.id,
        )
    changed = [name for name in values._fields if getattr(values, name) != getattr(before, name)]
    plain = [name for name in changed if name not in (*VERSIONED, "name_key")]
    detail = {
        "changed": changed,
        "from": {name: getattr(before, name) for name in plain},
        "to": {name: getattr(values, name) for name in plain},
        "version": after.version_id.hex,
    }
    _note(session, workspace, "badge.edited", after, detail, reader, now)
    return after


def _apply_to_past(
    session: Connection,
    workspace: WorkspaceRef,
    reader: Reader,
    badge: BadgeRow,
    now: datetime,
) -> bool:
    """Change past awards; whether more of them are still to be changed."""
    changed, more = past_awards.begin(session, workspace, badge, now=now)
    if changed:
        detail = {"version": badge.version_id.hex}
        _note(session, workspace, "badge.applied_to_past", badge, detail, reader, now)
    return more


def set_active(
    session: Connection,
    deps: Deps,
    workspace: WorkspaceRef,
    slack_id: str,
    badge_id: UUID,
    *,
    active: bool,
) -> BadgeRow:
    """Retire a badge, or bring it back; twice is the same as once."""
    reader, now = admin(session, deps, workspace, slack_id), deps.clock()
    badge = editing.locked(session, workspace_id=workspace.id, badge_id=badge_id)
    if badge is None:
        raise NotFoundError(GONE)
    if badge.active != active:
        if active:
            twin = namesake(session, workspace, badge.name_key, badge.id)
            if twin:
                raise BadRequestError(
                    f"There is another badge called {named(twin.name)} now ({twin.slug}). Rename one of"
                    " them first, and then bring this one back."
                )
        badges.set_active(session, workspace_id=workspace.id, badge_id=badge_id, active=active)
        action = "badge.restored" if active else "badge.retired"
        _note(session, workspace, action, badge, {}, reader, now)
    return badge._replace(active=active)


def delete(
    session: Connection, deps: Deps, workspace: WorkspaceRef, slack_id: str, badge_id: UUID
) -> str:
    """Delete a badge that was never awarded, and return its name; "" where it is gone already.

    Raises BadRequestError for one that was awarded.
    """
    reader, now = admin(session, deps, workspace, slack_id), deps.clock()
    badge = editing.locked(session, workspace_id=workspace.id, badge_id=badge_id)
    if badge is None:
        return ""
    asked_for = requests.remove_of_badge(session, workspace_id=workspace.id, badge_id=badge_id)
    if not editing.delete_unawarded(session, workspace_id=workspace.id, badge_id=badge_id):
        raise BadRequestError(
            f"{named(badge.name)} was awarded before, so it stays. You can retire it: then nobody is given"
            " it any more."
        )
    telling.amend(session, workspace, asked_for, now)
    _note(session, workspace, "badge.deleted", badge, {"id": badge.id.hex}, reader, now)
    return badge.name


def _have_pictures(
    session: Connection, deps: Deps, workspace: WorkspaceRef, badge: BadgeRow, now: datetime
) -> None:
    """Slack is to have the card before the first post that shows it, and the tile where it cannot fetch it."""
    keys = [f"card:{badge.version_id}"]
    if not deps.pictures.has_addresses:
        keys.append(f"tile:{badge.version_id}")
    files.enqueue_uploads(session, workspace_id=workspace.id, keys=keys, now=now)


def _note(
    session: Connection,
    workspace: WorkspaceRef,
    action: str,
    badge: BadgeRow,
    detail: Mapping[str, Any],
    reader: Reader,
    now: datetime,
) -> None:
    audit.note(
        session,
        workspace_id=workspace.id,
        action=action,
        subject=badge.slug,
        detail=json.dumps(detail, ensure_ascii=False),
        now=now,
        actor_id=reader.person.id,
    )
