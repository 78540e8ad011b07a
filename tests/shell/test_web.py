"""The web side: Slack over signed HTTP, health, metrics and pictures."""

import http.client
import json
from datetime import timedelta

from bot import VERSION
from bot.playground.transports import Delivery
from tests.shell.conftest import Serve, Served


def test_an_award_over_signed_http_is_made_and_confirmed(served: Served) -> None:
    outcome = served.world.engine.command("maria", "/award", "@tom team-player Thank you!")
    assert "Team Player" in outcome.reads()
    served.world.deliver()
    assert "Thank you!" in served.world.feed()[0].reads()


def test_a_wrong_signature_is_refused_and_nothing_happens(served: Served) -> None:
    served.world.engine.signing.secret = "guessed"
    outcome = served.world.engine.command("maria", "/award", "@tom team-player")
    assert outcome.status == 401
    served.world.deliver()
    assert served.world.feed() == []


def test_a_signature_of_6_minutes_ago_is_refused(served: Served) -> None:
    served.world.engine.signing.age = timedelta(minutes=6)
    assert served.world.engine.command("maria", "/award", "@tom team-player").status == 401


def test_a_request_without_a_signature_or_that_is_nonsense_is_refused(served: Served) -> None:
    form = "application/x-www-form-urlencoded"
    assert served.ask("POST", "/slack/events", "command=/award", content_type=form).status == 401
    refused = {
        served.ask(
            "POST",
            "/slack/events",
            body,
            content_type=kind,
            x_slack_request_timestamp=stamp,
            x_slack_signature="v0=00",
        ).status
        for body, kind, stamp in (
            ("payload=no", form, "1"),
            ("[1, 2]", "application/json", "1"),
            ("{", "application/json", "1"),
            (b"\xff\xfe", form, "1"),
            ("command=/award", form, "soon"),
            ("command=/award", form, "1"),
        )
    }
    assert refused <= {400, 401}


def test_a_body_of_5_mb_is_refused_before_it_is_all_there(served: Served) -> None:
    whole = served.ask("POST", "/slack/events", b"x" * 5_000_000)
    assert (whole.status, whole.body) == (413, b"too large")
    # Sent in pieces, nobody says beforehand how much it will be.
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    connection.request(
        "POST", "/slack/events", iter([b"x" * 100_000] * 50), encode_chunked=True,
        headers={"transfer-encoding": "chunked"},
    )  # fmt: skip
    assert connection.getresponse().status == 413
    connection.close()


def test_headers_that_steer_bolt_are_not_taken_from_outside(served: Served) -> None:
    world, signing = served.world, served.world.engine.signing
    payload = {
        "command": "/award",
        "text": "<@UTOM> team-player",
        "team_id": world.workspace.team_id,
        "user_id": "UMARIA",
        "channel_id": world.kudos.id,
        "trigger_id": "1.2.a",
        "response_url": "http://127.0.0.1:9/",
    }
    delivery = Delivery("slash_commands", "/award", payload)
    body, kind = delivery.body()
    # This one has Bolt skip the function that awards and acknowledge nothing.
    headers = signing.headers(body, kind, delivery) | {"x-slack-bolt-lazy-only": "1"}
    reply = served.ask("POST", "/slack/events", body, **headers)
    assert "Team Player" in json.loads(reply.body)["text"]


def test_healthz_says_alive_and_readyz_what_is_there(served: Served) -> None:
    assert served.get("/healthz").body == b"alive\n"
    ready = served.get("/readyz")
    found = json.loads(ready.body)
    assert (found["database"], found["workspace"]) == ("ok", "ok")
    # The tables of this test were not made by migrations.
    assert ready.status == 503
    assert "laurel db upgrade" in found["migrations"]


def test_metrics_count_answers_and_name_nobody(served: Served) -> None:
    served.world.engine.command("maria", "/award", "@tom team-player Thank you!")
    text = served.get("/metrics").body.decode()
    assert 'laurel_build_info{version="' + VERSION + '"} 1.0' in text
    assert 'laurel_answer_seconds_count{kind="command",outcome="answered"}' in text
    assert "laurel_requests_in_line 0.0" in text
    for private in ("maria", "UMARIA", "tom", "team-player", "Thank"):
        assert private not in text


def test_a_picture_is_shown_to_who_has_its_address_and_to_nobody_else(serve: Serve) -> None:
    served = serve(public_url="https://laurel.example", draw=True)
    world = served.world
    key = f"card:{world.badges['night-owl'].version_id}"
    source = world.database.read(
        lambda session: world.laurel.deps.pictures.source(session, world.workspace, key)
    )
    assert source is not None
    path = source["image_url"].removeprefix("https://laurel.example")
    shown = served.get(path)
    assert shown.status == 200
    assert shown.body.startswith(b"\x89PNG")
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert "max-age" in shown.headers["cache-control"]
    assert served.get("/pictures/guessed.png").status == 404
    assert served.get(path[:-8] + "AAAA.png").status == 404


def test_over_socket_mode_nothing_of_slack_is_taken_over_http(serve: Serve) -> None:
    served = serve(signing_secret="", app_token="xapp-1")
    assert served.ask("POST", "/slack/events", "command=/award").status == 404
