"""Awards written straight to the database, so that a test can have many, and at any time."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from bot.parsing import CODE_LETTERS, badge_key
from storage import awards, badges
from storage.awards import Batch, NewAward
from storage.badges import BadgeRow, BadgeValues
from storage.people import PersonRow
from storage.types import new_id
from tests.cast import NOW


def code_of(number: int) -> str:
    """The award id of a number."""
    letters = ""
    for _ in range(7):
        number, digit = divmod(number, 32)
        letters = CODE_LETTERS[digit] + letters
    return f"A-{letters}"


def badge(
    session: Connection,
    workspace_id: int,
    name: str,
    *,
    active: bool = True,
    position: int = 0,
    at: datetime = NOW,
    **said: Any,
) -> BadgeRow:
    """A badge of this name, else plain; `said` are fields of BadgeValues."""
    key = badge_key(name)
    plain = BadgeValues(key.replace(" ", "-"), name, key, "", "", "Culture", "flair")
    return badges.add(
        session,
        workspace_id=workspace_id,
        values=plain._replace(**said),
        now=at,
        active=active,
        position=position,
    )


def award(
    session: Connection,
    workspace_id: int,
    given: BadgeRow,
    recipient: PersonRow,
    giver: PersonRow | None = None,
    *,
    number: int = 1,
    reason: str = "",
    private: bool = False,
    at: datetime = NOW,
) -> UUID:
    """An award; `number` makes its id and its occasion."""
    new = NewAward(
        new_id(at),
        code_of(number),
        recipient.id,
        given.id,
        given.version_id,
        str(number),
        None,
        quiet=True,
    )
    giver_id = giver.id if giver else None
    awards.add(session, Batch(workspace_id, new_id(at), giver_id, reason, private, at), [new])
    return new.id


def many(
    session: Connection, workspace_id: int, given: list[BadgeRow], recipient: PersonRow, count: int
) -> None:
    """So many awards, a minute apart, of these badges in turn, the first of them the oldest."""
    for start in range(0, count, 200):
        numbers = range(start, min(start + 200, count))
        awards.add(
            session,
            Batch(workspace_id, new_id(NOW), None, "", False, NOW),
            [
                NewAward(
                    new_id(NOW + timedelta(milliseconds=number)),
                    code_of(number),
                    recipient.id,
                    given[number % len(given)].id,
                    given[number % len(given)].version_id,
                    str(number),
                    None,
                    quiet=True,
                )
                for number in numbers
            ],
        )
