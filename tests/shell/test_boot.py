"""Laurel comes up as soon as what it needs is there, and goes on without Slack where it can."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot import jobs, starters
from bot.app import Laurel, build
from bot.database_trouble import unanswered
from bot.grants import Grant
from bot.pool import Inline
from bot.scheduler import Scheduler, guarded
from bot.tenure import Length
from storage import badges, lanes, outbox, workspaces
from storage.database import CommitInDoubtError, Database, DatabaseUnavailableError
from storage.outbox import NewDelivery
from tests.shell.test_rota import newcomer
from tests.world import MakeWorld, World


@pytest.fixture
def fresh(world: World, tmp_path: Path) -> Iterator[Callable[[], Laurel]]:
    """Makes Laurels on one database that has no tables yet, in the world's workspace."""
    made: list[Laurel] = []

    def make() -> Laurel:
        settings = replace(world.settings, database_url=f"sqlite:///{tmp_path}/fresh.db")
        made.append(build(settings, clock=world.now))
        return made[-1]

    yield make
    for laurel in made:
        laurel.stop(within=2)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.01)


def test_the_first_start_makes_tables_workspace_and_catalogue(fresh: Callable[[], Laurel]) -> None:
    laurel = fresh()
    workspace = laurel.boot.prepare()
    assert workspace is not None
    catalogue = laurel.deps.database.read(
        lambda session: badges.catalogue(session, workspace_id=workspace.id)
    )
    assert len(catalogue) >= 24
    slugs = {badge.slug for badge in catalogue}
    assert slugs >= {
        "ping-pong-champion",
        "team-player",
        "customer-hero",
        "event-speaker",
        "first-course",
    }
    assert all(badge.image_id for badge in catalogue)
    assert {badge.awarders for badge in catalogue if badge.private} <= {None}
    waiting = laurel.deps.database.read(
        lambda session: outbox.list_waiting(session, workspace_id=workspace.id, limit=1000)
    )
    pictures = {row.subject for row in waiting}
    assert pictures == {
        f"{kind}:{badge.version_id}" for badge in catalogue for kind in ("card", "tile")
    }


def test_later_edits_are_the_databases(fresh: Callable[[], Laurel]) -> None:
    laurel = fresh()
    workspace = laurel.boot.prepare()
    assert workspace is not None

    def retire(session: object) -> None:
        (first, *_) = badges.catalogue(session, workspace_id=workspace.id)  # type: ignore[arg-type]
        badges.set_active(session, workspace_id=workspace.id, badge_id=first.id, active=False)  # type: ignore[arg-type]

    laurel.deps.database.write(retire)

    def read(database: Database) -> list[badges.BadgeRow]:
        return database.read(lambda session: badges.catalogue(session, workspace_id=workspace.id))

    before = read(laurel.deps.database)
    fresh().boot.prepare()
    assert read(laurel.deps.database) == before


def test_every_starter_has_its_picture_and_a_sensible_text() -> None:
    for starter in starters.starter_badges():
        length = Length.of_slug(starter.slug)
        assert length is None or starter.name == length.words.title()  # as later ones are called
        assert (starters.ASSETS / starter.picture).is_file()
        assert starter.kind in ("flair", "achievement")
        assert starter.description
        assert starter.criteria


def test_without_slack_laurel_goes_on_with_the_workspace_it_knows(
    world: World, fresh: Callable[[], Laurel]
) -> None:
    known = fresh().boot.prepare()
    world.engine.weather.error_500("auth.test")
    assert fresh().boot.prepare() == known


def test_what_is_not_there_yet_is_tried_again_until_it_is(
    world: World, fresh: Callable[[], Laurel]
) -> None:
    front = world.engine.weather.refuse("auth.test", error="internal_error", times=1)
    laurel = fresh()
    laurel.start()
    until(lambda: front.met == 1)
    waiting = laurel.boot.readiness()
    assert waiting["database"] == "ok"
    assert waiting["workspace"].startswith("Slack has not said yet which workspace")
    until(lambda: set(laurel.boot.readiness().values()) == {"ok"})


def test_a_running_laurel_sends_what_was_awarded(world: World, tmp_path: Path) -> None:
    laurel = build(world.settings, database=world.database)
    laurel.meet_workspace()
    laurel.courier.start()
    world.command("maria", "/award", "@tom team-player")
    laurel.courier.wake()
    until(lambda: len(world.feed()) == 1)
    laurel.courier.stop()


def test_what_rested_while_the_app_was_removed_goes_on_with_the_next_token(world: World) -> None:
    world.command("maria", "/award", "@tom team-player")
    world.engine.uninstall()
    world.settle()
    world.engine.break_token(None)
    world.advance(minutes=10)
    assert (world.deliver(), world.feed()) == (0, [])

    again = build(world.settings, clock=world.now, database=world.database, slow=Inline())
    again.meet_workspace()
    again.courier.run_due()
    assert len(world.feed()) == 1


@pytest.mark.parametrize("kind", ["app_uninstalled", "tokens_revoked"])
def test_news_of_a_removal_that_come_after_the_app_is_back_change_nothing(
    world: World, kind: str
) -> None:
    world.engine.uninstall()
    world.settle()
    world.engine.break_token(None)
    world.laurel.meet_workspace()
    world.engine.emit({"type": kind, "tokens": {"bot": [world.engine.workspace.bot_user]}})
    world.settle()

    assert [row.name for row in world.database.read(workspaces.installed)] == ["Acme"]
    world.command("maria", "/award", "@tom team-player")
    world.deliver()
    assert len(world.feed()) == 1


def test_what_was_left_at_rest_although_the_app_is_there_goes_on_with_the_next_start(
    world: World,
) -> None:
    world.command("maria", "/award", "@tom team-player")
    world.database.write(
        lambda session: lanes.postpone_all(
            session, workspace_id=world.workspace.id, next_at=world.now() + timedelta(days=3650)
        )
    )
    assert (world.deliver(), world.feed()) == (0, [])
    world.laurel.meet_workspace()
    world.deliver()
    assert len(world.feed()) == 1


def test_a_start_alone_ends_no_pause_that_slack_asked_for(world: World) -> None:
    world.command("maria", "/award", "@tom team-player")
    world.engine.weather.rate_limit("chat.postMessage", retry_after=600, times=100)
    world.laurel.courier.run_due()
    world.engine.weather.clear()
    again = build(world.settings, clock=world.now, database=world.database, slow=Inline())
    again.meet_workspace()
    assert (again.courier.run_due(), world.feed()) == (0, [])


def test_old_deliveries_of_no_further_use_are_forgotten(world: World) -> None:
    for key in ("upload:a", "upload:b"):
        world.database.write(
            lambda session, key=key: outbox.enqueue(
                session,
                workspace_id=world.workspace.id,
                deliveries=[NewDelivery("files", "upload", key, subject="card:x")],
                now=world.now(),
            )
        )
        with world.database.engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE delivery SET state = 'sent', sent_at = ? WHERE key = ?",
                (world.now().replace(tzinfo=None), key),
            )
        world.advance(days=20)
    assert jobs.keep_house(world.laurel.deps, world.workspace) == 1
    world.advance(days=20)
    assert jobs.keep_house(world.laurel.deps, world.workspace) == 1


def test_a_job_that_fails_is_logged_and_the_others_run(caplog: pytest.LogCaptureFixture) -> None:
    ran = threading.Event()
    scheduler = Scheduler()

    def fail() -> None:
        raise RuntimeError("no")

    scheduler.every(3600, "bad", fail)
    scheduler.every(3600, "good", ran.set)
    scheduler.start()
    assert ran.wait(30)
    assert scheduler.stop(within=2)
    assert [vars(one)["job"] for one in caplog.records if one.message == "job failed"] == ["bad"]


def test_an_outage_that_lasts_is_a_line_when_it_begins_and_one_when_it_is_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", logger="bot.scheduler")
    met: list[Exception | None] = [
        DatabaseUnavailableError("frozen"),
        DatabaseUnavailableError("every connection is busy"),
        None,
        None,
        KeyError("ours"),
        KeyError("ours"),
    ]

    def look() -> None:
        if problem := met.pop(0):
            raise problem

    ring = guarded("rota", look)
    while met:
        ring()
    told = [(one.message, bool(one.exc_info)) for one in caplog.records]
    assert told == [
        ("job failed", False),
        ("job works again", False),
        ("job failed", True),
        ("job failed", True),
    ]
    assert vars(caplog.records[0])["error"] == "DatabaseUnavailableError: frozen"


def test_a_failure_at_first_is_made_up_for_and_what_was_done_is_not_done_twice(
    make_world: MakeWorld, caplog: pytest.LogCaptureFixture
) -> None:
    world = make_world(
        admins=frozenset({"UMARIA", "USAM"}), awarders=Grant(groups=frozenset({"SLEADS"}))
    )
    world.engine.subscriptions.clear()
    world.engine.add_user("sam", "Sam Setup", id="USAM")
    world.engine.add_group("leads", members=["maria"], id="SLEADS")
    rota, _ = newcomer(world)
    world.engine.weather.error_500("users.list", times=1)
    rota.look()
    world.deliver()
    assert (len(world.dms("maria")), len(world.dms("sam"))) == (1, 0)
    for _ in range(3):
        world.advance(seconds=5)
        rota.look()
    world.deliver()
    assert (len(world.dms("maria")), len(world.dms("sam"))) == (1, 1)
    asked = world.engine.traffic.counts
    assert (asked["users.list"], asked["usergroups.users.list"]) == (2, 1)
    (told,) = [one for one in caplog.records if one.message == "job failed"]
    assert (vars(told)["job"], told.exc_info) == ("arrival:people", None)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (
            "sqlite:////no/such/folder/l.db",
            "The database /no/such/folder/l.db cannot be written to (unable to open database file):",
        ),
        (
            "postgresql://laurel:hush@127.0.0.1:9/laurel",
            "The database postgresql://laurel:***@127.0.0.1:9/laurel does not answer (connection",
        ),
        (
            "postgresql://laurel:half@hush@127.0.0.1:9/laurel",
            "DATABASE_URL cannot be read: write an @ within its password as %40.",
        ),
    ],
)
def test_a_database_that_does_not_answer_is_named_with_what_to_do_and_without_its_password(
    world: World, caplog: pytest.LogCaptureFixture, address: str, said: str
) -> None:
    laurel = build(replace(world.settings, database_url=address), clock=world.now)
    laurel.start()
    until(lambda: "not ready yet" in caplog.text)
    laurel.stop(within=2)
    told = next(vars(one) for one in caplog.records if one.message == "not ready yet")
    assert told["error"].startswith(said)
    assert told["exc_info"] is None
    assert not any("hush" in str(vars(one)) for one in caplog.records)


def test_of_what_may_have_been_saved_nobody_reads_that_the_database_must_be_looked_after() -> None:
    url = make_url("postgresql://laurel:hush@127.0.0.1:9/laurel")
    assert unanswered(CommitInDoubtError("the connection is lost"), url) == (
        "The connection to postgresql://laurel:***@127.0.0.1:9/laurel was lost while this was being"
        " saved, and whether it was is not known: please look before you do it again."
    )
