"""Good payloads spoiled by chance: another's id, another type, too much, nothing at all."""

import json
from copy import deepcopy
from random import Random
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from bot.playground.transports import Delivery

# Nobody of these may do anything but for themselves.
STRANGERS = ("UTOM", "UKIM", "UGIL", "U0NOBODY")

_DEEP: Any = []
for _ in range(400):
    _DEEP = [_DEEP]
_JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 10**30, 1.5e308, "", "x", "null", "[]", "{}", [], {}, [None], [[]],
    {"a": {}}, {"value": 5}, {"id": 5}, {"": ""}, "\x00", "\ud800", "🦜" * 50, "x" * 5_000,
    "[" * 3_000, "<!channel>", "<@UADA>", "A-0000000", "UADA", "-1:-1", "9" * 400,
    "2026-13-45", "../../etc/passwd", "'; DROP TABLE award; --", UUID(int=0).hex, _DEEP,
)  # fmt: skip


def spoiled(chance: Random, good: list[Delivery], *, by: str = "") -> tuple[str, str]:
    """A payload with one to four mistakes, as a body and its media type.

    `by`: who does it, whatever else is wrong; Slack signs who somebody is.
    """
    first = chance.choice(good)
    payload = deepcopy(first.payload)
    for _ in range(chance.randint(0, 4) if by else chance.randint(1, 4)):
        _spoil(chance, payload, good)
    if by:
        _sign_as(payload, by)
    return _body(chance, first, payload)


def _spoil(chance: Random, payload: Any, good: list[Delivery]) -> None:
    where = list(_places(payload))
    if not where:
        return
    holder, key = chance.choice(where)
    what = chance.randrange(6)
    if what == 0:
        holder[key] = deepcopy(chance.choice(_JUNK))
    elif what == 1:
        if isinstance(holder, dict):
            del holder[key]
        else:
            holder[key] = None
    elif what == 2:  # the right kind of thing, from elsewhere
        others = list(_places(deepcopy(chance.choice(good).payload)))
        same = [one for one in others if one[1] == key] or others
        there, name = chance.choice(same)
        holder[key] = there[name]
    elif what == 3 and isinstance(holder[key], str):
        holder[key] = _bent(chance, holder[key])
    elif what == 4 and isinstance(holder[key], list):
        holder[key] = holder[key] * chance.choice((0, 2, 40))
    else:
        holder[key] = json.dumps(holder[key], default=str)


def _bent(chance: Random, text: str) -> str:
    at = chance.randrange(len(text) + 1)
    return chance.choice(
        (
            text[:at],
            text[at:],
            text[::-1],
            text[:at] + chance.choice('\x00\n<>&@#!|{}[]":,é🦜\u202e') + text[at:],
            text * chance.choice((2, 30)),
            text.upper(),
        )
    )


def _places(value: Any) -> Any:
    if isinstance(value, dict):
        for name in list(value):
            # Laurel answers where Slack says; a test is not to write to anywhere else.
            if not name.startswith("response_url"):
                yield value, name
                yield from _places(value[name])
    elif isinstance(value, list):
        for index in range(min(len(value), 40)):
            yield value, index
            yield from _places(value[index])


def _sign_as(payload: Any, who: str) -> None:
    if "command" in payload:
        payload["user_id"] = who
    elif payload.get("type") == "event_callback" and isinstance(payload.get("event"), dict):
        if isinstance(payload["event"].get("user"), str) or payload["event"].get("type") in (
            "message",
            "app_home_opened",
        ):
            payload["event"]["user"] = who
    else:
        payload["user"] = {"id": who}


def _body(chance: Random, like: Delivery, payload: Any) -> tuple[str, str]:
    kind = "application/x-www-form-urlencoded"
    odd = chance.randrange(50)
    if like.envelope == "events_api":
        text = json.dumps(payload)
        return (text[: chance.randrange(len(text))] if odd == 0 else text), "application/json"
    if like.envelope == "slash_commands" and odd != 0:
        return urlencode({name: _as_text(one) for name, one in payload.items()}), kind
    text = json.dumps(payload)
    if odd == 1:
        text = text[: chance.randrange(len(text))]
    return urlencode({"payload": text}), kind


def _as_text(value: Any) -> str:
    return (value if isinstance(value, str) else str(value)).encode("utf-8", "ignore").decode()
