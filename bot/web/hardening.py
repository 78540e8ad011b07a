"""What every answer tells browsers: to take it for nothing but what it says it is."""

from starlette.applications import Starlette
from starlette.types import Message, Receive, Scope, Send

# Nothing here is a page that loads, embeds or is embedded; who answers otherwise says so itself.
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)


class Hardened(Starlette):
    """A Starlette application whose every answer has these headers, those about mistakes too."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def harden(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message["headers"])
                there = {name.lower() for name, _ in given}
                given += [one for one in HEADERS if one[0] not in there]
                message["headers"] = given
            await send(message)

        await super().__call__(scope, receive, harden)
