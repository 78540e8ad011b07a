"""What has to be known to send deliveries, read for many of them at once."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from bot.delivery.parts import Announcing, Message, Words
from bot.deps import Clock, WorkspaceRef
from storage import outbox, people, preferences
from storage.outbox import DeliveryRow
from storage.people import PersonRow

NOT_IN_SLACK = "not in Slack"
PUT_RIGHT = ("amend", "retract")


class Recipient(NamedTuple):
    """Whom a message is for."""

    slack_id: str
    unwanted: str  # why they get nothing; "" where they get it


class Known(NamedTuple):
    """What is known of one delivery, at one moment."""

    recipient: Recipient | None  # None: it is for a channel, or puts right what was sent
    post: DeliveryRow | None  # the message that it puts right
    words: Words


def read(
    session: Connection,
    announcing: Announcing,
    clock: Clock,
    workspace: WorkspaceRef,
    rows: Sequence[DeliveryRow],
) -> dict[UUID, Known]:
    """What is known of these deliveries of a workspace, by id."""
    keys = {row.id: _key_of(row) for row in rows if row.kind in PUT_RIGHT}
    found = outbox.by_keys(session, workspace_id=workspace.id, keys=keys.values()) if keys else {}
    posts = {id_: found.get(key) for id_, key in keys.items()}
    known = recipients(session, workspace, rows)
    messages: dict[UUID, DeliveryRow] = {}
    for row in rows:
        message = posts.get(row.id, row)
        wanted = row.id not in known or not known[row.id].unwanted
        if message is not None and wanted and row.kind != "retract":
            messages[row.id] = message
    words = announcing.words(
        session, workspace=workspace, messages=list(messages.values()), now=clock()
    )
    return {
        row.id: Known(
            known.get(row.id),
            posts.get(row.id),
            words[messages[row.id].id] if row.id in messages else _nothing,
        )
        for row in rows
    }


def recipients(
    session: Connection, workspace: WorkspaceRef, rows: Sequence[DeliveryRow]
) -> dict[UUID, Recipient]:
    """Whom these are for, by delivery; those for channels, or which put something right, are left out."""
    theirs = {
        row.id: (row.kind, row.person_id)
        for row in rows
        if row.person_id is not None and row.kind not in PUT_RIGHT
    }
    if not theirs:
        return {}
    ids = {person_id for _kind, person_id in theirs.values()}
    known = people.by_ids(session, workspace_id=workspace.id, ids=ids)
    off = preferences.who_chose(
        session, workspace_id=workspace.id, ids=ids, key=preferences.NOTIFY, value="off"
    )
    return {
        id_: _recipient(kind, known.get(person_id), off=person_id in off)
        for id_, (kind, person_id) in theirs.items()
    }


def _recipient(kind: str, person: PersonRow | None, *, off: bool) -> Recipient:
    """Whom a message of this kind is for; only those about awards can be switched off."""
    if person is None or not person.slack_id or not (person.active or kind == "notify"):
        return Recipient("", NOT_IN_SLACK)
    unwanted = ""
    if kind == "notify":
        whys = ("deactivated", not person.active), ("a bot", person.bot), ("switched off", off)
        unwanted = next((why for why, holds in whys if holds), "")
    return Recipient(person.slack_id, unwanted)


def _key_of(row: DeliveryRow) -> str:
    """The key of the message that a delivery puts right."""
    if row.subject is not None:
        return row.subject
    if row.person_id is not None:
        return f"notify:{row.batch_id}:{row.person_id}"
    return f"announce:{row.batch_id}"


def _nothing() -> Message | None:
    return None
