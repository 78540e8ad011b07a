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
_YEARS = timedelta(days=365)
_CLOCKS_DIFFER = timedelta(minutes=1)  # those of two machines, at most


class SetBack:
    """Looks at each time that somebody goes by, and puts lanes right when it is before the last one.

    At the first look too, since the clock may have been set back while nobody ran; there what rests
    for less than the longest rest is left to it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._latest: datetime | None = None

    def look(self, now: datetime) -> datetime:
        """Take note of the time, and return it."""
        latest = self._latest
        if latest is None:
            self._put_right(now, now + _LONGEST_REST, now + _YEARS, lease=LEASE + _CLOCKS_DIFFER)
        elif now < latest - _NOTICED:
            moved = self._put_right(now, now, latest + _LONGEST_REST, lease=LEASE)
            _log.warning(
                "the clock was set back",
                extra={"seconds": round((latest - now).total_seconds()), "lanes": moved},
            )
        self._latest = now
        return now

    def _put_right(
        self, now: datetime, after: datetime, until: datetime, *, lease: timedelta
    ) -> int:
        return self._database.write(
            lambda session: lanes.set_back(session, now=now, after=after, until=until, lease=lease),
            brief=True,
        )
