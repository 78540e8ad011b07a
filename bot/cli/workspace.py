"""The database and the workspace that a command of the command line is about."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from bot import rules
from bot.authorization import reference
from bot.cli import FAILED, complain
from bot.cli.database import using_database
from bot.deps import WorkspaceRef
from bot.hr_file import visible
from bot.settings import Settings
from storage import migrate, workspaces
from storage.database import Database
from storage.workspaces import WorkspaceRow

T = TypeVar("T")
Work = Callable[[Database, WorkspaceRef, Settings], int]


def within(settings: Settings, work: Work, *, team: str = "") -> int:
    """Do something in the workspace (`team`: Slack's id, where there are several); its exit status.

    What is done is given the settings that hold in the workspace. Where there is no database or no
    workspace it says so, with what to do, and nothing is done.
    """
    return _having(
        settings,
        lambda database: chosen_workspace(database, settings, team),
        lambda database, workspace: work(
            database, workspace, settings_there(database, settings, workspace)
        ),
        connections=1,
    )


def within_each(
    settings: Settings,
    work: Callable[[Database, list[WorkspaceRow]], int],
    *,
    team: str = "",
    connections: int = 1,
) -> int:
    """Do something in all workspaces, or in one (`team`), as `within` does; its exit status."""
    return _having(
        settings, lambda database: chosen_workspaces(database, team), work, connections=connections
    )


def settings_there(database: Database, settings: Settings, workspace: WorkspaceRef) -> Settings:
    """The settings that hold in a workspace."""
    return database.read(
        lambda session: rules.in_force(session, settings, workspace_id=workspace.id)
    )


def _having(
    settings: Settings,
    choose: Callable[[Database], T | str],
    work: Callable[[Database, T], int],
    *,
    connections: int,
) -> int:
    def in_it(database: Database) -> int:
        chosen = choose(database)
        if not isinstance(chosen, str):
            return work(database, chosen)
        complain(chosen)
        return FAILED

    return using_database(settings, in_it, connections=connections)


def slack_id_of(row: WorkspaceRow | WorkspaceRef) -> str:
    """Slack's id of a workspace, or of the organisation where it is installed for all of it."""
    return row.team_id or row.enterprise_id


def chosen_workspace(database: Database, settings: Settings, team: str) -> WorkspaceRef | str:
    """The workspace, asked of Slack where none is known yet; or what stands in the way."""
    chosen = chosen_workspaces(database, team)
    if isinstance(chosen, str):
        return chosen
    if len(chosen) == 1:
        return reference(chosen[0])
    if chosen:
        return (
            "There are several workspaces here: say which by --workspace."
            f" They are {_listed(chosen)}."
        )
    if settings.by_oauth:
        return "No workspace has installed Laurel yet."
    if not settings.bot_token:
        return (
            "Laurel has not met its Slack workspace yet: set SLACK_BOT_TOKEN, or run `laurel run`"
            " once before."
        )
    return _met(database, settings)


def chosen_workspaces(database: Database, team: str) -> list[WorkspaceRow] | str:
    """All workspaces, or (`team`) the one of this Slack id; or what stands in the way."""
    if not migrate.is_current(database):
        return "The tables are not up to date: run `laurel db upgrade` first."
    known = database.read(workspaces.every)
    chosen = [row for row in known if not team or slack_id_of(row) == team]
    if known and not chosen:
        return f"There is no workspace “{visible(team)}” here, but {_listed(known)}."
    return chosen


def _listed(known: Sequence[WorkspaceRow]) -> str:
    return ", ".join(f"{slack_id_of(row)} ({visible(row.name)})" for row in known)


def _met(database: Database, settings: Settings) -> WorkspaceRef | str:
    from bot.app import build
    from bot.delivery.trouble import SlackTroubleError, explain

    try:
        return build(settings, database=database).meet_workspace()
    except SlackTroubleError as problem:
        return f"Slack did not say which workspace this is: {explain(problem.code).sentence}"
