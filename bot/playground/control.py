"""The workspace's remote control for tests in other processes and for the playground's page.

`POST /_control/act {"verb": "command", "user": "maria", …}` and so on; JSON both ways. Only
requests to this machine's own names are taken, so that no web page elsewhere can steer it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.playground.outcome import CannotActError, Outcome
from bot.playground.shapes import Json, Message, View
from bot.playground.transports import SignedHttp
from bot.playground.weather import Front

if TYPE_CHECKING:
    from bot.playground.engine import Engine

VERBS = frozenset(
    [
        "command",
        "click",
        "choose",
        "submit",
        "close",
        "type_ahead",
        "message_shortcut",
        "global_shortcut",
        "open_home",
        "post",
        "fill",
    ]
)
ROSTER = frozenset(
    [
        "add_user",
        "change_user",
        "deactivate",
        "reactivate",
        "add_channel",
        "archive",
        "unarchive",
        "rename",
        "delete_channel",
        "invite",
        "remove",
        "add_group",
        "change_group",
        "add_profile_field",
    ]
)
Handler = Callable[[Request], Awaitable[JSONResponse]]


def control_app(engine: "Engine") -> Starlette:
    """Return the control API of an engine."""

    def answering(work: Callable[[Json], Any]) -> Handler:
        async def endpoint(request: Request) -> JSONResponse:
            origin = request.headers.get("origin")
            if origin is not None and origin != f"http://{request.headers['host']}":
                return JSONResponse({"error": "another site's page"}, status_code=403)
            body: Json = dict(request.query_params)
            if request.method == "POST":
                body |= await request.json()
            try:
                return JSONResponse(await run_in_threadpool(work, body))
            except (CannotActError, KeyError, TypeError, ValueError) as error:
                trouble = {"error": type(error).__name__, "message": str(error)}
                return JSONResponse(trouble, status_code=400)

        return endpoint

    control = _Control(engine)
    routes = [
        Route("/_control/act", answering(control.act), methods=["POST"]),
        Route("/_control/roster", answering(control.roster), methods=["POST"]),
        Route("/_control/connect", answering(control.connect), methods=["POST"]),
        Route("/_control/clock", answering(control.clock), methods=["GET", "POST"]),
        Route("/_control/weather", answering(control.weather), methods=["POST"]),
        Route("/_control/settings", answering(control.settings), methods=["POST"]),
        Route("/_control/messages", answering(control.messages)),
        Route("/_control/screen", answering(control.screen)),
        Route("/_control/traffic", answering(control.traffic)),
    ]
    hosts = ["127.0.0.1", "localhost"]
    return Starlette(
        routes=routes,
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
            Middleware(_NoForeignPage),
        ],
    )


class _NoForeignPage:
    """Refuses what a browser sends from any page: tests' clients name no origin."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        app = self._app
        if scope["type"] == "http" and "origin" in Headers(scope=scope):
            app = JSONResponse({"error": "not for web pages"}, status_code=403)
        await app(scope, receive, send)


class _Control:
    def __init__(self, engine: "Engine") -> None:
        self._engine = engine

    def act(self, body: Json) -> Json:
        """Do what a person does; messages and views are named by `ts` and `view_id`."""
        verb = body.pop("verb")
        if verb not in VERBS:
            raise ValueError(f"no such verb: {verb}")
        if "view_id" in body:
            body["view"] = self._engine.workspace.views[body.pop("view_id")]
        if verb == "message_shortcut":
            found = self._engine.message(body.pop("channel"), body.pop("ts"))
            if found is None:
                raise ValueError("no such message")
            body["message"] = found
        done = getattr(self._engine, verb)(**body)
        return {"result": _plain(done)}

    def roster(self, body: Json) -> Json:
        """Change people, channels or groups."""
        verb = body.pop("verb")
        if verb not in ROSTER:
            raise ValueError(f"no such verb: {verb}")
        users = body.pop("users", None)
        if verb in ("invite", "remove"):
            done = getattr(self._engine, verb)(body["channel"], *(users or []))
        else:
            done = getattr(self._engine, verb)(**body)
        return {"result": _plain(done)}

    def connect(self, body: Json) -> Json:
        """Reach the app at a `url`, or by Socket Mode without one."""
        url = body.get("url")
        self._engine.connect(SignedHttp(url) if url else None)
        return {"sockets": len(self._engine.sockets)}

    def clock(self, body: Json) -> Json:
        """Tell the time, after moving it by `seconds`."""
        if "seconds" in body:
            self._engine.advance(timedelta(seconds=float(body["seconds"])))
        return {"now": self._engine.clock.now().isoformat()}

    def weather(self, body: Json) -> Json:
        """Put a front in force: `kind`, `method`, `times`, …; or `clear`."""
        if body.pop("clear", False):
            self._engine.weather.clear(body.get("method"))
            return {}
        left = body.pop("times", None)
        self._engine.weather.set(Front(body.pop("kind"), body.pop("method", "*"), left, **body))
        return {}

    def settings(self, body: Json) -> Json:
        """Set `limits` (on or off), `silent` sockets, `file_processing` seconds, `scopes`."""
        engine = self._engine
        if "limits" in body:
            engine.limits.enabled = bool(body["limits"])
        if "silent" in body:
            engine.sockets.silent = bool(body["silent"])
        if "file_processing" in body:
            engine.file_processing = timedelta(seconds=float(body["file_processing"]))
        if "scopes" in body:
            engine.scopes = set(body["scopes"])
        if "subscriptions" in body:
            engine.subscriptions = set(body["subscriptions"])
        if "refresh" in body:
            engine.sockets.refresh()
        if "drop" in body:
            engine.sockets.drop()
        return {}

    def messages(self, body: Json) -> Json:
        """Read a `channel`, or the `ephemerals` or `dms` of a person."""
        engine = self._engine
        if "ephemerals" in body:
            found = engine.ephemerals(body["ephemerals"])
        elif "dms" in body:
            found = engine.dms(body["dms"])
        else:
            found = engine.messages(body["channel"])
        return {"messages": [_plain(message) for message in found]}

    def screen(self, body: Json) -> Json:
        """Read the top modal and the Home tab of a `user`."""
        engine = self._engine
        return {
            "view": _plain(engine.view(body["user"])),
            "home": _plain(engine.home(body["user"])),
        }

    def traffic(self, body: Json) -> Json:
        """Read the latest exchanges (`limit`, 100), of one `name` if given, and all counts."""
        traffic = self._engine.traffic
        found = [e for e in traffic if body.get("name") in (None, e.name)]
        latest = found[-int(body.get("limit", 100)) :]
        return {
            "counts": dict(traffic.counts),
            "exchanges": [{**asdict(e), "at": e.at.isoformat()} for e in latest],
        }


def _plain(done: Any) -> Any:
    if isinstance(done, Outcome):
        return done.as_json()
    if isinstance(done, Message):
        return {**done.as_json(), "channel": done.channel, "reads": done.reads()}
    if isinstance(done, View):
        return {**done.payload, "id": done.id, "hash": done.hash, "reads": done.reads()}
    if hasattr(done, "__dataclass_fields__"):
        plain = {name: getattr(done, name) for name in done.__dataclass_fields__}
        return {
            name: sorted(value) if isinstance(value, frozenset) else value
            for name, value in plain.items()
        }
    return done
