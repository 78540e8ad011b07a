"""`laurel run`: serve the workspace, until told to stop."""

import contextlib
import importlib.util
import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from bot import VERSION, logs
from bot.cli import DONE, FAILED, USED_WRONGLY, complain, read_settings
from bot.cli.listening import CannotListenError, address_of, listen
from bot.settings import Settings, environment, should_play, what_is_missing

if TYPE_CHECKING:
    import uvicorn
    from starlette.applications import Starlette

_log = logging.getLogger(__name__)

STOP_WITHIN = 9.5  # seconds; what hangs longer is cut off


def run(
    environ: Mapping[str, str], env_file: Path, *, web: bool = False, worker: bool = False
) -> int:
    """Serve until SIGTERM or SIGINT; 2 when something that is needed is not set.

    With neither part named both run. Where nothing at all is set, neither a part, it is the playground
    that is served.
    """
    settings = read_settings(environ, env_file)
    if settings is None:
        return USED_WRONGLY
    named = web or worker
    if not named and should_play(environment(environ, env_file)):
        return _play(settings)
    missing = what_is_missing(settings, answers=web or not named)
    if missing:
        complain(*missing)
        return USED_WRONGLY
    # Before anything else begins: a second Laurel on this machine is to touch nothing.
    try:
        sockets = listen(settings.host, settings.port)
    except CannotListenError as problem:
        complain(str(problem))
        return USED_WRONGLY
    logs.set_up(settings.log_format)
    for sentence in settings.unknown:
        _log.warning("unknown setting", extra={"error": sentence})
    return _serve(settings, sockets, web=web or not named, worker=worker or not named)


def play(environ: Mapping[str, str], env_file: Path) -> int:
    """`laurel playground`: a workspace of this machine's own, whatever else is set."""
    settings = read_settings(environ, env_file)
    return USED_WRONGLY if settings is None else _play(settings)


def _play(settings: Settings) -> int:
    from bot import play as playground

    return playground.run(settings.host, settings.port)


def _serve(settings: Settings, sockets: Sequence[socket.socket], *, web: bool, worker: bool) -> int:
    from bot.app import build
    from bot.boot import Parts

    laurel = build(settings, parts=Parts(web=web, worker=worker))
    server = _server(
        laurel.web,
        address=address_of(settings.host, settings.port),
        slack=("socket" if settings.app_token else "http") if web else "not answered here",
        worker=worker,
    )

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True
        last = threading.Timer(STOP_WITHIN, os._exit, [FAILED])
        last.daemon = True
        last.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    laurel.start()
    server.run(sockets=list(sockets))
    done = laurel.stop(within=6.0)
    _log.info("stopped", extra={"finished": done})
    return DONE


def _server(site: "Starlette", **said: object) -> "uvicorn.Server":
    """The web server, which says so, and this besides, once it serves."""
    import uvicorn

    from bot.web.patience import PatientProtocol

    class Server(uvicorn.Server):
        """uvicorn, with the signals handled here: it would raise them again at its end."""

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            _log.info("serving", extra={**said, "version": VERSION})

    return Server(
        uvicorn.Config(
            site,
            http=PatientProtocol,
            loop="uvloop" if importlib.util.find_spec("uvloop") else "asyncio",
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=3,
        )
    )
