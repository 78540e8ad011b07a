"""Private means invisible: whoever may not know of it sees the same in a world with it and without it."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage import badges
from tests.privacy.watching import seen, world_in
from tests.world import World

SECRET = "operation-nightingale"
NAME = "Operation Nightingale"

Act = Callable[[World], object]


def keep_a_private_badge(world: World) -> None:
    def add(session: Any) -> None:
        badges.add(
            session,
            workspace_id=world.workspace.id,
            slug=SECRET,
            name=NAME,
            name_key=NAME.lower(),
            description="Nobody knows.",
            criteria="Be discreet.",
            category="Secrets",
            kind="flair",
            private=True,
            now=world.now(),
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


SECRETS: tuple[Act, ...] = (
    keep_a_private_badge,
    award_it_privately,
    award_a_public_badge_privately,
    award_an_achievement_privately,
    hide_an_award,
    award_and_undo,
)


def compared(secrets: list[Act], viewer: str) -> tuple[str, str]:
    """What somebody sees with these secrets in the world, and without."""
    with tempfile.TemporaryDirectory() as folder:
        found = []
        for name, acts in (("with", secrets), ("without", [])):
            with world_in(Path(folder), name) as world:
                world.command("ada", "/award", "@yuki event-speaker Great talk")
                world.deliver()
                for act in acts:
                    act(world)
                world.deliver()
                found.append(seen(world, viewer, SECRET))
        return found[0], found[1]


def test_the_comparison_notices_what_may_be_seen() -> None:
    with_it, without = compared(
        [lambda world: world.command("ada", "/award", "@maria customer-hero Openly")], "tom"
    )
    assert with_it != without


@pytest.mark.parametrize("viewer", ["tom", "kim"])
def test_every_secret_at_once_leaves_no_trace(viewer: str) -> None:
    with_them, without = compared(list(SECRETS[1:]), viewer)
    assert with_them.splitlines() == without.splitlines()
