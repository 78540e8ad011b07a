"""Telling people what came of it, where they typed or clicked, after the acknowledgement.

By then the work is done, or refused. That Slack does not take the words is logged here and never
raised: otherwise whoever asked would read that the work failed.
"""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from bot.delivery.trouble import SlackTroubleError, ask, trouble_of_status
from bot.messages.message import Message
from bot.slack_files import share_file

_log = logging.getLogger(__name__)

PAUSES = (0.3, 1.5)  # seconds before each further attempt
LONGEST_PAUSE = 5.0  # that is granted where Slack asks for one
_FROM_SLACK = ("ok", "{")  # how a response address says that it took something


def respond(
    client: WebClient,
    response_url: str,
    message: Message,
    *,
    replace: bool = True,
    in_channel: bool = False,
    once: bool = False,
) -> bool:
    """Send a message to a response address; False: Slack did not take it, nobody sees it.

    Slack takes five within half an hour. `replace`: in place of what was clicked; `in_channel`: for
    everyone there, else for the same person only; `once`: not again where it may be shown already,
    which for everyone it never is.
    """
    body = {
        **message.payload(),
        "response_type": "in_channel" if in_channel else "ephemeral",
        "replace_original": replace,
    }
    return send_back(client, response_url, body, once=once or in_channel)


def reply(
    client: WebClient,
    response_url: str,
    message: Message,
    words: Message,
    *,
    replace: bool,
    slack_id: str,
) -> bool:
    """Answer one person by a response address; whether Slack took it in the words alone.

    `words`: the message without its pictures. Where Slack does not say that it showed either, they
    go to the person directly: rather twice than not at all, and never more often.
    """
    for said in [message] if words == message else [message, words]:
        body = {**said.payload(), "response_type": "ephemeral", "replace_original": replace}
        trouble = _send_back(client, response_url, body, once=not replace)
        if trouble is None:
            return said is not message
        if _logged(trouble).in_doubt:
            break
    _write_to(client, slack_id, words)
    return False


def send_back(
    client: WebClient, response_url: str, body: Mapping[str, Any], *, once: bool = False
) -> bool:
    """Send a body to a response address; False: Slack did not take it, nobody sees it.

    `once`: not again where it may be shown already.
    """
    trouble = _send_back(client, response_url, body, once=once)
    return trouble is None or _logged(trouble).in_doubt


def _send_back(
    client: WebClient, response_url: str, body: Mapping[str, Any], *, once: bool
) -> SlackTroubleError | None:
    webhook = WebhookClient(response_url, timeout=client.timeout, ssl=client.ssl, retry_handlers=[])

    def send() -> None:
        answer = ask(lambda: webhook.send_dict(dict(body)))
        if answer.status_code != 200:
            raise trouble_of_status(answer.status_code, answer.headers)
        if answer.body and not answer.body.startswith(_FROM_SLACK):  # but from something in between
            raise SlackTroubleError("garbage", in_doubt=True)

    return _insist(send, once=once)


def show_in_view(
    client: WebClient, view_id: str, view: dict[str, Any], *, slack_id: str, message: Message
) -> None:
    """Show a message as this view, in place of an open one.

    Where the person has closed that meanwhile, the message goes to them directly.
    """
    if _insist(lambda: ask(lambda: client.views_update(view_id=view_id, view=view))) is not None:
        _write_to(client, slack_id, message)


def _write_to(client: WebClient, slack_id: str, message: Message) -> None:
    """Write to somebody directly, for want of another way."""

    def write() -> None:
        ask(lambda: client.chat_postMessage(channel=slack_id, **message.payload()))

    trouble = _insist(write, once=True)
    if trouble is not None:
        _logged(trouble)


def edit(client: WebClient, channel: str, ts: str, message: Message) -> bool:
    """Have a message of ours say something else; False: Slack did not take it, and may later."""
    trouble = _insist(
        lambda: ask(lambda: client.chat_update(channel=channel, ts=ts, **message.payload()))
    )
    return trouble is None or _logged(trouble).permanent


def hand_over(
    client: WebClient, slack_id: str, *, content: bytes, filename: str, title: str, comment: str
) -> bool:
    """Send somebody a file in their direct messages, below a comment in mrkdwn; whether they have it."""
    channel = ""

    def write() -> None:
        # The post tells which conversation that is; to ask for it alone takes a scope of its own.
        nonlocal channel
        channel = str(
            ask(lambda: client.chat_postMessage(channel=slack_id, text=comment))["channel"]
        )

    def share() -> None:
        ask(lambda: share_file(client, channel, content=content, filename=filename, title=title))

    trouble = _insist(write, once=True) or _insist(share, once=True)
    if trouble is not None:
        _logged(trouble)
    return trouble is None


def _insist(request: Callable[[], object], *, once: bool = False) -> SlackTroubleError | None:
    """Make a request, again where Slack has trouble; the trouble it ended with, if it did."""
    for pause in (*PAUSES, None):
        try:
            request()
        except SlackTroubleError as trouble:
            unsent = trouble.retry_after is not None or trouble.code == "unreachable"
            again = not once if trouble.in_doubt else unsent
            if pause is None or not again:
                return trouble
            time.sleep(max(pause, min(trouble.retry_after or 0.0, LONGEST_PAUSE)))
        else:
            return None
    raise AssertionError("unreachable")


def _logged(trouble: SlackTroubleError) -> SlackTroubleError:
    _log.warning("words not delivered", extra={"error": trouble.code})
    return trouble
