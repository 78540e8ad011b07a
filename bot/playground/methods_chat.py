"""Web API methods about messages and reactions."""

from dataclasses import replace
from typing import Any

from bot.playground import checks, rules
from bot.playground.conversations import channel_for, open_direct, read_scope
from bot.playground.limits import POSTING
from bot.playground.shapes import Channel, Json, Message
from bot.playground.webapi import Call, SlackRefusalError, limited, refuse


def checked_message(
    call: Call, *, surface: Any, payload: Json | None = None, editing: bool = False
) -> Json:
    """Return the message in the arguments, refused as Slack would where it is malformed."""
    args = call.args if payload is None else payload
    refuse(rules.check_message(args, surface=surface, editing=editing))
    trouble = checks.file_trouble(
        args.get("blocks") or [], call.space.find_file, lambda file: file.is_ready(call.now)
    )
    if trouble:
        raise SlackRefusalError("invalid_blocks", *trouble)
    return {
        "text": args.get("text") or args.get("markdown_text") or "",
        "blocks": call.space.with_block_ids(args.get("blocks") or []),
        "attachments": args.get("attachments") or [],
        "metadata": args.get("metadata"),
    }


def _may_write(call: Call, channel: Channel) -> None:
    bot = call.space.bot_user
    if channel.is_archived:
        raise SlackRefusalError("is_archived")
    if bot in channel.members:
        return
    if channel.is_private:
        raise SlackRefusalError("channel_not_found")
    if "chat:write.public" not in call.grant.scopes:
        raise SlackRefusalError("not_in_channel")


def post_message(call: Call) -> Json:
    """chat.postMessage."""
    ref = str(call.need("channel"))
    space = call.space
    if ref[:1] in "UW" and ref in space.users:
        channel = open_direct(call, ref)
    else:
        channel = channel_for(call, ref, by_name=True)
    _may_write(call, channel)
    content = checked_message(call, surface="message")
    if call.method in POSTING:
        limited(call.core.limits.wait_for_channel(channel.id, call.now))
    thread = call.args.get("thread_ts")
    message = space.add_message(
        channel.id,
        space.bot_user,
        content.pop("text"),
        thread_ts=str(thread) if thread else None,
        broadcast=call.flag("reply_broadcast"),
        **content,
    )
    return {"channel": channel.id, "ts": message.ts, "message": message.as_json()}


def post_ephemeral(call: Call) -> Json:
    """chat.postEphemeral."""
    channel = channel_for(call, call.need("channel"))
    user = str(call.need("user"))
    space = call.space
    if user not in space.users:
        raise SlackRefusalError("user_not_found")
    if user not in channel.members:
        raise SlackRefusalError("user_not_in_channel")
    _may_write(call, channel)
    content = checked_message(call, surface="ephemeral")
    thread = call.args.get("thread_ts")
    message = space.add_message(
        channel.id,
        space.bot_user,
        content.pop("text"),
        ephemeral_to=user,
        thread_ts=str(thread) if thread else None,
        **content,
    )
    return {"message_ts": message.ts}


def _own(call: Call, refusal: str) -> Message:
    channel = channel_for(call, call.need("channel"))
    message = call.space.messages[channel.id].get(str(call.need("ts")))
    if message is None:
        raise SlackRefusalError("message_not_found")
    if message.user != call.space.bot_user:
        raise SlackRefusalError(refusal)
    if channel.is_archived:
        raise SlackRefusalError("is_archived")
    return message


def update(call: Call) -> Json:
    """chat.update: what is not given stays, but text alone takes the blocks away."""
    message = _own(call, "cant_update_message")
    content = checked_message(call, surface="message", editing=True)
    given = {name for name in content if call.args.get(name) is not None}
    if "text" in given or "markdown_text" in call.args:
        given |= {"text", "blocks"}
    content = {name: part for name, part in content.items() if name in given}
    edited = call.space.edit(message, **content)
    return {
        "channel": message.channel,
        "ts": message.ts,
        "text": edited.text,
        "message": edited.as_json(),
    }


def delete(call: Call) -> Json:
    """chat.delete."""
    message = _own(call, "cant_delete_message")
    call.space.forget(message)
    return {"channel": message.channel, "ts": message.ts}


def permalink(call: Call) -> Json:
    """chat.getPermalink."""
    channel = channel_for(call, call.need("channel"))
    ts = str(call.need("message_ts"))
    if ts not in call.space.messages[channel.id]:
        raise SlackRefusalError("message_not_found")
    return {"channel": channel.id, "permalink": call.space.permalink(channel.id, ts)}


def add_reaction(call: Call) -> Json:
    """reactions.add."""
    channel = channel_for(call, call.need("channel"))
    name, bot = str(call.need("name")).strip(":"), call.space.bot_user
    message = call.space.messages[channel.id].get(str(call.need("timestamp")))
    if message is None:
        raise SlackRefusalError("message_not_found")
    if bot in message.reactions.get(name, ()):
        raise SlackRefusalError("already_reacted")
    users = (*message.reactions.get(name, ()), bot)
    call.space.keep(replace(message, reactions={**message.reactions, name: users}))
    return {}


def history(call: Call) -> Json:
    """conversations.history: newest first, without replies in threads."""
    channel = channel_for(call, call.need("channel"))
    read_scope(call, channel, "history")
    if call.space.bot_user not in channel.members:
        raise SlackRefusalError("not_in_channel")
    found = (
        message
        for message in reversed(call.space.messages[channel.id].values())
        if message.thread_ts in (None, message.ts) or message.broadcast
    )
    return _page(call, found)


def replies(call: Call) -> Json:
    """conversations.replies: the first message and its answers, oldest first."""
    channel = channel_for(call, call.need("channel"))
    read_scope(call, channel, "history")
    ts = str(call.need("ts"))
    if ts not in call.space.messages[channel.id]:
        raise SlackRefusalError("thread_not_found")
    kept = call.space.messages[channel.id].values()
    return _page(call, (m for m in kept if ts in (m.ts, m.thread_ts)))


def _page(call: Call, messages: Any) -> Json:
    limit = call.number("limit", 100, most=999)
    oldest, latest = (_bound(call, name) for name in ("oldest", "latest"))
    inclusive = call.flag("inclusive")
    after = call.space.read_cursor(call.args.get("cursor"))
    if after is None:
        raise SlackRefusalError("invalid_cursor")
    page: list[Message] = []
    more, passed = False, 0
    for message in messages:
        at = float(message.ts)
        if latest is not None and (at > latest or (at == latest and not inclusive)):
            continue
        if oldest is not None and (at < oldest or (at == oldest and not inclusive)):
            continue
        passed += 1
        if passed <= after:
            continue
        if len(page) == limit:
            more = True
            break
        page.append(message)
    metadata = call.flag("include_all_metadata")
    body: Json = {
        "messages": [message.as_json(with_metadata=metadata) for message in page],
        "has_more": more,
    }
    if more:
        body["response_metadata"] = {"next_cursor": call.space.cursor(after + limit)}
    return body


def _bound(call: Call, name: str) -> float | None:
    value = call.args.get(name)
    if value in (None, "", "0", 0):
        return None
    try:
        return float(str(value))
    except ValueError:
        raise SlackRefusalError(f"invalid_ts_{name}") from None
