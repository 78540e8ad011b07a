"""Web API methods about files: an upload's three steps, and what became of it."""

import secrets
from dataclasses import replace
from typing import Any

from bot.playground.conversations import channel_for
from bot.playground.shapes import File, Json
from bot.playground.webapi import Call, SlackRefusalError

LONGEST_ALT_TEXT = 1_000  # https://docs.slack.dev/reference/methods/files.getUploadURLExternal


def upload_url(call: Call) -> Json:
    """files.getUploadURLExternal: the first step."""
    name = str(call.need("filename"))
    try:
        length = int(call.need("length"))
    except (TypeError, ValueError):
        raise SlackRefusalError("invalid_arguments") from None
    if length <= 0:
        raise SlackRefusalError("invalid_arguments", "[ERROR] length must be greater than 0")
    alt_text = str(call.args.get("alt_txt") or "")
    if len(alt_text) > LONGEST_ALT_TEXT:
        raise SlackRefusalError("alt_txt_too_large")
    space = call.space
    file_id, key = space.new_id("F"), secrets.token_urlsafe(24)
    space.files[file_id] = File(
        file_id,
        name,
        name,
        space.bot_user,
        length,
        space.seconds(),
        f"{space.base_url}/files-pri/{space.team_id}-{file_id}/{name}",
        alt_text,
    )
    space.uploads[key] = file_id
    return {"upload_url": f"{space.base_url}/upload/v1/{key}", "file_id": file_id}


def complete_upload(call: Call) -> Json:
    """files.completeUploadExternal: the third step; processing begins."""
    wanted = call.need("files")
    if not isinstance(wanted, list) or not all(isinstance(item, dict) for item in wanted):
        raise SlackRefusalError("invalid_arguments", "[ERROR] files must be an array of objects")
    space = call.space
    channel = channel_for(call, call.args["channel_id"]) if call.args.get("channel_id") else None
    if channel is not None and space.bot_user not in channel.members:
        raise SlackRefusalError("not_in_channel")
    done = [_finished(call, item, channel.id if channel else None) for item in wanted]
    bodies = tuple(file.as_json(at=call.now) for file in done)
    if channel is not None:
        comment = str(call.args.get("initial_comment") or "")
        thread = call.args.get("thread_ts")
        space.add_message(channel.id, space.bot_user, comment, files=bodies, thread_ts=thread)
    return {"files": list(bodies)}


def _finished(call: Call, item: Json, channel: str | None) -> File:
    space = call.space
    file = space.files.get(str(item.get("id")))
    if file is None or not file.uploaded or file.complete:
        raise SlackRefusalError("file_not_found")
    made = replace(
        file,
        title=str(item.get("title") or file.name),
        complete=True,
        ready_at=call.now + space.file_processing,
        channels=(channel,) if channel else (),
    )
    space.files[file.id] = made
    space.changed("file", file.id)
    return made


def receive_upload(space: Any, key: str, content: bytes) -> tuple[int, str]:
    """Take the bytes of the second step; return the status and text."""
    file_id = space.uploads.get(key)
    if file_id is None:
        return 404, "not_found"
    file = space.files[file_id]
    if file.uploaded:
        return 409, "already_uploaded"
    if len(content) != file.size:
        return 400, "wrong_size"
    space.files[file_id] = replace(file, content=content, uploaded=True)
    return 200, f"OK - {len(content)}"


def file_info(call: Call) -> Json:
    """files.info."""
    file = call.space.files.get(str(call.need("file")))
    if file is None or not file.complete:
        raise SlackRefusalError("file_not_found")
    return {"file": file.as_json(at=call.now), "comments": []}


def delete_file(call: Call) -> Json:
    """files.delete."""
    file = call.space.files.get(str(call.need("file")))
    if file is None or not file.complete:
        raise SlackRefusalError("file_not_found")
    if file.user != call.space.bot_user:
        raise SlackRefusalError("cant_delete_file")
    del call.space.files[file.id]
    return {}
