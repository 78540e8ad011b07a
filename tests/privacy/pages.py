"""What Laurel's web side tells whoever asks: every page, the pictures behind addresses, the numbers."""

import io
import logging
import re
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256

from prometheus_client import REGISTRY
from starlette.routing import Route

from bot import logs
from bot.app import build
from bot.pool import Inline
from tests.hostile.door import Door, Reply
from tests.world import World

PUBLIC_URL = "https://laurel.example"
ADDRESS = re.compile(re.escape(PUBLIC_URL) + r"/pictures/([\w-]+)\.png")

# What the machine does, and how long it takes, differs from run to run.
_OF_THE_MACHINE = ("process_", "python_", "laurel_answer_seconds", "laurel_delivery_seconds_sum")

# Of the libraries only warnings are logged.
_OURS = ("bot", "commands", "storage")

Numbers = Counter[str]


def numbers() -> Numbers:
    """What this process has counted so far, by name and labels."""
    found: Numbers = Counter()
    for family in REGISTRY.collect():
        for one in family.samples:
            if not one.name.startswith(_OF_THE_MACHINE) and not one.name.endswith("_created"):
                found[f"{one.name}{sorted(one.labels.items())}"] = int(one.value)
    return found


def pages(world: World, addresses: list[str], before: Numbers) -> Iterator[str]:
    """The answer of every route of a Laurel that has them all, and of addresses that lead nowhere.

    `addresses` are those of pictures that somebody was shown; `before` is what had been counted
    when the world was made. A route that nobody watches is a KeyError.
    """
    settings = replace(world.settings, bot_token="", client_id="1.2", client_secret="kept")
    laurel = build(settings, clock=world.now, database=world.database, slow=Inline())
    door = Door(world, laurel.web)
    try:
        for route in laurel.web.routes:
            assert isinstance(route, Route)
            yield f"> {route.path}"
            yield from _WATCHED[route.path](door, addresses, before)
        for path in ("/nowhere", "/pictures/", "/pictures/guessed.png", "/badges/SECRET"):
            yield f"> {path}"
            yield _reads(door.ask("GET", path))
    finally:
        door.close()
        laurel.stop(within=1)


def opened(text: str) -> str:
    """The same text, with what is signed in the addresses of pictures in place of these."""

    def read(found: re.Match[str]) -> str:
        token = found[1]
        return urlsafe_b64decode(token + "=" * (-len(token) % 4))[32:].decode()

    return ADDRESS.sub(read, text)


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """All that Laurel logs meanwhile, as an operator reads it."""
    root, said = logging.getLogger(), io.StringIO()
    handlers, level = list(root.handlers), root.level
    handler = logging.StreamHandler(said)
    handler.setFormatter(logs.TextFormatter())
    handler.addFilter(lambda one: one.levelno > logging.INFO or one.name.startswith(_OURS))
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    try:
        yield said
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def _page(path: str) -> Callable[[Door, list[str], Numbers], Iterator[str]]:
    def ask(door: Door, _addresses: list[str], _before: Numbers) -> Iterator[str]:
        yield _reads(door.ask("GET", path))

    return ask


def _events(door: Door, _addresses: list[str], _before: Numbers) -> Iterator[str]:
    # What Slack signed is what people do, all of which is watched; this is for everybody else.
    yield _reads(door.ask("GET", "/slack/events"))
    yield _reads(door.ask("POST", "/slack/events", b"command=/badges&user_id=UTOM"))


def _pictures(door: Door, addresses: list[str], _before: Numbers) -> Iterator[str]:
    for address in addresses:
        yield opened(address)
        yield _reads(door.ask("GET", address.removeprefix(PUBLIC_URL)))


def _metrics(door: Door, _addresses: list[str], before: Numbers) -> Iterator[str]:
    names = re.findall(rb"^# HELP (\w+)", door.ask("GET", "/metrics").body, re.MULTILINE)
    yield str(sorted(name.decode() for name in names))
    now = numbers()
    yield from (f"{name} {now[name] - before[name]}" for name in sorted(now - before))


def _reads(reply: Reply) -> str:
    kind = reply.headers.get("content-type", "")
    if kind.startswith("image/"):
        said = sha256(reply.body).hexdigest()[:12]
    else:
        said = re.sub(r"state=[^&\"]+", "state=…", reply.body.decode())
    return f"{reply.status} {kind} {said}"


_WATCHED: dict[str, Callable[[Door, list[str], Numbers], Iterator[str]]] = {
    "/slack/events": _events,
    "/healthz": _page("/healthz"),
    "/readyz": _page("/readyz"),
    "/metrics": _metrics,
    "/slack/install": _page("/slack/install"),
    "/slack/oauth_redirect": _page("/slack/oauth_redirect?code=guessed&state=guessed"),
    "/pictures/{token}.png": _pictures,
}
