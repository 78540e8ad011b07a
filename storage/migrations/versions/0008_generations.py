"""The database counts how often what awards look up has changed."""

import sqlalchemy as sa
from alembic import op

from storage import generations

revision = "0008_generations"
down_revision = "0007_answers"


def upgrade() -> None:
    """Add one table, and the triggers that count in it."""
    op.create_table(
        "generation",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("writer", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('people', 'catalogue')", name=op.f("ck_generation_kind")),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_generation_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "kind", "writer", name=op.f("pk_generation")),
    )
    for statement in generations.statements(op.get_bind().dialect.name):
        op.execute(statement)
