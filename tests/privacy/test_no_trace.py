"""Private means invisible: whoever may not know of it sees the same in a world with it and without it."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import badges
from tests.badges.shelf import badge
from tests.cast import NOW
from tests.privacy.pages import logged, numbers
from tests.privacy.watching import seen, world_in
from tests.world import DOT, World

SECRET = "operation-nightingale"
NAME = "Operation Nightingale"

Act = Callable[[World], object]


def keep_a_private_badge(world: World) -> None:
    def add(session: Any) -> None:
        if badges.matching(session, workspace_id=world.workspace.id, keys=[NAME.lower()]):
            return
        badge(
            session,
            world.workspace.id,
            NAME,
            description="Nobody knows.",
            criteria="Be discreet.",
            category="Secrets",
            private=True,
            image_id=badges.add_image(session, workspace_id=world.workspace.id, content=DOT),
            at=world.now(),
        )

    world.database.write(add)


def award_it_privately(world: World) -> None:
    keep_a_private_badge(world)
    world.command("ada", "/award", f"@yuki {SECRET} Shh --private")


def award_a_public_badge_privately(world: World) -> None:
    world.command("ada", "/award", "@maria ping-pong-champion Between us --private")


def award_an_achievement_privately(world: World) -> None:
    world.command("ada", "/award", "@maria first-course Between us --private")


def hide_an_award(world: World) -> None:
    said = world.command("ada", "/award", "@maria team-player Quiet thanks --quiet").reads()
    world.command("maria", "/badges", f"hide A-{said.split('A-')[1][:7]}")


def award_and_undo(world: World) -> None:
    world.command("ada", "/award", "@maria customer-hero By mistake")
    world.click("ada", "award_undo")


def request_a_badge(world: World) -> None:
    world.command("maria", "/badges", "request team-player I deserve it")


def award_privately_what_was_asked_for(world: World) -> None:
    world.command("maria", "/badges", "request team-player I deserve it")
    world.command("ada", "/award", "@maria team-player Between us --private")


def suggest_whoever_looks(world: World) -> None:
    for who in ("tom", "yuki"):
        world.command("maria", "/badges", f"request @{who} customer-hero They deserve it")


def decline_a_request(world: World) -> None:
    world.command("maria", "/badges", "request event-speaker Who deserves it more?")
    world.command("ada", "/badges", "requests")
    world.click("ada", "request_decline")
    world.submit("ada", values={"request_note": "Nobody deserves it less."})


SECRETS: tuple[Act, ...] = (
    keep_a_private_badge,
    award_it_privately,
    award_a_public_badge_privately,
    award_an_achievement_privately,
    hide_an_award,
    award_and_undo,
    request_a_badge,
    award_privately_what_was_asked_for,
    suggest_whoever_looks,
    decline_a_request,
)


WORDS = (SECRET, NAME, "Shh", "Between us", "Quiet thanks", "By mistake", "deserve")


def compared(secrets: Sequence[Act], viewer: str) -> tuple[list[str], list[str]]:
    """What somebody sees with these secrets in the world, and without, line by line."""
    return _seen(tuple(secrets), viewer), _without(viewer)


@cache
def _without(viewer: str) -> list[str]:
    return _seen((), viewer)


def _seen(secrets: Sequence[Act], viewer: str) -> list[str]:
    with TemporaryDirectory() as folder, world_in(Path(folder)) as world:
        before = numbers()
        with logged() as log:
            world.command("ada", "/award", "@yuki event-speaker Great talk")
            world.command("ada", "/award", "@maria event-speaker Great talk too")
            world.deliver()
            for act in secrets:
                act(world)
            world.deliver()
            # By now Slack takes anything again, however much was said.
            world.advance(seconds=(NOW + timedelta(minutes=20) - world.now()).total_seconds())
            world.command("maria", "/badges", "")
            world.click("maria", "profile_share")
        assert not [word for word in WORDS if word in log.getvalue()]
        return seen(world, viewer, SECRET, before).splitlines()


def test_the_comparison_notices_what_may_be_seen() -> None:
    with_it, without = compared(
        [lambda world: world.command("ada", "/award", "@maria customer-hero Openly")], "tom"
    )
    noticed = set(with_it) - set(without)
    assert [line for line in noticed if "Openly" in line]
    assert [line for line in noticed if line.startswith("200 image/png")]
    assert [line for line in noticed if line.startswith("laurel_deliveries_total")]


@pytest.mark.parametrize("viewer", ["tom", "kim"])
def test_every_secret_at_once_leaves_no_trace(viewer: str) -> None:
    with_them, without = compared(SECRETS[1:], viewer)
    assert with_them == without


@settings(max_examples=4, derandomize=True, deadline=None, database=None)
@given(secrets=st.lists(st.sampled_from(SECRETS), min_size=1, max_size=3, unique=True))
def test_no_mixture_of_secrets_leaves_a_trace(secrets: list[Act]) -> None:
    with_them, without = compared(secrets, "tom")
    assert with_them == without
