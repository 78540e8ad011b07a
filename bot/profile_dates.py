"""Start dates from Slack profiles: Atlas’s `start_date`, or a custom field that has the right label.

Slack tells of them a person at a time, so a whole company would take hours. They are taken from what
Slack sends of itself (`user_change`), asked for when somebody wants to know, and read at night, slowly,
going on where the night before left off.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy import Connection

from bot import policies, profiles, start_dates
from bot.deps import Deps, WorkspaceRef
from bot.errors import BadRequestError
from bot.hr_file.dates import Unreadable, read_date
from bot.messages.service import found_message
from bot.service import Source
from bot.showing import send
from bot.start_dates import Known
from bot.turns import LONGEST_WAIT, Turn, turn
from storage import directory, people, settings

_log = logging.getLogger(__name__)

FIELD_KEY = "start_date_field"  # the setting that holds the label, unless the environment says it
OFTEN_ENOUGH = timedelta(days=7)
PACE = 1.0  # seconds between two calls: Slack allows about a hundred a minute
NIGHT = timedelta(hours=3)
_IN_VAIN = 50  # profiles without any start date: there is no Atlas here
_PAGE = 200
_TURN_KEY, _CURSOR_KEY, _READ_KEY = "profiles.turn", "profiles.cursor", "profiles.read_at"
_ID_KEY = "start_date_field.id"
_UNKNOWN = frozenset({"user_not_found", "user_not_visible"})
_CLOSED = frozenset({"missing_scope", "not_allowed_token_type", "no_permission"})

Pause = Callable[[float], bool]  # waits so many seconds; True: stop instead


def dates_in(profile: Mapping[str, Any], field_id: str) -> dict[Source, date]:
    """The start dates that a Slack profile holds, by where in it; what is unclear is left out."""
    fields = profile.get("fields") or {}
    said = {
        "slack": profile.get("start_date"),
        "field": (fields.get(field_id) or {}).get("value") if isinstance(fields, dict) else None,
    }
    found: dict[Source, date] = {}
    for source, written in said.items():
        day = read_date(str(written).strip()) if written else None
        if isinstance(day, Unreadable):
            _log.info("start date not clear", extra={"source": source})
        elif day is not None:
            found[source] = day  # type: ignore[index]
    return found


def hear(deps: Deps, workspace: WorkspaceRef, user: Mapping[str, Any]) -> None:
    """Take the start date from what Slack sent of somebody, if it is in there."""
    profile = user.get("profile") or {}
    if not profile.get("start_date") and not profile.get("fields"):
        return
    field_id = deps.database.read(lambda session: _known_field(session, deps, workspace))
    _take(deps, workspace, str(user["id"]), profile, field_id)


def ask(deps: Deps, workspace: WorkspaceRef, slack_id: str) -> bool:
    """Ask Slack for somebody’s profile and take the start date from it; whether anything changed.

    Raises what slack_sdk raises.
    """
    client = deps.slack(workspace)
    field_id = _field(deps, workspace, client)
    profile = client.users_profile_get(user=slack_id)["profile"]
    return _take(deps, workspace, slack_id, profile, field_id)


def ask_later(deps: Deps, workspace: WorkspaceRef, known: Known, response_url: str) -> None:
    """Once the answer has left: look into the Slack profile too, and say so if it tells more."""
    owner, asker = known.owner, known.reader.person.slack_id

    def look() -> None:
        try:
            changed = ask(deps, workspace, owner.slack_id)
        except SlackApiError as problem:
            _log.info("profile not read", extra={"error": problem.response.get("error")})
            return
        if not changed:
            return
        found = found_message(deps.database.read(read))
        send(deps, workspace, found, response_url, replace=False, slack_id=asker)

    def read(session: Connection) -> Known:
        settings = deps.settings_in(session, workspace)
        # Since they asked, somebody may have taken from them what let them know.
        reader = profiles.reader_of(session, workspace, settings, asker, asked=True)
        return start_dates.known(
            session, workspace, settings, reader=reader, owner=owner, now=deps.clock()
        )

    if owner.slack_id and owner.active:
        deps.after_acknowledgement(look)


def read_on(deps: Deps, workspace: WorkspaceRef, *, pause: Pause) -> int:
    """Read profiles for a part of the night, from where the last one ended; how many were asked for.

    One process at a time. Ends early where Slack does not let us, or nobody has a start date there.
    """
    if not _is_due(deps, workspace):
        return 0
    with turn(deps, workspace, _TURN_KEY) as ours:
        if ours is None:
            return 0
        try:
            return _read_on(deps, workspace, ours, pause)
        except SlackApiError as problem:
            if problem.response.get("error") not in _CLOSED:
                raise
            _log.info("profiles are not ours to read", extra={"error": problem.response["error"]})
            return 0


def _read_on(deps: Deps, workspace: WorkspaceRef, ours: Turn, pause: Pause) -> int:
    client, end = deps.slack(workspace), deps.clock() + NIGHT
    field_id = _field(deps, workspace, client)
    asked = found = 0
    while deps.clock() < end:
        page = deps.database.read(lambda session: _page(session, workspace, bool(field_id)))
        if not page:
            _note(deps, workspace, None)
            _log.info("profiles read", extra={"asked": asked, "changed": found})
            return asked
        for person_id, slack_id in page:
            profile = _profile(client, slack_id, pause)
            if profile is None or pause(PACE) or not ours.keep():
                return asked
            asked += 1
            found += bool(dates_in(profile, field_id))
            _take(deps, workspace, slack_id, profile, field_id)
            _note(deps, workspace, person_id)
            if asked >= _IN_VAIN and not found and not field_id:
                _log.info("no start dates in Slack profiles", extra={"asked": asked})
                return asked
    return asked


def _profile(client: WebClient, slack_id: str, pause: Pause) -> Mapping[str, Any] | None:
    """One profile, {} for someone Slack does not know; None: told to stop while waiting."""
    while True:
        try:
            return client.users_profile_get(user=slack_id)["profile"]  # type: ignore[no-any-return]
        except SlackApiError as problem:
            if problem.response.get("error") in _UNKNOWN:
                return {}
            if problem.response.status_code != 429:
                raise
            wait = float(problem.response.headers.get("Retry-After", 30))
            if wait > LONGEST_WAIT.total_seconds() or pause(wait):
                return None


def _take(
    deps: Deps,
    workspace: WorkspaceRef,
    slack_id: str,
    profile: Mapping[str, Any],
    field_id: str,
) -> bool:
    """Keep the most trusted of a profile’s start dates; whether that changed anything."""
    dates = dates_in(profile, field_id)
    if not dates:
        return False

    def keep(session: Connection) -> bool:
        owner = people.by_slack_id(session, workspace_id=workspace.id, slack_id=slack_id)
        if owner is None or owner.bot or not owner.active:
            return False
        order = policies.load(session, workspace_id=workspace.id).sources
        source = min(dates, key=order.index)
        outcome = start_dates.say(
            session,
            workspace,
            deps.settings_in(session, workspace),
            owner=owner,
            start=dates[source],
            source=source,
            now=deps.clock(),
        )
        return outcome in ("new", "changed")

    try:
        return deps.database.write(keep)
    except BadRequestError:
        # Someone who begins next month is read again then.
        _log.info("start date not taken", extra={"why": "it is yet to come, or cannot be"})
        return False


def _label(session: Connection, deps: Deps, workspace: WorkspaceRef) -> str:
    own = deps.settings.start_date_field
    return own or settings.get(session, workspace_id=workspace.id, key=FIELD_KEY) or ""


def _known_field(session: Connection, deps: Deps, workspace: WorkspaceRef) -> str:
    """The id of the profile field, if its label was looked up before; else ""."""
    label = _label(session, deps, workspace)
    kept = settings.get(session, workspace_id=workspace.id, key=_ID_KEY) if label else None
    if not kept:
        return ""
    of_label, field_id = json.loads(kept)
    return str(field_id) if of_label == label else ""


def _field(deps: Deps, workspace: WorkspaceRef, client: WebClient) -> str:
    """The id of the profile field with the right label; "" where none is wanted or there is none."""
    label, known = deps.database.read(
        lambda session: (
            _label(session, deps, workspace),
            _known_field(session, deps, workspace),
        )
    )
    if not label or known:
        return known
    fields: Sequence[Mapping[str, Any]] = client.team_profile_get()["profile"]["fields"]
    wanted = label.strip().casefold()
    found = [str(one["id"]) for one in fields if str(one["label"]).strip().casefold() == wanted]
    if not found:
        _log.warning("no profile field has this label", extra={"label": label})
        return ""
    value = json.dumps([label, found[0]])
    deps.database.write(
        partial(settings.put, workspace_id=workspace.id, key=_ID_KEY, value=value, now=deps.clock())
    )
    return found[0]


def _page(session: Connection, workspace: WorkspaceRef, field: bool) -> list[tuple[UUID, str]]:
    """The next people whose start date Slack could tell better than what is known."""
    order = policies.load(session, workspace_id=workspace.id).sources
    best = min(order.index("slack"), order.index("field") if field else len(order))
    kept = settings.get(session, workspace_id=workspace.id, key=_CURSOR_KEY)
    return directory.unsettled(
        session,
        workspace_id=workspace.id,
        trusted=order[:best],
        after_id=UUID(kept) if kept else None,
        limit=_PAGE,
    )


def _is_due(deps: Deps, workspace: WorkspaceRef) -> bool:
    last = deps.database.read(
        lambda session: settings.get(session, workspace_id=workspace.id, key=_READ_KEY)
    )
    return last is None or datetime.fromisoformat(last) + OFTEN_ENOUGH <= deps.clock()


def _note(deps: Deps, workspace: WorkspaceRef, person_id: UUID | None) -> None:
    """Note how far it came; None: everybody was asked for."""
    now = deps.clock()

    def write(session: Connection) -> None:
        if person_id is not None:
            settings.put(
                session, workspace_id=workspace.id, key=_CURSOR_KEY, value=str(person_id), now=now
            )
            return
        settings.remove(session, workspace_id=workspace.id, key=_CURSOR_KEY)
        settings.put(
            session, workspace_id=workspace.id, key=_READ_KEY, value=now.isoformat(), now=now
        )

    deps.database.write(write)
