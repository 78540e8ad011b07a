"""What the Studio decides of a badge, awards to many, people who left or were erased, a guarded audit."""

import sqlalchemy as sa
from alembic import op

from storage import guards
from storage.types import UtcDateTime

revision = "0003_studio"
down_revision = "0002_tenure"


def upgrade() -> None:
    """Add columns, all of them with a default or empty, and one table; guard another."""
    op.add_column(
        "person", sa.Column("stranger", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("person", sa.Column("left_at", UtcDateTime(), nullable=True))
    op.add_column("person", sa.Column("erased_at", UtcDateTime(), nullable=True))
    op.add_column("badge", sa.Column("feed_channel", sa.String(), nullable=True))
    op.add_column(
        "badge", sa.Column("repeats", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    op.add_column("badge", sa.Column("recipient_limit", sa.String(), nullable=True))
    op.add_column("badge", sa.Column("giver_limit", sa.String(), nullable=True))
    op.add_column("badge", sa.Column("expiry", sa.String(), nullable=True))
    op.add_column("badge_version", sa.Column("design", sa.String(), nullable=True))
    op.create_table(
        "bulk",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("quiet", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("message_ts", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('planned', 'running', 'done', 'undone')", name=op.f("ck_bulk_state")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "giver_id"],
            ["person.workspace_id", "person.id"],
            name=op.f("fk_bulk_workspace_id_giver_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_bulk")),
    )
    op.create_index(op.f("ix_bulk_workspace_id_state"), "bulk", ["workspace_id", "state"])
    for statement in guards.AUDIT[op.get_bind().dialect.name]:
        op.execute(statement)
