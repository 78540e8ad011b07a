"""Awards that no channel was to be told of are quiet, and where they are hidden in nobody's way."""

import sqlalchemy as sa
from alembic import op

revision = "0010_quiet"
down_revision = "0009_told"

# A post tells of the badges that its subject lists, or of all but those, see `bot.feeds`. That of a
# bulk award is written at its end.
_NEVER_POSTED = sa.text(
    """
    UPDATE award SET quiet = true
    WHERE NOT quiet
    AND NOT EXISTS (
        SELECT 1 FROM delivery
        WHERE delivery.workspace_id = award.workspace_id
        AND delivery.batch_id = award.batch_id
        AND delivery.kind = 'announce'
        AND (
            delivery.subject IS NULL
            OR (delivery.subject LIKE '!%') <> (
                delivery.subject LIKE
                '%' || replace(CAST(award.badge_id AS VARCHAR), '-', '') || '%'
            )
        )
    )
    AND NOT EXISTS (
        SELECT 1 FROM bulk
        WHERE bulk.workspace_id = award.workspace_id
        AND bulk.id = award.batch_id
        AND bulk.state = 'running'
    )
    """
)
_BY_THEIR_GIVERS = sa.text(
    """
    UPDATE award
    SET held_key = held_key || ':' || coalesce(replace(CAST(giver_id AS VARCHAR), '-', ''), '')
    WHERE hidden AND quiet AND NOT private AND held_key NOT LIKE '%:%:%'
    AND NOT EXISTS (
        SELECT 1 FROM award AS other
        WHERE other.workspace_id = award.workspace_id
        AND other.held_key = award.held_key || ':'
            || coalesce(replace(CAST(award.giver_id AS VARCHAR), '-', ''), '')
    )
    """
)


def upgrade() -> None:
    """Set what awards say of themselves; the tables stay as they are."""
    op.execute(_NEVER_POSTED)
    op.execute(_BY_THEIR_GIVERS)
