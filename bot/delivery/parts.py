"""What delivery is given by others, and what it makes of one delivery."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
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

    `lacking` are the keys of pictures that it shows, or would, and that Slack does not have yet.
    """

    @property
    def text(self) -> str: ...
    @property
    def blocks(self) -> Sequence[dict[str, Any]]: ...
    @property
    def plain_blocks(self) -> Sequence[dict[str, Any]]: ...
    @property
    def lacking(self) -> Sequence[str]: ...


class Announcing(Protocol):
    """What posts say, worked out when they are sent: `bot.announcing.Announcer`."""

    def announcement(
        self, session: Connection, *, workspace: WorkspaceRef, post: DeliveryRow, now: datetime
    ) -> Message | None:
        """What a post in a channel says of one command's awards; None: nothing (left) to say."""

    def notification(
        self,
        session: Connection,
        *,
        workspace: WorkspaceRef,
        batch_id: UUID,
        person_id: UUID,
        now: datetime,
    ) -> Message | None:
        """The direct message to one recipient; None: nothing (left) to say."""

    def reminder(
        self,
        session: Connection,
        *,
        workspace: WorkspaceRef,
        subject: str,
        person_id: UUID,
        now: datetime,
    ) -> Message | None:
        """What a manager is told before an anniversary; None: nothing (left) to say."""

    def welcome(self, session: Connection, *, workspace: WorkspaceRef) -> Message | None:
        """What an owner is told when Laurel has just come; None: all of it is done already."""

    def about_request(
        self, session: Connection, *, workspace: WorkspaceRef, message: DeliveryRow
    ) -> Message | None:
        """What a message to a decider or an asker says of a request; None: nothing (left) to say."""

    def cards_of(
        self, session: Connection, *, workspace: WorkspaceRef, post: DeliveryRow
    ) -> list[UUID]:
        """The badge versions whose cards a post or direct message shows."""


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

# Notes what became of a delivery with what it tells of, in the transaction that settles it.
Witness = Callable[[Connection, DeliveryRow, Sent | Skipped, datetime], None]
