"""The Web API: who may call what, how often, and what a refusal looks like."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from bot.playground.core import Core
from bot.playground.rules import Refusal
from bot.playground.shapes import Json
from bot.playground.traffic import Exchange
from bot.playground.workspace import Grant, Workspace

STRUCTURED = frozenset(["blocks", "attachments", "metadata", "view", "files"])


class SlackRefusalError(Exception):
    """An answer `ok: false` with Slack's code; `parts` are further fields of the answer."""

    def __init__(self, error: str, *messages: str, **parts: Any) -> None:
        super().__init__(error)
        self.body: Json = {"ok": False, "error": error, **parts}
        if messages:
            self.body["response_metadata"] = {"messages": list(messages)}
        self.retry_after = 0


def refuse(refusal: Refusal | None) -> None:
    """Raise what the rules of Block Kit refuse."""
    if refusal is not None:
        raise SlackRefusalError(refusal.error, *(f"[ERROR] {rule}" for rule in refusal.messages))


@dataclass(frozen=True, slots=True)
class Call:
    """One authorised request: its arguments and the workspace it is about."""

    method: str
    core: Core
    args: Json
    grant: Grant
    now: datetime

    @property
    def space(self) -> Workspace:
        """The workspace's state."""
        return self.core.workspace

    def need(self, name: str) -> Any:
        """Return an argument that must be there."""
        value = self.args.get(name)
        if value is None or value == "":
            raise SlackRefusalError("invalid_arguments", f"[ERROR] missing required field: {name}")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a true-or-false argument."""
        value = self.args.get(name)
        if value is None or value == "":
            return default
        return str(value).lower() in ("true", "1")

    def is_about(self, *teams: str) -> bool:
        """Tell whether one of these workspaces is that which an organisation's token names.

        Any is for a workspace's own token, and so is whatever is of no workspace of theirs.
        """
        ours = self.core.teams().keys() & set(teams)
        return not self.grant.organisation or not ours or self.args.get("team_id") in ours

    def number(self, name: str, default: int, *, most: int = 1000) -> int:
        """Return a whole number from 1 to `most`."""
        try:
            found = int(self.args.get(name) or default)
        except (TypeError, ValueError):
            raise SlackRefusalError("invalid_limit") from None
        if found < 0:
            raise SlackRefusalError("invalid_limit")
        return min(found or default, most)

    def need_scopes(self, *needed: str) -> None:
        """Refuse unless the token has one of the scopes."""
        if not any(scope in self.grant.scopes for scope in needed):
            raise SlackRefusalError(
                "missing_scope",
                needed=",".join(needed),
                provided=",".join(sorted(self.grant.scopes)),
            )


@dataclass(frozen=True, slots=True)
class Method:
    """One row of the table: who may call it, how often a minute (tier), and what it does."""

    answer: Callable[[Call], Json]
    tier: int | None = 3
    scopes: tuple[str, ...] = ()
    caller: str = "bot"
    required: tuple[str, ...] = ()
    of_team: bool = False  # tells of one workspace, which an organisation's token has to name


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back over HTTP."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def arguments(body: bytes, content_type: str, query: str) -> Json:
    """Return a request's arguments, from JSON, a form or the query string."""
    args: Json = dict(parse_qsl(query, keep_blank_values=True)) if query else {}
    if content_type.startswith("application/json"):
        found = json.loads(body or b"{}")
        if not isinstance(found, dict):
            raise ValueError("not an object")
        args |= found
    elif content_type.startswith("multipart/form-data"):
        args |= _multipart(body, content_type)
    elif body:
        args |= parse_qsl(body.decode(), keep_blank_values=True)
    for name in STRUCTURED & args.keys():
        if isinstance(args[name], str) and args[name]:
            try:
                args[name] = json.loads(args[name])
            except ValueError:
                continue
    return args


def _multipart(body: bytes, content_type: str) -> Json:
    boundary = content_type.partition("boundary=")[2].strip('"').encode()
    found: Json = {}
    for part in body.split(b"--" + boundary):
        head, _, value = part.strip(b"\r\n").partition(b"\r\n\r\n")
        name = head.decode("utf-8", "replace").partition('name="')[2].partition('"')[0]
        if name:
            found[name] = value.decode("utf-8", "replace")
    return found


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a request came, by `time.perf_counter`, and what the weather does to it."""

    begun: float = field(default_factory=time.perf_counter)
    note: str = ""
    lost: bool = False


def handle(
    core: Core,
    name: str,
    args: Json,
    bearer: str,
    methods: Mapping[str, Method],
    arrival: Arrival | None = None,
) -> tuple[int, Json, dict[str, str]]:
    """Answer one Web API request: status, body, headers.

    Checks go as Slack's: the method, the token, the rate, the scope, the arguments.
    """
    arrival, now = arrival or Arrival(), core.clock.now()
    headers: dict[str, str] = {}
    status = 200
    method = methods.get(name)
    space = core.workspace
    with space.lock:
        try:
            if method is None:
                raise SlackRefusalError("unknown_method", req_method=name)
            grant = _authorised(space, method, bearer or str(args.get("token") or ""))
            headers["x-oauth-scopes"] = ",".join(sorted(grant.scopes))
            headers["x-accepted-oauth-scopes"] = ",".join(method.scopes)
            _count(core, name, method.tier, now)
            call = Call(name, core, args, grant, now)
            if method.scopes:
                call.need_scopes(*method.scopes)
            for argument in method.required:
                call.need(argument)
            if method.of_team and grant.organisation:
                _need_team(call)
            answer = {"ok": True, **method.answer(call)}
        except SlackRefusalError as refusal:
            answer = refusal.body
            if refusal.retry_after:
                status = 429
                headers["retry-after"] = str(refusal.retry_after)
    note_request(core, name, args, status, answer, arrival)
    return status, answer, headers


def note_request(
    core: Core, name: str, request: Mapping[str, Any], status: int, answer: Any, arrival: Arrival
) -> None:
    """Keep a request of the app's in the traffic; a lost answer has no status."""
    shown = {key: value for key, value in request.items() if key != "token"}
    core.traffic.note(
        Exchange(
            core.clock.now(),
            "to_slack",
            name,
            shown,
            None if arrival.lost else status,
            None if arrival.lost else answer,
            time.perf_counter() - arrival.begun,
            arrival.note,
        )
    )


def _authorised(space: Workspace, method: Method, token: str) -> Grant:
    if method.caller == "none":
        return space.grants.get(token, Grant("none", set()))
    if not token:
        raise SlackRefusalError("not_authed")
    grant = space.grants.get(token)
    if grant is None:
        raise SlackRefusalError("invalid_auth")
    if grant.trouble:
        raise SlackRefusalError(grant.trouble)
    if grant.kind != method.caller:
        raise SlackRefusalError("not_allowed_token_type")
    return grant


def _need_team(call: Call) -> None:
    if not call.args.get("team_id"):
        raise SlackRefusalError("missing_argument")
    if call.args["team_id"] not in call.core.teams():
        raise SlackRefusalError("team_access_not_granted")


def _count(core: Core, name: str, tier: int | None, now: datetime) -> None:
    limited(core.limits.wait_for_method(name, tier, now))


def limited(wait: int) -> None:
    """Refuse with 429 where there is a wait."""
    if wait:
        refusal = SlackRefusalError("ratelimited")
        refusal.retry_after = wait
        raise refusal
