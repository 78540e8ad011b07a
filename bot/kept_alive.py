"""slack_sdk's client over connections that are kept: it would open one, and close it, for each call.

Opening one costs a round trip, three with TLS, and both sides more CPU than the call itself. Of what is
left, most went into reading the answer's head, for which `http.client` has the parser for mail: here
it is httptools, with which the web server reads requests.
"""

import json as json_
import select
import socket
import threading
import time
import weakref
from collections.abc import Iterable
from http.client import HTTPConnection, HTTPMessage, HTTPSConnection, RemoteDisconnected
from io import BytesIO
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request

import httptools
from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

IDLE = 30.0  # seconds after which a connection is not trusted any more
_MOST_IDLE = 8
_AT_ONCE = 1 << 16  # bytes
_WRITTEN_HERE = frozenset({"host", "content-length", "connection"})  # headers

_Idle = dict["Place", list[tuple[float, HTTPConnection]]]  # since when each has been so


class NotConnectedError(URLError):
    """There was no connection to be had, so nothing was sent."""


class Place(NamedTuple):
    """Where connections lead: `https`, `slack.com`."""

    scheme: str
    host: str


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes
    lasts: bool  # whether the connection does


class Connections:
    """Open connections that nobody uses just now, by where they lead; threads share them."""

    def __init__(self) -> None:
        self._idle: _Idle = {}
        self._lock = threading.Lock()
        weakref.finalize(self, _close_all, self._idle)

    def take(self, place: Place) -> HTTPConnection | None:
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

    def keep(self, place: Place, connection: HTTPConnection) -> None:
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

    def api_call(
        self,
        api_method: str,
        *,
        http_verb: str = "POST",
        files: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        params: dict[str, Any] | None = None,
        json: dict[str, Any] | None = None,
        headers: dict[str, Any] | None = None,
        auth: dict[str, Any] | None = None,
    ) -> SlackResponse:
        """Call a method; raises what slack_sdk raises.

        What is said in JSON alone, as all messages are, is spared what slack_sdk does for other calls.
        """
        plain = not (files or data or params or headers or auth or self.default_params)
        if not json or "token" in json or not plain or self.proxy or self.retry_handlers:
            return super().api_call(
                api_method,
                http_verb=http_verb,
                files=files,
                data=data,
                params=params,
                json=json,
                headers=headers,
                auth=auth,
            )
        url = f"{self.base_url}{api_method}"
        said = {"Content-Type": "application/json;charset=utf-8", **self.headers}
        if self.token:
            said["Authorization"] = f"Bearer {self.token}"
        answer = self._ask(url, said.items(), json_.dumps(json).encode())
        response = SlackResponse(
            client=self,
            http_verb=http_verb,
            api_url=url,
            req_args={"json": json},
            data=_read(answer.body),
            headers=answer.headers,
            status_code=answer.status,
        )
        response.validate()  # type: ignore[no-untyped-call]
        return response

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        if self.proxy:
            answered: dict[str, Any] = super()._perform_urllib_http_request_internal(url, req)
            return answered
        assert isinstance(req.data, bytes | None)
        answer = self._ask(url, req.header_items(), req.data or b"")
        if answer.status >= 300:
            headers = HTTPMessage()
            for name, value in answer.headers.items():
                headers[name] = value
            raise HTTPError(url, answer.status, "refused", headers, BytesIO(answer.body))
        return {
            "status": answer.status,
            "headers": answer.headers,
            "body": answer.body.decode("utf-8"),
        }

    def _ask(self, url: str, headers: Iterable[tuple[str, str]], body: bytes) -> Answer:
        """Send a request and wait for its answer, for as long as the client's timeout in all.

        Where connecting takes that long, nothing is sent: by then others may hold what it is about.
        """
        where, ends = urlsplit(url), time.monotonic() + self.timeout
        place = Place(where.scheme, where.netloc)
        path = f"{where.path}?{where.query}" if where.query else where.path
        request = _written(path, place.host, headers, body)
        # A request is never sent twice: who sends a post must know whether it may have been sent.
        connection = self._connections.take(place) or self._open(place)
        if time.monotonic() >= ends:
            # A host has several addresses, and each of them may take all the time there is.
            connection.close()
            raise NotConnectedError(TimeoutError("connecting took too long"))
        try:
            # A caller holds what this is about for so long, whatever part of it takes the time.
            connection.sock.settimeout(_left(ends))
            connection.sock.sendall(request)
            answer = _Parser().read_from(connection.sock, ends)
        except BaseException:
            connection.close()
            raise
        if answer.lasts:
            self._connections.keep(place, connection)
        else:
            connection.close()
        return answer

    def _open(self, place: Place) -> HTTPConnection:
        """A new connection. Raises NotConnectedError, where urllib raises URLError."""
        connection = (
            HTTPSConnection(place.host, timeout=self.timeout, context=self.ssl)
            if place.scheme == "https"
            else HTTPConnection(place.host, timeout=self.timeout)
        )
        try:
            connection.connect()
        except OSError as problem:
            connection.close()
            raise NotConnectedError(problem) from problem
        return connection


class _Parser:
    """Puts an answer together from what httptools finds in it."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._status = 0  # none yet
        self._lasts = False
        self._ended = False

    def on_message_begin(self) -> None:
        """An answer; a second one was not asked for."""
        if self._ended:
            raise ValueError("more came than was asked for")
        self._headers.clear()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, in its turn."""
        self._headers[name.decode("latin-1")] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """The last header was there."""
        self._status = self._parser.get_status_code()
        # Asked for now: at the end of the answer the parser has forgotten.
        self._lasts = self._parser.should_keep_alive()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """The answer's end, unless it only says that an answer will come."""
        self._ended = self._status >= 200

    def read_from(self, connection: socket.socket, ends: float) -> Answer:
        """Read an answer to its end. Raises OSError, where there is none in time."""
        while not self._ended:
            connection.settimeout(_left(ends))
            received = connection.recv(_AT_ONCE)
            if not received:
                # Without a length the end of the connection is the end of the answer.
                if self._status < 200 or self._has_length:
                    raise RemoteDisconnected("the connection ended before the answer did")
                break
            self._take(received)
            if not self._ended and time.monotonic() >= ends:
                raise TimeoutError("the answer did not end in time")
        lasts = self._ended and self._lasts
        return Answer(self._status, self._headers, b"".join(self._body), lasts)

    def _take(self, received: bytes) -> None:
        try:
            self._parser.feed_data(received)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as problem:
            if not self._ended:
                raise ConnectionError(f"no HTTP: {type(problem).__name__}") from problem
            self._lasts = False

    @property
    def _has_length(self) -> bool:
        names = {name.lower() for name in self._headers}
        return bool(names & {"content-length", "transfer-encoding"})


def _written(path: str, host: str, headers: Iterable[tuple[str, str]], body: bytes) -> bytes:
    lines = [f"POST {path} HTTP/1.1", f"Host: {host}", "Accept-Encoding: identity"]
    lines += [f"{name}: {value}" for name, value in headers if name.lower() not in _WRITTEN_HERE]
    lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join(lines)
    if head.count("\n") != len(lines) - 1 or head.count("\r") != len(lines) - 1:
        raise ValueError("a header of more than one line")
    return f"{head}\r\n\r\n".encode("latin-1") + body


def _read(body: bytes) -> Any:
    """What an answer says; what is no JSON is an error in words, as slack_sdk has it."""
    try:
        return json_.loads(body)
    except ValueError:
        return {"ok": False, "error": "The answer is no JSON."}


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
