"""The catalogue and single badges, as people see them in Slack, up to Slack's limits."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from bot.artwork import Trophy
from bot.catalogue import BadgeDetails, CataloguePage, Listed
from bot.messages.catalog import badge_message, catalogue_message
from bot.messages.fitting import MOST_CHARACTERS, characters
from bot.messages.message import Message
from bot.messages.profile import history_message, profile_message, shared_profile
from bot.pictures import Case
from bot.playground.rules import check_message, message_mentions
from bot.profiles import History, Line, Page, Profile
from storage.awards import AwardRow
from storage.badges import BadgeRow
from storage.holdings import Viewer
from storage.people import PersonRow
from storage.tables import Badge, BadgeVersion, table_of
from storage.types import new_id
from tests.badges.shelf import award, badge
from tests.cast import NOW
from tests.world import MakeWorld, World


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """A world in which Slack would fetch pictures by itself, so that none is drawn here."""
    return make_world(public_url="https://laurel.acme.example")


def words_of(world: World, user: str, text: str) -> str:
    outcome = world.command(user, "/badges", text)
    assert outcome.acknowledged, outcome
    return outcome.reads()


def test_the_catalogue_shows_what_can_be_earned_and_what_the_reader_holds(world: World) -> None:
    world.command("tom", "/award", "@maria team-player")
    world.command("ada", "/award", "@maria team-player Twice")
    seen = words_of(world, "maria", "catalog")
    assert "*Team Player* · you hold it ×2\nBe a Team Player." in seen
    assert "*Customer Hero*\nBe a Customer Hero." in seen
    assert "Summer 2019" not in seen
    assert "you hold it" not in words_of(world, "tom", "catalogue")


def test_each_badge_of_a_category_stands_under_its_name(world: World) -> None:
    late = {"category": "Contests", "position": 99}
    world.database.write(lambda s: badge(s, world.workspace.id, "Chess Champion", **late))
    seen = words_of(world, "maria", "catalog")
    assert seen.index("Ping-Pong Champion") < seen.index("Chess Champion") < seen.index("Culture")


def test_milestones_come_last_and_the_shortest_of_them_first(world: World) -> None:
    def add(session: Connection) -> None:
        for name in ("11 Years", "2 Years", "30 Days", "6 Months"):
            badge(session, world.workspace.id, name, category="Seniority", position=-1)

    world.database.write(add)
    first = words_of(world, "maria", "catalog")
    world.click("maria", "catalogue_next", ephemeral=world.ephemerals("maria")[-1])
    found = first + world.ephemerals("maria")[-1].reads()
    places = [found.index(f"*{one}*") for one in ("30 Days", "6 Months", "2 Years", "11 Years")]
    assert places == sorted(places)
    assert found.index("Culture") < found.index("Seniority") < places[0]


def test_what_the_studio_adds_comes_behind_the_categories_that_were_there(world: World) -> None:
    def add(session: Connection) -> None:
        for name, category in (("Aardvark", ""), ("Abacus", "Sums"), ("5 Years", "Seniority")):
            badge(session, world.workspace.id, name, category=category)
        badge(session, world.workspace.id, "Acrobat", category="Contests", position=1)
        badge(session, world.workspace.id, "Anchor", category="Events", position=2)

    world.database.write(add)
    found = words_of(world, "maria", "catalog")
    while "catalogue_next" in str(world.ephemerals("maria")[-1].blocks):
        world.click("maria", "catalogue_next", ephemeral=world.ephemerals("maria")[-1])
        found += world.ephemerals("maria")[-1].reads()
    names = ("Acrobat", "Anchor", "Abacus", "Aardvark", "5 Years")
    places = [found.index(f"*{one}*") for one in names]
    assert places == sorted(places)


def test_tiles_that_slack_lacks_are_there_the_next_time(make_world: MakeWorld) -> None:
    world = make_world()
    world.deliver()
    world.database.write(
        lambda s: badge(s, world.workspace.id, "Brand New", category="Contests", position=-1)
    )
    assert "The badge “Brand New”" not in words_of(world, "maria", "catalog")
    world.deliver()
    assert "The badge “Brand New”" in words_of(world, "maria", "catalog")


@pytest.mark.parametrize(
    "words",
    ["ping-pong-champion", "Ping-Pong Champion", "“ping-pong CHAMPION”", "PING-PONG-CHAMPION"],
)
def test_a_badge_is_found_by_slug_or_name_in_any_case(world: World, words: str) -> None:
    world.command("ada", "/award", "@tom ping-pong-champion")
    seen = words_of(world, "maria", f"show {words}")
    assert "*What it takes*: Be a Ping-Pong Champion." in seen
    assert "*Held by 1 person*\nTom Okafor" in seen
    assert words_of(world, "maria", words) == seen


def test_an_unknown_badge_is_answered_with_the_nearest(world: World) -> None:
    seen = words_of(world, "maria", "show pingpong champ")
    assert "Did you mean `ping-pong-champion`?" in seen


def test_what_was_typed_is_repeated_without_pinging_anybody(world: World) -> None:
    for escape in (True, False):
        world.command("maria", "/badges", "show zzz <!channel> <@UTOM>", escape=escape)
        answer = world.ephemerals("maria")[-1]
        assert "I don’t know a badge called “zzz " in answer.reads()
        assert not answer.pings()


def test_a_retired_badge_says_so(world: World) -> None:
    assert "no longer awarded" in words_of(world, "maria", "show summer-2019")


def test_an_achievement_says_that_it_is_held_once(world: World) -> None:
    assert "Achievement: held once" in words_of(world, "maria", "show first-course")


def test_the_holders_of_a_badge_can_be_paged(world: World) -> None:
    from storage import people
    from storage.people import Profile as SlackProfile

    def crowd(session: Connection) -> None:
        saved = people.save_profiles(
            session,
            workspace_id=world.workspace.id,
            profiles=[SlackProfile(f"U{n:05d}", f"Person {n}") for n in range(45)],
            now=NOW,
        )
        for number, person in enumerate(saved):
            award(session, world.workspace.id, world.badges["team-player"], person, number=number)

    world.database.write(crowd)
    seen = [words_of(world, "maria", "show team-player")]
    assert "Held by 45 people" in seen[0]
    for _ in range(2):
        world.click("maria", "badge_holders_next", ephemeral=world.ephemerals("maria")[-1])
        seen.append(world.ephemerals("maria")[-1].reads())
    assert "Page 3 of 3" in seen[-1]
    assert all(any(f"Person {n}" in page for page in seen) for n in range(45))
    world.click("maria", "badge_holders_previous", ephemeral=world.ephemerals("maria")[-1])
    assert "Page 2 of 3" in world.ephemerals("maria")[-1].reads()


def test_five_thousand_badges_with_the_longest_names_stay_within_slacks_limits(
    world: World,
) -> None:
    world.database.write(lambda session: five_thousand(session, world.workspace.id))
    outcome = world.command("maria", "/badges", "catalog")
    assert outcome.acknowledged
    assert "Page 1 of 626" in outcome.reads()
    world.click("maria", "catalogue_next", ephemeral=world.ephemerals("maria")[-1])
    assert "Page 2 of 626" in world.ephemerals("maria")[-1].reads()
    options = category_menu(world)["options"]
    world.choose(
        "maria",
        "catalogue_category",
        option=options[-1]["text"]["text"],
        ephemeral=world.ephemerals("maria")[-1],
    )
    jumped = world.ephemerals("maria")[-1]
    assert options[-1]["text"]["text"] in jumped.reads()
    assert "Page 2 of 626" not in jumped.reads()
    sent = [{part: block[part] for part in block if part != "block_id"} for block in jumped.blocks]
    assert characters(sent) <= MOST_CHARACTERS
    assert "&" * 250 in words_of(world, "maria", "show badge-4999")
    missing = words_of(world, "maria", "show badge-99999")
    assert "Did you mean" in missing


def category_menu(world: World) -> dict[str, Any]:
    return next(
        element
        for block in world.ephemerals("maria")[-1].blocks
        for element in block.get("elements", ())
        if element.get("action_id") == "catalogue_category"
    )


def five_thousand(session: Connection, workspace_id: int) -> None:
    badges, versions = [], []
    for n in range(5000):
        badge_id, version_id = new_id(NOW), new_id(NOW)
        name = f"{n:05d}" + "&" * 250
        badges.append(
            {
                "workspace_id": workspace_id,
                "id": badge_id,
                "slug": f"badge-{n}",
                "name_key": name,
                "version_id": version_id,
                "kind": "flair",
                "private": False,
                "active": True,
                "feed": True,
                "position": n + 100,
                "created_at": NOW,
            }
        )
        versions.append(
            {
                "workspace_id": workspace_id,
                "id": version_id,
                "badge_id": badge_id,
                "number": 1,
                "name": name,
                "description": "",
                "criteria": "<" * 2000,
                "category": f"Category {n // 3:04d} " + "c" * 240,
                "created_at": NOW,
            }
        )
    session.execute(table_of(Badge).insert(), badges)
    session.execute(table_of(BadgeVersion).insert(), versions)


def test_an_empty_catalogue_says_who_can_fill_it() -> None:
    message = catalogue_message(CataloguePage((), Page(1, 1), 0, (), ()))
    assert message.text == "There are no badges to earn yet. An admin can add the first ones."


# -- whatever people write ---------------------------------------------------------------------------

NASTY = st.text(
    alphabet=st.one_of(st.sampled_from('<>&*_~`@!"\\\n #:אب😀'), st.characters(codec="utf-8")),
    max_size=255,
)
LONG = st.one_of(
    NASTY,
    st.sampled_from(
        ["&" * 255, "*" * 255, '"' * 255, "<!channel> <@UTOM> @here " * 10, "😀" * 255]
    ),
)
ID = new_id(NOW)


def a_badge(name: str, words: str, *, private: bool) -> BadgeRow:
    return BadgeRow(
        ID, "slug", "flair", private, True, True, None, 0, ID, name, words, words, name, None, name
    )


def a_person(name: str) -> PersonRow:
    return PersonRow(ID, "UTOM", name, "Europe/Lisbon", "pt-PT", True, False, False, False)


def is_sound(message: Message) -> None:
    assert check_message(message.payload(), surface="ephemeral") is None
    assert characters(message.blocks) <= MOST_CHARACTERS
    assert message.text
    noticed = message_mentions(message.payload())
    assert not any(noticed), noticed


@given(name=LONG, words=LONG, private=st.booleans())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_people_wrote_slack_takes_the_message_and_nobody_is_pinged(
    name: str, words: str, private: bool
) -> None:
    picture = {"slack_file": {"id": "F0000000001"}}
    written, person = a_badge(name, words * 8, private=private), a_person(name or "?")
    page = Page(2, 3)
    is_sound(
        catalogue_message(
            CataloguePage(
                tuple(Listed(written, picture, 3) for _ in range(8)),
                page,
                24,
                (*((f"{n}{name}", new_id(NOW)) for n in range(30)), (name, ID)),
                (),
            )
        )
    )
    is_sound(
        badge_message(
            BadgeDetails(written, picture, private, 2, ((person, 3),) * 20, 5000, page, ())
        )
    )
    row = AwardRow(
        ID, "A-7K3QX9M", ID, ID, ID, ID, ID, (words * 2)[:500], private, False, private, NOW, None,
        NOW if private else None, ID, words, False, "x",
    )  # fmt: skip
    line = Line(row, written, person, person, "https://acme.slack.com/archives/C1/p1")
    trophies = tuple(Trophy(name, "k", b"", n) for n in range(24))
    case = Case(ID, Viewer(ID), trophies, 100, 124, 9999)
    own = Profile(person, person, case, (line,) * 5, page)
    is_sound(profile_message(own, picture))
    is_sound(shared_profile(Profile(person, None, case, (line,) * 5, page), picture, person))
    is_sound(history_message(History(person, (line,) * 8, page, 24, NOW)))
