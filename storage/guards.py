"""What a database refuses whoever asks: statements that a migration runs once, and tests run too.

What is here has been run in databases, so it never changes; what is to be otherwise is added, and run by
a migration of its own.
"""

from typing import Any

from sqlalchemy import DDL, Table, event

# Entries of the audit are never changed, and stay for a year at least: by the database's own clock.
AUDIT: dict[str, tuple[str, ...]] = {
    "sqlite": (
        """
        CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry
        BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END
        """,
        """
        CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry
        WHEN OLD.at > datetime('now', '-1 year')
        BEGIN SELECT RAISE(ABORT, 'audit entries are kept for a year'); END
        """,
    ),
    "postgresql": (
        """
        CREATE FUNCTION audit_entry_guard() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                RAISE EXCEPTION 'audit entries are never changed';
            ELSIF OLD.at > now() - interval '1 year' THEN
                RAISE EXCEPTION 'audit entries are kept for a year';
            END IF;
            RETURN OLD;
        END $$
        """,
        """
        CREATE TRIGGER audit_entry_guard BEFORE UPDATE OR DELETE ON audit_entry
        FOR EACH ROW EXECUTE FUNCTION audit_entry_guard()
        """,
    ),
}

# The same, but for a workspace that is being erased as a whole (`laurel workspaces erase`).
AUDIT_UNLESS_ERASED: dict[str, tuple[str, ...]] = {
    "sqlite": (
        "DROP TRIGGER audit_entry_kept",
        """
        CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry
        WHEN OLD.at > datetime('now', '-1 year') AND NOT EXISTS (
            SELECT 1 FROM workspace WHERE id = OLD.workspace_id AND erased_at IS NOT NULL
        )
        BEGIN SELECT RAISE(ABORT, 'audit entries are kept for a year'); END
        """,
    ),
    "postgresql": (
        """
        CREATE OR REPLACE FUNCTION audit_entry_guard() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                RAISE EXCEPTION 'audit entries are never changed';
            ELSIF OLD.at > now() - interval '1 year' AND NOT EXISTS (
                SELECT 1 FROM workspace WHERE id = OLD.workspace_id AND erased_at IS NOT NULL
            ) THEN
                RAISE EXCEPTION 'audit entries are kept for a year';
            END IF;
            RETURN OLD;
        END $$
        """,
    ),
}


def guard(table: Table, statements: dict[str, tuple[str, ...]]) -> None:
    """Have a table guarded wherever it is made without migrations."""
    for dialect, ddl in statements.items():
        for one in ddl:
            ddl_of: Any = DDL  # untyped in SQLAlchemy
            event.listen(table, "after_create", ddl_of(one).execute_if(dialect=dialect))
