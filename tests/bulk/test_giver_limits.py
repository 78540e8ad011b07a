"""A giver's limit holds whatever they confirm at once, and in the transaction that awards."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest

from bot import jobs
from bot.bulk import start
from bot.errors import BadRequestError
from bot.grants import Limit
from storage.tables import Bulk
from tests.bulk.test_awarding_to_many import hand_in, rows, said
from tests.world import World


@pytest.fixture(params=["world", "world_pg"])
def limited(request: pytest.FixtureRequest) -> World:
    """A world in which an owner may award five times a week, on SQLite and on PostgreSQL."""
    world: World = request.getfixturevalue(request.param)
    world.decide(limits=(("owner", Limit.parse("5/week")),))
    return world


def confirm(world: World, id_: UUID) -> None:
    """Confirm a bulk award, and leave it to be carried out later."""
    deps, workspace = world.laurel.deps, world.workspace
    world.database.write(lambda session: start(session, deps, workspace, "UADA", id_))


def test_of_two_bulk_awards_confirmed_at_once_one_is_too_many(limited: World) -> None:
    hand_in(limited)
    hand_in(limited)
    together = Barrier(2)

    def press(id_: UUID) -> str:
        together.wait(10)
        try:
            confirm(limited, id_)
        except BadRequestError as refused:
            return refused.sentence
        return "confirmed"

    with ThreadPoolExecutor(2) as threads:
        outcomes = sorted(threads.map(press, [row.id for row in rows(limited, Bulk)]))
    jobs.resume_bulk(limited.laurel.deps, limited.workspace)

    assert outcomes[1] == "confirmed"
    assert "That would be 4 awards, and your limit leaves you 1 of 5 this week." in outcomes[0]
    assert len(rows(limited)) == 4


def test_what_was_awarded_between_confirming_and_awarding_counts(limited: World) -> None:
    hand_in(limited)
    (planned,) = rows(limited, Bulk)
    confirm(limited, planned.id)
    limited.command("ada", "/award", "@maria, @tom event-speaker Great talk")

    jobs.resume_bulk(limited.laurel.deps, limited.workspace)

    assert len(rows(limited)) == 5
    last = said(limited)[-1].reads()
    assert "Done: 3 awards given. 1 other was left out" in last
    assert "are more than a limit allows" in last
