"""The workspace over HTTP and websockets, on 127.0.0.1 only."""

import asyncio
import base64
import json
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from bot.playground.core import Core
from bot.playground.methods import METHODS
from bot.playground.methods_files import receive_upload
from bot.playground.responses import answer_response_url
from bot.playground.weather import Front
from bot.playground.webapi import Arrival, Reply, arguments, handle, note_request

if TYPE_CHECKING:
    from bot.playground.engine import Engine

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Work = Callable[[Arrival], Reply]
ASGI = Callable[[Scope, Receive, Send], Awaitable[None]]
TICK = 0.2


class _Http(HttpToolsProtocol):
    """HTTP that lets the application cut the connection."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        cast("Scope", self.scope)["cut"] = self.transport.abort


def _websocket_protocol(core: Core) -> type[WebSocketsSansIOProtocol]:
    class SilentSocket(WebSocketsSansIOProtocol):
        """A websocket that can be cut, and that leaves pings unanswered while silent."""

        def handle_connect(self, event: Any) -> None:
            super().handle_connect(event)
            if hasattr(self, "scope"):
                cast("Scope", self.scope)["cut"] = self.transport.abort

        def handle_ping(self) -> None:
            if core.sockets.silent:
                self.conn.data_to_send()
                return
            super().handle_ping()

    return SilentSocket


class Site:
    """The ASGI application: Web API, response URLs, files, Socket Mode, control."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._rest: ASGI | None = None
        self.page: ASGI | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or websocket."""
        path: str = scope.get("path", "")
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif path.startswith("/api/"):
            await self._api(path[5:].strip("/"), scope, receive, send)
        elif path.startswith("/actions/"):
            await self._response_url(path[9:], scope, receive, send)
        elif path.startswith("/upload/v1/"):
            await self._upload(path[11:], scope, receive, send)
        elif path.startswith("/files-pri/"):
            await self._download(path, scope, receive, send)
        elif self.page is not None and not path.startswith("/_control/"):
            await self.page(scope, receive, send)
        else:
            await self._others()(scope, receive, send)

    def _others(self) -> ASGI:
        if self._rest is None:
            from bot.playground.control import control_app

            self._rest = cast("ASGI", control_app(cast("Engine", self._core)))
        return self._rest

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = scope.get("query_string", b"").decode()
        ticket = query.partition("ticket=")[2].partition("&")[0]
        await self._core.sockets.serve(ticket, receive, send, scope["cut"])

    async def _api(self, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        body = await _body(receive)
        kind, _, credential = headers.get("authorization", "").partition(" ")
        bearer = credential.strip() if kind == "Bearer" else ""
        try:
            query = scope["query_string"].decode()
            args = arguments(body, headers.get("content-type", ""), query)
            if kind == "Basic":  # an app itself, at oauth.v2.access
                said = base64.b64decode(credential).decode().partition(":")
                args |= {"client_id": said[0], "client_secret": said[2]}
        except ValueError:
            answer = json.dumps({"ok": False, "error": "invalid_json"}).encode()
            await _send(send, Reply(200, answer, JSON_HEADERS))
            return

        def work(arrival: Arrival) -> Reply:
            status, found, more = handle(self._core, name, args, bearer, METHODS, arrival)
            return Reply(status, json.dumps(found).encode(), {**JSON_HEADERS, **more})

        await self._under_weather(name, args, work, scope, send)

    async def _under_weather(
        self, name: str, request: Mapping[str, Any], work: Work, scope: Scope, send: Send
    ) -> None:
        begun = time.perf_counter()
        front = self._core.weather.over(name)
        if front is None:
            await _send(send, work(Arrival(begun)))
        elif front.kind == "hang":
            await self._hang(front)
            await _send(send, work(Arrival(begun, "it hung")))
        elif front.kind == "lose_answer":
            work(Arrival(begun, "the answer was lost", lost=True))
            scope["cut"]()
        elif front.kind == "drop":
            arrival = Arrival(begun, "the connection was dropped", lost=True)
            note_request(self._core, name, request, 0, None, arrival)
            scope["cut"]()
        else:
            reply = _bad_reply(front)
            arrival, answer = Arrival(begun, front.kind), _readable(reply.body)
            note_request(self._core, name, request, reply.status, answer, arrival)
            await _send(send, reply)

    async def _hang(self, front: Front) -> None:
        until = time.monotonic() + front.seconds
        while time.monotonic() < until:
            if front.release.is_set() or self._core.stopping.is_set():
                return
            await asyncio.sleep(0.01)

    async def _response_url(self, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            payload = json.loads(await _body(receive) or b"null")
        except ValueError:
            payload = None

        request = payload if isinstance(payload, dict) else {}

        def work(arrival: Arrival) -> Reply:
            status, answer = answer_response_url(self._core.workspace, key, payload)
            note_request(self._core, "response_url", request, status, answer, arrival)
            body = b"ok" if status == 200 else json.dumps(answer).encode()
            return Reply(status, body, {"content-type": "text/plain"})

        await self._under_weather("response_url", request, work, scope, send)

    async def _upload(self, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        content = await _body(receive)
        kind = headers.get("content-type", "")
        if kind.startswith("multipart/form-data"):
            content = _first_part(content, kind)

        def work(arrival: Arrival) -> Reply:
            with self._core.workspace.lock:
                status, text = receive_upload(self._core.workspace, key, content)
            note_request(self._core, "upload", {"bytes": len(content)}, status, text, arrival)
            return Reply(status, text.encode(), {"content-type": "text/plain"})

        await self._under_weather("upload", {"bytes": len(content)}, work, scope, send)

    async def _download(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        await _body(receive)
        space = self._core.workspace
        token = _headers(scope).get("authorization", "").removeprefix("Bearer ")
        grant = space.grants.get(token)

        def work(_: Arrival) -> Reply:
            if grant is None or grant.trouble or "files:read" not in grant.scopes:
                # Slack sends such readers to its login page instead of an error.
                return Reply(302, b"", {"location": f"{space.site}?redir={path}"})
            file = space.find_file({"url": f"{space.base_url}{path}"})
            if file is None or not file.uploaded:
                return Reply(404, b"not found", {"content-type": "text/plain"})
            return Reply(200, file.content, {"content-type": file.mimetype})

        await self._under_weather("download", {"path": path}, work, scope, send)


JSON_HEADERS = {"content-type": "application/json; charset=utf-8"}


def _bad_reply(front: Front) -> Reply:
    if front.kind == "rate_limited":
        body = json.dumps({"ok": False, "error": "ratelimited"}).encode()
        return Reply(429, body, {**JSON_HEADERS, "retry-after": str(front.retry_after)})
    if front.kind == "refuse":
        body = json.dumps({"ok": False, "error": front.error}).encode()
        return Reply(200, body, JSON_HEADERS)
    if front.kind == "error_500":
        return Reply(500, b"<html>Server Error</html>", {"content-type": "text/html"})
    return Reply(200, b"\x00<<<not json", JSON_HEADERS)


def _readable(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode()


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


async def _body(receive: Receive) -> bytes:
    event = await receive()
    body: bytes = event.get("body", b"")
    while event.get("more_body"):
        event = await receive()
        body += event.get("body", b"")
    return body


def _first_part(body: bytes, content_type: str) -> bytes:
    boundary = b"--" + content_type.partition("boundary=")[2].strip('"').encode()
    part = body.partition(boundary)[2].partition(b"\r\n\r\n")[2]
    return part.partition(b"\r\n" + boundary)[0]


async def _send(send: Send, reply: Reply) -> None:
    headers = [(name.encode(), value.encode("latin-1")) for name, value in reply.headers.items()]
    headers.append((b"content-length", str(len(reply.body)).encode()))
    start = {"type": "http.response.start", "status": reply.status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": reply.body})


class Server:
    """A site's listener and event loop, in a thread."""

    def __init__(self, core: Core, *, port: int, own_time: bool) -> None:
        self._core = core
        self._port = port
        self._own_time = own_time
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None
        self._ready = threading.Event()
        self.site = Site(core)

    def start(self) -> str:
        """Open the port and return the address once it answers."""
        # With its protocol named, asyncio sets TCP_NODELAY; without, each answer takes 40 ms.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", self._port))
        except OSError:
            listener.close()
            raise
        listener.listen(1024)
        port = listener.getsockname()[1]
        self._thread = threading.Thread(
            target=self._run, args=(listener,), name=f"playground-{port}", daemon=True
        )
        self._thread.start()
        self._ready.wait(10)
        return f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        """Close everything and end the thread."""
        if self._thread is None or self._loop is None or self._end is None:
            return
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(10)
        self._thread = None

    def _run(self, listener: socket.socket) -> None:
        config = self._config()
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(self._serve(listener, config))

    def _config(self) -> uvicorn.Config:
        config = uvicorn.Config(
            cast("Any", self.site),
            ws=_websocket_protocol(self._core),
            ws_ping_interval=None,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_keep_alive=60,
        )
        config.load()
        return config

    async def _serve(self, listener: socket.socket, config: uvicorn.Config) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        state = ServerState()

        def protocol() -> asyncio.Protocol:
            return _Http(config=config, server_state=state, app_state={})

        server = await self._loop.create_server(protocol, sock=listener)
        ticking = asyncio.create_task(self._tick()) if self._own_time else None
        self._ready.set()
        try:
            await self._end.wait()
        finally:
            server.close()
            if ticking is not None:
                ticking.cancel()
            for connection in list(state.connections):
                if connection.transport is not None:
                    connection.transport.abort()
            if state.tasks:
                await asyncio.wait(state.tasks, timeout=1.0)
            await server.wait_closed()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            if self._core.clock.waiting:
                await asyncio.to_thread(self._core.run_due)
