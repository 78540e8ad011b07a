"""`/award` as people type it, through Bolt, a database and a Slack that checks what it is sent."""

from typing import Any

import pytest
from slack_sdk import WebClient
from sqlalchemy import Connection, func, select

from bot.announcing import Announcer
from bot.delivery import Courier
from bot.deps import WorkspaceRef
from bot.orders import MAX_RECIPIENTS
from bot.parsing import AWARD_CODE
from storage import lanes
from storage.tables import Award, BadgeVersion, Delivery, table_of
from tests.badges.shelf import badge
from tests.world import World

AWARD = "@maria ping-pong-champion Great final!"


def awards_in(world: World) -> int:
    award = table_of(Award)
    return world.database.read(
        lambda session: session.execute(
            select(func.count()).where(award.c.revoked_at.is_(None))
        ).scalar_one()
    )


def code_in(text: str) -> str:
    return "A-" + text.split("A-")[1][:7]


def test_an_award_is_confirmed_posted_and_told_to_its_recipient(world: World) -> None:
    outcome = world.command("tom", "/award", AWARD)
    world.deliver()

    assert "Maria Silva now has *Ping-Pong Champion*." in outcome.reads()
    assert "On its way to #kudos · A-" in outcome.reads()
    [post] = world.feed()
    assert "@Maria Silva received *Ping-Pong Champion*\n> Great final!" in post.reads()
    assert "From Tom Okafor" in post.reads()
    assert post.pings() == {"UMARIA"}
    [message] = world.dms("maria")
    assert "Tom Okafor gave you *Ping-Pong Champion*.\n> Great final!" in message.reads()
    assert f"/badges hide {code_in(outcome.reads())}" in message.reads()
    assert world.dms("tom") == []


def test_the_post_shows_the_badges_card_with_words_for_those_who_cannot_see_it(
    world: World,
) -> None:
    world.command("tom", "/award", AWARD)
    world.deliver()

    [picture] = [block for block in world.feed()[0].blocks if block["type"] == "image"]
    assert picture["alt_text"] == "The badge “Ping-Pong Champion”: For a Ping-Pong Champion."


def test_several_people_and_badges_make_one_post(world: World) -> None:
    world.command("ada", "/award", "@maria @tom team-player, customer-hero Thank you both")
    world.deliver()

    [post] = world.feed()
    assert "@Maria Silva and @Tom Okafor received *Team Player* and *Customer Hero*" in post.reads()
    assert post.pings() == {"UMARIA", "UTOM"}
    assert len(world.dms("maria")) == len(world.dms("tom")) == 1
    assert awards_in(world) == 4


def test_a_user_group_is_everyone_in_it_but_its_giver(world: World) -> None:
    world.engine.add_group("platform", members=["maria", "tom", "yuki"])

    outcome = world.command("tom", "/award", "@platform team-player Shipped it")
    world.deliver()

    assert "asking Slack" in outcome.reads()
    assert world.feed()[0].pings() == {"UMARIA", "UYUKI"}
    assert "now have *Team Player*" in world.ephemerals("tom")[-1].reads()
    assert "yourself" not in world.ephemerals("tom")[-1].reads()


def test_a_giver_who_names_themselves_beside_a_group_reads_why_they_are_left_out(
    world: World,
) -> None:
    world.engine.add_group("platform", members=["maria", "yuki"])

    world.command("tom", "/award", "@tom @platform team-player Shipped it")

    said = world.ephemerals("tom")[-1].reads()
    assert "now have *Team Player*" in said
    assert "You can’t award yourself" in said


def test_an_empty_group_is_said_to_be_empty(world: World) -> None:
    world.engine.add_group("platform", members=[])

    world.command("tom", "/award", "@platform team-player Shipped it")

    said = world.ephemerals("tom")[-1].reads()
    assert "That group is empty. Nothing was awarded." in said


@pytest.mark.parametrize(
    "written",
    [
        "ping-pong-champion Great final!",
        "PING-PONG-CHAMPION Great final!",
        "Ping-Pong Champion Great final!",
        '"Ping-Pong Champion" Great final!',
        "“ping-pong champion” Great final!",
    ],
)
def test_a_badge_is_named_by_slug_or_name_in_any_case_quoted_or_not(
    world: World, written: str
) -> None:
    world.command("tom", "/award", f"@maria {written}")
    world.deliver()

    assert "received *Ping-Pong Champion*\n> Great final!" in world.feed()[0].reads()


@pytest.mark.parametrize("flag", ["--private", "—private", "–private", "--PRIVATE"])
def test_a_private_award_reaches_its_recipient_and_nobody_else(world: World, flag: str) -> None:
    outcome = world.command("tom", "/award", f"@maria team-player Thank you {flag}")
    world.deliver()

    assert "Private: only you, they and badge admins can see it" in outcome.reads()
    assert world.feed() == []
    assert "only you, Tom Okafor and badge admins can see it" in world.dms("maria")[0].reads()
    assert "> Thank you\n" in world.dms("maria")[0].reads()


def test_a_quiet_award_shows_on_the_profile_without_a_post(world: World) -> None:
    outcome = world.command("tom", "/award", "@maria team-player --quiet Thank you")
    world.deliver()

    assert "Quiet: not posted in the feed" in outcome.reads()
    assert world.feed() == []
    assert "It’s on your profile" in world.dms("maria")[0].reads()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("@maria team-player -privat x", "“-privat” looks like `--private`, so I awarded nothing."),
        ("@maria team-player x —quite", "looks like `--quiet`, so I awarded nothing."),
        ("@maria --loud team-player x", "I don’t know the flag"),
        ("@gil team-player x", "Gil Gone’s account isn’t active here. Nothing was awarded."),
        ("@robo team-player x", "Robo is a bot, and bots don’t collect badges."),
        ("@tom team-player x", "You can’t award yourself"),
        ("@maria ping-pong-champ x", "Did you mean `ping-pong-champion`?"),
        ("@maria zzzzzz x", "`/badges catalog` shows what there is. Nothing was awarded."),
        ("@maria summer-2019 x", "Summer 2019 is retired"),
        (
            "@nobody team-player x",
            "“@nobody” is, so nothing was awarded. Pick the name from the list",
        ),
        ("@channel team-player x", "A badge goes to people, not to everybody in a channel"),
        ("team-player x", "Who is it for? Name people first, then the badge"),
        ("@maria team-player " + "x" * 4000, "That reason has 4,000 characters, and 500 is"),
        ("@maria team-player, custmer-hero x", "Did you mean `customer-hero`?"),
        ("revoke", "look like A-7K3QX9M: a profile shows you those of the awards you gave."),
        ("revoke A-0000000", "I don’t know an award A-0000000"),
    ],
)
def test_what_cannot_be_awarded_is_said_and_nothing_is(world: World, text: str, says: str) -> None:
    outcome = world.command("tom", "/award", text)
    world.deliver()

    assert says in outcome.reads()
    assert awards_in(world) == 0
    assert world.feed() == []
    assert world.dms("maria") == []


def test_mentions_and_markup_in_a_reason_ping_nobody(world: World) -> None:
    world.command(
        "tom",
        "/award",
        "@maria team-player <!channel> @channel @ada <https://evil.example|click> & *wow* 🎉 שלום",
    )
    world.deliver()

    [post] = world.feed()
    assert post.pings() == {"UMARIA"}
    assert "🎉 שלום" in post.reads()
    assert world.dms("maria")[0].pings() == frozenset()


def test_a_mention_after_the_badge_is_text_of_the_reason(world: World) -> None:
    world.command("tom", "/award", "@maria team-player for helping @yuki")
    world.deliver()

    assert "for helping @" in world.feed()[0].reads()
    assert world.feed()[0].pings() == {"UMARIA"}
    assert world.dms("yuki") == []


def test_people_slack_has_not_told_of_are_looked_up_and_then_awarded(world: World) -> None:
    world.engine.subscriptions.clear()  # as when Slack's event got lost
    new = world.engine.add_user("nina", "Nina New", id="UNINA")

    outcome = world.command("tom", "/award", "@nina team-player Welcome!")
    world.deliver()

    assert "One moment, I’m asking Slack who that is" in outcome.reads()
    assert "Nina New now has *Team Player*." in world.ephemerals("tom")[-1].reads()
    assert world.feed()[0].pings() == {new.id}


def test_two_hundred_people_at_once_are_refused_with_the_limit(world: World) -> None:
    names = [f"person{n}" for n in range(200)]
    for name in names:
        world.engine.add_user(name)

    said = world.command(
        "tom", "/award", " ".join(f"@{name}" for name in names) + " team-player x"
    ).reads()

    assert f"That is 200 people, and {MAX_RECIPIENTS} at once is the most." in said
    assert awards_in(world) == 0


def test_a_group_of_sixty_is_refused_before_anybody_in_it_is_looked_up(world: World) -> None:
    world.engine.subscriptions.clear()
    members = [world.engine.add_user(f"person{n}") for n in range(60)]
    world.engine.add_group("everybody", members=members)

    world.command("tom", "/award", "@everybody team-player x")

    said = world.ephemerals("tom")[-1].reads()
    assert "That group has 60 people, and that is too many at once." in said
    assert world.engine.traffic.calls("users.info") == []
    assert awards_in(world) == 0


def test_groups_that_are_too_many_together_are_refused_before_anybody_is_looked_up(
    world: World,
) -> None:
    world.engine.subscriptions.clear()
    for group in ("east", "west"):
        members = [world.engine.add_user(f"{group}{n}") for n in range(30)]
        world.engine.add_group(group, members=members)

    world.command("tom", "/award", "@east, @west team-player x")

    said = world.ephemerals("tom")[-1].reads()
    assert "Those groups have 60 people, and that is too many at once." in said
    assert world.engine.traffic.calls("users.info") == []


def test_the_form_says_of_a_huge_group_that_it_is_too_many_and_looks_nobody_up(
    world: World,
) -> None:
    world.engine.subscriptions.clear()
    members = [world.engine.add_user(f"person{n}") for n in range(120)]
    world.engine.add_group("everybody", members=members)

    world.command("tom", "/award", "@everybody")

    view = world.view("tom")
    assert view is not None
    assert "That group has 120 people, and that is too many at once." in view.reads()
    assert world.engine.traffic.calls("users.info") == []


def test_a_guest_neither_awards_nor_is_awarded_unless_the_workspace_says_so(world: World) -> None:
    refused = world.command("tom", "/award", "@kim team-player Thanks").reads()
    assert "Kim Guest is a guest. Guests don’t collect badges here; an admin can" in refused
    refused = world.command("kim", "/award", "@tom team-player Thanks").reads()
    assert "Guests can’t award badges here" in refused

    world.decide(guests_receive=True, guests_award=True)

    assert "Kim Guest now has" in world.command("tom", "/award", "@kim team-player Thanks").reads()
    assert "Maria Silva now has" in world.command("kim", "/award", "@maria team-player Hi").reads()
    assert awards_in(world) == 2


def test_who_may_award_is_up_to_the_workspace(make_world: Any) -> None:
    from bot.grants import parse_grant

    world = make_world(awarders=parse_grant("UTOM"))

    assert "now has" in world.command("tom", "/award", "@maria team-player x").reads()
    assert "now has" in world.command("ada", "/award", "@maria team-player x").reads()
    refused = world.command("yuki", "/award", "@maria team-player x")
    assert "You can’t award badges here, as things stand." in refused.reads()


def test_a_private_badge_is_unknown_to_those_who_may_not_award_it(world: World) -> None:
    hidden = world.command("tom", "/award", "@maria night-owl x").reads()
    absent = world.command("tom", "/award", "@maria night-elf x").reads()

    assert hidden.replace("night-owl", "night-elf") == absent
    assert "now has *Night Owl*" in world.command("ada", "/award", "@maria night-owl x").reads()


def test_an_achievement_already_held_is_said_and_flair_is_given_again(world: World) -> None:
    world.command("tom", "/award", "@maria first-course Done")
    again = world.command("ada", "/award", "@maria first-course, team-player Done")

    assert "Maria Silva now has *Team Player*." in again.reads()
    assert "Maria Silva already holds *First Course*" in again.reads()


@pytest.mark.parametrize(("flag", "posts"), [("", 1), (" --private", 0), (" --quiet", 0)])
def test_a_command_delivered_three_times_awards_once_and_says_the_same(
    world: World, flag: str, posts: int
) -> None:
    outcome = world.command("tom", "/award", f"{AWARD}{flag}", deliver_times=3)
    world.deliver()

    assert outcome.answer is not None
    assert [answer.body for answer in outcome.repeats] == [outcome.answer.body] * 2
    assert awards_in(world) == 1
    assert len(world.feed()) == posts
    assert len(world.dms("maria")) == 1


def test_the_same_typed_again_within_a_minute_is_asked_about(world: World) -> None:
    world.command("tom", "/award", AWARD)
    asked = world.command("tom", "/award", AWARD)

    assert "with the same words a minute ago" in asked.reads()
    assert awards_in(world) == 1
    world.click("tom", "award_again")
    assert awards_in(world) == 2
    assert "Maria Silva now has" in world.ephemerals("tom")[-1].reads()


def test_who_joined_the_user_group_after_it_was_asked_about_is_not_awarded(world: World) -> None:
    group = world.engine.add_group("platform", members=["maria", "yuki"])
    for _ in range(2):
        world.command("tom", "/award", "@platform team-player Shipped it")
    assert "a minute ago" in world.ephemerals("tom")[-1].reads()
    world.engine.change_group(group, members=["ada", "maria", "yuki"])
    world.settle()

    world.click("tom", "award_again")

    assert "now have *Team Player*" in world.ephemerals("tom")[-1].reads()
    assert "Ada" not in world.ephemerals("tom")[-1].reads()
    assert awards_in(world) == 4


def test_leaving_it_after_being_asked_awards_nothing(world: World) -> None:
    world.command("tom", "/award", AWARD)
    world.command("tom", "/award", AWARD)

    world.click("tom", "award_dismiss")

    assert "Left as it was." in world.ephemerals("tom")[-1].reads()
    assert awards_in(world) == 1


def test_undo_deletes_the_post_and_the_direct_message(world: World) -> None:
    world.command("tom", "/award", AWARD)
    world.deliver()
    world.click("tom", "award_undo")
    world.deliver()

    said = world.ephemerals("tom")[-1].reads()
    assert "Undone: I took back *Ping-Pong Champion* from Maria Silva." in said
    assert world.feed() == []
    assert world.dms("maria") == []
    assert awards_in(world) == 0


def test_undo_before_the_post_is_sent_means_it_never_is(world: World) -> None:
    world.command("tom", "/award", AWARD)
    world.click("tom", "award_undo")
    world.deliver()

    assert world.feed() == []
    assert world.dms("maria") == []
    delivery = table_of(Delivery)
    states = select(delivery.c.state).distinct()  # none is a failure for admins to look at
    assert world.database.read(lambda session: session.execute(states).scalars().all()) == [
        "skipped"
    ]


def test_undo_deletes_a_direct_message_that_stepped_aside_and_is_on_its_way(world: World) -> None:
    world.command("tom", "/award", AWARD)
    delivery, maria = table_of(Delivery), world.people["maria"]

    def step_aside(session: Connection) -> None:
        lanes.put_aside(
            session,
            workspace_id=world.workspace.id,
            delivery_id=session.execute(
                select(delivery.c.id).where(delivery.c.kind == "notify")
            ).scalar_one(),
            lane=f"dm:{maria.id}",
            next_at=world.now(),
        )

    world.database.write(step_aside)
    asked: list[WorkspaceRef] = []

    def undo_first(workspace: WorkspaceRef) -> WebClient:
        """Slack's client; for the second request, once what it says was read."""
        asked.append(workspace)
        if len(asked) == 2:
            world.click("tom", "award_undo")
            world.laurel.courier.run_due()  # another worker is quicker
        return world.laurel.deps.slack(workspace)

    courier = Courier(
        database=world.database,
        slack=undo_first,
        clock=world.now,
        announcing=Announcer(lambda *_: {}, settings=world.settings),
        draw=lambda *_: (b"", "", ""),
    )
    assert courier.run_due() == 2
    assert "Tom Okafor gave you" in world.dms("maria")[0].reads()
    world.deliver()
    assert world.dms("maria") == []
    assert world.feed() == []


def test_a_second_click_on_undo_changes_nothing(world: World) -> None:
    world.command("tom", "/award", AWARD)
    confirmation = world.ephemerals("tom")[-1]
    world.click("tom", "award_undo", ephemeral=confirmation)

    world.click("tom", "award_undo", ephemeral=confirmation)

    assert "That was undone already." in world.ephemerals("tom")[-1].reads()


def test_an_old_undo_says_what_still_works(world: World) -> None:
    outcome = world.command("tom", "/award", AWARD)
    world.advance(minutes=11)

    world.click("tom", "award_undo")

    said = world.ephemerals("tom")[-1].reads()
    assert "It’s been more than ten minutes, so Undo is closed." in said
    assert f"`/award revoke {code_in(outcome.reads())}` still works." in said
    assert awards_in(world) == 1


def test_an_old_undo_of_several_names_their_ids_and_leaves_the_confirmation(world: World) -> None:
    given = world.command("tom", "/award", "@maria @yuki team-player, customer-hero Thank you")
    codes = sorted(AWARD_CODE.findall(given.reads()))
    world.advance(minutes=11)

    world.click("tom", "award_undo")

    confirmation, refusal = world.ephemerals("tom")
    assert len(codes) == 4
    assert sorted(AWARD_CODE.findall(confirmation.reads())) == codes
    assert sorted(AWARD_CODE.findall(refusal.reads())) == codes
    assert "`/award revoke` with an award’s id still works" in refusal.reads()


@pytest.mark.parametrize(("by", "named"), [("ada", "Ada Admin"), ("tom", "you")])
def test_undo_of_what_was_revoked_says_by_whom(world: World, by: str, named: str) -> None:
    code = code_in(world.command("tom", "/award", AWARD).reads())
    confirmation = world.ephemerals("tom")[-1]
    world.command(by, "/award", f"revoke {code} not yet")

    world.click("tom", "award_undo", ephemeral=confirmation)

    assert (
        f"That was revoked already by {named}, so there is nothing left to undo."
        in world.ephemerals("tom")[-1].reads()
    )


def test_revoking_what_was_undone_says_so_to_its_giver_alone(world: World) -> None:
    code = code_in(world.command("tom", "/award", AWARD).reads())
    world.click("tom", "award_undo")

    assert f"{code} was undone already." in world.command("tom", "/award", f"revoke {code}").reads()
    for other in ("maria", "ada"):
        said = world.command(other, "/award", f"revoke {code}").reads()
        assert f"I don’t know an award {code}." in said


def test_revoking_edits_the_post_and_keeps_the_history(world: World) -> None:
    code = code_in(world.command("tom", "/award", AWARD).reads())
    world.deliver()

    outcome = world.command("tom", "/award", f"revoke {code.lower()} the wrong Maria")
    world.deliver()

    assert (
        f"Done: {code}, *Ping-Pong Champion* for Maria Silva, is revoked."
        " The feed post will say so." in outcome.reads()
    )
    [post] = world.feed()
    assert "~Maria Silva received Ping-Pong Champion~ (revoked by Tom Okafor)" in post.reads()
    assert "Great final!" not in post.reads()
    assert "was revoked by Tom Okafor" in world.dms("maria")[0].reads()
    assert "now has" in world.command("tom", "/award", AWARD).reads()


def test_revoking_one_of_several_keeps_the_others_in_the_post(world: World) -> None:
    said = world.command("tom", "/award", "@maria @yuki team-player Thanks").reads()
    world.deliver()

    world.command("ada", "/award", f"revoke {code_in(said)}")
    world.deliver()

    [post] = world.feed()
    assert "@由紀 Tanaka received *Team Player*\n~Maria Silva received Team Player~" in post.reads()


def test_somebody_else_cannot_revoke(world: World) -> None:
    code = code_in(world.command("tom", "/award", AWARD).reads())

    outcome = world.command("yuki", "/award", f"revoke {code}")

    assert f"Only whoever gave {code} and badge admins can revoke it." in outcome.reads()
    assert awards_in(world) == 1


def test_an_admin_whom_laurel_has_not_met_can_revoke(world: World) -> None:
    world.engine.subscriptions.clear()
    world.engine.add_user("nina", "Nina New", is_admin=True)
    code = code_in(world.command("tom", "/award", AWARD).reads())

    world.command("nina", "/award", f"revoke {code}")

    assert "is revoked" in world.ephemerals("nina")[-1].reads()
    assert awards_in(world) == 0


def test_help_names_every_form_of_the_command(world: World) -> None:
    said = world.command("tom", "/award", "help").reads()

    for usage in ("--private", "--quiet", "revoke A-7K3QX9M", "/award help"):
        assert usage in said
    assert len(said.splitlines()) <= 12


def test_a_private_feed_channel_is_found_by_its_name(make_world: Any) -> None:
    world = make_world(feed_channel="leads")
    leads = world.engine.add_channel("leads", private=True, members=["tom"])

    world.command("tom", "/award", AWARD)
    world.deliver()

    assert "@Maria Silva received" in world.engine.messages(leads)[-1].reads()


def test_no_feed_channel_means_no_post(make_world: Any) -> None:
    world = make_world(feed_channel="")

    outcome = world.command("tom", "/award", AWARD)
    world.deliver()

    assert "No post in the feed" in outcome.reads()
    assert len(world.dms("maria")) == 1


def test_it_works_on_postgresql_too(world_pg: World) -> None:
    world_pg.command("tom", "/award", "@maria @yuki team-player, first-course Great!")
    world_pg.deliver()
    world_pg.click("tom", "award_undo")
    world_pg.deliver()

    assert world_pg.feed() == []
    assert awards_in(world_pg) == 0


def test_a_private_badge_named_like_a_public_one_does_not_stand_in_its_way(world: World) -> None:
    world.database.write(
        lambda session: badge(
            session, world.workspace.id, "Team Player", slug="secret-team-player", private=True
        )
    )

    assert "now has *Team Player*" in world.command("tom", "/award", "@maria team player x").reads()
    world.deliver()
    assert len(world.feed()) == 1


def test_a_refusal_shows_a_badges_name_as_it_is_written(world: World) -> None:
    def rename(session: Any) -> None:
        version = table_of(BadgeVersion)
        retired = world.badges["summer-2019"].version_id
        session.execute(version.update().where(version.c.id == retired).values(name="*Sum* `mer`"))

    world.database.write(rename)

    said = world.command("tom", "/award", "@maria summer-2019 x").text

    assert said.replace("\u200b", "").startswith("*Sum* `mer` is retired")
    assert "\u200b*\u200bSum\u200b*\u200b \u200b`\u200bmer\u200b`\u200b is retired" in said
