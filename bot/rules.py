"""What a workspace decided for itself: over the defaults, and beneath what the environment says."""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import Connection

from bot.grants import Grant, Limit, parse_grant
from bot.permissions import ROLES
from bot.settings import Settings
from storage import settings as kept_settings

KEY = "workspace"


def in_force(session: Connection, settings: Settings, *, workspace_id: int) -> Settings:
    """The settings that hold in a workspace: the environment's, else its own, else the defaults."""
    return over(settings, kept_settings.get(session, workspace_id=workspace_id, key=KEY))


def over(settings: Settings, kept: str | None) -> Settings:
    """The settings that hold where this is kept under KEY; `settings` may be they already."""
    return _over(settings, kept) if kept else settings


def decided(session: Connection, *, workspace_id: int) -> dict[str, Any]:
    """What a workspace decided, by the names of Settings' fields; what it left alone is not there."""
    text = kept_settings.get(session, workspace_id=workspace_id, key=KEY)
    return dict(_read(text)) if text else {}


def decide(
    session: Connection, *, workspace_id: int, changes: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """Change some of it and return it all; None returns a setting to its default.

    Raises ValueError with a sentence for a value that cannot be, KeyError for what a workspace cannot
    decide; nothing is written then.
    """
    kept_settings.lock(session, workspace_id=workspace_id)
    after = decided(session, workspace_id=workspace_id)
    for name, value in changes.items():
        if value is None:
            after.pop(name, None)
        else:
            after[name] = value
    text = json.dumps(
        {name: _DUMP[name](value) if name in _DUMP else value for name, value in after.items()},
        sort_keys=True,
    )
    _read(text)
    kept_settings.put(session, workspace_id=workspace_id, key=KEY, value=text, now=now)
    return after


def default_of(name: str) -> Any:
    """What a setting is where nobody decided it."""
    return next(one.default for one in fields(Settings) if one.name == name)


@lru_cache(maxsize=1024)
def _over(settings: Settings, text: str) -> Settings:
    own = {name: value for name, value in _read(text).items() if name not in settings.fixed}
    return replace(settings, **own)


@lru_cache(maxsize=1024)
def _read(text: str) -> Mapping[str, Any]:
    return {name: _PARSE[name](value) for name, value in json.loads(text).items()}


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"“{value}” is neither true nor false.")
    return value


def _channel(value: object) -> str:
    return str(value)


def _timezone(value: object) -> str:
    if value not in available_timezones():
        raise ValueError(f"“{value}” is not a timezone: write an IANA name such as Europe/Lisbon.")
    return str(value)


def _months(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 240:
        raise ValueError(f"“{value}” is not a number of months from 0 to 240.")
    return value


def _audit_months(value: object) -> int:
    months = _months(value)
    if 0 < months < 12:
        raise ValueError("Entries of the audit are kept for 12 months at least.")
    return months


def _limits(value: Mapping[str, str]) -> tuple[tuple[str, Limit], ...]:
    strange = sorted(value.keys() - set(ROLES))
    if strange:
        raise ValueError(f"“{strange[0]}” is not a role: those are {', '.join(ROLES)}.")
    return tuple(sorted((role, Limit.parse(limit)) for role, limit in value.items()))


_PARSE: dict[str, Callable[[Any], Any]] = {
    "feed_channel": _channel,
    "timezone": _timezone,
    "badge_admins": parse_grant,
    "awarders": parse_grant,
    "limits": _limits,
    "self_awards": _flag,
    "own_requests": _flag,
    "trades": _flag,
    "guests_award": _flag,
    "guests_receive": _flag,
    "strangers_receive": _flag,
    "forget_after_months": _months,
    "audit_months": _audit_months,
}


def _grant_text(value: Grant) -> str:
    return str(value)


def _limits_text(value: tuple[tuple[str, Limit], ...]) -> dict[str, str]:
    return {role: str(limit) for role, limit in dict(value).items()}


# The rest is JSON as it is.
_DUMP: dict[str, Callable[[Any], Any]] = {
    "badge_admins": _grant_text,
    "awarders": _grant_text,
    "limits": _limits_text,
}
