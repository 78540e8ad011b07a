"""App Home: what everyone has in it."""

from tests.home.reading import elements, open_home, pictures, read_home
from tests.world import World


def test_somebody_without_badges_is_greeted_and_shown_the_way(world: World) -> None:
    said = open_home(world, "maria")

    assert "Hello, Maria Silva" in said
    assert "You have no badges yet" in said
    assert pictures(world, "maria") == []
    assert "home_go_tab_studio" not in elements(world, "maria")


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
    world.click("maria", "home_go_next")

    assert "Reason 0" in read_home(world, "maria")
    assert "Page 2 of 2" in read_home(world, "maria")


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
