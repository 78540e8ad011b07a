"""An engine: one workspace, its server on a port of this machine, and people who act in it."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from bot.playground.modals import Modals
from bot.playground.server import Server


class Engine(Modals):
    """A local Slack. Use it as a context manager, or `start()` and `stop()` it.

    `clock` returns aware UTC and rules triggers, rates, files and timestamps; without one it is
    the machine's, and what falls due is done by itself. See the package for all it can do.
    """

    def __init__(
        self,
        clock: Callable[[], datetime] | None = None,
        *,
        signing_secret: str = "playground-signing-secret",  # noqa: S107 - of a local toy
        bot_token: str = "xoxb-playground",  # noqa: S107
        app_token: str = "xapp-playground",  # noqa: S107
        app_name: str = "App",
        port: int = 0,
    ) -> None:
        super().__init__(
            clock,
            signing_secret=signing_secret,
            bot_token=bot_token,
            app_token=app_token,
            app_name=app_name,
        )
        self._server = Server(self, port=port, own_time=clock is None)

    def start(self) -> Self:
        """Open the port and serve in a thread of its own."""
        self.workspace.base_url = self._server.start()
        return self

    def mount(self, page: Callable[[Any, Any, Any], Awaitable[None]]) -> None:
        """Let this ASGI application answer whatever is not Slack's, such as a page for people."""
        self._server.site.page = page

    def stop(self) -> None:
        """Let go whatever hangs, close all connections and end the thread."""
        self.stopping.set()
        self.weather.clear()
        self._server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The server's address, without a slash at the end."""
        return self.workspace.base_url

    @property
    def api_url(self) -> str:
        """The Web API's address, as `base_url` for clients."""
        return f"{self.workspace.base_url}/api/"
