"""The page's addresses: what it looks at, and where it acts."""

import threading
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.playground.engine import Engine
from bot.playground.outcome import CannotActError
from bot.playground.page import seeing
from bot.playground.page.avatars import avatar
from bot.playground.page.hands import Hands
from bot.playground.page.live import Live
from bot.playground.page.offer import Offer
from bot.playground.page.shell import STATIC, enclosed
from bot.playground.page.skies import Switch
from bot.playground.page.when import moment, stops
from bot.playground.shapes import Json

LARGEST_FILE = 20_000_000  # bytes
Handler = Callable[[Request], Awaitable[Response]]


def create(engine: Engine, offer: Offer) -> Starlette:
    """Return the page of an engine as an ASGI application."""
    page = _Page(engine, offer)
    routes = [
        Route("/", page.index),
        Route("/page/state", _reading(page.state)),
        Route("/page/messages", _reading(page.messages)),
        Route("/page/thread", _reading(page.thread)),
        Route("/page/screen", _reading(page.screen)),
        Route("/page/traffic", _reading(page.traffic)),
        Route("/page/events", page.events),
        Route("/page/avatars/{user}.svg", page.avatar),
        Route("/page/files/{file}", page.file),
        Route("/page/act", _acting(page.hands.act), methods=["POST"]),
        Route("/page/clock", _acting(page.travel), methods=["POST"]),
        Route("/page/weather", _acting(page.weather), methods=["POST"]),
        Route("/page/upload", page.upload, methods=["POST"]),
    ]
    return enclosed(routes, fonts=offer.fonts)


def _reading(work: Callable[[Any], Json]) -> Handler:
    async def endpoint(request: Request) -> Response:
        return await _answer(work, request.query_params)

    return endpoint


def _acting(work: Callable[[Any], Json]) -> Handler:
    async def endpoint(request: Request) -> Response:
        return await _answer(work, await request.json())

    return endpoint


async def _answer(work: Callable[[Any], Json], asked: Any) -> Response:
    try:
        return JSONResponse(await run_in_threadpool(work, asked))
    except KeyError as error:
        return JSONResponse({"error": str(error.args[0])}, status_code=404)
    except (CannotActError, ValueError) as error:
        return JSONResponse({"error": str(error)}, status_code=400)


class _Page:
    def __init__(self, engine: Engine, offer: Offer) -> None:
        self._engine = engine
        self._offer = offer
        self._live = Live(engine)
        self._sky = Switch(engine.weather)
        self._travelling = threading.Lock()
        self.hands = Hands(engine, offer)

    # -- files -----------------------------------------------------------------------------------

    async def index(self, _request: Request) -> Response:
        return FileResponse(STATIC / "index.html", media_type="text/html")

    async def avatar(self, request: Request) -> Response:
        user = self._engine.workspace.users.get(request.path_params["user"])
        if user is None:
            return Response(status_code=404)
        drawn = avatar(user, app=user.id == self._engine.workspace.bot_user)
        return Response(drawn, media_type="image/svg+xml")

    async def file(self, request: Request) -> Response:
        file = self._engine.workspace.files.get(request.path_params["file"])
        if file is None or not file.mimetype.startswith("image/"):
            return Response(status_code=404)
        return Response(
            file.content, media_type=file.mimetype, headers={"cache-control": "max-age=86400"}
        )

    # -- looking ---------------------------------------------------------------------------------

    def state(self, asked: Json) -> Json:
        engine, offer = self._engine, self._offer
        found = seeing.workspace(engine, engine.user(asked.get("as") or offer.act_as), offer)
        found["weather"] = self._sky.as_json()
        found["first_channel"] = offer.channel
        found["steps"] = [
            {name: getattr(step, name) for name in step.__dataclass_fields__}
            for step in offer.steps
        ]
        return found

    def messages(self, asked: Json) -> Json:
        person = self._engine.user(asked["as"])
        channel = seeing.channel_of(self._engine, person, asked["channel"])
        return {"messages": seeing.messages(self._engine, person, channel)}

    def thread(self, asked: Json) -> Json:
        person = self._engine.user(asked["as"])
        channel = seeing.channel_of(self._engine, person, asked["channel"])
        return {"messages": seeing.thread(self._engine, person, channel, asked["ts"])}

    def screen(self, asked: Json) -> Json:
        person = self._engine.user(asked["as"])
        home = self._engine.home(person)
        return {
            "modals": [seeing.view(view) for view in self._engine.views(person)],
            "home": seeing.view(home) if home else None,
        }

    def traffic(self, asked: Json) -> Json:
        return seeing.exchanges(self._engine, int(asked.get("after") or 0))

    async def events(self, _request: Request) -> Response:
        return StreamingResponse(
            self._live.stream(),
            media_type="text/event-stream",
            headers={"cache-control": "no-store"},
        )

    # -- acting ----------------------------------------------------------------------------------

    def travel(self, asked: Json) -> Json:
        engine = self._engine
        person = engine.user(asked["as"])
        with self._travelling:
            now = engine.clock.now()
            for stop in stops(now, moment(str(asked["words"]), now, ZoneInfo(person.tz))):
                engine.advance(max(timedelta(0), stop - engine.clock.now()))
                self._offer.after_time_moved()
                self._live.tell("clock")
        return seeing.clock(engine, person)

    def weather(self, asked: Json) -> Json:
        self._sky.set(str(asked["key"]))
        self._live.tell("weather")
        return self._sky.as_json()

    async def upload(self, request: Request) -> Response:
        name = unquote(request.query_params.get("name") or "file")
        content = await request.body()
        if len(content) > LARGEST_FILE:
            return JSONResponse({"error": "That file is larger than 20 MB."}, status_code=413)

        def work(who: str) -> Json:
            return self.hands.upload(self._engine.user(who), name, content)

        return await _answer(work, request.query_params.get("as") or "")
