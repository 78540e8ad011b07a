"""Employments, managers and days that pass, for tests of what people type about anniversaries."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bot import anniversaries, policies, service
from bot.recording import Ran
from bot.service import Entry, Source
from storage import employment
from storage.employment import EmploymentRow
from tests.world import World


def employ(
    world: World, name: str, *spells: date | Entry, source: Source = "hr", as_of: int = 0
) -> None:
    """Have somebody known to be here from these days on; `as_of`: entered so many days ago."""
    entries: Sequence[Entry] = [one if isinstance(one, Entry) else Entry(one) for one in spells]
    world.database.write(
        lambda session: service.replace_spells(
            session,
            workspace=world.workspace,
            settings=world.settings,
            person_id=world.people[name].id,
            spells=entries,
            source=source,
            now=world.now() - timedelta(days=as_of),
        )
    )


def manage(world: World, manager: str, *names: str, country: str | None = None) -> None:
    """Have HR say that somebody manages these people."""
    boss = world.people[manager].id
    world.database.write(
        lambda session: employment.save(
            session,
            workspace_id=world.workspace.id,
            rows={world.people[name].id: EmploymentRow(boss, country) for name in names},
        )
    )


def decide(world: World, **changes: Any) -> None:
    """Give the workspace other policies."""

    def write(session: Any) -> None:
        rules = policies.load(session, workspace_id=world.workspace.id)
        policies.save(
            session,
            workspace_id=world.workspace.id,
            policies=replace(rules, **changes),
            now=world.now(),
        )

    world.database.write(write)


def run(world: World) -> Ran:
    """Record and send what is due by now."""
    done = anniversaries.run(
        world.database, workspace=world.workspace, settings=world.settings, now=world.now()
    )
    world.deliver()
    return done


def pass_days(world: World, days: int) -> None:
    """Let days pass, each with its run."""
    for _ in range(days):
        world.advance(days=1)
        run(world)


def says(world: World, user: str, text: str, **how: Any) -> str:
    """What somebody reads after `/badges` with this text."""
    outcome = world.command(user, "/badges", text, **how)
    assert outcome.acknowledged, outcome
    return outcome.reads().replace("\u202f", " ")  # as American hours are written
