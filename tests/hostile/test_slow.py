"""Connections that say nothing, a little at a time, or too much keep nobody else from being answered."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

from bot.web.patience import LONGEST_HEAD, PatientProtocol
from tests.hostile.door import mistakes
from tests.world import World

FAR = 20.0  # seconds after which a test has waited long enough


class Impatient(PatientProtocol):
    """The same, in less time than a test takes."""

    head_within = 0.2
    whole_within = 0.4
    most_connections = 20


@pytest.fixture
def port(world: World) -> Iterator[int]:
    """Where a world is served impatiently."""
    config = uvicorn.Config(
        world.laurel.web, port=0, http=Impatient, loop="asyncio", ws="none", lifespan="off",
        access_log=False, log_config=None, server_header=False, timeout_keep_alive=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + FAR
    while not server.started:
        assert time.monotonic() < end, "the web server did not start"
        time.sleep(0.005)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(FAR)


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=FAR)


def heard(connection: socket.socket) -> bytes:
    """Everything that comes until the connection is let go."""
    said = b""
    try:
        while part := connection.recv(65_536):
            said += part
    except ConnectionResetError:
        pass
    connection.close()
    return said


def is_alive(port: int) -> bool:
    with connected(port) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        return heard(connection).endswith(b"alive\n")


HEAD = b"POST /slack/events HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n"


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET /heal",
        b"GET /healthz HTTP/1.1\r\nhost: a\r\nx-slow: ",
        HEAD + b"\r\n",
        HEAD + b"\r\nonly the beginning",
        b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n" * 2 + HEAD + b"\r\nthe third never ends",
        b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\nGET /heal",
    ],
)
def test_who_does_not_finish_a_request_is_let_go(port: int, said: bytes) -> None:
    connection = connected(port)
    connection.sendall(said)
    assert b"500" not in heard(connection)
    assert is_alive(port)


def test_who_sends_a_byte_now_and_then_is_let_go_all_the_same(port: int) -> None:
    connection = connected(port)
    with pytest.raises(OSError), mistakes() as found:  # noqa: PT012 - until it breaks
        for byte in HEAD * 100:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)
    connection.close()
    assert found == []


def test_a_head_without_an_end_is_not_kept(port: int) -> None:
    connection = connected(port)
    connection.sendall(b"GET /healthz HTTP/1.1\r\n")
    sent = 0
    with pytest.raises(OSError):  # noqa: PT012 - until it breaks
        while sent < 100 * LONGEST_HEAD:
            sent += connection.send(b"x-more: " + b"x" * 1_000 + b"\r\n")
        raise AssertionError(f"{sent} bytes of head were taken")
    connection.close()
    assert is_alive(port)


def test_more_connections_than_there_is_room_for_are_turned_away_at_once(port: int) -> None:
    held = [connected(port) for _ in range(25)]
    assert heard(held.pop()) == b""
    for one in held:
        one.close()
    end = time.monotonic() + FAR
    while time.monotonic() < end:  # those that were closed are noticed in their turn
        if is_alive(port):
            break
    else:
        raise AssertionError("nobody is answered any more")
