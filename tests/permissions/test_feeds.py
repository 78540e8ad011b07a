"""Badges that are announced in a channel of their own, and badges that expire."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.awarding import months_later
from bot.playground import Channel
from tests.permissions.conftest import change_badge
from tests.world import World


@pytest.fixture
def stage(world: World) -> Channel:
    """A channel of their own for speakers."""
    channel = world.channel("stage", members=["tom", "maria"])
    change_badge(world, "event-speaker", feed_channel=channel.id)
    return channel


def reads(world: World, channel: Channel) -> list[str]:
    return [message.reads() for message in world.engine.messages(channel)]


def test_each_channel_is_told_of_its_own_badges(world: World, stage: Channel) -> None:
    said = world.command("tom", "/award", "@maria event-speaker, team-player Great talk").reads()
    world.deliver()

    assert f"#{world.kudos.name} and" in said or "and #kudos" in said
    [in_stage], [in_feed] = reads(world, stage), reads(world, world.kudos)
    assert "Event Speaker" in in_stage
    assert "Team Player" not in in_stage
    assert "Team Player" in in_feed
    assert "Event Speaker" not in in_feed


def test_revoking_and_undoing_follow_every_post(world: World, stage: Channel) -> None:
    outcome = world.command("tom", "/award", "@maria event-speaker, team-player Great talk")
    world.deliver()
    code = outcome.reads().split("Event Speaker* (`")[1][:9]

    said = world.command("tom", "/award", f"revoke {code}").reads()
    world.deliver()

    assert "The feed post will say so" in said
    assert "revoked" in reads(world, stage)[0]
    assert "revoked" not in reads(world, world.kudos)[0]
    world.click("tom", "award_undo")
    world.deliver()
    assert reads(world, world.kudos) == []
    assert "revoked" in reads(world, stage)[0]


def test_a_post_stays_what_it_is_when_the_feed_of_its_badge_is_changed(
    world: World, stage: Channel
) -> None:
    first = world.command("tom", "/award", "@maria event-speaker Great talk").reads()
    world.deliver()
    change_badge(world, "event-speaker", feed=False, feed_channel=None)

    code = next(word for word in first.split() if word.startswith("A-"))
    world.command("tom", "/award", f"revoke {code}")
    world.deliver()

    assert "Event Speaker" in reads(world, stage)[0]
    assert "revoked" in reads(world, stage)[0]


def test_an_award_is_over_when_its_badge_says_so_and_can_then_be_earned_anew(
    world: World,
) -> None:
    change_badge(world, "first-course", expiry="12m")
    world.command("tom", "/award", "@maria first-course Done")
    again = "@maria first-course Done again"
    world.advance(days=364)
    assert "already holds" in world.command("yuki", "/award", again).reads()

    world.advance(days=2)

    assert "First Course" not in world.command("tom", "/badges", "@maria").reads()
    assert "now has" in world.command("yuki", "/award", again).reads()
    assert "already holds" in world.command("tom", "/award", again).reads()


def test_a_badge_of_which_the_day_is_over_is_awarded_no_more(world: World) -> None:
    change_badge(world, "event-speaker", expiry="2026-11-20")
    assert "now has" in world.command("tom", "/award", "@maria event-speaker x").reads()

    world.advance(hours=20)  # it is half past eleven of the 20th on the last island of the day
    assert "now has" in world.command("tom", "/award", "@yuki event-speaker y").reads()

    world.advance(hours=1)

    assert "was to be had until 2026-11-20" in (
        world.command("ada", "/award", "@yuki event-speaker x").reads()
    )
    assert "Event Speaker" not in world.command("tom", "/badges", "@maria").reads()


@pytest.mark.parametrize(
    ("begins", "months", "ends"),
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2023-11-30", 15, "2025-02-28"),
        ("2024-12-15", 12, "2025-12-15"),
    ],
)
def test_months_end_on_the_last_day_where_there_is_no_such_one(
    begins: str, months: int, ends: str
) -> None:
    at = timedelta(hours=9)

    assert months_later(datetime.fromisoformat(begins).replace(tzinfo=UTC) + at, months) == (
        datetime.fromisoformat(ends).replace(tzinfo=UTC) + at
    )
