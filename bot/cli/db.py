"""`laurel db upgrade`: the tables as this version of Laurel needs them."""

from bot.cli import DONE, FAILED, complain
from bot.settings import Settings
from storage import migrate
from storage.database import Database, DatabaseUnavailableError


def upgrade(settings: Settings) -> int:
    """Run the migrations that the database lacks."""
    database = Database(settings.database_url, connections=1)
    try:
        done = migrate.upgrade(database)
    except DatabaseUnavailableError as problem:
        complain(
            f"The database does not answer ({str(problem).strip()}): check DATABASE_URL, and"
            " that the database runs."
        )
        return FAILED
    finally:
        database.close()
    print(f"Upgraded: {', '.join(done)}." if done else "The tables are up to date.")
    return DONE
