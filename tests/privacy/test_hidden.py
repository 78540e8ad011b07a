"""What somebody hid, and no channel told of, keeps nobody from awarding the same: that would tell."""

import re

import pytest
from sqlalchemy import select

from storage import preferences
from storage.tables import Award, table_of
from tests.world import MakeWorld, World

HELD = "already holds *First Course*"


def award(world: World, giver: str, more: str = "") -> str:
    return world.command(giver, "/award", f"@maria first-course Well done {more}").reads()


def code_in(said: str) -> str:
    return re.findall(r"A-\w{7}", said)[0]


def keys(world: World) -> list[str]:
    """What awards hold that is held once."""
    found = world.database.read(
        lambda session: session.execute(select(table_of(Award).c.held_key)).scalars().all()
    )
    return sorted(key for key in found if key)


@pytest.mark.parametrize("kind", ["world", "world_pg"])
def test_a_quiet_achievement_that_is_hidden_is_told_to_nobody_by_a_refusal(
    request: pytest.FixtureRequest, kind: str
) -> None:
    world: World = request.getfixturevalue(kind)
    code = code_in(award(world, "ada", "--quiet"))
    assert HELD in award(world, "tom")

    world.command("maria", "/badges", f"hide {code}")

    assert HELD in award(world, "ada")
    assert "now has" in award(world, "tom")
    shown = world.command("maria", "/badges", f"unhide {code}").reads()
    assert "First Course is held once, and you hold it by another award too" in shown
    assert "×2" not in world.command("tom", "/badges", "@maria").reads()
    assert len(keys(world)) == 2


def test_shown_again_it_is_in_the_way_as_before(world: World) -> None:
    code = code_in(award(world, "ada", "--quiet"))
    before = keys(world)
    for what in ("hide", "unhide"):
        world.command("maria", "/badges", f"{what} {code}")

    assert keys(world) == before
    assert HELD in award(world, "tom")


def test_one_that_was_posted_is_known_whether_it_is_hidden_or_not(world: World) -> None:
    world.command("maria", "/badges", f"hide {code_in(award(world, 'ada'))}")

    assert HELD in award(world, "tom")


def test_without_a_feed_everything_hidden_is_a_secret_from_the_beginning(
    make_world: MakeWorld,
) -> None:
    world = make_world(feed_channel="")
    world.database.write(
        lambda session: preferences.save(
            session,
            workspace_id=world.workspace.id,
            person_id=world.people["maria"].id,
            key=preferences.NEW_AWARDS,
            value="hidden",
        )
    )

    assert "now has" in award(world, "ada")
    assert "now has" in award(world, "tom")
