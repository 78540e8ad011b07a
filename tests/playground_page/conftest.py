"""A page over a small workspace, with an app that answers what a test wants."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from bot.playground import Channel, Engine, InProcess, User
from bot.playground.page import Journey, Offer, Shortcut, SlashCommand, Step, create

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


@dataclass
class Town:
    """The workspace, what its app answers next, and the page as a browser asks for it."""

    engine: Engine
    maria: User
    tom: User
    general: Channel
    answers: list[Any] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    moved: list[datetime] = field(default_factory=list)

    def get(self, path: str, **query: str) -> Any:
        with urlopen(f"{self.engine.url}/{path}?{urlencode(query)}", timeout=30) as response:
            return json.loads(response.read())

    def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        sent = {"content-type": "application/json", **headers}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            with urlopen(
                Request(f"{self.engine.url}/{path}", content, sent), timeout=5
            ) as response:
                return response.status, json.loads(response.read())
        except HTTPError as refused:
            with refused:
                return refused.code, json.loads(refused.read())

    def act(self, who: str, verb: str, **about: Any) -> Any:
        status, body = self.post("page/act", {"as": who, "verb": verb, **about})
        assert status == 200, body
        return body

    def messages(self, who: str, channel: str = "general") -> list[Any]:
        found: list[Any] = self.get("page/messages", **{"as": who, "channel": channel})["messages"]
        return found

    def publish(self, who: str, payload: dict[str, Any]) -> None:
        """Have the app show someone its Home tab."""
        self._call("views.publish", user_id=self.engine.user(who).id, view=payload)

    def view(self, who: str, payload: dict[str, Any]) -> Any:
        """Have the app open a modal for someone, and return it as the page gets it."""
        trigger = self.engine.workspace.new_trigger(self.engine.user(who).id)
        self._call("views.open", trigger_id=trigger, view=payload)
        return self.get("page/screen", **{"as": who})["modals"][-1]

    def _call(self, method: str, **arguments: Any) -> None:
        call = Request(
            f"{self.engine.api_url}{method}",
            json.dumps(arguments).encode(),
            {
                "content-type": "application/json",
                "authorization": f"Bearer {self.engine.bot_token}",
            },
        )
        with urlopen(call, timeout=30) as response:
            answer = json.loads(response.read())
        assert answer["ok"], answer


def home(title: str) -> dict[str, Any]:
    """A Home tab with a title and a button in a section and below it."""

    def words(text: str) -> dict[str, str]:
        return {"type": "plain_text", "text": text}

    def button(text: str, action_id: str) -> dict[str, Any]:
        return {"type": "button", "action_id": action_id, "text": words(text), "value": "7"}

    return {
        "type": "home",
        "blocks": [
            {"type": "header", "block_id": "title", "text": words(title)},
            {
                "type": "section",
                "block_id": "words",
                "text": {"type": "mrkdwn", "text": "Your *badges*"},
                "accessory": button("Look", "look"),
            },
            {"type": "actions", "block_id": "more", "elements": [button("Award", "go")]},
            {
                "type": "image",
                "block_id": "picture",
                "image_url": "https://pictures.example/case.png",
                "alt_text": "A trophy case",
            },
        ],
    }


@pytest.fixture
def town() -> Iterator[Town]:
    with Engine(lambda: START, app_name="Herald") as engine:
        maria = engine.add_user("maria", real_name="Maria Silva", tz="Europe/Lisbon")
        tom = engine.add_user("tom", real_name="Tom Becker", tz="Europe/Berlin")
        general = engine.add_channel("general", members=[maria, tom])
        made = Town(engine, maria, tom, general)

        def call(body: str, _headers: Any) -> tuple[int, dict[str, str], str]:
            made.heard.append(body)
            answer = made.answers.pop(0) if made.answers else ""
            return 200, {}, answer if isinstance(answer, str) else json.dumps(answer)

        engine.connect(InProcess(call))
        engine.subscriptions = {"app_home_opened"}
        offer = Offer(
            commands=(SlashCommand("/post", "Post something", "[words]"),),
            shortcuts=(Shortcut("keep", "Keep this"),),
            steps=(Step("Post", "Post something.", "Write it", "/post", fill="/post hello"),),
            act_as="maria",
            channel="general",
            journeys=lambda now: [Journey("The day after", NOON)] if now < NOON else [],
            after_time_moved=lambda: made.moved.append(engine.clock.now()),
        )
        engine.mount(create(engine, offer))
        yield made
