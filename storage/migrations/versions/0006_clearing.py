"""What is cleared by age is found without reading what stays."""

import sqlalchemy as sa
from alembic import op

revision = "0006_clearing"
down_revision = "0005_requests"

_DONE = sa.text("(state = 'skipped' OR state = 'sent' AND kind NOT IN ('announce', 'notify'))")


def upgrade() -> None:
    """Add an index."""
    op.create_index(
        op.f("ix_delivery_done"),
        "delivery",
        ["workspace_id", "sent_at"],
        sqlite_where=_DONE,
        postgresql_where=_DONE,
    )
