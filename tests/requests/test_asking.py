"""Asking for a badge, for oneself or a colleague: what is passed on, and what is refused in which words."""

from bot.grants import ADMINS, parse_grant
from bot.messages.fitting import MOST_CHARACTERS, characters
from tests.permissions.conftest import change_badge
from tests.requests.office import NOTHING, ask, codes, listed, rows, said, states, with_admin
from tests.world import World

EXAMPLE = "`/badges request team-player I mentored three newcomers`"


def test_a_request_goes_to_badge_admins_and_owners_and_to_nobody_else(world: World) -> None:
    with_admin(world)
    answer = ask(world, "maria", "team-player I mentored three newcomers")
    world.deliver()

    assert "I’ve passed your request on: *Team Player*." in answer
    assert said(world, "tom") == said(world, "ada")
    [message] = said(world, "tom")
    assert message.splitlines()[:2] == [
        "Maria Silva asks for *Team Player*.",
        "> I mentored three newcomers",
    ]
    assert message.splitlines()[-2:] == ["Award it", "Decline…"]
    assert said(world, "maria") == said(world, "yuki") == []
    assert world.feed() == []
    assert codes(world) == 0


def test_a_colleague_who_is_suggested_does_not_hear_of_it(world: World) -> None:
    with_admin(world)
    answer = ask(world, "maria", "@yuki customer-hero Always there for us")
    ask(world, "yuki", "team-player Me")
    ask(world, "maria", "@tom customer-hero Him too")
    world.deliver()

    assert "*Customer Hero* for 由紀 Tanaka" in answer
    assert "由紀 Tanaka hears of it once it is awarded." in answer
    assert any("suggests 由紀 Tanaka for *Customer Hero*." in one for one in said(world, "tom"))
    assert "Customer Hero" not in listed(world, "yuki")
    # Tom could decide, were it about somebody else.
    assert not any("Him too" in one for one in [*said(world, "tom"), listed(world, "tom")])
    assert any("Him too" in one for one in said(world, "ada"))


def test_the_same_again_says_that_it_waits(world: World) -> None:
    ask(world, "maria", "team-player I mentored three newcomers")
    again = ask(world, "maria", "@maria team-player In other words")

    assert "You asked for *Team Player* on 20/11/2026 already, and it waits" in again
    assert "> I mentored three newcomers" in again
    assert states(world) == ["open"]
    ask(world, "maria", "@yuki team-player She too")
    ask(world, "yuki", "team-player I as well")
    assert states(world) == ["open"] * 3


REFUSED = (
    ("maria", "team-player", f"Say in a few words why, after the badge: {EXAMPLE}"),
    ("maria", "@yuki team-player", f"Say in a few words why, after the badge: {EXAMPLE}"),
    (
        "maria",
        "team-playr Thrice",
        "I don’t know a badge called “team-playr Thrice”. Did you mean `team-player`?",
    ),
    ("maria", "summer-2019 I was there", "Summer 2019 is retired, so it can’t be awarded"),
    ("maria", "team-player, customer-hero x", f"One badge at a time, please: {EXAMPLE}"),
    ("maria", "@tom @yuki team-player x", "One person at a time, please"),
    ("maria", "team-player --private x", "Please leave “--private” out: only whoever decides"),
    ("maria", "team-player x --privte", "Please leave “--privte” out"),
    ("maria", f"team-player {'x' * 501}", "has 501 characters, and 500 is the most."),
    ("maria", "@gil team-player x", "Gil Gone’s account isn’t active here."),
    ("maria", "@robo team-player x", "Robo is a bot, and bots don’t collect badges."),
    ("maria", "@kim team-player x", "Kim Guest is a guest. Guests don’t collect badges"),
    ("kim", "team-player x", "Guests don’t collect badges here; an admin can change that"),
    ("kim", "@maria team-player x", "Guests don’t suggest people for badges here"),
)


def test_what_cannot_be_asked_for_says_what_to_do(world: World) -> None:
    for who, words, refused in REFUSED:
        assert refused in ask(world, who, words), words
    assert states(world) == []


def test_a_private_badge_is_as_an_unknown_one_to_whoever_may_not_award_it(world: World) -> None:
    private, unknown = (ask(world, "maria", f"{one}-owl Up late") for one in ("night", "nacht"))

    assert private.replace("night", "nacht") == unknown
    assert "Night Owl" not in ask(world, "maria", "nigt-owl Up late")
    assert states(world) == []
    change_badge(world, "night-owl", awarders="UMARIA")
    assert "*Night Owl* for 由紀 Tanaka" in ask(world, "maria", "@yuki night-owl Up late")
    change_badge(world, "night-owl", active=False)
    assert ask(world, "maria", "night-owl Up late") == private


def test_an_achievement_that_is_held_is_not_asked_for(world: World) -> None:
    world.command("ada", "/award", "@maria first-course Well done")
    world.command("ada", "/award", "@yuki first-course Between us --private")

    assert f"You hold First Course already, and it is held once. {NOTHING}." in ask(
        world, "maria", "first-course I did it"
    )
    assert "Maria Silva holds First Course already" in ask(world, "tom", "@maria first-course x")
    assert "You hold First Course already" in ask(world, "yuki", "first-course I did it")
    # That Yuki holds it is not Tom's to know.
    assert "passed your request on" in ask(world, "tom", "@yuki first-course She did it")


def test_ten_requests_wait_at_once(world: World) -> None:
    flair = ("team-player", "customer-hero", "event-speaker", "ping-pong-champion")
    wanted = [f"{who}{badge} x" for who in ("", "@tom ", "@yuki ") for badge in flair]
    answers = [ask(world, "maria", words) for words in wanted[:11]]

    assert all("passed your request on" in one for one in answers[:10])
    assert "10 of your requests wait for an answer, and that is the most." in answers[10]
    assert NOTHING in answers[10]
    world.click("maria", "request_take_back", ephemeral=world.ephemerals("maria")[0])
    assert "passed your request on" in ask(world, "maria", wanted[10])


def test_asking_and_taking_back_in_turn_comes_to_an_end_for_the_day(world: World) -> None:
    for number in range(10):
        assert "passed your request on" in ask(world, "maria", f"team-player x{number}")
        world.click("maria", "request_take_back", ephemeral=world.ephemerals("maria")[-1])

    refused = ask(world, "maria", "team-player once more")
    assert refused.startswith("You’ve taken back 10 requests today, and that is the most")
    assert NOTHING in refused
    assert "passed your request on" in ask(world, "yuki", "team-player mine")
    world.advance(days=1)
    assert "passed your request on" in ask(world, "maria", "team-player once more")


def test_the_day_of_requests_taken_back_is_that_of_who_asks(world: World) -> None:
    for who in ("tom", "yuki"):  # it is half past ten for him, and half past midnight for her
        for number in range(10):
            ask(world, who, f"team-player x{number}")
            world.click(who, "request_take_back", ephemeral=world.ephemerals(who)[-1])

    world.advance(hours=13)  # half past four of the next day, by UTC

    assert "please ask again tomorrow" in ask(world, "tom", "team-player once more")
    assert "please ask again tomorrow" in ask(world, "yuki", "team-player once more")
    world.advance(hours=1)
    assert "passed your request on" in ask(world, "tom", "team-player once more")


def test_who_may_award_it_themselves_is_told_so(world: World) -> None:
    assert "You may also award it yourself: `/award`." in ask(world, "maria", "@yuki team-player x")
    assert "award it yourself" not in ask(world, "maria", "team-player x")
    world.decide(awarders=ADMINS)
    assert "award it yourself" not in ask(world, "maria", "@yuki customer-hero x")


def test_without_anybody_to_decide_nothing_is_kept(world: World) -> None:
    assert "Nobody is here yet who could decide on that." in ask(world, "ada", "team-player I did")
    assert states(world) == []


def told(world: World, slug: str) -> list[str]:
    """Who is told of the requests for a badge, in order."""
    return [
        name
        for (name,) in rows(
            world,
            "SELECT person.name FROM delivery JOIN person ON person.id = delivery.person_id"
            " JOIN request ON request.id = delivery.batch_id"
            " JOIN badge ON badge.id = request.badge_id"
            f" WHERE delivery.kind = 'request' AND slug = '{slug}' ORDER BY delivery.id",
        )
    ]


def test_awarders_of_the_badge_are_told_first_and_not_more_than_twenty_at_all(
    world: World,
) -> None:
    for number in range(30):
        world.engine.add_user(f"lead{number}", f"Lead {number}", id=f"ULEAD{number:02}")
    world.settle()
    leads = ", ".join(f"ULEAD{number:02}" for number in range(30))
    world.decide(badge_admins=parse_grant(leads))
    change_badge(world, "team-player", awarders="UYUKI, !ULEAD00")
    ask(world, "maria", "team-player I mentored three newcomers")

    names = told(world, "team-player")
    assert len(names) == 20
    assert "由紀 Tanaka" in names
    assert "Lead 0" not in names
    assert "Ada Admin" not in names  # owners come last


def test_awarders_whom_settings_name_are_told_if_they_may_award_the_badge(world: World) -> None:
    world.engine.add_user("nora", "Nora", id="UNORA")
    world.settle()
    with_admin(world)
    world.decide(awarders=parse_grant("UYUKI, UNORA, UMARIA, !UKIM"))
    change_badge(world, "event-speaker", awarders="UNORA")
    ask(world, "maria", "team-player I mentored three newcomers")
    ask(world, "maria", "event-speaker Great talk")
    ask(world, "ada", "@maria night-owl Up late")
    world.deliver()

    admin, *awarders, owner = told(world, "team-player")
    assert (admin, owner) == ("Tom Okafor", "Ada Admin")
    assert sorted(awarders) == ["Nora", "由紀 Tanaka"]  # among them in no order
    assert told(world, "event-speaker") == ["Nora", "Tom Okafor", "Ada Admin"]
    assert told(world, "night-owl") == ["Tom Okafor"]
    assert said(world, "yuki")[0].startswith("Maria Silva asks for *Team Player*.")
    world.click("yuki", "request_award", message=world.dms("yuki")[0])
    assert states(world) == ["awarded", "open", "open"]


def test_however_many_awarders_there_are_twenty_are_told_and_badge_admins_among_them(
    world: World,
) -> None:
    for number in range(30):
        world.engine.add_user(f"lead{number}", f"Lead {number}", id=f"ULEAD{number:02}")
    world.settle()
    with_admin(world)
    world.decide(awarders=parse_grant(", ".join(f"ULEAD{number:02}" for number in range(30))))
    ask(world, "maria", "team-player I mentored three newcomers")

    names = told(world, "team-player")
    assert names[0] == "Tom Okafor"
    assert len(names) == 20
    assert all(name.startswith("Lead ") for name in names[1:])


def test_a_word_too_many_behind_the_command_does_no_harm(world: World) -> None:
    assert (
        "Nothing waits for an answer."
        in world.command("maria", "/badges", "requests please").reads()
    )
    assert (
        "passed your request on"
        in world.command("maria", "/badges", "nominate @yuki team-player x").reads()
    )


def test_a_list_of_long_words_and_names_is_one_that_slack_takes(world: World) -> None:
    world.decide(own_requests=True)
    for number in range(10):
        world.engine.add_user(f"n{number}", f"{number}" + "<&>*" * 63, id=f"ULONG{number}")
    world.settle()
    for number in range(10):
        why = f"@n{number} team-player {'<é*' * 150}"
        assert "passed your request on" in ask(world, "ada", why)
        assert "passed your request on" in ask(world, "maria", why)
    outcome = world.command("ada", "/badges", "requests")

    assert outcome.reads().count("suggests") == 4
    assert outcome.reads().count("Take back") == 10
    assert "These are the oldest 4; more come after them." in outcome.reads()
    assert characters(list(outcome.blocks)) < MOST_CHARACTERS
