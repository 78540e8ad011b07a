"""A whole Laurel in a whole workspace, as the tests of commands use it."""

from tests.world import MakeWorld, World


def test_an_award_is_confirmed_posted_and_told(world: World) -> None:
    outcome = world.command("maria", "/award", "@tom ping-pong-champion Great final!")
    assert outcome.acknowledged, outcome
    assert "Ping-Pong Champion" in outcome.reads()
    world.deliver()
    assert "Great final!" in world.feed()[0].reads()
    assert "Maria Silva" in world.dms("tom")[0].reads()


def test_the_world_runs_on_postgresql_too(world_pg: World) -> None:
    outcome = world_pg.command("maria", "/award", "@tom team-player")
    world_pg.deliver()
    assert "Team Player" in outcome.reads()
    assert len(world_pg.feed()) == 1


def test_pictures_are_drawn_where_asked_for(make_world: MakeWorld) -> None:
    world = make_world(draw=True)
    world.command("maria", "/award", "@tom team-player")
    world.deliver()
    assert [file.name for file in world.engine.files] == ["team-player-card.png"]
