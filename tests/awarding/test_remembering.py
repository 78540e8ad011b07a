"""Commands remember people, badges and settings, and know at once what anybody else changes of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Update, func, select, update

from storage.database import Database
from storage.tables import Award, Badge, Person, table_of
from tests.world import World, beside

badge, person, award = table_of(Badge), table_of(Person), table_of(Award)


@pytest.fixture
def office(database: Database) -> Iterator[World]:
    """A world in which Tom has just awarded Maria, so that everything is remembered."""
    with beside(database) as world:
        assert "now has" in give(world, "Great final!")
        yield world


def give(world: World, reason: str, *, to: str = "@maria", what: str = "team-player") -> str:
    """What Tom reads who awards."""
    return world.command("tom", "/award", f"{to} {what} {reason}").reads()


def elsewhere(world: World, statement: Update) -> None:
    """Another process changes something."""
    other = Database(world.database.url.render_as_string(hide_password=False))
    other.write(lambda session: session.execute(statement))
    other.close()


def awarded(world: World) -> int:
    """How many awards there are."""
    return world.database.read(
        lambda session: session.execute(select(func.count()).select_from(award)).scalar_one()
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (update(person).where(person.c.name == "Maria Silva").values(active=False), "Maria Silva"),
        (update(person).where(person.c.name == "Tom Okafor").values(guest=True), "Guests can’t"),
        (update(badge).where(badge.c.slug == "team-player").values(active=False), "is retired"),
        (update(badge).where(badge.c.slug == "team-player").values(private=True), "I don’t know a"),
        (
            update(badge).where(badge.c.slug == "team-player").values(awarders="UADA"),
            "is for others to award",
        ),
    ],
    ids=["recipient left", "giver a guest", "badge retired", "badge private", "awarders"],
)
def test_what_is_not_allowed_any_more_is_refused_at_once(
    office: World, change: Update, said: str
) -> None:
    elsewhere(office, change)
    assert said in give(office, "Once more")
    assert awarded(office) == 1


def test_what_has_come_to_be_allowed_is_not_refused_for_what_was(office: World) -> None:
    retired = update(badge).where(badge.c.slug == "customer-hero")
    elsewhere(office, retired.values(active=False))
    assert "is retired" in give(office, "Thanks", what="customer-hero")
    assert "now has" in give(office, "Thanks")  # so that this is remembered
    elsewhere(office, retired.values(active=True))
    assert "now has *Customer Hero*" in give(office, "Thanks", what="customer-hero")


def test_a_new_name_is_read_at_once(office: World) -> None:
    change = update(person).where(person.c.name == "Maria Silva").values(name="Maria Santos")
    elsewhere(office, change)
    assert "Maria Santos now has" in give(office, "Once more")


def test_a_setting_holds_at_once(office: World) -> None:
    assert "now has" not in give(office, "Me", to="@tom")
    office.decide(self_awards=True)
    assert "now has" in give(office, "Me", to="@tom")


def test_a_command_repeated_by_slack_says_the_same_and_awards_once(office: World) -> None:
    outcome: Any = office.command("tom", "/award", "@maria team-player Again", deliver_times=3)
    assert "now has" in outcome.reads()
    assert awarded(office) == 2
