"""What people read when something went wrong, in the form that their kind of request can show.

Slack shows the body of an acknowledgement only for some requests: text for a command, errors at the
fields of a modal. A click shows nothing: there the words have to follow.
Source of the forms: https://docs.slack.dev/interactivity/handling-user-interaction
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from slack_bolt import BoltResponse
from slack_sdk import WebClient

from bot.delivery.trouble import SlackTroubleError
from bot.messages.text import escape, without_code
from bot.respond import send_back

Kind = Literal["command", "submission", "closing", "click", "options", "shortcut", "event", "other"]
Body = Mapping[str, Any]

_KINDS: dict[str, Kind] = {
    "view_submission": "submission",
    "view_closed": "closing",
    "block_actions": "click",
    "block_suggestion": "options",
    "message_action": "shortcut",
    "shortcut": "shortcut",
    "event_callback": "event",
}
_JSON: dict[str, str | Sequence[str]] = {"content-type": "application/json;charset=utf-8"}


SLACK_SILENT = (
    "Slack did not answer Laurel just now, so this could not be finished. Please try again in a"
    " minute."
)
_SLACK_REFUSES = "Slack doesn’t let me do that yet. An admin can see why with `laurel doctor` or in Laurel’s log."
UNSURE_OF_AWARD = (
    "Saving this took too long, and I could not tell yet whether it worked. Please look at their"
    " `/badges` before you try again."
)


def kind_of(body: Body) -> Kind:
    """What sort of request this is."""
    if "command" in body:
        return "command"
    return _KINDS.get(str(body.get("type", "")), "other")


def database_silent(body: Body) -> str:
    """The database did not answer, and nothing can have come of it."""
    nothing = _nothing(body)
    return (
        f"Laurel’s database is not answering just now, so {nothing}. Please try again in a minute."
    )


def too_busy(body: Body) -> str:
    """There was no thread for it in time."""
    return f"Laurel is very busy just now, so {_nothing(body)}. Please try again in a minute."


def unsure(body: Body) -> str:
    """The time was over while it was being saved."""
    if _is_about_awards(body):
        return UNSURE_OF_AWARD
    return (
        "Saving this took too long, and I could not tell yet whether it worked. Please look at"
        " `/badges history` in a minute before you try again."
    )


def of_slack(trouble: SlackTroubleError) -> str:
    """Slack did not do it: whether trying again helps, or somebody has to do something first."""
    return _SLACK_REFUSES if trouble.permanent else SLACK_SILENT


def went_wrong(reference: str) -> str:
    """Something that nobody foresaw; the reference is in the log too."""
    return (
        "Something went wrong on Laurel’s side. Please try again; if it stays like this, tell an"
        f" admin the reference {reference}."
    )


def _nothing(body: Body) -> str:
    undoing = kind_of(body) == "click"
    return "nothing was changed" if undoing or not _is_about_awards(body) else "nothing was awarded"


def _is_about_awards(body: Body) -> bool:
    """Whether this is `/award`, its form or one of its buttons."""
    names = [str((body.get("view") or {}).get("callback_id", ""))]
    names += [str(action.get("action_id", "")) for action in body.get("actions") or ()]
    return body.get("command") == "/award" or any(
        name.startswith(("award", "request_award")) for name in names
    )


def acknowledgement(body: Body, sentence: str) -> BoltResponse:
    """The acknowledgement that says this sentence as far as this kind of request can show it.

    The sentence is plain text. For clicks, shortcuts and events the acknowledgement stays empty:
    `words_follow` tells where the sentence then has to be sent.
    """
    kind = kind_of(body)
    if kind == "command":
        said: dict[str, Any] = {"response_type": "ephemeral", "text": escape(sentence)}
    elif kind == "submission":
        said = _in_modal(body.get("view") or {}, sentence)
    elif kind == "options":
        said = {"options": []}
    else:
        return BoltResponse(status=200, body="")
    return BoltResponse(status=200, body=json.dumps(said, ensure_ascii=False), headers=_JSON)


def words_follow(body: Body) -> bool:
    """Whether a person waits for words that the acknowledgement cannot carry."""
    return kind_of(body) in ("click", "shortcut")


def tell(client: WebClient, body: Body, sentence: str) -> None:
    """Say a sentence to the person after the acknowledgement: where they are, or in a modal.

    Calls Slack; raises what slack_sdk raises where a modal does not open.
    """
    address = body.get("response_url") or _first_response_url(body)
    if address:
        said = {"text": escape(sentence), "response_type": "ephemeral", "replace_original": False}
        send_back(client, str(address), said)
        return
    trigger = body.get("trigger_id")
    if not trigger:
        return
    notice = _notice(sentence)
    if (body.get("view") or {}).get("type") == "modal":
        client.views_push(trigger_id=str(trigger), view=notice)
    else:
        client.views_open(trigger_id=str(trigger), view=notice)


def _first_response_url(body: Body) -> str | None:
    for address in body.get("response_urls") or ():
        return str(address.get("response_url", "")) or None
    return None


def _in_modal(view: Mapping[str, Any], sentence: str) -> dict[str, Any]:
    sentence = without_code(sentence)
    for block in view.get("blocks") or ():
        if block.get("type") == "input" and block.get("block_id"):
            return {"response_action": "errors", "errors": {block["block_id"]: sentence}}
    return {"response_action": "update", "view": _notice(sentence)}


def _notice(sentence: str) -> dict[str, Any]:
    words = without_code(sentence)[:3000]
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Laurel"},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": [{"type": "section", "text": {"type": "plain_text", "text": words}}],
    }


def pass_on(client: WebClient, body: Body, said: str) -> None:
    """Send an acknowledgement's body (text, or a message as JSON) where a command's answers go."""
    address = body.get("response_url")
    if not address:
        return
    message = json.loads(said) if said.startswith("{") else {"text": said}
    send_back(
        client, str(address), {"response_type": "ephemeral", "replace_original": False} | message
    )
