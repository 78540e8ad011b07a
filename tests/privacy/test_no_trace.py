"""Private means invisible: whoever may not know of it sees the same in a world with it and without it."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot import jobs
from bot.grants import ADMINS, parse_grant
from storage import badges
from storage.tables import Award, table_of
from tests.badges.shelf import badge
from tests.cast import NOW
from tests.privacy.exports import export_of
from tests.privacy.pages import Numbers, logged, numbers
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


def hide_an_achievement(world: World) -> None:
    said = world.command("ada", "/award", "@maria first-course Quiet thanks --quiet").reads()
    for code in re.findall(r"A-\w{7}", said):
        world.command("maria", "/badges", f"hide {code}")


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


def ask_and_take_it_back(world: World) -> None:
    outcome = world.command("maria", "/badges", "request event-speaker I deserve it no less")
    world.click("maria", "request_take_back", ephemeral=outcome.message)


def hide_what_ada_gave(world: World) -> None:
    code = code_of(world, "Great talk too")
    world.command("maria", "/badges", f"hide {code}")


def celebrate_in_private(world: World) -> None:
    world.command("maria", "/badges", "since 2019-03-01")
    world.command("maria", "/badges", "anniversaries dm")
    world.deliver()
    jobs.celebrate(world.laurel.deps, world.workspace)


def ask_while_tom_is_an_admin(world: World) -> None:
    world.decide(badge_admins=parse_grant("UTOM"))
    world.command("yuki", "/badges", "request team-player They deserve it")
    world.decide(badge_admins=ADMINS)


def code_of(world: World, reason: str) -> str:
    award = table_of(Award)
    return world.database.read(
        lambda session: session.execute(
            select(award.c.code).where(award.c.reason == reason)
        ).scalar_one()
    )


SECRETS: tuple[Act, ...] = (
    keep_a_private_badge,
    award_it_privately,
    award_a_public_badge_privately,
    award_an_achievement_privately,
    hide_an_award,
    hide_an_achievement,
    award_and_undo,
    request_a_badge,
    award_privately_what_was_asked_for,
    suggest_whoever_looks,
    decline_a_request,
    ask_and_take_it_back,
    celebrate_in_private,
    ask_while_tom_is_an_admin,
)

# What is not theirs to know.
SECRET_TO: dict[str, tuple[Act, ...]] = {
    "tom": SECRETS,
    "yuki": tuple(
        one for one in SECRETS if one not in (award_it_privately, ask_while_tom_is_an_admin)
    ),
    "maria": (award_it_privately, ask_while_tom_is_an_admin),
    "ada": (keep_a_private_badge, hide_what_ada_gave),
}


WORDS = (SECRET, NAME, "Shh", "Between us", "Quiet thanks", "By mistake", "deserve")


def compared(secrets: Sequence[Act], viewer: str) -> tuple[list[str], list[str]]:
    """What somebody sees with these secrets in the world, and without, line by line."""
    return _seen(tuple(secrets), viewer), _without(viewer)


@cache
def _without(viewer: str) -> list[str]:
    return _seen((), viewer)


def _seen(secrets: Sequence[Act], viewer: str) -> list[str]:
    with _made(secrets) as (world, before):
        return seen(world, viewer, SECRET, before).splitlines()


@contextmanager
def _made(secrets: Sequence[Act]) -> Iterator[tuple[World, Numbers]]:
    """A world with these secrets in it, and what had been counted when it began."""
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
        yield world, before


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


def test_no_export_tells_what_is_not_its_owners_to_know() -> None:
    with _made(()) as (world, _):
        without = {who: export_of(world, who) for who in SECRET_TO}
    for who, secrets in SECRET_TO.items():
        with _made(secrets) as (world, _):
            assert export_of(world, who).splitlines() == without[who].splitlines()
    with _made([award_a_public_badge_privately]) as (world, _):
        assert "Between us" in export_of(world, "maria")
