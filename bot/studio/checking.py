"""Every field of a badge's form, checked against the catalogue: what the badge is to be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from bot.artwork import Design
from bot.deps import WorkspaceRef
from bot.errors import NotFoundError
from bot.grants import Limit
from bot.messages.text import named, one_line, timezone_of
from bot.parsing import badge_key, names_a_badge, typed
from bot.profiles import Reader
from bot.studio import draft as fields
from bot.studio.draft import Draft, grant_of
from bot.studio.slugs import checked, slug_from
from storage import badges, editing
from storage.badges import BadgeRow, BadgeValues

_MOST_MONTHS = 600
GONE = "That badge is not there any more. Please open the Studio again."


@dataclass(frozen=True)
class Form:
    """What a form was opened for; kept in the view and never trusted.

    `badge_id`: the badge to change, None: a new one; `source`: the one that it is a copy of; `seen`:
    the fingerprint of the badge that was shown.
    """

    badge_id: UUID | None = None
    source: UUID | None = None
    seen: str = ""
    slug_is_free: bool = True  # nobody was awarded it, so that its slug can still change
    tries: int = 0  # how often its picture was refused: then another is to be chosen


class FieldErrors(Exception):  # noqa: N818 - the person is told, the program is fine
    """What is wrong in a form: a sentence by field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


def badge_of(session: Connection, workspace: WorkspaceRef, badge_id: UUID) -> BadgeRow:
    """A badge of this workspace. Raises NotFoundError."""
    found = badges.by_ids(session, workspace_id=workspace.id, ids=[badge_id])
    if badge_id not in found:
        raise NotFoundError(GONE)
    return found[badge_id]


def values_of(
    session: Connection,
    workspace: WorkspaceRef,
    reader: Reader,
    form: Form,
    draft: Draft,
    before: BadgeRow | None,
    *,
    image_id: str | None,
    now: datetime,
) -> BadgeValues:
    """What the form says the badge is to be. Raises FieldErrors with all that is wrong."""
    errors: dict[str, str] = {}
    name = _words(draft.name, before.name if before else "", one_line)
    if not names_a_badge(name):
        errors[fields.NAME] = "A badge needs a name that people can type."
    elif twin := _new_namesake(session, workspace, badge_key(name), before):
        errors[fields.NAME] = (
            f"There is a badge called {named(twin.name)} already ({twin.slug}). Please choose another name."
        )
    slug = _slug(session, workspace, draft, name, before, errors)
    picture = _picture(session, workspace, form, draft, before, image_id, errors)
    rules = _rules(draft, reader, before, now, errors)
    category = _category(session, workspace, draft)
    if errors:
        raise FieldErrors(errors)
    return BadgeValues(
        slug=slug,
        name=name,
        name_key=badge_key(name),
        description=_words(draft.description, before.description if before else ""),
        criteria=_words(draft.criteria, before.criteria if before else ""),
        category=category,
        kind="achievement" if draft.kind == fields.ACHIEVEMENT else "flair",
        repeats=draft.kind != fields.ONCE,
        private=draft.private,
        image_id=picture[0],
        design=picture[1],
        **rules,
    )


def _words(said: str, before: str, clean: Callable[[str], str] = lambda words: words) -> str:
    """What was typed, cleaned; what was not touched stays as it is, however long."""
    return before if said == before[: fields.MOST_TEXT] else clean(typed(said))


def _slug(
    session: Connection,
    workspace: WorkspaceRef,
    draft: Draft,
    name: str,
    before: BadgeRow | None,
    errors: dict[str, str],
) -> str:
    wanted = draft.slug.strip()
    if before is not None and wanted in ("", before.slug):
        return before.slug
    if not wanted:
        return _free_slug(session, workspace, slug_from(name))
    try:
        slug = checked(wanted)
    except ValueError as problem:
        errors[fields.SLUG] = str(problem)
        return wanted
    if before is not None and editing.is_awarded(
        session, workspace_id=workspace.id, badge_id=before.id
    ):
        errors[fields.SLUG] = (
            f"It has been awarded, so its slug stays {before.slug}: people know it by that."
        )
    found = badges.matching(session, workspace_id=workspace.id, keys=[slug])
    other = [badge for badge in found if before is None or badge.id != before.id]
    if any(badge.slug == slug for badge in other):
        errors[fields.SLUG] = f"{slug} is taken. Please choose another slug."
    elif any(badge.active for badge in other):
        errors[fields.SLUG] = f"There is a badge named {slug}. Please choose another slug."
    return slug


def _free_slug(session: Connection, workspace: WorkspaceRef, slug: str) -> str:
    """The slug, or with the first number that makes it one that is not taken."""
    tries = [slug, *(f"{slug[:55].rstrip('-')}-{number}" for number in range(2, 100))]
    found = badges.matching(session, workspace_id=workspace.id, keys=tries)
    taken = {badge.slug for badge in found} | {badge.name_key for badge in found}
    free = next((one for one in tries if one not in taken), None)
    if free is None:
        raise FieldErrors({fields.SLUG: f"{slug} is taken. Please choose a slug."})
    return free


def _new_namesake(
    session: Connection, workspace: WorkspaceRef, key: str, before: BadgeRow | None
) -> BadgeRow | None:
    """Another badge of the name that this one is to have, where it does not have it already."""
    if before is not None and before.name_key == key:
        return None
    return namesake(session, workspace, key, before.id if before else None)


def namesake(
    session: Connection, workspace: WorkspaceRef, key: str, but: UUID | None
) -> BadgeRow | None:
    found = badges.matching(session, workspace_id=workspace.id, keys=[key])
    return next((badge for badge in found if badge.active and badge.id != but), None)


def _picture(
    session: Connection,
    workspace: WorkspaceRef,
    form: Form,
    draft: Draft,
    before: BadgeRow | None,
    image_id: str | None,
    errors: dict[str, str],
) -> tuple[str | None, str | None]:
    """The id of the uploaded picture, and how it is drawn."""
    if draft.picture == fields.KEEP:
        shown = before
        if shown is None and form.source is not None:
            shown = badge_of(session, workspace, form.source)
        if shown is not None:
            return shown.image_id, shown.design
    if draft.picture == fields.UPLOAD:
        if not draft.file_id and image_id is None:
            errors[fields.FILE] = "Please choose a picture, or another way of making one above."
        return image_id, None
    if draft.picture == fields.DRAWN:
        try:
            design = Design.of(draft.shape, draft.background, draft.accent, draft.symbol)
        except ValueError as problem:
            errors[fields.SYMBOL] = str(problem)
        else:
            return None, str(design)
    return None, None


def _category(session: Connection, workspace: WorkspaceRef, draft: Draft) -> str:
    kind, text = draft.category[:1], draft.category[1:]
    if kind == "#":
        try:
            return badge_of(session, workspace, UUID(hex=text)).category
        except ValueError:
            return ""
    return one_line(typed(text))


def _rules(
    draft: Draft,
    reader: Reader,
    before: BadgeRow | None,
    now: datetime,
    errors: dict[str, str],
) -> dict[str, Any]:
    rules: dict[str, Any] = {
        "feed": draft.feed != fields.OFF,
        "feed_channel": None,
        "awarders": None,
        "recipient_limit": None,
        "giver_limit": None,
        "expiry": None,
    }
    if draft.feed == fields.ELSEWHERE:
        rules["feed_channel"] = draft.channel or None
        if not draft.channel:
            errors[fields.CHANNEL] = "Please choose the channel in which it is announced."
    try:
        rules["awarders"] = grant_of(draft)
    except ValueError as problem:
        errors[fields.PEOPLE] = str(problem)
    for field, said in (
        (fields.RECIPIENT_LIMIT, draft.recipient_limit),
        (fields.GIVER_LIMIT, draft.giver_limit),
    ):
        try:
            rules[field] = str(Limit.parse(said)) if said.strip() else None
        except ValueError as problem:
            errors[field] = str(problem)
    if draft.expiry == fields.AFTER:
        if not draft.months.isdecimal() or not 1 <= int(draft.months) <= _MOST_MONTHS:
            errors[fields.MONTHS] = f"Please write a number of months from 1 to {_MOST_MONTHS}."
        else:
            rules["expiry"] = f"{int(draft.months)}m"
    elif draft.expiry == fields.ON:
        today = now.astimezone(timezone_of(reader.person)).date()
        rules["expiry"] = _day(draft.date, today, before, errors)
    return rules


def _day(said: str, today: date, before: BadgeRow | None, errors: dict[str, str]) -> str | None:
    try:
        day = date.fromisoformat(said)
    except ValueError:
        errors[fields.DATE] = "Please choose the day on which it expires."
        return None
    if day <= today and (before is None or before.expiry != day.isoformat()):
        errors[fields.DATE] = "That day is over: please choose one that is still to come."
    return day.isoformat()
