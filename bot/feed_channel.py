"""The feed channel as Slack sees it: whether Laurel is in it, and joining it."""

from typing import Literal, NamedTuple

from slack_sdk import WebClient

from bot.delivery.trouble import SlackTroubleError, ask

State = Literal["in", "outside", "unseen", "archived"]

_NOT_SEEN = frozenset(
    {"channel_not_found", "missing_scope", "method_not_supported_for_channel_type"}
)


class Channel(NamedTuple):
    """A channel; `unseen`: private, and Laurel is not in it, so that Slack says nothing of it."""

    id: str
    state: State


def look(slack: WebClient, channel: str) -> Channel:
    """How things stand between Laurel and a channel. Calls Slack; raises SlackTroubleError."""
    try:
        said = ask(lambda: slack.conversations_info(channel=channel))["channel"]
    except SlackTroubleError as trouble:
        if trouble.code in _NOT_SEEN:
            return Channel(channel, "unseen")
        raise
    if said.get("is_archived"):
        return Channel(channel, "archived")
    if said.get("is_member"):
        return Channel(channel, "in")
    return Channel(channel, "unseen" if said.get("is_private") else "outside")


def join(slack: WebClient, channel: str) -> Channel:
    """Join a public channel, and look again. Calls Slack; raises SlackTroubleError."""
    ask(lambda: slack.conversations_join(channel=channel))
    return look(slack, channel)
