"""The database and the workspace that a command of the command line is about."""

from collections.abc import Callable

from bot import rules
from bot.authorization import reference
from bot.cli import FAILED, complain
from bot.deps import WorkspaceRef
from bot.hr_file import visible
from bot.settings import Settings
from storage import migrate, workspaces
from storage.database import Database, DatabaseUnavailableError
from storage.workspaces import WorkspaceRow

PATIENCE = 120.0  # seconds for the database: nobody waits for an answer in Slack


Work = Callable[[Database, WorkspaceRef, Settings], int]


def within(settings: Settings, work: Work, *, team: str = "") -> int:
    """Do something in the workspace (`team`: Slack's id, where there are several); its exit status.

    What is done is given the settings that hold in the workspace. Where there is no database or no workspace it says so, with what to do, and nothing is done.
    """
    database = Database(settings.database_url, connections=1, patience=PATIENCE)
    try:
        workspace = chosen_workspace(database, settings, team)
        if isinstance(workspace, WorkspaceRef):
            in_force = database.read(
                lambda session: rules.in_force(session, settings, workspace_id=workspace.id)
            )
            return work(database, workspace, in_force)
        complain(workspace)
    except DatabaseUnavailableError as problem:
        complain(f"The database does not answer ({str(problem).strip()}): check DATABASE_URL.")
    finally:
        database.close()
    return FAILED


def slack_id_of(row: WorkspaceRow) -> str:
    """Slack's id of a workspace, or of the organisation where it is installed for all of it."""
    return row.team_id or row.enterprise_id


def chosen_workspace(database: Database, settings: Settings, team: str) -> WorkspaceRef | str:
    """The workspace, asked of Slack where none is known yet; or what stands in the way."""
    if not migrate.is_current(database):
        return "The tables are not up to date: run `laurel db upgrade` first."
    known = database.read(workspaces.every)
    chosen = [row for row in known if not team or slack_id_of(row) == team]
    if len(chosen) == 1:
        return reference(chosen[0])
    which = ", ".join(f"{slack_id_of(row)} ({visible(row.name)})" for row in known)
    if team and known:
        return f"There is no workspace “{visible(team)}” here, but {which}."
    if known:
        return f"There are several workspaces here: say which by --workspace. They are {which}."
    if settings.by_oauth:
        return "No workspace has installed Laurel yet."
    if not settings.bot_token:
        return (
            "Laurel has not met its Slack workspace yet: set SLACK_BOT_TOKEN, or run `laurel run`"
            " once before."
        )
    return _met(database, settings)


def _met(database: Database, settings: Settings) -> WorkspaceRef | str:
    from bot.app import build
    from bot.delivery.trouble import SlackTroubleError, explain

    try:
        return build(settings, database=database).meet_workspace()
    except SlackTroubleError as problem:
        return f"Slack did not say which workspace this is: {explain(problem.code).sentence}"
