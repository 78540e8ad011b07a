"""What a page here stands in: its own files, and a guard.

Only this machine may ask, and only the page itself may act.
"""

import mimetypes
from collections.abc import Mapping, Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STATIC = Path(__file__).resolve().parent / "static"
# Nothing is fetched from anywhere but this machine; pictures may come from the app's own port.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self';"
    " img-src 'self' data: http://127.0.0.1:* http://localhost:*; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)


def enclosed(routes: Sequence[Route], *, fonts: Mapping[str, Path]) -> Starlette:
    """Return these addresses, the page's files and its fonts (by file name), behind the guard."""

    async def font(request: Request) -> Response:
        path = fonts.get(request.path_params["name"])
        if path is None:
            return Response(status_code=404)
        return FileResponse(path, headers={"cache-control": "max-age=86400"})

    files = [Route("/static/{path:path}", _static), Route("/fonts/{name}", font)]
    hosts = ["127.0.0.1", "localhost"]
    return Starlette(
        routes=[*files, *routes],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
            Middleware(OwnPageOnly),
        ],
    )


async def _static(request: Request) -> Response:
    path = (STATIC / request.path_params["path"]).resolve()
    if not path.is_relative_to(STATIC) or not path.is_file():
        return Response(status_code=404)
    kind = "text/javascript" if path.suffix == ".js" else mimetypes.guess_type(path.name)[0]
    return FileResponse(path, media_type=kind)


class OwnPageOnly:
    """Refuses acts that another web page sends, and tells the browser to load nothing from afar."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and not _from_own_page(Request(scope)):
            refusal = JSONResponse({"error": "This page acts for itself alone."}, status_code=403)
            await refusal(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["content-security-policy"] = POLICY
                headers["x-content-type-options"] = "nosniff"
                headers["referrer-policy"] = "no-referrer"
                headers.setdefault("cache-control", "no-cache")
            await send(message)

        await self._app(scope, receive, with_headers)


def _from_own_page(request: Request) -> bool:
    if request.method in ("GET", "HEAD"):
        return True
    origin = request.headers.get("origin")
    # A form of another page can send only some types, and this is none of them.
    kind = request.headers.get("content-type", "").partition(";")[0]
    own = origin in (None, f"http://{request.headers.get('host')}")
    return own and kind in ("application/json", "application/octet-stream")
