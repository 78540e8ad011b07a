"""How often what awards look up has changed: counted by triggers, whoever changes it and however.

What is read at one count is as good as read again while the count stays (`storage.memory`). PostgreSQL
counts in several rows, so that no transaction waits for another one's end, and once a transaction.

What is run in databases (`statements`) never changes; what is to be otherwise is added, and run by a
migration of its own.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from sqlalchemy import Connection, MetaData, Table, event

TABLE = "generation"


class _Watched(NamedTuple):
    """A table whose changes are counted, as `kind`."""

    table: str
    kind: str
    only: str = ""  # which of its rows, as a condition on {row}
    matters: tuple[str, ...] = ()  # which changes of a row; none: every one


_WATCHED = (
    _Watched(
        "person",
        "people",
        matters=(
            "name",
            "timezone",
            "locale",
            "active",
            "guest",
            "bot",
            "slack_admin",
            "stranger",
        ),
    ),
    _Watched("person_identity", "people", "{row}.kind = 'slack'"),
    _Watched("preference", "people", "{row}.key = 'new_awards'"),
    _Watched("request", "people", matters=("state", "recipient_id")),
    _Watched("badge", "catalogue"),
    _Watched("badge_version", "catalogue"),
    _Watched("setting", "catalogue", "{row}.key = 'workspace'"),
)
_SQLITE = """
CREATE TRIGGER {name} AFTER {event} ON {table} {when}
BEGIN
    UPDATE generation SET number = number + 1
    WHERE workspace_id = {row}.workspace_id AND kind = '{kind}';
END
"""
_SQLITE_ROWS = """
CREATE TRIGGER workspace_generations AFTER INSERT ON workspace
BEGIN
    INSERT INTO generation (workspace_id, kind, writer, number)
    SELECT NEW.id, kind, 0, abs(random() % 1000000000)
    FROM (SELECT 'people' AS kind UNION SELECT 'catalogue') AS kinds;
END
"""
_ROWS_OF_THOSE_THERE = """
INSERT INTO generation (workspace_id, kind, writer, number)
SELECT id, kind, 0, 0 FROM workspace, (SELECT 'people' AS kind UNION SELECT 'catalogue') AS kinds
"""
# A count begins anywhere: that of a workspace that was erased is no other's, which may get its number.
# A row that a transaction has counted in is its own until it ends; others count in another one, or add
# one, so that nobody waits for a long import. There are as many as ever wrote at the same time.
# A transaction of which a part is rolled back forgets with it that it had counted.
_POSTGRESQL_FUNCTION = """
CREATE FUNCTION count_generation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whose integer := coalesce(NEW.workspace_id, OLD.workspace_id);
    counted text := 'laurel.counted_' || TG_ARGV[0];
BEGIN
    IF current_setting(counted, true) IS DISTINCT FROM whose::text THEN
        UPDATE generation SET number = number + 1
        WHERE workspace_id = whose AND kind = TG_ARGV[0] AND writer = (
            SELECT free.writer FROM generation AS free
            WHERE free.workspace_id = whose AND free.kind = TG_ARGV[0]
            LIMIT 1 FOR UPDATE SKIP LOCKED
        );
        IF NOT FOUND THEN
            INSERT INTO generation (workspace_id, kind, writer, number)
            VALUES (whose, TG_ARGV[0], floor(random() * 2147483647), floor(random() * 1000000000));
        END IF;
        PERFORM set_config(counted, whose::text, true);
    END IF;
    RETURN NULL;
END $$
"""
_POSTGRESQL = """
CREATE TRIGGER {name} AFTER {event} ON {table}
FOR EACH ROW {when} EXECUTE FUNCTION count_generation('{kind}')
"""


def statements(dialect: str) -> tuple[str, ...]:
    """What makes a database count, where the tables are there."""
    if dialect == "sqlite":
        triggers = _triggers(_SQLITE, "WHEN {}", "IS NOT")
        return (_SQLITE_ROWS, _ROWS_OF_THOSE_THERE, *triggers)
    return (
        _POSTGRESQL_FUNCTION,
        _ROWS_OF_THOSE_THERE,
        *_triggers(_POSTGRESQL, "WHEN ({})", "IS DISTINCT FROM"),
    )


def count_in(metadata: MetaData) -> None:
    """Have changes counted wherever these tables are made without migrations."""

    @event.listens_for(metadata, "after_create")
    def _made(
        _target: MetaData, session: Connection, *, tables: Collection[Table] = (), **_: object
    ) -> None:
        if any(table.name == TABLE for table in tables):
            for one in statements(session.dialect.name):
                session.exec_driver_sql(one)


def _triggers(template: str, when: str, differs: str) -> Iterator[str]:
    for table, kind, only, matters in _WATCHED:
        for name, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            conditions = []
            if only:
                rows = (row, "OLD") if name == "UPDATE" else (row,)
                conditions.append(" OR ".join(only.format(row=one) for one in rows))
            if matters and name == "UPDATE":
                conditions.append(" OR ".join(f"OLD.{one} {differs} NEW.{one}" for one in matters))
            both = " AND ".join(f"({one})" for one in conditions)
            yield template.format(
                name=f"{table}_{name.lower()}_counted",
                event=name,
                table=table,
                when=when.format(both) if both else "",
                row=row,
                kind=kind,
            )
