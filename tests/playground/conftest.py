"""A frozen workspace of a few people, and a small Bolt app that lives in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from slack_bolt import App, BoltRequest
from slack_sdk import WebClient

from bot.playground import Channel, Engine, InProcess, User

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class Town:
    """An engine with its time and people."""

    engine: Engine
    maria: User
    tom: User
    kudos: Channel
    client: WebClient
    heard: list[tuple[str, Any]] = field(default_factory=list)

    def pass_time(self, **by: float) -> None:
        self.engine.advance(timedelta(**by))

    def error(self, method: str, /, **arguments: Any) -> str:
        """Return Slack's code for a call that must fail."""
        answer = self.answer(method, **arguments)
        assert answer["ok"] is False, answer
        return str(answer["error"])

    def answer(self, method: str, /, **arguments: Any) -> dict[str, Any]:
        """Call a method as a client does, without raising on `ok: false`."""
        from slack_sdk.errors import SlackApiError

        token = arguments.pop("token", self.engine.bot_token)
        try:
            found = self.client.api_call(method, json=arguments, headers=_bearer(token)).data
        except SlackApiError as refused:
            found = refused.response.data
        assert isinstance(found, dict)
        return found

    def connect(self, app: App) -> None:
        """Let Slack reach a Bolt app in this process."""

        def call(body: str, headers: dict[str, list[str]]) -> tuple[int, Any, str]:
            response = app.dispatch(BoltRequest(body=body, headers=headers))
            return response.status, response.headers, response.body

        self.engine.connect(InProcess(call))

    def app(self) -> App:
        """Return an empty app of this workspace."""
        return App(
            client=self.client,
            signing_secret=self.engine.signing_secret,
            process_before_response=True,
            token_verification_enabled=False,
        )

    def answering(
        self, status: int = 200, body: str = ""
    ) -> list[tuple[str, dict[str, list[str]]]]:
        """Connect an app that always answers the same; return what it hears."""
        heard: list[tuple[str, dict[str, list[str]]]] = []

        def call(text: str, headers: dict[str, list[str]]) -> tuple[int, dict[str, str], str]:
            heard.append((text, headers))
            return status, {}, body

        self.engine.connect(InProcess(call))
        return heard


def _bearer(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {"Authorization": ""}


@pytest.fixture
def town() -> Iterator[Town]:
    with Engine(lambda: START, app_name="Herald") as engine:
        maria = engine.add_user("maria", real_name="Maria Silva", locale="pt-PT")
        tom = engine.add_user("tom", real_name="Tom Okafor", tz="Africa/Lagos")
        kudos = engine.add_channel("kudos", members=[maria, tom])
        client = WebClient(token=engine.bot_token, base_url=engine.api_url)
        yield Town(engine, maria, tom, kudos, client)
