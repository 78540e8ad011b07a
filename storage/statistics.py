"""What the database knows of its tables' contents, by which it decides how to look things up."""

from sqlalchemy import Connection, text

from storage.database import take_time
from storage.tables import Badge, BadgeVersion, Person, PersonIdentity, Preference, Setting

# What is written at once, when a workspace is met or people are read, and is asked for by every command.
_TABLES = [
    model.__tablename__
    for model in (Person, PersonIdentity, Badge, BadgeVersion, Preference, Setting)
]


def refresh(session: Connection) -> None:
    """Have PostgreSQL look at what was just written, as its manual advises, rather than in a while.

    Until then it goes through all people of a workspace to find one: for a small table that is new it
    would be right. Tables that another process is just looking at, or that this role does not own, are
    left out. https://www.postgresql.org/docs/current/populate.html
    """
    if session.dialect.name != "postgresql":
        return
    take_time(session)
    session.execute(text(f"ANALYZE (SKIP_LOCKED) {', '.join(_TABLES)}"))
