"""What comes to the web side without Slack's signature, too large or too deep, goes no further."""

import hashlib
import hmac
import json
import time
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from bot.playground.transports import Delivery, Signing
from tests.hostile.door import Door, mistakes

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def award(door: Door, trigger: str = "1.2.abc") -> Delivery:
    """Maria's `/award` as Slack sends it."""
    world = door.world
    payload = {
        "command": "/award",
        "text": "<@UTOM> team-player Thank you",
        "team_id": world.workspace.team_id,
        "user_id": "UMARIA",
        "channel_id": world.kudos.id,
        "trigger_id": trigger,
        "response_url": f"{world.engine.url}/response/none",
    }
    return Delivery("slash_commands", "/award", payload)


def signature(secret: str, stamp: str, body: str) -> str:
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256)
    return f"v0={digest.hexdigest()}"


def test_what_slack_signed_is_done(door: Door) -> None:
    reply = door.deliver(award(door))

    assert reply.status == 200
    assert "Team Player" in json.loads(reply.body)["text"]
    assert len(door.rows()["award"]) == 1


@pytest.mark.parametrize("age", [timedelta(minutes=6), timedelta(days=400), timedelta(minutes=-6)])
def test_a_request_that_is_replayed_late_or_dated_ahead_is_refused(
    door: Door, age: timedelta
) -> None:
    before = door.rows()
    assert door.deliver(award(door), age=age).status == 401
    assert door.rows() == before


def test_a_request_that_is_replayed_at_once_awards_nothing_more(door: Door) -> None:
    body, kind = award(door).body()
    headers = Signing(door.world.settings.signing_secret).headers(body, kind, award(door))
    replies = [door.ask("POST", "/slack/events", body.encode(), headers).status for _ in range(3)]
    assert replies == [200, 200, 200]
    assert len(door.rows()["award"]) == 1


# Each changes the headers of a signed request: secret, stamp and body are at hand.
FORGED = {
    "no signature": lambda stamp, body, secret: {"x-slack-request-timestamp": stamp},
    "no time": lambda stamp, body, secret: {"x-slack-signature": signature(secret, stamp, body)},
    "another secret": lambda stamp, body, secret: {
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": signature("guessed", stamp, body),
    },
    "another body": lambda stamp, body, secret: {
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": signature(secret, stamp, body.replace("UMARIA", "UADA")),
    },
    "another time": lambda stamp, body, secret: {
        "x-slack-request-timestamp": str(int(stamp) + 1),
        "x-slack-signature": signature(secret, stamp, body),
    },
    "no text": lambda stamp, body, secret: {
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": "v0=" + "é" * 64,
    },
    "a number of 5,000 digits": lambda stamp, body, secret: {
        "x-slack-request-timestamp": "9" * 5000,
        "x-slack-signature": signature(secret, stamp, body),
    },
    "an empty one": lambda stamp, body, secret: {
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": "",
    },
    "another version": lambda stamp, body, secret: {
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": signature(secret, stamp, body).replace("v0", "v1"),
    },
}


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_request_is_refused_without_a_word_and_nothing_happens(
    door: Door, how: str
) -> None:
    body, kind = award(door).body()
    stamp, secret = str(int(time.time())), door.world.settings.signing_secret
    headers = {"content-type": kind} | FORGED[how](stamp, body, secret)
    before = door.rows()

    with mistakes() as found:
        reply = door.ask("POST", "/slack/events", body.encode(), headers)

    assert (reply.status, reply.body) == (401, b"")
    assert door.rows() == before
    assert found == []


@pytest.mark.parametrize("body", ["[" * 400_000, "payload=" + "[" * 400_000, "a=1&" * 200_000])
def test_what_a_stranger_sends_is_not_even_taken_apart(door: Door, body: str) -> None:
    headers = {
        "content-type": FORM if "=" in body else JSON,
        "x-slack-request-timestamp": str(int(time.time())),
        "x-slack-signature": "v0=" + "0" * 64,
    }
    # With a signature it is a 400: it would have been read.
    assert door.ask("POST", "/slack/events", body.encode(), headers).status == 401


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("[" * 100_000, JSON),
        ('{"type":' * 100_000, JSON),
        (json.dumps({"type": "event_callback", "event": None}), JSON),
        (json.dumps({"type": "block_actions", "actions": [], "user": {"id": "UTOM"}}), JSON),
        (json.dumps({"type": 5}), JSON),
        (json.dumps([1, 2]), JSON),
        ("null", JSON),
        ("{", JSON),
        (urlencode({"payload": '{"a":' * 400 + "1" + "}" * 400}), FORM),
        (urlencode({"payload": "[" * 5_000}), FORM),
        (urlencode({"payload": "no"}), FORM),
        (urlencode({"command": "/award"}), FORM),
        (urlencode({"command": "/award", "user_id": "UADA", "text": "x" * 900_000}), FORM),
        ("\x00\x01\x02", FORM),
    ],
)
def test_nonsense_with_a_signature_is_refused_too(door: Door, body: str, kind: str) -> None:
    before = door.rows()
    with mistakes() as found:
        reply = door.post(body, kind)
    assert reply.status == 400
    assert door.rows() == before
    assert found == []


def test_a_body_of_more_than_a_megabyte_is_refused_however_it_comes(door: Door) -> None:
    one = door.ask("POST", "/slack/events", b"x" * 1_000_001)
    piecemeal = door.ask("POST", "/slack/events", chunks=[b"x" * 200_000] * 6)
    named = door.ask("POST", "/slack/events", b"x", {"content-length": "9" * 5_000})
    assert {one.status, piecemeal.status, named.status} == {413}


@pytest.mark.parametrize(
    "path",
    [
        "/pictures/..%2f..%2fetc%2fpasswd.png",
        "/pictures/../../etc/passwd.png",
        "/pictures/....//laurel.db.png",
        "/pictures/%00.png",
        "/pictures/" + "A" * 5_000 + ".png",
        "/pictures/é.png",
        "/pictures/AAAA.png",
        "/pictures/.png",
        "/.env",
        "/static/../.env",
        "//etc/passwd",
        "/slack/events/..",
    ],
)
def test_no_path_leads_to_a_file(door: Door, path: str) -> None:
    with mistakes() as found:
        reply = door.ask("GET", path)
    assert reply.status in (404, 405)
    assert b"root:" not in reply.body
    assert found == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 503),
        ("GET", "/metrics", 200),
        ("GET", "/pictures/guessed.png", 404),
        ("GET", "/nowhere", 404),
        ("GET", "/slack/events", 405),
        ("POST", "/slack/events", 401),
        ("DELETE", "/healthz", 405),
    ],
)
def test_every_answer_tells_browsers_to_make_nothing_of_it(
    door: Door, method: str, path: str, status: int
) -> None:
    reply = door.ask(method, path)

    assert reply.status == status
    assert reply.headers["x-content-type-options"] == "nosniff"
    policy = reply.headers["content-security-policy"]
    assert policy == "default-src 'none'; frame-ancestors 'none'"
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert reply.headers["cache-control"] == "no-store"
    assert "server" not in reply.headers
    assert "access-control-allow-origin" not in reply.headers
    assert reply.headers.get("content-type", "text/plain").partition(";")[0] in (
        "text/plain",
        "application/json",
    )
