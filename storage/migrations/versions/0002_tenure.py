"""Service spells and the ledger of milestones."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0002_tenure"
down_revision = "0001_core"


def upgrade() -> None:
    """Make the tables, and have a person's identities found by their kind."""
    op.drop_index(op.f("ix_person_identity_workspace_id_person_id"), "person_identity")
    op.create_index(
        "ix_person_identity_person",
        "person_identity",
        ["workspace_id", "person_id", "kind", "value"],
    )
    op.create_table(
        "service_spell",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "source IN ('hr', 'entry', 'slack', 'field')", name=op.f("ck_service_spell_source")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "person_id"],
            ["person.workspace_id", "person.id"],
            name=op.f("fk_service_spell_workspace_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_service_spell")),
    )
    op.create_index(
        op.f("ix_service_spell_workspace_id_person_id"),
        "service_spell",
        ["workspace_id", "person_id"],
    )
    op.create_index(
        "ix_service_spell_due",
        "service_spell",
        ["workspace_id", "next_on", "id"],
        sqlite_where=sa.text("next_on IS NOT NULL"),
        postgresql_where=sa.text("next_on IS NOT NULL"),
    )
    op.create_table(
        "leave",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("spell_id", sa.Uuid(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "spell_id"],
            ["service_spell.workspace_id", "service_spell.id"],
            name=op.f("fk_leave_workspace_id_spell_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "spell_id", "first_on", name=op.f("pk_leave")),
    )
    op.create_table(
        "employment",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("manager_id", sa.Uuid(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "person_id"],
            ["person.workspace_id", "person.id"],
            name=op.f("fk_employment_workspace_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "manager_id"],
            ["person.workspace_id", "person.id"],
            name=op.f("fk_employment_workspace_id_manager_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "person_id", name=op.f("pk_employment")),
    )
    op.create_index(
        op.f("ix_employment_workspace_id_manager_id"), "employment", ["workspace_id", "manager_id"]
    )
    op.create_table(
        "milestone",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("spell_id", sa.Uuid(), nullable=False),
        sa.Column("length", sa.String(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("celebrated_on", sa.Date(), nullable=False),
        sa.Column("moved", sa.Text(), nullable=False),
        sa.Column("counted_from", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("belated", sa.Boolean(), nullable=False),
        sa.Column("withdrawals", sa.Integer(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("message_ts", sa.String(), nullable=True),
        sa.CheckConstraint(
            "state IN ('recorded', 'announced', 'told', 'silent', 'withdrawn')",
            name=op.f("ck_milestone_state"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "spell_id"],
            ["service_spell.workspace_id", "service_spell.id"],
            name=op.f("fk_milestone_workspace_id_spell_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "person_id"],
            ["person.workspace_id", "person.id"],
            name=op.f("fk_milestone_workspace_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "spell_id", "length", name=op.f("pk_milestone")),
    )
    op.create_index(
        op.f("ix_milestone_workspace_id_batch_id"), "milestone", ["workspace_id", "batch_id"]
    )
