"""A workspace in which people ask for badges: Ada is an owner, Tom a badge admin."""

from typing import Any

from sqlalchemy import text

from bot.grants import parse_grant
from tests.world import World

NOTHING = "Nothing was requested"


def with_admin(world: World) -> World:
    """Tom decides on requests, too."""
    world.decide(badge_admins=parse_grant("UTOM"))
    return world


def ask(world: World, who: str, words: str) -> str:
    """Ask for a badge, and read the answer."""
    return world.command(who, "/badges", f"request {words}").reads()


def listed(world: World, who: str) -> str:
    """Read what waits."""
    return world.command(who, "/badges", "requests").reads()


def said(world: World, who: str) -> list[str]:
    """What Laurel wrote to somebody."""
    return [message.reads() for message in world.dms(who)]


def rows(world: World, sql: str) -> list[tuple[Any, ...]]:
    """What the database holds."""
    return [
        tuple(row) for row in world.database.read(lambda session: session.execute(text(sql)).all())
    ]


def states(world: World) -> list[str]:
    """What became of each request, oldest first."""
    return [state for (state,) in rows(world, "SELECT state FROM request ORDER BY id")]


def codes(world: World) -> int:
    """How many awards there are."""
    return len(rows(world, "SELECT code FROM award"))
