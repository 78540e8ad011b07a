"""Whatever is sent: an answer in Slack's shape, and nothing lost between threads."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk import WebClient

from bot.playground import Engine
from bot.playground.methods import METHODS
from bot.playground.rules import visible_text
from bot.playground.typing_in import escaped
from bot.playground.webapi import handle
from tests.playground.conftest import START, Town
from tests.playground.pieces import PNG, actions, button, entry, modal, section, text_field

NAMES = [
    "channel",
    "user",
    "users",
    "user_id",
    "text",
    "blocks",
    "view",
    "view_id",
    "trigger_id",
    "hash",
    "ts",
    "thread_ts",
    "message_ts",
    "timestamp",
    "name",
    "limit",
    "cursor",
    "types",
    "oldest",
    "latest",
    "inclusive",
    "files",
    "file",
    "filename",
    "length",
    "email",
    "usergroup",
    "metadata",
    "channel_id",
    "external_id",
    "bot",
    "attachments",
    "include_all_metadata",
]

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5000)
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(["C0000000001", "U0000000001", "D0000000001", "F0000000001", "V0000000001"])
    | st.just(modal(section("x"), actions(button("Go", "go"))))
    | st.just([section("x"), {"type": "image", "alt_text": "x", "slack_file": {"id": "F1"}}])
    | st.just(modal(entry("why", text_field("words")))),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "id", "text", "blocks", "url"]), inner, max_size=3
        )
    ),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def busy() -> Engine:
    """A workspace with one of everything, whose state the examples may spoil."""
    engine = Engine(lambda: START)
    engine.limits.enabled = False
    maria = engine.add_user("maria")
    kudos = engine.add_channel("kudos", members=[maria])
    engine.workspace.add_message(kudos.id, engine.bot.id, "Hi")
    engine.upload(maria, "star.png", PNG)
    return engine


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A method with what it requires and more, seldom of the right kind."""
    method = draw(st.sampled_from(sorted(METHODS)))
    required = dict.fromkeys(METHODS[method].required, VALUES)
    arguments = draw(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4))
    return method, {**arguments, **draw(st.fixed_dictionaries(required))}


@settings(max_examples=100, deadline=None)
@given(calls())
def test_every_method_answers_whatever_it_is_sent(
    busy: Engine, call: tuple[str, dict[str, Any]]
) -> None:
    method, arguments = call
    app = method == "apps.connections.open"
    token = busy.app_token if app else busy.bot_token
    status, answer, _ = handle(busy, method, arguments, token, METHODS)
    assert status == 200
    assert json.dumps(answer)
    assert answer["ok"] is True or isinstance(answer["error"], str)


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_characters="@#"), max_size=60))
def test_what_is_typed_is_what_is_read(busy: Engine, typed: str) -> None:
    if "://" not in typed:
        assert visible_text(escaped(busy.workspace, typed)) == typed


def test_posts_from_many_threads_all_arrive_with_rising_times(town: Town) -> None:
    town.engine.limits.enabled = False

    def post(number: int) -> str:
        client = WebClient(token=town.engine.bot_token, base_url=town.engine.api_url)
        return str(client.chat_postMessage(channel=town.kudos.id, text=str(number))["ts"])

    with ThreadPoolExecutor(8) as pool:
        times = list(pool.map(post, range(40)))
    messages = town.engine.messages(town.kudos)
    assert sorted(int(m.text) for m in messages) == list(range(40))
    assert [m.ts for m in messages] == sorted(times)
    assert len(set(times)) == 40
