"""The SDK's client over connections that are kept, against a server that answers as it is told."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection, RemoteDisconnected
from urllib.error import URLError
from urllib.request import Request

import pytest
from slack_sdk.errors import SlackApiError

from bot.kept_alive import KeptAlive, NotConnectedError
from bot.respond import hand_over

OK = b'HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{"ok":true}'
POSTED = b'HTTP/1.1 200 OK\r\ncontent-length: 26\r\n\r\n{"ok":true,"channel":"D1"}'
CLOSING = b'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 11\r\n\r\n{"ok":true}'
ENDLESS = b'HTTP/1.1 200 OK\r\n\r\n{"ok":true}'
CHUNKED = (
    b'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"ok"\r\n6\r\n:true}\r\n0\r\n\r\n'
)
BUSY = b'HTTP/1.1 429 No\r\nRetry-After: 7\r\ncontent-length: 12\r\n\r\n{"ok":false}'
HUNG_UP = b""


class Server:
    """Gives the next answer to each request, and ends the connection after one that is to be its last."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/api/"
        self.answers: list[bytes] = []
        self.connections = 0
        self.requests: list[bytes] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        while self.answers and (received := self._request(connection)):
            self.requests.append(received)
            answer = self.answers.pop(0)
            connection.sendall(answer)
            if answer in (CLOSING, ENDLESS, HUNG_UP):
                return

    def _request(self, connection: socket.socket) -> bytes:
        """A whole request; nothing where the other side went."""
        received = b""
        while piece := connection.recv(1 << 16):
            received += piece
            head, has_head, body = received.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            if has_head and len(body) >= int(length[1] if length else 0):
                break
        return received

    def close(self) -> None:
        self.answers.clear()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


def client_of(server: Server) -> KeptAlive:
    return KeptAlive("xoxb-1", base_url=server.url, retry_handlers=[], timeout=5)


def test_calls_share_a_connection_until_the_other_side_ends_it(server: Server) -> None:
    server.answers = [OK, CHUNKED, CLOSING, OK]
    client = client_of(server)
    for _ in range(3):
        assert client.chat_postMessage(channel="C1", text="Hi")["ok"]
    assert server.connections == 1
    assert client.api_test()["ok"]
    assert server.connections == 2
    assert b"authorization: bearer xoxb-1\r\n" in server.requests[0].lower()
    assert b'"channel": "C1"' in server.requests[0]


def test_an_answer_without_a_length_ends_with_its_connection(server: Server) -> None:
    server.answers = [ENDLESS, OK]
    client = client_of(server)
    assert client.api_test()["ok"]
    assert client.api_test()["ok"]
    assert server.connections == 2


def test_a_refusal_is_the_same_as_with_the_sdk_itself(server: Server) -> None:
    server.answers = [BUSY, OK]
    client = client_of(server)
    with pytest.raises(SlackApiError) as refused:
        client.api_test()
    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["Retry-After"] == "7"
    assert client.api_test()["ok"]
    assert server.connections == 1


def test_what_may_have_arrived_is_not_sent_again(server: Server) -> None:
    server.answers = [OK, HUNG_UP, OK]
    client = client_of(server)
    client.api_test()
    with pytest.raises(RemoteDisconnected):
        client.chat_postMessage(channel="C1", text="Once")
    assert sum(b"Once" in request for request in server.requests) == 1


def test_where_nobody_listens_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    client = KeptAlive("xoxb-1", base_url=f"http://127.0.0.1:{port}/", retry_handlers=[])
    with pytest.raises(URLError) as problem:
        client.api_test()
    assert isinstance(problem.value.reason, ConnectionRefusedError)


class FarAway(KeptAlive):
    """Takes almost all the time there is to connect."""

    def _open(self, request: Request) -> HTTPConnection:
        time.sleep(0.9)
        return super()._open(request)


def test_a_call_takes_no_longer_than_it_may_with_its_connecting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        client = FarAway("xoxb-1", base_url=url, retry_handlers=[], timeout=1)
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            client.api_test()
    assert time.monotonic() - began < 1.7


class Unlucky(KeptAlive):
    """Is not connected at the first attempt."""

    attempts = 0

    def _open(self, request: Request) -> HTTPConnection:
        self.attempts += 1
        if self.attempts == 1:
            raise NotConnectedError(TimeoutError("timed out"))
        return super()._open(request)


def test_what_was_never_sent_is_sent_again_even_where_it_must_not_come_twice(
    server: Server,
) -> None:
    server.answers = [POSTED]
    client = Unlucky("xoxb-1", base_url=server.url, retry_handlers=[], timeout=5)
    hand_over(client, "U1", content=b"", filename="a.csv", title="A", comment="Here it is")
    assert sum(b"Here it is" in request for request in server.requests) == 1
