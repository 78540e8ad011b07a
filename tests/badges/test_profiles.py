"""Profiles, as people see them in Slack."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from bot import profiles
from bot.answers import Answer, own_or_other
from bot.messages.profile import profile_message
from bot.playground import Message
from bot.profiles import Profile
from bot.showing import Pause, follow_acknowledgement
from storage import people
from storage.people import Profile as Someone
from storage.tables import Award, table_of
from tests.badges.shelf import award, badge, many
from tests.cast import NOW
from tests.world import MakeWorld, World


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """A world in which Slack would fetch pictures by itself, so that none is drawn here."""
    return make_world(public_url="https://laurel.acme.example")


def words_of(world: World, user: str, text: str = "") -> str:
    outcome = world.command(user, "/badges", text)
    assert outcome.acknowledged, outcome
    return outcome.reads()


def last(world: World, user: str) -> Message:
    return world.ephemerals(user)[-1]


def test_a_profile_says_what_is_held_from_whom_when_and_why(world: World) -> None:
    world.command("tom", "/award", "@maria ping-pong-champion Great final!")
    world.advance(minutes=5)
    world.command("ada", "/award", "@maria ping-pong-champion The second cup")
    world.command("ada", "/award", "@maria team-player")
    seen = words_of(world, "yuki", "@maria")
    assert "Maria Silva’s badges" in seen
    assert "2 badges, 3 awards" in seen
    assert "Ping-Pong Champion ×2" in seen
    assert "*Ping-Pong Champion* · from Tom Okafor · 2026/11/21\n> Great final!" in seen


def test_an_empty_profile_is_friendly_and_says_what_to_do(world: World) -> None:
    assert "You have no badges yet. `/badges catalog`" in words_of(world, "maria")
    assert "Tom Okafor has no badges yet" in words_of(world, "maria", "@tom")


@pytest.mark.parametrize(
    ("reader", "day"),
    [("maria", "20/11/2026"), ("yuki", "2026/11/21"), ("tom", "Nov 20, 2026")],
)
def test_a_date_is_the_readers_own_in_timezone_and_language(
    world: World, reader: str, day: str
) -> None:
    # 20:00 in Lisbon and 15:00 in New York is 05:00 of the next day in Tokyo.
    at = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
    ada = world.people["ada"]
    world.database.write(
        lambda s: award(s, world.workspace.id, world.badges["team-player"], ada, at=at)
    )
    assert day in words_of(world, reader, "@ada")


def test_two_thousand_awards_can_be_paged_to_the_end_and_back(world: World) -> None:
    maria = world.people["maria"]
    given = [world.badges["ping-pong-champion"], world.badges["team-player"]]
    world.database.write(lambda s: many(s, world.workspace.id, given, maria, 2000))
    assert "2 badges, 2,000 awards" in words_of(world, "maria")
    words_of(world, "maria")
    shown = last(world, "maria")
    assert "Page 1 of 400" in shown.reads()
    assert "Newer" not in shown.reads()
    world.click("maria", "profile_older", ephemeral=shown)
    assert "Page 2 of 400" in last(world, "maria").reads()
    world.click("maria", "profile_newer", ephemeral=last(world, "maria"))
    assert "Page 1 of 400" in last(world, "maria").reads()
    world.click("maria", "profile_oldest", ephemeral=last(world, "maria"))
    assert "Page 400 of 400" in last(world, "maria").reads()
    world.click("maria", "profile_newest", ephemeral=last(world, "maria"))
    assert "Page 1 of 400" in last(world, "maria").reads()

    def every_page(session: Connection) -> list[Profile]:
        reader = profiles.reader_of(session, world.workspace, world.settings, "UMARIA", asked=True)
        pictures = world.laurel.deps.pictures
        return [
            profiles.profile(
                session,
                pictures,
                world.workspace,
                owner=maria,
                reader=reader,
                now=world.now(),
                page=page,
            )
            for page in range(1, 401)
        ]

    pages = world.database.read(every_page)
    assert len({line.award.code for page in pages for line in page.lines}) == 2000
    buttons = [labels_of(profile_message(pages[number - 1], None)) for number in (1, 2, 9, 400)]
    assert buttons == [
        ["Older", "Oldest", "Share here"],
        ["Newer", "Older", "Oldest", "Share here"],
        ["Newest", "Newer", "Older", "Oldest", "Share here"],
        ["Newest", "Newer", "Share here"],
    ]


def labels_of(message: Any) -> list[str]:
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return [one["text"]["text"] for row in rows for one in row if one["type"] == "button"]


def test_three_pages_need_no_buttons_to_their_ends(world: World) -> None:
    given = [world.badges["team-player"]]
    world.database.write(lambda s: many(s, world.workspace.id, given, world.people["maria"], 15))
    words_of(world, "maria")
    assert "Page 1 of 3" in last(world, "maria").reads()
    assert labels_of(last(world, "maria")) == ["Older", "Share here"]


def test_the_oldest_page_is_the_oldest_though_the_button_was_there_before_new_awards(
    world: World,
) -> None:
    given, maria = [world.badges["team-player"]], world.people["maria"]
    world.database.write(lambda s: many(s, world.workspace.id, given, maria, 20))
    words_of(world, "maria")
    shown = last(world, "maria")
    assert "Page 1 of 4" in shown.reads()
    world.command("tom", "/award", "@maria customer-hero")
    world.click("maria", "profile_oldest", ephemeral=shown)
    assert "Page 5 of 5" in last(world, "maria").reads()


def test_a_history_can_be_read_from_its_end(world: World) -> None:
    given, maria = [world.badges["team-player"]], world.people["maria"]
    world.database.write(lambda s: many(s, world.workspace.id, given, maria, 40))
    words_of(world, "maria", "history")
    world.click("maria", "history_oldest", ephemeral=last(world, "maria"))
    end = last(world, "maria")
    assert "Page 5 of 5" in end.reads()
    assert labels_of(end)[-2:] == ["Newest", "Newer"]
    world.click("maria", "history_newest", ephemeral=end)
    assert "Page 1 of 5" in last(world, "maria").reads()


OMAR = Someone("UOMAR", "عمر حدّاد", "Asia/Dubai", "ar-AE")
OMAR_SHOWN = "\u2068عمر حدّاد\u2069"  # apart from the words around it, which read from left to right


def test_the_words_around_a_name_from_right_to_left_stay_in_their_order(world: World) -> None:
    world.database.write(
        lambda s: people.save_profiles(s, workspace_id=world.workspace.id, profiles=[OMAR], now=NOW)
    )
    world.engine.add_user("omar", OMAR.name, id=OMAR.slack_id, locale="ar-AE")
    world.command("tom", "/award", "@omar team-player Well played")
    assert f"*{OMAR_SHOWN}’s badges*\n1 badge" in words_of(world, "tom", "@omar")
    world.click("tom", "profile_share", ephemeral=profile_with_share(world, "tom"))
    assert f"*{OMAR_SHOWN}’s badges*\n1 badge" in world.feed()[-1].reads()

    world.engine.open_home("omar")
    world.settle()
    home = world.engine.home("omar")
    assert home is not None
    assert f"Hello, {OMAR_SHOWN}" in home.reads()
    # Unicode's marks within an Arabic date would scramble it among words from left to right.
    assert "from Tom Okafor · \u206820\u200f/11\u200f/2026\u2069\n" in home.reads()


def test_who_gave_an_award_finds_its_id_on_the_profile_and_nobody_else_does(world: World) -> None:
    world.command("tom", "/award", "@maria @yuki team-player, customer-hero --quiet Thanks")
    world.advance(minutes=1)
    world.command("ada", "/award", "@maria event-speaker --private A talk")
    words_of(world, "maria", "history")
    codes = re.findall(r"`(A-\w{7})`", last(world, "maria").reads())
    assert len(codes) == 3

    assert re.findall(r"from you · .* · `(A-\w{7})`", words_of(world, "tom", "@maria")) == codes[1:]
    assert re.findall(r"from you · .* · `(A-\w{7})`", words_of(world, "ada", "@maria")) == codes[:1]
    for who in ("maria", "yuki"):
        assert "A-" not in words_of(world, who, "@maria")
    world.click("tom", "profile_share", ephemeral=profile_with_share(world, "tom"))
    assert "Team Player" in world.feed()[-1].reads()
    assert "A-" not in world.feed()[-1].reads()

    revoked = world.command("tom", "/award", f"revoke {codes[1]} A mistake")
    assert f"Done: {codes[1]}" in revoked.reads()


def test_what_was_undone_is_in_no_history_and_what_was_revoked_is(world: World) -> None:
    world.command("tom", "/award", "@maria team-player By mistake")
    world.click("tom", "award_undo")
    given = world.command("tom", "/award", "@maria customer-hero Too early").reads()
    code = next(word for word in given.split() if word.startswith("A-"))
    world.command("tom", "/award", f"revoke {code}")

    history = words_of(world, "maria", "history")

    assert "Customer Hero" in history
    assert "Team Player" not in history
    assert "By mistake" not in history


def test_a_guest_who_collects_nothing_has_no_trophy_case(make_world: MakeWorld) -> None:
    world = make_world()
    for who, text, words in (
        ("maria", "@kim", "Kim Guest has no badges: guests don’t collect any here."),
        ("kim", "", "Guests don’t collect badges here, so you have none."),
    ):
        before = len(world.ephemerals(who))
        assert words in words_of(world, who, text)
        shown = [block for one in world.ephemerals(who)[before:] for block in one.blocks]
        assert [block["type"] for block in shown] == ["section"]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("@gil", "Gil Gone is not active in this workspace, so there is no profile to show."),
        ("@robo", "Robo is an app, and apps hold no badges."),
        ("@laurel", "I only hand badges out; I hold none myself."),
        ("@ada @tom", "One person at a time, please: `/badges @maria`."),
        ("#kudos", "Only people hold badges."),
        ("@channel", "Only people hold badges."),
        ("show", "Which badge?"),
        ("dm maybe", "Is that on or off?"),
        ("hide", "Which award? Ids look like A-7K3QX9M: `/badges history` shows yours."),
        ("hide A-7K3QX9M", "I can’t find an award of yours with that id."),
        ("unhide A-7K3QX9M", "I can’t find an award of yours with that id."),
        ("xyzzy", "I don’t know a badge called “xyzzy”."),
    ],
)
def test_what_cannot_be_shown_is_answered_with_what_to_do(
    world: World, text: str, answer: str
) -> None:
    assert answer in words_of(world, "maria", text)


def test_a_name_that_is_no_link_is_answered_with_how_to_make_it_one(world: World) -> None:
    outcome = world.command("maria", "/badges", "@maria", escape=False)
    assert "I can’t tell who “@maria” is. Pick the name from the list" in outcome.reads()


def test_a_user_group_has_no_profile(world: World) -> None:
    group = "<!subteam^S0PLATFORM|@platform>"
    assert (
        "Only people hold badges." in world.command("maria", "/badges", group, escape=False).reads()
    )


def test_someone_new_is_looked_up_in_slack_after_the_acknowledgement(world: World) -> None:
    world.engine.subscriptions.clear()
    nora = world.engine.add_user("nora", "Nora New")
    outcome = world.command("maria", "/badges", f"<@{nora.id}|nora>", escape=False)
    assert "One moment" in outcome.reads()
    assert any("Nora New has no badges yet" in m.reads() for m in world.ephemerals("maria"))


def test_someone_slack_does_not_know_is_said_to_be_unknown(world: World) -> None:
    world.command("maria", "/badges", "<@U0NOBODY|nobody>", escape=False)
    assert "Slack does not know that person" in last(world, "maria").reads()


def test_someone_new_can_look_at_their_own_badges(world: World) -> None:
    world.engine.subscriptions.clear()
    world.engine.add_user("nora", "Nora New")
    world.command("nora", "/badges")
    assert any("You have no badges yet" in m.reads() for m in world.ephemerals("nora"))


def test_what_is_shared_is_what_everyone_may_see_and_pings_nobody(world: World) -> None:
    world.command("tom", "/award", "@maria ping-pong-champion <!channel> well done <@UTOM>")
    world.command("ada", "/award", "@maria customer-hero --private A secret")
    world.command("yuki", "/award", "@maria team-player Not for show")
    assert "3 badges" in words_of(world, "maria")
    hide(world, "maria", "Team Player")
    words_of(world, "maria")
    before = len(world.feed())
    world.click("maria", "profile_share", ephemeral=profile_with_share(world, "maria"))
    (posted,) = world.feed()[before:]
    seen = posted.reads()
    assert "Maria Silva’s badges" in seen
    assert "1 badge" in seen
    assert "Ping-Pong Champion" in seen
    assert "Shared by Maria Silva" in seen
    for secret in ("Customer Hero", "Team Player", "private", "hidden", "A secret"):
        assert secret not in seen
    assert not posted.pings()


def test_a_shared_profile_has_its_picture_even_if_slack_has_to_get_it_first(
    make_world: MakeWorld,
) -> None:
    world = make_world()
    world.command("tom", "/award", "@maria ping-pong-champion Well played")
    world.command("ada", "/award", "@maria customer-hero --private A secret")
    words_of(world, "maria")
    before = len(world.feed())
    world.click("maria", "profile_share", ephemeral=profile_with_share(world, "maria"))
    (posted,) = world.feed()[before:]
    (image,) = [block for block in posted.blocks if block["type"] == "image"]
    assert image["alt_text"] == "Trophy case: Ping-Pong Champion."


def test_a_profile_of_private_awards_alone_is_not_shared(world: World) -> None:
    world.command("ada", "/award", "@maria customer-hero --private A secret")
    words_of(world, "maria")
    before = len(world.feed())
    world.click("maria", "profile_share", ephemeral=profile_with_share(world, "maria"))
    assert world.feed()[before:] == []
    assert "nothing was shared" in last(world, "maria").reads()


def test_a_second_click_shares_nothing_more_until_a_minute_is_over(world: World) -> None:
    world.command("tom", "/award", "@maria ping-pong-champion")
    words_of(world, "maria")
    shown = profile_with_share(world, "maria")
    before = len(world.feed())
    for _click in range(2):
        world.click("maria", "profile_share", ephemeral=shown)
    assert len(world.feed()) == before + 1
    assert "It’s shared here already." in last(world, "maria").reads()

    world.advance(minutes=1)
    world.click("maria", "profile_share", ephemeral=shown)
    assert len(world.feed()) == before + 2


def test_someone_elses_profile_can_be_shared(world: World) -> None:
    world.command("tom", "/award", "@maria ping-pong-champion")
    words_of(world, "yuki", "@maria")
    before = len(world.feed())
    world.click("yuki", "profile_share", ephemeral=profile_with_share(world, "yuki"))
    (posted,) = world.feed()[before:]
    assert "Shared by 由紀 Tanaka" in posted.reads()


def profile_with_share(world: World, user: str) -> Message:
    return next(m for m in reversed(world.ephemerals(user)) if "Share here" in m.reads())


def hide(world: World, user: str, name: str) -> str:
    """Hide someone's award of a badge by its button, and return its id."""
    world.command(user, "/badges", "history")
    history = last(world, user)
    block = next(b for b in history.blocks if name in b.get("text", {}).get("text", ""))
    value: str = block["accessory"]["value"]
    world.click(user, "award_hide", value=value, ephemeral=history)
    return value.partition(":")[0]


def test_a_hidden_award_is_seen_by_its_recipient_alone_until_it_is_shown_again(
    world: World,
) -> None:
    world.command("tom", "/award", "@maria ping-pong-champion")
    world.command("tom", "/award", "@maria team-player")
    code = hide(world, "maria", "Team Player")
    own = words_of(world, "maria")
    assert "Team Player" in own
    assert "Hidden: seen only by you." in own
    for someone in ("tom", "ada", "yuki"):
        seen = words_of(world, someone, "@maria")
        assert "Team Player" not in seen
        assert "1 badge\n" in seen
    assert "Nobody holds it yet" in words_of(world, "tom", "show team-player")
    assert "Hidden" in words_of(world, "maria", f"hide {code}")  # twice is as once
    assert "shows on your profile again" in words_of(world, "maria", f"unhide {code.lower()}")
    assert "Team Player" in words_of(world, "tom", "@maria")


def test_nobody_hides_the_award_of_someone_else(world: World) -> None:
    world.command("tom", "/award", "@maria team-player")
    world.command("maria", "/badges", "history")
    code = next(
        b["accessory"]["value"] for b in last(world, "maria").blocks if "accessory" in b
    ).partition(":")[0]
    for someone in ("tom", "ada", "yuki"):
        unknown = words_of(world, someone, "hide A-0000000")
        assert words_of(world, someone, f"hide {code}") == unknown
    assert "Team Player" in words_of(world, "yuki", "@maria")


def test_the_history_keeps_revoked_awards_and_says_who_and_why(world: World) -> None:
    world.command("tom", "/award", "@maria team-player")
    world.command("maria", "/badges", "history")
    code = next(
        b["accessory"]["value"] for b in last(world, "maria").blocks if "accessory" in b
    ).partition(":")[0]
    world.command("tom", "/award", f"revoke {code} Wrong Maria")
    seen = words_of(world, "maria", "history")
    assert code in seen
    assert "Revoked by Tom Okafor on 20/11/2026: Wrong Maria" in seen
    assert "Hide" not in seen
    assert "was revoked" in words_of(world, "maria", f"hide {code}")


def test_an_award_that_expired_is_in_the_history_alone(world: World) -> None:
    world.command("tom", "/award", "@maria team-player")
    expired = {"expires_at": world.now() + timedelta(hours=1)}
    world.database.write(lambda s: s.execute(table_of(Award).update().values(**expired)))
    assert "Team Player" in words_of(world, "maria")
    world.advance(hours=1)
    assert "You have no badges yet" in words_of(world, "maria")
    assert "Nobody holds it yet" in words_of(world, "maria", "show team-player")
    assert "Expired on 20/11/2026." in words_of(world, "maria", "history")


def test_a_long_history_is_paged_and_hiding_stays_on_its_page(world: World) -> None:
    maria, given = world.people["maria"], [world.badges["team-player"]]
    world.database.write(lambda s: many(s, world.workspace.id, given, maria, 20))
    world.command("maria", "/badges", "history")
    world.click("maria", "history_older", ephemeral=last(world, "maria"))
    second = last(world, "maria")
    assert "Page 2 of 3" in second.reads()
    value = next(b["accessory"]["value"] for b in second.blocks if "accessory" in b)
    world.click("maria", "award_hide", value=value, ephemeral=second)
    after = last(world, "maria").reads()
    assert "Page 2 of 3" in after
    assert "hidden" in after


def test_direct_messages_can_be_turned_off_and_on(world: World) -> None:
    assert "I’ll send you a direct message" in words_of(world, "maria", "dm")
    assert "I won’t send you" in words_of(world, "maria", "DM off")
    world.command("tom", "/award", "@maria team-player")
    world.deliver()
    assert world.dms("maria") == []
    assert "I’ll send you" in words_of(world, "maria", "notifications on")
    world.command("tom", "/award", "@maria customer-hero")
    world.deliver()
    assert len(world.dms("maria")) == 1


def test_help_names_every_sub_command(world: World) -> None:
    seen = words_of(world, "maria", "help")
    for usage in ("catalog", "show", "history", "hide", "unhide", "dm off", "@maria"):
        assert f"/badges {usage}" in seen


def test_the_trophy_case_follows_once_and_is_there_at_once_the_next_time(
    make_world: MakeWorld,
) -> None:
    world = make_world()
    world.command("tom", "/award", "@maria team-player")
    first = world.command("maria", "/badges")
    assert not [b for b in first.blocks if b["type"] == "image"]
    alone = last(world, "maria")
    assert alone.blocks[0]["type"] == "image"
    assert alone.blocks[0]["alt_text"] == "Trophy case: Team Player."
    uploaded = len(world.engine.files)
    second = world.command("tom", "/badges", "@maria")
    assert [b for b in second.blocks if b["type"] == "image"]
    assert len(world.engine.files) == uploaded


def follow(world: World, response_url: str, pause: Pause) -> None:
    """Do what follows Maria's `/badges`, with a way of waiting of our own."""
    deps, workspace = world.laurel.deps, world.workspace

    def work(session: Connection) -> Answer:
        reader = profiles.reader_of(session, workspace, world.settings, "UMARIA", asked=True)
        return own_or_other(session, deps, workspace, reader=reader, owner=reader.person)

    answer = world.database.read(work)
    follow_acknowledgement(deps, workspace, answer, response_url, pause=pause)


def test_a_picture_that_slack_still_works_on_is_tried_again(make_world: MakeWorld) -> None:
    world = make_world()
    shown = world.command("maria", "/badges")
    world.command("tom", "/award", "@maria customer-hero")
    world.engine.file_processing = timedelta(seconds=1)
    waited: list[float] = []

    def pause(seconds: float) -> None:
        waited.append(seconds)
        world.advance(seconds=seconds)

    follow(world, shown.response_url, pause)
    assert waited == [0.5, 1.0]
    assert "Customer Hero" in last(world, "maria").reads()


def test_where_slack_never_shows_a_picture_the_words_stay_and_none_is_uploaded_for_an_hour(
    make_world: MakeWorld,
) -> None:
    world = make_world()
    shown = world.command("maria", "/badges")
    world.command("tom", "/award", "@maria customer-hero")
    world.engine.file_processing = timedelta(days=1)
    waited: list[float] = []
    before = len(world.engine.files)
    follow(world, shown.response_url, waited.append)
    assert waited == [0.5, 1.0, 2.0]
    assert len(world.engine.files) == before + 1
    assert "Customer Hero" in words_of(world, "maria")
    assert last(world, "maria").blocks[0]["type"] == "section"
    assert len(world.engine.files) == before + 1
    world.engine.file_processing = timedelta(0)
    world.advance(hours=1)
    world.command("maria", "/badges")
    assert last(world, "maria").blocks[0]["type"] == "image"


def test_a_slack_that_fails_takes_nothing_from_the_words(make_world: MakeWorld) -> None:
    world = make_world()
    world.command("tom", "/award", "@maria customer-hero")
    world.engine.scopes = set(world.engine.scopes) - {"files:write"}
    assert "Customer Hero" in words_of(world, "maria")
    assert [m for m in world.ephemerals("maria") if "wrong" in m.reads()] == []


def test_a_picture_that_was_deleted_in_slack_leaves_the_words_and_is_uploaded_anew(
    make_world: MakeWorld,
) -> None:
    world = make_world()
    given = [world.badges["team-player"]]
    world.database.write(lambda s: many(s, world.workspace.id, given, world.people["maria"], 12))
    words_of(world, "maria")
    world.command("maria", "/badges")
    shown = last(world, "maria")
    assert [block for block in shown.blocks if block["type"] == "image"]
    world.advance(minutes=1)
    world.engine.workspace.files.clear()
    world.click("maria", "profile_older", ephemeral=shown)
    turned = last(world, "maria")
    assert "Page 2 of 3" in turned.reads()
    assert not [block for block in turned.blocks if block["type"] == "image"]
    words_of(world, "maria")
    assert last(world, "maria").blocks[0]["type"] == "image"


def test_a_page_turned_after_a_new_award_gets_the_new_picture(make_world: MakeWorld) -> None:
    world = make_world()
    given = [world.badges["team-player"]]
    world.database.write(lambda s: many(s, world.workspace.id, given, world.people["maria"], 12))
    words_of(world, "maria")
    shown = profile_with_share(world, "maria")
    world.advance(minutes=1)
    world.command("tom", "/award", "@maria customer-hero")
    world.click("maria", "profile_older", ephemeral=shown)
    (image,) = [b for b in profile_with_share(world, "maria").blocks if b["type"] == "image"]
    assert image["alt_text"] == "Trophy case: Customer Hero, Team Player ×12."


def test_a_profile_is_shared_in_words_if_slack_takes_no_picture(make_world: MakeWorld) -> None:
    world = make_world()
    world.command("tom", "/award", "@maria team-player")
    world.engine.scopes = set(world.engine.scopes) - {"files:write"}
    words_of(world, "maria")
    world.click("maria", "profile_share", ephemeral=profile_with_share(world, "maria"))
    posted = world.feed()[-1]
    assert "Shared by Maria Silva" in posted.reads()
    assert not [block for block in posted.blocks if block["type"] == "image"]


def test_with_a_public_address_the_picture_is_there_at_once(world: World) -> None:
    world.command("tom", "/award", "@maria team-player")
    outcome = world.command("maria", "/badges")
    (image,) = [b for b in outcome.blocks if b["type"] == "image"]
    address = image["image_url"]
    assert address.startswith("https://laurel.acme.example/pictures/")
    token = address.removesuffix(".png").rpartition("/")[2]
    served = world.laurel.deps.pictures.serve(token)
    assert served is not None
    assert served[0].startswith(b"\x89PNG")
    assert served[1] == "image/png"


def test_a_reason_full_of_markup_pings_nobody(world: World) -> None:
    reason = "<!channel> <@UTOM> @here *bold* שלום :tada: " + "&" * 400
    maria, tom = world.people["maria"], world.people["tom"]
    name = "*N_a`m~e* <!here> " + "שלום " * 40
    world.database.write(
        lambda s: award(
            s,
            world.workspace.id,
            badge(s, world.workspace.id, name[:255]),
            maria,
            tom,
            reason=reason,
        )
    )
    words_of(world, "ada", "@maria")
    assert not any(m.pings() for m in world.ephemerals("ada"))
    world.click("ada", "profile_share", ephemeral=profile_with_share(world, "ada"))
    assert not world.feed()[-1].pings()


def test_it_works_on_postgresql_too(world_pg: World) -> None:
    world_pg.command("tom", "/award", "@maria team-player Thanks")
    assert "> Thanks" in words_of(world_pg, "maria")
    hide(world_pg, "maria", "Team Player")
    assert "has no badges yet" in words_of(world_pg, "tom", "@maria")
    assert "Team Player" in words_of(world_pg, "tom", "catalog")
    assert "Held by 1 person" in words_of(world_pg, "maria", "show team-player")
