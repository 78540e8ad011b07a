"""Laurel in several workspaces: what slack_sdk keeps of installations, and when one ended, or all of it."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import SQLModel

from storage import guards
from storage.tables import oauth_tables
from storage.types import UtcDateTime

revision = "0004_oauth"
down_revision = "0003_studio"


def upgrade() -> None:
    """Add columns that may be empty, and three tables as the library declares them."""
    op.add_column("workspace", sa.Column("uninstalled_at", UtcDateTime(), nullable=True))
    op.add_column("workspace", sa.Column("erased_at", UtcDateTime(), nullable=True))
    for statement in guards.AUDIT_UNLESS_ERASED[op.get_bind().dialect.name]:
        op.execute(statement)
    metadata = sa.MetaData(naming_convention=SQLModel.metadata.naming_convention)
    oauth_tables(metadata)
    metadata.create_all(op.get_bind())
