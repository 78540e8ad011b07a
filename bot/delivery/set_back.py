"""A clock that is set back, after which nothing must wait for the old time to come again."""

import logging
from datetime import datetime, timedelta

from bot.delivery.holding import LEASE
from storage import lanes
from storage.database import Database

_log = logging.getLogger(__name__)

_NOTICED = timedelta(seconds=5)  # less than this is waited for
# No lane rests longer because of what Slack said; those of a workspace without the app rest for years.
_LONGEST_REST = timedelta(hours=1)


class SetBack:
    """Looks at each time that somebody goes by, and puts lanes right when it is before the last one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._latest: datetime | None = None

    def look(self, now: datetime) -> datetime:
        """Take note of the time, and return it."""
        latest = self._latest
        if latest is not None and now < latest - _NOTICED:
            moved = self._database.write(
                lambda session: lanes.set_back(
                    session, now=now, latest=latest, rest=_LONGEST_REST, lease=LEASE
                ),
                brief=True,
            )
            _log.warning(
                "the clock was set back",
                extra={"seconds": round((latest - now).total_seconds()), "lanes": moved},
            )
        self._latest = now
        return now
