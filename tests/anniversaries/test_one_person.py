"""Somebody known by e-mail from an HR file, and apart from that in Slack, until Slack tells the address."""

from sqlalchemy import func, select

from bot import people as directory_sync
from storage import directory, employment, people
from storage.directory import NewIdentity, NewPerson
from storage.employment import EmploymentRow
from storage.people import PersonRow, Profile
from storage.tables import Person, table_of
from storage.types import new_id
from tests.anniversaries.conftest import Company
from tests.anniversaries.test_correcting import send_everything

EMAIL = "maria@acme.example"


def known_by_email(company: Company, name: str = "file") -> None:
    """Somebody whom only the HR file has told of, with Tom as manager."""
    person_id = new_id(company.now)

    def write(session: object) -> None:
        at = {"session": session, "workspace_id": company.workspace.id}
        row = NewPerson(person_id, "Maria S. Silva")
        directory.add_people(**at, people=[row], now=company.now)  # type: ignore[arg-type]
        also = [NewIdentity("email", EMAIL, person_id), NewIdentity("employee", "E1", person_id)]
        directory.add_identities(**at, identities=also)  # type: ignore[arg-type]
        rows = {person_id: EmploymentRow(company.people["tom"].id, "PT")}
        employment.save(**at, rows=rows)  # type: ignore[arg-type]

    company.database.write(write)
    company.people[name] = PersonRow(
        person_id, "", "Maria S. Silva", None, None, True, False, False, False
    )


def slack_tells(company: Company) -> None:
    """Slack says under which address it knows Maria."""
    profile = Profile("UMARIA", "Maria", "UTC", "en-GB", email=EMAIL.title())
    (row,) = directory_sync.save(company.database, company.workspace, [profile], now=company.now)
    assert row.id == company.people["maria"].id


def number_of_people(company: Company) -> int:
    return company.database.read(
        lambda session: session.execute(
            select(func.count()).select_from(table_of(Person))
        ).scalar_one()
    )


def test_start_date_and_ledger_of_the_file_move_to_the_one_in_slack(company: Company) -> None:
    company.hire("maria", "tom")
    known_by_email(company)
    company.enter("file", "2020-03-10", source="hr")
    company.run()
    assert company.badges("file") == ["5-years"]
    before = company.lines("file")

    slack_tells(company)
    slack_tells(company)

    assert number_of_people(company) == 2
    assert company.badges("maria") == ["5-years"]
    assert company.lines("maria") == before
    found = company.database.read(
        lambda session: employment.of_people(
            session,
            workspace_id=company.workspace.id,
            person_ids=[company.people["maria"].id],
        )
    )
    assert found[company.people["maria"].id] == EmploymentRow(company.people["tom"].id, "PT")
    assert (
        company.database.read(
            lambda session: people.by_email(session, workspace_id=company.workspace.id, email=EMAIL)
        )
        == company.people["maria"].id
    )
    company.run("2026-03-10T09:00")
    assert company.lines("maria")[-1] == ("6y", "2026-03-10", "recorded", "")
    assert company.kinds() == ["announce", "notify"]


def test_no_milestone_is_doubled_where_both_have_a_start_date(company: Company) -> None:
    company.hire("maria", "tom")
    known_by_email(company)
    company.enter("maria", "2025-03-03")
    company.enter("file", "2025-03-03", source="hr")
    company.run("2026-03-03T09:00")
    send_everything(company)
    company.choose("maria", "dm")
    assert company.badges("maria")[-1] == company.badges("file")[-1] == "1-year"
    kinds = company.kinds()

    slack_tells(company)
    company.run("2026-03-04T09:00")

    assert company.badges("maria").count("1-year") == 1
    of_a_year = {
        (row.source, row.state, row.reason) for row in company.ledger("maria") if row.length == "1y"
    }
    assert of_a_year == {
        ("entry", "announced", "its day was corrected"),
        ("hr", "silent", "told before"),
    }
    assert company.kinds() == kinds


def test_what_nobody_was_told_of_falls_due_by_the_source_that_is_trusted_more(
    company: Company,
) -> None:
    company.hire("maria", "tom")
    known_by_email(company)
    company.enter("maria", "2025-03-09")
    company.enter("file", "2025-03-11", source="hr")
    company.run()

    slack_tells(company)
    assert company.run("2026-03-09T09:00").posts == 0
    assert company.run("2026-03-11T09:00").posts == 1

    assert company.badges("maria").count("1-year") == 1
    assert company.ledger("maria")[-1].source == "hr"


def test_a_second_slack_user_with_the_address_stays_somebody_else(company: Company) -> None:
    company.hire("maria", "tom")
    slack_tells(company)
    other = Profile("UOTHER", "Other", email=EMAIL)
    directory_sync.save(company.database, company.workspace, [other], now=company.now)
    directory_sync.save(company.database, company.workspace, [other], now=company.now)
    assert number_of_people(company) == 3
