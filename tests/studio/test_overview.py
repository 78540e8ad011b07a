"""The Studio's list of badges: what is found, in which order, with which figures, however many."""

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, text

from storage import badges, editing, files, usage
from storage.awards import revoke, set_hidden
from storage.badges import BadgeRow
from storage.database import Database
from storage.people import PersonRow
from storage.usage import Usage
from storage.workspaces import WorkspaceRow
from tests.badges import shelf
from tests.cast import NOW
from tests.home.reading import elements, home_blocks, read_home
from tests.studio.office import choose_for, edit, has_field, open_studio
from tests.world import World


def names_shown(world: World) -> list[str]:
    """The badges on the page, in order."""
    return [
        str(block["text"]["text"]).split("*")[1]
        for block in home_blocks(world, "ada")
        if block["type"] == "section" and "`" in block["text"]["text"]
    ]


def long_words(world: World) -> list[tuple[str, ...]]:
    """Slugs, names and words of all badges as they are now."""
    rows = world.database.read(
        lambda session: badges.catalogue(session, workspace_id=world.workspace.id)
    )
    return [(row.slug, row.name, row.description, row.criteria, row.category) for row in rows]


def test_badges_are_listed_by_use_with_their_figures(world: World) -> None:
    for words in ("One", "Two"):
        world.command("tom", "/award", f"@maria customer-hero {words}")
    world.command("tom", "/award", "@yuki customer-hero Three")
    world.command("maria", "/award", "@yuki team-player Four")

    said = open_studio(world)

    assert names_shown(world)[:2] == ["Customer Hero", "Team Player"]
    assert "Awarded 3 times · 2 holders · last on 20 Nov 2026" in said
    assert "*Night Owl* · Private\n`night-owl` · Culture · Flair\nNot awarded yet" in said
    assert "*Summer 2019* · Retired" in said
    world.choose("ada", "home_set_sort", option="name")
    assert names_shown(world) == [
        "Customer Hero",
        "Event Speaker",
        "First Course",
        "Night Owl",
        "Ping-Pong Champion",
        "Summer 2019",
        "Team Player",
    ]


def test_badges_are_found_by_name_slug_and_category_and_by_what_they_are(world: World) -> None:
    open_studio(world)

    world.choose("ada", "home_set_query", text="contests")
    assert names_shown(world) == ["Ping-Pong Champion"]
    world.choose("ada", "home_set_query", text="pingpong")
    assert names_shown(world) == ["Ping-Pong Champion"]
    world.choose("ada", "home_set_query", text="xyzzy")
    assert "*0 badges* for “xyzzy”. Try another word, or make a new badge." in read_home(
        world, "ada"
    )
    world.click("ada", "home_go_all")
    world.choose("ada", "home_set_section", option="private")
    assert names_shown(world) == ["Night Owl"]
    world.choose("ada", "home_set_section", option="retired")
    assert names_shown(world) == ["Summer 2019"]


def test_every_view_stays_within_slacks_limits_with_five_thousand_long_names(world: World) -> None:
    long = "Großmeister & <Held> der *Woche* " * 8
    world.database.write(
        lambda session: session.execute(
            text(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
                " INSERT INTO badge (workspace_id, id, slug, name_key, version_id, kind, private,"
                " active, feed, repeats, position, created_at) SELECT :ws, printf('%032x', i),"
                " 's' || i || :slug, 's' || i, printf('%032x', i + 100000), 'flair', 0, 1, 1, 1, 0,"
                " '2026-01-01 00:00:00.000000' FROM n"
            ),
            {"ws": world.workspace.id, "slug": "-x" * 120},
        )
    )
    world.database.write(
        lambda session: session.execute(
            text(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
                " INSERT INTO badge_version (workspace_id, id, badge_id, number, name, description,"
                " criteria, category, created_at) SELECT :ws, printf('%032x', i + 100000),"
                " printf('%032x', i), 1, substr(i || ' ' || :name, 1, 255), :words, :words,"
                " substr(i || ' ' || :name, 1, 255), '2026-01-01 00:00:00.000000' FROM n"
            ),
            {"ws": world.workspace.id, "name": long, "words": long * 20},
        )
    )

    assert "5,007 badges" in open_studio(world)
    assert "Page 1 of 626" in read_home(world, "ada")
    assert "home_go_next" in elements(world, "ada")
    assert len(home_blocks(world, "ada")) <= 100
    world.choose("ada", "home_set_sort", option="name")
    [first, *_] = [b for b in home_blocks(world, "ada") if b["type"] == "actions"][2:]
    opened = world.click("ada", first["elements"][0]["action_id"])
    assert opened.view is not None
    assert has_field(opened.view, "description")
    assert len(world.type_ahead("ada", "studio_category", "")) == 100
    before = long_words(world)
    assert world.submit("ada", values={"studio_giver_limit": "3/day"}).errors == {}
    assert long_words(world) == before  # what a field has no room for is not cut off


def test_a_badges_own_form_says_its_slug_once_it_was_awarded(world: World) -> None:
    world.command("tom", "/award", "@maria team-player Thanks")
    open_studio(world)

    view = edit(world, world.badges["team-player"])

    assert "Slug: `team-player`. People know it by that, so it stays." in view.reads()
    assert has_field(view, "past")


def test_the_awards_of_a_badge_open_from_its_menu(world: World) -> None:
    world.command("tom", "/award", "@maria team-player For the soup")
    world.command("tom", "/award", "@maria customer-hero For the bread")
    open_studio(world)

    view = choose_for(world, world.badges["team-player"], "awards").view

    assert view is not None
    assert "For the soup" in view.reads()
    assert "For the bread" not in view.reads()


def test_figures_count_what_stands_and_is_not_hidden(
    database: Database, workspace: WorkspaceRow, cast: dict[str, PersonRow]
) -> None:
    maria, tom = cast["Maria"], cast["Tom"]
    ws = workspace.id
    later = NOW + timedelta(hours=1)

    def work(session: Connection) -> tuple[BadgeRow, BadgeRow]:
        badge = shelf.badge(session, ws, "Soup")
        other = shelf.badge(session, ws, "Bread")
        for number, (person, at, private) in enumerate(
            [(maria, NOW, False), (maria, NOW, True), (tom, later, False), (tom, NOW, False)]
        ):
            shelf.award(session, ws, badge, person, number=number, at=at, private=private)
        hidden = shelf.award(session, ws, badge, cast["Kim"], number=10, at=later)
        set_hidden(session, workspace_id=ws, award_id=hidden, hidden=True)
        gone = shelf.award(session, ws, other, tom, number=11)
        revoke(session, workspace_id=ws, ids=[gone], by=None, reason="", now=NOW)
        return badge, other

    soup, bread = database.write(work)
    found = database.read(
        lambda session: usage.of_badges(
            session, workspace_id=ws, badge_ids=[soup.id, bread.id], now=NOW
        )
    )
    given = database.read(lambda session: usage.times_given(session, workspace_id=ws))

    assert found == {soup.id: Usage(4, 2, later)}
    assert given == {soup.id: 5, bread.id: 1}


def test_past_awards_change_a_few_at_a_time_and_all_in_the_end(
    database: Database, workspace: WorkspaceRow, cast: dict[str, PersonRow]
) -> None:
    ws = workspace.id

    def begin(session: Connection) -> tuple[BadgeRow, BadgeRow]:
        badge = shelf.badge(session, ws, "Soup")
        for number in range(5):
            at = NOW + timedelta(minutes=number // 2)
            shelf.award(session, ws, badge, cast["Maria"], number=number, at=at)
        values = editing.BadgeValues.of(badge)._replace(name="Stew", name_key="stew")
        return badge, editing.edit(session, workspace_id=ws, before=badge, values=values, now=NOW)

    before, after = database.write(begin)

    def some(session: Connection, since: datetime | None = None) -> tuple[int, datetime | None]:
        return editing.apply_to_past(
            session,
            workspace_id=ws,
            badge_id=after.id,
            version_id=after.version_id,
            since=since,
            until=NOW + timedelta(days=1),
            limit=2,
        )

    changed, since = database.write(some)
    rounds = [changed]
    while since is not None:
        changed, since = database.write(partial(some, since=since))
        rounds.append(changed)

    versions = database.read(
        lambda session: (
            session.execute(text("SELECT DISTINCT version_id FROM award")).scalars().all()
        )
    )
    assert rounds == [2, 2, 1]
    assert [str(one).replace("-", "") for one in versions] == [after.version_id.hex]
    assert before.version_id != after.version_id


def test_a_deleted_badge_takes_its_picture_along_unless_another_shows_it(
    database: Database, workspace: WorkspaceRow
) -> None:
    ws = workspace.id

    def work(session: Connection) -> tuple[list[bool], list[bytes | None], str | None]:
        own, shared = (
            badges.add_image(session, workspace_id=ws, content=content)
            for content in (b"own", b"shared")
        )
        first = shelf.badge(session, ws, "Soup", image_id=own)
        second = shelf.badge(session, ws, "Bread", image_id=shared)
        shelf.badge(session, ws, "Butter", image_id=shared)
        files.save(session, workspace_id=ws, key=f"tile:{first.version_id}", file_id="F1", now=NOW)
        gone = [
            editing.delete_unawarded(session, workspace_id=ws, badge_id=one.id)
            for one in (first, second)
        ]
        left = [
            badges.image(session, workspace_id=ws, image_id=image_id) for image_id in (own, shared)
        ]
        known = files.file_id(session, workspace_id=ws, key=f"tile:{first.version_id}")
        return gone, left, known

    gone, left, known = database.write(work)

    assert gone == [True, True]
    assert left == [None, b"shared"]
    assert known is None
