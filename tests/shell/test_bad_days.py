"""Real processes that are killed, or told to stop, while people award; the full size is in chaos."""

import time
from pathlib import Path

from tests.chaos.town import NONE_DOUBLED, Crowd, Town


def test_what_was_promised_outlives_every_end_of_a_process(tmp_path: Path) -> None:
    """In one test, because each start of a process takes a second and a half."""
    with Town(f"sqlite:///{tmp_path}/laurel.db", tmp_path) as town:
        with Crowd(town.engine, "killed", rest=0.05) as killed:
            town.await_ready(0)
            killed.await_promises(1)
            time.sleep(town.chance.uniform(0, 0.2))
            town.kill(0)
            town.begin(0)
            time.sleep(town.chance.uniform(0, 0.5))  # and once while it starts up
            town.kill(0)
        town.begin(0)
        town.await_ready(0)
        with Crowd(town.engine, "stopped", rest=0.01) as stopped:
            stopped.await_promises(5)
            status, seconds = town.terminate(0)
        town.send_the_rest()
        found = town.reckon()
    assert found.lost(killed.promised | stopped.promised) == set(), found
    assert found.doubled == NONE_DOUBLED
    assert (status, seconds < 10) == (0, True), (seconds, town.log())
    # Told to stop, it saves nothing that nobody is told of.
    assert {reason for reason in found.awards if reason.startswith("stopped")} == stopped.promised
