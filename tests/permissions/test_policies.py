"""What a workspace decides about who is awarded: oneself, awarding back, guests, other companies."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import Connection

from bot import rules
from bot.people import profile_of
from storage import preferences
from tests.world import MakeWorld, World


def award(world: World, giver: str, words: str) -> str:
    return world.command(giver, "/award", words).reads()


def test_oneself_can_be_awarded_only_where_the_workspace_lets_one(world: World) -> None:
    assert "You can’t award yourself" in award(world, "tom", "@tom team-player Me")

    world.decide(self_awards=True)

    assert "Tom Okafor now has" in award(world, "tom", "@tom team-player Me")
    assert "Tom Okafor now has" in award(world, "tom", "@tom customer-hero Me again")


def test_a_badge_does_not_go_straight_back(world: World) -> None:
    award(world, "tom", "@maria team-player Thanks")
    world.advance(hours=20, minutes=30)

    assert award(world, "maria", "@tom team-player Thank you") == (
        "Tom Okafor gave you a badge less than a day ago, and badges don’t go straight back here."
        " You can return it in 4 hours. Nothing was awarded."
    )
    assert "由紀" in (said := award(world, "maria", "@tom @yuki team-player Both of you"))
    assert "now has *Team Player*" in said
    assert "Tom Okafor gave you a badge less than a day ago" in said
    world.advance(hours=3, minutes=31)
    assert "Tom Okafor now has" in award(world, "maria", "@tom team-player Thank you")


def test_a_private_award_is_not_answered_either_and_a_revoked_one_is(world: World) -> None:
    given = award(world, "tom", "@maria team-player --private Thanks")
    assert "gave you a badge" in award(world, "maria", "@tom team-player Thanks")

    code = next(word for word in given.split() if word.startswith("A-"))
    world.command("tom", "/award", f"revoke {code}")

    assert "Tom Okafor now has" in award(world, "maria", "@tom team-player Thanks")


def test_awarding_back_is_allowed_where_the_workspace_decides_so(world: World) -> None:
    world.decide(trades=True)
    award(world, "tom", "@maria first-course Thanks")

    assert "Tom Okafor now has" in award(world, "maria", "@tom first-course Thanks")


def test_people_of_other_companies_are_awarded_only_by_decision_and_never_award(
    world: World, stranger: str
) -> None:
    assert "Sam Elsewhere is from another workspace, and our badges stay in this one" in award(
        world, "tom", f"{stranger} team-player Thanks"
    )

    world.decide(strangers_receive=True)

    assert "Sam Elsewhere now has" in award(world, "tom", f"{stranger} team-player Thanks")
    assert award(world, "sam", "@tom customer-hero x") == (
        "Only people of this workspace award badges here."
    )
    assert "Team Player" in world.command("maria", "/badges", stranger).reads()


def test_a_stranger_is_one_while_their_account_lives() -> None:
    from_elsewhere = {"id": "U1", "team_id": "T2", "profile": {"email": "sam@else.example"}}
    there = profile_of(from_elsewhere, team_id="T1")
    gone = profile_of({**from_elsewhere, "deleted": True}, team_id="T1")

    assert (there.stranger, there.active, there.email) == (True, False, None)
    assert (gone.stranger, gone.active) == (False, False)


def test_new_awards_begin_hidden_for_whoever_wants_that(world: World) -> None:
    world.database.write(
        lambda session: preferences.save(
            session,
            workspace_id=world.workspace.id,
            person_id=world.people["maria"].id,
            key=preferences.NEW_AWARDS,
            value="hidden",
        )
    )

    award(world, "tom", "@maria @yuki team-player Thanks")
    world.deliver()

    assert "Team Player" not in world.command("tom", "/badges", "@maria").reads()
    assert "Team Player" in world.command("tom", "/badges", "@yuki").reads()
    assert "Team Player" in world.command("maria", "/badges", "").reads()
    assert "Maria Silva" in world.feed()[0].reads()


def test_of_many_who_decide_something_at_once_nobody_undoes_what_another_did(
    make_world_pg: MakeWorld,
) -> None:
    world = make_world_pg()
    flags = ("trades", "self_awards", "guests_award", "guests_receive")
    start = Barrier(len(flags))

    def decide(flag: str) -> None:
        def work(session: Connection) -> None:
            start.wait(10)
            rules.decide(
                session, workspace_id=world.workspace.id, changes={flag: True}, now=world.now()
            )

        world.database.write(work)

    with ThreadPoolExecutor(len(flags)) as threads:
        list(threads.map(decide, flags))

    decided = world.database.read(
        lambda session: rules.decided(session, workspace_id=world.workspace.id)
    )
    assert decided == dict.fromkeys(flags, True)
