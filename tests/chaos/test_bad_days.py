"""Bad days at full size, on real processes. `pytest -s` shows the counts.

LAUREL_KILLS, LAUREL_OUTAGE (seconds) and LAUREL_SEED make them smaller, larger or other.
"""

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import text

from tests.chaos.town import (
    ALONE,
    NONE_DOUBLED,
    STARTS_WITHIN,
    THREE,
    Crowd,
    PostgreSQL,
    Reckoning,
    Town,
    until,
)

KILLS = int(os.environ.get("LAUREL_KILLS", "200"))
OUTAGE = float(os.environ.get("LAUREL_OUTAGE", "60"))
SEED = int(os.environ.get("LAUREL_SEED", "6"))
TAKEN_OVER = 15.0  # seconds until somebody minds the lane of one that died


@pytest.fixture
def postgresql() -> Iterator[PostgreSQL]:
    """A server that may be stopped."""
    with TemporaryDirectory(prefix="laurel-postgresql-") as folder:
        server = PostgreSQL(Path(folder) / "cluster")
        yield server
        server.end()


def nothing_is_lost(town: Town, crowd: Crowd, what: str) -> Reckoning:
    """Wait until everything is sent, say the counts, and see that they agree."""
    seconds = town.await_sent(within=town.waiting() * 2.0 + 2 * TAKEN_OVER + 30)
    found = town.reckon()
    print(
        f"\n{what}: {len(crowd.promised)} promised, {len(crowd.refused)} answered in other words,"
        f" {len(crowd.unanswered)} not answered; {found}; drained in {seconds:.0f} s"
    )
    assert len(crowd.promised) > 0
    assert found.lost(crowd.promised) == set()
    assert found.doubled == NONE_DOUBLED
    return found


def all_are_words(crowd: Crowd) -> None:
    """See that whoever was not served was told what to do."""
    assert all("Please" in words for words in crowd.refused), set(crowd.refused)


def kill_at_random(town: Town, crowd: Crowd, kills: int) -> int:
    """Kill whichever at whatever instant, starting up included; how many of them were up.

    Three of four times it is one that is up, while people are being served.
    """
    up = 0
    for number in range(kills):
        victim, *others = town.shuffled()
        if town.chance.random() < 0.75:
            victim = next((one for one in (victim, *others) if town.is_up(one)), victim)
            town.await_ready(victim)
            crowd.await_promises(1, within=STARTS_WITHIN)
        time.sleep(town.chance.uniform(0, 1.0))
        up += town.is_up(victim)
        town.kill(victim)
        town.begin(victim)
        if number % 50 == 49:
            print(f"  {number + 1} kills, {len(crowd.promised)} promised", flush=True)
    return up


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_processes_killed_at_any_instant_lose_and_double_nothing(
    store: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    parts, url = ALONE, f"sqlite:///{tmp_path}/laurel.db"
    if store == "postgresql":
        parts, url = THREE, request.getfixturevalue("postgresql").url
    with Town(url, tmp_path, parts=parts, seed=SEED) as town:
        crowd = Crowd(town.engine, rest=2.0)
        # Slow enough that many are killed between a post and Slack's answer to it.
        town.engine.weather.hang("chat.postMessage", seconds=0.4)
        began = time.monotonic()
        with crowd:
            up = kill_at_random(town, crowd, KILLS)
        seconds = time.monotonic() - began
        town.engine.weather.clear()
        what = f"{store}, {KILLS} kills in {seconds:.0f} s ({up} of a process that was up)"
        nothing_is_lost(town, crowd, what)
        all_are_words(crowd)


def test_a_database_that_is_gone_is_told_and_nothing_is_lost(
    tmp_path: Path, postgresql: PostgreSQL
) -> None:
    with Town(postgresql.url, tmp_path, parts=THREE, seed=SEED) as town:
        crowd = Crowd(town.engine, rest=1.0)
        with crowd:
            crowd.await_promises(4)
            postgresql.stop()
            time.sleep(OUTAGE)
            postgresql.start()
            crowd.await_promises(4)
        nothing_is_lost(town, crowd, f"PostgreSQL away for {OUTAGE:.0f} s")
    assert crowd.unanswered == set()
    assert crowd.refused
    all_are_words(crowd)


@contextlib.contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of 8 MB."""
    with TemporaryDirectory(prefix="laurel-disk-") as folder:
        mounting = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder]
        if subprocess.run(mounting, check=False, capture_output=True).returncode:
            pytest.skip("only root can make a disk that is full")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk_is_told_and_nothing_is_half_saved(tmp_path: Path) -> None:
    with (
        small_disk() as disk,
        Town(f"sqlite:///{disk}/laurel.db", tmp_path, seed=SEED) as town,
    ):
        crowd = Crowd(town.engine)
        with crowd:
            crowd.await_promises(4)
            fill(disk / "ballast")
            until(lambda: len(crowd.refused) > 20, within=60)
            (disk / "ballast").unlink()
            crowd.await_promises(4)
        nothing_is_lost(town, crowd, "disk full")
        with town.database.engine.connect() as connection:
            sound = connection.execute(text("PRAGMA integrity_check")).scalar_one()
            halves = connection.execute(text(AWARDS_WITHOUT_POST)).scalar_one()
    assert (sound, halves) == ("ok", 0)
    assert crowd.unanswered == set()
    all_are_words(crowd)


AWARDS_WITHOUT_POST = """
    SELECT count(*) FROM award WHERE NOT EXISTS (
        SELECT 1 FROM delivery WHERE delivery.batch_id = award.batch_id AND kind = 'announce'
    )
"""


def fill(ballast: Path) -> None:
    """Take all that is left of a disk."""
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def test_a_slow_slack_slows_no_acknowledgement(tmp_path: Path) -> None:
    with Town(f"sqlite:///{tmp_path}/laurel.db", tmp_path, seed=SEED) as town:
        crowd = Crowd(town.engine, rest=0.05)
        town.engine.weather.hang(seconds=20.0)
        with crowd:
            time.sleep(min(OUTAGE, 30.0))
        town.engine.weather.clear()
        waits = sorted(crowd.waits)
        p99 = waits[int(len(waits) * 0.99)]
        print(f"\nSlack takes 20 s: {len(waits)} acknowledgements, p99 {p99 * 1000:.0f} ms")
        # What is left is sent with the clock moved: it is hundreds of posts, one a second.
        assert town.terminate(0)[0] == 0
        town.send_the_rest()
        found = town.reckon()
    assert p99 < 0.5
    assert crowd.unanswered == set()
    assert found.lost(crowd.promised) == set()
    assert found.doubled == NONE_DOUBLED


def test_told_to_stop_under_load_it_ends_in_time_and_loses_nothing(tmp_path: Path) -> None:
    took = []
    with Town(f"sqlite:///{tmp_path}/laurel.db", tmp_path, seed=SEED) as town:
        crowd = Crowd(town.engine, rest=0.05)
        with crowd:
            for _ in range(max(1, KILLS // 20)):
                crowd.await_promises(5)
                time.sleep(town.chance.uniform(0, 0.5))
                status, seconds = town.terminate(0)
                assert status == 0, town.log()
                took.append(seconds)
                town.begin(0)
                town.await_ready(0)
        assert town.terminate(0)[0] == 0
        town.send_the_rest()
        found = town.reckon()
    print(f"\nSIGTERM {len(took)} times: the slowest took {max(took):.1f} s; {found}")
    assert max(took) < 10
    assert found.lost(crowd.promised) == set()
    assert set(found.awards) == crowd.promised
    assert found.doubled == NONE_DOUBLED
