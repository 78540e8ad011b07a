"""The database of a command of the command line."""

from collections.abc import Callable

from bot.cli import FAILED, complain
from bot.database_trouble import missing_file, unanswered
from bot.settings import Settings
from storage.database import Database, DatabaseUnavailableError

PATIENCE = 120.0  # seconds for the database: nobody waits for an answer in Slack


def using_database(
    settings: Settings,
    work: Callable[[Database], int],
    *,
    connections: int = 1,
    patience: float = PATIENCE,
    make: bool = False,
) -> int:
    """Do something with the database; its exit status, or 1, having said why it cannot be used.

    A SQLite file that does not exist is made only where that is what the command is for (`make`).
    """
    database = Database(settings.database_url, connections=connections, patience=patience)
    try:
        missing = "" if make else missing_file(database.url)
        if not missing:
            return work(database)
        complain(missing)
    except DatabaseUnavailableError as problem:
        complain(unanswered(problem, database.url))
    finally:
        database.close()
    return FAILED
