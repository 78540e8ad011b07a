"""A served Laurel: the real web server on a port of this machine."""

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn

from bot.playground import SignedHttp
from tests.world import MakeWorld, World


@dataclass(frozen=True)
class Reply:
    """What a web server answered."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Served:
    """A world whose Slack calls Laurel over signed HTTP."""

    world: World
    port: int

    def get(self, path: str) -> Reply:
        """Open a page."""
        return self.ask("GET", path)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """Send any request; underscores in names of headers are dashes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, sent)
        response = connection.getresponse()
        reply = Reply(
            response.status,
            {name.lower(): value for name, value in response.getheaders()},
            response.read(),
        )
        connection.close()
        return reply


Serve = Callable[..., Served]


@pytest.fixture
def serve(make_world: MakeWorld) -> Iterator[Serve]:
    """Serves a world on SQLite: `serve(public_url="https://laurel.example")`."""
    servers: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(**settings: Any) -> Served:
        world = make_world(**settings)
        config = uvicorn.Config(
            world.laurel.web,
            port=0,
            http="httptools",
            loop="asyncio",
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        servers.append((server, thread))
        end = time.monotonic() + 30
        while not server.started:
            assert time.monotonic() < end, "the web server did not start"
            time.sleep(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        world.engine.connect(SignedHttp(f"http://127.0.0.1:{port}/slack/events"))
        return Served(world, port)

    yield start
    for server, thread in servers:
        server.should_exit = True
        thread.join(30)


@pytest.fixture
def served(serve: Serve) -> Served:
    """A served world with the usual settings."""
    return serve()
