"""A company with start dates, and the time, which a test moves."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, insert, select

from bot import anniversaries, policies, service
from bot.deps import WorkspaceRef, reference
from bot.recording import Ran
from bot.service import Entry, Outcome
from bot.settings import Settings
from bot.tenure import Policies
from storage import badges, holdings, milestones, people, preferences, tenure
from storage.awards import AwardRow
from storage.database import Database
from storage.milestones import MilestoneRow
from storage.people import PersonRow, Profile
from storage.tables import Badge, BadgeVersion, Delivery, table_of
from storage.types import new_id
from storage.workspaces import WorkspaceRow

SETTINGS = Settings(feed_channel="kudos", timezone="UTC")
SLUGS = [f"{n}-years" if n > 1 else "1-year" for n in range(1, 60)]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class Company:
    """People by name, their service, and a clock."""

    def __init__(self, database: Database, workspace: WorkspaceRef, now: datetime) -> None:
        self.database, self.workspace, self.now = database, workspace, now
        self.settings = SETTINGS
        self.people: dict[str, PersonRow] = {}
        self._add_badges()

    def _add_badges(self) -> None:
        # They are there, so that none is drawn.
        badge, version = [], []
        for slug in ("30-days", "90-days", "6-months", *SLUGS):
            name, ids = slug.replace("-", " ").title(), (new_id(), new_id())
            common = {"workspace_id": self.workspace.id, "created_at": self.now}
            badge.append(
                {
                    **common,
                    "id": ids[0],
                    "slug": slug,
                    "name_key": name.lower(),
                    "version_id": ids[1],
                    "kind": "flair",
                    "private": False,
                    "active": True,
                    "feed": True,
                    "position": 0,
                }
            )
            version.append(
                {
                    **common,
                    "id": ids[1],
                    "badge_id": ids[0],
                    "number": 1,
                    "name": name,
                    "description": "",
                    "criteria": "",
                    "category": "Seniority",
                }
            )

        def add(session: Connection) -> None:
            session.execute(insert(table_of(Badge)), badge)
            session.execute(insert(table_of(BadgeVersion)), version)

        self.database.write(add)

    def hire(self, *names: str, timezone: str = "UTC", **more: Any) -> None:
        profiles = [
            Profile(f"U{name.upper()}", name.title(), timezone, "en-GB", **more) for name in names
        ]
        rows = self.database.write(
            lambda session: people.save_profiles(
                session, workspace_id=self.workspace.id, profiles=profiles, now=self.now
            )
        )
        self.people |= dict(zip(names, rows, strict=True))

    def enter(self, name: str, *spells: Entry | str, source: service.Source = "entry") -> Outcome:
        entries = [
            Entry(date.fromisoformat(spell)) if isinstance(spell, str) else spell
            for spell in spells
        ]
        return self.database.write(
            lambda session: service.replace_spells(
                session,
                workspace=self.workspace,
                settings=self.settings,
                person_id=self.people[name].id,
                spells=entries,
                source=source,
                now=self.now,
            )
        )

    def began(self, day: str) -> None:
        """Have known start dates since that day."""
        now = self.now
        self.now = at(day)
        self.database.write(
            lambda session: anniversaries.begin(
                session, workspace=self.workspace, timezone="UTC", now=at(day)
            )
        )
        self.now = now

    def decide(self, **changes: Any) -> None:
        self.database.write(
            lambda session: policies.save(
                session,
                workspace_id=self.workspace.id,
                policies=replace(Policies(), **changes),
                now=self.now,
            )
        )

    def choose(self, name: str, choice: str) -> None:
        self.database.write(
            lambda session: preferences.save(
                session,
                workspace_id=self.workspace.id,
                person_id=self.people[name].id,
                key=tenure.CHOICE,
                value=choice,
            )
        )

    def run(self, now: str | None = None, **how: Any) -> Ran:
        if now is not None:
            self.now = at(now)
        return anniversaries.run(
            self.database, workspace=self.workspace, settings=self.settings, now=self.now, **how
        )

    def run_hourly(self, *, hours: int) -> Ran:
        done = Ran()
        for _ in range(hours):
            self.now += timedelta(hours=1)
            done += self.run()
        return done

    def ledger(self, name: str) -> list[MilestoneRow]:
        return self.database.read(
            lambda session: milestones.of_person(
                session, workspace_id=self.workspace.id, person_id=self.people[name].id
            )
        )

    def lines(self, name: str) -> list[tuple[str, str, str, str]]:
        """Length, day, state and reason of each milestone."""
        return [
            (row.length, row.celebrated_on.isoformat(), row.state, row.reason)
            for row in self.ledger(name)
        ]

    def awards(self, name: str) -> list[AwardRow]:
        return self.database.read(
            lambda session: holdings.history(
                session,
                workspace_id=self.workspace.id,
                recipient_id=self.people[name].id,
                limit=100,
            )
        )

    def badges(self, name: str) -> list[str]:
        """The badges somebody holds, in the order in which they were earned."""
        held = [row for row in self.awards(name) if row.revoked_at is None]
        versions = self.database.read(
            lambda session: badges.of_versions(
                session,
                workspace_id=self.workspace.id,
                version_ids={row.version_id for row in held},
            )
        )
        return [versions[row.version_id].slug for row in reversed(held)]

    def deliveries(self) -> list[tuple[str, UUID | None]]:
        """Kind and person of everything to be sent, in order."""
        delivery = table_of(Delivery)
        rows = self.database.read(
            lambda session: session.execute(
                select(delivery.c.kind, delivery.c.person_id).order_by(delivery.c.id)
            ).all()
        )
        return [(row[0], row[1]) for row in rows]

    def kinds(self) -> list[str]:
        return [kind for kind, _person in self.deliveries()]


def told(company: Company, *names: str) -> Sequence[tuple[str, UUID]]:
    return [("notify", company.people[name].id) for name in names]


@pytest.fixture
def company(database: Database, workspace: WorkspaceRow) -> Company:
    """Acme, on a Monday morning before nine."""
    return Company(database, reference(workspace), at("2026-03-02T06:00"))
