"""How Slack reaches the app: a call in this process, or signed HTTP.

(Socket Mode is in `sockets`.) The signature is Slack's v0: HMAC-SHA256 of `v0:time:body`.
"""

import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol
from urllib.parse import urlencode, urlsplit

from bot.playground.shapes import Json

PATIENCE = 3.0
Envelope = Literal["slash_commands", "interactive", "events_api"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing Slack tells the app."""

    envelope: Envelope
    name: str
    payload: Json
    retry: int = 0
    retry_reason: str = ""

    def body(self) -> tuple[str, str]:
        """Return the HTTP body and its content type."""
        if self.envelope == "events_api":
            return json.dumps(self.payload), "application/json"
        form = "application/x-www-form-urlencoded"
        if self.envelope == "slash_commands":
            return urlencode(self.payload), form
        return urlencode({"payload": json.dumps(self.payload)}), form


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from the app; `problem` is how Slack names that nothing usable did."""

    status: int | None
    body: str
    seconds: float
    problem: str = ""
    headers: Mapping[str, str] | None = None

    @property
    def ok(self) -> bool:
        """Tell whether Slack takes it as an acknowledgement."""
        return not self.problem

    def json(self) -> Json | None:
        """Return the body as an object, or None where it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None


@dataclass(slots=True)
class Signing:
    """How requests are signed; wrong on purpose with another `secret` or an `age`."""

    secret: str
    age: timedelta = timedelta(0)
    now: Callable[[], float] = time.time

    def headers(self, body: str, content_type: str, delivery: Delivery) -> dict[str, str]:
        """Return the headers Slack sends; the time is the machine's, as apps compare it."""
        stamp = str(int(self.now() - self.age.total_seconds()))
        base = f"v0:{stamp}:{body}".encode()
        digest = hmac.new(self.secret.encode(), base, hashlib.sha256).hexdigest()
        headers = {
            "content-type": content_type,
            "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "x-slack-request-timestamp": stamp,
            "x-slack-signature": f"v0={digest}",
        }
        if delivery.retry:
            headers["x-slack-retry-num"] = str(delivery.retry)
            headers["x-slack-retry-reason"] = delivery.retry_reason
        return headers


class Transport(Protocol):
    """A way to the app."""

    def deliver(self, delivery: Delivery, signing: Signing) -> Answer:
        """Deliver once and return what came back."""


Called = tuple[int, Mapping[str, str | Sequence[str]], str]


class InProcess:
    """The app as a callable: `call(body, headers) -> (status, headers, body)`."""

    def __init__(self, call: Callable[[str, dict[str, list[str]]], Called]) -> None:
        self._call = call

    def deliver(self, delivery: Delivery, signing: Signing) -> Answer:
        """Call the app in this thread."""
        body, content_type = delivery.body()
        headers = signing.headers(body, content_type, delivery)
        begun = time.perf_counter()
        status, _, text = self._call(body, {name: [value] for name, value in headers.items()})
        return judged(status, text or "", time.perf_counter() - begun)


class SignedHttp:
    """The app behind a URL; `patience` is how many seconds it has to acknowledge."""

    def __init__(self, url: str, *, patience: float = PATIENCE) -> None:
        self._url = urlsplit(url)
        self._patience = patience

    def deliver(self, delivery: Delivery, signing: Signing) -> Answer:
        """Send one request on a connection of its own."""
        body, content_type = delivery.body()
        headers = signing.headers(body, content_type, delivery)
        host, port = self._url.hostname or "127.0.0.1", self._url.port
        connection = http.client.HTTPConnection(host, port, timeout=self._patience)
        begun = time.perf_counter()
        try:
            connection.request("POST", self._url.path or "/", body.encode(), headers)
            response = connection.getresponse()
            text = response.read().decode("utf-8", "replace")
        except TimeoutError:
            return Answer(None, "", time.perf_counter() - begun, "operation_timeout")
        except (OSError, http.client.HTTPException):
            return Answer(None, "", time.perf_counter() - begun, "dispatch_failed")
        finally:
            connection.close()
        return judged(response.status, text, time.perf_counter() - begun)


def judged(status: int, text: str, seconds: float) -> Answer:
    """Return an answer as Slack takes it: only a 2xx within 3 s is an acknowledgement."""
    problem = ""
    if not 200 <= status < 300:
        problem = "dispatch_failed"
    elif seconds > PATIENCE:
        problem = "operation_timeout"
    return Answer(status, text, seconds, problem)
