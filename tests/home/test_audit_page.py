"""The audit in Settings: who did what when, in words, page by page, and as a file."""

import csv
import io
import json

from sqlalchemy import Connection

from storage import audit
from tests.cast import NOW
from tests.home.reading import elements, open_home, read_home
from tests.home.test_settings import open_settings
from tests.world import World


def test_it_says_who_did_what_when(world: World) -> None:
    open_settings(world, section="roles")
    world.choose("ada", "settings_choose_self_awards", option="on")
    world.command("ada", "/badges", "since @maria 2019-03-01")
    said = open_settings(world, section="audit")

    assert "*Ada Admin* changed the setting *Awarding oneself*\noff → on" in said
    assert "*Ada Admin* entered a start date of *Maria Silva*" in said
    assert "_20 November 2026, 15:30_" in said


def test_the_policies_read_as_in_settings(world: World) -> None:
    open_settings(world, section="anniversaries")
    world.click("ada", "settings_policy_weekend")
    world.submit("ada", values={"weekend": "On the next working day"})
    world.submit("ada")

    said = open_settings(world, section="audit")
    assert "*Ada Admin* changed the policy about anniversaries *Weekends*" in said
    assert "Weekends: on the day → on the next working day" in said


def test_what_an_award_to_many_began_with_is_not_named_after_a_policy(world: World) -> None:
    def note(session: Connection) -> None:
        audit.note(
            session,
            workspace_id=world.workspace.id,
            action="bulk.started",
            subject="b1",
            detail=json.dumps({"total": 4, "quiet": False}),
            now=NOW,
        )

    world.database.write(note)
    assert "total: 4; quiet: off" in open_settings(world, section="audit")


def test_who_was_given_a_role_is_named_as_in_settings(world: World) -> None:
    open_settings(world, section="roles")
    world.click("ada", "settings_edit_badge_admins")
    world.submit("ada", values={"people": ["UMARIA"]})
    assert "*Badge admins*\nonly owners → <@UMARIA>" in open_settings(world, section="audit")


def test_who_may_award_a_badge_is_named_there_too(world: World) -> None:
    def note(session: Connection) -> None:
        detail = {
            "changed": ["awarders"],
            "from": {"awarders": None},
            "to": {"awarders": "SPLATFORM,!UTOM"},
        }
        audit.note(
            session,
            workspace_id=world.workspace.id,
            action="badge.edited",
            subject="team-player",
            detail=json.dumps(detail | {"version": "v"}),
            now=NOW,
        )

    world.database.write(note)
    said = open_settings(world, section="audit")
    assert "Who may award it: as the workspace → <!subteam^SPLATFORM>, but not <@UTOM>" in said


def test_one_kind_is_chosen_and_older_entries_are_a_click_away(world: World) -> None:
    def note(session: Connection) -> None:
        for number in range(20):
            audit.note(
                session,
                workspace_id=world.workspace.id,
                action="badge.edited",
                subject=f"badge-{number}",
                detail="{}",
                now=NOW,
            )

    world.database.write(note)
    newest = open_settings(world, section="audit")
    world.click("ada", "home_go_older")
    oldest = read_home(world, "ada")
    world.choose("ada", "home_set_category", option="Roles")
    roles = read_home(world, "ada")

    assert "*Laurel* changed the badge *badge-19*" in newest
    assert "badge-0*" not in newest
    assert "badge-0*" in oldest
    assert "home_go_older" not in elements(world, "ada")
    assert "Nothing of the kind was done yet." in roles


def test_it_is_sent_as_a_file_to_whoever_may_read_it(world: World) -> None:
    open_settings(world, section="roles")
    world.choose("ada", "settings_choose_self_awards", option="on")
    open_settings(world, section="audit")
    for kind in ("csv", "json"):
        world.click("ada", f"settings_audit_{kind}")
        world.advance(minutes=1)

    sheet, script = (message.files[0] for message in world.dms("ada") if message.files)
    contents = [world.engine.workspace.files[one["id"]].content for one in (sheet, script)]
    (row,) = csv.DictReader(io.StringIO(contents[0].decode()))
    assert (row["actor"], row["action"]) == ("Ada Admin", "setting.changed")
    assert json.loads(contents[1])[0]["detail"] == {"from": False, "to": True}


def test_somebody_who_lost_the_role_gets_no_file(world: World) -> None:
    open_settings(world, section="audit")
    world.engine.change_user("ada", is_admin=False)
    world.click("ada", "settings_audit_csv")

    assert world.dms("ada") == []
    assert "home_go_tab_settings" not in (open_home(world, "ada") and elements(world, "ada"))
