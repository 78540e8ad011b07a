"""What Slack says of somebody is known by when it was so: news that come late change nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0009_told"
down_revision = "0008_generations"


def upgrade() -> None:
    """Add a column, which the version before leaves as it is."""
    op.add_column(
        "person", sa.Column("slack_updated", sa.BigInteger(), server_default="0", nullable=False)
    )
