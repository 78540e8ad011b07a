"""Answering where something was typed or clicked, after the acknowledgement."""

from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from bot.messages.message import Message


def respond(
    client: WebClient,
    response_url: str,
    message: Message,
    *,
    replace: bool = True,
    in_channel: bool = False,
) -> bool:
    """Send a message to a response address; whether Slack took it.

    Slack takes five within half an hour. `replace`: in place of what was clicked; `in_channel`: for
    everyone there, else for the same person only. Raises what urllib raises when Slack is out of reach.
    """
    answer = WebhookClient(response_url, timeout=client.timeout, ssl=client.ssl).send(
        text=message.text,
        blocks=message.blocks,
        response_type="in_channel" if in_channel else "ephemeral",
        replace_original=replace,
    )
    return answer.status_code == 200
