"""How often a giver may award, by role and by badge, and how often a person may be given a badge."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from bot.errors import BadRequestError
from bot.grants import Limit, parse_grant
from tests.awarding.test_awarding import Shop, shop  # noqa: F401 - a fixture
from tests.commands.test_award import awards_in, code_in
from tests.commands.test_award_form import badge, open_form
from tests.permissions.conftest import change_badge
from tests.world import World

# It is Friday 20 November 2026, 15:30 UTC: in Tokyo, where Yuki is, Saturday already.


def award(world: World, giver: str, words: str) -> str:
    return world.command(giver, "/award", words).reads()


def test_the_bot_tells_what_is_left_and_refuses_more(world: World) -> None:
    world.decide(limits={"awarder": Limit(3, "week")})

    assert "2 of 3 left this week" in award(world, "tom", "@maria team-player One")
    assert award(world, "tom", "@maria @yuki @ada team-player Three more") == (
        "That would be 3, and you have 2 of 3 left this week; from Mon, Nov 23 on there are 3 again."
        " Nothing was awarded."
    )
    assert "0 of 3 left this week" in award(world, "tom", "@maria @yuki customer-hero Two")
    assert award(world, "tom", "@maria event-speaker Four") == (
        "You’ve given all 3 awards that you have this week; from Mon, Nov 23 on you can again."
        " Nothing was awarded."
    )
    assert awards_in(world) == 3
    assert "left this week" not in award(world, "ada", "@maria event-speaker By another role")


def test_periods_begin_where_the_giver_is(world: World) -> None:
    world.decide(limits={"awarder": Limit(1, "day")})
    for giver in ("tom", "yuki"):
        assert "0 of 1 left today" in award(world, giver, "@maria team-player x")

    world.advance(hours=14)  # half past midnight in New York, half past two in Tokyo's afternoon

    assert "0 of 1 left today" in award(world, "tom", "@maria team-player y")
    assert "the one award that you have today" in award(world, "yuki", "@maria team-player y")


def test_what_was_undone_does_not_count_and_what_was_revoked_does(shop: Shop) -> None:  # noqa: F811
    limit = Limit(1, "month")
    undone = shop.award(shop.gift(limit=limit))
    shop.undo("Tom", undone.batch_id)

    again = shop.award(shop.gift(occasion="slash:2", limit=limit))
    shop.revoke("Tom", again.given[0].code)

    with pytest.raises(BadRequestError, match="the one award that you have this month"):
        shop.award(shop.gift(occasion="slash:3", limit=limit))


def test_undo_lets_nobody_reach_people_more_than_twice_as_often(shop: Shop) -> None:  # noqa: F811
    limit = Limit(2, "month")
    for number in range(4):
        done = shop.award(shop.gift(occasion=f"slash:{number}", limit=limit))
        shop.undo("Tom", done.batch_id)

    with pytest.raises(BadRequestError, match="this month, counting what you undid, as people"):
        shop.award(shop.gift(occasion="slash:5", limit=limit))


def test_who_awards_by_a_badges_leave_alone_has_the_limit_of_awarders(world: World) -> None:
    world.decide(awarders=parse_grant("UTOM"), limits={"awarder": Limit(1, "week")})
    change_badge(world, "team-player", awarders="UMARIA")

    assert "0 of 1 left this week" in award(world, "maria", "@tom team-player One")
    assert "the one award that you have this week" in award(world, "maria", "@yuki team-player Two")


def test_who_gave_more_than_a_limit_that_was_lowered_since_has_none_left(world: World) -> None:
    award(world, "tom", "@maria @yuki team-player x")
    world.decide(limits={"awarder": Limit(1, "week")})

    refused = (
        "You’ve given the one award that you have this week; from Mon, Nov 23 on you can again."
    )
    assert award(world, "tom", "@maria event-speaker y") == f"{refused} Nothing was awarded."
    assert refused in open_form(world).reads()


def test_a_badge_has_limits_of_its_own(world: World) -> None:
    change_badge(world, "team-player", giver_limit="1/month")
    assert "left" not in award(world, "tom", "@maria customer-hero x")

    assert "0 of 1 of Team Player left this month" in award(world, "tom", "@maria team-player x")
    assert award(world, "tom", "@yuki team-player y") == (
        "You’ve given the one award of Team Player that you have this month; from Tue, Dec 1 on you"
        " can again. Nothing was awarded."
    )
    assert "left" not in award(world, "tom", "@yuki customer-hero y")


def test_a_person_gets_a_badge_only_so_often_from_whomever(world: World) -> None:
    change_badge(world, "team-player", recipient_limit="1/month")
    award(world, "tom", "@maria team-player x")

    assert award(world, "ada", "@maria team-player y") == (
        "Maria Silva has had Team Player as often as one person may this month (1). It can be awarded"
        " to them again from Tue 1 Dec. Nothing was awarded."
    )
    assert "now has" in award(world, "ada", "@tom team-player y")


def test_so_often_a_person_is_counted_by_the_workspaces_days_wherever_the_giver_is(
    world: World,
) -> None:
    change_badge(world, "team-player", recipient_limit="1/day")
    award(world, "tom", "@maria team-player x")

    world.advance(hours=8, minutes=45)  # Saturday here, and still Friday in New York, where Tom is
    assert "now has" in award(world, "tom", "@maria team-player y")
    world.advance(hours=15)  # Saturday here, and Sunday already in Tokyo, where Yuki is
    assert "as often as one person may today" in award(world, "yuki", "@maria team-player z")


def test_what_was_revoked_can_be_awarded_once_more_however_often_a_person_may_have_it(
    world: World,
) -> None:
    change_badge(world, "team-player", recipient_limit="1/month")
    code = code_in(award(world, "tom", "@maria team-player x"))
    assert "as often as one person may" in award(world, "ada", "@maria team-player y")

    award(world, "tom", f"revoke {code} The wrong Maria")

    assert "now has" in award(world, "ada", "@maria team-player y")


def test_a_private_award_makes_nobody_elses_be_refused_but_an_admins(world: World) -> None:
    change_badge(world, "team-player", recipient_limit="1/month")
    award(world, "tom", "@maria team-player --private x")

    assert "as often as one person may" in award(world, "tom", "@maria team-player y")
    assert "as often as one person may" in award(world, "ada", "@maria team-player y")
    assert "now has" in award(world, "yuki", "@maria team-player z")


def test_what_was_hidden_and_never_posted_makes_nobody_elses_be_refused(world: World) -> None:
    change_badge(world, "team-player", recipient_limit="1/month")
    code = re.findall(r"A-\w{7}", award(world, "tom", "@maria team-player --quiet x"))[0]
    world.command("maria", "/badges", f"hide {code}")

    assert "as often as one person may" in award(world, "tom", "@maria team-player y")
    assert "now has" in award(world, "yuki", "@maria team-player z")


def test_flair_that_does_not_repeat_is_held_once(world: World) -> None:
    change_badge(world, "team-player", repeats=False)
    award(world, "tom", "@maria team-player x")

    assert "already holds *Team Player*" in award(world, "yuki", "@maria team-player y")
    assert awards_in(world) == 1


def test_the_form_says_what_is_left(world: World) -> None:
    world.decide(limits={"awarder": Limit(5, "week")})
    change_badge(world, "team-player", giver_limit="2/day")

    assert "You have 5 of 5 left this week." in open_form(world).reads()
    world.choose("tom", "award_people", users=[world.users["maria"]])
    shown = world.choose("tom", "award_badges", option=badge(world, "team-player"))

    assert shown.view is not None
    assert "5 of 5 left this week · 2 of 2 of Team Player left today" in shown.view.reads()


def test_two_commands_at_once_do_not_exceed_a_limit(shop: Shop) -> None:  # noqa: F811
    barrier = Barrier(4)

    def attempt(number: int) -> bool:
        barrier.wait()
        gift = shop.gift(occasion=f"slash:{number}", reason=str(number), limit=Limit(2, "week"))
        try:
            shop.award(gift)
        except BadRequestError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(attempt, range(4)))

    assert sorted(given) == [False, False, True, True]
    assert shop.count() == 2


def test_a_repeated_command_is_not_refused_for_its_own_awards(shop: Shop) -> None:  # noqa: F811
    gift = shop.gift(limit=Limit(1, "week"))

    first, second = shop.award(gift), shop.award(gift)

    assert first.awarded == second.awarded
    assert [one.left for one in second.left] == [0]
