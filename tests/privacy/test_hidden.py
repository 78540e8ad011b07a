"""What somebody hid, and no channel told of, keeps nobody from awarding the same: that would tell."""

import re

import pytest
from sqlalchemy import select

from storage import preferences
from storage.tables import Award, table_of
from tests.permissions.conftest import change_badge
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


def test_one_that_is_over_is_shown_again_whoever_gave_it_anew(world: World) -> None:
    change_badge(world, "first-course", expiry="12m")
    code = code_in(award(world, "ada", "--quiet"))
    world.command("maria", "/badges", f"hide {code}")
    world.advance(days=400)
    assert "now has" in award(world, "tom")

    shown = world.command("maria", "/badges", f"unhide {code}").reads()

    assert "has expired, so it does not show on your profile anyway" in shown
    assert "hidden" not in world.command("maria", "/badges", "history").reads()
    assert HELD in award(world, "yuki")
    assert len(keys(world)) == 1


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


@pytest.mark.parametrize("decided", [{"feed_channel": ""}, {}])
def test_a_feed_chosen_later_does_not_tell_of_what_was_hidden_before(
    world: World, decided: dict[str, str]
) -> None:
    for slug in ("first-course", "team-player"):
        change_badge(world, slug, recipient_limit="1/month", feed=bool(decided))
    world.decide(**decided)
    course = code_in(award(world, "ada"))
    thanks = code_in(world.command("ada", "/award", "@maria team-player Thanks").reads())
    for code in (course, thanks):
        world.command("maria", "/badges", f"hide {code}")

    for slug in ("first-course", "team-player"):
        change_badge(world, slug, feed=True)
    world.decide(feed_channel=world.kudos.id)

    asked = world.command("yuki", "/badges", "request @maria first-course She did it").reads()
    assert "already" not in asked
    assert "now has" in award(world, "tom", "too")
    assert "now has" in world.command("tom", "/award", "@maria team-player Me too").reads()


def test_a_feed_turned_off_later_lets_nothing_that_was_posted_be_held_twice(world: World) -> None:
    change_badge(world, "team-player", recipient_limit="1/month")
    course = code_in(award(world, "ada"))
    thanks = code_in(world.command("ada", "/award", "@maria team-player Thanks").reads())

    world.decide(feed_channel="")
    for code in (course, thanks):
        world.command("maria", "/badges", f"hide {code}")

    assert HELD in award(world, "tom")
    often = world.command("tom", "/award", "@maria team-player Me too").reads()
    assert "as often as one person may" in often
