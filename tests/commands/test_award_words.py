"""What givers, recipients and those who may not award read."""

from typing import Any

import pytest
from sqlalchemy import Connection, update

from bot.grants import parse_grant
from storage.tables import Award, Badge, table_of
from tests.badges.shelf import badge
from tests.commands.test_award import awards_in, code_in
from tests.commands.test_award_form import open_form, send
from tests.permissions.conftest import change_badge
from tests.world import World


def test_some_who_cannot_be_awarded_do_not_deny_the_others_award(world: World) -> None:
    said = world.command("tom", "/award", "@maria @gil team-player Thanks").reads()

    assert "Maria Silva now has *Team Player*." in said
    assert "Gil Gone’s account isn’t active here." in said
    assert "othing was awarded" not in said


def test_somebody_nobody_knows_is_not_called_by_an_id(world: World) -> None:
    world.engine.subscriptions.clear()
    stranger = world.engine.add_user("stranger", "A Stranger", id="U0STRANGER")
    world.engine.weather.refuse("users.info", error="user_not_found", times=1)
    world.command("tom", "/award", f"@{stranger.name} @maria team-player Thanks")

    said = world.ephemerals("tom")[-1].reads()
    assert "Maria Silva now has" in said
    assert "I can’t find 1 person you named" in said
    assert "U0STRANGER" not in said


def test_undoing_the_second_of_two_says_what_was_taken_back(world: World) -> None:
    world.command("tom", "/award", "@maria team-player One")
    world.advance(minutes=5)
    world.command("tom", "/award", "@maria team-player Two")

    world.click("tom", "award_undo")

    assert (
        "Undone: I took back *Team Player* from Maria Silva." in world.ephemerals("tom")[-1].reads()
    )
    assert awards_in(world) == 1


def test_what_is_revoked_before_it_is_posted_is_never_told(world: World) -> None:
    code = code_in(world.command("tom", "/award", "@maria team-player One").reads())
    revoked = world.command("tom", "/award", f"revoke {code} wrong person")
    world.deliver()

    assert "feed post" not in revoked.reads()
    assert world.feed() == []
    assert world.dms("maria") == []


def test_a_post_that_comes_late_tells_only_of_what_stands(world: World) -> None:
    said = world.command("tom", "/award", "@maria @yuki team-player One").reads()
    world.command("tom", "/award", f"revoke {code_in(said)} wrong person")
    world.advance(minutes=1)
    world.deliver()

    [post] = world.feed()
    assert "@由紀 Tanaka received *Team Player*" in post.reads()
    assert "Maria" not in post.reads()


def test_what_became_private_before_it_is_posted_is_left_out_of_the_post(world: World) -> None:
    world.command("tom", "/award", "@maria @yuki team-player One")
    award = table_of(Award)
    to_maria = award.c.recipient_id == world.people["maria"].id
    hide = update(award).where(to_maria).values(private=True)
    world.database.write(lambda session: session.execute(hide))
    world.deliver()

    [post] = world.feed()
    assert "@由紀 Tanaka received *Team Player*" in post.reads()
    assert "Maria" not in post.reads()


def test_revoking_promises_no_feed_post_for_a_badge_without_one(world: World) -> None:
    badge_table = table_of(Badge)
    world.database.write(
        lambda session: session.execute(
            update(badge_table).where(badge_table.c.slug == "team-player").values(feed=False)
        )
    )
    outcome = world.command("tom", "/award", "@maria team-player One")
    world.deliver()

    assert "No post in the feed" in outcome.reads()
    revoked = world.command("tom", "/award", f"revoke {code_in(outcome.reads())}")
    assert "feed post" not in revoked.reads()


def test_several_badges_are_hidden_from_the_history(world: World) -> None:
    world.command("tom", "/award", "@maria team-player, customer-hero Thanks")
    world.deliver()

    said = world.dms("maria")[0].reads()
    assert "They’re on your profile" in said
    assert "`/badges history` hides it" in said
    assert "/badges hide A-" not in said


def test_awarding_once_more_keeps_the_message_it_is_for(world: World) -> None:
    message = world.engine.post("maria", world.kudos, "The build is green again")
    for _ in range(2):
        world.shortcut("tom", "award_for_message", message)
        asked = send(world)
        last = asked.view
        if last is not None and "a minute ago" in last.reads():
            world.click("tom", "award_again")
        world.close("tom")
    world.deliver()

    link = f"<{world.engine.permalink(message)}|"
    posts = world.feed()[1:]
    assert len(posts) == 2
    assert all(link in str(post.blocks) for post in posts)


@pytest.mark.parametrize("reason", ["\x00Thank you", "Thank you\ud83d", "\u202eThank you  "])
def test_a_reason_from_the_form_is_cleaned(world_pg: World, reason: str) -> None:
    open_form(world_pg)

    outcome = send(world_pg, award_reason=reason)
    world_pg.deliver()

    assert outcome.view is not None
    assert "Maria Silva now has *Team Player*." in outcome.view.reads()
    assert "> Thank you\n" in world_pg.feed()[0].reads()
    assert "\u202e" not in world_pg.feed()[0].reads()


@pytest.mark.parametrize(
    ("reason", "box"),
    [("--private for your health talk", "Private"), ("Well done —quite", "Quiet")],
)
def test_a_flag_in_the_forms_reason_is_not_published(world: World, reason: str, box: str) -> None:
    open_form(world)

    outcome = send(world, award_reason=reason)

    assert f"Tick {box} instead" in outcome.errors["reason"]
    assert awards_in(world) == 0


@pytest.mark.parametrize("flag", ["--pvt", "--privé", '"--private"', "-secret", "--dry-run"])
def test_what_was_meant_as_a_flag_is_never_published(world: World, flag: str) -> None:
    said = world.command("maria", "/award", f"@tom team-player great {flag}").reads()
    world.deliver()

    assert "awarded nothing" in said or "nothing was awarded" in said
    assert world.feed() == []
    assert awards_in(world) == 0


@pytest.mark.parametrize("who", ["<!here>", "<#C1|general>", "@nobody-of-that-name"])
def test_a_recipient_that_cannot_be_one_is_told_that_nothing_was_awarded(
    world: World, who: str
) -> None:
    said = world.command("maria", "/award", f"{who} @tom team-player great", escape=False).reads()

    assert "so nothing was awarded." in said
    assert awards_in(world) == 0


def test_errors_at_a_field_have_no_backticks(world: World) -> None:
    open_form(world)

    errors = send(world, award_people=[world.users["tom"]]).errors

    assert "with /award and your name" in errors["people0"]


def test_no_form_opens_for_those_who_may_not_award(make_world: Any) -> None:
    world = make_world(awarders=parse_grant("UTOM"))
    message = world.engine.post("maria", world.kudos, "The build is green again")

    refused = world.command("yuki", "/award")
    by_shortcut = world.shortcut("yuki", "award_for_message", message)

    words = (
        "You can’t award badges here, as things stand. A colleague can do it for you;"
        " an owner can change that in Settings."
    )
    assert words in refused.reads()
    assert words in world.ephemerals("yuki")[-1].reads()
    assert (refused.view, by_shortcut.view) == (None, None)
    assert world.command("tom", "/award").view is not None


def test_a_guest_named_by_id_may_award(make_world: Any) -> None:
    world = make_world(awarders=parse_grant("UKIM"))

    assert "now has" in world.command("kim", "/award", "@maria team-player x").reads()


def test_an_achievement_is_held_once_however_often_it_was_given(world: World) -> None:
    world.command("tom", "/award", "@maria first-course --private Done")
    world.command("yuki", "/award", "@maria first-course Done")

    for text in ("show first-course", "catalog", ""):
        said = world.command("maria", "/badges", text).reads()
        assert "First Course" in said
        assert "×" not in said


def test_a_badge_for_others_to_award_is_not_taken_for_a_shorter_one(world: World) -> None:
    world.database.write(
        lambda session: badge(session, world.workspace.id, "Team Player Gold", awarders="UADA")
    )

    said = world.command("tom", "/award", "@maria team player gold Great work").reads()

    assert "Team Player Gold is for others to award, so nothing was awarded." in said
    assert "`/badges request @name team-player-gold`" in said
    assert awards_in(world) == 0
    theirs = world.command("ada", "/award", "@maria team player gold Great work").reads()
    assert "Maria Silva now has *Team Player Gold*." in theirs


@pytest.mark.parametrize("giver", ["tom", "ada"])
def test_a_private_badge_that_is_retired_is_unknown_to_its_awarders_too(
    world: World, giver: str
) -> None:
    change_badge(world, "night-owl", awarders="UTOM", active=False)

    said, unknown = (
        world.command(giver, "/award", f"@maria {slug} Up late").reads()
        for slug in ("night-owl", "nacht-owl")
    )

    assert said.replace("night-owl", "nacht-owl") == unknown
    assert awards_in(world) == 0


def test_a_private_badge_for_others_does_not_stand_in_the_way_of_a_shorter_one(
    world: World,
) -> None:
    world.database.write(
        lambda session: badge(
            session, world.workspace.id, "Team Player Gold", awarders="UADA", private=True
        )
    )

    said = world.command("tom", "/award", "@maria team player gold Great work").reads()

    assert "Maria Silva now has *Team Player*." in said


def test_a_badge_for_others_does_not_stand_in_the_way_of_one_of_the_same_name(
    world: World,
) -> None:
    def add(session: Connection) -> None:
        of = world.workspace.id
        badge(session, of, "Star", active=False, awarders="UADA")
        badge(session, of, "Moon", active=False)
        for name in ("Star", "Moon"):
            badge(session, of, name, slug=f"{name.lower()}-2")

    world.database.write(add)

    assert "now has *Star*" in world.command("tom", "/award", "@maria Star Well done").reads()
    assert "now has *Moon*" in world.command("tom", "/award", "@maria moon Well done").reads()


LONG = (
    "for winning the game and laughing with us and helping Tom and Yuki and cleaning the room and"
    " bringing cake and coffee and being so kind all along."
)


@pytest.mark.parametrize(
    ("words", "given"),
    [
        ("Rock, Paper, Scissors", "*Rock, Paper, Scissors*"),
        ('"Rock, Paper, Scissors"', "*Rock, Paper, Scissors*"),
        ('team-player and "Rock, Paper, Scissors"', "*Team Player* (`A-"),
    ],
)
def test_a_badge_with_commas_is_found_however_many_words_may_join_others(
    world: World, words: str, given: str
) -> None:
    world.database.write(
        lambda session: badge(session, world.workspace.id, "Rock, Paper, Scissors", slug="rps")
    )

    said = world.command("tom", "/award", f"@maria {words} {LONG}").reads()
    world.deliver()

    assert given in said
    assert "*Rock, Paper, Scissors*" in said
    assert f"> {LONG}" in world.feed()[0].reads()
