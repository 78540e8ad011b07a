"""Slack over HTTP: requests come in at /slack/events."""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence

from slack_bolt import BoltRequest
from starlette.types import Message, Receive, Scope, Send

from bot.dispatch import Dispatcher
from bot.web.reading import Headers, request_of

MOST = 1_000_000  # bytes of a body; Slack's own largest, a full modal, are a quarter of it
_DRAINED = 16 * MOST
_DRAIN_WITHIN = 5.0  # seconds
# As Slack writes them. What looks otherwise is not even compared: it trips over some texts.
_STAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)
# Nothing else of a request is passed on: Bolt has headers that skip listeners.
_PASSED_ON = frozenset(
    (
        b"content-type",
        b"x-slack-signature",
        b"x-slack-request-timestamp",
        b"x-slack-retry-num",
        b"x-slack-retry-reason",
    )
)


class SlackEndpoint:
    """POST /slack/events, as an ASGI application: commands, interactivity and events."""

    def __init__(
        self, dispatcher: Dispatcher, read: Callable[[str, Headers], BoltRequest] = request_of
    ) -> None:
        self._dispatcher = dispatcher
        self._read = read

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what is to follow is done once the answer has left."""
        headers: dict[str, str | Sequence[str]] = {}
        for name, value in scope["headers"]:
            if name in _PASSED_ON:
                headers[name.decode("ascii")] = value.decode("latin-1")
            elif name == b"content-length" and _is_too_long(value):
                await _refuse_size(receive, send)
                return
        body = await _body(receive, send)
        if body is None:
            return
        # What a stranger sends is not taken apart: that may take long, and go deep.
        if not self._is_signed(body, headers):
            await _say(send, 401, b"")
            return
        try:
            request = self._read(body.decode("utf-8"), headers)
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
            await _say(send, 400, b"")  # not a request as Slack writes them
            return
        answer = await self._dispatcher.answer_async(request)
        await _say(send, answer.status, answer.body.encode(), answer.headers)
        if answer.follow_ups:
            self._dispatcher.follow_up(answer.follow_ups)

    def _is_signed(self, body: bytes, headers: Mapping[str, object]) -> bool:
        stamp = str(headers.get("x-slack-request-timestamp", ""))
        signature = str(headers.get("x-slack-signature", ""))
        if not (_STAMP.fullmatch(stamp) and _SIGNATURE.fullmatch(signature)):
            return False
        try:
            return self._dispatcher.is_signed(body.decode("utf-8"), stamp, signature)
        except UnicodeDecodeError:
            return False  # Slack writes UTF-8


def _is_too_long(length: bytes) -> bool:
    return not length.isdigit() or len(length) > 12 or int(length) > MOST


async def _body(receive: Receive, send: Send) -> bytes | None:
    """The request's body; None when there is nobody to answer any more."""
    message = await receive()
    chunk: bytes = message.get("body", b"")
    if message["type"] == "http.request" and not message.get("more_body"):
        if len(chunk) > MOST:
            await _refuse_size(receive, send, drained=True)
            return None
        return chunk
    chunks, size = [], 0
    while True:
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        chunks.append(chunk)
        size += len(chunk)
        if size > MOST:
            await _refuse_size(receive, send, drained=not message.get("more_body"))
            return None
        if not message.get("more_body"):
            return b"".join(chunks)
        message = await receive()


async def _say(
    send: Send, status: int, body: bytes, headers: Mapping[str, Sequence[str]] | None = None
) -> None:
    said = [(b"content-length", str(len(body)).encode())]
    if body and headers and (kind := headers.get("content-type")):
        said.append((b"content-type", kind[0].encode("latin-1")))
    start: Message = {"type": "http.response.start", "status": status, "headers": said}
    await send(start)
    await send({"type": "http.response.body", "body": body})


async def _refuse_size(receive: Receive, send: Send, *, drained: bool = False) -> None:
    """Say 413 at once; the rest is read and dropped, so that the sender gets to read the answer."""
    body = b"too large"
    headers = [
        (b"content-length", str(len(body)).encode()),
        (b"content-type", b"text/plain"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    if not drained:
        try:
            async with asyncio.timeout(_DRAIN_WITHIN):
                await _drain(receive)
        except TimeoutError:
            pass  # a sender that slow has had its answer
    await send({"type": "http.response.body", "body": b""})


async def _drain(receive: Receive) -> None:
    size = 0
    while size < _DRAINED:
        message = await receive()
        size += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return
