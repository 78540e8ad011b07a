"""What an award's post and direct message say, worked out from the database when they are sent."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from bot import bulk_telling, celebrating, rules, welcome
from bot.deps import WorkspaceRef
from bot.feeds import tells_of
from bot.messages import text
from bot.messages.awards import MAX_CARDS, Post, Source, Told, direct_message, feed_post
from bot.messages.blocks import Block
from bot.messages.welcome import welcome_post
from bot.requests import telling
from bot.settings import Settings
from storage import awards, badges, bulk, outbox, people, tellings
from storage.awards import AwardRow
from storage.badges import BadgeRow
from storage.bulk import BulkRow
from storage.outbox import DeliveryRow
from storage.people import PersonRow

_REASONS = 1500  # characters of several reasons

# Where Slack finds the picture of a key such as `card:<version>`; None: nowhere yet.
PictureSource = Callable[[Connection, WorkspaceRef, str], Block | None]


class Announcer:
    """Renders posts and messages with pictures from `source`."""

    def __init__(self, source: PictureSource, *, settings: Settings) -> None:
        self._source = source
        self._settings = settings

    def _in_force(self, session: Connection, workspace: WorkspaceRef) -> Settings:
        return rules.in_force(session, self._settings, workspace_id=workspace.id)

    def announcement(
        self, session: Connection, *, workspace: WorkspaceRef, post: DeliveryRow, now: datetime
    ) -> Post | None:
        """What a post in a channel says of one command's awards; None: nothing (left) to say."""
        cards = _Cards(self._source, session, workspace)
        return cards.noted(self._announcement(session, workspace, post, now, cards))

    def _announcement(
        self,
        session: Connection,
        workspace: WorkspaceRef,
        post: DeliveryRow,
        now: datetime,
        cards: Source,
    ) -> Post | None:
        batch_id = post.batch_id
        assert batch_id is not None
        kind = tellings.kind_of(session, workspace_id=workspace.id, batch_id=batch_id)
        if kind.milestones:
            return celebrating.feed_post(
                session,
                workspace,
                batch_id,
                now=now,
                timezone=self._in_force(session, workspace).timezone,
                card=cards,
            )
        many = _many(session, workspace, batch_id) if kind.many else None
        if many is not None:
            return bulk_telling.feed_post(session, workspace, many, post, card=cards)
        public = [
            row for row in _public(session, workspace, batch_id) if tells_of(post, row.badge_id)
        ]
        rows = _to_tell(public, post)
        told, giver = _told(session, workspace, rows)
        if not told:
            return None
        url, in_public = _evidence(session, workspace, rows)
        return feed_post(
            told,
            giver=giver,
            reason=_reason(rows, told),
            evidence_url=url if in_public else "",
            card=cards,
        )

    def notification(
        self,
        session: Connection,
        *,
        workspace: WorkspaceRef,
        batch_id: UUID,
        person_id: UUID,
        now: datetime,
    ) -> Post | None:
        """The direct message to one recipient; None when there is nothing (left) to say."""
        cards = _Cards(self._source, session, workspace)
        return cards.noted(self._notification(session, workspace, batch_id, person_id, now, cards))

    def _notification(
        self,
        session: Connection,
        workspace: WorkspaceRef,
        batch_id: UUID,
        person_id: UUID,
        now: datetime,
        cards: Source,
    ) -> Post | None:
        recipient = people.by_ids(session, workspace_id=workspace.id, ids=[person_id])[person_id]
        if not recipient.slack_id:  # erased meanwhile
            return None
        kind = tellings.kind_of(session, workspace_id=workspace.id, batch_id=batch_id)
        if kind.milestones:
            return celebrating.direct_message(
                session,
                workspace,
                batch_id,
                person_id,
                now=now,
                timezone=self._in_force(session, workspace).timezone,
                card=cards,
            )
        many = _many(session, workspace, batch_id) if kind.many else None
        rows = _of_person(session, workspace, many, batch_id, person_id)
        if any(row.revoked_at for row in rows):
            key = f"notify:{batch_id}:{person_id}"
            rows = _to_tell(rows, outbox.by_key(session, workspace_id=workspace.id, key=key))
        told, giver = _told(session, workspace, rows)
        if not told:
            return None
        url, _public_evidence = _evidence(session, workspace, rows)
        return direct_message(
            told,
            giver=giver,
            reason=_reason(rows, told),
            private=all(row.private for row in rows),
            evidence_url=url,
            card=cards,
        )

    def reminder(
        self,
        session: Connection,
        *,
        workspace: WorkspaceRef,
        subject: str,
        person_id: UUID,
        now: datetime,
    ) -> Post | None:
        """What a manager is told some days before an anniversary; None when it is not to be any more."""
        settings = self._in_force(session, workspace)
        return celebrating.reminder(
            session,
            workspace,
            subject,
            person_id,
            now=now,
            timezone=settings.timezone,
            feed_channel=settings.feed_channel,
        )

    def welcome(self, session: Connection, *, workspace: WorkspaceRef) -> Post | None:
        """What an owner is told when Laurel has just come; None where all of it is done already."""
        steps = welcome.steps(session, workspace, self._in_force(session, workspace))
        return welcome_post(steps) if steps is not None and steps.left else None

    def about_request(
        self, session: Connection, *, workspace: WorkspaceRef, message: DeliveryRow
    ) -> Post | None:
        """What a message to a decider or an asker says of a request; None: nothing (left) to say."""
        return telling.message(session, workspace, self._in_force(session, workspace), message)

    def cards_of(
        self, session: Connection, *, workspace: WorkspaceRef, post: DeliveryRow
    ) -> list[UUID]:
        """The badge versions whose cards a post or direct message shows."""
        batch_id = post.batch_id
        assert batch_id is not None
        version_id = celebrating.picture_of(session, workspace, batch_id)
        if version_id is not None:
            return [version_id]
        many = bulk.by_id(session, workspace_id=workspace.id, bulk_id=batch_id)
        if many is not None:
            return bulk_telling.cards_of(session, workspace, many, post)
        rows = awards.of_batch(session, workspace_id=workspace.id, batch_id=batch_id)
        shown = [
            row.version_id
            for row in rows
            if row.revoked_at is None and (post.kind != "announce" or tells_of(post, row.badge_id))
        ]
        return list(dict.fromkeys(shown))[:MAX_CARDS]


class _Cards:
    """Where Slack finds the cards of a message, and which of them it does not have yet."""

    def __init__(self, source: PictureSource, session: Connection, workspace: WorkspaceRef) -> None:
        self._source = source
        self._session = session
        self._workspace = workspace
        self._lacking: dict[str, None] = {}

    def __call__(self, badge: BadgeRow) -> Block | None:
        key = f"card:{badge.version_id}"
        found = self._source(self._session, self._workspace, key)
        if found is None or "slack_file" not in found:
            self._lacking[key] = None
        return found

    def noted(self, post: Post | None) -> Post | None:
        """The post, with what its cards lack."""
        return replace(post, lacking=tuple(self._lacking)) if post and self._lacking else post


def _public(session: Connection, workspace: WorkspaceRef, batch_id: UUID) -> list[AwardRow]:
    rows = awards.of_batch(session, workspace_id=workspace.id, batch_id=batch_id)
    return [row for row in rows if not row.private and not row.quiet]


def _many(session: Connection, workspace: WorkspaceRef, batch_id: UUID) -> BulkRow | None:
    return bulk.by_id(session, workspace_id=workspace.id, bulk_id=batch_id)


def _of_person(
    session: Connection,
    workspace: WorkspaceRef,
    many: BulkRow | None,
    batch_id: UUID,
    person_id: UUID,
) -> list[AwardRow]:
    """One person's part of a batch."""
    if many is not None:
        return bulk_telling.of_person(session, workspace, many, person_id)
    every = awards.of_batch(session, workspace_id=workspace.id, batch_id=batch_id)
    return [row for row in every if row.recipient_id == person_id]


def _reason(rows: list[AwardRow], told: list[Told]) -> str:
    """What awards were given for; where they differ by now, for whom and what each was."""
    if len({row.reason for row in rows}) == 1:
        return rows[0].reason
    several = len({one.recipient for one in told}) > 1
    each = {
        row.code: f"{one.recipient.name} ({one.badge.name})" if several else one.badge.name
        for row, one in zip(rows, told, strict=True)
    }
    lines = [f"{each[row.code]}: {text.one_line(row.reason)}" for row in rows if row.reason]
    return text.shorten("\n".join(lines), _REASONS)


def _to_tell(rows: list[AwardRow], message: DeliveryRow | None) -> list[AwardRow]:
    """What stands, and what was revoked since the message told of it; not what was undone."""
    told_at = message.sent_at if message and message.message_ts else None
    return [
        row
        for row in rows
        if row.revoked_at is None
        or (told_at is not None and row.revoked_at >= told_at and not row.undone)
    ]


def _told(
    session: Connection, workspace: WorkspaceRef, rows: list[AwardRow]
) -> tuple[list[Told], PersonRow | None]:
    """These awards with their people and badges as they were, and their common giver."""
    if not rows:
        return [], None
    ids = {row.recipient_id for row in rows}
    ids |= {id_ for row in rows for id_ in (row.giver_id, row.revoked_by) if id_}
    known = people.by_ids(session, workspace_id=workspace.id, ids=ids)
    versions = badges.of_versions(
        session, workspace_id=workspace.id, version_ids={row.version_id for row in rows}
    )
    told = [
        Told(
            recipient=known[row.recipient_id],
            badge=versions[row.version_id],
            code=row.code,
            revoked_by=known.get(row.revoked_by) if row.revoked_by else None,
            revoked=row.revoked_at is not None,
        )
        for row in rows
    ]
    return told, known.get(rows[0].giver_id) if rows[0].giver_id else None


def _evidence(
    session: Connection, workspace: WorkspaceRef, rows: list[AwardRow]
) -> tuple[str, bool]:
    found = awards.evidence(session, workspace_id=workspace.id, award_ids=[row.id for row in rows])
    return next(iter(found.values()), ("", False))
