"""Slack over a websocket that Laurel opens (Socket Mode), and the watch over it.

slack_sdk's own client reconnects when Slack says so or the connection breaks. It has been seen to
sit on a connection that says nothing any more: so what was last heard is watched here, and a client
that went silent is replaced by a new one.
"""

import json
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from slack_bolt import BoltRequest
from slack_sdk import WebClient
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.delivery.trouble import explain, trouble_of
from bot.dispatch import SLACK_TROUBLE, Answer, Dispatcher

_log = logging.getLogger(__name__)

SILENT_AFTER = 30.0  # seconds; Slack answers a ping every 5
LOOK_EVERY = 5.0
LONGEST_WAIT = 60.0
PING_EVERY = 5.0

# What Slack says of an app-level token that opens nothing:
# https://docs.slack.dev/reference/methods/apps.connections.open
_REFUSED = frozenset(
    {
        "account_inactive",
        "invalid_auth",
        "missing_scope",
        "not_allowed_token_type",
        "not_authed",
        "token_expired",
        "token_revoked",
    }
)
OPENS_NOTHING = (
    "SLACK_APP_TOKEN opens no connection to Slack: generate a new one under “App-Level Tokens” of the"
    " app at https://api.slack.com/apps, with the scope connections:write, set it and restart Laurel."
)


class Socket:
    """One connection to Slack, kept alive."""

    def __init__(
        self,
        *,
        app_token: str,
        client: WebClient,
        dispatcher: Dispatcher,
        silent_after: float = SILENT_AFTER,
        ping_every: float = PING_EVERY,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._app_token = app_token
        self._web_client = client
        self._dispatcher = dispatcher
        self._silent_after = silent_after
        self._ping_every = ping_every
        self._clock = clock
        self._client: SocketModeClient | None = None
        self._heard = 0.0
        self._opened_at = 0.0
        self._failures = 0
        self._next_try = 0.0
        self.replaced = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="socket-watch", daemon=True)

    @property
    def is_connected(self) -> bool:
        """Whether the connection is open and was heard of lately."""
        client = self._client
        return client is not None and client.is_connected() and not self._is_silent()

    @property
    def last_heard(self) -> float:
        """When something last came over it, a pong too: seconds since 1970; 0.0: never."""
        session = getattr(self._client, "current_session", None)
        pong = getattr(session, "last_ping_pong_time", None) or 0.0
        return max(self._heard, float(pong))

    def start(self) -> None:
        """Connect, and keep connected, in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Close the connection; what came before is still answered."""
        self._stopping.set()
        self._retire(self._client)
        self._client = None

    def look(self) -> None:
        """Connect where there is no connection, and replace one that went silent."""
        now = self._clock()
        if self._client is not None and not self._is_silent():
            return
        if now < self._next_try:
            return
        if self._client is not None:
            self.replaced += 1
            _log.warning(
                "socket silent, replacing it",
                extra={"silent_seconds": round(now - max(self.last_heard, self._opened_at))},
            )
            old, self._client = self._client, None
            self._retire(old)
        self._open(now)

    def _is_silent(self) -> bool:
        return self._clock() - max(self.last_heard, self._opened_at) > self._silent_after

    def _open(self, now: float) -> None:
        client = SocketModeClient(
            app_token=self._app_token,
            web_client=self._web_client,
            logger=logging.getLogger("slack_sdk.socket_mode"),
            ping_interval=self._ping_every,
            receive_buffer_size=16384,
            concurrency=4,  # they hand over to the dispatcher and wait for nothing
        )
        client.on_message_listeners.append(self._hear)
        client.socket_mode_request_listeners.append(self._receive)
        try:
            client.connect()
        except (*SLACK_TROUBLE, OSError, ValueError) as problem:
            self._failures += 1
            wait = min(LONGEST_WAIT, 2.0 ** min(self._failures, 6))
            self._next_try = now + wait
            _log.warning(
                "socket not opened",
                extra={"error": _reason(problem), "next_try_seconds": wait},
            )
            self._retire(client)
            return
        self._client, self._opened_at = client, self._clock()
        self._failures, self._next_try = 0, 0.0
        _log.info("socket opened")

    def _retire(self, client: SocketModeClient | None) -> None:
        if client is not None:
            # Closing waits for the client's threads, one of which may hang.
            threading.Thread(target=client.close, name="socket-close", daemon=True).start()

    def _watch(self) -> None:
        while not self._stopping.is_set():
            try:
                self.look()
            except Exception:
                _log.exception("the watch over the socket met a mistake")
            self._stopping.wait(LOOK_EVERY if self._client is not None else 1.0)

    def _hear(self, _message: str) -> None:
        self._heard = self._clock()

    def _receive(self, client: BaseSocketModeClient, envelope: SocketModeRequest) -> None:
        try:
            self._ask(client, envelope)
        except Exception:  # slack_sdk would only log it, and its log is silenced
            _log.exception("envelope not answered", extra={"envelope": envelope.envelope_id})

    def _ask(self, client: BaseSocketModeClient, envelope: SocketModeRequest) -> None:
        headers: dict[str, Any] = {}
        if envelope.retry_attempt is not None:
            headers["x-slack-retry-num"] = str(envelope.retry_attempt)
        if envelope.retry_reason is not None:
            headers["x-slack-retry-reason"] = envelope.retry_reason
        request = BoltRequest(mode="socket_mode", body=envelope.payload, headers=headers)

        def answered(answer: Answer) -> None:
            self._acknowledge(client, envelope.envelope_id, answer)
            self._dispatcher.follow_up(answer.follow_ups)

        self._dispatcher.ask(request, answered)

    def _acknowledge(self, client: BaseSocketModeClient, envelope_id: str, answer: Answer) -> None:
        if answer.status != 200:
            return  # Slack sends it again
        payload: dict[str, Any] | None = None
        if answer.body:
            payload = (
                json.loads(answer.body) if answer.body.startswith("{") else {"text": answer.body}
            )
        try:
            client.send_socket_mode_response(
                SocketModeResponse(envelope_id=envelope_id, payload=payload)
            )
        except Exception as problem:  # whatever a websocket breaks with
            _log.warning("acknowledgement not sent", extra={"error": type(problem).__name__})


def _reason(problem: Exception) -> str:
    code = trouble_of(problem).code
    return f"{code}: {OPENS_NOTHING if code in _REFUSED else explain(code).sentence}"
