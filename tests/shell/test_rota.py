"""What is due by the clock is done once, by whichever worker finds it, and after a death by another."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot import jobs, people
from bot.authorization import reference
from bot.delivery import SlackTroubleError
from bot.deps import WorkspaceRef
from bot.pool import Inline
from bot.rota import Duty, Rota, Work
from bot.settings import Settings
from bot.turns import turn
from storage import settings
from storage.database import Database, DatabaseUnavailableError
from storage.workspaces import WorkspaceRow
from tests.cast import NOW
from tests.world import World


@dataclass
class Shift:
    """A time that tests move, and workers on one database who note what they did."""

    database: Database
    workspace: WorkspaceRef
    now: datetime = NOW
    done: list[str] = field(default_factory=list)

    @property
    def deps(self) -> Any:
        """As much of `Deps` as a rota needs."""
        return SimpleNamespace(
            database=self.database,
            clock=lambda: self.now,
            settings_in=lambda _session, _workspace: Settings(timezone="Asia/Tokyo"),
        )

    def worker(
        self,
        name: str,
        work: Callable[[], object] = lambda: None,
        *,
        arrive: Mapping[str, Work] | None = None,
        **duty: Any,
    ) -> tuple[Rota, threading.Event]:
        """A worker and what tells it that it is to stop."""
        stopping = threading.Event()

        def note(_workspace: WorkspaceRef) -> None:
            self.done.append(name)
            work()

        rota = Rota(
            self.deps,
            served=lambda _session: [self.workspace],
            duties=[Duty("people", note, **duty)],
            arrive=arrive
            or {"meet": lambda workspace: self.done.append(f"{name} met {workspace.name}")},
            go_on=lambda _workspace: self.done.append(f"{name} went on"),
            clock=lambda: self.now,
            stopping=stopping,
            pool=Inline(),
        )
        return rota, stopping


@pytest.fixture
def shift(database: Database, workspace: WorkspaceRow) -> Shift:
    """Friday, 15:30 in London: half past midnight in Tokyo."""
    return Shift(database, reference(workspace))


def test_two_workers_do_it_once_at_the_workspaces_own_night(shift: Shift) -> None:
    one, _ = shift.worker("one", hour="3", minute="10")
    two, _ = shift.worker("two", hour="3", minute="10")
    for rota in (one, two):
        rota.look()
    assert shift.done == ["one met Acme", "two met Acme"]
    shift.done.clear()
    shift.now = datetime(2026, 11, 20, 18, 9, 59, tzinfo=UTC)
    for rota in (one, two):
        rota.look()
    assert shift.done == []
    shift.now = datetime(2026, 11, 20, 18, 10, tzinfo=UTC)
    for _ in range(2):
        for rota in (two, one):
            rota.look()
    assert shift.done == ["two"]
    # Nobody was there for two nights: that is made up for, once.
    shift.now += timedelta(days=2, hours=5)
    one.look()
    two.look()
    assert shift.done == ["two", "one"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("duty", [{"hour": "3", "minute": "10"}, {"minute": "*/15"}])
def test_what_was_planned_by_a_clock_far_ahead_is_planned_anew(
    shift: Shift, duty: dict[str, Any]
) -> None:
    right = shift.now
    shift.now += timedelta(days=40)
    rota, _ = shift.worker("one", **duty)
    rota.look()
    shift.now = right
    rota.look()
    shift.now += timedelta(hours=24 if "hour" in duty else 1)
    rota.look()
    assert shift.done == ["one met Acme", "one"]


def test_a_worker_that_dies_is_relieved_within_fifteen_seconds(shift: Shift) -> None:
    taken = shift.database.write(
        lambda session: settings.take_turn(
            session,
            workspace_id=shift.workspace.id,
            key="turn:people",
            holder="a process that died right after",
            now=shift.now,
            until=shift.now + timedelta(seconds=9),
        )
    )
    assert taken
    other, _ = shift.worker("other", at_once=True)
    waited = 0
    while "other" not in shift.done:
        other.look()
        shift.now += timedelta(seconds=5)
        waited += 5
    assert waited <= 15


def test_a_worker_that_lives_keeps_its_turn_however_long_it_takes(shift: Shift) -> None:
    with turn(shift.deps, shift.workspace, "turn:people") as ours:
        assert ours is not None
        other, _ = shift.worker("other", at_once=True)
        for _ in range(5):
            shift.now += timedelta(seconds=8)
            assert ours.keep()  # as the thread does that keeps it
            other.look()
        assert shift.done == ["other met Acme"]
    other.look()
    assert "other" in shift.done


def test_what_was_broken_off_by_a_shutdown_is_taken_up_by_another(shift: Shift) -> None:
    one, stopping = shift.worker("one", lambda: stopping.set(), at_once=True)
    one.look()
    one.look()
    assert shift.done.count("one") == 1
    two, _ = shift.worker("two", at_once=True)
    two.look()
    assert "two" in shift.done


def test_a_duty_that_fails_is_logged_and_waits_for_its_next_time(
    shift: Shift, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RuntimeError("no")

    rota, _ = shift.worker("one", fail, at_once=True)
    for _ in range(2):
        rota.look()
    assert shift.done == ["one met Acme", "one"]
    assert [vars(one)["job"] for one in caplog.records if one.message == "job failed"] == ["people"]
    shift.now += timedelta(hours=1)
    rota.look()
    assert shift.done.count("one") == 2


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_fails_at_first_is_tried_again_after_longer_and_longer_rests(
    shift: Shift, caplog: pytest.LogCaptureFixture
) -> None:
    tried: list[float] = []
    started = shift.now

    def read(_workspace: WorkspaceRef) -> None:
        tried.append((shift.now - started).total_seconds())
        if shift.now < started + timedelta(minutes=20):
            raise SlackTroubleError("http_500")

    rota, _ = shift.worker(
        "one", arrive={"people": read, "rest": lambda _workspace: shift.done.append("rest")}
    )
    for _ in range(400):
        rota.look()
        shift.now += timedelta(seconds=5)
    assert tried == [0, 5, 15, 35, 70, 135, 265, 525, 825, 1125, 1425]
    assert shift.done.count("rest") == 1
    told = [record for record in caplog.records if record.name == "bot.rota"]
    assert [vars(record)["rest_seconds"] for record in told][-3:] == [300, 300, 300]
    assert {(one.message, vars(one)["job"], vars(one)["error"], one.exc_info) for one in told} == {
        (
            "job failed",
            "arrival:people",
            "http_500: Slack's servers have trouble; Laurel tries again.",
            None,
        )
    }


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nothing_rests_until_a_time_before_which_the_clock_was_set_back(shift: Shift) -> None:
    right, tried = shift.now, []

    def read(_workspace: WorkspaceRef) -> None:
        tried.append(shift.now)
        raise SlackTroubleError("no_answer")

    rota, _ = shift.worker("one", arrive={"people": read})
    shift.now += timedelta(days=40)
    rota.look()
    shift.now = right
    rota.look()
    assert tried[1:] == [right]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_only_a_mistake_of_ours_is_logged_with_its_traceback(
    shift: Shift, caplog: pytest.LogCaptureFixture
) -> None:
    def ask_the_database(_workspace: WorkspaceRef) -> None:
        raise DatabaseUnavailableError("server closed the connection\nunexpectedly")

    def ask_slack(_workspace: WorkspaceRef) -> None:
        raise TimeoutError

    def stumble(_workspace: WorkspaceRef) -> None:
        raise KeyError("members")

    rota, _ = shift.worker(
        "one", arrive={"database": ask_the_database, "slack": ask_slack, "ours": stumble}
    )
    rota.look()
    told = {vars(one)["job"]: one for one in caplog.records if one.message == "job failed"}
    assert vars(told["arrival:database"])["error"] == (
        "DatabaseUnavailableError: server closed the connection"
    )
    assert vars(told["arrival:slack"])["error"].startswith("no_answer: Slack did not answer")
    assert {job: bool(record.exc_info) for job, record in told.items()} == {
        "arrival:database": False,
        "arrival:slack": False,
        "arrival:ours": True,
    }


def newcomer(world: World) -> tuple[Rota, threading.Event]:
    """A process that comes to serve the workspace, and what tells it to stop."""
    stopping = threading.Event()
    rota = Rota(
        world.laurel.deps,
        served=lambda _session: [world.workspace],
        duties=(),
        arrive=jobs.arrival(world.laurel.deps, stopping),
        go_on=lambda _workspace: None,
        clock=world.now,
        stopping=stopping,
        pool=Inline(),
    )
    return rota, stopping


def reads(world: World) -> int:
    return world.engine.traffic.counts["users.list"]


def alarms(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.message for one in caplog.records if one.levelno >= logging.WARNING]


def test_reading_everyone_at_first_is_taken_over_from_a_process_that_died_at_it(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    before, died = reads(world), world.now()
    world.database.write(
        lambda session: settings.take_turn(
            session,
            workspace_id=world.workspace.id,
            key="people.turn",
            holder="a process that died right after",
            now=died,
            until=died + timedelta(seconds=9),
        )
    )
    rota, _ = newcomer(world)
    waited = []
    for _ in range(80):
        if people.is_due(world.laurel.deps, world.workspace):
            waited.append((world.now() - died).total_seconds())
        rota.look()
        world.advance(seconds=5)
    assert waited == [0, 5, 10, 15]
    assert reads(world) == before + 1
    assert alarms(caplog) == []


def test_reading_everyone_at_first_is_not_over_when_it_was_given_up_midway(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    before = reads(world)
    world.engine.weather.rate_limit("users.list", retry_after=600, times=1)
    rota, _ = newcomer(world)
    rota.look()
    assert people.is_due(world.laurel.deps, world.workspace)
    world.advance(seconds=5)
    rota.look()
    assert not people.is_due(world.laurel.deps, world.workspace)
    assert reads(world) == before + 2
    assert alarms(caplog) == []


@pytest.mark.parametrize(
    ("timezone", "day", "hour", "minute", "expected"),
    [
        # Clocks go forward from 0:00 to 1:00, and, half a year later, back to 23:00.
        ("Africa/Cairo", "2026-04-22", "0", "40", ["23T00:40", "24T01:40", "25T00:40"]),
        ("Africa/Cairo", "2026-10-28", "0", "40", ["29T00:40", "30T00:40", "31T00:40"]),
        ("America/Santiago", "2026-09-04", "0", "40", ["05T00:40", "06T01:40", "07T00:40"]),
        # Back from 4:00 to 3:00.
        ("Europe/Helsinki", "2026-10-23", "3", "10", ["24T03:10", "25T03:10", "26T03:10"]),
    ],
)
def test_what_is_done_each_night_is_done_once_in_each_also_when_clocks_change(
    timezone: str, day: str, hour: str, minute: str, expected: list[str]
) -> None:
    duty = Duty("people", lambda _workspace: None, hour=hour, minute=minute)
    now, end = (datetime.fromisoformat(f"{day}T12:00+00:00") + timedelta(days=n) for n in (0, 3))
    done = []
    while (at := duty.after(now, timezone)) < end:
        assert now < at <= now + duty.seldom
        done.append(at.astimezone(ZoneInfo(timezone)).strftime("%dT%H:%M"))
        now = at

    assert done == expected


def test_what_is_done_every_quarter_of_an_hour_goes_on_while_clocks_are_put_back() -> None:
    duty = Duty("people", lambda _workspace: None, minute="*/15")
    now = datetime(2026, 10, 24, 23, 50, tzinfo=UTC)
    for _ in range(9):
        at = duty.after(now, "Europe/Helsinki")
        assert at - now <= timedelta(minutes=15)
        now = at
    assert now == datetime(2026, 10, 25, 2, tzinfo=UTC)
