"""A request knows the award that answered it, and for whom something is asked is found at once."""

import sqlalchemy as sa
from alembic import op

revision = "0007_answers"
down_revision = "0006_clearing"

_OPEN = sa.text("state = 'open'")
_ANSWERED = sa.text("award_key IS NOT NULL")


def upgrade() -> None:
    """Add a column, which what was awarded already gets as its awards have it, and two indexes."""
    op.add_column("request", sa.Column("award_key", sa.String(), nullable=True))
    request_id, recipient_id, badge_id = (
        f"replace(CAST({name} AS VARCHAR), '-', '')" for name in ("id", "recipient_id", "badge_id")
    )
    op.execute(
        f"UPDATE request SET award_key = 'request:' || {request_id} || ':' || {recipient_id}"
        f" || ':' || {badge_id} WHERE state = 'awarded'"
    )
    op.create_index(
        op.f("ix_request_awaited"),
        "request",
        ["workspace_id", "recipient_id", "badge_id"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index(
        op.f("ix_request_answered"),
        "request",
        ["workspace_id", "award_key"],
        sqlite_where=_ANSWERED,
        postgresql_where=_ANSWERED,
    )
