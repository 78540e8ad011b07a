"""What goes wrong without a mistake of ours, Slack or the database being away, each in one line."""

import logging

from sqlalchemy import URL

from bot.database_trouble import unanswered
from bot.delivery.trouble import explain, trouble_of
from bot.dispatch import SLACK_TROUBLE
from storage.database import DatabaseUnavailableError
from storage.deadline import TooLateError

OUTAGES = (DatabaseUnavailableError, TooLateError, *SLACK_TROUBLE)


def reason(outage: Exception, *, database: URL | None = None) -> str:
    """One line about an outage: its name, and what it says or what an admin can do.

    With the address of the `database` it says which one that is; secrets in it are left out.
    """
    if isinstance(outage, DatabaseUnavailableError | TooLateError):
        if database is not None:
            return unanswered(outage, database)
        return f"{type(outage).__name__}: {_first_line(outage)}"
    code = trouble_of(outage).code
    return f"{code}: {explain(code).sentence}"


def log_failure(log: logging.Logger, event: str, problem: Exception, **ids: object) -> None:
    """Log what failed: an outage in one line, a mistake of ours with its traceback."""
    if isinstance(problem, OUTAGES):
        log.warning(event, extra={**ids, "error": reason(problem)})
    else:
        log.error(event, exc_info=problem, extra=ids)


def _first_line(problem: Exception) -> str:
    return next(iter(str(problem).strip().splitlines()), "no answer")
