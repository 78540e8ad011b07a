"""Who is told of anniversaries is chosen ahead of time, and holds until the message leaves."""

from datetime import date

import pytest

from bot import anniversaries
from tests.anniversaries_commands.office import decide, employ, pass_days, run, says
from tests.world import MakeWorld, World

TOMORROW = date(2021, 11, 21)  # five years before tomorrow


def stories(world: World, user: str) -> list[str]:
    return [message.reads() for message in world.dms(user)]


def in_feed(world: World) -> list[str]:
    return [message.reads() for message in world.feed()]


def test_who_chose_nothing_yet_is_posted_and_told(office: World) -> None:
    employ(office, "maria", TOMORROW)
    said = says(office, "maria", "anniversaries")
    assert said.startswith("I post your anniversaries in #kudos and tell you in a direct message.")
    assert "30 days, 90 days and 6 months stay between us." in said
    assert "That is how it is here unless you choose." in said
    run(office)
    pass_days(office, 1)
    assert ["@Maria Silva celebrates *5 years*" in one for one in in_feed(office)] == [True]
    assert any("Congratulations on *5 years*" in one for one in stories(office, "maria"))


@pytest.mark.parametrize("typed", ["dm", "DM", "direct"])
def test_who_wants_a_direct_message_alone_is_not_posted(office: World, typed: str) -> None:
    employ(office, "maria", TOMORROW)
    said = says(office, "maria", f"anniversaries {typed}")
    assert said.startswith(
        "I tell you of your anniversaries in a direct message, and post nothing."
    )
    run(office)
    pass_days(office, 1)
    assert in_feed(office) == []
    assert any("Congratulations on *5 years*" in one for one in stories(office, "maria"))
    assert "5 Years" not in says(office, "tom", "@maria")


@pytest.mark.parametrize("typed", ["nothing", "none", "off"])
def test_who_wants_nothing_hears_nothing_and_nor_does_anybody_else(
    office: World, typed: str
) -> None:
    employ(office, "maria", TOMORROW)
    said = says(office, "maria", f"anniversaries {typed}")
    assert said.startswith("I say nothing of your anniversaries, not to you and not to your")
    run(office)
    pass_days(office, 1)
    assert (in_feed(office), stories(office, "maria"), stories(office, "tom")) == ([], [], [])
    assert "5 Years" in says(office, "maria", "")
    assert "Nobody was told: your announcements are off." in says(office, "maria", "why 5-years")
    assert "Nobody was told: their announcements are off." in says(
        office, "tom", "why @maria 5-years"
    )


def test_who_never_chose_reads_that_here_one_has_to(office: World) -> None:
    employ(office, "maria", TOMORROW)
    decide(office, unless_chosen="nothing")
    unasked = "nothing is told here unless they choose so."
    assert says(office, "tom", "since @maria").endswith(f" · not announced: {unasked}")
    assert "not announced: nothing is told here unless you choose so" in says(
        office, "maria", "upcoming"
    )
    run(office)
    pass_days(office, 1)
    assert says(office, "tom", "why @maria 5-years").endswith(f"Nobody was told: {unasked}")


def test_a_choice_made_between_recording_and_sending_holds(office: World) -> None:
    employ(office, "maria", TOMORROW)
    run(office)
    office.advance(days=1)
    anniversaries.run(
        office.database, workspace=office.workspace, settings=office.settings, now=office.now()
    )
    says(office, "maria", "anniversaries nothing")
    office.deliver()
    assert (in_feed(office), stories(office, "maria")) == ([], [])


def test_what_is_chosen_can_be_chosen_by_button_too(office: World) -> None:
    for choice, words in (
        ("dm", "and post nothing"),
        ("nothing", "I say nothing of your anniversaries"),
        ("feed", "I post your anniversaries in #kudos"),
    ):
        office.command("maria", "/badges", "anniversaries")
        office.click("maria", f"anniversaries_{choice}", ephemeral=office.ephemerals("maria")[-1])
        shown = office.ephemerals("maria")[-1].reads()
        assert words in shown
        assert words in says(office, "maria", "anniversaries")
    assert "That is how it is here" not in shown


def test_a_button_is_about_whoever_clicks_it(office: World) -> None:
    office.command("maria", "/badges", "anniversaries nothing")
    assert "I post your anniversaries" in says(office, "tom", "anniversaries")


def test_a_workspace_can_make_it_opt_in(office: World) -> None:
    employ(office, "maria", TOMORROW)
    employ(office, "yuki", TOMORROW)
    said = says(office, "ada", "anniversaries everyone nothing")
    assert said.startswith("Opt-in: I say nothing of anybody’s anniversaries until they choose so")
    assert says(office, "tom", "anniversaries everyone") == said
    assert "I say nothing of your anniversaries" in says(office, "maria", "anniversaries")
    says(office, "yuki", "anniversaries feed")
    run(office)
    pass_days(office, 1)
    assert len(in_feed(office)) == 1
    assert "由紀 Tanaka" in in_feed(office)[0]
    assert stories(office, "maria") == []


@pytest.mark.parametrize("user", ["maria", "tom", "kim"])
def test_only_badge_admins_choose_for_everyone(office: World, user: str) -> None:
    said = says(office, user, "anniversaries everyone nothing")
    assert said.startswith("What holds for everyone is for badge admins to say.")
    assert "I post your anniversaries" in says(office, "yuki", "anniversaries")


def test_a_guest_reads_that_guests_are_left_out_until_the_policy_says_otherwise(
    office: World,
) -> None:
    employ(office, "kim", TOMORROW)
    assert "Guests’ anniversaries are not announced here" in says(office, "kim", "anniversaries")
    decide(office, guests=True)
    assert "I post your anniversaries" in says(office, "kim", "anniversaries feed")
    run(office)
    pass_days(office, 1)
    assert len(in_feed(office)) == 1


def test_an_unknown_choice_is_answered_with_those_there_are(office: World) -> None:
    expected = "Who is to be told? `/badges anniversaries feed`, `dm` or `nothing`."
    for words in ("loudly", "<!channel>", "feed dm", "@tom"):
        assert says(office, "maria", f"anniversaries {words}") == expected
    assert says(office, "ada", "anniversaries everyone sometimes") == (
        "Who is to be told? `/badges anniversaries everyone feed`, `dm` or `nothing`."
    )


def test_who_switched_direct_messages_off_reads_so(office: World) -> None:
    says(office, "maria", "dm off")
    assert "Your direct messages are off, though" in says(office, "maria", "anniversaries dm")


def test_without_a_feed_nothing_is_promised_of_one(make_world: MakeWorld) -> None:
    world = make_world(feed_channel="")
    said = says(world, "maria", "anniversaries feed")
    assert said.startswith(
        "I tell you of your anniversaries in a direct message; nothing is posted"
    )
