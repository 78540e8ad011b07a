"""The buttons and menus of `/badges` answers: turn a page, share, hide. Who clicks is who looks."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from slack_bolt import Ack, BoltContext
from sqlalchemy import Connection

from bot import catalogue, profiles
from bot.answers import Answer, badge_answer, catalogue_answer, history_answer, profile_answer
from bot.deps import Deps, WorkspaceRef
from bot.errors import BadRequestError, NotFoundError
from bot.listeners import Listeners
from bot.messages import catalog, profile
from bot.messages.blocks import Block
from bot.profiles import Profile, Reader
from bot.showing import share, show_instead
from storage import settings
from storage.types import new_id

_SHARED = "shared:"
_SHARED_AGAIN = timedelta(minutes=1)  # a second click before that is one too many

Turn = Callable[[Connection, Deps, WorkspaceRef, Reader, str], Answer]


def register(on: Listeners, deps: Deps) -> None:
    """Every button and menu."""
    on.action(*_READING, *_WRITING)(_turned(deps))
    on.action(profile.PROFILE_SHARE)(_shared(deps))


def _turned(deps: Deps) -> Callable[..., None]:
    def turned(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext
    ) -> None:
        workspace: WorkspaceRef = context["workspace"]
        name = action["action_id"]
        value = str((action.get("selected_option") or action).get("value", ""))

        def work(session: Connection) -> Answer:
            reader = _reader(session, deps, workspace, body)
            turn = _READING.get(name) or _WRITING[name]
            return turn(session, deps, workspace, reader, value)

        answer = deps.database.write(work) if name in _WRITING else deps.database.read(work)
        ack()
        show_instead(deps, workspace, answer, body["response_url"], slack_id=body["user"]["id"])

    return turned


def _shared(deps: Deps) -> Callable[..., None]:
    def shared(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext
    ) -> None:
        workspace: WorkspaceRef = context["workspace"]
        owner_id = _id(action.get("value", ""))

        def work(session: Connection) -> tuple[Profile, Block | None, Reader]:
            # What is shared is what everyone may see, whoever shares it.
            reader = _reader(session, deps, workspace, body)
            public = profiles.profile_by_id(
                session,
                deps.pictures,
                workspace,
                owner_id=owner_id,
                reader=None,
                now=deps.clock(),
            )
            if not public.lines:
                raise NotFoundError(
                    "Nothing on this profile is for everyone, so nothing was shared."
                )
            _share_once(session, workspace, body, deps.clock())
            return public, deps.pictures.case_file(session, workspace, public.case), reader

        public, picture, reader = deps.database.write(work)
        ack()
        share(deps, workspace, public, picture, reader.person, body["response_url"])

    return shared


def _share_once(
    session: Connection, workspace: WorkspaceRef, body: dict[str, Any], now: datetime
) -> None:
    """Note that what this message shows is shared. Raises BadRequestError where it just was."""
    shown = (body.get("container") or {}).get("message_ts") or body["trigger_id"]
    settings.clear_turns(session, workspace_id=workspace.id, prefix=_SHARED, now=now)
    first = settings.take_turn(
        session,
        workspace_id=workspace.id,
        key=f"{_SHARED}{body['channel']['id']}:{shown}",
        holder=new_id(now).hex,
        now=now,
        until=now + _SHARED_AGAIN,
    )
    if not first:
        raise BadRequestError("It’s shared here already. In a minute you can share it again.")


def _profile(
    session: Connection, deps: Deps, workspace: WorkspaceRef, reader: Reader, value: str
) -> Answer:
    owner, _, page = value.partition(":")
    shown = profiles.profile_by_id(
        session,
        deps.pictures,
        workspace,
        owner_id=_id(owner),
        reader=reader,
        now=deps.clock(),
        page=_number(page),
    )
    return profile_answer(session, deps, workspace, shown)


def _history(
    session: Connection, deps: Deps, workspace: WorkspaceRef, reader: Reader, value: str
) -> Answer:
    return history_answer(session, deps, workspace, owner=reader.person, page=_number(value))


def _hide(
    session: Connection, deps: Deps, workspace: WorkspaceRef, reader: Reader, value: str
) -> Answer:
    return _set_hidden(session, deps, workspace, reader, value, hidden=True)


def _unhide(
    session: Connection, deps: Deps, workspace: WorkspaceRef, reader: Reader, value: str
) -> Answer:
    return _set_hidden(session, deps, workspace, reader, value, hidden=False)


def _set_hidden(
    session: Connection,
    deps: Deps,
    workspace: WorkspaceRef,
    reader: Reader,
    value: str,
    *,
    hidden: bool,
) -> Answer:
    code, _, page = value.partition(":")
    profiles.set_hidden(
        session, workspace, reader=reader, code=code, hidden=hidden, now=deps.clock()
    )
    return history_answer(session, deps, workspace, owner=reader.person, page=_number(page))


def _catalogue(
    session: Connection, deps: Deps, workspace: WorkspaceRef, reader: Reader, value: str
) -> Answer:
    return catalogue_answer(session, deps, workspace, reader=reader, page=_number(value))


def _category(
    session: Connection, deps: Deps, workspace: WorkspaceRef, reader: Reader, value: str
) -> Answer:
    return catalogue_answer(session, deps, workspace, reader=reader, beginning_with=_id(value))


def _holders(
    session: Connection, deps: Deps, workspace: WorkspaceRef, reader: Reader, value: str
) -> Answer:
    badge_id, _, page = value.partition(":")
    badge = catalogue.badge_by_id(
        session,
        workspace,
        deps.settings_in(session, workspace),
        reader=reader,
        badge_id=_id(badge_id),
        now=deps.clock(),
    )
    return badge_answer(session, deps, workspace, reader=reader, badge=badge, page=_number(page))


_READING: dict[str, Turn] = {
    **dict.fromkeys(profile.PROFILE_TURNS, _profile),
    **dict.fromkeys(profile.HISTORY_TURNS, _history),
    **dict.fromkeys(catalog.CATALOGUE_TURNS, _catalogue),
    catalog.CATALOGUE_CATEGORY: _category,
    **dict.fromkeys(catalog.HOLDERS_TURNS, _holders),
}
_WRITING: dict[str, Turn] = {profile.AWARD_HIDE: _hide, profile.AWARD_UNHIDE: _unhide}


def _reader(
    session: Connection, deps: Deps, workspace: WorkspaceRef, body: dict[str, Any]
) -> Reader:
    return profiles.reader_of(
        session, workspace, deps.settings_in(session, workspace), body["user"]["id"], asked=True
    )


def _id(value: str) -> UUID:
    try:
        return UUID(hex=value)
    except ValueError:
        raise BadRequestError(
            "That button is no use any more. Please type the command again."
        ) from None


def _number(value: str) -> int:
    return int(value) if value.isdecimal() and len(value) < 8 else 1
