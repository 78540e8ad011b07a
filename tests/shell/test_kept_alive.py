"""The SDK's client over connections that are kept, against a server that answers as it is told."""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPConnection, RemoteDisconnected
from urllib.error import URLError

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.delivery.trouble import SlackTroubleError, ask, trouble_of
from bot.kept_alive import KeptAlive, NotConnectedError, Place
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
SHORT = b'HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"ok":true}'
NEARLY = b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"
HTML = b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>"
NO_HTTP = b"220 mail.example ESMTP\r\n"
DRIPPING = b"HTTP/1.1 200 OK\r\n\r\n"


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
            if answer == DRIPPING:
                self._drip(connection)
            if answer in (CLOSING, DRIPPING, ENDLESS, HUNG_UP, SHORT):
                return

    def _drip(self, connection: socket.socket) -> None:
        """Go on until the other side has had enough, or for five seconds."""
        end = time.monotonic() + 5
        with suppress(OSError):
            while time.monotonic() < end:
                connection.sendall(b" ")
                time.sleep(0.001)

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


def message(client: KeptAlive) -> SlackResponse:
    """Said in JSON."""
    return client.chat_postMessage(channel="C1", text="Hi")


def question(client: KeptAlive) -> SlackResponse:
    """Said in a form."""
    return client.api_test()


calls = pytest.mark.parametrize("call", [message, question])


@calls
def test_both_kinds_of_calls_tell_refusals_alike(
    server: Server, call: Callable[[KeptAlive], SlackResponse]
) -> None:
    server.answers = [BUSY, HTML, OK]
    client = client_of(server)
    with pytest.raises(SlackApiError) as refused:
        call(client)
    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["Retry-After"] == "7"
    assert trouble_of(refused.value).retry_after == 7
    with pytest.raises(SlackApiError) as refused:
        call(client)
    assert trouble_of(refused.value).code == "garbage"
    assert call(client)["ok"]
    assert server.connections == 1


@calls
def test_an_answer_of_endless_brackets_leaves_in_doubt_what_was_done(
    server: Server, call: Callable[[KeptAlive], SlackResponse]
) -> None:
    server.answers = [b"HTTP/1.1 200 OK\r\ncontent-length: 200000\r\n\r\n" + b"[" * 200_000]
    with pytest.raises(SlackTroubleError) as trouble:
        ask(lambda: call(client_of(server)))
    assert (trouble.value.code, trouble.value.in_doubt) == ("garbage", True)


@calls
@pytest.mark.parametrize("answer", [HUNG_UP, SHORT, NO_HTTP])
def test_an_answer_that_breaks_off_leaves_in_doubt_what_was_done(
    server: Server, call: Callable[[KeptAlive], SlackResponse], answer: bytes
) -> None:
    server.answers = [answer]
    with pytest.raises(OSError) as problem:
        call(client_of(server))
    trouble = trouble_of(problem.value)
    assert (trouble.code, trouble.in_doubt) == ("no_answer", True)


def test_what_only_says_that_an_answer_will_come_is_none(server: Server) -> None:
    server.answers = [NEARLY + POSTED, OK]
    client = client_of(server)
    response = message(client)
    assert response["channel"] == "D1"
    assert "link" not in response.headers
    assert message(client)["ok"]
    assert server.connections == 1


def test_a_connection_on_which_more_came_than_was_asked_for_is_not_used_again(
    server: Server,
) -> None:
    server.answers = [POSTED + OK, OK]
    client = client_of(server)
    assert message(client)["channel"] == "D1"
    assert message(client).get("channel") is None
    assert server.connections == 2


def test_a_token_of_two_lines_is_sent_nowhere(server: Server) -> None:
    server.answers = [OK]
    client = client_of(server)
    client.token = "xoxb-1\r\nHost: elsewhere"
    with pytest.raises(ValueError, match="more than one line"):
        message(client)
    assert server.requests == []


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

    seconds = 0.9

    def _open(self, place: Place) -> HTTPConnection:
        time.sleep(self.seconds)
        return super()._open(place)


class TooFarAway(FarAway):
    """Takes more than that, as where the first of a host's addresses do not answer."""

    seconds = 1.1


def test_a_call_takes_no_longer_than_it_may_with_its_connecting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        client = FarAway("xoxb-1", base_url=url, retry_handlers=[], timeout=1)
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            client.api_test()
    assert time.monotonic() - began < 1.7


def test_nothing_is_sent_once_connecting_took_all_the_time_there_is(server: Server) -> None:
    server.answers = [OK]
    client = TooFarAway("xoxb-1", base_url=server.url, retry_handlers=[], timeout=1)
    with pytest.raises(NotConnectedError) as problem:
        message(client)
    trouble = trouble_of(problem.value)
    assert (trouble.code, trouble.in_doubt) == ("unreachable", False)
    assert server.requests == []


def test_an_answer_that_comes_drop_by_drop_is_not_waited_for_any_longer(server: Server) -> None:
    server.answers = [DRIPPING]
    client = KeptAlive("xoxb-1", base_url=server.url, retry_handlers=[], timeout=1)
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        message(client)
    assert time.monotonic() - began < 1.7


class Unlucky(KeptAlive):
    """Is not connected at the first attempt."""

    attempts = 0

    def _open(self, place: Place) -> HTTPConnection:
        self.attempts += 1
        if self.attempts == 1:
            raise NotConnectedError(TimeoutError("timed out"))
        return super()._open(place)


def test_what_was_never_sent_is_sent_again_even_where_it_must_not_come_twice(
    server: Server,
) -> None:
    server.answers = [POSTED]
    client = Unlucky("xoxb-1", base_url=server.url, retry_handlers=[], timeout=5)
    hand_over(client, "U1", content=b"", filename="a.csv", title="A", comment="Here it is")
    assert sum(b"Here it is" in request for request in server.requests) == 1
