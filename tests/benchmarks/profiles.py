"""`/badges` of someone with 2,000 awards among 1,000,000, against bare SQL by the same driver."""

import statistics
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any, NamedTuple
from uuid import UUID

from bot.authorization import reference
from bot.pictures import Pictures
from bot.profiles import PROFILE_PAGE, profile, reader_of
from bot.settings import Settings
from storage import holdings, people, workspaces
from storage.database import Database
from storage.holdings import Viewer
from tests.benchmarks import crowd
from tests.benchmarks.report import Target, table
from tests.benchmarks.surroundings import postgresql

ROUNDS = 9
TIMES = 20  # each in a round

_SEEN = """workspace_id = 1 AND recipient_id = {p} AND revoked_at IS NULL
    AND (expires_at IS NULL OR expires_at > {now})
    AND ({no_private} OR recipient_id = {v} OR giver_id = {v})
    AND ({no_hidden} OR recipient_id = {v})"""
_SHOWCASE = (
    """
SELECT shown.badge_id, (SELECT version_id FROM award WHERE """
    + _SEEN
    + """ AND badge_id = shown.badge_id AND awarded_at = shown.latest LIMIT 1),
    times, latest, badges, awards
FROM (SELECT badge_id, times, latest, count(*) OVER () AS badges, sum(times) OVER () AS awards
    FROM (SELECT badge_id, count(*) AS times, max(awarded_at) AS latest FROM award WHERE """
    + _SEEN
    + """ GROUP BY badge_id) AS counted
    ORDER BY latest DESC, badge_id LIMIT 24) AS shown
ORDER BY latest DESC, badge_id"""
)
_LATEST = (
    """
SELECT id, code, batch_id, recipient_id, giver_id, badge_id, version_id, reason, private, quiet,
    hidden, awarded_at, expires_at, revoked_at, revoked_by, revoke_reason, undone, occasion_key
FROM award WHERE """
    + _SEEN
    + """ ORDER BY awarded_at DESC, id DESC LIMIT 5 OFFSET {offset}"""
)


class _Compared(NamedTuple):
    what: str
    ours: Callable[[], object]
    bare: Callable[[], object]


def run() -> list[Target]:
    """Measure, print, and return the targets."""
    crowd.FOLDER.mkdir(exist_ok=True)
    rows: list[tuple[object, ...]] = []
    targets: list[Target] = []
    with ExitStack() as stack:
        urls = {
            "SQLite": f"sqlite:///{crowd.FOLDER / 'crowd.db'}",
            "PostgreSQL": stack.enter_context(postgresql(crowd.FOLDER / "postgresql", "crowd")),
        }
        for name, url in urls.items():
            database = Database(url)
            stack.callback(database.close)
            crowd.fill(database)
            database.read(lambda session, name=name: _compare(session, name, rows, targets))
            rows.append((f"{name}: a whole page", *_whole(database), ""))
    table(("query", "ours ms", "bare ms", "ratio"), rows)
    return targets


def _compare(
    session: Any, name: str, rows: list[tuple[object, ...]], targets: list[Target]
) -> None:
    viewer = Viewer(UUID(int=77))
    common = {"workspace_id": 1, "recipient_id": crowd.COLLECTOR, "viewer": viewer}
    bare = _Bare(session, viewer)
    pairs = [
        _Compared(
            "trophy case",
            lambda: holdings.showcase(session, **common, now=crowd.NOW, limit=24),
            lambda: bare.rows(_SHOWCASE),
        ),
        *(
            _Compared(
                f"latest awards, page {page}",
                lambda page=page: holdings.latest(
                    session,
                    **common,
                    now=crowd.NOW,
                    limit=PROFILE_PAGE,
                    offset=(page - 1) * PROFILE_PAGE,
                ),
                lambda page=page: bare.rows(_LATEST, offset=(page - 1) * PROFILE_PAGE),
            )
            for page in (1, 200)
        ),
    ]
    found = {pair.what: _medians(pair.ours, pair.bare) for pair in pairs}
    rows += [
        (f"{name}: {what}", ours * 1000, bared * 1000, ours / bared)
        for what, (ours, bared) in found.items()
    ]
    # What one `/badges` asks; the deep page shows that turning pages costs no more than it must.
    first = [found[pairs[0].what], found[pairs[1].what]]
    ratio = sum(ours for ours, _ in first) / sum(bared for _, bared in first)
    targets.append(Target(f"{name}: a profile's queries, of bare SQL", ratio, 2))
    deep, bare_deep = found[pairs[2].what]
    targets.append(Target(f"{name}: its page 200, of bare SQL", deep / bare_deep, 2))


def _medians(*tried: Callable[[], object]) -> list[float]:
    """Seconds that each takes, measured in turns."""
    found: list[list[float]] = [[] for _ in tried]
    for number in range(ROUNDS + 1):
        for one, times in zip(tried, found, strict=True):
            began = time.perf_counter()
            for _ in range(TIMES):
                one()
            if number:  # the first warms up
                times.append((time.perf_counter() - began) / TIMES)
    return [statistics.median(times) for times in found]


def _whole(database: Database) -> tuple[float, str]:
    """All that one page asks, by a colleague who is neither giver nor admin; milliseconds."""
    workspace = reference(database.read(workspaces.every)[0])
    pictures = Pictures(database, public_url="", clock=lambda: crowd.NOW)
    found = database.read(
        lambda session: people.by_slack_ids(session, workspace_id=1, slack_ids=["U1"])
    )
    reader = database.read(
        lambda session: reader_of(session, workspace, Settings(), "U77", asked=True)
    )

    def read() -> object:
        return database.read(
            lambda session: profile(
                session, pictures, workspace, owner=found["U1"], reader=reader, now=crowd.NOW
            )
        )

    return _medians(read)[0] * 1000, ""


class _Bare:
    """The same questions in SQL written by hand, asked of the driver itself."""

    def __init__(self, session: Any, viewer: Viewer) -> None:
        self._cursor = session.connection.cursor()
        sqlite = session.dialect.name == "sqlite"
        self._values: Mapping[str, Any] = {
            "p": crowd.COLLECTOR.hex if sqlite else crowd.COLLECTOR,
            "v": viewer.person_id.hex if sqlite and viewer.person_id else viewer.person_id,
            "now": crowd.NOW.strftime("%Y-%m-%d %H:%M:%S.000000") if sqlite else crowd.NOW,
        }
        names = ("p", "v", "now", "offset")
        self._words = {name: f":{name}" if sqlite else f"%({name})s" for name in names} | {
            "no_private": "private = 0" if sqlite else "NOT private",
            "no_hidden": "hidden = 0" if sqlite else "NOT hidden",
        }

    def rows(self, statement: str, **more: int) -> list[Any]:
        """Ask and fetch."""
        self._cursor.execute(statement.format(**self._words), {**self._values, **more})
        fetched: list[Any] = self._cursor.fetchall()
        return fetched
