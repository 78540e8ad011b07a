"""Awards of the most people and badges at once, and what givers and admins do with them afterwards."""

from datetime import timedelta

from sqlalchemy import select

from storage import outbox, people
from storage.people import Profile
from storage.tables import Award, table_of
from tests.badges.shelf import badge
from tests.commands.test_award import awards_in
from tests.commands.test_award_form import open_form
from tests.world import World

LONG = "A badge of quite some excellence, research & development edition, awarded with joy " * 3


def many_people(world: World, count: int) -> list[str]:
    """This many more colleagues; their mentions."""
    world.engine.subscriptions.clear()
    profiles = [Profile(f"U0123P{one:05d}", f"Person Number {one}") for one in range(count)]
    for one, profile in enumerate(profiles):
        world.engine.add_user(f"p{one}", profile.name, id=profile.slack_id)
    world.database.write(
        lambda session: people.save_profiles(
            session, workspace_id=world.workspace.id, profiles=profiles, now=world.now()
        )
    )
    return [f"@p{one}" for one in range(count)]


def ten_badges(world: World, name: str) -> list[str]:
    slugs = [f"big-{one}" for one in range(10)]
    for one, slug in enumerate(slugs):
        named = f"{name} {one}"
        world.database.write(
            lambda session, slug=slug, named=named: badge(  # type: ignore[misc]
                session,
                world.workspace.id,
                named,
                slug=slug,
                description="x" * 2000,
                category="",
                kind="achievement",
                at=world.now(),
            )
        )
    world.give_pictures()
    return slugs


def codes(world: World) -> list[str]:
    award = table_of(Award)
    return world.database.read(
        lambda session: list(session.execute(select(award.c.code).order_by(award.c.id)).scalars())
    )


def given_up(world: World) -> list[str | None]:
    return [
        delivery.error
        for delivery in world.database.read(
            lambda session: outbox.list_dead(session, workspace_id=world.workspace.id)
        )
    ]


def test_fifty_people_and_ten_badges_are_all_told_of_and_the_post_can_be_edited(
    world: World,
) -> None:
    crowd, slugs = many_people(world, 50), ten_badges(world, LONG[:240])
    for one, slug in enumerate(slugs):
        few = " ".join(crowd[one * 5 : one * 5 + 5])
        world.command("maria", "/award", f"{few} {slug} --quiet")  # so that all get different ones
    earlier = set(codes(world))

    outcome = world.command(
        "tom", "/award", f"{' '.join(crowd)} {', '.join(slugs)} Thank you for everything"
    )
    world.deliver(within=timedelta(hours=2))

    fresh = [code for code in codes(world) if code not in earlier]
    assert len(fresh) == 450
    assert all(code in outcome.reads() for code in fresh)
    [post] = world.feed()
    assert len(post.pings()) == 50
    revoked = world.command("tom", "/award", f"revoke {fresh[0]} oops")
    world.deliver(within=timedelta(hours=2))
    assert "The feed post will say so." in revoked.reads()
    assert "revoked" in world.feed()[0].reads()
    assert given_up(world) == []


def test_many_revocations_of_one_post_are_all_told(world: World) -> None:
    crowd = many_people(world, 50)
    world.command("tom", "/award", f"{' '.join(crowd)} team-player, customer-hero Thank you")
    world.deliver(within=timedelta(hours=2))

    for code in codes(world)[:60]:
        world.command("ada", "/award", f"revoke {code}")
    world.deliver(within=timedelta(hours=5))

    [post] = world.feed()
    assert len(post.pings()) == 20
    assert "Person Number 29 received" in post.reads()
    assert "(revoked by Ada" in post.reads()
    assert given_up(world) == []


def test_each_of_several_awards_has_its_id_beside_it(world: World) -> None:
    outcome = world.command(
        "tom", "/award", "@maria @yuki team-player, customer-hero, event-speaker"
    )

    said = outcome.reads()
    order = [said.index(code) for code in codes(world)]
    assert len(order) == 6
    hers, his = (line for line in said.splitlines() if " now has " in line)
    assert hers.startswith("Maria Silva now has *Team Player* (`A-")
    assert his.startswith("由紀 Tanaka now has *Team Player* (`A-")
    for code in codes(world):
        world.command("tom", "/award", f"revoke {code}")
    assert awards_in(world) == 0


def test_a_form_for_sixty_people_says_that_fifty_are_filled_in(world: World) -> None:
    many_people(world, 60)
    world.engine.add_group("platform", members=[f"p{one}" for one in range(60)])

    view = open_form(world, text="@platform")

    assert "Only the first 50 of 60 are filled in" in view.reads()
    assert len(view.blocks[1]["element"]["initial_users"]) == 50


def test_a_form_for_hundreds_of_people_opens(world: World) -> None:
    crowd = many_people(world, 250)

    view = open_form(world, text=" ".join(crowd))

    assert "Only the first 50 of 250 are filled in" in view.reads()
