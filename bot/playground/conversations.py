"""Web API methods about conversations, and which of them the app may see."""

from dataclasses import replace
from typing import Any

from bot.playground.shapes import Channel, Json
from bot.playground.webapi import Call, SlackRefusalError

KINDS = {
    "public_channel": "channels",
    "private_channel": "groups",
    "im": "im",
    "mpim": "mpim",
}


def channel_for(call: Call, ref: object, *, by_name: bool = False) -> Channel:
    """Return a conversation the app can see; a private one it is not in does not exist for it."""
    space = call.space
    channel = space.channels.get(str(ref))
    if channel is None and by_name:
        name = str(ref).removeprefix("#")
        named = (c for c in space.channels.values() if c.name and c.name == name)
        channel = next(named, None)
    if channel is None:
        raise SlackRefusalError("channel_not_found")
    hidden = channel.is_private or channel.is_im or channel.is_mpim
    if hidden and space.bot_user not in channel.members:
        raise SlackRefusalError("channel_not_found")
    return channel


def read_scope(call: Call, channel: Channel, action: str) -> None:
    """Refuse without the scope for this kind of conversation, such as `groups:history`."""
    call.need_scopes(f"{channel.kind}:{action}")


def open_direct(call: Call, user: str) -> Channel:
    """Return the direct conversation with a person; deactivated people have one too."""
    space = call.space
    if user not in space.users:
        raise SlackRefusalError("user_not_found")
    if user == space.bot_user:
        raise SlackRefusalError("channel_not_found")
    return space.direct_channel(user)


def page(call: Call, items: list[Any], *, default: int = 100, most: int = 1000) -> tuple[Any, Json]:
    """Return one page of a list and the `response_metadata` that leads to the next."""
    limit = call.number("limit", default, most=most)
    begin = call.space.read_cursor(call.args.get("cursor"))
    if begin is None:
        raise SlackRefusalError("invalid_cursor")
    end = begin + limit
    following = call.space.cursor(end) if end < len(items) else ""
    return items[begin:end], {"next_cursor": following}


def _kinds(call: Call) -> set[str]:
    names = str(call.args.get("types") or "public_channel").split(",")
    try:
        kinds = {KINDS[name.strip()] for name in names}
    except KeyError:
        raise SlackRefusalError("invalid_types") from None
    for kind in sorted(kinds):
        call.need_scopes(f"{kind}:read")
    return kinds


def list_channels(call: Call) -> Json:
    """conversations.list."""
    kinds, bot = _kinds(call), call.space.bot_user
    hide_archived = call.flag("exclude_archived")
    seen = [
        channel
        for channel in call.space.channels.values()
        if channel.kind in kinds
        and call.is_about(channel.team)
        and not (hide_archived and channel.is_archived)
        and (channel.kind == "channels" or bot in channel.members)
    ]
    part, metadata = page(call, seen)
    return {
        "channels": [channel.as_json(viewer=bot) for channel in part],
        "response_metadata": metadata,
    }


def users_conversations(call: Call) -> Json:
    """users.conversations: those that the app, or a person, is in."""
    kinds = _kinds(call)
    who = str(call.args.get("user") or call.space.bot_user)
    seen = [
        channel
        for channel in call.space.channels.values()
        if channel.kind in kinds and who in channel.members and call.is_about(channel.team)
    ]
    part, metadata = page(call, seen)
    viewer = call.space.bot_user
    return {
        "channels": [channel.as_json(viewer=viewer) for channel in part],
        "response_metadata": metadata,
    }


def info(call: Call) -> Json:
    """conversations.info."""
    channel = channel_for(call, call.need("channel"))
    read_scope(call, channel, "read")
    body = channel.as_json(viewer=call.space.bot_user)
    if call.flag("include_num_members") is False:
        body.pop("num_members", None)
    return {"channel": body}


def members(call: Call) -> Json:
    """conversations.members."""
    channel = channel_for(call, call.need("channel"))
    read_scope(call, channel, "read")
    part, metadata = page(call, sorted(channel.members))
    return {"members": part, "response_metadata": metadata}


def open_conversation(call: Call) -> Json:
    """conversations.open: with one person, or with several."""
    if call.args.get("channel"):
        channel = channel_for(call, call.args["channel"])
    else:
        given = call.args.get("users") or []
        listed = given if isinstance(given, list) else str(given).split(",")
        users = [str(user) for user in listed]
        if not users:
            raise SlackRefusalError("users_list_not_supplied")
        channel = open_direct(call, users[0]) if len(users) == 1 else _several(call, users)
    body: Json = {"id": channel.id}
    if call.flag("return_im"):
        body = channel.as_json(viewer=call.space.bot_user)
    return {"channel": body, "no_op": True, "already_open": True}


def _several(call: Call, users: list[str]) -> Channel:
    call.need_scopes("mpim:write")
    space = call.space
    if any(user not in space.users for user in users):
        raise SlackRefusalError("user_not_found")
    everyone = frozenset({*users, space.bot_user})
    for channel in space.channels.values():
        if channel.is_mpim and channel.members == everyone:
            return channel
    name = "mpdm-" + "--".join(sorted(space.users[user].name for user in users)) + "-1"
    made = Channel(
        space.new_id("G"), name, space.team_id, space.seconds(), everyone, True, is_mpim=True
    )
    return space.put_channel(made)


def join(call: Call) -> Json:
    """conversations.join."""
    channel = channel_for(call, call.need("channel"))
    if channel.kind != "channels":
        raise SlackRefusalError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackRefusalError("is_archived")
    bot = call.space.bot_user
    if bot not in channel.members:
        channel = call.space.put_channel(replace(channel, members=channel.members | {bot}))
    return {"channel": channel.as_json(viewer=bot)}
