"""What tests of permissions change: a badge's own rules, and who works where."""

from typing import Any

import pytest
from sqlalchemy import update

from storage import people
from storage.people import Profile
from storage.tables import Badge, table_of
from tests.world import World


def change_badge(world: World, slug: str, **columns: Any) -> None:
    """Give a badge rules of its own: `giver_limit="1/week"`."""
    badge = table_of(Badge)
    world.database.write(
        lambda session: session.execute(update(badge).where(badge.c.slug == slug).values(**columns))
    )


@pytest.fixture
def stranger(world: World) -> str:
    """Sam of another company, met in a shared channel; how they are named in a command."""
    user = world.engine.add_user("sam", "Sam Elsewhere", id="USAM")
    world.database.write(
        lambda session: people.save_profiles(
            session,
            workspace_id=world.workspace.id,
            profiles=[Profile(user.id, "Sam Elsewhere", active=False, stranger=True)],
            now=world.now(),
        )
    )
    return "@sam"
