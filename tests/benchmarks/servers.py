"""What Laurel is measured against, each in a process of its own.

`noop` is Bolt as Laurel sets it up, with one listener that does nothing, behind Laurel's dispatcher, web
endpoint and HTTP. `bare` is a Starlette endpoint that checks the signature and nothing else.
"""

import logging
import sys
from collections.abc import Mapping

import uvicorn
from slack_bolt import Ack, App
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import web
from bot.authorization import OurWorkspace
from bot.deps import WorkspaceRef
from bot.dispatch import Dispatcher
from bot.web.patience import PatientProtocol
from tests.benchmarks.processes import end_with_parent
from tests.benchmarks.surroundings import SECRET, TEAM


def bare() -> Starlette:
    """A signed endpoint with nothing behind it."""
    verifier = SignatureVerifier(SECRET)

    async def endpoint(request: Request) -> Response:
        body = await request.body()
        headers = request.headers
        known = verifier.is_valid(
            body,
            headers.get("x-slack-request-timestamp", ""),
            headers.get("x-slack-signature", ""),
        )
        return Response(status_code=200 if known else 401)

    return Starlette(routes=[Route("/slack/events", endpoint, methods=["POST"])])


def noop() -> Starlette:
    """Bolt with Laurel's settings and a listener that only acknowledges."""
    from bot.app import _bolt  # the very settings that Laurel has

    ours = OurWorkspace("xoxb-unused")
    ours.meet(WorkspaceRef(1, TEAM, "Acme", "https://acme.slack.com/", "U0BOT", "B0BOT", "key"))
    client = WebClient("xoxb-unused")
    app: App = _bolt(SECRET, ours, client)

    @app.command("/award")
    def award(ack: Ack) -> None:
        ack()

    ready: Mapping[str, str] = {}
    dispatcher = Dispatcher(app, client=client, signing_secret=SECRET)
    return web.create(web.Site(dispatcher, lambda: ready, lambda _token: None, lambda: b""))


def main() -> None:
    """Serve one of them until standard input closes."""
    end_with_parent()
    name, port = sys.argv[1], int(sys.argv[2])
    logging.basicConfig(level=logging.WARNING)
    # As `laurel run` has it.
    uvicorn.run(
        {"bare": bare, "noop": noop}[name](),
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http=PatientProtocol if name == "noop" else "httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
    )


if __name__ == "__main__":
    main()
