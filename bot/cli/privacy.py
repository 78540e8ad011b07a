"""`laurel people export|erase`: for whoever is not in Slack any more, or asks by letter."""

from datetime import UTC, datetime

from sqlalchemy import Connection

from bot.cli import DONE, FAILED, USED_WRONGLY, complain, is_meant
from bot.cli.workspace import within
from bot.deps import WorkspaceRef
from bot.hr_file import visible
from bot.settings import Settings
from storage import own_files, people
from storage.database import Database
from storage.people import PersonRow


def export(settings: Settings, *, who: str, path: str, team: str = "") -> int:
    """Write everything Laurel knows of somebody to a file."""

    def work(database: Database, workspace: WorkspaceRef, in_force: Settings) -> int:
        from bot.pictures import Pictures
        from bot.privacy.export import made

        person = _person(database, workspace, who)
        if person is None:
            return _unknown(who)
        pictures = Pictures(
            database, public_url=in_force.public_url, clock=lambda: datetime.now(UTC)
        )
        content = made(database, pictures, workspace, person_id=person.id, now=datetime.now(UTC))
        try:
            with open(path, "wb", opener=own_files.opener) as file:
                file.write(content)
        except OSError as problem:
            complain(f"{visible(path, 200)} cannot be written: {problem.strerror}.")
            return FAILED
        print(f"Everything about {visible(person.name)} is in {visible(path, 200)}.")
        return DONE

    return within(settings, work, team=team)


def erase(settings: Settings, *, who: str, sure: bool, team: str = "") -> int:
    """Forget somebody, once it is said that this is meant."""

    def work(database: Database, workspace: WorkspaceRef, _in_force: Settings) -> int:
        from bot.privacy.erasing import erase as forget

        person = _person(database, workspace, who)
        if person is None:
            return _unknown(who)
        question = (
            f"Erase {visible(person.name)}? Their badges stay, as someone's; everything else goes,"
            " and cannot be brought back."
        )
        if not is_meant(question, sure=sure, otherwise="Nobody was erased"):
            return FAILED
        database.write(
            lambda session: forget(
                session,
                workspace=workspace,
                person_id=person.id,
                now=datetime.now(UTC),
            )
        )
        print("Erased. Laurel puts right what it posted while it runs.")
        return DONE

    return within(settings, work, team=team)


def _person(database: Database, workspace: WorkspaceRef, who: str) -> PersonRow | None:
    def find(session: Connection) -> PersonRow | None:
        person_id = people.known_as(session, workspace_id=workspace.id, value=who)
        if person_id is None:
            return None
        return people.by_ids(session, workspace_id=workspace.id, ids=[person_id])[person_id]

    return database.read(find)


def _unknown(who: str) -> int:
    complain(
        f"Nobody is known as “{visible(who)}”: give an e-mail address, a Slack id (U…) or an"
        " employee number."
    )
    return USED_WRONGLY
