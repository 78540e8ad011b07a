"""What every part of Laurel is given, instead of reaching for it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from slack_sdk import WebClient
from sqlalchemy import Connection

from bot import rules
from bot.settings import Settings
from storage.database import Database
from storage.memory import Memory
from storage.workspaces import WorkspaceRow

if TYPE_CHECKING:
    from bot.pictures import Pictures

Clock = Callable[[], datetime]  # aware UTC
FollowUp = Callable[[], object]


@dataclass(frozen=True)
class WorkspaceRef:
    """The Slack workspace a request belongs to."""

    id: int
    team_id: str  # "": all workspaces of an organisation
    name: str
    url: str  # https://acme.slack.com/
    bot_user_id: str
    bot_id: str
    link_key: str = field(repr=False)  # signs the addresses of pictures
    enterprise_id: str = ""  # the organisation's; with team_id "": installed for all of it


def reference(row: WorkspaceRow) -> WorkspaceRef:
    """A stored workspace as requests know it."""
    return WorkspaceRef(
        id=row.id,
        team_id=row.team_id,
        name=row.name,
        url=row.url,
        bot_user_id=row.bot_user_id,
        bot_id=row.bot_id,
        link_key=row.link_key,
        enterprise_id=row.enterprise_id,
    )


@dataclass(frozen=True)
class Deps:
    """The composition root's handiwork: made once by `bot.app`, never changed."""

    settings: Settings
    database: Database
    memory: Memory  # of the database
    clock: Clock
    slack: Callable[[WorkspaceRef], WebClient]
    pictures: "Pictures"
    # Runs a function once Slack has its acknowledgement, in the pool for slow calls.
    after_acknowledgement: Callable[[FollowUp], None]
    # Says that the outbox has something new: it is sent at once where its lane is free.
    wake_delivery: Callable[[], None]

    def settings_in(self, session: Connection, workspace: WorkspaceRef) -> Settings:
        """The settings that hold in a workspace."""
        return rules.in_force(session, self.settings, workspace_id=workspace.id)

    def settings_of(self, workspace: WorkspaceRef) -> Settings:
        """The same, in a transaction of its own."""
        return self.database.read(lambda session: self.settings_in(session, workspace))
