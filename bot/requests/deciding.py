"""Deciding on a request: whoever may award the badge does, once; the database sees to that."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from bot import awarding, orders, profiles
from bot.deps import WorkspaceRef
from bot.errors import BadRequestError, NotFoundError, NotPermittedError
from bot.gifts import REASON_LIMIT, Awarded, too_long
from bot.messages import text
from bot.orders import Order
from bot.permissions import own_request_refusal
from bot.requests import answering, reading
from bot.requests.reading import Shown
from bot.settings import Settings
from bot.standing import standing_of
from storage import requests
from storage.memory import Memory

GONE = (
    "That request isn’t there any more, or isn’t yours to decide. `/badges requests` shows what is."
)


@dataclass(frozen=True)
class Click:
    """Somebody's click on something of a request."""

    workspace: WorkspaceRef
    settings: Settings
    slack_id: str
    request_id: UUID
    now: datetime
    memory: Memory


@dataclass(frozen=True)
class Decided:
    """A request as it stands; `awarded`: what was awarded just now, None where nothing was."""

    shown: Shown
    fresh: bool  # decided just now, not before
    awarded: Awarded | None = None


def look(session: Connection, click: Click, *, lock: bool = False) -> Shown:
    """The request, if it is this person's to decide, or was. Raises NotFoundError, NotPermittedError.

    Whoever may not know of it reads the same as if there were none. `lock`: nobody else decides
    until the end of this transaction.
    """
    workspace, settings = click.workspace, click.settings
    person = profiles.reader_of(session, workspace, settings, click.slack_id, asked=True).person
    row = requests.by_id(session, workspace_id=workspace.id, request_id=click.request_id, lock=lock)
    if row is None:
        raise NotFoundError(GONE)
    (found,) = reading.shown(session, workspace, [row])
    if refusal := own_request_refusal(person, row.asker_id, row.recipient_id, settings):
        raise NotPermittedError(refusal)
    standing = standing_of(session, workspace, settings, person, awarders=[found.badge.awarders])
    if not reading.is_theirs(standing, found):
        raise NotFoundError(GONE)
    return found


def award(session: Connection, click: Click) -> Decided:
    """Award what was asked for, with the request's reason; where it is decided, nothing happens.

    Raises refusals where this person may not award it to that one now; then it goes on waiting.
    """
    found = look(session, click, lock=True)
    if not found.is_open:
        return Decided(found, fresh=False)
    prepared = orders.prepare(
        session,
        workspace=click.workspace,
        settings=click.settings,
        memory=click.memory,
        order=Order(
            giver=click.slack_id,
            occasion=reading.occasion(found.row.id),
            people=(found.recipient.slack_id,),
            badge_ids=(found.badge.id,),
            reason=found.row.reason,
            confirmed=True,
            asked_slack=True,
        ),
    )
    done = awarding.award(
        session,
        workspace=click.workspace,
        settings=click.settings,
        gift=prepared.gift,
        now=click.now,
    )
    # Which answers it, and whoever else asked for the same; so does that it is held.
    decided = _again(session, click)
    if decided.is_open:
        # The asker and others who decide would read of it, were the request settled by that.
        raise BadRequestError(
            f"{text.named(found.recipient.name)} holds {text.named(found.badge.name)} already, by an"
            " award that not everybody may know of. Nothing was awarded, and the request waits as"
            " before; you can decline it, or let it wait."
        )
    return Decided(decided, fresh=True, awarded=done)


def decline(session: Connection, click: Click, note: str) -> Decided:
    """Decline a request, with a word for the asker or without; where it is decided, nothing happens.

    Raises refusals.
    """
    if len(note) > REASON_LIMIT:
        raise BadRequestError(too_long(note, "Nothing was declined"))
    found = look(session, click, lock=True)
    if not found.is_open:
        return Decided(found, fresh=False)
    person = profiles.reader_of(
        session, click.workspace, click.settings, click.slack_id, asked=True
    ).person
    answering.settle(
        session,
        click.workspace,
        found.row,
        "declined",
        by=person,
        badge=found.badge,
        now=click.now,
        answer=note,
    )
    return Decided(_again(session, click), fresh=True)


def _again(session: Connection, click: Click) -> Shown:
    """The request as it stands now."""
    row = requests.by_id(session, workspace_id=click.workspace.id, request_id=click.request_id)
    assert row is not None
    return reading.shown(session, click.workspace, [row])[0]
