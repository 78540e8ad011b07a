"""A request as Slack sends it over HTTP, read: a form, a payload within a form, or JSON."""

import json
from collections.abc import Mapping, Sequence
from urllib.parse import unquote_plus

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
        if not field:
            continue
        name, _, value = field.partition("=")
        if "%" in field or "+" in field:
            name, value = _decoded(name), _decoded(value)
        fields[name] = value
    return fields


def _decoded(text: str) -> str:
    return unquote_plus(text) if "%" in text or "+" in text else text
