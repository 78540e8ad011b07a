"""App Home: what everyone has in it."""

from bot.home_frame import Place
from tests.badges.shelf import many
from tests.home.reading import elements, open_home, pictures, read_home
from tests.world import MakeWorld, World


def test_somebody_without_badges_is_greeted_and_shown_the_way(world: World) -> None:
    said = open_home(world, "maria")

    assert "Hello, Maria Silva" in said
    assert "You have no badges yet" in said
    assert pictures(world, "maria") == []
    assert "home_go_tab_studio" not in elements(world, "maria")


def test_a_guest_is_promised_a_badge_only_where_guests_collect_any(world: World) -> None:
    assert "Guests don’t collect badges here, so you have none." in open_home(world, "kim")
    assert "Guests don’t collect badges here" in world.command("kim", "/badges").reads()
    others = world.command("maria", "/badges", "@kim").reads()
    assert "Kim Guest has no badges: guests don’t collect any here." in others

    world.decide(guests_receive=True)

    assert "your first one will show here" in open_home(world, "kim")
    assert "your first one will show here" in world.command("kim", "/badges").reads()


def test_badges_awards_and_the_trophy_case_are_there(world: World) -> None:
    world.command("tom", "/award", "@maria team-player Kept calm")
    world.command("tom", "/award", "@maria team-player Again")
    said = open_home(world, "maria")

    assert "1 badge, 2 awards" in said
    assert "> Kept calm" in said
    assert "from Tom Okafor" in said
    assert pictures(world, "maria") == ["Trophy case: Team Player ×2."]


def test_an_award_on_the_next_page_is_a_click_away(world: World) -> None:
    for number in range(7):
        world.command("tom", "/award", f"@maria team-player Reason {number}")
    assert "Reason 0" not in open_home(world, "maria")
    world.click("maria", "home_go_older")

    assert "Reason 0" in read_home(world, "maria")
    assert "Page 2 of 2" in read_home(world, "maria")


def test_both_ends_of_many_awards_are_a_click_away(world: World) -> None:
    given, maria = [world.badges["team-player"]], world.people["maria"]
    world.database.write(lambda s: many(s, world.workspace.id, given, maria, 40))
    open_home(world, "maria")
    world.click("maria", "home_go_oldest")

    assert "Page 8 of 8" in read_home(world, "maria")
    assert "home_go_older" not in elements(world, "maria")

    world.click("maria", "home_go_newest")

    assert "Page 1 of 8" in read_home(world, "maria")
    assert "home_go_newest" not in elements(world, "maria")


def test_the_catalogue_is_searched_and_what_one_holds_is_marked(world: World) -> None:
    world.command("tom", "/award", "@maria customer-hero Well done")
    open_home(world, "maria")
    world.click("maria", "home_go_catalogue")
    everything = read_home(world, "maria")
    world.choose("maria", "home_set_query", text="hero")
    found = read_home(world, "maria")

    assert "*Team Player*" in everything
    assert "*Customer Hero* · you hold it" in found
    assert "1 badge for “hero”" in found
    assert "Team Player" not in found


def test_what_one_decides_about_oneself_is_kept_and_shown(world: World) -> None:
    open_home(world, "maria")
    world.click("maria", "home_go_own")
    assert "I send you a direct message" in read_home(world, "maria")
    world.choose("maria", "home_own_messages", option="off")
    world.choose("maria", "home_own_anniversaries", option="nothing")
    world.choose("maria", "home_own_new_awards", option="hidden")
    said = read_home(world, "maria")

    assert "I send you no direct message" in said
    assert "I say nothing of your anniversaries" in said
    assert "New badges stay off your profile" in said


def test_a_new_award_begins_hidden_for_whoever_wants_it_so(world: World) -> None:
    open_home(world, "maria")
    world.click("maria", "home_go_own")
    world.choose("maria", "home_own_new_awards", option="hidden")
    world.command("tom", "/award", "@maria team-player Kept calm")

    assert "_hidden_" in open_home(world, "maria")
    seen = world.command("tom", "/badges", "@maria").message
    assert seen is not None
    assert "Maria Silva has no badges yet" in seen.text


def test_own_anniversaries_to_come_are_there(world: World) -> None:
    world.command("maria", "/badges", "since 2019-03-01")

    said = open_home(world, "maria")
    assert "*Coming up*\n*8 years* · " in said
    assert "/03/2027, 09:00 Lisboa · in #kudos" in said


def test_what_is_private_shows_to_its_recipient_and_in_no_catalogue(world: World) -> None:
    world.command("ada", "/award", "@maria night-owl Stayed up --private")
    assert "Night Owl" in open_home(world, "maria")
    for who in ("tom", "ada"):
        open_home(world, who)
        world.click(who, "home_go_catalogue")
        world.choose(who, "home_set_query", text="night owl")
        assert "*Night Owl*" not in read_home(world, who)


def test_a_category_is_chosen_and_left_again(world: World) -> None:
    open_home(world, "maria")
    world.click("maria", "home_go_catalogue")
    world.choose("maria", "home_set_category", option="Culture")
    culture = read_home(world, "maria")
    world.click("maria", "home_go_all")

    assert "*Team Player*" in culture
    assert "*Event Speaker*" not in culture
    assert "*Event Speaker*" in read_home(world, "maria")


def test_a_search_that_finds_nothing_says_so_and_escapes_what_was_typed(world: World) -> None:
    open_home(world, "maria")
    world.click("maria", "home_go_catalogue")
    world.choose("maria", "home_set_query", text="<!channel> zzzzqqq")

    assert "anything like “&lt;!channel&gt; zzzzqqq”" in read_home(world, "maria")


def test_a_trophy_case_that_slack_lacks_follows_the_words(make_world: MakeWorld) -> None:
    world = make_world(draw=True)
    world.command("tom", "/award", "@maria team-player Kept calm")
    open_home(world, "maria")

    published = [
        one.request["view"]["blocks"] for one in world.engine.traffic if one.name == "views.publish"
    ]
    assert ["image" in str(blocks) for blocks in published] == [False, True]
    assert pictures(world, "maria") == ["Trophy case: Team Player."]


def test_a_picture_that_slack_has_lost_does_not_take_the_words_with_it(world: World) -> None:
    world.command("tom", "/award", "@maria team-player Kept calm")
    open_home(world, "maria")
    world.advance(minutes=1)
    world.engine.workspace.files.clear()

    assert "Kept calm" in open_home(world, "maria")
    assert pictures(world, "maria") == []
    open_home(world, "maria")
    assert pictures(world, "maria") == ["Trophy case: Team Player."]


def test_of_two_clicks_on_the_same_screen_the_last_one_counts(world: World) -> None:
    open_home(world, "maria")
    old = world.engine.home("maria")
    world.engine.click("maria", "home_go_own", view=old)
    world.engine.click("maria", "home_go_catalogue", view=old)
    world.settle()

    assert "Badges to earn" in read_home(world, "maria")


def test_somebody_new_is_asked_for_and_greeted(world: World) -> None:
    world.engine.add_user("nina", "Nina Nova")

    assert "Hello, Nina Nova" in open_home(world, "nina")


def test_a_place_that_nobody_could_be_at_is_the_beginning() -> None:
    for kept in ("", "nonsense", "[]", '{"page": -3}', '{"page": true, "tab": 7}', "{"):
        assert Place.read(kept) == Place()
    assert Place.read(Place("studio", query="ö" * 100, page=7).kept()).page == 7
    assert len(Place(query='"' * 100, category='"' * 100, item='"' * 100).kept()) < 2000
