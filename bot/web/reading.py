"""A request as Slack sends it over HTTP, read: a form, a payload within a form, or JSON."""

import json
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from slack_bolt import BoltRequest

Headers = Mapping[str, str | Sequence[str]]


def request_of(body: str, headers: Headers) -> BoltRequest:
    """The request, nothing of it verified. Raises ValueError and the like for what is none of Slack's.

    Bolt reads forms itself, but takes every command with the word “payload” in it for a payload, and
    then finds nothing in it (slack_bolt 1.30).
    """
    given = dict(headers)
    if body.startswith("{") or str(given.get("content-type", "")).startswith("application/json"):
        return BoltRequest(body=body, headers=given)
    fields = form_fields(body)
    payload = fields.get("payload")
    read = fields if payload is None else json.loads(payload)
    if not isinstance(read, dict):
        raise ValueError("not a payload of Slack’s")
    # In this mode Bolt takes a body that was read already.
    request = BoltRequest(body=read, headers=given, mode="socket_mode")
    request.raw_body, request.mode = body, "http"
    return request


def form_fields(body: str) -> dict[str, str]:
    """The fields of a form; of several with one name, the last.

    https://url.spec.whatwg.org/#urlencoded-parsing
    """
    fields: dict[str, str] = {}
    for field in body.split("&"):
        if field:
            name, _, value = field.partition("=")
            fields[_decoded(name)] = _decoded(value)
    return fields


def _decoded(text: str) -> str:
    if "+" in text:
        text = text.replace("+", " ")
    if "%" not in text:
        return text
    if not text.isascii():
        return unquote(text)
    try:
        # Python’s own escapes are read in C, and bytes are written alike in both: %41 is \x41.
        escaped = text.replace("\\", "%5C").replace("%", "\\x").encode()
        return escaped.decode("unicode_escape").encode("latin-1").decode(errors="replace")
    except UnicodeDecodeError:  # of a sign of per cent that was not escaped
        return unquote(text)
