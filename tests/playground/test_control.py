"""The workspace in a process of its own, driven over HTTP."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from typing import Any

import pytest
from slack_sdk import WebClient

from tests.playground.conftest import Town
from tests.playground.pieces import actions, button, entry, modal, text_field


def call(url: str, path: str, /, **body: Any) -> dict[str, Any]:
    """Send to the control API, or read from it where there is nothing to send."""
    request = urllib.request.Request(
        f"{url}/_control/{path}",
        json.dumps(body).encode() if body else None,
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        found = json.load(response)
    assert isinstance(found, dict)
    return found


def test_a_workspace_of_its_own_process_is_driven_from_here() -> None:
    command = [sys.executable, "-m", "bot.playground", "--no-limits"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = f"http://127.0.0.1:{int(process.stdout.readline())}"
            maria = call(url, "roster", verb="add_user", name="maria")["result"]
            kudos = call(url, "roster", verb="add_channel", name="kudos")["result"]
            client = WebClient(token="xoxb-playground", base_url=f"{url}/api/")
            for number in range(3):
                client.chat_postMessage(channel=kudos["id"], text=f"Hi {number} <@{maria['id']}>")
            seen = call(url, "messages?channel=kudos")["messages"]
            counts = call(url, "traffic")["counts"]
        finally:
            process.terminate()
    assert [message["reads"] for message in seen] == [f"Hi {n} @Maria" for n in range(3)]
    assert counts == {"chat.postMessage": 3}


def test_people_act_over_the_control_api(town: Town) -> None:
    url = town.engine.url
    town.answering(body="Noted")
    said = call(url, "act", verb="command", user="maria", command="/award", channel="kudos")
    assert said["result"]["reads"] == "Noted"
    assert call(url, "messages?ephemerals=maria")["messages"][0]["text"] == "Noted"
    call(url, "act", verb="post", user="tom", channel="kudos", text="Thanks @maria")
    assert call(url, "messages?channel=kudos")["messages"][0]["reads"] == "Thanks @Maria Silva"
    view = modal(entry("why", text_field("words")))
    town.client.views_open(trigger_id=said["result"]["trigger_id"], view=view)
    town.answering(body=json.dumps({"response_action": "errors", "errors": {"why": "More."}}))
    assert "A form" in call(url, "screen?user=maria")["view"]["reads"]
    sent = call(url, "act", verb="submit", user="maria", values={"why": "x"})
    assert sent["result"]["errors"] == {"why": "More."}


def test_time_weather_and_settings_change_over_the_control_api(town: Town) -> None:
    url = town.engine.url
    before = town.engine.clock.now()
    call(url, "clock", seconds=60)
    assert (town.engine.clock.now() - before).total_seconds() == 60
    call(url, "weather", kind="refuse", method="auth.test", error="fatal_error")
    assert town.error("auth.test") == "fatal_error"
    call(url, "weather", clear=True)
    call(url, "settings", limits=False, scopes=["users:read"], file_processing=2)
    assert town.engine.limits.enabled is False
    assert town.error("chat.postMessage", channel=town.kudos.id, text="x") == "missing_scope"


def test_what_cannot_be_done_is_said(town: Town) -> None:
    for body in (
        {"verb": "fly", "user": "maria"},
        {"verb": "click", "user": "maria", "action_id": "nothing"},
        {"verb": "command", "user": "nobody", "command": "/award"},
    ):
        with pytest.raises(urllib.error.HTTPError) as refused:
            call(town.engine.url, "act", **body)
        with refused.value as answer:
            assert answer.code == 400
            assert json.load(answer)["message"]


@pytest.mark.parametrize(
    "header", [("Host", "evil.example"), ("Origin", "https://evil.example"), ("Origin", "null")]
)
def test_a_page_elsewhere_cannot_steer_the_workspace(town: Town, header: tuple[str, str]) -> None:
    request = urllib.request.Request(f"{town.engine.url}/_control/clock")
    request.add_header(*header)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=30)
    with refused.value as answer:
        assert answer.code in (400, 403)


def test_a_button_in_a_message_is_clicked_over_the_control_api(town: Town) -> None:
    town.answering()
    town.client.chat_postMessage(
        channel=town.kudos.id, text="x", blocks=[actions(button("Undo", "undo"))]
    )
    ts = town.engine.messages(town.kudos)[0].ts
    done = call(town.engine.url, "act", verb="click", user="tom", action_id="undo", message=ts)
    assert done["result"]["status"] == 200
