"""What two processes write at once is there once, as whoever was last has it."""

from functools import partial

from sqlalchemy import Connection

from bot import starters
from storage import badges, preferences, user_groups, workspaces
from storage.database import Database
from storage.people import PersonRow
from storage.workspaces import WorkspaceRow
from tests.cast import ACME, NOW
from tests.together import meanwhile


def test_a_user_group_has_the_members_that_were_read_last(
    database: Database, workspace: WorkspaceRow, cast: dict[str, PersonRow]
) -> None:
    def save(session: Connection, *names: str) -> None:
        ids = [cast[name].id for name in names]
        user_groups.save(session, workspace_id=workspace.id, group_id="S1", members=ids)

    meanwhile(
        database,
        lambda session: save(session, "Maria", "Tom"),
        lambda: database.write(lambda session: save(session, "Tom", "Ada")),
    )
    found = database.read(
        lambda session: user_groups.members(session, workspace_id=workspace.id, group_id="S1")
    )
    assert [row.name for row in found] == ["Ada Admin", "Tom Okafor"]


def test_a_first_choice_made_twice_is_the_last_one(
    database: Database, workspace: WorkspaceRow, cast: dict[str, PersonRow]
) -> None:
    about = {"workspace_id": workspace.id, "person_id": cast["Maria"].id, "key": "notify"}
    off, on = (partial(preferences.save, **about, value=value) for value in ("off", "on"))
    meanwhile(database, off, lambda: database.write(on))
    assert database.read(partial(preferences.chosen, **about)) == "on"


def test_the_starter_catalogue_is_loaded_once(database: Database, workspace: WorkspaceRow) -> None:
    found = starters.starter_badges()[:2]

    def load(session: Connection) -> int:
        return starters.load_starters(
            session, workspace_id=workspace.id, starters=found, now=NOW, upload=False
        )

    assert meanwhile(database, load, lambda: database.write(load)) == (2, 0)
    assert database.read(partial(badges.count, workspace_id=workspace.id)) == 2


def test_a_workspace_that_two_meet_is_one(database: Database) -> None:
    save = partial(workspaces.save, **ACME, now=NOW)
    first, second = meanwhile(database, save, lambda: database.write(save))
    assert first == second
    assert database.read(workspaces.every) == [first]
