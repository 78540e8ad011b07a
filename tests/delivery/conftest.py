"""A Slack on this machine, an outbox, and a courier between them; time stands still until moved."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from slack_sdk import WebClient
from sqlalchemy import Connection

from bot.delivery import Courier
from bot.delivery.holding import LEASE
from bot.deps import WorkspaceRef
from bot.playground import Channel, Engine
from storage import files, lanes, outbox
from storage.database import Database
from storage.lanes import Lease
from storage.outbox import DeliveryRow, NewDelivery
from storage.people import PersonRow
from storage.types import new_id
from storage.workspaces import WorkspaceRow
from tests.cast import NOW


@dataclass(frozen=True)
class Post:
    """What an announcement says."""

    text: str
    blocks: list[dict[str, Any]]
    plain_blocks: list[dict[str, Any]]
    cards: list[str]
    lacking: list[str]


@dataclass
class Words:
    """Says of each batch what a test wants said; with its card where Slack has it."""

    said: dict[UUID, str | None] = field(default_factory=dict)
    cards: dict[UUID, list[UUID]] = field(default_factory=dict)
    reads: list[int] = field(default_factory=list)  # of how many messages each time

    def words(
        self,
        session: Connection,
        *,
        workspace: WorkspaceRef,
        messages: Sequence[DeliveryRow],
        now: datetime,
    ) -> dict[UUID, Callable[[], Post | None]]:
        self.reads.append(len(messages))
        known = {}
        for batch_id in [message.batch_id for message in messages]:
            assert batch_id is not None
            keys = [f"card:{version}" for version in self.cards[batch_id]]
            known[batch_id] = keys, files.file_ids(session, workspace_id=workspace.id, keys=keys)
        return {
            message.id: partial(self._says, batch_id, *known[batch_id])
            for message in messages
            if (batch_id := message.batch_id)
        }

    def _says(self, batch_id: UUID, keys: list[str], known: dict[str, str]) -> Post | None:
        text = self.said[batch_id]
        if text is None:
            return None
        plain: list[dict[str, Any]] = [
            {"type": "section", "text": {"type": "mrkdwn", "text": text}}
        ]
        pictures = [
            {"type": "image", "slack_file": {"id": file_id}, "alt_text": "A card"}
            for file_id in known.values()
        ]
        lacking = [key for key in keys if key not in known]
        return Post(text, plain + pictures, plain, keys, lacking)


def draw(_session: Connection, _workspace: WorkspaceRef, key: str) -> tuple[bytes, str, str]:
    """A grey picture of any key but those of badges that are gone."""
    if key.endswith(":gone"):
        raise LookupError(key)
    kept = BytesIO()
    Image.new("L", (8, 8), 128).save(kept, "PNG")
    return kept.getvalue(), "card.png", "A card"


@dataclass
class Watch:
    """The time, for Slack and the courier alike; it stands still unless it runs."""

    now: datetime = NOW
    runs: bool = False

    def read(self) -> datetime:
        return datetime.now(UTC) if self.runs else self.now


@dataclass
class Office:
    """The outbox, Slack and the time between them: everything a test moves."""

    engine: Engine
    feed: Channel
    database: Database
    workspace: WorkspaceRow
    cast: dict[str, PersonRow]
    words: Words
    watch: Watch

    @property
    def now(self) -> datetime:
        return self.watch.read()

    def courier(self, **changes: Any) -> Courier:
        """A courier by this office's clock, whose backoff is always the longest there can be."""
        parts: dict[str, Any] = {
            "database": self.database,
            "slack": self.client,
            "clock": self.watch.read,
            "announcing": self.words,
            "draw": draw,
            "jitter": lambda: 1.0,
            "post_seconds": 0.25,
        }
        return Courier(**parts | changes)

    def claim(self, at: datetime) -> Lease | None:
        """Take a lane that is due, as a courier does that then dies."""
        waiting = self.database.read(lambda session: lanes.waiting(session, most=9))
        leases = self.database.write(
            lambda session: lanes.claim(
                session,
                workspace_id=self.workspace.id,
                lanes=[one.lane for one in waiting],
                now=at,
                until=at + LEASE,
            )
        )
        return leases[0] if leases else None

    def client(self, _workspace: WorkspaceRef | None = None) -> WebClient:
        return WebClient(self.engine.bot_token, base_url=self.engine.api_url)

    def say(self, text: str | None, *, cards: int = 0) -> UUID:
        """A batch of which this is to be said."""
        batch_id = new_id(self.now)
        self.words.said[batch_id] = text
        self.words.cards[batch_id] = [new_id() for _ in range(cards)]
        return batch_id

    def announce(self, text: str | None, *, channel: str = "", cards: int = 0) -> UUID:
        """Have something posted in a channel; the feed, unless said otherwise."""
        batch_id = self.say(text, cards=cards)
        lane = f"channel:{channel or self.feed.id}"
        self.enqueue(NewDelivery(lane, "announce", f"announce:{batch_id}", batch_id))
        return batch_id

    def notify(self, person: str, text: str) -> UUID:
        """Have a person told something."""
        batch_id, person_id = self.say(text), self.cast[person].id
        key = f"notify:{batch_id}:{person_id}"
        self.enqueue(NewDelivery("dm", "notify", key, batch_id, person_id))
        return batch_id

    def amend(self, batch_id: UUID, text: str | None, person: str | None = None) -> None:
        """Have a batch say something else, or nothing."""
        self.words.said[batch_id] = text
        lane = "dm" if person else f"channel:{self.feed.id}"
        person_id = self.cast[person].id if person else None
        self.enqueue(NewDelivery(lane, "amend", f"amend:{new_id()}", batch_id, person_id))

    def enqueue(self, *deliveries: NewDelivery) -> None:
        self.database.write(
            lambda session: outbox.enqueue(
                session, workspace_id=self.workspace.id, deliveries=deliveries, now=self.now
            )
        )

    def delivery(self, key: str) -> DeliveryRow:
        found = self.database.read(
            lambda session: outbox.by_keys(session, workspace_id=self.workspace.id, keys=[key])
        )
        return found[key]

    def posted(self, channel: Channel | None = None) -> list[str]:
        """What people read in a channel, oldest first."""
        return [message.text for message in self.engine.messages(channel or self.feed)]

    def dms(self, person: str) -> list[str]:
        return [message.text for message in self.engine.dms(self.cast[person].slack_id)]

    def pass_time(self, seconds: float) -> None:
        self.watch.now += timedelta(seconds=seconds)

    def settle(self, courier: Courier, *, turns: int = 60) -> timedelta:
        """Move from one due time to the next until nothing waits, and return how long that took."""
        began = self.now
        for _ in range(turns):
            if not self.settle_once(courier):
                return self.now - began
        raise AssertionError(f"something still waits after {self.now - began}")

    def settle_once(self, courier: Courier) -> bool:
        """Move to the next due time and send what is due then; False: nothing waits."""
        due = courier.next_at()
        if due is not None:
            self.watch.now = max(self.now, due)
            courier.run_due()
        return due is not None


@pytest.fixture
def office(
    database: Database, workspace: WorkspaceRow, cast: dict[str, PersonRow]
) -> Iterator[Office]:
    """Acme's Slack with its people and the feed #kudos."""
    watch = Watch()
    engine = Engine(clock=watch.read)
    for person in cast.values():
        engine.add_user(
            person.name.split()[0].lower(),
            id=person.slack_id,
            is_bot=person.bot,
            deleted=not person.active,
        )
    feed = engine.add_channel("kudos")
    with engine:
        yield Office(engine, feed, database, workspace, cast, Words(), watch)
