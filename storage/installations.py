"""Where the app is installed, and with which token: slack_sdk's own stores on our database."""

import logging
from datetime import UTC, datetime

from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore
from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, func, select

from storage.database import Database
from storage.tables import OAUTH

STATE_LASTS = 600  # seconds between /slack/install and the way back

# The library logs what it read, tokens and all, at levels below this.
_log = logging.getLogger(__name__ + ".library")
_log.setLevel(logging.WARNING)


def installation_store(database: Database, client_id: str) -> SQLAlchemyInstallationStore:
    """The library's store of installations and their tokens."""
    return SQLAlchemyInstallationStore(client_id, _engine(database), logger=_log)


def state_store(database: Database) -> SQLAlchemyOAuthStateStore:
    """The library's store of installations under way."""
    return SQLAlchemyOAuthStateStore(STATE_LASTS, _engine(database), logger=_log)


def installed_at(session: Connection, *, team_id: str, enterprise_id: str) -> datetime | None:
    """When the app was last installed there; None where it is not. "" stands for no such id."""
    at: datetime | None = session.execute(
        select(func.max(OAUTH.bots.c.installed_at)).where(
            *_there(OAUTH.bots, team_id, enterprise_id)
        )
    ).scalar()
    return at.replace(tzinfo=UTC) if at else None


def remove(session: Connection, *, team_id: str, enterprise_id: str) -> None:
    """Forget the tokens, and who installed the app there."""
    for table in (OAUTH.bots, OAUTH.installations):
        session.execute(delete(table).where(*_there(table, team_id, enterprise_id)))


def _engine(database: Database) -> Engine:
    # The library reads before it writes: on SQLite such a transaction has to begin as a writer's.
    return database.engine.execution_options(laurel_write=True)


def _there(table: Table, team_id: str, enterprise_id: str) -> tuple[ColumnElement[bool], ...]:
    # The library has NULL where there is no such id.
    return (
        table.c.team_id.is_not_distinct_from(team_id or None),
        table.c.enterprise_id.is_not_distinct_from(enterprise_id or None),
    )
