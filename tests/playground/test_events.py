"""How Slack tells the app what happens: signatures, events, retries."""

import json
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from slack_sdk.signature import SignatureVerifier

from bot.playground import SignedHttp
from tests.playground.conftest import Town

Heard = list[tuple[str, dict[str, list[str]]]]


def _valid(town: Town, heard: Heard) -> bool:
    body, headers = heard[-1]
    verifier = SignatureVerifier(town.engine.signing_secret)
    return bool(verifier.is_valid_request(body, {k: v[0] for k, v in headers.items()}))


def test_requests_are_signed_as_slack_signs(town: Town) -> None:
    heard = town.answering()
    town.engine.command(town.maria, "/award", channel=town.kudos)
    assert _valid(town, heard)


def test_a_signature_can_be_wrong_or_old(town: Town) -> None:
    heard = town.answering()
    town.engine.signing.age = timedelta(minutes=6)
    town.engine.command(town.maria, "/award", channel=town.kudos)
    assert not _valid(town, heard)
    town.engine.signing.age = timedelta(0)
    secret, town.engine.signing.secret = town.engine.signing.secret, "another"
    town.engine.command(town.maria, "/award", channel=town.kudos)
    town.engine.signing.secret = secret
    assert not _valid(town, heard)


def _types(heard: Heard) -> list[str]:
    return [json.loads(body)["event"]["type"] for body, _ in heard]


def test_changes_of_the_workspace_are_told(town: Town) -> None:
    heard, engine = town.answering(), town.engine
    ana = engine.add_user("ana")
    engine.change_user(ana, real_name="Ana Lima", tz="Asia/Tokyo")
    engine.deactivate(ana)
    group = engine.add_group("platform", members=[town.maria])
    engine.change_group(group, members=[town.tom])
    engine.rename(town.kudos, "praise")
    engine.archive(town.kudos)
    assert _types(heard) == [
        "team_join",
        "user_change",
        "user_change",
        "subteam_created",
        "subteam_updated",
        "subteam_members_changed",
        "channel_rename",
        "channel_archive",
    ]
    events = [json.loads(body)["event"] for body, _ in heard]
    assert events[1]["user"]["tz"] == "Asia/Tokyo"
    assert events[2]["user"]["deleted"] is True
    assert (events[5]["added_users"], events[5]["removed_users"]) == (
        [town.tom.id],
        [town.maria.id],
    )


def test_only_what_the_app_subscribed_to_is_told(town: Town) -> None:
    heard = town.answering()
    town.engine.invite(town.kudos, town.engine.add_user("ana"))
    assert _types(heard) == ["team_join"]
    town.engine.subscriptions |= {"member_joined_channel", "message"}
    town.engine.invite(town.kudos, town.engine.add_user("eva"))
    town.engine.post(town.maria, town.kudos, "Hello")
    assert _types(heard)[-2:] == ["member_joined_channel", "message"]


def test_an_event_is_retried_at_once_after_a_minute_and_after_five(town: Town) -> None:
    heard = town.answering(status=500)
    town.engine.add_user("ana")
    tries = [len(heard)]
    for step in ({"seconds": 59}, {"seconds": 1}, {"minutes": 4}, {"minutes": 1}, {"hours": 1}):
        town.pass_time(**step)
        tries.append(len(heard))
    assert tries == [2, 2, 3, 3, 4, 4]
    numbers = [headers.get("x-slack-retry-num") for _, headers in heard]
    assert numbers == [None, ["1"], ["2"], ["3"]]
    assert heard[1][1]["x-slack-retry-reason"] == ["http_error"]
    assert len({json.loads(body)["event_id"] for body, _ in heard}) == 1


def test_an_event_is_not_retried_once_it_was_taken(town: Town) -> None:
    heard = town.answering()
    town.engine.add_user("ana")
    town.pass_time(hours=1)
    assert len(heard) == 1


class _App(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        headers = {name.lower(): [value] for name, value in self.headers.items()}
        self.server.heard.append((body, headers))  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"Over HTTP")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base has it
        pass


def test_an_app_over_http_hears_and_answers(town: Town) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _App)
    heard: Heard = []
    server.heard = heard  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        town.engine.connect(SignedHttp(f"http://127.0.0.1:{server.server_port}/slack/events"))
        outcome = town.engine.command(town.maria, "/award", "hi", channel=town.kudos)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert outcome.reads() == "Over HTTP"
    assert _valid(town, heard)
    gone = town.engine.command(town.maria, "/award", "hi", channel=town.kudos)
    assert gone.problem == "dispatch_failed"


@pytest.mark.parametrize("direction", ["to_app", "to_slack"])
def test_traffic_is_kept_both_ways(town: Town, direction: str) -> None:
    town.answering(body="Yes")
    town.engine.command(town.maria, "/award", "hi", channel=town.kudos)
    town.client.chat_postMessage(channel=town.kudos.id, text="Hello")
    town.error("chat.postMessage", channel="C0NOWHERE", text="x")
    if direction == "to_app":
        exchange = town.engine.traffic.deliveries("/award")[0]
        assert (exchange.request["text"], exchange.answer, exchange.status) == ("hi", "Yes", 200)
    else:
        good, bad = town.engine.traffic.calls("chat.postMessage")
        assert (good.request["text"], good.error) == ("Hello", None)
        assert bad.error == "channel_not_found"
        assert "token" not in good.request
