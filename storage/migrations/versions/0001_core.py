"""The first tables: workspaces, people, badges, awards and the outbox."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0001_core"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "workspace",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("bot_user_id", sa.String(), nullable=False),
        sa.Column("bot_id", sa.String(), nullable=False),
        sa.Column("link_key", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspace")),
        sa.UniqueConstraint(
            "enterprise_id", "team_id", name=op.f("uq_workspace_enterprise_id_team_id")
        ),
    )
    op.create_table(
        "audit_entry",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_audit_entry_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_workspace_id_at"), "audit_entry", ["workspace_id", "at"])
    op.create_table(
        "badge",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("feed", sa.Boolean(), nullable=False),
        sa.Column("awarders", sa.String(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('flair', 'achievement')", name=op.f("ck_badge_kind")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_badge_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_badge")),
        sa.UniqueConstraint("workspace_id", "slug", name=op.f("uq_badge_workspace_id_slug")),
    )
    op.create_index(op.f("ix_badge_workspace_id_name_key"), "badge", ["workspace_id", "name_key"])
    op.create_table(
        "image",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_image_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_image")),
    )
    op.create_table(
        "lane",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("leased_until", UtcDateTime(), nullable=True),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_lane_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "key", name=op.f("pk_lane")),
    )
    op.create_table(
        "person",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=True),
        sa.Column("locale", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("guest", sa.Boolean(), nullable=False),
        sa.Column("bot", sa.Boolean(), nullable=False),
        sa.Column("slack_admin", sa.Boolean(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_person_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_person")),
    )
    op.create_table(
        "setting",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_setting_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "key", name=op.f("pk_setting")),
    )
    op.create_table(
        "slack_file",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("file_id", sa.String(), nullable=False),
        sa.Column("uploaded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_slack_file_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "key", name=op.f("pk_slack_file")),
    )
    op.create_table(
        "badge_version",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("badge_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("criteria", sa.Text(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("image_id", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "badge_id"],
            ["badge.workspace_id", "badge.id"],
            name=op.f("fk_badge_version_workspace_id_badge_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "image_id"],
            ["image.workspace_id", "image.id"],
            name=op.f("fk_badge_version_workspace_id_image_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_badge_version")),
        sa.UniqueConstraint(
            "workspace_id",
            "badge_id",
            "number",
            name=op.f("uq_badge_version_workspace_id_badge_id_number"),
        ),
    )
    op.create_table(
        "delivery",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("message_ts", sa.String(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'sent', 'skipped', 'dead')",
            name=op.f("ck_delivery_state"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "lane"],
            ["lane.workspace_id", "lane.key"],
            name=op.f("fk_delivery_workspace_id_lane"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("workspace_id", "key", name=op.f("uq_delivery_workspace_id_key")),
    )
    op.create_index(
        "ix_delivery_dead",
        "delivery",
        ["workspace_id", "id"],
        sqlite_where=sa.text("state = 'dead'"),
        postgresql_where=sa.text("state = 'dead'"),
    )
    op.create_index(
        "ix_delivery_due",
        "delivery",
        ["workspace_id", "lane", "id"],
        sqlite_where=sa.text("state IN ('pending', 'sending')"),
        postgresql_where=sa.text("state IN ('pending', 'sending')"),
    )
    op.create_index(
        op.f("ix_delivery_workspace_id_batch_id"), "delivery", ["workspace_id", "batch_id"]
    )
    op.create_table(
        "person_identity",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('slack', 'email', 'employee')", name=op.f("ck_person_identity_kind")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "person_id"],
            ["person.workspace_id", "person.id"],
            name=op.f("fk_person_identity_workspace_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "kind", "value", name=op.f("pk_person_identity")),
    )
    op.create_index(
        op.f("ix_person_identity_workspace_id_person_id"),
        "person_identity",
        ["workspace_id", "person_id"],
    )
    op.create_table(
        "preference",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "person_id"],
            ["person.workspace_id", "person.id"],
            name=op.f("fk_preference_workspace_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "person_id", "key", name=op.f("pk_preference")),
    )
    op.create_table(
        "user_group_member",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "person_id"],
            ["person.workspace_id", "person.id"],
            name=op.f("fk_user_group_member_workspace_id_person_id"),
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "group_id", "person_id", name=op.f("pk_user_group_member")
        ),
    )
    op.create_table(
        "award",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=True),
        sa.Column("badge_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("quiet", sa.Boolean(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("awarded_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.Column("revoke_reason", sa.Text(), nullable=True),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column("occasion_key", sa.String(), nullable=False),
        sa.Column("held_key", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "badge_id"],
            ["badge.workspace_id", "badge.id"],
            name=op.f("fk_award_workspace_id_badge_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "recipient_id"],
            ["person.workspace_id", "person.id"],
            name=op.f("fk_award_workspace_id_recipient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "version_id"],
            ["badge_version.workspace_id", "badge_version.id"],
            name=op.f("fk_award_workspace_id_version_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_award")),
        sa.UniqueConstraint("workspace_id", "code", name=op.f("uq_award_workspace_id_code")),
        sa.UniqueConstraint(
            "workspace_id", "held_key", name=op.f("uq_award_workspace_id_held_key")
        ),
        sa.UniqueConstraint(
            "workspace_id", "occasion_key", name=op.f("uq_award_workspace_id_occasion_key")
        ),
    )
    op.create_index("ix_award_given", "award", ["workspace_id", "giver_id", "awarded_at"])
    op.create_index("ix_award_holders", "award", ["workspace_id", "badge_id", "awarded_at"])
    op.create_index("ix_award_latest", "award", ["workspace_id", "recipient_id", "awarded_at"])
    op.create_index(
        "ix_award_profile",
        "award",
        [
            "workspace_id",
            "recipient_id",
            "badge_id",
            "awarded_at",
            "private",
            "hidden",
            "giver_id",
            "expires_at",
        ],
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_index(op.f("ix_award_workspace_id_batch_id"), "award", ["workspace_id", "batch_id"])
    op.create_table(
        "evidence",
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "award_id"],
            ["award.workspace_id", "award.id"],
            name=op.f("fk_evidence_workspace_id_award_id"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_evidence")),
    )
    op.create_index(
        op.f("ix_evidence_workspace_id_award_id"), "evidence", ["workspace_id", "award_id"]
    )
