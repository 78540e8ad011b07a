"""What Slack sends, looked over at the door: of the form that Slack gives it, as far as Laurel reads.

A signature says who sent a request. It does not say that a view's private metadata, a button's value
or a field is as Laurel once wrote it, nor that everything a listener reads is there at all.
"""

import json
import logging
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from bot.errors import BadRequestError

_log = logging.getLogger(__name__)

_NO_TEXT = re.compile("[\x00\ud800-\udfff]")

OUT_OF_DATE = "That is no use any more. Please open it again, or type the command again."

# A shape is a type, a list of a shape, or names and what they hold: `?` may be missing or null,
# `*` is any name. What is not named may be anything.
Shape = type | list[Any] | dict[str, Any]

_CHOICE: dict[str, Any] = {"value": str}
_FIELD: dict[str, Any] = {
    "value?": str,
    "selected_option?": _CHOICE,
    "selected_options?": [_CHOICE],
    "selected_users?": [str],
    "selected_user?": str,
    "selected_date?": str,
    "selected_conversation?": str,
    "files?": [{"id": str, "name?": str}],
}
_BLOCK: dict[str, Any] = {
    "type": str,
    "block_id?": str,
    "element?": {"action_id?": str},
    "elements?": [{"action_id?": str, "value?": str}],
}
_VIEW: dict[str, Any] = {
    "id": str,
    "type?": str,
    "hash?": str,
    "callback_id?": str,
    "private_metadata?": str,
    "root_view_id?": str,
    "blocks": [_BLOCK],
    "state": {"values": {"*": {"*": _FIELD}}},
}
_PERSON: dict[str, Any] = {"id": str}
_ACTED: dict[str, Any] = {
    "user": _PERSON,
    "trigger_id?": str,
    "response_url?": str,
    "view?": _VIEW,
    "container?": {"channel_id?": str, "message_ts?": str},
    "message?": {"ts?": str, "blocks?": [_BLOCK]},
    "channel?": {"id": str, "name?": str},
}
_PROFILE: dict[str, Any] = {
    "display_name?": str,
    "real_name?": str,
    "email?": str,
    "start_date?": str,
}
_USER: dict[str, Any] = {
    "id": str,
    "team_id?": str,
    "name?": str,
    "real_name?": str,
    "tz?": str,
    "locale?": str,
    "profile?": _PROFILE,
    "enterprise_user?": {"enterprise_id?": str, "teams?": [str]},
}
_EVENTS: Mapping[str, Shape] = {
    "user_change": {"user": _USER},
    "team_join": {"user": _USER},
    "app_home_opened": {
        "user": str,
        "tab?": str,
        "view?": {"hash?": str, "private_metadata?": str},
    },
    "message": {
        "user?": str,
        "channel": str,
        "ts": str,
        "channel_type?": str,
        "subtype?": str,
        "text?": str,
        "thread_ts?": str,
        "files?": [{"id": str, "name?": str}],
    },
    "subteam_created": {"subteam": {"id": str}},
    "subteam_updated": {"subteam": {"id": str}},
    "subteam_members_changed": {"subteam_id": str},
}
_COMMAND: dict[str, Any] = {
    "command": str,
    "text?": str,
    "user_id": str,
    "trigger_id": str,
    "response_url": str,
}
# What Bolt looks into whatever kind it is.
_ANY: dict[str, Any] = {
    "event?": {},
    "view?": {},
    "message?": {},
    "actions?": [{}],
    "authorizations?": [{}],
}
_NESTED = frozenset(name.removesuffix("?") for name in _ANY)
_KINDS: Mapping[str, Shape] = {
    "block_actions": {
        **_ACTED,
        "actions": [
            {
                "type": str,
                "action_id": str,
                "block_id": str,
                "value?": str,
                "selected_option?": _CHOICE,
            }
        ],
    },
    "block_suggestion": {**_ACTED, "action_id": str, "block_id": str, "value?": str},
    "view_submission": {**_ACTED, "view": {**_VIEW, "callback_id": str}},
    "message_action": {
        **_ACTED,
        "callback_id": str,
        "trigger_id": str,
        "channel": {"id": str, "name?": str},
        "message": {"ts": str, "thread_ts?": str, "user?": str, "bot_id?": str},
    },
    "event_callback": {"event": {"type": str}},
}


class Said(dict[str, Any]):
    """A part of a payload: what is not in it ends the request with words for the person."""

    def __missing__(self, name: str) -> Any:
        _log.warning("payload lacks something", extra={"lacks": name})
        raise BadRequestError(OUT_OF_DATE)


def looked_over(body: Mapping[str, Any]) -> Said | None:
    """A payload that can be read; None: Slack never sends one like it."""
    try:
        return _looked_over(body)
    except RecursionError:
        return None


def _looked_over(body: Mapping[str, Any]) -> Said | None:
    if not (_NESTED.isdisjoint(body) or _has(body, _ANY)):
        return None
    if "command" in body:
        return _said(body) if _has(body, _COMMAND) else None
    body = _with_state(body)
    kind = body.get("type")
    if not isinstance(kind, str) or not _has(body, _KINDS.get(kind, {})):
        return None
    if kind == "event_callback":
        event = body["event"]
        if not _has(event, _EVENTS.get(event["type"], {})):
            return None
    if kind != "block_actions":
        return _said(body)
    if not body["actions"]:
        return None
    # A button's value that is null is as good as none.
    acted = [
        {name: one for name, one in action.items() if one is not None} for action in body["actions"]
    ]
    return _said({**body, "actions": acted})


def _with_state(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same, where nothing in a view can be filled in: Slack says so by `[]`, or not at all."""
    view = body.get("view")
    if not isinstance(view, dict):
        return body
    state = view.get("state") or {}
    if not isinstance(state, dict) or state.get("values") not in (None, []):
        return body
    return {**body, "view": {**view, "state": {**state, "values": {}}}}


def kept_in(text: object) -> Said:
    """What a view's metadata or a button's value keeps, an object. Raises BadRequestError."""
    try:
        kept = json.loads(str(text or "{}"))
    except (ValueError, RecursionError):
        raise BadRequestError(OUT_OF_DATE) from None
    if not isinstance(kept, dict):
        raise BadRequestError(OUT_OF_DATE)
    return Said(kept)


def id_in(text: object) -> UUID:
    """The id that an option or a button names. Raises BadRequestError."""
    try:
        return UUID(hex=str(text))
    except ValueError:
        raise BadRequestError(OUT_OF_DATE) from None


def _has(value: object, shape: Shape) -> bool:
    if isinstance(shape, type):
        return isinstance(value, shape)
    if isinstance(shape, list):
        return isinstance(value, list) and all(_has(one, shape[0]) for one in value)
    if not isinstance(value, dict):
        return False
    for name, wanted in shape.items():
        if name == "*":
            if not all(_has(one, wanted) for one in value.values()):
                return False
        elif name[-1] == "?":
            found = value.get(name[:-1])
            if found is not None and not _has(found, wanted):
                return False
        elif not _has(value.get(name), wanted):
            return False
    return True


def _said(body: Mapping[str, Any]) -> Said:
    try:
        every = "".join([*body, *body.values()])
    except TypeError:  # not words alone, as a command's are
        every = "\x00"
    if _is_plain(every):
        return Said(body)
    return Said({name: _part(one) for name, one in body.items()})


def _part(value: Any) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return _said(value)
    return [_part(one) for one in value] if isinstance(value, list) else value


def _text(value: str) -> str:
    # JSON can say half a surrogate pair, which has no bytes, and NUL, which PostgreSQL refuses.
    return value if _is_plain(value) else _NO_TEXT.sub("", value)


def _is_plain(words: str) -> bool:
    return words.isascii() and "\x00" not in words
