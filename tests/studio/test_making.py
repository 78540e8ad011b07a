"""Making badges in the Studio: the form, each of its fields, and pictures."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

from bot.artwork import Design
from bot.playground import Outcome
from bot.studio.checking import FieldErrors, Form
from bot.studio.draft import Draft
from bot.studio.saving import save as save_form
from storage import badges
from tests.cast import NOW
from tests.home.reading import read_home
from tests.studio.office import (
    badge_of,
    count,
    edit,
    field,
    has_field,
    new_badge,
    noted,
    open_studio,
    picture,
    save,
)
from tests.world import MakeWorld, World


def test_a_badge_is_made_from_a_name_alone_and_can_be_awarded(world: World) -> None:
    open_studio(world)

    outcome = new_badge(world, name="People’s Choice")

    assert outcome.view is not None
    assert "*People’s Choice* is there. Award it with `/award @maria peoples-choice`." in (
        outcome.view.reads()
    )
    assert "People’s Choice" in read_home(world, "ada")
    assert noted(world) == ["badge.created"]
    world.command("tom", "/award", "@maria peoples-choice For the soup")
    world.deliver()
    assert "received *People’s Choice*" in world.feed()[0].reads()


def test_everything_that_is_chosen_is_kept(world: World) -> None:
    open_studio(world)
    world.click("ada", "studio_new")
    world.choose("ada", "studio_picture", option="drawn")
    world.choose("ada", "studio_awarders", option="named")
    world.choose("ada", "studio_feed", option="elsewhere")
    world.choose("ada", "studio_expiry", option="after")
    cooks = world.engine.add_group("cooks", members=["maria"])

    # The groups were asked for when they were first shown; here there were none yet.
    outcome = save(
        world,
        name="Soup of the Month",
        slug="soup",
        description="Warms everybody.",
        criteria="Cook for ten.",
        category={"text": {"type": "plain_text", "text": "New: Kitchen"}, "value": "=Kitchen"},
        kind="once",
        visibility="private",
        shape="hexagon",
        background="teal",
        accent="silver",
        symbol="SOM",
        people=[world.users["tom"]],
        not_people=[world.users["yuki"]],
        channel=world.kudos,
        recipient_limit="1 a month",
        giver_limit="5/week",
        months="12",
    )

    assert outcome.view is not None
    assert "is there" in outcome.view.reads()
    assert cooks.id not in outcome.view.reads()
    made = badge_of(world, "soup")
    assert made._asdict() | {"id": None, "version_id": None, "position": 0} == {
        "id": None,
        "slug": "soup",
        "kind": "flair",
        "private": True,
        "active": True,
        "feed": True,
        "awarders": "UTOM, !UYUKI",
        "position": 0,
        "version_id": None,
        "name": "Soup of the Month",
        "description": "Warms everybody.",
        "criteria": "Cook for ten.",
        "category": "Kitchen",
        "image_id": None,
        "name_key": "soup of the month",
        "feed_channel": world.kudos.id,
        "repeats": False,
        "recipient_limit": "1/month",
        "giver_limit": "5/week",
        "expiry": "12m",
        "design": str(Design("hexagon", "teal", "silver", "SOM")),
    }


def test_a_channel_that_laurel_is_not_in_is_said(world: World) -> None:
    away = world.channel("cooks", members=["ada"], bot_member=False)
    open_studio(world)
    world.click("ada", "studio_new")
    world.choose("ada", "studio_feed", option="elsewhere")

    outcome = save(world, name="Soup", channel=away)

    assert outcome.view is not None
    assert "*Soup* is there." in outcome.view.reads()
    assert "I am not in #cooks yet: please type `/invite @Laurel` there" in outcome.view.reads()


def test_what_is_wrong_is_said_at_its_field_and_all_of_it_at_once(world: World) -> None:
    open_studio(world)
    before = count(world, "badge")

    outcome = new_badge(
        world,
        name="team  PLAYER",
        slug="Not a slug!",
        recipient_limit="often",
        giver_limit="5 a fortnight",
    )

    assert outcome.errors == {
        "studio_name": "There is a badge called Team Player already (team-player). Please choose"
        " another name.",
        "studio_slug": "A slug has small letters, digits and single hyphens between them, at most 60"
        " in all: for example not-a-slug.",
        "studio_recipient_limit": "“often” is not a limit I understand: write it like 5/week, with"
        " day, week, month, quarter or year.",
        "studio_giver_limit": "“5 a fortnight” is not a limit I understand: write it like 5/week,"
        " with day, week, month, quarter or year.",
    }
    assert save(world, name="“ ”", slug="night-owl").errors["studio_slug"] == (
        "night-owl is taken. Please choose another slug."
    )
    assert save(world).errors["studio_name"] == "A badge needs a name that people can type."
    assert count(world, "badge") == before


def test_fields_that_a_choice_asks_for_are_asked_for(world: World) -> None:
    open_studio(world)
    world.click("ada", "studio_new")
    world.choose("ada", "studio_picture", option="drawn")
    world.choose("ada", "studio_awarders", option="named")
    world.choose("ada", "studio_feed", option="elsewhere")
    world.choose("ada", "studio_expiry", option="after")

    outcome = save(world, name="Fine", symbol="ABCDE", months="0")

    assert outcome.errors == {
        "studio_symbol": "“ABCDE” is too much for a badge: please give one emoji, or up to three"
        " letters.",
        "studio_people": "Please choose who may award it, people or user groups.",
        "studio_channel": "Please choose the channel in which it is announced.",
        "studio_months": "Please write a number of months from 1 to 600.",
    }
    world.choose("ada", "studio_expiry", option="on")
    world.choose("ada", "studio_awarders", option="admins")
    world.choose("ada", "studio_feed", option="off")
    late = save(world, symbol="ABC", date=NOW.date())
    assert late.errors == {
        "studio_date": "That day is over: please choose one that is still to come."
    }
    assert save(world, date=date(2027, 1, 31)).errors == {}
    made = badge_of(world, "fine")
    assert (made.expiry, made.awarders, made.feed) == ("2027-01-31", "admins", False)


def test_a_field_that_is_not_there_yet_is_spoken_of_where_it_will_be(world: World) -> None:
    open_studio(world)
    world.click("ada", "studio_new")

    # Sent before Laurel could show the field for the file.
    outcome = save(world, name="Fine", picture="upload")

    assert outcome.errors == {
        "studio_picture": "Please choose a picture, or another way of making one above."
    }


def test_typing_offers_the_categories_there_are_and_a_new_one(world: World) -> None:
    open_studio(world)
    world.click("ada", "studio_new")

    assert world.type_ahead("ada", "studio_category", "") == [
        "Contests",
        "Courses",
        "Culture",
        "Events",
    ]
    assert world.type_ahead("ada", "studio_category", "CO") == ["Contests", "Courses", "New: CO"]
    assert world.type_ahead("ada", "studio_category", "culture") == ["Culture"]


def test_a_slug_that_is_taken_gets_a_number_where_nobody_chose_it(world: World) -> None:
    open_studio(world)

    new_badge(world, name="Summer-2019!")

    assert badge_of(world, "summer-2019-2").name == "Summer-2019!"


def test_a_form_sent_twice_makes_one_badge(world: World) -> None:
    open_studio(world)
    view = world.click("ada", "studio_new").view
    before = count(world, "badge")

    world.submit("ada", view, values={"studio_name": "Fine"}, times=2)

    assert count(world, "badge") == before + 1
    assert noted(world) == ["badge.created"]


def test_what_is_put_together_is_seen_at_once(make_world: MakeWorld) -> None:
    world = make_world(public_url="https://laurel.example")
    open_studio(world)
    world.click("ada", "studio_new")

    empty = world.choose("ada", "studio_picture", option="drawn").view
    undrawn = world.choose("ada", "studio_symbol", text="عم").view
    drawn = world.choose("ada", "studio_symbol", text="QA").view
    other = world.choose("ada", "studio_background", option="teal").view

    assert empty is not None
    assert "once it has an emoji" in empty.reads()
    assert undrawn is not None
    assert "“ع” is nothing that I can put together: please choose Latin" in undrawn.reads()
    assert drawn is not None
    assert other is not None
    assert "Preview: an indigo shield with a gold rim and the letters QA" in str(drawn.blocks)
    assert "Preview: a teal shield with a gold rim and the letters QA" in str(other.blocks)


def test_a_preview_that_slack_cannot_fetch_is_uploaded(make_world: MakeWorld) -> None:
    world = make_world(draw=True)
    open_studio(world)
    world.click("ada", "studio_new")
    world.choose("ada", "studio_picture", option="drawn")

    view = world.choose("ada", "studio_symbol", text=":trophy:").view

    assert view is not None
    [shown] = [one for one in view.blocks if one["type"] == "image"]
    assert "slack_file" in shown
    assert "trophy" in shown["alt_text"]


def test_of_two_who_make_the_same_at_once_one_does(make_world_pg: MakeWorld) -> None:
    world = make_world_pg()
    deps, start = world.laurel.deps, Barrier(4)

    def make(view_id: str) -> str:
        start.wait()
        try:
            return world.database.write(
                lambda session: save_form(
                    session,
                    deps,
                    world.workspace,
                    "UADA",
                    Form(),
                    Draft(name="Soup"),
                    view_id=view_id,
                )
            ).badge.slug
        except FieldErrors as problem:
            return problem.errors["name"]

    with ThreadPoolExecutor(4) as threads:
        said = list(threads.map(make, ["V1", "V1", "V2", "V2"]))

    assert sorted(said) == [
        *["There is a badge called Soup already (soup). Please choose another name."] * 2,
        *["soup"] * 2,
    ]
    assert noted(world) == ["badge.created"]


# -- uploads --------------------------------------------------------------------------------------


def upload(world: World, content: bytes, **values: Any) -> Outcome:
    world.choose("ada", "studio_picture", option="upload")
    file = world.engine.upload("ada", "soup.png", content)
    view = world.view("ada")
    assert view is not None
    [at] = [b["block_id"] for b in view.blocks if b.get("block_id", "").startswith("studio_file")]
    return save(world, **{at.removeprefix("studio_"): [file]} | values)


def test_an_uploaded_picture_is_looked_at_and_saved(world: World) -> None:
    open_studio(world)
    world.click("ada", "studio_new")
    world.choose("ada", "studio_picture", option="upload")
    file = world.engine.upload("ada", "soup.png", picture())

    sent = world.engine.submit(
        "ada", values={"studio_name": "Soup", "studio_file_0": [file], "studio_fit": "pad"}
    )
    assert sent.view is not None
    assert "Checking the picture…" in sent.view.reads()
    assert count(world, "image") == 0
    world.settle()

    done = world.view("ada")
    assert done is not None
    assert "*Soup* is there." in done.reads()
    image_id = badge_of(world, "soup").image_id
    assert image_id is not None
    stored = world.database.read(
        lambda session: badges.image(session, workspace_id=world.workspace.id, image_id=image_id)
    )
    assert stored is not None
    assert stored.startswith(b"\x89PNG")
    assert "Soup" in read_home(world, "ada")


def test_a_refused_picture_brings_the_form_back_as_it_was(world: World) -> None:
    open_studio(world)
    world.click("ada", "studio_new")
    before = (count(world, "badge"), count(world, "image"))

    refused = upload(world, picture(size=(90, 90)), name="Soup", description="Warm.")

    view = refused.view
    assert view is not None
    file = next(n for n, one in enumerate(view.blocks) if one["block_id"] == "studio_file_1")
    below = view.blocks[file + 1]["text"]["text"]
    assert ":warning: That picture has 90 × 90 pixels and would look blurred" in below
    assert "the picture needs another look, below" in view.blocks[0]["text"]["text"]
    assert field(view, "name")["initial_value"] == "Soup"
    assert field(view, "description")["initial_value"] == "Warm."
    assert (count(world, "badge"), count(world, "image")) == before
    stale = save(world, name="Soup")  # the refused file is not chosen any more
    assert "Please choose a picture" in stale.errors["studio_file_1"]
    again = upload(world, picture())
    assert again.view is not None
    assert "*Soup* is there." in again.view.reads()


def test_a_file_that_slack_does_not_hand_out_is_said_and_nothing_is_saved(world: World) -> None:
    open_studio(world)
    world.click("ada", "studio_new")
    before = count(world, "badge")
    world.engine.weather.refuse("files.info", error="file_not_found", times=1)

    outcome = upload(world, picture(), name="Soup")

    assert outcome.view is not None
    assert "That file is no longer in Slack. Please drop it here again." in outcome.view.reads()
    assert has_field(outcome.view, "file_1")
    assert count(world, "badge") == before


def test_a_file_that_is_too_large_is_not_even_fetched(world: World) -> None:
    open_studio(world)
    world.click("ada", "studio_new")

    outcome = upload(world, bytes(6 * 2**20), name="Soup")

    assert outcome.view is not None
    assert "That file has 6 MB, and I take up to 5" in outcome.view.reads()


def test_a_form_opens_in_words_where_slack_lost_the_picture(world: World) -> None:
    open_studio(world)
    new_badge(world, name="Soup")
    world.close("ada")
    world.click("ada", "studio_new")
    upload(world, picture(), name="Stew")
    world.close("ada")
    world.deliver()
    open_studio(world)
    assert any(one["type"] == "image" for one in edit(world, badge_of(world, "stew")).blocks)
    world.close("ada")
    world.engine.weather.refuse("views.open", error="invalid_arguments", times=1)

    view = edit(world, badge_of(world, "stew"))

    assert not any(one["type"] == "image" for one in view.blocks)
    assert field(view, "name")["initial_value"] == "Stew"


def test_whoever_closed_the_form_while_it_was_checked_is_told_directly(world: World) -> None:
    open_studio(world)
    world.click("ada", "studio_new")
    world.choose("ada", "studio_picture", option="upload")
    file = world.engine.upload("ada", "soup.png", picture(size=(90, 90)))
    world.engine.submit("ada", values={"studio_name": "Soup", "studio_file_0": [file]})
    world.engine.close("ada")

    world.settle()

    assert "would look blurred" in world.dms("ada")[-1].reads()
    assert "Nothing was saved." in world.dms("ada")[-1].reads()
