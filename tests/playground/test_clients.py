"""Real clients against the workspace: slack_sdk's sync, async and Socket Mode, and Bolt."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web import WebClient
from slack_sdk.web.async_client import AsyncWebClient
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from bot.playground import Engine
from tests.playground.conftest import Town
from tests.playground.pieces import actions, button, entry, modal, option, section, text_field


def test_an_engine_is_ready_in_less_than_300_ms() -> None:
    took = []
    for _ in range(5):  # the machine may be busy now and then
        begun = time.perf_counter()
        with Engine() as engine:
            assert engine.api_url.startswith("http://127.0.0.1:")
            took.append(time.perf_counter() - begun)
        if took[-1] < 0.3:
            break
    assert min(took) < 0.3


def test_two_engines_know_nothing_of_each_other(town: Town) -> None:
    with Engine(bot_token="xoxb-other") as other:
        assert town.error("auth.test", token=other.bot_token) == "invalid_auth"
        assert [user.name for user in other.workspace.users.values()] == ["app", "slackbot"]


def test_the_async_client_posts_and_pages(town: Town) -> None:
    async def work() -> list[str]:
        client = AsyncWebClient(token=town.engine.bot_token, base_url=town.engine.api_url)
        await client.chat_postMessage(
            channel=town.kudos.id, text="Hi", blocks=[section("Hello")], unfurl_links=False
        )
        names: list[str] = []
        async for page in await client.users_list(limit=1):
            names += [member["name"] for member in page["members"]]
        return names

    assert asyncio.run(work()) == ["herald", "slackbot", "maria", "tom"]
    assert town.engine.messages(town.kudos)[0].reads() == "Hello"


def badge_app(app: App) -> App:
    """A slash command, a modal with a type-ahead menu, a button: as apps are built with Bolt."""

    @app.command("/award")
    def award(ack: Callable[..., Any], command: dict[str, Any], client: Any) -> None:
        ack(text=f"Hello {command['text']}", blocks=[actions(button("Undo", "undo", "7"))])
        menu = {"type": "external_select", "action_id": "badge", "min_query_length": 1}
        blocks = [entry("badge", menu), entry("why", text_field("reason"))]
        view = modal(*blocks, callback_id="award", title="Award")
        client.views_open(trigger_id=command["trigger_id"], view=view)

    @app.options("badge")
    def badges(ack: Callable[..., Any], payload: dict[str, Any]) -> None:
        known = [option("ping-pong"), option("team-player")]
        ack(options=[o for o in known if payload["value"].lower() in o["value"]])

    @app.view("award")
    def submitted(ack: Callable[..., Any], view: dict[str, Any]) -> None:
        values = view["state"]["values"]
        if len(values["why"]["reason"]["value"]) < 3:
            ack(response_action="errors", errors={"why": "Say a little more."})
            return
        chosen = values["badge"]["badge"]["selected_option"]["value"]
        done = {**modal(section(f"Given: {chosen}"), title="Done")}
        del done["submit"]
        ack(response_action="update", view=done)

    @app.action("undo")
    def undo(ack: Callable[..., Any], respond: Callable[..., Any]) -> None:
        ack()
        respond("Taken back", replace_original=True)

    @app.event("team_join")
    def joined(event: dict[str, Any], client: Any) -> None:
        client.chat_postMessage(channel=event["user"]["id"], text="Welcome!")

    return app


def walk_through(town: Town) -> None:
    """Use every part of the app, whichever way it is reached."""
    engine = town.engine
    outcome = engine.command(town.maria, "/award", "@tom", channel=town.kudos)
    assert outcome.text == f"Hello <@{town.tom.id}|tom>"
    until_seen(lambda: engine.view(town.maria))
    short = engine.submit(town.maria, values={"badge": "Ping-Pong", "why": "ok"})
    assert short.errors == {"why": "Say a little more."}
    done = engine.submit(town.maria, values={"why": "Great final"}).view
    assert done is not None
    assert "Given: ping-pong" in done.reads()
    engine.close(town.maria)
    engine.click(town.maria, "undo", value="7")
    until_seen(lambda: engine.ephemerals(town.maria)[-1].text == "Taken back")
    ana = engine.add_user("ana")
    until_seen(lambda: engine.dms(ana))
    assert engine.dms(ana)[0].text == "Welcome!"


def until_seen(seen: Callable[[], Any], seconds: float = 30.0) -> None:
    """Wait for what another thread does; Bolt may acknowledge before its listener ends."""
    until = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < until, "it was never seen"
        time.sleep(0.002)


def test_a_bolt_app_works_in_this_process(town: Town) -> None:
    town.connect(badge_app(town.app()))
    walk_through(town)


def hang_up(town: Town, *clients: Any) -> None:
    """Close clients without waiting for the seconds that each would wait for a last message."""
    for client in clients:
        client.auto_reconnect_enabled = False
    town.engine.sockets.close()
    for client in clients:
        until_seen(lambda client=client: not client.is_connected())
        client.close()


@contextmanager
def socket_mode(town: Town, app: App) -> Iterator[SocketModeHandler]:
    handler = SocketModeHandler(app, town.engine.app_token, ping_interval=60)
    # The handler's client talks to Slack's own address unless told otherwise.
    handler.client.web_client.base_url = town.engine.api_url
    handler.connect()
    try:
        assert town.engine.sockets.wait_for(1)
        yield handler
    finally:
        hang_up(town, handler.client)


def test_a_bolt_app_works_by_socket_mode(town: Town) -> None:
    with socket_mode(town, badge_app(town.app())):
        walk_through(town)
    assert town.engine.traffic.calls("apps.connections.open")


@contextmanager
def socket_client(town: Town) -> Iterator[tuple[SocketModeClient, list[SocketModeRequest]]]:
    heard: list[SocketModeRequest] = []
    client = SocketModeClient(
        app_token=town.engine.app_token, web_client=town.client, ping_interval=60
    )

    def listen(each: Any, request: SocketModeRequest) -> None:
        heard.append(request)
        each.send_socket_mode_response(SocketModeResponse(request.envelope_id))

    client.socket_mode_request_listeners.append(listen)
    client.connect()
    try:
        assert town.engine.sockets.wait_for(1)
        yield client, heard
    finally:
        hang_up(town, client)


def test_envelopes_carry_their_kind_and_are_acknowledged(town: Town) -> None:
    with socket_client(town) as (_, heard):
        assert town.engine.command(town.maria, "/award", "hi", channel=town.kudos).acknowledged
        town.engine.add_user("ana")
        assert [request.type for request in heard] == ["slash_commands", "events_api"]
        assert heard[0].payload["text"] == "hi"
        assert heard[0].accepts_response_payload is True
        assert heard[1].retry_attempt == 0


def test_a_refreshed_connection_is_opened_again_by_the_client(town: Town) -> None:
    with socket_client(town):
        town.engine.sockets.refresh()
        assert town.engine.sockets.wait_opened(2)
        until_seen(lambda: len(town.engine.sockets) == 1)
        assert town.engine.command(town.maria, "/award", channel=town.kudos).acknowledged


def test_a_silent_socket_says_nothing_and_answers_no_ping(town: Town) -> None:
    client = SocketModeClient(
        app_token=town.engine.app_token,
        web_client=town.client,
        ping_interval=0.02,
        auto_reconnect_enabled=False,
    )
    client.connect()
    try:
        assert town.engine.sockets.wait_for(1)

        def last_pong() -> float | None:
            session = client.current_session
            return session.last_ping_pong_time if session else None

        until_seen(last_pong)
        town.engine.sockets.silent = True
        silent = town.engine.command(town.maria, "/award", channel=town.kudos)
        assert silent.problem == "operation_timeout"
        time.sleep(0.05)
        before = last_pong()
        time.sleep(0.15)
        assert last_pong() == before
        assert len(town.engine.sockets) == 1
    finally:
        hang_up(town, client)


def test_a_cut_connection_leaves_the_app_unreachable(town: Town) -> None:
    with raw_sockets(town, 1) as (only,):
        town.engine.sockets.drop()
        with pytest.raises(ConnectionClosed):
            only.recv(5)
        until_seen(lambda: len(town.engine.sockets) == 0)
        outcome = town.engine.command(town.maria, "/award", channel=town.kudos)
        assert outcome.problem == "dispatch_failed"


@contextmanager
def raw_sockets(town: Town, count: int) -> Iterator[list[ClientConnection]]:
    """Open websockets without a client's own ways, each past its hello."""
    app = WebClient(token=town.engine.app_token, base_url=town.engine.api_url)
    with ExitStack() as stack:
        opened = []
        for _ in range(count):
            url = app.apps_connections_open(app_token=town.engine.app_token)["url"]
            opened.append(stack.enter_context(connect(url, proxy=None)))
            assert json.loads(opened[-1].recv(5))["type"] in ("hello", "disconnect")
        yield opened


def test_the_eleventh_connection_is_sent_away(town: Town) -> None:
    with raw_sockets(town, 11) as sockets:
        assert len(town.engine.sockets) == 10
        with pytest.raises(ConnectionClosed):
            sockets[10].recv(5)


def test_a_ticket_opens_one_connection(town: Town) -> None:
    app = WebClient(token=town.engine.app_token, base_url=town.engine.api_url)
    url = app.apps_connections_open(app_token=town.engine.app_token)["url"]
    with connect(url, proxy=None), pytest.raises(InvalidStatus):
        connect(url, proxy=None)


def test_envelopes_go_to_the_connections_in_turn(town: Town) -> None:
    town.engine.sockets.patience = 0.01
    with raw_sockets(town, 2) as sockets:
        for _ in range(2):
            outcome = town.engine.command(town.maria, "/award", channel=town.kudos)
            assert outcome.problem == "operation_timeout"
        envelopes = [json.loads(each.recv(5)) for each in sockets]
    assert {envelope["type"] for envelope in envelopes} == {"slash_commands"}
    assert envelopes[0]["envelope_id"] != envelopes[1]["envelope_id"]
