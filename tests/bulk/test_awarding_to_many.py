"""Awarding to many: looked over first, carried out by itself, and taken back as a whole."""

import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from bot import bulk_work, jobs
from bot.app import build
from bot.bulk import undo
from bot.grants import Grant, Limit
from bot.people import save
from bot.pool import Inline
from bot.rota import NotYetError
from bot.rules import decide
from bot.turns import LEASE
from storage import again, bulk, directory, duties, editing, people, settings
from storage.people import Profile
from storage.tables import AuditEntry, Award, Badge, Bulk, table_of
from storage.types import new_id
from tests.world import World

LIST = """person,badge,reason,private
maria@acme.example,team-player,Kept us together,
UTOM,Team Player,,
@由紀 Tanaka,first-course,,
@Robo,team-player,,
nobody@acme.example,team-player,,
UADA,team-player,,
UTOM,no-such-badge,,
maria@acme.example,Team Player,again,
UMARIA,customer-hero,,yes
"""


def hand_in(world: World, content: str = LIST, user: str = "ada", **values: Any) -> Any:
    """Fill in and send the form with a list; returns the preview."""
    world.command(user, "/award", "many")
    file = world.engine.upload(user, "list.csv", content.encode())
    world.submit(user, values={"bulk_file": [file], **values})
    return said(world, user)[-1]


def said(world: World, user: str = "ada") -> list[Any]:
    return [one for one in world.dms(user) if one.bot_id]


def rows(world: World, table: Any = Award) -> list[Any]:
    return world.database.read(lambda session: session.execute(select(table_of(table))).all())


def standing(world: World) -> list[tuple[str, str, str, bool]]:
    """Each award that stands: to whom, which, why, whether private."""
    names = {row.id: key for key, row in world.people.items()}
    slugs = {row.id: slug for slug, row in world.badges.items()}
    return sorted(
        (names[row.recipient_id], slugs[row.badge_id], row.reason, row.private)
        for row in rows(world)
        if row.revoked_at is None
    )


def audited(world: World) -> list[tuple[str, Any]]:
    return [
        (row.action, json.loads(row.detail))
        for row in sorted(rows(world, AuditEntry), key=lambda row: row.id)
        if row.action.startswith("bulk.")
    ]


def test_everything_is_shown_before_anybody_is_awarded(world: World) -> None:
    preview = hand_in(world).reads()

    assert "4 awards to give" in preview
    assert "Maria Silva: *Team Player* (line 2)" in preview
    assert "由紀 Tanaka: *First Course* (line 4)" in preview
    for line in (
        "Maria Silva: *Customer Hero*, private (line 10)",
        "*Left out* (5):",
        "Line 5: I know nobody called Robo.",
        "Line 6: I know nobody with the address nobody@acme.example.",
        "Line 7: You can’t award yourself",
        "Line 8: there is no badge called “no-such-badge” that you can award.",
        "Line 9: Maria Silva and Team Player are on line 2 already.",
    ):
        assert line in preview
    assert rows(world) == []
    view = world.view("ada")
    assert view is not None
    assert "in our direct messages" in view.reads()


def test_one_click_awards_them_with_one_digest_and_a_message_to_each(world: World) -> None:
    hand_in(world)
    world.click("ada", "bulk_start")
    world.deliver()

    assert standing(world) == [
        ("maria", "customer-hero", "", True),
        ("maria", "team-player", "Kept us together", False),
        ("tom", "team-player", "", False),
        ("yuki", "first-course", "", False),
    ]
    assert {row.giver_id for row in rows(world)} == {world.people["ada"].id}
    (post,) = world.feed()
    assert "@Maria Silva and @Tom Okafor received *Team Player*\n" in post.reads()
    assert "@由紀 Tanaka received *First Course*\n" in post.reads()
    assert "Customer Hero" not in post.reads()
    assert post.pings() == {"UMARIA", "UTOM", "UYUKI"}
    (told,) = said(world, "maria")
    assert "Team Player" in told.reads()
    assert "Customer Hero" in told.reads()
    assert "Kept us together" in told.reads()
    assert len(said(world, "tom")) == 1
    done = said(world)[0].reads()
    assert "Done: 4 awards given." in done
    assert "#kudos" in done
    assert audited(world) == [
        (
            "bulk.started",
            {
                "total": 4,
                "badges": ["customer-hero", "first-course", "team-player"],
                "quiet": False,
            },
        ),
        ("bulk.finished", {"awarded": 4, "left_out": 0}),
    ]


def test_a_second_click_and_a_second_run_award_nothing_more(world: World) -> None:
    preview = hand_in(world)
    world.click("ada", "bulk_start", message=preview, times=2)
    world.click("ada", "bulk_start", message=preview)
    jobs.resume_bulk(world.laurel.deps, world.workspace)
    world.deliver()

    assert len(rows(world)) == 4
    assert len(world.feed()) == 1
    assert len(said(world, "maria")) == 1


def confirmed(world: World) -> Any:
    """The only plan, whose carrying out nobody has begun."""
    (planned,) = rows(world, Bulk)
    world.database.write(
        lambda session: bulk.change(
            session,
            workspace_id=world.workspace.id,
            bulk_id=planned.id,
            state="planned",
            to="running",
        )
    )
    return planned


def test_a_process_that_dies_is_followed_by_one_that_goes_on(world: World) -> None:
    """It dies after the first person and after the second; then another process finds the rest."""

    class Killed(BaseException):
        pass

    def kill(row: bulk.BulkRow) -> bool:
        raise Killed(row.done)

    hand_in(world)
    planned = confirmed(world)
    for awarded in (2, 3):
        with pytest.raises(Killed):
            bulk_work.carry_on(world.laurel.deps, world.workspace, planned.id, kill, at_once=1)
        assert len(rows(world)) == awarded
    assert world.feed() == []

    again = build(world.settings, clock=world.now, database=world.database, slow=Inline())
    assert jobs.resume_bulk(again.deps, world.workspace) == 1
    world.deliver()

    assert len(rows(world)) == 4
    assert len({row.occasion_key for row in rows(world)}) == 4
    assert len(world.feed()) == 1
    assert [len(said(world, one)) for one in ("maria", "tom", "yuki")] == [1, 1, 1]
    assert "Done: 4 awards given." in said(world)[0].reads()
    assert jobs.resume_bulk(again.deps, world.workspace) == 0


def test_whoever_wanted_it_can_undo_it_also_where_the_process_died_before_it_told_them(
    world: World,
) -> None:
    class Killed(BaseException):
        pass

    def kill_at_the_end(row: bulk.BulkRow) -> bool:
        if row.finished_at is not None:
            raise Killed
        return True

    deps = world.laurel.deps
    hand_in(world)
    planned = confirmed(world)
    with pytest.raises(Killed):
        bulk_work.carry_on(deps, world.workspace, planned.id, kill_at_the_end)
    assert "4 awards to give" in said(world)[0].reads()

    world.advance(minutes=30)
    with pytest.raises(NotYetError):  # Slack is away
        bulk_work.resume(deps, world.workspace, lambda _row: False)
    assert world.database.read(duties.under_way) == {world.workspace.id}
    assert jobs.resume_bulk(deps, world.workspace) == 1
    assert "Done: 4 awards given." in said(world)[0].reads()
    assert jobs.resume_bulk(deps, world.workspace) == 0

    world.advance(minutes=9)
    world.click("ada", "bulk_undo", message=said(world)[0])
    world.deliver()
    assert standing(world) == []
    assert "Undone: I took back 4 awards" in said(world)[0].reads()
    assert world.database.read(duties.under_way) == set()


def test_whoever_clicks_below_a_preview_whose_place_was_lost_is_told_of_the_end(
    world: World,
) -> None:
    """The process died when it had posted the preview, before it could note where."""
    preview = hand_in(world)
    (planned,) = rows(world, Bulk)
    unplaced = {"channel": None, "message_ts": None}
    with world.database.engine.begin() as connection:
        connection.execute(update(table_of(Bulk)).values(unplaced))
    world.click("ada", "bulk_start", message=preview)

    assert "Done: 4 awards given." in said(world)[0].reads()
    (row,) = rows(world, Bulk)
    assert (row.channel, row.message_ts) == (planned.channel, planned.message_ts)


def test_spells_are_looked_at_again_also_while_the_end_of_a_bulk_award_cannot_be_told(
    world: World,
) -> None:
    hand_in(world)
    deps = world.laurel.deps
    planned = confirmed(world)
    assert not bulk_work.carry_on(deps, world.workspace, planned.id, lambda _row: False)
    world.engine.weather.error_500("chat.update", times=1000)
    world.database.write(
        lambda session: settings.put(
            session,
            workspace_id=world.workspace.id,
            key="anniversaries.again",
            value=UUID(int=0).hex,
            now=world.now(),
        )
    )
    assert world.database.read(again.left) == {world.workspace.id}

    with pytest.raises(NotYetError):
        jobs.resume_bulk(deps, world.workspace)
    assert world.database.read(again.left) == set()


def test_the_end_that_nobody_can_be_told_is_let_be_after_a_day(world: World) -> None:
    deps = world.laurel.deps
    hand_in(world)
    planned = confirmed(world)
    assert not bulk_work.carry_on(deps, world.workspace, planned.id, lambda _row: False)

    world.advance(hours=25)
    assert bulk_work.resume(deps, world.workspace, lambda _row: False) == 1
    assert world.database.read(duties.under_way) == set()


def test_only_one_process_is_at_it_until_its_turn_is_over(world: World) -> None:
    hand_in(world)
    (planned,) = rows(world, Bulk)
    key = f"bulk:{planned.id}"
    now = world.now()

    def hold(session: Any) -> None:
        settings.take_turn(
            session,
            workspace_id=world.workspace.id,
            key=key,
            holder="another",
            now=now,
            until=now + LEASE,
        )

    world.database.write(hold)
    world.click("ada", "bulk_start")
    assert rows(world) == []

    world.advance(minutes=1)
    jobs.resume_bulk(world.laurel.deps, world.workspace)
    assert len(rows(world)) == 4


def test_undo_takes_all_of_it_back_for_ten_minutes(world: World) -> None:
    hand_in(world)
    world.click("ada", "bulk_start")
    world.deliver()
    world.advance(minutes=9)
    finished = said(world)[0]

    world.click("ada", "bulk_undo", message=finished)
    world.deliver()

    assert standing(world) == []
    assert {row.undone for row in rows(world)} == {True}
    assert world.feed() == []
    assert said(world, "maria") == []
    assert "Undone: I took back 4 awards" in said(world)[0].reads()
    assert audited(world)[-1] == ("bulk.undone", {"awards": 4})

    world.click("ada", "bulk_undo", message=finished)
    assert audited(world).count(("bulk.undone", {"awards": 4})) == 1


def test_what_is_undone_before_it_is_sent_is_never_told(world: World) -> None:
    hand_in(world)
    world.click("ada", "bulk_start")
    world.click("ada", "bulk_undo")
    world.deliver()

    assert world.feed() == []
    assert said(world, "tom") == []


def test_after_ten_minutes_undo_says_what_works_instead(world: World) -> None:
    hand_in(world)
    world.click("ada", "bulk_start")
    world.advance(minutes=11)

    world.click("ada", "bulk_undo")

    assert "/award search" in world.ephemerals("ada")[-1].reads()
    assert len(standing(world)) == 4


def test_discard_awards_nothing_and_the_old_button_says_so(world: World) -> None:
    preview = hand_in(world)
    world.click("ada", "bulk_discard")
    world.click("ada", "bulk_start", message=preview)

    assert rows(world) == []
    assert rows(world, Bulk) == []
    assert "no more" in world.ephemerals("ada")[-1].reads()


def test_people_and_a_user_group_are_awarded_the_badge_of_the_form(world: World) -> None:
    world.engine.add_group("platform", members=["tom", "yuki", "robo"])
    world.command("ada", "/award", "many @platform")
    world.submit(
        "ada",
        values={
            "bulk_people": ["UMARIA"],
            "bulk_badge": "Team Player",
            "bulk_reason": "The launch",
            "bulk_how": ["quiet"],
        },
    )
    assert "3 awards to give" in said(world)[-1].reads()
    world.click("ada", "bulk_start")
    world.deliver()

    assert standing(world) == [
        (one, "team-player", "The launch", False) for one in ("maria", "tom", "yuki")
    ]
    assert world.feed() == []
    assert "No post in the feed" in said(world)[0].reads()
    assert "The launch" in said(world, "tom")[0].reads()


def test_a_date_of_the_past_is_when_it_was_earned(world: World) -> None:
    hand_in(world, "who,badge,on\nUTOM,team-player,2024-03-31\nUMARIA,team-player,03/04/2024\n")

    assert "Line 3: “03/04/2024” could be 2024-04-03 or 2024-03-04: write it year first." in (
        said(world)[0].reads()
    )
    world.click("ada", "bulk_start")
    (row,) = rows(world)
    assert row.awarded_at.isoformat() == "2024-03-31T12:00:00+00:00"


def test_who_holds_it_already_is_named_and_left_alone(world: World) -> None:
    world.command("maria", "/award", "@tom first-course")
    preview = hand_in(world, "who,badge\nUTOM,first-course\nUYUKI,first-course\n")

    assert "*Held already* (1), nothing changes:" in preview.reads()
    world.click("ada", "bulk_start")
    assert len(rows(world)) == 2


def test_what_was_forbidden_meanwhile_is_left_out_and_said(world: World) -> None:
    hand_in(world)
    left = Profile("UTOM", "Tom Okafor", active=False)
    world.database.write(
        lambda session: people.save_profiles(
            session, workspace_id=world.workspace.id, profiles=[left], now=world.now()
        )
    )

    world.click("ada", "bulk_start")

    assert "Done: 3 awards given. 1 other was left out" in said(world)[0].reads()


def test_only_badge_admins_may(world: World) -> None:
    outcome = world.command("tom", "/award", "many")
    assert "A badge admin can award to many at once" in outcome.text
    assert world.view("tom") is None

    preview = hand_in(world)
    world.database.write(
        lambda session: people.save_profiles(
            session,
            workspace_id=world.workspace.id,
            profiles=[Profile("UADA", "Ada Admin", slack_admin=False)],
            now=world.now(),
        )
    )
    world.click("ada", "bulk_start", message=preview)
    assert "A badge admin can award to many at once" in world.ephemerals("ada")[-1].reads()
    assert rows(world) == []


def test_an_admin_who_is_left_out_of_awarding_is_told_before_filling_in_a_form(
    world: World,
) -> None:
    world.decide(
        badge_admins=Grant(people=frozenset({"UMARIA"})),
        awarders=Grant(everyone=True, denied_people=frozenset({"UMARIA"})),
    )
    outcome = world.command("maria", "/award", "many")
    assert "You can’t award badges here, as things stand." in outcome.text
    assert "an owner can change that in Settings" in outcome.text
    assert world.view("maria") is None


def test_an_admins_limit_holds_here_too(world: World) -> None:
    def limit(session: Any) -> None:
        decide(
            session,
            workspace_id=world.workspace.id,
            changes={"limits": (("owner", Limit.parse("3/week")),)},
            now=world.now(),
        )

    world.database.write(limit)
    world.command("ada", "/award", "many")
    file = world.engine.upload("ada", "list.csv", LIST.encode())
    world.submit("ada", values={"bulk_file": [file]})

    view = world.view("ada")
    assert view is not None
    assert "That would be 4 awards, and your limit leaves you 3 of 3 this week." in view.reads()
    assert rows(world, Bulk) == []


def test_a_form_or_file_that_is_not_enough_is_refused_with_what_to_do(world: World) -> None:
    world.command("ada", "/award", "many")
    assert world.submit("ada").errors == {
        "bulk_people": "Choose people, name a user group, or attach a CSV."
    }
    outcome = world.submit("ada", values={"bulk_people": ["UTOM"]})
    assert outcome.errors == {"bulk_badge": "Which badge is it?"}
    world.close("ada")
    for content, problem in (
        ("name\nTom\n", "The file has no column for the badge."),
        ("badge,reason\nteam-player,x\n", "No column says whom to award"),
        ("", "The file is empty."),
    ):
        world.command("ada", "/award", "many")
        file = world.engine.upload("ada", "list.csv", content.encode())
        world.submit("ada", values={"bulk_file": [file]})
        view = world.view("ada")
        assert view is not None
        assert problem in view.reads()
        world.close("ada")


def test_many_that_are_left_out_come_as_a_file(world: World) -> None:
    strange = "".join(f"x{number}@acme.example,team-player\n" for number in range(60))
    hand_in(world, f"e-mail,badge\nUTOM,team-player\n{strange}")

    assert "… and 50 more, in the file below" in said(world)[0].reads()
    (file,) = [one for one in world.engine.files if one.name == "left-out.txt"]
    assert b"Line 62: I know nobody with the address x59@acme.example." in file.content


def test_plans_that_nobody_confirms_are_forgotten_after_a_day(world: World) -> None:
    hand_in(world)
    world.advance(days=2)
    jobs.keep_house(world.laurel.deps, world.workspace)

    assert rows(world, Bulk) == []


def test_a_badge_that_was_had_often_enough_or_is_over_is_left_out(world: World) -> None:
    def restrict(session: Any) -> None:
        for slug, values in (
            ("team-player", {"recipient_limit": "1/month"}),
            ("event-speaker", {"expiry": "2026-10-31"}),
        ):
            table = table_of(Badge)
            session.execute(table.update().where(table.c.slug == slug).values(**values))

    world.database.write(restrict)
    world.command("maria", "/award", "@tom team-player")
    listed = "who,badge\nUTOM,team-player\nUYUKI,team-player\nUYUKI,event-speaker\n"

    read = hand_in(world, listed).reads()

    assert "1 award to give" in read
    assert "Line 2: Tom Okafor had Team Player as often as one person may, for now." in read
    assert "Line 4: an award of Event Speaker would be over by now." in read


def test_on_postgresql_it_is_awarded_corrected_and_taken_back_too(world_pg: World) -> None:
    world = world_pg
    hand_in(world)
    world.click("ada", "bulk_start")
    world.deliver()
    assert len(standing(world)) == 4
    assert "received *Team Player*" in world.feed()[0].reads()
    assert len(said(world, "maria")) == 1

    tom = next(row for row in rows(world) if row.recipient_id == world.people["tom"].id)
    world.command("ada", "/award", "search")
    world.submit("ada", values={"search_recipient": "UTOM"})
    world.choose("ada", f"search_menu_{tom.id.hex}", option=f"search_correct_badge:{tom.id.hex}")
    world.submit("ada", values={"search_new_badge": "First Course"})
    world.deliver()
    assert ("tom", "first-course", "", False) in standing(world)
    assert "*First Course*" in said(world, "tom")[0].reads()

    world.close("ada")
    world.close("ada")
    world.click("ada", "bulk_undo")
    world.deliver()
    assert standing(world) == []
    assert world.feed() == []
    assert said(world, "maria") == []


def test_nobody_elses_message_waits_behind_those_of_a_bulk_award(world: World) -> None:
    hand_in(world)
    world.click("ada", "bulk_start")
    world.laurel.courier.run_due()
    world.command("maria", "/award", "@tom customer-hero")

    world.laurel.courier.run_due()

    assert "Customer Hero" in said(world, "tom")[0].reads()
    assert sum(len(said(world, one)) for one in ("maria", "tom", "yuki")) == 2


def test_a_badge_deleted_before_the_click_is_left_out(world: World) -> None:
    preview = hand_in(world)
    world.database.write(
        lambda session: editing.delete_unawarded(
            session,
            workspace_id=world.workspace.id,
            badge_id=world.badges["first-course"].id,
        )
    )

    world.click("ada", "bulk_start", message=preview)

    assert {who for who, *_ in standing(world)} == {"maria", "tom"}
    assert "1 other was left out" in said(world)[0].reads()


def test_somebody_found_to_be_two_people_before_the_click_is_awarded(world: World) -> None:
    """A list names a new colleague by an address that only the HR file knew until now."""

    def employ(session: Any) -> None:
        at = {"session": session, "workspace_id": world.workspace.id}
        new = directory.NewPerson(new_id(world.now()), "Noor")
        directory.add_people(**at, people=[new], now=world.now())
        address = directory.NewIdentity("email", "noor@acme.example", new.id)
        directory.add_identities(**at, identities=[address])

    world.database.write(employ)
    preview = hand_in(world, "person,badge\nnoor@acme.example,team-player\nUTOM,team-player\n")
    profile = Profile("UNOOR", "Noor", email="noor@acme.example")
    for known in (profile._replace(email=None), profile):
        save(world.database, world.workspace, [known], now=world.now())

    world.click("ada", "bulk_start", message=preview)

    (noor,) = world.database.read(
        lambda session: people.by_slack_ids(
            session, workspace_id=world.workspace.id, slack_ids=["UNOOR"]
        )
    ).values()
    assert {row.recipient_id for row in rows(world)} == {noor.id, world.people["tom"].id}


def test_taking_back_goes_on_where_a_process_died_too(world: World) -> None:
    hand_in(world)
    world.click("ada", "bulk_start")
    (done,) = rows(world, Bulk)
    under_way = world.database.read(duties.under_way)
    world.database.write(
        lambda session: undo(session, world.laurel.deps, world.workspace, "UADA", done.id)
    )

    assert under_way == set()
    assert world.database.read(duties.under_way) == {world.workspace.id}
