"""The routes and what stands behind each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.dispatch import Dispatcher
from bot.web.hardening import Hardened
from bot.web.slack import SlackEndpoint

PICTURE_HEADERS = {
    "cache-control": "public, max-age=86400, immutable",
    "cross-origin-resource-policy": "cross-origin",
}


@dataclass(frozen=True)
class Site:
    """What the web side needs of the rest.

    `readiness` says for each thing that must work "ok" or what is wrong; `picture` is a picture's bytes
    and media type by the token in its address, None where there is none (or none any more).
    """

    dispatcher: Dispatcher | None  # None: Slack does not come over HTTP
    readiness: Callable[[], Mapping[str, str]]
    picture: Callable[[str], tuple[bytes, str] | None] | None  # None: this process serves none
    metrics: Callable[[], bytes]  # in Prometheus' text format
    installing: Sequence[Route] = ()  # `bot.web.install`, where workspaces install the app


def create(site: Site) -> Starlette:
    """The web application; starting and stopping the rest is not its business."""

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def readyz(_request: Request) -> Response:
        found = await run_in_threadpool(site.readiness)
        ready = all(state == "ok" for state in found.values())
        return JSONResponse(dict(found), status_code=200 if ready else 503)

    async def metrics(_request: Request) -> Response:
        text = await run_in_threadpool(site.metrics)
        return Response(text, headers={"content-type": CONTENT_TYPE_LATEST})

    async def picture(request: Request) -> Response:
        assert site.picture is not None
        found = await run_in_threadpool(site.picture, request.path_params["token"])
        if found is None:
            return PlainTextResponse("There is no such picture.\n", status_code=404)
        content, media_type = found
        return Response(content, media_type=media_type, headers=PICTURE_HEADERS)

    routes = [
        Route("/healthz", healthz, methods=["GET"]),
        Route("/readyz", readyz, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
        *site.installing,
    ]
    if site.picture is not None:
        routes.append(Route("/pictures/{token}.png", picture, methods=["GET"]))
    if site.dispatcher is not None:
        endpoint = SlackEndpoint(site.dispatcher)
        routes.insert(0, Route("/slack/events", endpoint, methods=["POST"]))
    return Hardened(routes=routes)
