"""What is kept of requests: taken back, exported, erased, and seen by nobody else."""

from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from storage import migrate, requests
from storage.database import Database
from storage.requests import RequestRow
from tests.cast import NOW
from tests.privacy.exports import exported
from tests.privacy.test_privacy import everything
from tests.requests.office import ask, listed, rows, said, states, with_admin
from tests.studio.office import choose_for, open_studio
from tests.world import World

WISH = "team-player I mentored three newcomers"


def test_a_request_that_is_taken_back_is_gone_with_its_messages(world: World) -> None:
    with_admin(world)
    outcome = world.command("maria", "/badges", f"request {WISH}")
    world.deliver()
    world.click("maria", "request_take_back", ephemeral=outcome.message)
    world.deliver()

    assert "Taken back: your request for *Team Player* is gone" in (
        world.ephemerals("maria")[-1].reads()
    )
    assert said(world, "ada") == said(world, "tom") == said(world, "maria") == []
    assert states(world) == []


def test_what_is_taken_back_before_anybody_was_told_is_told_to_nobody(world: World) -> None:
    ask(world, "maria", WISH)
    world.command("maria", "/badges", "requests")
    world.click("maria", "request_take_back")
    world.deliver()

    assert said(world, "ada") == []
    assert "Nothing waits for an answer." in listed(world, "maria")


def test_what_is_decided_is_not_taken_back_any_more(world: World) -> None:
    asked = world.command("maria", "/badges", f"request {WISH}")
    world.deliver()
    world.click("ada", "request_award", message=world.dms("ada")[0])
    world.click("maria", "request_take_back", ephemeral=asked.message)

    assert "That came too late to be taken back. Ada Admin awarded it" in (
        world.ephemerals("maria")[-1].reads()
    )
    assert states(world) == ["awarded"]


def test_an_export_holds_what_one_asked_for_and_nothing_that_others_did(world: World) -> None:
    ask(world, "maria", "@yuki customer-hero Always there for us")
    ask(world, "tom", "@maria event-speaker Great talk")
    world.command("maria", "/badges", "export")
    world.deliver()

    found = exported(world, "maria")
    [request] = found["requests.json"]
    assert (request["badge_name"], request["recipient"]) == ("Customer Hero", "由紀 Tanaka")
    assert (request["reason"], request["state"]) == ("Always there for us", "open")
    assert "Great talk" not in str(found)


def test_an_erased_person_is_in_no_request_any_more(world: World) -> None:
    with_admin(world)
    ask(world, "maria", WISH)
    ask(world, "yuki", "@maria customer-hero She helps")
    ask(world, "yuki", "event-speaker Together with Maria Silva")
    world.deliver()
    world.command("ada", "/badges", "erase @maria")
    world.click("ada", "privacy_erase")
    world.deliver()

    assert "Maria" not in everything(world)
    assert len(states(world)) == 1
    for who in ("ada", "tom"):
        [left] = said(world, who)
        assert "> Together with someone" in left
        assert "Award it" in left


def test_whoever_decided_and_is_erased_is_someone(world: World) -> None:
    with_admin(world)
    ask(world, "maria", WISH)
    world.deliver()
    world.click("tom", "request_decline", message=world.dms("tom")[0])
    world.submit("tom")
    world.deliver()
    world.command("ada", "/badges", "erase @tom")
    world.click("ada", "privacy_erase")
    world.deliver()

    assert "Tom" not in everything(world)
    # Only messages are put right, not what did that before.
    amended = "SELECT count(*) FROM delivery WHERE kind = 'amend' AND subject LIKE 'amend:%'"
    assert rows(world, amended) == [(0,)]
    assert "Someone declined it" in said(world, "ada")[-1]
    assert said(world, "maria")[-1].startswith("Thank you for asking. Someone read your request")


def test_who_is_named_in_the_words_of_a_refusal_and_is_erased_is_someone(world: World) -> None:
    ask(world, "maria", WISH)
    world.deliver()
    world.click("ada", "request_decline", message=world.dms("ada")[0])
    world.submit("ada", values={"request_note": "Please ask Tom Okafor first"})
    world.deliver()
    assert "Please ask Tom Okafor first" in said(world, "maria")[-1]
    world.command("ada", "/badges", "erase @tom")
    world.click("ada", "privacy_erase")
    world.deliver()

    assert "Tom" not in everything(world)
    assert "first" in said(world, "maria")[-1]
    assert "Tom" not in said(world, "maria")[-1]


def test_a_badge_that_is_deleted_takes_its_requests_along(world: World) -> None:
    ask(world, "maria", WISH)
    world.deliver()
    open_studio(world)
    choose_for(world, world.badges["team-player"], "delete")
    world.submit("ada")
    world.deliver()

    assert states(world) == []
    assert said(world, "ada") == []


def test_messages_that_could_not_be_sent_say_nothing_that_is_over(world: World) -> None:
    with_admin(world)
    ask(world, "maria", WISH)
    world.command("tom", "/badges", "requests")
    world.click("tom", "request_award")
    world.deliver()

    assert said(world, "ada") == said(world, "tom") == []
    assert rows(world, "SELECT DISTINCT state FROM delivery WHERE kind = 'request'") == [
        ("skipped",)
    ]


def test_what_was_never_told_is_not_put_right(world: World) -> None:
    with_admin(world)
    ask(world, "maria", WISH)
    world.command("tom", "/badges", "requests")
    world.click("tom", "request_award")
    world.deliver()
    amendments = (
        "SELECT count(*) FROM delivery"
        " WHERE kind = 'amend' AND subject LIKE 'request:%' AND state = 'pending'"
    )
    ask(world, "maria", "customer-hero I helped")
    world.click("tom", "award_undo")

    assert rows(world, amendments) == [(0,)]
    world.deliver()
    assert len(said(world, "tom")) == len(said(world, "ada")) == 1


@pytest.mark.parametrize("kind", ["world", "world_pg"])
def test_one_open_request_for_the_same_is_kept_and_the_database_sees_to_it(
    request: pytest.FixtureRequest, kind: str
) -> None:
    world: World = request.getfixturevalue(kind)
    database, workspace, cast = world.database, world.workspace, world.people
    badge = world.badges["team-player"]

    def add(session: Connection, later: int = 0) -> RequestRow | None:
        return requests.add(
            session,
            workspace_id=workspace.id,
            asker_id=cast["maria"].id,
            recipient_id=cast["tom"].id,
            badge_id=badge.id,
            version_id=badge.version_id,
            reason="x",
            now=NOW + timedelta(seconds=later),
        )

    def settle(session: Connection, row: RequestRow, state: requests.State) -> bool:
        return requests.settle(
            session,
            workspace_id=workspace.id,
            request_id=row.id,
            state=state,
            by=cast["ada"].id,
            answer="",
            now=NOW,
        )

    first = database.write(add)
    assert first is not None
    assert database.write(lambda session: add(session, 1)) is None
    assert database.write(lambda session: settle(session, first, "declined"))
    assert not database.write(lambda session: settle(session, first, "awarded"))
    assert not database.write(
        lambda session: requests.remove(session, workspace_id=workspace.id, request_id=first.id)
    )
    second = database.write(lambda session: add(session, 2))
    assert second is not None
    with pytest.raises(IntegrityError):
        database.write(lambda session: settle(session, second, "lost"))  # type: ignore[arg-type]


def test_a_database_that_is_in_use_gets_the_table_and_loses_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/laurel.db")
    config = migrate._config()
    with database.engine.connect().execution_options(laurel_write=True) as connection:
        with connection.begin():
            config.attributes["connection"] = connection
            command.upgrade(config, "0004_oauth")
        with connection.begin():
            connection.execute(
                text(
                    "INSERT INTO workspace (id, enterprise_id, team_id, name, url, bot_user_id,"
                    " bot_id, link_key, created_at)"
                    " VALUES (1, '', 'T1', 'Acme', '', '', '', '', '2026-01-01')"
                )
            )
            connection.execute(
                text(
                    "INSERT INTO person (workspace_id, id, name, active, guest, bot, slack_admin,"
                    " updated_at) VALUES (1, 'ab', 'Maria', 1, 0, 0, 0, '2026-01-01')"
                )
            )
    assert migrate.upgrade(database)[0] == "0005_requests"
    kept = database.read(
        lambda session: session.execute(
            text("SELECT name, (SELECT count(*) FROM request) FROM person")
        ).all()
    )
    assert [tuple(row) for row in kept] == [("Maria", 0)]
    database.close()
