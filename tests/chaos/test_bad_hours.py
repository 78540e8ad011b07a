"""Hours that nobody wants to wait for: Slack away, and a clock that jumps; in one process."""

import random
from datetime import timedelta
from itertools import pairwise

from bot.app import build
from bot.pool import Inline
from tests.world import World

HOUR = timedelta(hours=1)


def reasons(world: World) -> list[str]:
    """The reasons in the feed, in the order of the posts."""
    return [
        line[2:]
        for message in world.feed()
        for line in message.reads().splitlines()
        if line.startswith("> ")
    ]


def refusals(world: World) -> int:
    """How many posts to the feed came too early for Slack."""
    return sum(
        exchange.status == 429 and exchange.request.get("channel") in ("#kudos", world.kudos.id)
        for exchange in world.engine.traffic
    )


def test_an_hour_without_slack_is_made_up_for_in_order_and_at_slacks_rate(world: World) -> None:
    said = []
    world.engine.weather.drop()
    for number in range(120):
        said.append(f"Nr. {number}.")
        outcome = world.command("maria", "/award", f"@tom team-player {said[-1]}")
        assert " now has " in outcome.text
        world.deliver(within=timedelta(seconds=1))
        world.advance(seconds=30)
    assert world.feed() == []

    world.engine.weather.clear()
    world.engine.weather.rate_limit(retry_after=30, times=4)
    back = world.now()
    world.deliver(within=HOUR)
    took = (world.now() - back).total_seconds()
    print(f"\nSlack away for an hour: {len(said)} posts made up for in {took:.0f} s")
    assert reasons(world) == said
    assert len(world.dms("tom")) == len(said)
    assert world.engine.weather.calm
    assert refusals(world) <= 4  # none but those that Slack was told to refuse
    times = [float(message.ts) for message in world.feed()]
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.99
    assert took < 120 * 1.1 + 11 * 60  # the longest wait after failures, and a second each


def test_a_clock_that_jumps_loses_doubles_and_holds_up_nothing(world: World) -> None:
    chance, off = random.Random(6), timedelta(0)
    world.laurel = build(
        world.settings, clock=lambda: world.now() + off, database=world.database, slow=Inline()
    )
    world.laurel.meet_workspace()
    courier, said, slowest = world.laurel.courier, [], timedelta(0)
    for number in range(40):
        off += timedelta(seconds=chance.choice((-7200, -3600, -90, 90, 3600, 7200)))
        for again in range(3):
            said.append(f"Nr. {number}-{again}.")
            assert (
                " now has " in world.command("maria", "/award", f"@tom team-player {said[-1]}").text
            )
        courier.run_due()
        if chance.random() < 0.5:
            off -= timedelta(minutes=50)
        began = world.now()
        while courier.next_at() is not None:
            assert world.now() - began < timedelta(minutes=1), f"round {number} is held up"
            courier.run_due()
            world.advance(seconds=1)
        slowest = max(slowest, world.now() - began)
    print(f"\nThe clock jumped: three posts took {slowest.total_seconds():.0f} s at most")
    assert sorted(reasons(world)) == sorted(said)
    assert len(world.dms("tom")) == len(said)
