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
    request = sa.table(
        "request",
        *map(sa.column, ("id", "recipient_id", "badge_id", "state", "award_key")),
    )
    award_key: sa.ColumnElement[str] = sa.literal("request")
    for name in ("id", "recipient_id", "badge_id"):
        id_ = sa.func.replace(sa.cast(request.c[name], sa.String), "-", "")
        award_key = award_key + ":" + id_
    op.execute(
        request.update().where(request.c.state == "awarded").values(award_key=award_key)
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
