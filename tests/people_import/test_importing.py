"""What an HR file changes in the database, on SQLite and on PostgreSQL."""

import io
import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from bot import service
from bot.authorization import reference
from bot.hr_file import FileRefusedError, HrFile, read
from bot.people_import import Plan, PlanChangedError, Started, carry_out, preview
from bot.settings import Settings
from storage import audit, directory, people, tenure, workspaces
from storage.database import Database
from storage.people import PersonRow, Profile
from storage.tables import AuditEntry, Employment, PersonIdentity, ServiceSpell, table_of
from storage.workspaces import WorkspaceRow
from tests.cast import ACME, CAST, NOW
from tests.together import meanwhile

MARIA = "maria@acme.example"
spell = table_of(ServiceSpell)


def file_of(text: str) -> HrFile:
    return read(io.BytesIO(text.encode()), today=NOW.date())


class Office:
    """Acme's HR, with a database."""

    def __init__(self, database: Database, workspace: WorkspaceRow) -> None:
        self.database = database
        self.workspace = reference(workspace)

    def imports(self, text: str, *, now: datetime = NOW, **how: Any) -> Plan:
        return carry_out(
            self.database,
            workspace=self.workspace,
            settings=Settings(),
            file=file_of(text),
            now=now,
            **how,
        )

    def previews(self, text: str) -> Plan:
        return preview(self.database, workspace_id=self.workspace.id, file=file_of(text))

    def person(self, email: str) -> Any:
        return self.database.read(
            lambda session: people.by_email(session, workspace_id=self.workspace.id, email=email)
        )

    def spells(self, person_id: Any) -> list[tuple[date, date | None, str]]:
        found = self.database.read(
            lambda session: tenure.of_people(
                session, workspace_id=self.workspace.id, person_ids=[person_id]
            )
        )
        return [(row.started_on, row.ended_on, row.source) for row in found.get(person_id, ())]

    def rows(self, model: Any) -> list[Any]:
        return list(self.database.read(lambda s: s.execute(select(table_of(model))).all()))

    def everything(self) -> list[list[Any]]:
        kept = (ServiceSpell, PersonIdentity, Employment, AuditEntry)
        return [sorted(map(repr, self.rows(model))) for model in kept]


@pytest.fixture
def office(database: Database, workspace: WorkspaceRow, cast: dict[str, PersonRow]) -> Office:
    return Office(database, workspace)


def test_people_are_matched_by_e_mail_then_slack_id_then_employee_number(
    office: Office, cast: dict[str, PersonRow]
) -> None:
    office.imports(
        f"email,slack id,employee number,start\n{MARIA},,7,2019-01-01\n,UTOM,8,2018-01-01\n"
    )

    plan = office.imports(
        "employee number,start\n7,2019-02-01\n8,2018-01-01\n", now=NOW + timedelta(hours=1)
    )

    assert plan.changed == [Started(2, "Maria Silva", date(2019, 2, 1), date(2019, 1, 1))]
    assert plan.unchanged == 1
    assert office.spells(cast["Maria"].id) == [(date(2019, 2, 1), None, "hr")]
    assert office.spells(cast["Tom"].id) == [(date(2018, 1, 1), None, "hr")]


def test_the_preview_tells_what_is_new_changed_ended_and_the_same(office: Office) -> None:
    office.imports(
        "email,name,start\n"
        f"{MARIA},Maria Silva,2019-01-01\n"
        "bo@acme.example,Bo Lund,2018-01-01\n"
        "cy@acme.example,Cy Ray,2017-01-01\n"
    )

    plan = office.previews(
        "email,name,start,end\n"
        f"{MARIA},Maria Silva,2019-02-01,\n"
        "bo@acme.example,Bo Lund,2018-01-01,2026-10-31\n"
        "cy@acme.example,Cy Ray,2017-01-01,\n"
        "tom.okafor@acme.example,Tom Okaforr,2020-08-31,\n"
    )

    assert plan.new == [Started(5, "Tom Okaforr", date(2020, 8, 31))]
    assert plan.changed == [Started(2, "Maria Silva", date(2019, 2, 1), date(2019, 1, 1))]
    assert plan.ended == [
        Started(3, "Bo Lund", date(2018, 1, 1), date(2018, 1, 1), date(2026, 10, 31))
    ]
    assert plan.unchanged == 1
    assert [(one.name, one.nearest) for one in plan.strangers] == [
        ("Bo Lund", ()),
        ("Cy Ray", ()),
        ("Tom Okaforr", ("Tom Okafor",)),
    ]
    assert office.person("tom.okafor@acme.example") is None


def test_the_same_file_again_changes_nothing(office: Office) -> None:
    text = (
        "email,employee number,name,start,end,leave from,leave to,manager,country\n"
        f"{MARIA},7,Maria Silva,2020-01-01,,2021-01-01,2021-02-01,ada@acme.example,PT\n"
        f"{MARIA},7,Maria Silva,2010-01-01,2012-12-31,,,ada@acme.example,PT\n"
        "ada@acme.example,1,Ada Admin,2005-01-01,,,,,GB\n"
    )
    assert not office.imports(text).is_empty
    before = office.everything()

    again = office.imports(text, now=NOW + timedelta(days=1))

    assert again.is_empty
    assert again.unchanged == 2
    assert office.everything() == before


def test_people_not_in_slack_are_kept_and_matched_when_they_join(office: Office) -> None:
    office.imports("email,name,start\nnew@acme.example,Nova New,2026-11-02\n")
    kept = office.person("new@acme.example")

    (joined,) = office.database.write(
        lambda session: people.save_profiles(
            session,
            workspace_id=office.workspace.id,
            profiles=[Profile("UNEW", "Nova", email="New@acme.example")],
            now=NOW,
        )
    )

    assert joined.id == kept
    assert office.spells(kept) == [(date(2026, 11, 2), None, "hr")]


def test_a_rehire_adds_an_employment_and_an_ended_one_stays(office: Office) -> None:
    office.imports(f"email,start,end\n{MARIA},2010-01-01,2015-12-31\n")
    maria = office.person(MARIA)

    plan = office.imports(f"email,start\n{MARIA},2020-01-01\n")

    assert [row.start for row in plan.new] == [date(2020, 1, 1)]
    assert office.spells(maria) == [
        (date(2010, 1, 1), date(2015, 12, 31), "hr"),
        (date(2020, 1, 1), None, "hr"),
    ]


def test_a_correction_keeps_the_employment_it_corrects(office: Office) -> None:
    office.imports(f"email,start\n{MARIA},2019-01-01\n")
    before = office.rows(ServiceSpell)

    office.imports(f"email,start\n{MARIA},2019-02-01\n")

    after = office.rows(ServiceSpell)
    assert [row.id for row in after] == [row.id for row in before]
    assert [row.next_on for row in after] == [tenure.LOOK_NOW]


def test_an_import_finds_what_somebody_else_is_just_entering(
    office: Office, cast: dict[str, PersonRow]
) -> None:
    def enter(session: Any) -> str:
        return service.replace_spells(
            session,
            workspace=office.workspace,
            settings=Settings(),
            person_id=cast["Maria"].id,
            spells=[service.Entry(date(2019, 1, 1))],
            source="hr",
            now=NOW,
        )

    said = f"email,start\n{MARIA},2019-01-01\n"
    outcome, plan = meanwhile(office.database, enter, lambda: office.imports(said))

    assert outcome == "new"
    assert plan.is_empty
    assert office.spells(cast["Maria"].id) == [(date(2019, 1, 1), None, "hr")]


def test_whose_dates_an_import_is_writing_can_be_saved_and_locked_for_an_award(
    postgresql_database: Database,
) -> None:
    other = postgresql_database
    acme = other.write(lambda session: workspaces.save(session, **ACME, now=NOW))
    _, maria, *_ = other.write(
        lambda session: people.save_profiles(session, workspace_id=acme.id, profiles=CAST, now=NOW)
    )
    done: list[float] = []

    def meet(session: Any) -> None:
        people.lock(session, workspace_id=acme.id, ids=[maria.id])
        people.save_profiles(
            session, workspace_id=acme.id, profiles=[Profile("UMARIA", "Mia")], now=NOW
        )

    def progress(share: float) -> None:
        if share >= 0.5 and not done:
            other.write(meet)
        done.append(share)

    office = Office(other, acme)
    for day in ("2019-01-01", "2019-01-02"):
        done.clear()
        office.imports(f"email,start\n{MARIA},{day}\n", progress=progress)
    assert office.spells(maria.id) == [(date(2019, 1, 2), None, "hr")]


def test_what_the_file_has_no_column_for_stays(office: Office) -> None:
    office.imports(
        "email,start,end,leave from,leave to,manager,country\n"
        f"{MARIA},2019-01-01,2026-12-31,2020-01-01,2020-02-01,ada@acme.example,PT\n"
        "ada@acme.example,2005-01-01,,,,,\n"
    )
    before = office.everything()

    assert office.imports(f"email,start\n{MARIA},2019-01-01\n").is_empty
    assert office.everything() == before


def test_dates_from_a_more_trusted_source_are_left_and_said(
    office: Office, cast: dict[str, PersonRow]
) -> None:
    from dataclasses import replace

    from bot import policies
    from bot.tenure import Policies
    from storage.tenure import NewSpell
    from storage.types import new_id

    def entered(session: Any) -> None:
        trusting = replace(Policies(), sources=("entry", "hr", "slack", "field"))
        policies.save(session, workspace_id=office.workspace.id, policies=trusting, now=NOW)
        for name, source in (("Maria", "entry"), ("Tom", "slack")):
            tenure.add(
                session,
                workspace_id=office.workspace.id,
                spells=[NewSpell(new_id(), cast[name].id, date(2019, 1, 1), None)],
                source=source,
                now=NOW,
            )

    office.database.write(entered)

    plan = office.imports(f"email,slack id,start\n{MARIA},,2018-01-01\n,UTOM,2018-01-01\n")

    assert plan.trusted == [Started(2, "Maria Silva", date(2018, 1, 1), date(2019, 1, 1))]
    assert office.spells(cast["Maria"].id) == [(date(2019, 1, 1), None, "entry")]
    assert office.spells(cast["Tom"].id) == [(date(2018, 1, 1), None, "hr")]


def test_managers_are_found_in_the_file_and_among_those_known(
    office: Office, cast: dict[str, PersonRow]
) -> None:
    plan = office.imports(
        "email,start,manager\n"
        f"{MARIA},2019-01-01,boss@acme.example\n"
        f"boss@acme.example,2009-01-01,boss@acme.example\n"
        f"kid@acme.example,2020-01-01,{MARIA}\n"
        "lost@acme.example,2020-01-01,nobody@acme.example\n"
    )

    boss, kid = office.person("boss@acme.example"), office.person("kid@acme.example")
    managers = {row.person_id: row.manager_id for row in office.rows(Employment)}
    assert managers == {cast["Maria"].id: boss, kid: cast["Maria"].id}
    assert plan.notes[1:] == [
        "Managers whom nobody is known by, left out: nobody@acme.example (line 5)."
    ]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            f"{MARIA},UTOM,,2020-01-01",
            "Line 2: Laurel knows the e-mail address and the Slack id as those of two people.",
        ),
        (
            f"{MARIA},U0OTHER,,2020-01-01",
            "Line 2: Laurel knows this person in Slack as UMARIA, not as U0OTHER.",
        ),
        (
            f"{MARIA},,,2020-01-01\n,UMARIA,,2021-01-01",
            "Line 3: Laurel knows this as the same person as line 2.",
        ),
    ],
)
def test_what_contradicts_the_database_refuses_the_file(
    office: Office, rows: str, said: str
) -> None:
    before = office.everything()

    with pytest.raises(FileRefusedError) as refused:
        office.imports(
            f"email,slack id,employee number,start\n{rows}\nnew@acme.example,,9,2020-01-01\n"
        )

    assert [str(problem) for problem in refused.value.problems] == [said]
    assert office.everything() == before


def test_a_plan_that_was_shown_is_not_carried_out_once_it_is_out_of_date(office: Office) -> None:
    text = f"email,start\n{MARIA},2019-01-01\n"
    shown = office.previews(text).fingerprint
    office.imports(f"email,start\n{MARIA},2018-01-01\n")
    before = office.everything()

    with pytest.raises(PlanChangedError) as changed:
        office.imports(text, expected=shown)

    assert changed.value.plan.changed[0].known_start == date(2018, 1, 1)
    assert office.everything() == before
    office.imports(text, expected=changed.value.plan.fingerprint)
    assert office.spells(office.person(MARIA)) == [(date(2019, 1, 1), None, "hr")]


def test_an_import_that_breaks_off_leaves_nothing(office: Office) -> None:
    before = office.everything()
    text = "email,start\n" + "".join(
        f"person{number}@acme.example,2020-01-01\n" for number in range(3_000)
    )

    class KilledError(Exception):
        pass

    def dies(done: float) -> None:
        if done > 0.8:
            raise KilledError

    with pytest.raises(KilledError):
        office.imports(text, progress=dies)
    assert office.everything() == before

    assert len(office.imports(text).new) == 3_000
    assert len(office.rows(ServiceSpell)) == 3_000


def test_each_import_is_noted_with_who_and_what(office: Office, cast: dict[str, PersonRow]) -> None:
    office.imports(f"email,start\n{MARIA},2019-01-01\n", actor_id=cast["Ada"].id)

    (entry,) = office.rows(AuditEntry)
    assert (entry.actor_id, entry.action, entry.subject) == (
        cast["Ada"].id,
        "people.imported",
        "people",
    )
    assert json.loads(entry.detail)["new"] == 1


def test_names_come_from_slack_and_until_then_from_hr(
    office: Office, cast: dict[str, PersonRow]
) -> None:
    office.imports(
        f"email,name,start\n{MARIA},Silva (HR),2019-01-01\nj.doe@acme.example,,2020-01-01\n"
    )
    office.imports("email,name,start\nj.doe@acme.example,Jo Doe,2020-01-01\n")

    ids = [cast["Maria"].id, office.person("j.doe@acme.example")]
    known = office.database.read(
        lambda session: directory.known(session, workspace_id=office.workspace.id, person_ids=ids)
    )
    assert [known[one].name for one in ids] == ["Maria Silva", "Jo Doe"]


def test_audit_entries_keep_their_order(office: Office) -> None:
    for subject in ("first", "second"):
        office.database.write(
            lambda session, subject=subject: audit.note(
                session,
                workspace_id=office.workspace.id,
                action="test",
                subject=subject,
                detail="",
                now=NOW,
            )
        )
    assert [row.subject for row in sorted(office.rows(AuditEntry), key=lambda row: row.id)] == [
        "first",
        "second",
    ]


def test_somebody_who_is_met_meanwhile_is_matched_and_not_made_twice(office: Office) -> None:
    # On PostgreSQL Slack's news of a person can arrive between reading and writing.
    text = "email,name,start\nnew@acme.example,Nova New,2026-11-02\n"
    met = []

    def meets(done: float) -> None:
        if not office.database.is_sqlite and not met:
            met.extend(
                office.database.write(
                    lambda session: people.save_profiles(
                        session,
                        workspace_id=office.workspace.id,
                        profiles=[Profile("UNEW", "Nova", email="new@acme.example")],
                        now=NOW,
                    )
                )
            )

    office.imports(text, progress=meets)

    assert office.spells(office.person("new@acme.example")) == [(date(2026, 11, 2), None, "hr")]
    assert [row.kind for row in office.rows(PersonIdentity) if row.value == "UNEW"] == [
        "slack" for _ in met
    ]


def test_after_a_large_import_postgresql_knows_how_much_there_is(
    postgresql_database: Database,
) -> None:
    row = postgresql_database.write(
        lambda session: workspaces.save(
            session, team_id="T1", name="Acme", url="", bot_user_id="U0", bot_id="B0", now=NOW
        )
    )
    office = Office(postgresql_database, row)
    people_of = "".join(f"p{n}@acme.example,2020-03-01\n" for n in range(1_000))
    office.imports(f"email,start date\n{people_of}")
    counted = postgresql_database.read(
        lambda session: session.execute(
            text("SELECT reltuples FROM pg_class WHERE relname = 'service_spell'")
        ).scalar_one()
    )
    assert counted == 1_000
