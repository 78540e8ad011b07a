"""What messages say, worked out from the database when they are sent: of one, or of many at once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from bot import bulk_telling, celebrating, rules, welcome
from bot.delivery.parts import Words
from bot.deps import WorkspaceRef
from bot.feeds import tells_of
from bot.messages import text
from bot.messages.awards import Post, Told, direct_message, feed_post
from bot.messages.blocks import Block
from bot.messages.welcome import welcome_post
from bot.requests import telling
from bot.settings import Settings
from storage import awards, badges, bulk, people, tellings
from storage.awards import AwardRow
from storage.badges import BadgeRow
from storage.bulk import BulkRow
from storage.outbox import DeliveryRow
from storage.people import PersonRow

_REASONS = 1500  # characters of several reasons
_OF_AWARDS = ("announce", "notify")

# Where Slack finds pictures, by keys such as `card:<version>`; those it finds nowhere yet are missing.
PictureSources = Callable[[Connection, WorkspaceRef, Collection[str]], Mapping[str, Block]]


class Announcer:
    """Puts messages into words, with pictures from `sources`."""

    def __init__(self, sources: PictureSources, *, settings: Settings) -> None:
        self._sources = sources
        self._settings = settings

    def words(
        self,
        session: Connection,
        *,
        workspace: WorkspaceRef,
        messages: Sequence[DeliveryRow],
        now: datetime,
    ) -> dict[UUID, Words]:
        """Read what these messages are about; what puts each into words, by its delivery's id.

        What lists awards is put into words when that is called, from what was read for all of them;
        what is told less often, here.
        """
        batches = {
            one.batch_id for one in messages if one.kind in _OF_AWARDS and one.batch_id is not None
        }
        milestones = tellings.of_milestones(session, workspace_id=workspace.id, batch_ids=batches)
        many = bulk.by_ids(session, workspace_id=workspace.id, bulk_ids=batches)
        listing = [
            one
            for one in messages
            if one.batch_id in batches - milestones
            and (one.kind == "notify" or one.batch_id not in many)
        ]
        found: dict[UUID, Words] = {}
        if listing:
            rows = _rows(session, workspace, listing, many)
            known = self._known(session, workspace, listing, rows)
            found = {one.id: partial(_listed, one, rows[one.id], known) for one in listing}
        for one in messages:
            if one.id not in found:
                post = self._told(session, workspace, one, many, now)
                found[one.id] = partial(_as_it_was, post)
        return found

    def _known(
        self,
        session: Connection,
        workspace: WorkspaceRef,
        listing: Sequence[DeliveryRow],
        rows: Mapping[UUID, Sequence[AwardRow]],
    ) -> "_Known":
        """All that is said of these awards."""
        every = [row for some in rows.values() for row in some]
        ids = {id_ for row in every for id_ in (row.giver_id, row.revoked_by) if id_}
        ids |= {row.recipient_id for row in every}
        ids |= {one.person_id for one in listing if one.person_id is not None}
        versions = {row.version_id for row in every}
        award_ids = [row.id for row in every]
        return _Known(
            people=people.by_ids(session, workspace_id=workspace.id, ids=ids),
            badges=badges.of_versions(session, workspace_id=workspace.id, version_ids=versions),
            evidence=awards.evidence(session, workspace_id=workspace.id, award_ids=award_ids),
            pictures=self._sources(session, workspace, [_card(version) for version in versions]),
        )

    def _told(
        self,
        session: Connection,
        workspace: WorkspaceRef,
        message: DeliveryRow,
        many: Mapping[UUID, BulkRow],
        now: datetime,
    ) -> Post | None:
        """What a message says now that does not list awards."""
        settings = rules.in_force(session, self._settings, workspace_id=workspace.id)
        match message.kind:
            case "announce" | "notify":
                cards = _Cards(lambda key: self._sources(session, workspace, [key]).get(key))
                return cards.noted(
                    _digest(session, workspace, message, many, cards)
                    if message.batch_id in many
                    else _milestones(session, workspace, message, settings, now, cards)
                )
            case "remind":
                assert message.subject is not None
                assert message.person_id is not None
                return celebrating.reminder(
                    session,
                    workspace,
                    message.subject,
                    message.person_id,
                    now=now,
                    timezone=settings.timezone,
                    feed_channel=settings.feed_channel,
                )
            case "welcome":
                steps = welcome.steps(session, workspace, settings)
                return welcome_post(steps) if steps is not None and steps.left else None
            case "request" | "answer":
                return telling.message(session, workspace, settings, message)
            case kind:
                raise ValueError(f"a message of an unknown kind: {kind}")


class _Known(NamedTuple):
    """What is said of awards that messages list."""

    people: Mapping[UUID, PersonRow]
    badges: Mapping[UUID, BadgeRow]  # by version
    evidence: Mapping[UUID, tuple[str, bool]]  # by award: its address, and whether it is public
    pictures: Mapping[str, Block]  # where Slack finds them, by key


class _Cards:
    """Where Slack finds the cards of a message, and which of them it does not have yet."""

    def __init__(self, find: Callable[[str], Block | None]) -> None:
        self._find = find
        self._lacks: dict[str, bool] = {}

    def __call__(self, badge: BadgeRow) -> Block | None:
        key = _card(badge.version_id)
        found = self._find(key)
        self._lacks[key] = found is None or "slack_file" not in found
        return found

    def noted(self, post: Post | None) -> Post | None:
        """The post, with its cards and what they lack."""
        if post is None or not self._lacks:
            return post
        lacking = tuple(key for key, lacks in self._lacks.items() if lacks)
        return replace(post, cards=tuple(self._lacks), lacking=lacking)


def _card(version_id: UUID) -> str:
    return f"card:{version_id}"


def _as_it_was(post: Post | None) -> Post | None:
    return post


def _digest(
    session: Connection,
    workspace: WorkspaceRef,
    message: DeliveryRow,
    many: Mapping[UUID, BulkRow],
    cards: _Cards,
) -> Post | None:
    assert message.batch_id is not None
    return bulk_telling.feed_post(session, workspace, many[message.batch_id], message, card=cards)


def _milestones(
    session: Connection,
    workspace: WorkspaceRef,
    message: DeliveryRow,
    settings: Settings,
    now: datetime,
    cards: _Cards,
) -> Post | None:
    batch_id, person_id, timezone = message.batch_id, message.person_id, settings.timezone
    assert batch_id is not None
    if person_id is None:
        return celebrating.feed_post(
            session,
            workspace,
            batch_id,
            now=now,
            message_ts=message.message_ts,
            timezone=timezone,
            card=cards,
        )
    found = people.by_ids(session, workspace_id=workspace.id, ids=[person_id])
    if not found[person_id].slack_id:  # erased meanwhile
        return None
    return celebrating.direct_message(
        session,
        workspace,
        batch_id,
        person_id,
        now=now,
        message_ts=message.message_ts,
        timezone=timezone,
        card=cards,
    )


def _rows(
    session: Connection,
    workspace: WorkspaceRef,
    listing: Sequence[DeliveryRow],
    many: Mapping[UUID, BulkRow],
) -> dict[UUID, list[AwardRow]]:
    """The awards that each of these messages tells of, by its delivery's id."""
    batches = {one.batch_id for one in listing if one.batch_id is not None} - many.keys()
    every = awards.of_batches(session, workspace_id=workspace.id, batch_ids=batches)
    found = {}
    for one in listing:
        assert one.batch_id is not None
        if one.person_id is None:
            rows = [
                row
                for row in every[one.batch_id]
                if not row.private and not row.quiet and tells_of(one, row.badge_id)
            ]
        elif one.batch_id in many:
            rows = bulk_telling.of_person(session, workspace, many[one.batch_id], one.person_id)
        else:
            rows = [row for row in every[one.batch_id] if row.recipient_id == one.person_id]
        found[one.id] = _to_tell(rows, one)
    return found


def _listed(message: DeliveryRow, rows: list[AwardRow], known: _Known) -> Post | None:
    """What a message says that lists awards; None: nothing (left) to say."""
    # Who was erased meanwhile is told nothing.
    to_nobody = message.person_id is not None and not known.people[message.person_id].slack_id
    if not rows or to_nobody:
        return None
    told = [
        Told(
            recipient=known.people[row.recipient_id],
            badge=known.badges[row.version_id],
            code=row.code,
            revoked_by=known.people.get(row.revoked_by) if row.revoked_by else None,
            revoked=row.revoked_at is not None,
        )
        for row in rows
    ]
    giver = known.people.get(rows[0].giver_id) if rows[0].giver_id else None
    reason = _reason(rows, told)
    urls = [known.evidence[row.id] for row in rows if row.id in known.evidence]
    url, in_public = urls[0] if urls else ("", False)
    cards = _Cards(known.pictures.get)
    if message.person_id is None:
        url = url if in_public else ""
        return cards.noted(
            feed_post(told, giver=giver, reason=reason, evidence_url=url, card=cards)
        )
    private = all(row.private for row in rows)
    return cards.noted(
        direct_message(
            told, giver=giver, reason=reason, private=private, evidence_url=url, card=cards
        )
    )


def _reason(rows: list[AwardRow], told: list[Told]) -> str:
    """What awards were given for; where they differ by now, for whom and what each was."""
    if len({row.reason for row in rows}) == 1:
        return rows[0].reason
    several = len({one.recipient for one in told}) > 1
    each = {
        row.code: f"{text.named(one.recipient.name)} ({text.named(one.badge.name)})"
        if several
        else text.named(one.badge.name)
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
