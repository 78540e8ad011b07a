"""What Laurel knows of a person: theirs to have, and gone once it is erased."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, select
from sqlmodel import SQLModel

from bot import jobs, rules
from bot.awarding import award
from bot.gifts import Gift
from bot.grants import parse_grant
from bot.people import sync
from bot.privacy.erasing import erase
from bot.privacy.retention import clear_audit, forget_what_came_late, forget_who_left
from storage import (
    audit,
    belongings,
    bulk,
    employment,
    people,
    preferences,
    user_groups,
    workspaces,
)
from storage.employment import EmploymentRow
from storage.people import PersonRow
from storage.tables import AuditEntry, Award, Bulk, Request, table_of
from storage.types import new_id
from tests.cast import ACME
from tests.privacy.exports import exported
from tests.world import World


def everything(world: World) -> str:
    """All that the database holds, as one text."""

    def read(session: Any) -> str:
        return "\n".join(
            str(tuple(row))
            for table in SQLModel.metadata.sorted_tables
            for row in session.execute(select(table))
        )

    return world.database.read(read)


def columns_that_name(world: World, person: PersonRow) -> set[str]:
    """Every `table.column` that holds a person's id, alone or within a text."""

    def read(session: Connection) -> set[str]:
        return {
            f"{table.name}.{name}"
            for table in SQLModel.metadata.sorted_tables
            for row in session.execute(select(table)).mappings()
            for name, value in row.items()
            if person.id.hex in str(value).replace("-", "")
        }

    return world.database.read(read)


def known_of(world: World, person: PersonRow) -> dict[str, list[dict[str, Any]]]:
    """What is kept of somebody, as their export has it, where there is any."""
    found = world.database.read(
        lambda session: belongings.of_person(
            session, workspace_id=world.workspace.id, person_id=person.id
        )
    )
    return {name: kept for name, kept in found.items() if kept}


def employed(world: World, user: str) -> None:
    world.command(user, "/badges", "since 2019-03-01")


def test_people_get_everything_known_of_them_as_a_file(world: World) -> None:
    employed(world, "maria")
    world.command("tom", "/award", "@maria ping-pong-champion Great final!")
    world.command("tom", "/award", "@maria team-player Between us --private")
    world.command("maria", "/award", "@yuki customer-hero Thank you")
    world.deliver()
    world.advance(seconds=2)  # Slack takes one message a second in a conversation

    outcome = world.command("maria", "/badges", "export")

    assert "It comes as a direct message in a moment." in outcome.reads()
    found = exported(world, "maria")
    received = {one["badge"]: one["reason"] for one in found["awards_received.json"]}
    assert received == {"ping-pong-champion": "Great final!", "team-player": "Between us"}
    assert [one["recipient"] for one in found["awards_given.json"]] == ["由紀 Tanaka"]
    assert [one["started_on"] for one in found["service.json"]] == ["2019-03-01"]
    assert {one["value"] for one in found["names_elsewhere.json"]} == {
        "UMARIA",
        "maria@acme.example",
    }
    assert found["pictures/trophy-case.png"].startswith(b"\x89PNG")
    assert sum(name.startswith("pictures/") for name in found) == 3
    assert b"since when you work here" in found["README.txt"]


def test_an_export_tells_nothing_of_what_others_decided_for_themselves(world: World) -> None:
    world.command("maria", "/award", "@tom team-player Thanks")
    world.command("ada", "/award", "@tom customer-hero Quietly --private")
    code = world.database.read(
        lambda session: session.execute(select(table_of(Award).c.code)).scalars().first()
    )
    world.command("tom", "/badges", f"hide {code}")

    world.command("maria", "/badges", "export")

    found = exported(world, "maria")
    [given] = found["awards_given.json"]
    assert "hidden" not in given
    assert found["awards_received.json"] == []
    assert "Quietly" not in json.dumps({n: v for n, v in found.items() if n.endswith("json")})


def test_an_export_tells_a_giver_that_an_award_was_revoked_but_not_why(world: World) -> None:
    for slug in ("team-player", "customer-hero"):
        said = world.command("tom", "/award", f"@maria {slug} Thanks").reads()
        code = f"A-{said.split('A-')[1][:7]}"
        who = "ada" if slug == "team-player" else "tom"
        world.command(who, "/award", f"revoke {code} As {who} sees it")
    for who in ("tom", "maria"):
        world.command(who, "/badges", "export")

    given = {one["badge"]: one for one in exported(world, "tom")["awards_given.json"]}
    assert all(one["revoked_at"] for one in given.values())
    assert "revoke_reason" not in given["team-player"]
    assert given["customer-hero"]["revoke_reason"] == "As tom sees it"
    received = exported(world, "maria")["awards_received.json"]
    assert {one["revoke_reason"] for one in received} == {"As ada sees it", "As tom sees it"}
    assert not [one for one in (*given.values(), *received) if "revoked_by" in one]


def test_an_export_has_what_was_undone_and_says_so(world: World) -> None:
    world.command("tom", "/award", "@maria team-player By mistake")
    world.click("tom", "award_undo")
    world.command("tom", "/award", "@maria customer-hero Thanks")
    world.advance(seconds=2)
    for who in ("tom", "maria"):
        world.command(who, "/badges", "export")

    undone = {"team-player": True, "customer-hero": False}
    for who, name in (("maria", "awards_received"), ("tom", "awards_given")):
        found = {one["badge"]: one["undone"] for one in exported(world, who)[f"{name}.json"]}
        assert found == undone
    assert "By mistake" not in world.command("maria", "/badges", "history").reads()


def test_an_erased_person_is_nowhere_to_be_found(world: World) -> None:
    employed(world, "maria")
    world.command("tom", "/award", "@maria ping-pong-champion Great final, Maria Silva!")
    world.command("maria", "/award", "@ada team-player Well done")
    world.command("ada", "/award", "@yuki customer-hero Helped Maria Silva so well")
    world.deliver()

    question = world.command("ada", "/badges", "erase @maria")
    assert "Erase *Maria Silva*?" in question.reads()
    world.click("ada", "privacy_erase")
    world.deliver()

    left = everything(world)
    for trace in ("Maria", "maria@acme.example", "UMARIA", "Great final", "2019-03-01"):
        assert trace not in left, trace
    feed = "\n".join(post.reads() for post in world.feed())
    assert "Maria" not in feed
    assert "Someone received *Ping-Pong Champion*" in feed
    assert "From Someone" in feed
    assert "Helped someone so well" in feed
    assert world.dms("maria") == []
    assert all("Maria" not in message.reads() for message in world.dms("ada"))
    assert "2 people hold it" not in world.command("tom", "/badges", "show team-player").reads()


def test_of_an_erased_person_nothing_is_left_but_awards_as_of_somebody_never_known(
    world: World,
) -> None:
    of, maria, yuki = world.workspace.id, world.people["maria"], world.people["yuki"]
    world.command("maria", "/badges", "since 2025-11-03")
    world.command("ada", "/badges", "since @maria leave 2026-01-01 2026-02-28")
    jobs.celebrate(world.laurel.deps, world.workspace)
    kept = world.command("tom", "/award", "@maria team-player Great talk").reads()
    world.command("ada", "/award", f"revoke A-{kept.split('A-')[1][:7]} She was ill")
    world.command("tom", "/award", "@maria customer-hero Always there")
    world.command("maria", "/award", "@yuki customer-hero Thanks")
    world.command("maria", "/badges", "request event-speaker I spoke")

    def furnish(session: Connection) -> None:
        said = people.Profile(
            "UMARIA",
            "Maria Silva",
            "Europe/Lisbon",
            "pt-PT",
            guest=True,
            bot=True,
            slack_admin=True,
            stranger=True,
            updated=1_700_000_000,
        )
        people.save_profiles(
            session,
            workspace_id=of,
            profiles=[said, people.Profile("UNEW", "New")],
            now=world.now(),
        )
        preferences.save(
            session, workspace_id=of, person_id=maria.id, key=preferences.NOTIFY, value="off"
        )
        user_groups.save(session, workspace_id=of, group_id="S1", members=[maria.id])
        employment.save(
            session,
            workspace_id=of,
            rows={
                maria.id: EmploymentRow(world.people["tom"].id, "PT"),
                yuki.id: EmploymentRow(maria.id, "JP"),
            },
        )
        bulk.add(
            session,
            workspace_id=of,
            bulk_id=new_id(world.now()),
            giver_id=maria.id,
            plan='{"reasons":[]}',
            total=0,
            quiet=False,
            now=world.now(),
        )

    world.database.write(furnish)
    new = world.database.read(
        lambda session: people.by_slack_ids(session, workspace_id=of, slack_ids=["UNEW"])
    )["UNEW"]
    assert columns_that_name(world, maria) >= {"employment.manager_id", "bulk.giver_id"}
    known = known_of(world, maria).keys()
    assert known >= {"user_groups", "preferences", "employment", "leave", "milestones", "requests"}

    for one in (maria, new):
        gone = partial(erase, workspace=world.workspace, person_id=one.id, now=world.now())
        world.database.write(gone)
    world.advance(minutes=4)
    forget_what_came_late(world.laurel.deps, world.workspace)

    left, never_known = known_of(world, maria), known_of(world, new)
    awards = {"awards_received", "awards_given"}
    assert left.keys() - never_known.keys() == awards | {"actions"}
    [person], [nobody] = left["person"], never_known["person"]
    assert person == nobody | {"id": maria.id}
    assert {one["reason"] for one in left["awards_received"]} == {""}
    assert {one["revoke_reason"] for one in left["awards_received"]} == {"", None}
    # What happened is kept, of whomever: no settings, plans, employments of others or the like.
    named = {column.partition(".")[0] for column in columns_that_name(world, maria)}
    assert named == {"person", "award", "audit_entry", "delivery"}


@pytest.mark.parametrize("kind", ["world", "world_pg"])
def test_what_was_awarded_while_somebody_was_erased_is_forgotten_too(
    request: pytest.FixtureRequest, kind: str
) -> None:
    world: World = request.getfixturevalue(kind)
    deps = world.laurel.deps
    world.command("tom", "/award", "@maria team-player Long ago")
    world.deliver()
    world.advance(hours=1)
    world.command("ada", "/badges", "erase @maria")
    world.click("ada", "privacy_erase")
    world.deliver()
    # As an award does that was under way, and knew her.
    gift = Gift(
        giver=world.people["tom"],
        recipients=(world.people["maria"],),
        badges=(world.badges["customer-hero"],),
        reason="Maria Silva nursed her mother",
        occasion="slash:late",
        evidence_url="https://acme.slack.com/archives/C1/p1",
    )

    def late(session: Connection) -> None:
        award(
            session,
            workspace=world.workspace,
            settings=world.settings,
            gift=gift,
            now=world.now(),
        )

    world.database.write(late)
    world.deliver()
    assert "Maria Silva nursed her mother" in world.feed()[-1].reads()

    assert forget_what_came_late(deps, world.workspace) == 0  # something may be under way still
    world.advance(minutes=4)
    assert forget_what_came_late(deps, world.workspace) == 1
    tried = world.deliver()

    for trace in ("Maria", "nursed", "archives/C1"):
        assert trace not in everything(world), trace
    assert "Someone received *Customer Hero*" in world.feed()[-1].reads()
    assert "Maria" not in "".join(post.reads() for post in world.feed())
    assert tried == 2  # the post and the message of the late award; those before it are right
    assert forget_what_came_late(deps, world.workspace) == 0


def test_the_audit_keeps_only_that_somebody_was_erased(world: World) -> None:
    world.command("ada", "/badges", "erase @maria")
    world.click("ada", "privacy_erase")

    entry = table_of(AuditEntry)
    [(actor, subject, detail)] = world.database.read(
        lambda session: session.execute(
            select(entry.c.actor_id, entry.c.subject, entry.c.detail).where(
                entry.c.action == "person.erased"
            )
        ).all()
    )
    assert actor == world.people["ada"].id
    assert (subject, detail) == (str(world.people["maria"].id), "{}")


def test_erasing_twice_says_so_and_only_owners_can(world: World) -> None:
    refused = world.command("tom", "/badges", "erase @maria")
    assert "An owner can erase a person" in refused.reads()
    world.command("ada", "/badges", "erase @maria")
    world.command("ada", "/badges", "erase @maria")
    world.click("ada", "privacy_erase")
    world.click("ada", "privacy_erase")
    said = [message.reads() for message in world.ephemerals("ada")]
    assert any("I forgot who they were" in one for one in said)
    assert any("They were erased already." in one for one in said)


def test_nobody_erases_themselves_or_without_saying_whom(world: World) -> None:
    assert "Another owner can erase you" in world.command("ada", "/badges", "erase @ada").reads()
    assert "Name one person" in world.command("ada", "/badges", "erase").reads()


def test_an_erased_person_has_no_role_any_more(world: World) -> None:
    changes = {"badge_admins": parse_grant("UMARIA, UTOM"), "awarders": parse_grant("UMARIA")}
    world.database.write(
        lambda session: rules.decide(
            session, workspace_id=world.workspace.id, changes=changes, now=world.now()
        )
    )
    world.command("ada", "/badges", "erase @maria")
    world.click("ada", "privacy_erase")

    decided = world.database.read(
        lambda session: rules.decided(session, workspace_id=world.workspace.id)
    )
    assert decided["badge_admins"] == parse_grant("UTOM")
    assert decided["awarders"] == parse_grant("admins")


def test_an_erased_person_is_not_left_out_by_name_any_more(world: World) -> None:
    world.decide(awarders=parse_grant("everyone, !UMARIA, !UTOM"))
    world.command("ada", "/badges", "erase @maria")
    world.click("ada", "privacy_erase")

    decided = world.database.read(
        lambda session: rules.decided(session, workspace_id=world.workspace.id)
    )
    assert decided["awarders"] == parse_grant("everyone, !UTOM")


def test_people_who_left_are_forgotten_after_the_time_the_workspace_keeps_them(
    world: World,
) -> None:
    def leave(session: Any) -> None:
        profile = people.Profile("UMARIA", "Maria Silva", active=False)
        people.save_profiles(
            session, workspace_id=world.workspace.id, profiles=[profile], now=world.now()
        )

    def keep_for(months: int) -> None:
        world.database.write(
            lambda session: rules.decide(
                session,
                workspace_id=world.workspace.id,
                changes={"forget_after_months": months},
                now=world.now(),
            )
        )

    world.database.write(leave)
    world.advance(days=400)
    assert forget_who_left(world.laurel.deps, world.workspace) == 0  # nobody decided it
    keep_for(24)
    assert forget_who_left(world.laurel.deps, world.workspace) == 0
    keep_for(12)
    assert forget_who_left(world.laurel.deps, world.workspace) >= 1
    assert "Maria" not in everything(world)
    assert forget_who_left(world.laurel.deps, world.workspace) == 0


@pytest.mark.parametrize("kind", ["world", "world_pg"])
def test_the_audit_is_cleared_by_age_where_an_owner_says_so_and_tells_of_it(
    request: pytest.FixtureRequest, kind: str
) -> None:
    world: World = request.getfixturevalue(kind)
    now = datetime.now(UTC)  # the database lets entries go by its own clock

    def note(action: str, workspace_id: int, *, days: float, times: int = 1) -> None:
        def write(session: Connection) -> None:
            for _ in range(times):
                audit.note(
                    session,
                    workspace_id=workspace_id,
                    action=action,
                    subject="x",
                    detail="{}",
                    now=now - timedelta(days=days),
                )

        world.database.write(write)

    def actions(workspace_id: int) -> list[str]:
        found = world.database.read(
            lambda session: audit.entries(session, workspace_id=workspace_id, limit=2_000)
        )
        return [one.action for one in found]

    of = world.workspace.id
    other = world.database.write(
        lambda session: workspaces.save(session, **ACME | {"team_id": "T2"}, now=now)
    )
    for workspace_id in (of, other.id):
        note("new", workspace_id, days=360)
        note("a.year", workspace_id, days=366.5)
        note("old", workspace_id, days=500, times=501 if workspace_id == of else 1)
    deps = replace(world.laurel.deps, clock=lambda: now)
    assert clear_audit(deps, world.workspace) == 0  # nobody decided it
    world.decide(audit_months=24)
    assert clear_audit(deps, world.workspace) == 0
    world.decide(audit_months=12)
    assert clear_audit(deps, world.workspace) == 501
    assert actions(of) == ["audit.cleared", "audit.cleared", "new", "a.year"]
    assert sorted(actions(other.id)) == ["a.year", "new", "old"]
    said = world.database.read(
        lambda session: audit.entries(session, workspace_id=of, limit=9, action="audit")
    )
    assert [json.loads(one.detail)["entries"] for one in said] == [1, 500]
    assert {one.actor_id for one in said} == {None}
    assert clear_audit(deps, world.workspace) == 0
    assert len(actions(of)) == 4


def test_of_many_who_left_all_are_forgotten_in_one_night(world: World) -> None:
    gone = [people.Profile(f"UGONE{number:02}", "Gone", active=False) for number in range(21)]
    world.database.write(
        lambda session: people.save_profiles(
            session, workspace_id=world.workspace.id, profiles=gone, now=world.now()
        )
    )
    world.advance(days=400)
    world.decide(forget_after_months=12)

    assert forget_who_left(world.laurel.deps, world.workspace) >= len(gone)
    assert "UGONE" not in everything(world)


def test_who_comes_back_after_being_erased_and_leaves_again_has_left(world: World) -> None:
    world.command("ada", "/badges", "erase @maria")
    world.click("ada", "privacy_erase")
    world.command("maria", "/badges")
    world.engine.deactivate("maria")

    sync(world.laurel.deps, world.workspace, pause=lambda _seconds: True)

    back = world.database.read(
        lambda session: people.by_slack_id(
            session, workspace_id=world.workspace.id, slack_id="UMARIA"
        )
    )
    assert back is not None
    assert not back.active


def test_reading_everyone_does_not_bring_back_who_is_erased(world: World) -> None:
    world.command("ada", "/badges", "erase @maria")
    world.click("ada", "privacy_erase")
    world.engine.deactivate("maria")

    sync(world.laurel.deps, world.workspace, pause=lambda _seconds: True)

    assert "Maria" not in everything(world)


def test_what_is_planned_to_be_awarded_to_many_forgets_them_too(world: World) -> None:
    def hand_in(listed: str) -> None:
        world.command("ada", "/award", "many")
        file = world.engine.upload("ada", "list.csv", listed.encode())
        world.submit("ada", values={"bulk_file": [file]})
        world.advance(seconds=2)  # Slack takes one message a second in a conversation

    hand_in("who,badge,reason\nUMARIA,team-player,Your kindness\nUTOM,team-player,Thanks\n")
    hand_in('who,badge,reason\nUTOM,customer-hero,"Helped ""Maria Silva"" so well"\n')

    world.command("ada", "/badges", "erase @maria")
    world.click("ada", "privacy_erase")

    left = everything(world)
    left += "".join(str(one.blocks) for one in world.dms("ada") if "to give" in one.reads())
    for trace in ("Maria", "Your kindness"):
        assert trace not in left, trace
    world.click("ada", "bulk_start", message=world.dms("ada")[-1])
    world.deliver()
    assert 'Helped "someone" so well' in world.feed()[-1].reads()


def test_the_reason_of_a_revocation_forgets_them_too(world: World) -> None:
    said = world.command("tom", "/award", "@yuki team-player Thanks").reads()
    code = f"A-{said.split('A-')[1][:7]}"
    world.command("tom", "/award", f"revoke {code} It was Maria Silva who did it")

    world.command("ada", "/badges", "erase @maria")
    world.click("ada", "privacy_erase")

    assert "Maria" not in everything(world)
    assert "It was someone who did it" in everything(world)


def test_whose_name_only_begins_like_theirs_is_named_as_before(world: World) -> None:
    said = "Thanks to\nMaria Silva, Maria Silvano and Maria Silvas"
    left = "Thanks to\nsomeone, Maria Silvano and Maria Silvas"
    world.command("tom", "/award", f"@yuki team-player {said}")
    world.command("yuki", "/badges", f"request customer-hero {said}")
    world.command("ada", "/award", "@yuki event-speaker Well done, Maria Silvano")
    world.command("ada", "/award", "many")
    listed = f'who,badge,reason\nUTOM,ping-pong-champion,"{said}"\n'
    file = world.engine.upload("ada", "list.csv", listed.encode())
    world.submit("ada", values={"bulk_file": [file]})
    world.deliver()

    world.command("ada", "/badges", "erase @maria")
    world.click("ada", "privacy_erase")
    tried = world.deliver()

    def read(session: Connection) -> list[str]:
        reasons = [
            reason
            for table in (table_of(Award), table_of(Request))
            for reason in session.execute(select(table.c.reason)).scalars()
        ]
        [plan] = session.execute(select(table_of(Bulk).c.plan)).scalars()
        return [*reasons, json.loads(plan)["reasons"][0]]

    assert sorted(world.database.read(read)) == sorted(
        [left, left, left, "Well done, Maria Silvano"]
    )
    # The post and the message of the award that named her, and the request's; the others are right.
    assert tried == 3
