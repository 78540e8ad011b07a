"""Searching awards, and revoking and correcting what was found."""

import json
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from storage import correcting, people
from storage.database import TransactionConflictError
from storage.people import Profile
from storage.tables import AuditEntry, Award, Bulk, table_of
from tests.home.reading import open_home
from tests.permissions.conftest import change_badge
from tests.world import World


def rows(world: World, table: Any = Award) -> list[Any]:
    return world.database.read(lambda session: session.execute(select(table_of(table))).all())


def award(world: World, text: str, giver: str = "maria") -> Any:
    world.command(giver, "/award", text)
    world.deliver()
    world.advance(minutes=2)
    return max(rows(world), key=lambda row: row.id)


def search(world: World, **values: Any) -> str:
    """What is found."""
    world.command("ada", "/award", "search")
    world.submit("ada", values={f"search_{key}": value for key, value in values.items()})
    return reads(world)


def reads(world: World) -> str:
    view = world.view("ada")
    assert view is not None
    return view.reads()


def choose(world: World, row: Any, what: str) -> None:
    """Open what the menu beside an award offers."""
    world.choose("ada", f"search_menu_{row.id.hex}", option=f"search_{what}:{row.id.hex}")


def audited(world: World) -> list[tuple[str, Any]]:
    found = sorted(rows(world, AuditEntry), key=lambda row: row.id)
    return [(row.action, json.loads(row.detail)) for row in found]


def test_awards_are_found_by_who_received_or_gave_them_and_by_badge(world: World) -> None:
    award(world, "@tom team-player Kept us together")
    award(world, "@yuki customer-hero Saved the day")
    award(world, "@maria night-owl --private", giver="ada")

    everything = search(world)
    assert "All awards, the latest first" in everything
    assert everything.index("Night Owl") < everything.index("Customer Hero")
    assert "· private" in everything
    assert "Kept us together" in search(world, recipient="UTOM")
    assert "Customer Hero" not in search(world, recipient="UTOM")
    found = search(world, badge="Customer Hero", giver="UMARIA")
    assert "Awards: *Customer Hero*, given by Maria Silva" in found
    assert "Saved the day" in found
    assert "Nothing found" in search(world, badge="Customer Hero", giver="UTOM")
    assert "Nothing found" in search(world, giver=world.workspace.bot_user_id)


def test_days_are_those_of_whoever_searches(world: World) -> None:
    award(world, "@tom team-player")

    assert "Team Player" in search(world, since="2026-11-20", until="2026-11-20")
    assert "Nothing found" in search(world, until="2026-11-19")
    assert "Nothing found" in search(world, since="2026-11-21")
    world.command("ada", "/award", "search")
    days = {"search_since": "2026-11-21", "search_until": "2026-11-20"}
    assert world.submit("ada", values=days).errors == {
        "search_until": "That is before the first day."
    }


def test_pages_are_turned_both_ways_and_the_search_can_be_changed(world: World) -> None:
    codes = [award(world, f"@tom team-player Number {number}").code for number in range(10)]

    first = search(world, badge="Team Player")
    assert [code for code in codes if code in first] == codes[2:]
    world.click("ada", "search_turn_older")
    assert [code for code in codes if code in reads(world)] == codes[:2]
    world.click("ada", "search_turn_newer")
    assert reads(world) == first.replace("Newer\n", "")

    world.click("ada", "search_anew")
    world.submit("ada", values={"search_recipient": "UYUKI"})
    assert "Awards: received by 由紀 Tanaka, *Team Player*" in reads(world)


def test_revoking_takes_a_reason_and_shows_everywhere(world: World) -> None:
    row = award(world, "@tom team-player Great")
    search(world)

    choose(world, row, "revoke")
    world.submit("ada", values={"search_reason": "It was Maria"})
    world.deliver()

    assert f"{row.code} is revoked" in reads(world)
    world.close("ada")
    assert "revoked by Ada Admin on" in reads(world)
    assert "It was Maria" in reads(world)
    assert "(revoked by Ada Admin)" in world.feed()[0].reads()


def test_a_corrected_reason_is_what_post_and_message_say(world: World) -> None:
    row = award(world, "@tom team-player For teh launch")
    search(world)

    choose(world, row, "correct_reason")
    assert "For teh launch" in json.dumps(world.view("ada").payload)  # type: ignore[union-attr]
    world.submit("ada", values={"search_reason": "For the launch"})
    world.deliver()

    for said in (world.feed()[0].reads(), world.dms("tom")[0].reads()):
        assert "For the launch" in said
        assert "teh" not in said
    (now,) = rows(world)
    assert (now.id, now.code, now.awarded_at) == (row.id, row.code, row.awarded_at)
    assert audited(world)[-1] == ("award.corrected", {"code": row.code, "what": "reason"})
    world.close("ada")
    assert "For the launch" in reads(world)


def test_one_of_several_corrected_reasons_is_said_of_whom_it_is(world: World) -> None:
    award(world, "@tom @yuki team-player Great")
    tom = next(row for row in rows(world) if row.recipient_id == world.people["tom"].id)
    search(world)
    choose(world, tom, "correct_reason")
    world.submit("ada", values={"search_reason": "Even greater"})
    world.deliver()

    said = world.feed()[0].reads()
    assert "Tom Okafor (Team Player): Even greater" in said
    assert "由紀 Tanaka (Team Player): Great" in said
    assert "Great" in world.dms("yuki")[0].reads()
    assert "Even greater" not in world.dms("yuki")[0].reads()


def test_a_corrected_badge_is_what_post_and_message_say(world: World) -> None:
    row = award(world, "@tom team-player Great")
    search(world)

    choose(world, row, "correct_badge")
    world.submit("ada", values={"search_new_badge": "Customer Hero"})
    world.deliver()

    for said in (world.feed()[0].reads(), world.dms("tom")[0].reads()):
        assert "Customer Hero" in said
        assert "Team Player" not in said
    ids = {"from": str(row.badge_id), "to": str(world.badges["customer-hero"].id)}
    assert audited(world)[-1] == ("award.corrected", {"code": row.code, "what": "badge", **ids})


def test_what_is_held_once_is_not_held_twice_by_a_correction(world: World) -> None:
    award(world, "@tom first-course")
    row = award(world, "@tom team-player")
    search(world)

    choose(world, row, "correct_badge")
    outcome = world.submit("ada", values={"search_new_badge": "First Course"})

    assert "They hold First Course already" in outcome.errors["search_new_badge"]
    assert {one.badge_id for one in rows(world)} == {
        world.badges["first-course"].id,
        world.badges["team-player"].id,
    }


def test_a_corrected_award_that_is_hidden_is_known_as_far_as_a_post_tells_of_it(
    world: World,
) -> None:
    stage = world.channel("stage", members=["tom", "maria"])
    change_badge(world, "event-speaker", feed_channel=stage.id)
    untold = award(world, "@tom event-speaker Great talk")
    told = award(world, "@yuki team-player Great")
    for row in (untold, told):
        search(world)
        choose(world, row, "correct_badge")
        world.submit("ada", values={"search_new_badge": "First Course"})
        world.deliver()

    world.command("tom", "/badges", f"hide {untold.code}")
    world.command("yuki", "/badges", f"hide {told.code}")

    assert world.engine.messages(stage) == []
    assert "Tom Okafor now has" in world.command("ada", "/award", "@tom first-course x").reads()
    assert "already holds" in world.command("ada", "/award", "@yuki first-course x").reads()


def test_an_achievement_that_is_corrected_away_can_be_awarded_again(world: World) -> None:
    row = award(world, "@tom first-course")
    search(world)
    choose(world, row, "correct_badge")
    world.submit("ada", values={"search_new_badge": "Team Player"})

    award(world, "@tom first-course")

    assert len([one for one in rows(world) if one.revoked_at is None]) == 2


def test_nobody_gives_themselves_a_badge_by_a_correction(world: World) -> None:
    row = award(world, "@ada team-player")
    search(world)

    choose(world, row, "correct_badge")
    outcome = world.submit("ada", values={"search_new_badge": "Night Owl"})

    assert "another badge admin can" in outcome.errors["search_new_badge"]


def test_nobody_puts_words_about_themselves_into_the_mouth_of_their_giver(world: World) -> None:
    row = award(world, "@ada team-player Thanks for the coffee")
    search(world)

    choose(world, row, "correct_reason")
    outcome = world.submit("ada", values={"search_reason": "Saved the company"})

    assert "another badge admin can" in outcome.errors["search_reason"]
    assert [one.reason for one in rows(world)] == ["Thanks for the coffee"]


def test_a_whole_bulk_award_is_revoked_from_any_of_its_awards(world: World) -> None:
    world.command("ada", "/award", "many")
    world.submit("ada", values={"bulk_people": ["UTOM", "UYUKI"], "bulk_badge": "Team Player"})
    world.click("ada", "bulk_start")
    world.deliver()
    world.advance(days=3)
    row = rows(world)[0]
    assert "· to many at once" in search(world, recipient="UTOM")

    (tom,) = [one for one in rows(world) if one.recipient_id == world.people["tom"].id]
    choose(world, tom, "revoke_all")
    assert "All 2 awards of this bulk award" in reads(world)
    world.submit("ada", values={"search_reason": "Wrong list"})
    world.deliver()

    assert {(one.revoke_reason, one.undone) for one in rows(world)} == {("Wrong list", False)}
    assert "2 awards were revoked since." in world.feed()[0].reads()
    assert "was revoked by Ada Admin" in world.dms("yuki")[0].reads()
    assert rows(world, Bulk)[0].plan == ""
    assert audited(world)[-1] == ("bulk.revoked", {"awards": 2})
    assert row.batch_id == rows(world, Bulk)[0].id


def test_only_badge_admins_search(world: World) -> None:
    for who in ("tom", "kim"):
        outcome = world.command(who, "/award", "search")
        assert "A badge admin can search all awards" in outcome.text
        assert world.view(who) is None


def test_who_is_no_admin_any_more_is_shown_and_changes_nothing(world: World) -> None:
    row = award(world, "@tom team-player Great")
    search(world)
    choose(world, row, "correct_reason")
    world.database.write(
        lambda session: people.save_profiles(
            session,
            workspace_id=world.workspace.id,
            profiles=[Profile("UADA", "Ada Admin", slack_admin=False)],
            now=world.now(),
        )
    )

    outcome = world.submit("ada", values={"search_reason": "Mine"})
    assert "A badge admin can correct an award" in outcome.errors["search_reason"]
    world.close("ada")
    world.click("ada", "search_anew")
    assert "A badge admin can search all awards" in reads(world)
    assert rows(world)[0].reason == "Great"


def test_the_studio_opens_the_search_and_awarding_to_many(world: World) -> None:
    open_home(world, "ada")
    world.click("ada", text="Studio")
    world.click("ada", "search_open")
    assert "Who received it" in reads(world)
    world.close("ada")
    world.click("ada", "bulk_open")
    assert "Award to many" in reads(world)


def test_what_is_revoked_meanwhile_is_not_corrected(world: World) -> None:
    """On PostgreSQL somebody else can be at it between looking and writing."""
    row = award(world, "@tom team-player Thanks")
    world.command("maria", "/award", f"revoke {row.code}")
    course = world.badges["first-course"]

    for change in (
        partial(correcting.set_reason, reason="Thank you"),
        partial(
            correcting.set_badge,
            badge_id=course.id,
            version_id=course.version_id,
            quiet=False,
            held_key=f"{row.recipient_id.hex}:{course.id.hex}",
            expires_at=None,
        ),
    ):
        with pytest.raises(TransactionConflictError):
            world.database.write(partial(change, workspace_id=world.workspace.id, award_id=row.id))

    assert "Tom Okafor now has" in world.command("maria", "/award", "@tom first-course").reads()
