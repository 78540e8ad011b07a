"""Several processes on one database: some answer Slack, some send and mind the clock."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import Laurel, build
from bot.boot import Parts
from bot.cli import arguments
from bot.cli.run import run
from tests.world import World

Start = Callable[[World, Parts], Laurel]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts one process's part of Laurel; all of them on one new database."""
    running: list[Laurel] = []

    def begin(world: World, parts: Parts) -> Laurel:
        settings = replace(world.settings, database_url=f"sqlite:///{tmp_path}/shared.db")
        running.append(build(settings, clock=world.now, parts=parts))
        running[-1].start()
        return running[-1]

    yield begin
    for laurel in running:
        laurel.stop(within=3)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.01)


def test_what_one_process_answers_another_one_sends(world: World, start: Start) -> None:
    web = start(world, Parts(worker=False))
    until(lambda: set(web.boot.readiness().values()) == {"ok"})
    world.laurel = web
    world.command("maria", "/award", "@tom team-player Thank you!")
    assert not any(
        thread.name.startswith(("delivery", "APScheduler")) for thread in threading.enumerate()
    )

    start(world, Parts(web=False))
    until(lambda: len(world.feed()) == 1)
    assert "Thank you!" in world.feed()[0].reads()


def test_a_worker_answers_no_slack_and_serves_no_pictures(world: World) -> None:
    worker = build(world.settings, database=world.database, parts=Parts(web=False))
    pages = {route.path for route in worker.web.routes}  # type: ignore[attr-defined]
    assert pages == {"/healthz", "/readyz", "/metrics"}
    assert worker.socket is None


def test_a_part_that_is_named_is_never_the_playground(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run({}, tmp_path / ".env", worker=True) == 2
    said = capsys.readouterr().err
    assert "SLACK_BOT_TOKEN" in said
    assert "SLACK_APP_TOKEN" not in said  # nobody calls a worker


def test_both_parts_may_be_named_or_neither() -> None:
    parse = arguments.parser().parse_args
    assert {(one.web, one.worker) for one in (parse([]), parse(["run"]))} == {(False, False)}
    assert parse(["run", "--web", "--worker"]).web
    assert parse(["run", "--web", "--worker"]).worker
