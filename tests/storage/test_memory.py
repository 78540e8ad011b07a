"""What awards look up is kept in memory, and never told once it is not true any more."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Boolean, Connection, Integer, Uuid, delete, insert, text, update

from bot import rules
from bot.errors import NotPermittedError
from storage import badges, outbox, people, preferences, settings, workspaces
from storage.badges import FEW, BadgeRow, BadgeValues
from storage.database import Database
from storage.memory import Found, Memory, Wanted
from storage.outbox import NewDelivery
from storage.people import PersonRow, Profile
from storage.tables import (
    Badge,
    BadgeVersion,
    Person,
    PersonIdentity,
    Request,
    Workspace,
    table_of,
)
from storage.types import new_id
from storage.whole import erase_itself
from storage.workspaces import WorkspaceRow
from tests.badges.shelf import badge
from tests.cast import ACME, NOW

WANTED = Wanted(("UADA", "UMARIA"), ("team-player", "team-player great"), (), rules.KEY)


class Office:
    """One memory and one database, in which there is a badge."""

    def __init__(self, database: Database, workspace: WorkspaceRow, cast: dict[str, PersonRow]):
        self.database, self.workspace, self.cast = database, workspace, cast
        self.memory = Memory()
        self.badge = database.write(lambda session: badge(session, workspace.id, "Team Player"))

    def look_up(self, wanted: Wanted = WANTED, memory: Memory | None = None) -> Found:
        """What a transaction finds."""
        asked = memory or self.memory
        return self.database.write(
            lambda session: asked.look_up(session, wanted, workspace_id=self.workspace.id)
        )

    def change(self, statement: Any) -> None:
        """Change something without Laurel's knowing."""
        self.database.write(lambda session: session.execute(statement))

    def is_true(self) -> bool:
        """Whether what is remembered is what somebody without a memory finds."""
        return self.look_up() == self.look_up(memory=Memory())


@pytest.fixture
def office(database: Database, workspace: WorkspaceRow, cast: dict[str, PersonRow]) -> Office:
    """An office that has looked everything up once, and keeps it."""
    office = Office(database, workspace, cast)
    office.look_up()
    assert office.memory._kept
    return office


def test_what_has_not_changed_is_not_read_again(office: Office) -> None:
    before = office.look_up()
    assert [found.name for found in before.badges] == ["Team Player"]
    assert before.people["UMARIA"] == office.cast["Maria"]

    def without_tables(session: Connection) -> Found:
        for table in ("person", "person_identity", "badge", "setting"):
            session.execute(text(f"ALTER TABLE {table} RENAME TO mislaid_{table}"))
        return office.memory.look_up(session, WANTED, workspace_id=office.workspace.id)

    assert in_vain(office.database, without_tables) == before


def in_vain(database: Database, work: Callable[[Connection], Found]) -> Found:
    """What work finds in a transaction that is rolled back."""
    found: list[Found] = []

    def broken_off(session: Connection) -> None:
        found.append(work(session))
        raise LookupError

    with pytest.raises(LookupError):
        database.write(broken_off)
    return found[-1]


def test_every_change_of_what_is_looked_up_is_noticed(office: Office) -> None:
    person, version, of_badge = table_of(Person), table_of(BadgeVersion), table_of(Badge)
    by_id = WANTED._replace(badge_keys=(), badge_ids=(office.badge.id,))
    changed = []
    for table, row_id, fields in (
        (person, office.cast["Maria"].id, PersonRow._fields),
        (version, office.badge.version_id, BadgeRow._fields),
        (of_badge, office.badge.id, BadgeRow._fields),
    ):
        own = [name for name in fields if name in table.c and name not in ("id", "image_id")]
        for name in sorted(own, key="version_id".__eq__):  # last: the badge is gone after it
            kind = table.c[name].type
            value: Any = "achievement" if name == "kind" else "2/month"
            if isinstance(kind, Boolean):
                value = ~table.c[name]
            elif isinstance(kind, Integer):
                value = 77
            elif isinstance(kind, Uuid):
                value = uuid4()
            before = office.look_up(by_id)
            office.change(update(table).where(table.c.id == row_id).values({name: value}))
            assert office.look_up(by_id) != before, f"{table.name}.{name}"
            assert office.look_up(by_id) == office.look_up(by_id, Memory())
            changed.append(name)
    assert {*changed, "id", "image_id", "slack_id", "hides_new", "awaited"} == {
        *PersonRow._fields,
        *BadgeRow._fields,
    }


def test_what_people_choose_and_ask_for_is_noticed(office: Office) -> None:
    of, maria = office.workspace.id, office.cast["Maria"].id

    def maria_now() -> PersonRow:
        assert office.is_true()
        return office.look_up().people["UMARIA"]

    for value, hides in (("hidden", True), ("shown", False)):
        office.database.write(
            lambda session, value=value: preferences.save(  # type: ignore[misc]
                session, workspace_id=of, person_id=maria, key=preferences.NEW_AWARDS, value=value
            )
        )
        assert maria_now().hides_new is hides
    request = table_of(Request)
    office.change(
        insert(request).values(
            workspace_id=of,
            id=new_id(NOW),
            asker_id=maria,
            recipient_id=maria,
            badge_id=office.badge.id,
            version_id=office.badge.version_id,
            reason="",
            state="open",
            answer="",
            created_at=NOW,
        )
    )
    assert maria_now().awaited
    office.change(update(request).values(state="declined"))
    assert not maria_now().awaited
    office.change(update(request).values(state="open"))
    assert maria_now().awaited
    office.change(delete(request))
    assert not maria_now().awaited


def test_settings_and_who_is_who_are_noticed(office: Office) -> None:
    of = office.workspace.id
    for text_ in ('{"trades": false}', '{"trades": true}'):
        office.database.write(
            lambda session, text_=text_: settings.put(  # type: ignore[misc]
                session, workspace_id=of, key=rules.KEY, value=text_, now=NOW
            )
        )
        assert office.look_up().setting == text_
    office.database.write(lambda s: settings.remove(s, workspace_id=of, key=rules.KEY))
    assert office.look_up().setting is None
    identity = table_of(PersonIdentity)
    office.change(
        update(identity)
        .where(identity.c.value == "UMARIA")
        .values(person_id=office.cast["Tom"].id, value="UMARIA")
    )
    assert office.look_up().people["UMARIA"].name == "Tom Okafor"
    office.change(delete(identity).where(identity.c.value == "UMARIA"))
    assert list(office.look_up().people) == ["UADA"]
    assert office.is_true()


def test_a_badge_that_is_added_is_found_by_slug_and_name_at_once(office: Office) -> None:
    values = BadgeValues(
        slug="star",
        name="Team Player Great",
        name_key="team-player great",
        description="",
        criteria="",
        category="",
        kind="flair",
    )
    star = office.database.write(
        lambda session: badges.add(
            session, workspace_id=office.workspace.id, values=values, now=NOW
        )
    )
    assert {found.id for found in office.look_up().badges} == {office.badge.id, star.id}
    by_id = WANTED._replace(badge_keys=(), badge_ids=(star.id, office.badge.id))
    assert office.look_up(by_id).badges == [star, office.badge]


def test_somebody_new_is_found_though_others_are_remembered(office: Office) -> None:
    profile = Profile("UNEW", "Newt New")
    wanted = WANTED._replace(slack_ids=("UMARIA", "UNEW"))
    assert list(office.look_up(wanted).people) == ["UMARIA"]
    office.database.write(
        lambda session: people.save_profiles(
            session, workspace_id=office.workspace.id, profiles=[profile], now=NOW
        )
    )
    assert sorted(office.look_up(wanted).people) == ["UMARIA", "UNEW"]


def test_a_changed_badge_is_noticed_by_whoever_looks_up_somebody_unknown(office: Office) -> None:
    office.change(update(table_of(Badge)).values(awarders="UADA"))
    office.look_up(WANTED._replace(slack_ids=("UMARIA", "UNOBODY")))
    for _ in range(2):
        assert [found.awarders for found in office.look_up().badges] == ["UADA"]


def test_what_was_seen_in_a_transaction_that_came_to_nothing_is_forgotten(office: Office) -> None:
    of_badge = table_of(Badge)

    def seen(session: Connection) -> Found:
        session.execute(update(of_badge).values(awarders="none"))
        return office.memory.look_up(session, WANTED, workspace_id=office.workspace.id)

    assert [found.awarders for found in in_vain(office.database, seen).badges] == ["none"]
    # From here on it has been changed as often as it had been then.
    office.change(update(of_badge).values(awarders="@ada"))
    assert [found.awarders for found in office.look_up().badges] == ["@ada"]


def test_nobody_is_refused_for_what_was_true_before(office: Office) -> None:
    def refuse(session: Connection) -> bool:
        found = office.memory.look_up(session, WANTED, workspace_id=office.workspace.id)
        if not found.badges[0].private:
            raise NotPermittedError("It is public.")
        return True

    with pytest.raises(NotPermittedError):
        office.database.write(refuse)
    office.change(update(table_of(Badge)).values(private=True))
    assert office.database.write(refuse)


def test_nothing_is_saved_that_rests_on_what_was_true_before(office: Office) -> None:
    def save(session: Connection, number: int) -> str:
        found = office.memory.look_up(session, WANTED, workspace_id=office.workspace.id)
        name = found.people["UMARIA"].name
        outbox.enqueue(
            session,
            workspace_id=office.workspace.id,
            deliveries=[NewDelivery("dm", "notify", f"{number}: {name}")],
            now=NOW,
        )
        return name

    office.database.write(lambda session: save(session, 1))
    maria = table_of(Person).c.id == office.cast["Maria"].id
    office.change(update(table_of(Person)).where(maria).values(name="Maria Santos"))
    assert office.database.write(lambda session: save(session, 2)) == "Maria Santos"
    waiting = office.database.read(
        lambda session: outbox.list_waiting(session, workspace_id=office.workspace.id)
    )
    assert [row.key for row in waiting] == ["1: Maria Silva", "2: Maria Santos"]


def test_nobody_waits_for_the_end_of_a_long_import(postgresql_database: Database) -> None:
    acme = postgresql_database.write(lambda session: workspaces.save(session, **ACME, now=NOW))
    office = Office(postgresql_database, acme, {})
    of, last = acme.id, 3

    def bring(number: int) -> None:
        profile = Profile(f"UNEW{number}", f"Newt {number}")

        def work(session: Connection) -> None:
            people.save_profiles(session, workspace_id=of, profiles=[profile], now=NOW)
            if number < last:  # the next one begins, and ends, before this one does
                bring(number + 1)

        office.database.write(work)

    bring(last)
    bring(1)
    found = office.look_up(WANTED._replace(slack_ids=("UNEW1", "UNEW2", "UNEW3")))
    assert sorted(found.people) == ["UNEW1", "UNEW2", "UNEW3"]
    assert office.is_true()


def test_a_workspace_that_gets_the_number_of_an_erased_one_is_another(office: Office) -> None:
    before = office.look_up()
    for table in ("badge_version", "badge", "person_identity", "person"):
        office.change(text(f"DELETE FROM {table}"))
    of = office.workspace.id
    office.database.write(lambda session: erase_itself(session, workspace_id=of))
    office.change(
        insert(table_of(Workspace)).values(
            id=of,
            enterprise_id="",
            team_id="T1",
            name="Acme",
            url="",
            bot_user_id="U",
            bot_id="B",
            link_key="k",
            created_at=NOW,
        )
    )
    found = office.look_up()
    assert len(before.people) == 2
    assert found == Found({}, [], None)


def test_of_a_large_catalogue_only_what_is_asked_for_is_read(office: Office) -> None:
    of = office.workspace.id

    def fill(session: Connection) -> None:
        for number in range(FEW):
            badge(session, of, f"Badge {number}")

    office.database.write(fill)
    wanted = WANTED._replace(badge_keys=("badge-7", "badge-7 great"))
    for _ in range(2):
        assert [found.slug for found in office.look_up(wanted).badges] == ["badge-7"]
    office.change(update(table_of(Badge)).values(active=False))
    assert not office.look_up(wanted).badges[0].active
