"""Who is who: Slack ids, e-mail addresses, and what must not be taken for the same person."""

from datetime import timedelta

from sqlalchemy import select, update

from storage import people
from storage.database import Database
from storage.people import PersonRow, Profile
from storage.tables import Person, table_of
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


def test_who_was_erased_while_they_were_read_from_slack_is_given_no_name_again(
    database: Database, workspace: WorkspaceRow, cast: dict[str, PersonRow]
) -> None:
    person = table_of(Person)
    of_maria = person.c.id == cast["Maria"].id
    # As it looks to a reading that began before: it knows whose Slack id that is.
    database.write(
        lambda session: session.execute(
            update(person).where(of_maria).values(name="Someone", active=False, erased_at=NOW)
        )
    )

    save(database, workspace, Profile("UMARIA", "Maria Silva", "Asia/Tokyo"))

    kept = database.read(
        lambda session: session.execute(
            select(person.c.name, person.c.timezone, person.c.active).where(of_maria)
        ).one()
    )
    assert tuple(kept) == ("Someone", cast["Maria"].timezone, False)


def test_of_what_slack_tells_only_what_is_older_than_known_is_no_news(
    database: Database, workspace: WorkspaceRow
) -> None:
    save(database, workspace, Profile("UONE", "One", updated=2000), Profile("UTWO", "Two"))
    said = [
        Profile("UONE", "Older", updated=1999),
        Profile("UONE", "Of then", updated=2000),
        Profile("UONE", "Newer", updated=4_000_000_000),
        Profile("UONE", "Of no time"),
        Profile("UTWO", "Two", updated=1),
        Profile("UNEW", "New", updated=1),
    ]
    news = database.write(
        lambda session: people.news(session, workspace_id=workspace.id, profiles=said)
    )
    assert news == said[1:]
    [newer] = save(database, workspace, said[2])
    assert newer.name == "Newer"


def test_what_slack_was_asked_for_is_news_of_whom_nobody_has_changed_since(
    database: Database, workspace: WorkspaceRow
) -> None:
    save(database, workspace, Profile("UONE", "One", updated=2000))
    said = [Profile("UONE", "Older", updated=1999), Profile("UNEW", "New")]
    moment = timedelta(microseconds=1)
    news = [
        database.write(
            lambda session, asked=asked: people.news(
                session, workspace_id=workspace.id, profiles=said, asked=asked
            )
        )
        for asked in (NOW - moment, NOW)
    ]
    assert news == [said[1:], said]
