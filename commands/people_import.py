"""An HR file dropped in Laurel's direct messages: looked at, shown, and imported by a click."""

import json
import re
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, BoltContext
from slack_sdk.errors import SlackApiError
from sqlalchemy import Connection

from bot.deps import Deps, WorkspaceRef
from bot.errors import BadRequestError, NotPermittedError
from bot.hr_file import FileRefusedError, parse_mapping
from bot.hr_file.dates import ORDERS, Order
from bot.listeners import Listeners
from bot.messages import people_import as words
from bot.messages.message import Message, sentence
from bot.parsing.wording import decode
from bot.people_import import PlanChangedError
from bot.people_import.handed_in import HandedIn, look_at, take_in
from bot.permissions import may
from bot.respond import respond
from bot.slack_files import CannotDownloadError
from bot.standing import standing_of
from bot.turns import turn
from storage import people, settings
from storage.people import PersonRow

_SEEN = "people_import.seen"  # messages that were answered; Slack tells of them more than once
_SEEN_MOST = 50
_TURN = "people_import.turn"
_VALUE_MOST = 1_900
_LONGEST_WAIT = 10.0  # seconds
_ORDER = re.compile(r"\b(dmy|mdy|ymd)\b", re.IGNORECASE)
_MAP = re.compile(r"\bmap\s*[:=]?\s+([^\n]+)", re.IGNORECASE)

NOT_ADMIN = (
    "Thank you! Files are for badge admins, though: they can hand me the HR file with everyone’s"
    " start dates here. What I can do for you is in /badges help."
)
ONE_FILE = "One file at a time, please: drop the HR file alone."
NO_TALK = (
    "I answer to commands: /award gives a badge, and /badges shows yours. A badge admin can drop the"
    " HR file with start dates here."
)
NO_LONGER = "Only badge admins can import an HR file, so nothing was imported."
AT_IT = "An import is running already. Please wait for it to end."
OUT_OF_DATE = "That button is no use any more. Please drop the file again."


def register(on: Listeners, deps: Deps) -> None:
    """Files in direct messages, and the buttons below what they would change."""
    on.event("message")(_said(deps))
    on.action(words.IMPORT_CONFIRM)(_confirmed(deps))
    on.action(words.IMPORT_DISCARD)(_discarded(deps))
    on.action(f"{words.IMPORT_ORDER}_dmy", f"{words.IMPORT_ORDER}_mdy")(_ordered(deps))


def _said(deps: Deps) -> Callable[..., None]:
    def said(event: dict[str, Any], context: BoltContext) -> None:
        workspace: WorkspaceRef = context["workspace"]
        theirs = event.get("subtype") in (None, "file_share") and not event.get("bot_id")
        if event.get("channel_type") != "im" or not theirs or "user" not in event:
            return
        channel, ts, files = event["channel"], event["ts"], event.get("files") or []

        def work(session: Connection) -> tuple[bool, bool]:
            person = _importer(session, deps, workspace, event["user"])
            return _is_first(session, deps, workspace, f"{channel}:{ts}"), person is not None

        first, permitted = deps.database.write(work)
        if not first or (not files and event.get("thread_ts")):
            return

        def answer() -> None:
            if not files:
                message = sentence(NO_TALK)
            elif not permitted:
                message = sentence(NOT_ADMIN)
            elif len(files) > 1:
                message = sentence(ONE_FILE)
            else:
                message = _shown(deps, workspace, _read_words(files[0], event.get("text") or ""))
            _post(deps, workspace, channel, message, thread=ts if files else None)

        deps.after_acknowledgement(answer)

    return said


def _post(
    deps: Deps, workspace: WorkspaceRef, channel: str, message: Message, *, thread: str | None
) -> None:
    """Answer in a conversation; Slack takes one message a second there, so another may be waited for."""
    for last in (False, True):
        try:
            deps.slack(workspace).chat_postMessage(
                channel=channel,
                thread_ts=thread,
                text=message.text,
                blocks=message.blocks,
                unfurl_links=False,
                unfurl_media=False,
            )
        except SlackApiError as refused:
            if last or refused.response.status_code != 429:
                raise
            time.sleep(min(float(refused.response.headers.get("Retry-After", 1)), _LONGEST_WAIT))
        else:
            return


def _read_words(file: dict[str, Any], text: str) -> HandedIn | str:
    """The file, and what was written beside it: `dmy`, `map start=Hire date`; or why not."""
    said = decode(text)
    mapped = _MAP.search(said)
    order = _ORDER.search(said[: mapped.start()] if mapped else said)
    mapping = mapped[1].strip() if mapped else ""
    try:
        parse_mapping(mapping) if mapping else None
    except ValueError as problem:
        return str(problem)
    if len(mapping) > _VALUE_MOST - 500:
        return "That names too many columns at once: please rename them in the file."
    name = str(file.get("name") or "the file")[:80]
    return HandedIn(str(file["id"]), name, _order(order[1] if order else None), mapping)


def _shown(deps: Deps, workspace: WorkspaceRef, handed: HandedIn | str) -> Message:
    """What importing the file would change, or why it cannot be imported."""
    if isinstance(handed, str):
        return sentence(handed)
    try:
        plan, handed = look_at(deps, workspace, handed)
    except FileRefusedError as refusal:
        orders = {}
        if refusal.only_ambiguous_dates:
            orders = {"dmy": _value(replace(handed, order="dmy"))}
            orders["mdy"] = _value(replace(handed, order="mdy"))
        return words.refused(refusal, handed.name, orders=orders)
    except CannotDownloadError as problem:
        return sentence(str(problem))
    if plan.is_empty:
        return words.nothing_to_change(plan, handed.name)
    return words.previewed(plan, handed.name, value=_value(handed))


def _ordered(deps: Deps) -> Callable[..., None]:
    def ordered(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext
    ) -> None:
        workspace: WorkspaceRef = context["workspace"]
        _admin(deps, workspace, body)
        handed = _handed(action)
        ack()
        deps.after_acknowledgement(
            lambda: _show_instead(deps, workspace, body, _shown(deps, workspace, handed))
        )

    return ordered


def _discarded(deps: Deps) -> Callable[..., None]:
    def discarded(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        workspace: WorkspaceRef = context["workspace"]
        _admin(deps, workspace, body)
        ack()
        name = _handed_beside(body).name
        deps.after_acknowledgement(
            lambda: _show_instead(deps, workspace, body, words.discarded(name))
        )

    return discarded


def _confirmed(deps: Deps) -> Callable[..., None]:
    def confirmed(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext
    ) -> None:
        workspace: WorkspaceRef = context["workspace"]
        admin = _admin(deps, workspace, body)
        handed = _handed(action)
        with ExitStack() as until_done:
            if until_done.enter_context(turn(deps, workspace, _TURN)) is None:
                raise BadRequestError(AT_IT)
            ack()
            ours = until_done.pop_all()

        def go() -> None:
            with ours:
                _import(deps, workspace, body, handed, admin)

        deps.after_acknowledgement(go)

    return confirmed


def _import(
    deps: Deps, workspace: WorkspaceRef, body: dict[str, Any], handed: HandedIn, admin: PersonRow
) -> None:
    try:
        plan = take_in(deps, workspace, handed, actor_id=admin.id)
    except PlanChangedError as problem:
        if problem.plan.is_empty:  # a second click: what the first one did stays to be read
            respond(
                deps.slack(workspace),
                body["response_url"],
                words.nothing_to_change(problem.plan, handed.name),
                replace=False,
            )
            return
        handed = replace(handed, expected=problem.plan.fingerprint)
        message = words.previewed(problem.plan, handed.name, value=_value(handed), again=True)
    except FileRefusedError as refusal:
        message = words.refused(refusal, handed.name)
    except CannotDownloadError as problem:
        raise BadRequestError(str(problem)) from problem  # the buttons stay
    else:
        deps.wake_delivery()
        message = words.imported(plan, handed.name)
    _show_instead(deps, workspace, body, message)


def _show_instead(
    deps: Deps, workspace: WorkspaceRef, body: dict[str, Any], message: Message
) -> None:
    deps.slack(workspace).chat_update(
        channel=body["container"]["channel_id"],
        ts=body["container"]["message_ts"],
        text=message.text,
        blocks=message.blocks,
    )


def _admin(deps: Deps, workspace: WorkspaceRef, body: dict[str, Any]) -> PersonRow:
    """Who clicks, if they are a badge admin still. Raises NotPermittedError."""
    person = deps.database.read(
        lambda session: _importer(session, deps, workspace, body["user"]["id"])
    )
    if person is None:
        raise NotPermittedError(NO_LONGER)
    return person


def _importer(
    session: Connection, deps: Deps, workspace: WorkspaceRef, slack_id: str
) -> PersonRow | None:
    """Who that is, if they may import people."""
    person = people.by_slack_id(session, workspace_id=workspace.id, slack_id=slack_id)
    if person is None:
        return None
    settings = deps.settings_in(session, workspace)
    standing = standing_of(session, workspace, settings, person)
    return person if may(standing, "import_people") else None


def _is_first(session: Connection, deps: Deps, workspace: WorkspaceRef, message: str) -> bool:
    """Whether Slack tells of this message for the first time."""
    kept = settings.get(session, workspace_id=workspace.id, key=_SEEN)
    seen: list[str] = json.loads(kept) if kept else []
    if message in seen:
        return False
    settings.put(
        session,
        workspace_id=workspace.id,
        key=_SEEN,
        value=json.dumps([*seen, message][-_SEEN_MOST:]),
        now=deps.clock(),
    )
    return True


def _value(handed: HandedIn) -> str:
    value = json.dumps(handed.as_value(), ensure_ascii=False, separators=(",", ":"))
    assert len(value) <= _VALUE_MOST, "what was written beside the file is bounded"
    return value


def _handed(action: dict[str, Any]) -> HandedIn:
    try:
        said = json.loads(action.get("value") or "")
        return HandedIn(
            str(said["file_id"]),
            str(said["name"]),
            _order(said["order"]),
            str(said["mapping"]),
            str(said["expected"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BadRequestError(OUT_OF_DATE) from None


def _handed_beside(body: dict[str, Any]) -> HandedIn:
    """What the Import button beside the clicked one is about."""
    for block in (body.get("message") or {}).get("blocks") or ():
        for element in block.get("elements") or ():
            if element.get("action_id") == words.IMPORT_CONFIRM:
                return _handed(element)
    raise BadRequestError(OUT_OF_DATE)


def _order(said: object) -> Order | None:
    return next((order for order in ORDERS if order == str(said).lower()), None)
