"""A workspace with 5,000 badges whose names are as long and as awkward as they may be."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from bot import policies
from bot.calendars import Calendar, Quiet
from bot.tenure import Length, Policies, Rule
from storage import people, workspaces
from storage.badges import BadgeRow
from storage.database import Database
from storage.people import Profile
from tests.badges.shelf import many
from tests.cast import NOW

BADGES = 5_000
HELD = 24
AWKWARD = "<&>*_`~@channel "
OWNER = "UOWNER"

_BADGE = """INSERT INTO badge (workspace_id, id, slug, name_key, version_id, kind, private, active,
    feed, position, repeats, created_at)
    VALUES (:w, :id, :slug, :name, :id, 'flair', 0, 1, 1, :n, 1, :now)"""
_VERSION = """INSERT INTO badge_version (workspace_id, id, badge_id, number, name, description,
    criteria, category, created_at) VALUES (:w, :id, :id, 1, :name, :words, :words, :category, :now)"""


def long(number: int, most: int = 255) -> str:
    """A text of so many characters that Slack would have escaped, and that differs by its number."""
    return (f"{number} " + AWKWARD * most)[:most]


def fill(database: Database, *, awards: int, plain: bool = False) -> int:
    """Make the workspace with somebody who holds 24 badges by so many awards; its id.

    `plain`: with names of an ordinary length, as a benchmark has them.
    """
    workspace = database.write(
        lambda session: workspaces.save(
            session,
            team_id="T1",
            name="Acme",
            url="https://acme.slack.com/",
            bot_user_id="U0LAUREL",
            bot_id="B0LAUREL",
            now=NOW,
        )
    )

    def write(session: Connection) -> None:
        rows = [badge(workspace.id, number, plain=plain) for number in range(BADGES)]
        session.execute(text(_BADGE), rows)
        session.execute(text(_VERSION), rows)
        owner = Profile(OWNER, "Olga Owner" if plain else long(1), "UTC", "de", slack_admin=True)
        (person,) = people.save_profiles(
            session, workspace_id=workspace.id, profiles=[owner], now=NOW - timedelta(days=1)
        )
        held = [row(one) for one in rows[:HELD]]
        many(session, workspace.id, held, person, awards)
        if not plain:
            policies.save(session, workspace_id=workspace.id, policies=_policies(), now=NOW)

    database.write(write)
    return workspace.id


def _policies() -> Policies:
    rules = [Rule(Length(days, "d"), message=long(days, 500)) for days in range(28, 77)]
    quiet = tuple(Quiet.parse(f"{month:02}-{day:02}") for month in range(1, 13) for day in (1, 9))
    return Policies(
        rules=(*rules, Rule(Length(1, "y"), every=True, feed=True)), calendar=Calendar(quiet=quiet)
    )


def badge(workspace_id: int, number: int, *, plain: bool = False) -> dict[str, Any]:
    """What is written of a badge."""
    ordinary = {
        "name": f"Badge {number}",
        "words": f"For whoever did number {number}.",
        "category": f"Category {number % 20}",
    }
    awkward = {"name": long(number), "words": long(number, 2000), "category": long(number)}
    return {
        "w": workspace_id,
        "id": UUID(int=number + 1).hex,
        "slug": f"badge-{number}",
        "n": number,
        "now": NOW.strftime("%Y-%m-%d %H:%M:%S.000000"),
        **(ordinary if plain else awkward),
    }


def row(written: dict[str, Any]) -> BadgeRow:
    """The same as it is read."""
    badge_id = UUID(hex=written["id"])
    return BadgeRow(
        badge_id,
        written["slug"],
        "flair",
        False,
        True,
        True,
        None,
        written["n"],
        badge_id,
        written["name"],
        written["words"],
        written["words"],
        written["category"],
        None,
        written["name"],
    )
