"""Changing badges: versions, who else is at it, leaving the catalogue and coming back."""

import json
from typing import Any

from sqlalchemy import text

from bot import jobs, policies, seniority
from bot.studio import past as past_awards
from bot.tenure import Length, Policies, Rule
from storage import badges, duties, editing, past
from storage.editing import BadgeValues
from storage.past import Change
from tests.home.reading import elements, open_home, read_home
from tests.studio.office import (
    badge_of,
    choose_for,
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
from tests.world import World


def award(world: World, slug: str, whom: str = "maria", words: str = "Thank you") -> str:
    outcome = world.command("tom", "/award", f"@{whom} {slug} {words}")
    world.deliver()
    return outcome.reads()


def test_an_edit_makes_a_version_and_an_old_award_keeps_its_words_and_look(world: World) -> None:
    open_studio(world)
    badge = world.badges["team-player"]
    award(world, badge.slug)
    open_studio(world)
    view = edit(world, badge)
    assert not has_field(view, "slug")
    world.choose("ada", "studio_picture", option="upload")
    file = world.engine.upload("ada", "team.png", picture())

    outcome = save(world, name="Heart of the Team", description="Beats.", file_0=[file])
    assert outcome.view is not None
    assert "*Heart of the Team* is saved." in outcome.view.reads()
    award(world, badge.slug, whom="yuki")

    profile = world.command("maria", "/badges")
    assert "*Team Player*" in profile.reads()
    assert "Heart of the Team" not in profile.reads()
    assert "*Heart of the Team*" in world.command("yuki", "/badges").reads()
    first, second = world.feed()
    assert "received *Team Player*" in first.reads()
    assert "received *Heart of the Team*" in second.reads()
    now = badge_of(world, "team-player")
    assert now.image_id is not None
    old = world.database.read(
        lambda session: badges.of_versions(
            session, workspace_id=world.workspace.id, version_ids=[badge.version_id]
        )
    )[badge.version_id]
    assert (old.name, old.image_id, old.design) == ("Team Player", None, None)
    assert "Heart of the Team" in read_home(world, "ada")


def test_past_awards_change_only_where_that_was_chosen(world: World) -> None:
    badge = world.badges["team-player"]
    award(world, badge.slug)
    open_studio(world)
    edit(world, badge)

    outcome = save(world, name="Heart of the Team", past="past")

    assert outcome.view is not None
    assert "Past awards show it as it is now; posts that were sent stay as they are." in (
        outcome.view.reads()
    )
    assert "*Heart of the Team*" in world.command("maria", "/badges").reads()
    assert "received *Team Player*" in world.feed()[0].reads()
    assert noted(world) == ["badge.edited", "badge.applied_to_past"]


def test_rules_change_without_a_new_version(world: World) -> None:
    open_studio(world)
    badge = world.badges["team-player"]
    edit(world, badge)
    before = count(world, "badge_version")

    save(world, kind="once", visibility="private", giver_limit="2 a day")

    now = badge_of(world, "team-player")
    assert (now.repeats, now.private, now.giver_limit) == (False, True, "2/day")
    assert now.version_id == badge.version_id
    assert count(world, "badge_version") == before
    detail = world.database.read(
        lambda session: session.execute(text("SELECT detail FROM audit_entry")).scalar_one()
    )
    assert json.loads(detail)["to"] == {"private": True, "repeats": False, "giver_limit": "2/day"}


def test_a_slug_changes_until_the_badge_is_awarded(world: World) -> None:
    open_studio(world)
    badge = world.badges["team-player"]
    edit(world, badge)
    save(world, slug="team-heart")
    assert badge_of(world, "team-heart").id == badge.id

    edit(world, badge)
    award(world, "team-heart")  # somebody is quicker
    late = save(world, slug="team-soul")

    assert late.errors == {
        "studio_slug": "It has been awarded, so its slug stays team-heart: people know it by that."
    }


def renamed_in_policies(world: World, slug: str, new: str) -> dict[str, Any]:
    """Change a badge's slug, and read what the audit holds of policies that follow it."""
    open_studio(world)
    edit(world, badge_of(world, slug))
    save(world, slug=new)
    found = world.database.read(
        lambda session: session.execute(
            text("SELECT detail FROM audit_entry WHERE action = 'anniversaries.policy'")
        ).scalar_one()
    )
    said: dict[str, Any] = json.loads(found)
    return said


def test_a_length_that_earns_a_badge_follows_its_new_slug(world: World) -> None:
    world.database.write(
        lambda session: policies.save(
            session,
            workspace_id=world.workspace.id,
            policies=Policies((Rule(Length(5, "y"), badge="team-player"),)),
            now=world.now(),
        )
    )

    noted = renamed_in_policies(world, "team-player", "old-hand")

    assert noted == {"5y.badge": {"from": "team-player", "to": "old-hand"}}


def test_one_year_of_every_year_follows_the_new_slug_of_its_badge(world: World) -> None:
    years = [Length(number, "y") for number in (2, 3)]
    missing = {length.slug: length for length in years}
    seniority.add_badges(
        world.database, workspace_id=world.workspace.id, missing=missing, now=world.now()
    )
    third = badge_of(world, "3-years")
    assert third.description == "3 years with us, and we are glad of it."

    noted = renamed_in_policies(world, "3-years", "bronze")

    assert noted["3y.badge"] == {"from": None, "to": "bronze"}
    rules = world.database.read(
        lambda session: policies.load(session, workspace_id=world.workspace.id)
    )
    earned = world.database.read(
        lambda session: seniority.badges_for(
            session,
            workspace_id=world.workspace.id,
            rules=[(found, one) for one in years if (found := rules.rule_for(one))],
        )
    )
    assert earned[years[1]].id == third.id
    assert earned[years[0]].slug == "2-years"
    kept = rules.rule_for(years[1])
    assert kept is not None
    assert kept.feed


def test_of_two_who_edit_at_once_the_second_is_told(world: World) -> None:
    open_studio(world)
    badge = world.badges["team-player"]
    view = edit(world, badge)
    values = {"studio_name": "Heart of the Team"}
    _edit_meanwhile(world, badge.id, description="Somebody else wrote this.")

    outcome = world.submit("ada", view, values=values)

    assert outcome.errors == {
        "studio_name": "Somebody changed Team Player while you had this open, so nothing was saved."
        " Close this and open it again to see it as it is now."
    }
    assert badge_of(world, "team-player").name == "Team Player"


def _edit_meanwhile(world: World, badge_id: Any, **changes: Any) -> None:
    def work(session: Any) -> None:
        before = editing.locked(session, workspace_id=world.workspace.id, badge_id=badge_id)
        assert before is not None
        editing.edit(
            session,
            workspace_id=world.workspace.id,
            before=before,
            values=BadgeValues.of(before)._replace(**changes),
            now=world.now(),
        )

    world.database.write(work)


def test_the_same_edit_sent_twice_makes_one_version(world: World) -> None:
    open_studio(world)
    view = edit(world, world.badges["team-player"])
    before = count(world, "badge_version")

    world.submit("ada", view, values={"studio_name": "Heart of the Team"}, times=2)

    assert count(world, "badge_version") == before + 1
    assert noted(world) == ["badge.edited"]


def test_a_retired_badge_is_given_no_more_and_kept_until_it_comes_back(world: World) -> None:
    badge = world.badges["team-player"]
    award(world, badge.slug)
    open_studio(world)

    choose_for(world, badge, "retire")

    assert "*Team Player* · Retired" in read_home(world, "ada")
    assert "Team Player is retired, so it can’t be awarded any more." in award(world, badge.slug)
    world.command("tom", "/award")
    assert world.type_ahead("tom", "award_badges", "team") == []
    assert "Team Player" not in world.command("yuki", "/badges", "catalog").reads()
    assert "*Team Player*" in world.command("maria", "/badges").reads()

    choose_for(world, badge, "restore")

    assert "*Team Player* · Retired" not in read_home(world, "ada")
    assert "now has *Team Player*" in award(world, badge.slug, words="Again")
    assert noted(world) == ["badge.retired", "badge.restored"]


def test_a_badge_does_not_come_back_beside_another_of_its_name(world: World) -> None:
    open_studio(world)
    new_badge(world, name="Summer 2019")
    world.close("ada")

    outcome = choose_for(world, world.badges["summer-2019"], "restore")

    assert outcome.view is not None
    assert "There is another badge called Summer 2019 now (summer-2019-2)." in outcome.view.reads()
    assert not badge_of(world, "summer-2019").active


def test_only_what_was_never_awarded_is_deleted_and_only_after_asking(world: World) -> None:
    open_studio(world)
    badge = world.badges["team-player"]
    asked = choose_for(world, badge, "delete")
    assert asked.view is not None
    assert "Delete *Team Player*? It was never awarded" in asked.view.reads()
    assert count(world, "badge") == len(world.badges)

    award(world, badge.slug)  # before the question is answered
    refused = world.submit("ada")

    assert refused.view is not None
    assert "Team Player was awarded before, so it stays." in refused.view.reads()
    world.close("ada")
    other = world.badges["customer-hero"]
    choose_for(world, other, "delete")
    gone = world.submit("ada", times=2)
    assert gone.view is not None
    assert "deleted" in gone.view.reads() or "gone already" in gone.view.reads()
    assert count(world, "badge") == len(world.badges) - 1
    assert "Customer Hero" not in read_home(world, "ada")
    assert noted(world) == ["badge.deleted"]


def test_a_copy_starts_as_the_badge_it_was_made_from(world: World) -> None:
    open_studio(world)
    _edit_meanwhile(
        world, world.badges["night-owl"].id, design="shield teal gold ABC", giver_limit="5/week"
    )

    opened = choose_for(world, world.badges["night-owl"], "duplicate")

    assert opened.view is not None
    assert opened.view.title == "New badge"
    assert field(opened.view, "name")["initial_value"] == "Night Owl (copy)"
    save(world, name="Early Bird")
    copy = badge_of(world, "early-bird")
    assert (copy.private, copy.design, copy.giver_limit, copy.category) == (
        True,
        "shield teal gold ABC",
        "5/week",
        "Culture",
    )
    assert badge_of(world, "night-owl").name == "Night Owl"


def test_only_badge_admins_are_in_the_studio_and_each_click_asks_anew(world: World) -> None:
    open_home(world, "maria")
    assert "home_go_tab_studio" not in elements(world, "maria")
    open_studio(world)
    badge = world.badges["team-player"]
    view = edit(world, badge)
    _demote(world)
    before = [count(world, table) for table in ("badge", "badge_version", "audit_entry")]

    refusals = [
        world.submit("ada", view, values={"studio_name": "Mine"}).errors.get("studio_name"),
    ]
    world.close("ada")
    for act in ("retire", "duplicate"):
        outcome = choose_for(world, badge, act)
        assert outcome.view is not None
        refusals.append(outcome.view.reads().split("\n", 1)[-1])
        world.close("ada")

    assert all(
        "A badge admin can create, edit, retire, export and import badges" in str(said)
        for said in refusals
    )
    assert [count(world, table) for table in ("badge", "badge_version", "audit_entry")] == before


def _demote(world: World) -> None:
    world.database.write(
        lambda session: session.execute(
            text("UPDATE person SET slack_admin = false WHERE name = 'Ada Admin'")
        )
    )


def test_ids_that_nobody_was_shown_change_nothing(world: World) -> None:
    open_studio(world)
    badge = world.badges["team-player"]
    view = edit(world, badge)
    world.database.write(
        lambda session: (
            session.execute(text("DELETE FROM badge_version"))
            and session.execute(text("DELETE FROM badge"))
        )
    )

    gone = world.submit("ada", view, values={"studio_name": "Mine"})

    assert gone.errors == {
        "studio_name": "That badge is not there any more. Please open the Studio again."
    }


def test_past_awards_that_a_process_left_unchanged_are_changed_by_another(world: World) -> None:
    badge = world.badges["team-player"]
    for whom in ("maria", "yuki"):
        award(world, badge.slug, whom=whom)
    chosen = world.now()
    open_studio(world)
    edit(world, badge)
    save(world, name="Heart of the Team")
    changed = badge_of(world, badge.slug)
    edit(world, badge)
    world.advance(minutes=2)
    save(world, name="Soul of the Team")
    award(world, badge.slug, whom="ada")

    # It died when it had changed none of them, and the badge was edited since.
    world.database.write(
        lambda session: past.keep(
            session,
            workspace_id=world.workspace.id,
            badge_id=badge.id,
            change=Change(changed.version_id, None, chosen),
            now=chosen,
        )
    )
    assert world.database.read(duties.under_way) == {world.workspace.id}
    jobs.resume_bulk(world.laurel.deps, world.workspace)

    for whom, name in (("maria", "Heart"), ("yuki", "Heart"), ("ada", "Soul")):
        assert f"*{name} of the Team*" in world.command("tom", "/badges", f"@{whom}").reads()
    assert world.database.read(duties.under_way) == set()


def test_past_awards_change_a_few_at_a_time(world: World) -> None:
    badge = world.badges["team-player"]
    for whom in ("maria", "yuki", "ada"):
        award(world, badge.slug, whom=whom)
    other = Change(world.badges["team-player"].version_id, None, world.now())
    open_studio(world)
    edit(world, badge)
    save(world, name="Heart of the Team", past="past")
    world.database.write(
        lambda session: past.keep(
            session,
            workspace_id=world.workspace.id,
            badge_id=badge.id,
            change=other,
            now=world.now(),
        )
    )

    past_awards.go_on(world.laurel.deps, world.workspace, badge.id, at_once=1)

    for whom in ("maria", "yuki", "ada"):
        assert "*Team Player*" in world.command("tom", "/badges", f"@{whom}").reads()


def test_whoever_a_badge_leaves_out_stays_left_out_when_it_is_edited(world: World) -> None:
    badge = world.badges["night-owl"]
    world.database.write(
        lambda session: editing.edit(
            session,
            workspace_id=world.workspace.id,
            before=badge,
            values=BadgeValues.of(badge)._replace(awarders="!UTOM"),
            now=world.now(),
        )
    )
    open_studio(world)
    edit(world, badge)

    save(world, description="Up all night.")

    assert badge_of(world, badge.slug).awarders == "!UTOM"
