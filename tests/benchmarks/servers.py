"""What Laurel is measured against, each in a process of its own.

`noop` is Bolt as Laurel sets it up, with one listener that does nothing, which Bolt finds and whose
request Bolt reads, behind Laurel's dispatcher, web endpoint and HTTP. `bare` is a Starlette endpoint that checks the signature and nothing else.
"""

import logging
import sys

import uvicorn
from slack_bolt import Ack, App, BoltRequest
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.authorization import OurWorkspace
from bot.deps import WorkspaceRef
from bot.dispatch import Dispatcher
from bot.web.hardening import Hardened
from bot.web.patience import PatientProtocol
from bot.web.reading import Headers
from bot.web.slack import SlackEndpoint
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

    dispatcher = Dispatcher(app, client=client, signing_secret=SECRET)
    endpoint = SlackEndpoint(dispatcher, _as_bolt_reads)
    return Hardened(routes=[Route("/slack/events", endpoint, methods=["POST"])])


def _as_bolt_reads(body: str, headers: Headers) -> BoltRequest:
    """As every adapter of Bolt's does."""
    return BoltRequest(body=body, headers=dict(headers))


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
