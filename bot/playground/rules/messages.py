"""Messages: what `chat.*` and a `response_url` refuse."""

import json
from collections.abc import Mapping
from typing import Literal

from bot.playground.rules.blocks import check_blocks
from bot.playground.rules.grammar import Faults
from bot.playground.rules.refusal import Refusal

TEXT_LIMIT = 40_000
# chat.update refuses what chat.postMessage still takes.
EDITED_TEXT_LIMIT = 4_000
MARKDOWN_TEXT_LIMIT = 12_000
ATTACHMENT_LIMIT = 100
# Undocumented: from here on, reports say, Slack refuses blocks that are each legal alone.  It is
# counted here as characters of compact JSON, which also counts what surrounds the words.
BLOCKS_TOTAL = 13_000
METADATA_LIMIT = 16_000

# The shortest JSON of a value, as one string.
compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


def check_message(
    payload: Mapping[str, object],
    *,
    surface: Literal["message", "ephemeral"],
    editing: bool = False,
) -> Refusal | None:
    """Return why Slack would refuse this message, or None.

    `payload` holds the arguments of chat.postMessage, chat.postEphemeral or chat.update
    (`editing`), or the body sent to a `response_url`, with `blocks`, `attachments` and `metadata`
    already decoded from JSON.  Channel, token and timestamps are not looked at.
    """
    return (
        _check_words(payload, EDITED_TEXT_LIMIT if editing else TEXT_LIMIT)
        or _check_blocks(payload.get("blocks"), surface)
        or _check_attachments(payload.get("attachments"), surface)
        or _check_tables(payload)
        or _check_metadata(payload.get("metadata"))
    )


def _check_words(payload: Mapping[str, object], limit: int) -> Refusal | None:
    text, markdown = payload.get("text"), payload.get("markdown_text")
    for name, words in (("text", text), ("markdown_text", markdown)):
        if words is not None and not isinstance(words, str):
            return Refusal("invalid_arguments", (f"must provide a string [json-pointer:/{name}]",))
    if isinstance(text, str) and len(text) > limit:
        return _too_long("text", limit)
    if isinstance(markdown, str) and len(markdown) > MARKDOWN_TEXT_LIMIT:
        return _too_long("markdown_text", MARKDOWN_TEXT_LIMIT)
    if markdown and (text or payload.get("blocks")):
        return Refusal("markdown_text_conflict", ("`markdown_text` excludes `text` and `blocks`",))
    if payload.get("delete_original") is True:
        return None
    said = any(isinstance(words, str) and words.strip() for words in (text, markdown))
    if not said and not payload.get("blocks") and not payload.get("attachments"):
        return Refusal("no_text", ("must provide `text`, `blocks` or `attachments`",))
    return None


def _too_long(name: str, limit: int) -> Refusal:
    rule = f"must be less than {limit + 1} characters [json-pointer:/{name}]"
    return Refusal("msg_too_long", (rule,))


def _check_blocks(blocks: object, surface: Literal["message", "ephemeral"]) -> Refusal | None:
    if blocks is None:
        return None
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        return Refusal("invalid_blocks_format", ("must provide an array of objects",))
    faults: Faults = []
    check_blocks(blocks, surface, "/blocks", faults)
    if faults:
        return Refusal("invalid_blocks", tuple(faults))
    length = len(compact(blocks))
    if length > BLOCKS_TOTAL:
        rule = f"{length} characters of blocks, more than {BLOCKS_TOTAL} [json-pointer:/blocks]"
        return Refusal("msg_blocks_too_long", (rule,))
    return None


def _check_attachments(
    attachments: object, surface: Literal["message", "ephemeral"]
) -> Refusal | None:
    if attachments is None:
        return None
    if not isinstance(attachments, list) or not all(isinstance(one, dict) for one in attachments):
        return Refusal("invalid_attachments", ("must provide an array of objects",))
    if len(attachments) > ATTACHMENT_LIMIT:
        return Refusal("too_many_attachments", (f"no more than {ATTACHMENT_LIMIT} items allowed",))
    faults: Faults = []
    for place, attachment in enumerate(attachments):
        if "blocks" in attachment:
            check_blocks(attachment["blocks"], surface, f"/attachments/{place}/blocks", faults)
    return Refusal("invalid_attachments", tuple(faults)) if faults else None


def _check_tables(payload: Mapping[str, object]) -> Refusal | None:
    """Slack takes one table a message, and keeps it as an attachment: hence the code."""
    tables = 0
    for holder in (payload, *_objects(payload.get("attachments"))):
        tables += sum(block.get("type") == "table" for block in _objects(holder.get("blocks")))
    return Refusal("invalid_attachments", ("only_one_table_allowed",)) if tables > 1 else None


def _objects(items: object) -> list[dict[str, object]]:
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _check_metadata(metadata: object) -> Refusal | None:
    # An empty object takes metadata away from a message that is edited.
    if metadata is None or metadata == {}:
        return None
    if not isinstance(metadata, dict):
        rule = "must provide an object [json-pointer:/metadata]"
        return Refusal("invalid_metadata_format", (rule,))
    faults = [
        f"missing required field: {name} [json-pointer:/metadata]"
        for name in ("event_type", "event_payload")
        if name not in metadata
    ]
    event_type = metadata.get("event_type", "event")
    if not isinstance(event_type, str) or not event_type:
        faults.append("must provide a string [json-pointer:/metadata/event_type]")
    if not isinstance(metadata.get("event_payload", {}), dict):
        faults.append("must provide an object [json-pointer:/metadata/event_payload]")
    if faults:
        return Refusal("invalid_metadata_schema", tuple(faults))
    if len(compact(metadata)) > METADATA_LIMIT:
        return Refusal("metadata_too_large", (f"more than {METADATA_LIMIT} characters",))
    return None
