"""Sends one delivery: works out what it says now, and asks Slack for it."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Connection

from bot.delivery.parts import Announcing, Draw, Later, Message, Outcome, Sent, Skipped
from bot.delivery.slack import MOST_PAGES, POST_SECONDS, UPLOAD_SECONDS, Slack
from bot.delivery.trouble import SlackTroubleError
from bot.deps import Clock, WorkspaceRef
from bot.messages.text import is_channel_id
from storage import files, outbox, people, preferences, requests
from storage.database import Database, DatabaseUnavailableError
from storage.lanes import LeaseLostError
from storage.outbox import DeliveryRow
from storage.people import PersonRow

logger = logging.getLogger(__name__)

# Slack refuses a message whose picture it still works on. It is asked again after so many seconds
# each, and then the message goes without the picture.
PICTURE_WAITS = (1.0, 2.0, 3.0, 5.0)
PICTURE_ERRORS = frozenset({"invalid_blocks", "file_not_found"})
_UPLOAD = 3 * UPLOAD_SECONDS  # three steps
_SEARCH = (MOST_PAGES + 1) * POST_SECONDS

Hold = Callable[[float], None]  # keeps the lane for so many seconds more


@dataclass(frozen=True)
class Errand:
    """One delivery on its way."""

    delivery: DeliveryRow
    workspace: WorkspaceRef
    hold: Hold


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

    def send(self, errand: Errand) -> Outcome:
        """Do what a delivery asks for. Raises SlackTroubleError."""
        match errand.delivery.kind:
            case "announce":
                return self._announce(errand)
            case "notify":
                return self._notify(errand)
            case "amend":
                return self._amend(errand)
            case "upload":
                return self._upload(errand)
            case "remind":
                return self._tell(errand, self._reminder)
            case "welcome":
                return self._tell(errand, self._welcome)
            case "request" | "answer":
                return self._tell(errand, self._about_request)
            case "retract":
                return self._retract(errand)
            case kind:
                raise ValueError(f"a delivery of an unknown kind: {kind}")

    def _announce(self, errand: Errand) -> Outcome:
        channel = errand.delivery.lane.removeprefix("channel:")
        if errand.delivery.state == "sending":
            found = self._search(errand, lambda: self._channel_id(errand, channel))
            if found is not None:
                return found
        message = self._with_cards(
            errand, lambda session: self._announcement(session, errand, errand.delivery)
        )
        if message is None:
            return Skipped("nothing to say")
        to = channel if is_channel_id(channel) else "#" + channel.removeprefix("#")
        return self._post(errand, to, message)

    def _notify(self, errand: Errand) -> Outcome:
        person, wanted = self._database.read(lambda session: self._recipient(session, errand))
        if person is None or not person.slack_id:
            return Skipped("not in Slack")
        if errand.delivery.state == "sending":
            found = self._search(
                errand,
                lambda: self._slack.direct_channel(errand.workspace, person.slack_id),
            )
            if found is not None:
                return found
        if not person.active or person.bot:
            return Skipped("deactivated" if not person.active else "a bot")
        if not wanted:
            return Skipped("switched off")
        message = self._with_cards(errand, lambda session: self._notification(session, errand))
        if message is None:
            return Skipped("nothing to say")
        return self._post(errand, person.slack_id, message)

    def _tell(
        self, errand: Errand, words: Callable[[Connection, Errand], Message | None]
    ) -> Outcome:
        row = errand.delivery
        person, _wanted = self._database.read(lambda session: self._recipient(session, errand))
        if person is None or not person.slack_id or not person.active:
            return Skipped("not in Slack")
        if row.state == "sending":
            found = self._search(
                errand, lambda: self._slack.direct_channel(errand.workspace, person.slack_id)
            )
            if found is not None:
                return found
        message = self._database.read(lambda session: words(session, errand))
        if message is None:
            return Skipped("nothing to say")
        return self._post(errand, person.slack_id, message)

    def _reminder(self, session: Connection, errand: Errand) -> Message | None:
        row = errand.delivery
        assert row.subject is not None
        assert row.person_id is not None
        return self._announcing.reminder(
            session,
            workspace=errand.workspace,
            subject=row.subject,
            person_id=row.person_id,
            now=self._clock(),
        )

    def _welcome(self, session: Connection, errand: Errand) -> Message | None:
        return self._announcing.welcome(session, workspace=errand.workspace)

    def _about_request(self, session: Connection, errand: Errand) -> Message | None:
        return self._announcing.about_request(
            session, workspace=errand.workspace, message=errand.delivery
        )

    def _amend(self, errand: Errand) -> Outcome:
        row = errand.delivery
        key = row.subject or (
            f"notify:{row.batch_id}:{row.person_id}"
            if row.person_id
            else f"announce:{row.batch_id}"
        )

        def look(session: Connection) -> tuple[DeliveryRow | None, Message | None]:
            post = outbox.by_key(session, workspace_id=row.workspace_id, key=key)
            if post is None:
                return None, None
            if post.kind in requests.MESSAGES:
                return post, self._about_request(session, replace(errand, delivery=post))
            if row.person_id:
                return post, self._notification(session, errand)
            return post, self._announcement(session, errand, post)

        post, message = self._database.read(look)
        return self._put_right(errand, post, message)

    def _retract(self, errand: Errand) -> Outcome:
        """Delete a message that is not to be read any more; the subject is its delivery's key."""
        row = errand.delivery
        assert row.subject is not None
        key = row.subject
        post = self._database.read(
            lambda session: outbox.by_key(session, workspace_id=row.workspace_id, key=key)
        )
        return self._put_right(errand, post, None)

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

    def _upload(self, errand: Errand) -> Outcome:
        assert errand.delivery.subject is not None
        return Sent() if self._give(errand, errand.delivery.subject) else Skipped("there already")

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
            keys = self._database.read(lambda session: self._card_keys(session, errand))
            # Whatever is wrong with those files, the next post gets new ones.
            self._database.write(
                lambda session: files.forget(session, workspace_id=delivery.workspace_id, keys=keys)
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

    def _with_cards(
        self, errand: Errand, render: Callable[[Connection], Message | None]
    ) -> Message | None:
        """Work out the message, once Slack has the cards it shows."""

        message = self._database.read(render)
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
        return self._database.read(render)

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
            ts = self._slack.find(errand.workspace, where, delivery) if where else None
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

    def _channel_id(self, errand: Errand, channel: str) -> str | None:
        if is_channel_id(channel):
            return channel
        delivery = errand.delivery
        known = self._database.read(
            lambda session: outbox.last_channel(
                session, workspace_id=delivery.workspace_id, lane=delivery.lane
            )
        )
        return known or self._slack.channel_named(errand.workspace, channel.removeprefix("#"))

    def _recipient(self, session: Connection, errand: Errand) -> tuple[PersonRow | None, bool]:
        row = errand.delivery
        assert row.person_id is not None
        found = people.by_ids(session, workspace_id=row.workspace_id, ids=[row.person_id])
        choice = preferences.chosen(
            session, workspace_id=row.workspace_id, person_id=row.person_id, key=preferences.NOTIFY
        )
        return found.get(row.person_id), choice != "off"

    def _announcement(
        self, session: Connection, errand: Errand, post: DeliveryRow
    ) -> Message | None:
        return self._announcing.announcement(
            session, workspace=errand.workspace, post=post, now=self._clock()
        )

    def _notification(self, session: Connection, errand: Errand) -> Message | None:
        row = errand.delivery
        assert row.batch_id is not None
        assert row.person_id is not None
        return self._announcing.notification(
            session,
            workspace=errand.workspace,
            batch_id=row.batch_id,
            person_id=row.person_id,
            now=self._clock(),
        )

    def _card_keys(self, session: Connection, errand: Errand) -> list[str]:
        versions = self._announcing.cards_of(
            session, workspace=errand.workspace, post=errand.delivery
        )
        return [f"card:{version}" for version in versions]
