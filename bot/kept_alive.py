"""slack_sdk's client over connections that are kept: it would open one, and close it, for each call.

Opening one costs a round trip, three with TLS, and both sides more CPU than the call itself.
"""

import select
import threading
import time
import weakref
from http.client import HTTPConnection, HTTPSConnection
from io import BytesIO
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request

from slack_sdk import WebClient

IDLE = 30.0  # seconds after which a connection is not trusted any more
_MOST_IDLE = 8

_Idle = dict[tuple[str, str], list[tuple[float, HTTPConnection]]]  # since when each has been so


class NotConnectedError(URLError):
    """There was no connection to be had, so nothing was sent."""


class Connections:
    """Open connections that nobody uses just now, by where they lead; threads share them."""

    def __init__(self) -> None:
        self._idle: _Idle = {}
        self._lock = threading.Lock()
        weakref.finalize(self, _close_all, self._idle)

    def take(self, place: tuple[str, str]) -> HTTPConnection | None:
        """One that the other side has not closed."""
        while True:
            with self._lock:
                idle = self._idle.get(place)
                if not idle:
                    return None
                since, connection = idle.pop()
            if time.monotonic() - since < IDLE and not _has_news(connection):
                return connection
            connection.close()

    def keep(self, place: tuple[str, str], connection: HTTPConnection) -> None:
        """Have it used again."""
        with self._lock:
            idle = self._idle.setdefault(place, [])
            if len(idle) < _MOST_IDLE:
                idle.append((time.monotonic(), connection))
                return
        connection.close()


class KeptAlive(WebClient):
    """A client whose connections are kept; its copies share them."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._connections = Connections()

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        if self.proxy:
            answered: dict[str, Any] = super()._perform_urllib_http_request_internal(url, req)
            return answered
        place, ends = (req.type, req.host), time.monotonic() + self.timeout
        # A request is never sent twice: who sends a post must know whether it may have been sent.
        connection = self._connections.take(place) or self._open(req)
        try:
            # A caller holds what this is about for so long, whatever part of it takes the time.
            connection.sock.settimeout(_left(ends))
            connection.request(req.get_method(), req.selector, req.data, dict(req.header_items()))
            connection.sock.settimeout(_left(ends))
            response = connection.getresponse()
            body = response.read()
        except BaseException:
            connection.close()
            raise
        if connection.sock is not None:  # http.client closes it where it is not to be used again
            self._connections.keep(place, connection)
        if response.status >= 300:
            raise HTTPError(url, response.status, response.reason, response.headers, BytesIO(body))
        return {
            "status": response.status,
            "headers": response.headers,
            "body": body.decode("utf-8"),
        }

    def _open(self, request: Request) -> HTTPConnection:
        """A new connection. Raises NotConnectedError, where urllib raises URLError."""
        connection = (
            HTTPSConnection(request.host, timeout=self.timeout, context=self.ssl)
            if request.type == "https"
            else HTTPConnection(request.host, timeout=self.timeout)
        )
        try:
            connection.connect()
        except OSError as problem:
            connection.close()
            raise NotConnectedError(problem) from problem
        return connection


def _left(ends: float) -> float:
    return max(0.01, ends - time.monotonic())  # 0 would be not to wait at all


def _close_all(idle: _Idle) -> None:
    for some in idle.values():
        for _since, connection in some:
            connection.close()


def _has_news(connection: HTTPConnection) -> bool:
    """Whether there is something to read where nothing was asked: the other side's good-bye."""
    look = select.poll()
    look.register(connection.sock, select.POLLIN)
    return bool(look.poll(0))
