"""Requests: badges that people ask for, for themselves or for a colleague."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0005_requests"
down_revision = "0004_oauth"

_OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    """Add one table, which refers to people and badges."""
    op.create_table(
        "request",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asker_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("badge_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'awarded', 'held', 'declined')", name=op.f("ck_request_state")
        ),
        *(
            sa.ForeignKeyConstraint(
                ["workspace_id", column],
                [f"{table}.workspace_id", f"{table}.id"],
                name=op.f(f"fk_request_workspace_id_{column}"),
            )
            for column, table in (
                ("asker_id", "person"),
                ("recipient_id", "person"),
                ("decided_by", "person"),
                ("badge_id", "badge"),
                ("version_id", "badge_version"),
            )
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_request")),
    )
    for name, columns, unique in (
        ("ix_request_once", ["workspace_id", "asker_id", "recipient_id", "badge_id"], True),
        ("ix_request_open", ["workspace_id", "id"], False),
    ):
        op.create_index(
            op.f(name),
            "request",
            columns,
            unique=unique,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        )
