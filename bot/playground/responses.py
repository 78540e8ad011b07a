"""What a `response_url` does with what the app sends to it."""

from dataclasses import replace
from typing import Any

from bot.playground import checks, rules
from bot.playground.shapes import Json, Message
from bot.playground.workspace import (
    RESPONSE_URL_LIFE,
    RESPONSE_URL_USES,
    ResponseUrl,
    Workspace,
)


def answer_response_url(space: Workspace, key: str, payload: Any) -> tuple[int, Json]:
    """Take one answer and return the HTTP status and body; refusals are 404, as Slack's are."""
    with space.lock:
        error = _refusal(space, space.response_urls.get(key), payload)
        if error:
            return 404, {"ok": False, "error": error}
        url = space.response_urls[key]
        url.uses += 1
        _apply(space, url, payload)
    return 200, {"ok": True}


def _refusal(space: Workspace, url: ResponseUrl | None, payload: Any) -> str:
    if url is None:
        return "no_such_url"
    if space.clock.now() - url.made > RESPONSE_URL_LIFE:
        return "expired_url"
    if url.uses >= RESPONSE_URL_USES:
        return "used_url"
    if not isinstance(payload, dict):
        return "invalid_payload"
    if payload.get("delete_original"):
        return "" if url.original else "message_not_found"
    return message_refusal(space, payload)


def message_refusal(space: Workspace, payload: Json) -> str:
    """Return Slack's error code for a message in an answer, or nothing."""
    ephemeral = payload.get("response_type") != "in_channel"
    refusal = rules.check_message(payload, surface="ephemeral" if ephemeral else "message")
    if refusal is not None:
        return refusal.error
    now = space.clock.now()
    blocks = payload.get("blocks") or []
    if checks.file_trouble(blocks, space.find_file, lambda file: file.is_ready(now)):
        return "invalid_blocks"
    return ""


def content_of(space: Workspace, payload: Json) -> Json:
    """Return a message's parts from what the app sent."""
    return {
        "text": payload.get("text") or "",
        "blocks": space.with_block_ids(payload.get("blocks") or []),
        "attachments": payload.get("attachments") or [],
    }


def show_answer(space: Workspace, user: str, channel: str, payload: Json) -> Message:
    """Show a new message: to the person alone, or `in_channel`."""
    content = content_of(space, payload)
    alone = None if payload.get("response_type") == "in_channel" else user
    return space.add_message(
        channel,
        space.bot_user,
        content.pop("text"),
        ephemeral_to=alone,
        thread_ts=payload.get("thread_ts"),
        **content,
    )


def _apply(space: Workspace, url: ResponseUrl, payload: Json) -> None:
    original = url.original
    if payload.get("delete_original") and original is not None:
        space.forget(original)
    elif payload.get("replace_original") and original is not None:
        content = content_of(space, payload)
        if original.ephemeral_to:
            space.keep(replace(original, **content))
        else:
            space.edit(original, **content)
    else:
        show_answer(space, url.user, url.channel, payload)
