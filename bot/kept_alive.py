"""slack_sdk's client over connections that are kept: it would open one, and close it, for each call.

Opening one costs a round trip, three with TLS, and both sides more CPU than the call itself.
"""

import select
import socket
import threading
import time
import weakref
from http.client import HTTPMessage, RemoteDisconnected
from io import BytesIO
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request

import httptools
from slack_sdk import WebClient

IDLE = 30.0  # seconds after which a connection is not trusted any more
_MOST_IDLE = 8
_MOST_BYTES = 1 << 16  # read at once
_OURS = frozenset({"Host", "Content-length", "Connection"})  # as urllib spells them


_Idle = dict[tuple[str, str], list[tuple[float, socket.socket]]]  # since when each has been so


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes
    lasts: bool  # whether the connection does


class _Parser:
    """Puts an answer together from what httptools finds in it."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._has_head = False
        self._lasts = False
        self._whole = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, in its turn."""
        self._headers[name.decode("latin-1")] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """The last header was there."""
        self._has_head = True
        # Asked for now: at the end of the answer the parser has forgotten.
        self._lasts = bool(self._parser.should_keep_alive())

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """The answer's end."""
        self._whole = True

    def read_from(self, connection: socket.socket) -> Answer:
        """Read an answer to its end. Raises OSError and http.client's errors."""
        while not self._whole:
            received = connection.recv(_MOST_BYTES)
            if not received:
                # Without a length the end of the connection is the end of the answer.
                if self._has_head and not self._has_length:
                    break
                raise RemoteDisconnected("the connection ended before the answer did")
            try:
                self._parser.feed_data(received)
            except httptools.HttpParserError as problem:
                raise ConnectionError(f"no HTTP: {type(problem).__name__}") from problem
        status = self._parser.get_status_code()
        lasts = self._whole and self._lasts
        return Answer(status, self._headers, b"".join(self._body), lasts)

    @property
    def _has_length(self) -> bool:
        names = {name.lower() for name in self._headers}
        return bool(names & {"content-length", "transfer-encoding"})


class Connections:
    """Open connections that nobody uses just now, by where they lead; threads share them."""

    def __init__(self) -> None:
        self._idle: _Idle = {}
        self._lock = threading.Lock()
        weakref.finalize(self, _close_all, self._idle)

    def take(self, place: tuple[str, str]) -> socket.socket | None:
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

    def keep(self, place: tuple[str, str], connection: socket.socket) -> None:
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
        place = (req.type, req.host)
        # A request is never sent twice: who sends a post must know whether it may have been sent.
        connection = self._connections.take(place)
        if connection is None:
            connection = self._open(req)
        try:
            connection.settimeout(self.timeout)
            connection.sendall(_written(req))
            answer = _Parser().read_from(connection)
        except BaseException:
            connection.close()
            raise
        if answer.lasts:
            self._connections.keep(place, connection)
        else:
            connection.close()
        if answer.status >= 300:
            raise _refusal(url, answer)
        return {
            "status": answer.status,
            "headers": answer.headers,
            "body": answer.body.decode("utf-8"),
        }

    def _open(self, request: Request) -> socket.socket:
        """A new connection. Raises URLError, as urllib does, where there is none to be had."""
        where = urlsplit(request.full_url)
        secure = where.scheme == "https"
        assert where.hostname is not None
        try:
            connection = socket.create_connection(
                (where.hostname, where.port or (443 if secure else 80)), self.timeout
            )
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if secure:
                assert self.ssl is not None, "an address with https needs certificates"
                connection = self.ssl.wrap_socket(connection, server_hostname=where.hostname)
        except OSError as problem:
            raise URLError(problem) from problem
        return connection


def _close_all(idle: _Idle) -> None:
    for some in idle.values():
        for _since, connection in some:
            connection.close()


def _written(request: Request) -> bytes:
    body = request.data or b""
    assert isinstance(body, bytes)
    head = f"POST {request.selector} HTTP/1.1\r\nHost: {request.host}\r\n"
    for name, value in (*request.unredirected_hdrs.items(), *request.headers.items()):
        if name not in _OURS:
            head += f"{name}: {value}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body


def _has_news(connection: socket.socket) -> bool:
    """Whether there is something to read where nothing was asked: the other side's good-bye."""
    look = select.poll()
    look.register(connection, select.POLLIN)
    return bool(look.poll(0))


def _refusal(url: str, answer: Answer) -> HTTPError:
    """What urllib raises for an answer that is none of success."""
    headers = HTTPMessage()
    for name, value in answer.headers.items():
        headers[name] = value
    return HTTPError(url, answer.status, "refused", headers, BytesIO(answer.body))
