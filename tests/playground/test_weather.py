"""Bad days: what clients meet instead of an answer, and what happened all the same."""

import http.client
import threading
import time

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from tests.playground.conftest import Town


def test_a_rate_limit_falls_on_one_method_so_many_times(town: Town) -> None:
    town.engine.weather.rate_limit("auth.test", retry_after=7, times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError) as refused:
            town.client.auth_test()
        response = refused.value.response
        assert (response.status_code, response.headers["retry-after"]) == (429, "7")
    assert town.client.auth_test()["ok"]
    assert [e.status for e in town.engine.traffic.calls("auth.test")] == [429, 429, 200]


def test_an_error_500_and_garbage_last_until_the_weather_clears(town: Town) -> None:
    town.engine.weather.error_500("auth.test")
    with pytest.raises(SlackApiError) as refused:
        town.client.auth_test()
    assert refused.value.response.status_code == 500
    town.engine.weather.clear("auth.test")
    town.engine.weather.garbage()
    with pytest.raises(SlackApiError, match="non-JSON"):
        town.client.auth_test()
    town.engine.weather.clear()
    assert town.client.auth_test()["ok"]


def test_slack_can_refuse_with_any_code(town: Town) -> None:
    town.engine.weather.refuse("chat.postMessage", error="fatal_error", times=1)
    assert town.error("chat.postMessage", channel=town.kudos.id, text="x") == "fatal_error"
    assert town.answer("chat.postMessage", channel=town.kudos.id, text="x")["ok"]


def test_a_dropped_connection_did_nothing(town: Town) -> None:
    town.engine.weather.drop("chat.postMessage", times=1)
    town.client.retry_handlers.clear()
    with pytest.raises((OSError, http.client.HTTPException)):
        town.client.chat_postMessage(channel=town.kudos.id, text="Lost")
    assert town.engine.messages(town.kudos) == []


def test_a_lost_answer_did_all_the_same(town: Town) -> None:
    town.engine.weather.lose_answer("chat.postMessage", times=1)
    town.client.retry_handlers.clear()
    with pytest.raises((OSError, http.client.HTTPException)):
        town.client.chat_postMessage(channel=town.kudos.id, text="Said")
    assert [m.text for m in town.engine.messages(town.kudos)] == ["Said"]
    seen = [(e.status, e.note) for e in town.engine.traffic.calls("chat.postMessage")]
    assert seen == [(None, "the answer was lost")]


def test_a_hanging_call_goes_on_when_it_is_released(town: Town) -> None:
    release = threading.Event()
    front = town.engine.weather.hang("auth.test", seconds=20, release=release)
    answers: list[bool] = []
    caller = threading.Thread(target=lambda: answers.append(town.client.auth_test()["ok"]))
    caller.start()
    until = time.monotonic() + 30
    while not front.met and time.monotonic() < until:
        time.sleep(0.001)
    assert town.client.api_test()["ok"], "other methods answer meanwhile"
    assert answers == []
    release.set()
    caller.join(30)
    assert answers == [True]


def test_stopping_lets_go_what_hangs(town: Town) -> None:
    front = town.engine.weather.hang("auth.test", seconds=20)

    def call() -> None:
        try:
            town.client.auth_test()
        except (OSError, http.client.HTTPException):
            pass

    caller = threading.Thread(target=call)
    caller.start()
    until = time.monotonic() + 30
    while not front.met and time.monotonic() < until:
        time.sleep(0.001)
    town.engine.stop()
    caller.join(30)
    assert not caller.is_alive()


def test_weather_reaches_response_urls(town: Town) -> None:
    town.answering()
    outcome = town.engine.command(town.maria, "/award", channel=town.kudos)
    town.engine.weather.error_500("response_url", times=1)
    webhook = WebhookClient(outcome.response_url)
    assert [webhook.send(text=text).status_code for text in ("one", "two")] == [500, 200]
    assert [m.text for m in town.engine.ephemerals(town.maria)] == ["two"]
