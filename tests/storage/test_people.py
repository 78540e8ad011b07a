"""Who is who: Slack ids, e-mail addresses, and what must not be taken for the same person."""

from storage import people
from storage.database import Database
from storage.people import PersonRow, Profile
from storage.workspaces import WorkspaceRow
from tests.databases import NOW


def save(database: Database, workspace: WorkspaceRow, *profiles: Profile) -> list[PersonRow]:
    return database.write(
        lambda session: people.save_profiles(
            session, workspace_id=workspace.id, profiles=profiles, now=NOW
        )
    )


def test_a_second_slack_user_with_the_same_address_is_somebody_else(
    database: Database, workspace: WorkspaceRow, cast: dict[str, PersonRow]
) -> None:
    [other] = save(
        database, workspace, Profile("UOTHER", "Maria P", email="Maria@acme.example", active=False)
    )

    assert other.id != cast["Maria"].id
    maria = database.read(
        lambda session: people.by_slack_id(session, workspace_id=workspace.id, slack_id="UMARIA")
    )
    assert maria == cast["Maria"]


def test_two_newcomers_with_one_address_are_two_people(
    database: Database, workspace: WorkspaceRow
) -> None:
    first, second = save(
        database,
        workspace,
        Profile("UONE", "One", email="team@acme.example"),
        Profile("UTWO", "Two", email="team@acme.example"),
    )

    assert first.id != second.id


def test_a_slack_user_seen_again_is_the_same_person_brought_up_to_date(
    database: Database, workspace: WorkspaceRow, cast: dict[str, PersonRow]
) -> None:
    [maria] = save(database, workspace, Profile("UMARIA", "Maria S.", "Asia/Tokyo"))

    assert (maria.id, maria.name, maria.timezone) == (cast["Maria"].id, "Maria S.", "Asia/Tokyo")
