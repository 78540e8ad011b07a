"""Once milestones are reckoned otherwise, every spell is looked at again, some at a time where they are many."""

from datetime import date, datetime
from uuid import UUID

import pytest
from sqlalchemy import Connection

from bot import anniversaries, jobs, policies
from bot.due import FIRST
from bot.recording import Batch, Ran
from bot.tenure import Length, Policies, Rule
from storage import again, duties, nearing, tenure
from storage.database import Database
from storage.tenure import NewSpell
from tests.anniversaries.conftest import Company, at
from tests.world import World

MANY = 2 * again.AT_ONCE + 5
EIGHTEEN_MONTHS = (Rule(Length(18, "m")),)


def crowd(database: Database, workspace_id: int, person_id: UUID, now: datetime) -> None:
    """Fill the first transactions with spells that were mistakes, which cost a run nothing."""
    ids = [UUID(int=number) for number in range(1, MANY + 1)]

    def write(session: Connection) -> None:
        spells = [NewSpell(one, person_id, date(2020, 1, 1), None) for one in ids]
        tenure.add(session, workspace_id=workspace_id, spells=spells, source="hr", now=now)
        tenure.remove(session, workspace_id=workspace_id, spell_ids=ids, now=now)

    database.write(write)


def to_be_looked_at(database: Database, workspace_id: int) -> int:
    return database.read(
        lambda session: len(
            nearing.near(session, workspace_id=workspace_id, until=tenure.LOOK_NOW, limit=9)
        )
    )


def test_a_small_company_is_looked_at_again_at_once(company: Company) -> None:
    company.hire("maria")
    company.enter("maria", "2024-09-03")
    company.run("2026-03-02T09:00")
    assert to_be_looked_at(company.database, company.workspace.id) == 0
    company.decide(rules=EIGHTEEN_MONTHS)
    assert to_be_looked_at(company.database, company.workspace.id) == 1
    assert company.database.read(duties.under_way) == set()


def test_a_change_in_a_large_company_holds_for_everyone_by_the_next_run(company: Company) -> None:
    company.hire("maria", "tom")
    company.enter("maria", "2024-09-03")
    company.run("2026-03-02T09:00")
    crowd(company.database, company.workspace.id, company.people["tom"].id, company.now)

    company.decide(rules=EIGHTEEN_MONTHS)
    assert to_be_looked_at(company.database, company.workspace.id) == 0

    def die(session: Connection) -> None:
        assert again.go_on(session, workspace_id=company.workspace.id, now=company.now)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        company.database.write(die)
    assert company.database.read(duties.under_way) == {company.workspace.id}

    assert company.run("2026-03-03T09:00").messages == 1
    assert company.lines("maria")[-1] == ("18m", "2026-03-03", "recorded", "")
    assert company.database.read(duties.under_way) == set()


def test_a_worker_looks_at_the_rest_within_seconds(world: World) -> None:
    of, tom = world.workspace.id, world.people["tom"].id
    crowd(world.database, of, tom, world.now())
    late = NewSpell(UUID(int=MANY + 1), tom, date(2024, 9, 3), None)

    def decide(session: Connection) -> None:
        tenure.add(session, workspace_id=of, spells=[late], source="hr", now=world.now())
        nearing.set_next(session, workspace_id=of, next_on={late.id: date(2027, 9, 3)})
        decided = Policies(rules=EIGHTEEN_MONTHS)
        policies.save(session, workspace_id=of, policies=decided, now=world.now())

    world.database.write(decide)
    assert to_be_looked_at(world.database, of) == 0
    assert world.database.read(duties.under_way) == {of}
    jobs.resume_bulk(world.laurel.deps, world.workspace)
    assert to_be_looked_at(world.database, of) == 1
    assert world.database.read(duties.under_way) == set()


def test_a_run_that_is_under_way_tells_of_nothing_that_was_decided_against(
    company: Company,
) -> None:
    company.hire("maria")
    company.enter("maria", "2025-09-03")
    company.run("2026-03-02T09:00")
    company.now = at("2026-03-03T09:00")
    frame = anniversaries.circumstances(
        company.database, company.workspace, company.settings, company.now
    )
    assert frame is not None
    company.decide(rules=(Rule(Length(1, "y"), every=True),))

    batch = Batch(company.workspace, company.settings, frame, 0, FIRST)
    assert company.database.write(batch.work) == (Ran(), None)
    assert "6m" not in {line[0] for line in company.lines("maria")}
