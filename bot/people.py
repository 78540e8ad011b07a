"""The directory: who is in the Slack workspace, kept in step with Slack.

Everyone is read once a day, in pages, by one process at a time; changes in between come as events;
someone not known yet is looked up when they are first needed.
"""

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from bot import one_person
from bot.deps import Deps, WorkspaceRef
from bot.errors import BadRequestError
from bot.organisation import teams_of
from bot.parsing import shows, typed
from bot.permissions import groups_that_matter
from bot.privacy import erasing
from bot.turns import LONGEST_WAIT, Turn, turn
from storage import badges, people, settings, statistics, user_groups
from storage.database import Database
from storage.people import PersonRow, Profile

_log = logging.getLogger(__name__)

_MOST_SECONDS = 2**53  # no date, and still what a database can hold
PAGE = 200  # https://docs.slack.dev/apis/web-api/pagination recommends no more
OFTEN_ENOUGH = timedelta(days=1)
_TURN_KEY = "people.turn"
_CURSOR_KEY = "people.cursor"
_SYNCED_KEY = "people.synced_at"
_UNKNOWN = frozenset({"user_not_found", "user_not_visible", "users_not_found"})

T = TypeVar("T")
Pause = Callable[[float], bool]  # waits so many seconds; True: stop instead

A_FEW = 100  # people are looked up one by one; for more, everyone is read
LONGEST_REST = 60.0  # seconds that Slack may ask for in all while a few are looked up


def wait(seconds: float) -> bool:
    """Wait, and go on."""
    time.sleep(seconds)
    return False


def profile_of(user: Mapping[str, Any], *, team_id: str = "", enterprise_id: str = "") -> Profile:
    """What Slack's user object says of a person: https://docs.slack.dev/reference/objects/user-object

    Somebody of another organisation, met in a shared channel, is a stranger, and none of the active.
    """
    bot = bool(user.get("is_bot") or user.get("is_workflow_bot") or user["id"] == "USLACKBOT")
    profile = user.get("profile") or {}
    called = (
        profile.get("display_name"),
        profile.get("real_name"),
        user.get("real_name"),
        user.get("name"),
    )
    elsewhere = bool(user.get("is_stranger")) or _is_elsewhere(user, bot, team_id, enterprise_id)
    gone = bool(user.get("deleted", False))
    return Profile(
        slack_id=str(user["id"]),
        # Marks that nobody sees could turn around what stands beside a name.
        name=next(filter(shows, (typed(str(one or "")) for one in called)), str(user["id"])),
        timezone=user.get("tz") or None,
        locale=user.get("locale") or None,
        # An address from elsewhere may be anybody's, one of our own people's included.
        email=None if elsewhere else profile.get("email") or None,
        active=not gone and not elsewhere,
        guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        bot=bot,
        slack_admin=bool(
            user.get("is_admin") or user.get("is_owner") or user.get("is_primary_owner")
        ),
        stranger=elsewhere and not gone,
        updated=_seconds(user.get("updated")),
    )


def _seconds(said: object) -> int:
    return int(said) if isinstance(said, int | float) and 0 < said < _MOST_SECONDS else 0


def _is_elsewhere(user: Mapping[str, Any], bot: bool, team_id: str, enterprise_id: str) -> bool:
    """Whether somebody is of neither this workspace nor, without one, this organisation."""
    of_organisation = user.get("enterprise_user") or {}
    if team_id:
        home = user.get("team_id") or team_id
        return home != team_id and team_id not in (of_organisation.get("teams") or ())
    # Its own people all say so; `is_stranger` is false for whoever is in a channel with us.
    return bool(enterprise_id) and not bot and of_organisation.get("enterprise_id") != enterprise_id


def _profile_in(workspace: WorkspaceRef, user: Mapping[str, Any]) -> Profile:
    return profile_of(user, team_id=workspace.team_id, enterprise_id=workspace.enterprise_id)


def hear(deps: Deps, workspace: WorkspaceRef, user: Mapping[str, Any]) -> bool:
    """Keep what Slack says of somebody by itself; False: it comes late, after something newer."""
    said = [_profile_in(workspace, user)]
    return bool(save(deps.database, workspace, said, now=deps.clock()))


def save(
    database: Database,
    workspace: WorkspaceRef,
    profiles: Sequence[Profile],
    *,
    now: datetime,
    asked: datetime | None = None,
) -> list[PersonRow]:
    """Create or bring up to date these people; who was kept as two so far becomes one.

    Who was erased stays so, unless they are back in Slack. `asked`: when Slack was asked for them; who
    has changed since stays as they are. None: it told of them by itself, and what comes late is left out.
    """

    def work(session: Connection) -> list[PersonRow]:
        kept = erasing.without_erased(session, workspace, profiles)
        news = people.news(session, workspace_id=workspace.id, profiles=kept, asked=asked)
        saved: list[PersonRow] = []
        if news:
            one_person.unite(session, workspace=workspace, profiles=news, now=now)
            saved = people.save_profiles(session, workspace_id=workspace.id, profiles=news, now=now)
        if asked is None or len(news) == len(kept):
            return saved
        others = {profile.slack_id for profile in kept} - {row.slack_id for row in saved}
        known = people.by_slack_ids(session, workspace_id=workspace.id, slack_ids=others)
        return [*saved, *known.values()]

    try:
        return database.write(work)
    except IntegrityError:
        # Somebody else has just met one of them: now they are known, and only brought up to date.
        return database.write(work)


def sync(deps: Deps, workspace: WorkspaceRef, *, pause: Pause) -> int | None:
    """Read everyone from Slack, resuming where an earlier run was broken off; how many those were.

    None: another process is at it. Holds one page of people at a time. Raises what slack_sdk raises,
    except for 429, which is waited for.
    """
    with turn(deps, workspace, _TURN_KEY) as ours:
        return None if ours is None else _sync(deps, workspace, ours, pause)


def _sync(deps: Deps, workspace: WorkspaceRef, ours: Turn, pause: Pause) -> int:
    client = deps.slack(workspace)
    teams = _patiently(lambda: teams_of(client, workspace), pause)
    if teams is None:
        return 0
    team, cursor = _place(deps, workspace, teams)
    waiting = [one for one in teams if one >= team]
    count = 0
    while waiting:
        asked = deps.clock()
        page = _page(client, waiting[0], cursor, pause)
        if page is None or not ours.keep():
            return count
        users = [user for user in page["members"] if _first_of(teams, user) in ("", waiting[0])]
        if users:
            profiles = [_profile_in(workspace, user) for user in users]
            save(deps.database, workspace, profiles, now=deps.clock(), asked=asked)
        count += len(users)
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            waiting.pop(0)
        if waiting:
            _note_progress(deps, workspace, f"{waiting[0]} {cursor}".lstrip())
    _note_progress(deps, workspace, "")
    deps.database.write(statistics.refresh)
    _log.info("people synced", extra={"people": count})
    return count


def _place(deps: Deps, workspace: WorkspaceRef, teams: Sequence[str]) -> tuple[str, str]:
    """The team and the cursor with which to go on, "" for the beginning."""
    kept = deps.database.read(
        lambda session: settings.get(session, workspace_id=workspace.id, key=_CURSOR_KEY)
    )
    team, _, cursor = (kept or "").rpartition(" ")
    return (team, cursor) if team in teams else ("", "")


def _first_of(teams: Sequence[str], user: Mapping[str, Any]) -> str:
    """The first of these teams that somebody is of: of several, each tells of them."""
    theirs = (user.get("enterprise_user") or {}).get("teams") or ()
    return next((team for team in teams if team in theirs), "")


def is_due(deps: Deps, workspace: WorkspaceRef) -> bool:
    """Whether the last complete reading is older than a day, or there was none."""
    last = deps.database.read(
        lambda session: settings.get(session, workspace_id=workspace.id, key=_SYNCED_KEY)
    )
    return last is None or datetime.fromisoformat(last) + OFTEN_ENOUGH <= deps.clock()


def _page(client: WebClient, team: str, cursor: str, pause: Pause) -> dict[str, Any] | None:
    """One page of everyone; None: told to stop while waiting for Slack's leave."""

    def read(cursor: str) -> dict[str, Any] | None:
        return _patiently(
            lambda: (
                client.users_list(
                    limit=PAGE, cursor=cursor, include_locale=True, team_id=team or None
                ).data
            ),  # type: ignore[return-value]
            pause,
        )

    try:
        return read(cursor)
    except SlackApiError as problem:
        if problem.response["error"] != "invalid_cursor" or not cursor:
            raise
        return read("")  # it was kept too long: from the beginning


def _patiently(request: Callable[[], T], pause: Pause) -> T | None:
    """What Slack answers once it gives leave; None: told to stop while waiting for that."""
    while True:
        try:
            return request()
        except SlackApiError as problem:
            if problem.response.status_code != 429:
                raise
            # Others are not kept waiting: a very long one is left to the next run.
            wait = float(problem.response.headers.get("Retry-After", 30))
            if wait > LONGEST_WAIT.total_seconds() or pause(wait):
                return None


def _note_progress(deps: Deps, workspace: WorkspaceRef, place: str) -> None:
    now = deps.clock()
    key, value = (_CURSOR_KEY, place) if place else (_SYNCED_KEY, now.isoformat())

    def write(session: Any) -> None:
        settings.put(session, workspace_id=workspace.id, key=key, value=value, now=now)
        if not place:
            settings.remove(session, workspace_id=workspace.id, key=_CURSOR_KEY)

    deps.database.write(write)


def look_up(
    deps: Deps, workspace: WorkspaceRef, slack_ids: Collection[str], *, pause: Pause = wait
) -> list[PersonRow]:
    """Ask Slack who these users are, and keep them; whom Slack does not know is left out.

    One call each, so for a few; where Slack wants a rest, it gets one. Raises what slack_sdk raises.
    """
    client = deps.slack(workspace)
    asked = deps.clock()
    profiles = []
    rested = 0.0
    waiting = sorted(set(slack_ids), reverse=True)
    while waiting:
        try:
            said = client.users_info(user=waiting[-1], include_locale=True)
        except SlackApiError as problem:
            if problem.response["error"] not in _UNKNOWN:
                rest = float(problem.response.headers.get("Retry-After", 30))
                rested += rest
                if problem.response.status_code != 429 or rested > LONGEST_REST or pause(rest):
                    raise
                continue
        else:
            profiles.append(_profile_in(workspace, said["user"]))
        waiting.pop()
    if not profiles:
        return []
    return save(deps.database, workspace, profiles, now=deps.clock(), asked=asked)


def look_up_groups(
    deps: Deps,
    workspace: WorkspaceRef,
    group_ids: Collection[str],
    *,
    most: int | None = None,
    pause: Pause = wait,
) -> None:
    """Ask Slack for the members of these user groups, and keep them; an unknown group has none.

    Raises BadRequestError for more than `most` members of them all, before anybody is looked up.
    """
    client = deps.slack(workspace)
    teams = teams_of(client, workspace)
    members = {one: _members(client, teams, one) for one in sorted(set(group_ids))}
    everyone = frozenset().union(*members.values())
    if most is not None and len(everyone) > most:
        which = "That group has" if len(members) == 1 else "Those groups have"
        raise BadRequestError(
            f"{which} {len(everyone):,} people, and that is too many at once."
            " Nothing was awarded; please name fewer."
        )
    known = _known(deps, workspace, everyone)
    if len(everyone - set(known)) > A_FEW:
        # Slack lists people two hundred at a time.
        sync(deps, workspace, pause=pause)
        known = _known(deps, workspace, everyone)
    if missing := everyone - set(known):
        known |= {row.slack_id: row for row in look_up(deps, workspace, missing, pause=pause)}

    def write(session: Connection) -> None:
        for group_id, slack_ids in members.items():
            ids = {known[one].id for one in slack_ids if one in known}
            user_groups.save(session, workspace_id=workspace.id, group_id=group_id, members=ids)

    deps.database.write(write)


def _members(client: WebClient, teams: Sequence[str], group_id: str) -> frozenset[str]:
    found: set[str] = set()
    for team in teams:
        try:
            said = client.usergroups_users_list(usergroup=group_id, team_id=team or None)
        except SlackApiError as problem:
            if problem.response["error"] not in ("no_such_subteam", "subteam_not_found"):
                raise
        else:
            found.update(said["users"])
    return frozenset(found)


def _known(deps: Deps, workspace: WorkspaceRef, slack_ids: Collection[str]) -> dict[str, PersonRow]:
    return deps.database.read(
        lambda session: people.by_slack_ids(session, workspace_id=workspace.id, slack_ids=slack_ids)
    )


def ask_slack(
    deps: Deps,
    workspace: WorkspaceRef,
    *,
    people: Collection[str] = (),
    groups: Collection[str] = (),
    most: int | None = None,
) -> None:
    """Ask Slack about people and user groups that a command named and Laurel does not know yet.

    Raises BadRequestError for groups of more than `most` members, before anybody is looked up.
    """
    if groups:
        look_up_groups(deps, workspace, groups, most=most)
    if people:
        look_up(deps, workspace, people)


def watched_groups(deps: Deps, workspace: WorkspaceRef) -> frozenset[str]:
    """The user groups that decide who may award, for the workspace or for a badge."""

    def read(session: Connection) -> frozenset[str]:
        catalogue = badges.catalogue(session, workspace_id=workspace.id)
        return groups_that_matter(
            [badge.awarders for badge in catalogue], deps.settings_in(session, workspace)
        )

    return deps.database.read(read)
