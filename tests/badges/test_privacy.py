"""What someone may not see leaves no trace: with it and without it, everything reads the same."""

from typing import Any

import pytest
from sqlalchemy import Connection

from storage import awards, editing
from storage.badges import BadgeValues
from tests.badges.shelf import award, badge, code_of
from tests.world import MakeWorld, World

SECRET_CODES = [code_of(number) for number in range(100, 110)]
ASKED = (
    "",
    "@maria",
    "@tom",
    "@ada",
    "catalog",
    "catalogue",
    "history",
    "help",
    "dm",
    "zebra-rider",
    "show zebra-rider",
    "show Zebra Rider",
    'show "zebra rider"',
    "show zebra ridr",
    "show zebra",
    "show team-player",
    "show Team Player",
    "show customer-hero",
    "show custmer-hero",
    "show secret-star",
    *(f"hide {code}" for code in SECRET_CODES),
    *(f"unhide {code}" for code in SECRET_CODES),
)


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """A world in which Slack would fetch pictures by itself, so that none is drawn here."""
    return make_world(public_url="https://laurel.acme.example")


def everything(world: World, user: str) -> list[Any]:
    """All that someone reads: every sub-command, each page and what can be shared."""
    seen: list[Any] = []
    # What is shared is uploaded, and from then on shown by its file.
    world.command(user, "/badges", "@maria")
    world.click(user, "profile_share", ephemeral=world.ephemerals(user)[-1])
    shared = world.feed()[-1]
    seen.append(("share", shared.text, without_ids(shared.blocks)))
    for text in ASKED:
        outcome = world.command(user, "/badges", text)
        seen.append((text, outcome.problem, outcome.text, without_ids(outcome.blocks)))
    world.command(user, "/badges", "catalog")
    catalogue = world.ephemerals(user)[-1]
    options = next(
        element["options"]
        for block in catalogue.blocks
        for element in block.get("elements", ())
        if "options" in element
    )
    seen.append([option["text"]["text"] for option in options])
    return seen


def without_ids(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{k: v for k, v in block.items() if k != "block_id"} for block in blocks]


def the_secrets(session: Connection, world: World) -> None:
    """Private awards of public badges, private badges, and names that clash with public ones."""
    here, people, badges = world.workspace.id, world.people, world.badges
    maria, tom, ada = people["maria"], people["tom"], people["ada"]
    zebra = badge(session, here, "Zebra Rider", private=True, category="Zoo")
    star = badge(session, here, "Team Player", slug="secret-star", private=True)
    badge(session, here, "Zebra", private=True, category="Contests", position=-1)
    badge(session, here, "Secret", slug="customer hero", private=True)
    award(session, here, badges["team-player"], maria, ada, number=100, private=True)
    award(session, here, badges["customer-hero"], tom, ada, number=101, private=True)
    award(session, here, badges["customer-hero"], maria, tom, number=102, private=True)
    award(session, here, zebra, maria, ada, number=103, private=True)
    award(session, here, star, ada, ada, number=104, private=True)
    hidden = award(session, here, badges["team-player"], tom, maria, number=105)
    awards.set_hidden(session, workspace_id=here, award_id=hidden, hidden=True)


@pytest.mark.parametrize("user", ["yuki", "kim"])
def test_nothing_that_a_third_person_reads_tells_of_what_is_private(
    world: World, user: str
) -> None:
    world.command("tom", "/award", "@maria team-player Thanks")
    world.command("ada", "/award", "@maria ping-pong-champion")
    without = everything(world, user)
    world.database.write(lambda session: the_secrets(session, world))
    for before, after in zip(without, everything(world, user), strict=True):
        assert after == before


def test_recipient_giver_and_admin_do_see_a_private_award(world: World) -> None:
    world.command("tom", "/award", "@maria team-player Between us --private")
    for user, text in (("maria", ""), ("tom", "@maria"), ("ada", "@maria")):
        seen = world.command(user, "/badges", text).reads()
        assert "Team Player" in seen
        assert "_private_" in seen
    assert "has no badges yet" in world.command("yuki", "/badges", "@maria").reads()


def test_a_private_badge_is_met_through_an_award_and_hints_no_more(world: World) -> None:
    assert "I don’t know a badge" in world.command("yuki", "/badges", "show night-owl").reads()
    world.command("ada", "/award", "@tom night-owl Late again")
    seen = world.command("yuki", "/badges", "show night-owl").reads()
    assert "Held by 1 person" in seen
    assert "rivate" not in seen
    assert "Night Owl" not in world.command("yuki", "/badges", "catalog").reads()


def test_a_private_badge_is_in_nobodys_catalogue_and_known_to_who_may_award_it(
    world: World,
) -> None:
    catalogue = world.command("ada", "/badges", "catalog").reads()
    assert "Night Owl" not in catalogue
    assert catalogue == world.command("yuki", "/badges", "catalog").reads()
    shown = world.command("ada", "/badges", "show night-owl").reads()
    assert "*Night Owl*" in shown
    assert "only who may award it knows of it" in shown


def test_a_button_clicked_after_its_badge_was_lost_from_sight_says_nothing_of_it(
    world: World,
) -> None:
    world.database.write(lambda session: hold_by_many(session, world))
    world.command("yuki", "/badges", "show night-owl")
    shown = world.ephemerals("yuki")[-1]
    assert "Page 1 of 2" in shown.reads()
    world.database.write(lambda session: make_private(session, world))
    world.click("yuki", "badge_holders_next", ephemeral=shown)
    assert world.ephemerals("yuki")[-1].reads() == "That badge is not there any more."


def hold_by_many(session: Connection, world: World) -> None:
    from storage import people
    from storage.people import Profile
    from tests.cast import NOW

    crowd = people.save_profiles(
        session,
        workspace_id=world.workspace.id,
        profiles=[Profile(f"U{n:05d}", f"Person {n}") for n in range(25)],
        now=NOW,
    )
    for number, person in enumerate(crowd):
        award(session, world.workspace.id, world.badges["night-owl"], person, number=number)


def make_private(session: Connection, world: World) -> None:
    for number in range(25):
        row = awards.by_code(session, workspace_id=world.workspace.id, code=code_of(number))
        assert row is not None
        awards.revoke(
            session,
            workspace_id=world.workspace.id,
            ids=[row.id],
            by=world.people["ada"].id,
            reason="",
            now=world.now(),
        )


def test_what_a_private_badge_became_is_not_told_to_whoever_met_it_before(world: World) -> None:
    world.command("ada", "/award", "@maria night-owl Late nights")
    before = world.command("tom", "/badges", "show night-owl").reads()
    assert "Night Owl" in before

    def rename(session: Connection) -> None:
        owl = world.badges["night-owl"]
        changed = BadgeValues.of(owl)._replace(
            name="On Performance Plan", name_key="on performance plan", criteria="HR only"
        )
        editing.edit(
            session, workspace_id=world.workspace.id, before=owl, values=changed, now=world.now()
        )

    world.database.write(rename)

    assert world.command("tom", "/badges", "show night-owl").reads() == before
    for words in ("show on performance plan", "show on performance plam"):
        assert "Performance" not in world.command("tom", "/badges", words).reads().split("”")[1]
    assert "HR only" in world.command("ada", "/badges", "show night-owl").reads()
    world.command("ada", "/award", "@maria night-owl By its new name")
    assert "HR only" in world.command("tom", "/badges", "show night-owl").reads()
