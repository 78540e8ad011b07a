"""Posts that wait to be sent, as many as one likes, over as many lanes, each about an award of its own."""

from sqlalchemy import text

from storage.database import Database
from tests.benchmarks.crowd import in_bulk

_FIRST = "1000000"  # of the identifiers, so that they are in nobody's way
_CHANNEL = f"'C0LANE' || ({_FIRST} + n % {{lanes}})"
_MADE = f"""
INSERT INTO lane (workspace_id, key, next_at)
    SELECT 1, 'channel:C0LANE' || ({_FIRST} + n - 1), {{now}} FROM {{each_lane}};
INSERT INTO award (workspace_id, id, code, batch_id, recipient_id, badge_id, version_id, reason,
                   private, quiet, hidden, awarded_at, undone, occasion_key)
    SELECT 1, {{id:({_FIRST} + n)}}, 'W-' || n, {{id:({_FIRST} + n)}}, someone.id, known.id,
        known.version_id, 'For what happened on occasion ' || n, {{false}}, {{false}}, {{false}},
        {{now}}, {{false}}, 'waiting:' || n
    FROM {{posts}}
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM person WHERE active = {{true}}
          AND bot = {{false}}) AS someone ON someone.place = 1 + n % 300
    JOIN (SELECT id, version_id, row_number() OVER (ORDER BY id) AS place FROM badge
          WHERE kind = 'flair' AND private = {{false}}) AS known ON known.place = 1 + n % 10;
INSERT INTO delivery (workspace_id, id, lane, kind, key, batch_id, state, attempts, created_at)
    SELECT 1, {{id:({_FIRST} + n)}}, 'channel:' || {_CHANNEL}, 'announce', 'announce:waiting:' || n,
        {{id:({_FIRST} + n)}}, 'pending', 0, {{now}}
    FROM {{posts}}
"""


def fill(database: Database, *, posts: int, lanes: int) -> None:
    """Have so many posts wait, dealt out to the lanes in turn; the database is furnished and at rest."""
    database.write(
        lambda session: [
            session.execute(text(f"DELETE FROM {table}")) for table in ("delivery", "award", "lane")
        ]
    )
    with in_bulk(database, posts=posts, each_lane=lanes) as execute:
        for statement in _MADE.replace("{lanes}", str(lanes)).split(";"):
            execute(statement)


def left(database: Database) -> int:
    """How many have not been sent."""
    waiting = text("SELECT count(*) FROM delivery WHERE state <> 'sent'")
    return database.read(lambda session: int(session.execute(waiting).scalar_one()))
