"""What is told of an award to many, worked out when it is sent: one digest, and a message to each."""

import json
from uuid import UUID

from sqlalchemy import Connection

from bot.deps import WorkspaceRef
from bot.feeds import tells_of
from bot.messages.awards import Post, Source
from bot.messages.bulk import MENTIONED, digest
from storage import badges, bulk, people
from storage.awards import AwardRow
from storage.badges import BadgeRow
from storage.bulk import BulkRow
from storage.outbox import DeliveryRow
from storage.people import PersonRow


def feed_post(
    session: Connection, workspace: WorkspaceRef, many: BulkRow, post: DeliveryRow, *, card: Source
) -> Post | None:
    """The digest in a channel; None when it is undone, or nothing of it is for everyone."""
    if _is_being_undone(session, workspace, many):
        return None
    given = _given(session, workspace, many, post)
    ids = [badge.version_id for badge, standing, _revoked in given if standing]
    if not ids and (not given or post.message_ts is None):
        return None  # revoked before anybody read of it
    named = _named(session, workspace, many, {badge.version_id: badge for badge, *_ in given}, ids)
    giver = people.by_ids(session, workspace_id=workspace.id, ids=[many.giver_id])
    return digest(
        given,
        named,
        giver=giver.get(many.giver_id),
        reason=bulk.common_reason(
            session, workspace_id=workspace.id, batch_id=many.id, version_ids=ids
        )
        if ids
        else "",
        card=card,
    )


def of_person(
    session: Connection, workspace: WorkspaceRef, many: BulkRow, person_id: UUID
) -> list[AwardRow]:
    """What one person was given, as far as they are to be told of it."""
    if _is_being_undone(session, workspace, many):
        return []
    return bulk.of_person(
        session, workspace_id=workspace.id, batch_id=many.id, recipient_id=person_id
    )


def _is_being_undone(session: Connection, workspace: WorkspaceRef, many: BulkRow) -> bool:
    """Whether it is taken back as if it had not been, of which some may be left for a moment."""
    if many.state != "undone" or many.finished_at is not None:
        return False
    kept = bulk.plan_of(session, workspace_id=workspace.id, bulk_id=many.id)
    return bool(json.loads(kept)["undone"])


def _given(
    session: Connection, workspace: WorkspaceRef, many: BulkRow, post: DeliveryRow
) -> list[tuple[BadgeRow, int, int]]:
    """Each badge of which a post tells, with how many awards stand and how many were revoked."""
    counted = bulk.in_feed(session, workspace_id=workspace.id, batch_id=many.id)
    versions = badges.of_versions(
        session, workspace_id=workspace.id, version_ids=[one.version_id for one in counted]
    )
    return [
        (versions[one.version_id], one.standing, one.revoked)
        for one in counted
        if tells_of(post, versions[one.version_id].id)
    ]


def _named(
    session: Connection,
    workspace: WorkspaceRef,
    many: BulkRow,
    versions: dict[UUID, BadgeRow],
    version_ids: list[UUID],
) -> dict[BadgeRow, list[PersonRow]]:
    """Whom the digest can mention, by badge; who is not in Slack is only counted."""
    if not version_ids:
        return {}
    pairs = bulk.recipients_in_feed(
        session,
        workspace_id=workspace.id,
        batch_id=many.id,
        version_ids=version_ids,
        limit=MENTIONED,
    )
    known = people.by_ids(
        session, workspace_id=workspace.id, ids={person for person, _version in pairs}
    )
    named: dict[BadgeRow, list[PersonRow]] = {}
    for person_id, version_id in pairs:
        if known[person_id].slack_id:
            named.setdefault(versions[version_id], []).append(known[person_id])
    return named
