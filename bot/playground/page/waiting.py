"""What people find at the page's address until the page can be shown."""

from collections.abc import Mapping
from html import escape
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from bot.playground.page.shell import enclosed

SOON = 1  # seconds until the browser asks again
_HTML = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{name} is getting ready…</title>
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/css/base.css">
<link rel="stylesheet" href="/static/css/waiting.css">
<script type="module" src="/static/js/waiting.js"></script>
<noscript><meta http-equiv="refresh" content="{soon}"></noscript>
</head>
<body>
<main class="waiting">
<img src="/static/icon.svg" alt="" width="64" height="64">
<h1>{name} is getting ready…</h1>
<p>It’s moving into a made-up company.<br>This page opens by itself in a few seconds.</p>
</main>
</body>
</html>
"""


def waiting(app_name: str, *, fonts: Mapping[str, Path]) -> Starlette:
    """Return a page that says the app is getting ready, and loads itself again until it is there.

    Its status is 503, with Retry-After, and so is that of the answers (JSON) to what a page opened
    earlier asks for. Any other address is as unknown as it is later.
    """
    name = escape(app_name)
    headers = {"retry-after": str(SOON), "cache-control": "no-store"}

    async def page(_request: Request) -> Response:
        return HTMLResponse(_HTML.format(name=name, soon=SOON), status_code=503, headers=headers)

    async def refusal(_request: Request) -> Response:
        said = {"error": f"{app_name} is getting ready. Please try again in a few seconds."}
        return JSONResponse(said, status_code=503, headers=headers)

    routes = [
        Route("/", page),
        Route("/page/{path:path}", refusal, methods=["GET", "POST"]),
    ]
    return enclosed(routes, fonts=fonts)
