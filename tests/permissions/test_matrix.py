"""Every role against every action: as README's table has it, and through what people really do."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from sqlalchemy import insert

from bot.errors import NotPermittedError
from bot.grants import parse_grant
from bot.permissions import ROLES, RULES, Action, Role, Standing, may, may_award, require
from bot.playground import Group
from bot.settings import Settings
from storage.people import PersonRow
from storage.tables import Employment, table_of
from storage.types import new_id
from tests.home.reading import elements, open_home
from tests.people_import.test_dropped import GOOD, drop, said
from tests.permissions.conftest import change_badge
from tests.test_docs import table
from tests.world import World

# Who has which role in the world of these tests.
WHO: dict[Role, str] = {
    "owner": "ada",
    "badge admin": "yuki",
    "awarder": "tom",
    "everyone": "maria",
}
SETTINGS = Settings(
    badge_admins=parse_grant("UYUKI, S0ADMINS, !UTOM"),
    awarders=parse_grant("UTOM, managers, S0TEAM, !S0NEW"),
    admins=frozenset({"UADA"}),
)
TABLE = {
    row[0]: dict(zip(ROLES[1:], row[1:], strict=True))
    for row in table("| | awarder | badge admin | owner |")
}


def person(slack_id: str, **changes: Any) -> PersonRow:
    row = PersonRow(new_id(), slack_id, slack_id, None, None, True, False, False, False)
    return row._replace(**changes)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", RULES)
def test_the_code_decides_as_the_table_says(role: Role, action: Action) -> None:
    standing = Standing(person(f"U{WHO[role].upper()}"), SETTINGS)
    allowed = TABLE[RULES[action].words].get(role) == "✓"

    assert may(standing, action) is allowed
    if not allowed:
        with pytest.raises(NotPermittedError) as caught:
            require(standing, action)
        who = f"A {RULES[action].role}".replace("A owner", "An owner").replace(
            "A awarder", "An awarder"
        )
        assert caught.value.sentence == (
            f"{who} can {RULES[action].words}; you can’t, as things stand."
        )


@pytest.mark.parametrize(
    ("standing", "role"),
    [
        (Standing(person("UNOBODY"), SETTINGS), "everyone"),
        (Standing(person("UNOBODY"), SETTINGS, manager=True), "awarder"),
        (Standing(person("UNOBODY"), SETTINGS, frozenset({"S0TEAM"})), "awarder"),
        (Standing(person("UTOM"), SETTINGS, frozenset({"S0NEW"})), "everyone"),
        (Standing(person("UTOM"), SETTINGS, frozenset({"S0ADMINS"})), "awarder"),
        (Standing(person("UNOBODY"), SETTINGS, frozenset({"S0ADMINS", "S0NEW"})), "badge admin"),
        (Standing(person("UADA"), SETTINGS, frozenset({"S0NEW"})), "owner"),
        (Standing(person("UKIM", guest=True), SETTINGS, frozenset({"S0TEAM"})), "everyone"),
        (Standing(person("UTOM", guest=True), SETTINGS), "awarder"),
        (Standing(person("UADA", active=False), SETTINGS), "everyone"),
        (Standing(person("UYUKI", bot=True), SETTINGS), "everyone"),
        (Standing(person("UBOT", bot=True, slack_admin=True), SETTINGS), "everyone"),
        (
            Standing(person("UNOBODY", slack_admin=True, active=False, stranger=True), SETTINGS),
            "everyone",
        ),
    ],
)
def test_denying_beats_allowing_and_who_has_no_account_here_has_no_role(
    standing: Standing, role: Role
) -> None:
    assert standing.role == role


def test_guests_are_among_everyone_once_the_workspace_lets_them_award() -> None:
    guest = person("UKIM", guest=True)

    assert Standing(guest, Settings()).role == "everyone"
    assert Standing(guest, Settings(guests_award=True)).role == "awarder"


@pytest.mark.parametrize("guests_award", [False, True])
def test_a_guest_in_the_badge_admins_user_group_is_no_badge_admin(guests_award: bool) -> None:
    settings = Settings(badge_admins=parse_grant("S0ADMINS"), guests_award=guests_award)

    guest = Standing(person("UKIM", guest=True), settings, frozenset({"S0ADMINS"}))

    assert guest.role == ("awarder" if guests_award else "everyone")


@pytest.mark.parametrize(
    ("awarders", "guests_award", "allowed"),
    [
        ("everyone", False, False),
        ("S0TEAM", False, False),
        ("S0TEAM", True, True),
        ("UKIM", False, True),
    ],
)
def test_a_badges_own_group_lets_guests_in_as_the_workspace_does_and_their_name_always(
    world: World, awarders: str, guests_award: bool, allowed: bool
) -> None:
    badge = world.badges["team-player"]._replace(awarders=awarders)
    settings = Settings(guests_award=guests_award)

    guest = Standing(person("UKIM", guest=True), settings, frozenset({"S0TEAM"}))

    assert may_award(guest, badge) is allowed


@pytest.mark.parametrize("gone", [{"active": False}, {"bot": True}, {"stranger": True}])
def test_a_badge_that_names_somebody_without_an_account_here_is_not_theirs_to_award(
    world: World, gone: dict[str, bool]
) -> None:
    badge = world.badges["team-player"]._replace(awarders="UGIL")

    assert may_award(Standing(person("UGIL"), Settings()), badge)
    assert not may_award(Standing(person("UGIL", **gone), Settings()), badge)


def test_a_badges_own_awarders_do_not_let_in_whom_the_workspace_leaves_out(world: World) -> None:
    badge = world.badges["team-player"]._replace(awarders="everyone")
    settings = Settings(
        badge_admins=parse_grant("UYUKI"), awarders=parse_grant("everyone, !UYUKI, !S0NEW")
    )

    assert may_award(Standing(person("UTOM"), settings), badge)
    assert not may_award(Standing(person("UYUKI"), settings), badge)
    assert not may_award(Standing(person("UTOM"), settings, frozenset({"S0NEW"})), badge)


NOT_AWARDING = (
    "You can’t award badges here, as things stand. A colleague can do it for you;"
    " an owner can change that in Settings."
)
NO_SUCH = "I don’t know a badge called “night-owl"


class Act(NamedTuple):
    """Something that a role may do: what is read when it is done, and what by those who may not."""

    action: Action
    do: Callable[[World, str], str]
    done: str
    refused: str
    to_everyone: str = ""  # what those read who may not even award, where that is something else


def _command(command: str, words: str) -> Callable[[World, str], str]:
    return lambda world, who: world.command(who, command, words).reads()


def _type_ahead(world: World, who: str) -> str:
    outcome = world.command(who, "/award", "")
    if outcome.view is None:
        return outcome.reads()
    offered = world.type_ahead(who, "award_badges", "night")
    world.close(who)
    return f"offered: {offered}"


def _revoke(world: World, who: str) -> str:
    giver = "ada" if who != "ada" else "yuki"
    given = world.command(giver, "/award", "@paul customer-hero x").reads()
    code = next(word for word in given.split() if word.startswith("A-"))
    return world.command(who, "/award", f"revoke {code} A mistake").reads().replace(code, "A-1")


def _import_people(world: World, who: str) -> str:
    drop(world, who, GOOD)
    return str(said(world, who)[-1].reads())


def _bulk(world: World, who: str) -> str:
    outcome = world.command(who, "/award", "many")
    if outcome.view is None:
        return outcome.reads()
    world.close(who)
    return outcome.view.reads()


def _waiting(world: World, who: str) -> str:
    if "Paul Poole" not in str(world.command(who, "/badges", "requests").reads()):
        world.command("paul", "/badges", "request event-speaker My talk")
    return world.command(who, "/badges", "requests").reads()


def _tabs(world: World, who: str) -> str:
    open_home(world, who)
    return f"tabs: {[one for one in elements(world, who) if one.startswith('home_go_tab')]}"


ACTS = (
    Act("award", _command("/award", "@paul team-player x"), "now has *Team Player*", NOT_AWARDING),
    Act(
        "award_private",
        _command("/award", "@paul night-owl x"),
        "now has *Night Owl*",
        NO_SUCH,
        NOT_AWARDING,
    ),
    Act("award_private", _type_ahead, "offered: ['Night Owl']", "offered: []", NOT_AWARDING),
    Act(
        "revoke_any", _revoke, "Done: A-1", "Only whoever gave A-1 and badge admins can revoke it."
    ),
    Act("see_private", _command("/badges", "show night-owl"), "*Night Owl*", NO_SUCH),
    Act(
        "see_service",
        _command("/badges", "since @paul"),
        "I don’t know since when Paul Poole is here.",
        "Since when Paul Poole is here is for them, their manager and badge admins to know.",
    ),
    Act(
        "enter_service",
        _command("/badges", "since @paul 2019-03-01"),
        "Noted. Paul Poole has been here since",
        "Only badge admins enter start dates for others.",
    ),
    Act(
        "import_people", _import_people, "*hr.csv*: 2 people", "Files are for badge admins, though"
    ),
    Act(
        "bulk",
        _bulk,
        "Award to many",
        "A badge admin can award to many at once; you can’t, as things stand.",
    ),
    Act("decide_request", _waiting, "Paul Poole asks for", "Nothing waits for an answer."),
    Act("studio", _tabs, "home_go_tab_studio", "tabs: []"),
    Act("settings", _tabs, "home_go_tab_settings", "tabs: []"),
)


@pytest.fixture
def office(world: World) -> World:
    """A workspace where Yuki is a badge admin, Tom an awarder, and Maria neither."""
    world.engine.add_user("paul", "Paul Poole", id="UPAUL")
    world.settle()
    world.decide(badge_admins=parse_grant("UYUKI"), awarders=parse_grant("UTOM"))
    return world


@pytest.mark.parametrize("role", ROLES)
def test_what_people_do_is_allowed_or_refused_by_their_role(office: World, role: Role) -> None:
    for act in ACTS:
        read = act.do(office, WHO[role])
        allowed = TABLE[RULES[act.action].words].get(role) == "✓"
        refused = (act.to_everyone if role == "everyone" else "") or act.refused
        assert (act.done in read, refused in read) == (allowed, not allowed), (act, read)


def test_a_role_that_is_given_or_taken_counts_from_the_next_command_on(office: World) -> None:
    award = _command("/award", "@paul team-player x")

    assert award(office, "maria") == NOT_AWARDING
    office.decide(awarders=parse_grant("everyone"))
    assert "now has" in award(office, "maria")
    office.decide(awarders=parse_grant("everyone, !UMARIA, !UYUKI, !UADA"))
    assert award(office, "maria") == NOT_AWARDING
    assert award(office, "yuki") == NOT_AWARDING
    assert "now has" in award(office, "ada")


def test_groups_that_give_or_deny_a_role_are_kept_in_step(office: World) -> None:
    office.decide(badge_admins=parse_grant("S0LEADS"), awarders=parse_grant("everyone, !S0NEW"))
    change_badge(office, "customer-hero", awarders="UTOM, !S0TIRED")
    leads, new, tired = (
        office.engine.add_group(name.lower(), members=[], id=f"S0{name}")
        for name in ("LEADS", "NEW", "TIRED")
    )

    def now_in(group: Group, *members: str) -> None:
        office.engine.change_group(group, members=list(members))
        office.settle()

    hero, show = _command("/award", "@paul customer-hero x"), _command("/badges", "show night-owl")
    assert NO_SUCH in show(office, "maria")
    now_in(leads, "maria")
    assert "Night Owl" in show(office, "maria")
    assert "now has" in hero(office, "tom")
    now_in(tired, "tom")
    assert "Customer Hero is for others to award" in hero(office, "tom")
    now_in(new, "tom")
    assert hero(office, "tom") == NOT_AWARDING


def _have_a_manager(world: World, person: str, manager: str) -> None:
    world.database.write(
        lambda session: session.execute(
            insert(table_of(Employment)).values(
                workspace_id=world.workspace.id,
                person_id=world.people[person].id,
                manager_id=world.people[manager].id,
            )
        )
    )


def test_whoever_manages_somebody_awards_where_managers_do(office: World) -> None:
    office.decide(awarders=parse_grant("managers"))
    award = _command("/award", "@paul team-player x")
    assert award(office, "maria") == NOT_AWARDING

    _have_a_manager(office, "tom", "maria")

    assert "now has" in award(office, "maria")
    assert award(office, "tom") == NOT_AWARDING


def test_whoever_manages_somebody_is_a_badge_admin_or_awards_one_badge_where_that_is_said(
    office: World,
) -> None:
    _have_a_manager(office, "tom", "maria")
    show, hero = _command("/badges", "show night-owl"), _command("/award", "@paul customer-hero x")
    assert NO_SUCH in show(office, "maria")
    assert hero(office, "maria") == NOT_AWARDING

    change_badge(office, "customer-hero", awarders="managers")
    assert "now has" in hero(office, "maria")
    assert "Customer Hero is for others to award" in hero(office, "tom")

    office.decide(badge_admins=parse_grant("managers"))
    assert "*Night Owl*" in show(office, "maria")
    assert NO_SUCH in show(office, "tom")
