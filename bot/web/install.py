"""The two addresses at which people install Laurel into a workspace: the way to Slack and back."""

import html
import logging

from slack_bolt import BoltRequest, BoltResponse
from slack_bolt.oauth.callback_options import CallbackOptions, FailureArgs, SuccessArgs
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.dispatch import SLACK_TROUBLE
from bot.installing import Installing
from bot.manifest import REDIRECT_PATH
from bot.settings import INSTALL_PATH
from storage.database import DatabaseUnavailableError

_log = logging.getLogger(__name__)

_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Laurel</title>'
    '<meta name="viewport" content="width=device-width"><h1>{title}</h1><p>{sentence}</p></html>'
)
_AGAIN = f"Please begin again at {INSTALL_PATH} on this site."
_WHY = {
    "access_denied": ("Laurel was not installed", "Somebody pressed Cancel; nothing was changed."),
    "invalid_browser": (
        "Laurel was not installed",
        f"The installation was begun in another browser, or without cookies. {_AGAIN}",
    ),
    "invalid_state": (
        "Laurel was not installed",
        f"The installation took longer than ten minutes, or was finished already. {_AGAIN}",
    ),
}
_OTHERWISE = ("Laurel was not installed", f"Slack did not confirm the installation. {_AGAIN}")


def routes(installing: Installing) -> list[Route]:
    """`/slack/install` and `/slack/oauth_redirect`."""

    def begin(request: BoltRequest) -> Response:
        return _passed_on(installing.handle_installation(request))

    def finish(request: BoltRequest) -> Response:
        return _passed_on(installing.handle_callback(request))

    def answered(request: BoltRequest, back: bool) -> Response:
        try:
            return finish(request) if back else begin(request)
        except DatabaseUnavailableError:
            return page("One moment", f"The database does not answer just now. {_AGAIN}", 503)
        except SLACK_TROUBLE as problem:
            _log.warning("installation broken off", extra={"error": type(problem).__name__})
            return page("One moment", f"Slack does not answer just now. {_AGAIN}", 503)

    def endpoint(*, back: bool) -> Route:
        async def answer(request: Request) -> Response:
            asked = BoltRequest(
                body="",
                query=request.url.query,
                headers={"cookie": request.headers.get("cookie", "")},
            )
            return await run_in_threadpool(answered, asked, back)

        return Route(REDIRECT_PATH if back else INSTALL_PATH, answer, methods=["GET"])

    return [endpoint(back=False), endpoint(back=True)]


def pages() -> CallbackOptions:
    """What somebody reads who has just installed Laurel, or who has not."""

    def installed(done: SuccessArgs) -> BoltResponse:
        where = done.installation.team_name or done.installation.enterprise_name
        said = _said(
            "Laurel is here",
            f"It was installed in {where or 'your workspace'}. Type /award in Slack, or open Laurel"
            " under Apps.",
            200,
        )
        said.headers["set-cookie"] = [done.settings.state_utils.build_set_cookie_for_deletion()]
        return said

    def refused(failed: FailureArgs) -> BoltResponse:
        return _said(*_WHY.get(failed.reason, _OTHERWISE), failed.suggested_status_code)

    return CallbackOptions(success=installed, failure=refused)


def page(title: str, sentence: str, status: int) -> Response:
    """A page of one sentence."""
    return HTMLResponse(_written(title, sentence), status_code=status)


def _said(title: str, sentence: str, status: int) -> BoltResponse:
    return BoltResponse(
        status=status,
        body=_written(title, sentence),
        headers={"content-type": "text/html; charset=utf-8"},
    )


def _written(title: str, sentence: str) -> str:
    return _PAGE.format(title=html.escape(title), sentence=html.escape(sentence))


def _passed_on(said: BoltResponse) -> Response:
    answer = Response(said.body, status_code=said.status)
    for name, values in said.headers.items():
        for value in values:
            if name != "content-length":
                answer.headers.append(name, value)
    return answer
