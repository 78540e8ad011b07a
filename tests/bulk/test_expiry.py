"""Awarding to many what ends some day."""

from tests.bulk.test_awarding_to_many import hand_in, rows, said
from tests.permissions.conftest import change_badge
from tests.world import World


def test_what_ends_after_months_does_so_by_the_day_on_which_it_was_earned(world: World) -> None:
    change_badge(world, "team-player", expiry="6m")
    hand_in(world, "who,badge,on\nUTOM,team-player,2026-10-31\n")

    world.click("ada", "bulk_start")

    (row,) = rows(world)
    assert row.expires_at.isoformat() == "2027-04-30T12:00:00+00:00"


def test_what_has_expired_is_awarded_anew(world: World) -> None:
    change_badge(world, "first-course", expiry="1m")
    world.command("maria", "/award", "@tom first-course")
    world.advance(days=40)

    assert "1 award to give" in hand_in(world, "who,badge\nUTOM,first-course\n").reads()
    world.click("ada", "bulk_start")

    assert "Done: 1 award given." in said(world)[0].reads()
    assert "First Course" in world.command("tom", "/badges", "").reads()
    assert len(rows(world)) == 2
