"""Sends one delivery: works out what it says now, and asks Slack for it."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from bot.delivery.lookout import Taken
from bot.delivery.parts import NOTHING, Announcing, Draw, Later, Message, Outcome, Sent, Skipped
from bot.delivery.reading import NOT_IN_SLACK, PUT_RIGHT, Known, Recipient, read, recipients
from bot.delivery.slack import MOST_PAGES, POST_SECONDS, UPLOAD_SECONDS, Slack
from bot.delivery.trouble import SlackTroubleError
from bot.deps import Clock, WorkspaceRef
from bot.messages.text import is_channel_id
from storage import files, outbox
from storage.database import Database, DatabaseUnavailableError
from storage.lanes import LeaseLostError
from storage.outbox import DeliveryRow

logger = logging.getLogger(__name__)

# Slack refuses a message whose picture it still works on. It is asked again after so many seconds
# each, and then the message goes without the picture.
PICTURE_WAITS = (1.0, 2.0, 3.0, 5.0)
PICTURE_ERRORS = frozenset({"invalid_blocks", "file_not_found"})
_UPLOAD = 3 * UPLOAD_SECONDS  # three steps
_SEARCH = (MOST_PAGES + 1) * POST_SECONDS  # until the second page of messages

Hold = Callable[[float], None]  # keeps the lane for so many seconds more


@dataclass(frozen=True)
class Errand:
    """One delivery on its way."""

    delivery: DeliveryRow
    workspace: WorkspaceRef
    hold: Hold
    known: Known | None = None  # what was read ahead of its turn


class Sender:
    """Knows each kind of delivery; nothing it does to Slack happens inside a transaction."""

    def __init__(
        self, *, database: Database, slack: Slack, clock: Clock, announcing: Announcing, draw: Draw
    ) -> None:
        self._database = database
        self._slack = slack
        self._clock = clock
        self._announcing = announcing
        self._draw = draw
        self._refusals: dict[UUID, int] = {}  # how often a picture was refused, by delivery
        self._blind: set[str] = set()  # lanes of which it was logged that they cannot be searched
        self._lock = threading.Lock()
        self._uploading: set[str] = set()
        self._uploads = threading.Condition()

    def know(self, taken: Sequence[Taken]) -> Mapping[UUID, Known]:
        """What is known of these, all of one workspace, to be sent within a second; by delivery.

        What has to be looked for first is read afterwards; what cannot be read with the others, alone.
        """
        rows = [one.delivery for one in taken]
        ahead = [row for row in rows if row.state != "sending" and row.kind != "upload"]
        if not ahead:
            return {}
        try:
            return self._read(taken[0].workspace, ahead)
        except DatabaseUnavailableError:
            raise
        except Exception:
            # Whose fault it is comes out when each is read in its turn.
            logger.warning("deliveries are read one by one", exc_info=True)
            return {}

    def _read(self, workspace: WorkspaceRef, rows: Sequence[DeliveryRow]) -> dict[UUID, Known]:
        return self._database.read(
            lambda session: read(session, self._announcing, self._clock, workspace, rows)
        )

    def _read_one(self, errand: Errand) -> Known:
        return self._read(errand.workspace, [errand.delivery])[errand.delivery.id]

    def send(self, errand: Errand) -> Outcome:
        """Do what a delivery asks for. Raises SlackTroubleError."""
        row = errand.delivery
        if row.kind == "upload":
            assert row.subject is not None
            return Sent() if self._give(errand, row.subject) else Skipped("there already")
        if row.state == "sending" and row.kind not in PUT_RIGHT:
            before = self._left_before(errand)
            if before is not None:
                return before
        known = errand.known or self._read_one(errand)
        if row.kind in PUT_RIGHT:
            return self._put_right(errand, known.post, known.words())
        if known.recipient is not None and known.recipient.unwanted:
            return Skipped(known.recipient.unwanted)
        message = self._with_cards(errand, known.words())
        if message is None:
            return Skipped(NOTHING)
        if known.recipient is not None:
            return self._post(errand, known.recipient.slack_id, message)
        channel = row.lane.removeprefix("channel:")
        to = channel if is_channel_id(channel) else "#" + channel.removeprefix("#")
        return self._post(errand, to, message)

    def _left_before(self, errand: Errand) -> Sent | Skipped | None:
        """What came of an attempt that nobody noted, as far as it can be found out."""
        recipient = self._database.read(
            lambda session: recipients(session, errand.workspace, [errand.delivery])
        ).get(errand.delivery.id)
        if recipient is not None and recipient.unwanted == NOT_IN_SLACK:
            return Skipped(NOT_IN_SLACK)
        return self._search(errand, lambda: self._where(errand, recipient))

    def _put_right(
        self, errand: Errand, post: DeliveryRow | None, message: Message | None
    ) -> Outcome:
        """Have a message say something else; None: delete it."""
        if post is None or post.channel is None or post.message_ts is None:
            return Skipped("nothing was posted")
        channel, ts = post.channel, post.message_ts
        errand.hold(POST_SECONDS)
        try:
            if message is None:
                self._slack.delete(errand.workspace, channel, ts)
                return Sent(channel, ts)
            return self._showing(
                errand, message, lambda plain: self._update(errand, post, message, plain)
            )
        except SlackTroubleError as trouble:
            if trouble.code == "message_not_found":
                return Skipped("already deleted")
            raise

    def _update(self, errand: Errand, post: DeliveryRow, message: Message, plain: bool) -> Sent:
        assert post.channel is not None
        assert post.message_ts is not None
        self._slack.update(
            errand.workspace,
            post.channel,
            post.message_ts,
            message,
            plain=plain,
            mark=str(post.id),
        )
        return Sent(post.channel, post.message_ts)

    def _post(self, errand: Errand, to: str, message: Message) -> Outcome:
        def post(plain: bool) -> Sent:
            errand.hold(POST_SECONDS)
            return Sent(
                *self._slack.post(
                    errand.workspace, to, message, plain=plain, mark=str(errand.delivery.id)
                )
            )

        return self._showing(errand, message, post)

    def _showing(
        self, errand: Errand, message: Message, request: Callable[[bool], Sent]
    ) -> Outcome:
        """Send with pictures while there is hope for them, else without."""
        delivery = errand.delivery
        refused = self._refusals.get(delivery.id, 0)
        illustrated = list(message.blocks) != list(message.plain_blocks)
        plain = refused >= len(PICTURE_WAITS)
        if plain:
            logger.warning("sent without its picture", extra={"delivery": str(delivery.id)})
            # Whatever is wrong with those files, the next post gets new ones.
            self._database.write(
                lambda session: files.forget(
                    session, workspace_id=delivery.workspace_id, keys=message.cards
                )
            )
        try:
            return request(plain)
        except SlackTroubleError as trouble:
            if trouble.code not in PICTURE_ERRORS or not illustrated or plain:
                raise
            with self._lock:
                self._refusals[delivery.id] = refused + 1
            return Later(trouble.code, PICTURE_WAITS[refused])

    def finished(self, delivery_id: UUID) -> None:
        """Nothing need be remembered of this delivery any more."""
        with self._lock:
            self._refusals.pop(delivery_id, None)

    def _with_cards(self, errand: Errand, message: Message | None) -> Message | None:
        """A message once Slack has the cards it shows, worked out again where some were missing."""
        missing = message.lacking if message else ()
        if not missing or self._refusals.get(errand.delivery.id):
            return message
        try:
            for key in missing:
                self._give(errand, key)
        except (LeaseLostError, DatabaseUnavailableError):
            raise
        except SlackTroubleError as trouble:
            logger.warning(
                "a picture could not be uploaded",
                extra={"delivery": str(errand.delivery.id), "error": trouble.code},
            )
        except Exception:
            # A post never fails for its picture.
            logger.exception(
                "a picture could not be drawn", extra={"delivery": str(errand.delivery.id)}
            )
        return self._read_one(errand).words()

    def _give(self, errand: Errand, key: str) -> bool:
        """Upload a picture unless Slack has it; tell whether it was uploaded."""
        # The first award of a badge wants its card in three lanes at once.
        errand.hold(2 * _UPLOAD)
        with self._uploads:
            while key in self._uploading:
                self._uploads.wait()
            self._uploading.add(key)
        try:
            return self._upload_missing(errand, key)
        finally:
            with self._uploads:
                self._uploading.remove(key)
                self._uploads.notify_all()

    def _upload_missing(self, errand: Errand, key: str) -> bool:
        workspace = errand.workspace

        def draw(session: Connection) -> tuple[bytes, str, str] | None:
            if files.file_id(session, workspace_id=workspace.id, key=key) is not None:
                return None
            try:
                return self._draw(session, workspace, key)
            except LookupError as missing:
                raise SlackTroubleError("no_such_picture") from missing

        drawn = self._database.read(draw)
        if drawn is None:
            return False
        errand.hold(_UPLOAD)
        file_id = self._slack.upload(workspace, *drawn)
        now = self._clock()
        self._database.write(
            lambda session: files.save(
                session, workspace_id=workspace.id, key=key, file_id=file_id, now=now
            )
        )
        return True

    def _search(self, errand: Errand, channel: Callable[[], str | None]) -> Sent | None:
        """What an attempt, of which nobody knows what became, left in Slack."""
        delivery = errand.delivery
        try:
            errand.hold(_SEARCH)
            where = channel()
            ts = self._slack.find(errand.workspace, where, delivery, errand.hold) if where else None
        except SlackTroubleError as trouble:
            if not trouble.permanent:
                # Whether it was sent is not known yet, so the next attempt searches again.
                raise SlackTroubleError(
                    trouble.code, retry_after=trouble.retry_after, in_doubt=True
                ) from trouble
            with self._lock:
                told = delivery.lane in self._blind
                self._blind.add(delivery.lane)
            if not told:
                logger.warning(
                    "messages cannot be searched for what was sent already: after a crash "
                    "something may be posted twice",
                    extra={"lane": delivery.lane, "error": trouble.code},
                )
            return None
        if where is None or ts is None:
            return None
        logger.info("found what had been sent", extra={"delivery": str(delivery.id)})
        return Sent(where, ts)

    def _where(self, errand: Errand, recipient: Recipient | None) -> str | None:
        """The id of the conversation that a delivery goes to, as far as Slack knows it."""
        if recipient is not None:
            return self._slack.direct_channel(errand.workspace, recipient.slack_id)
        delivery = errand.delivery
        channel = delivery.lane.removeprefix("channel:")
        if is_channel_id(channel):
            return channel
        known = self._database.read(
            lambda session: outbox.last_channel(
                session, workspace_id=delivery.workspace_id, lane=delivery.lane
            )
        )
        return known or self._slack.channel_named(errand.workspace, channel.removeprefix("#"))
