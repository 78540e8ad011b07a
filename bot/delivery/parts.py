"""What delivery is given by others, and what it makes of one delivery."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from slack_sdk import WebClient
from sqlalchemy import Connection

from bot.deps import WorkspaceRef
from storage.outbox import DeliveryRow

SlackClients = Callable[[WorkspaceRef], WebClient]
# draw(session, workspace, picture key) -> (bytes, file name, alt text); LookupError: no such picture.
Draw = Callable[[Connection, WorkspaceRef, str], tuple[bytes, str, str]]


class Upload(Protocol):
    """Gives Slack a picture and returns its file id: `bot.slack_files.upload_picture`."""

    def __call__(
        self, client: WebClient, *, content: bytes, filename: str, alt_text: str
    ) -> str: ...


class Message(Protocol):
    """A message ready to be sent; `plain_blocks` are the same without pictures.

    `cards` are the keys of pictures that it shows, or would; Slack does not have the `lacking` yet.
    """

    @property
    def text(self) -> str: ...
    @property
    def blocks(self) -> Sequence[dict[str, Any]]: ...
    @property
    def plain_blocks(self) -> Sequence[dict[str, Any]]: ...
    @property
    def cards(self) -> Sequence[str]: ...
    @property
    def lacking(self) -> Sequence[str]: ...


NOTHING = "nothing to say"  # what is kept of a message for which there were no words
Words = Callable[[], Message | None]  # puts a message into words; None: nothing (left) to say


class Announcing(Protocol):
    """What messages say, worked out when they are sent: `bot.announcing.Announcer`."""

    def words(
        self,
        session: Connection,
        *,
        workspace: WorkspaceRef,
        messages: Sequence[DeliveryRow],
        now: datetime,
    ) -> Mapping[UUID, Words]:
        """Read what these messages are about; what puts each into words, by its delivery's id."""


@dataclass(frozen=True)
class Sent:
    """It is done; where Slack put it, if it put it anywhere."""

    channel: str | None = None
    message_ts: str | None = None


@dataclass(frozen=True)
class Skipped:
    """There was nothing to send after all."""

    reason: str


@dataclass(frozen=True)
class Later:
    """Slack is not ready for it yet: the lane waits so many seconds."""

    error: str
    seconds: float


Outcome = Sent | Skipped | Later


class Became(NamedTuple):
    """A delivery that is done, and when that was."""

    delivery: DeliveryRow
    outcome: Sent | Skipped
    at: datetime


class Witness(Protocol):
    """Notes what became of deliveries with what they tell of, in the transaction that settles them."""

    def __call__(
        self, session: Connection, *, workspace_id: int, became: Sequence[Became]
    ) -> None: ...
