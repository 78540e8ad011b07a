"""What Slack makes of what people type: escaped mentions, links and special characters."""

import re

from bot.playground.workspace import Workspace

TOKEN = re.compile(
    r"(?P<url>https?://[^\s<>|]+)"
    r"|(?P<mail>\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?<![\w@#])(?P<mark>[@#])(?P<name>\w[\w.\-']*)"
)
BROADCASTS = frozenset({"here", "channel", "everyone"})


def encoded(text: str) -> str:
    """Return text with the characters encoded that Slack gives a meaning."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escaped(space: Workspace, text: str) -> str:
    """Return text as a command with escaping gets it: `@maria` as `<@U…|maria>` and so on.

    Unknown names stay as they were typed.
    """
    return TOKEN.sub(lambda match: _escape(space, match), encoded(text))


def _escape(space: Workspace, match: re.Match[str]) -> str:
    if match["url"]:
        return f"<{match['url']}>"
    if match["mail"]:
        return f"<mailto:{match['mail']}|{match['mail']}>"
    name, rest = match["name"], ""
    while name:
        found = _person_or_group(space, name) if match["mark"] == "@" else _channel(space, name)
        if found:
            return found + rest
        if name[-1] not in ".-'":
            break
        name, rest = name[:-1], name[-1] + rest
    return match[0]


def _person_or_group(space: Workspace, name: str) -> str:
    user = space.handles.get(name.lower())
    if user is not None:
        return f"<@{user}|{space.users[user].name}>"
    for group in space.groups.values():
        if group.handle == name.lower() and not group.deleted_at:
            return f"<!subteam^{group.id}|@{group.handle}>"
    return f"<!{name}>" if name in BROADCASTS else ""


def _channel(space: Workspace, name: str) -> str:
    for channel in space.channels.values():
        if channel.name == name and not channel.is_im:
            return f"<#{channel.id}|{channel.name}>"
    return ""
