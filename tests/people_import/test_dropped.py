"""An HR file dropped in Laurel's direct messages."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from slack_sdk import WebClient
from sqlalchemy import select

from bot.slack_files import CannotDownloadError, download_file
from commands import people_import as listener
from storage import people, tenure
from storage.people import Profile
from storage.tables import AuditEntry, ServiceSpell, table_of
from tests.world import World

MARIA = "maria@acme.example"
GOOD = f"E-Mail;Name;Eintritt\n{MARIA};Maria Silva;31.08.2020\nnew@acme.example;Nova;2026-11-02\n"


def drop(
    world: World, user: str, content: str | bytes, text: str = "", name: str = "hr.csv"
) -> Any:
    world.advance(seconds=2)  # Slack takes one answer a second
    raw = content if isinstance(content, bytes) else content.encode()
    message = world.engine.drop_file(user, name, raw, text)
    world.settle()
    return message


def said(world: World, user: str = "ada") -> list[Any]:
    """What Laurel says in the direct messages of a person."""
    return [one for one in world.dms(user) if one.bot_id]


def spells(world: World) -> list[tuple[date, str]]:
    table = table_of(ServiceSpell)
    rows = world.database.read(lambda session: session.execute(select(table)).all())
    return sorted((row.started_on, row.source) for row in rows)


def test_an_admin_sees_what_would_change_and_imports_it_by_a_click(world: World) -> None:
    dropped = drop(world, "ada", GOOD)

    (shown,) = said(world)
    assert shown.thread_ts == dropped.ts
    read = shown.reads()
    assert "hr.csv" in read
    assert "Maria Silva, 2020-08-31 (line 2)" in read
    assert "Nova, new@acme.example (line 3)" in read
    assert spells(world) == []

    world.click("ada", "people_import_confirm")

    (done,) = said(world)
    assert "Imported" in done.reads()
    assert "2 new" in done.reads()
    assert [block["type"] for block in done.blocks if block["type"] == "actions"] == []
    assert spells(world) == [(date(2020, 8, 31), "hr"), (date(2026, 11, 2), "hr")]
    entries = world.database.read(
        lambda session: session.execute(select(table_of(AuditEntry))).all()
    )
    assert [(row.actor_id, row.subject) for row in entries if row.action == "people.imported"] == [
        (world.people["ada"].id, "people")
    ]


def test_discard_imports_nothing(world: World) -> None:
    drop(world, "ada", GOOD)

    world.click("ada", "people_import_discard")

    (shown,) = said(world)
    assert "nothing of" in shown.reads()
    assert "was imported" in shown.reads()
    assert spells(world) == []


def test_the_same_file_again_has_nothing_to_change(world: World) -> None:
    drop(world, "ada", GOOD)
    world.click("ada", "people_import_confirm")

    drop(world, "ada", GOOD)

    assert "Nothing to change" in said(world)[-1].reads()
    assert len(spells(world)) == 2


def test_a_second_click_imports_nothing_more(world: World) -> None:
    drop(world, "ada", GOOD)
    (shown,) = said(world)
    world.click("ada", "people_import_confirm", message=shown)

    world.click("ada", "people_import_confirm", message=shown)

    assert len(spells(world)) == 2
    assert "Imported" in said(world)[0].reads()
    assert "Nothing to change" in world.ephemerals("ada")[-1].reads()


def test_others_are_told_kindly_that_files_are_for_admins(world: World) -> None:
    drop(world, "tom", GOOD)

    (answer,) = said(world, "tom")
    assert answer.reads() == listener.NOT_ADMIN
    assert spells(world) == []


def test_who_is_no_admin_any_more_cannot_click(world: World) -> None:
    drop(world, "ada", GOOD)
    world.database.write(
        lambda session: people.save_profiles(
            session,
            workspace_id=world.workspace.id,
            profiles=[Profile("UADA", "Ada Admin", slack_admin=False)],
            now=world.now(),
        )
    )

    world.click("ada", "people_import_confirm")

    assert world.ephemerals("ada")[-1].reads() == listener.NO_LONGER
    assert spells(world) == []


def test_what_is_refused_is_said_with_lines_and_nothing_is_imported(world: World) -> None:
    drop(world, "ada", f"email,start\n{MARIA},2020-08-31\n<!channel>,2027-01-05\n")

    (shown,) = said(world)
    assert "I cannot import" in shown.reads()
    assert "Line 3:" in shown.reads()
    assert "the start date 2027-01-05 is in the future" in shown.reads()
    assert shown.pings() == frozenset()
    assert spells(world) == []


def test_a_workbook_is_refused_with_what_to_do(world: World) -> None:
    drop(world, "ada", b"PK\x03\x04rest", name="people.xlsx")

    assert "save it as CSV" in said(world)[0].reads()


def test_ambiguous_dates_are_asked_about(world: World) -> None:
    drop(world, "ada", f"email,start\n{MARIA},03/04/2020\n")
    (asked,) = said(world)
    assert "How are these dates meant?" in asked.reads()

    world.click("ada", "people_import_order_dmy")
    assert "2020-04-03" in said(world)[0].reads()
    world.click("ada", "people_import_confirm")

    assert spells(world) == [(date(2020, 4, 3), "hr")]


def test_ambiguous_dates_beside_another_mistake_are_answered_with_what_to_do(world: World) -> None:
    drop(world, "ada", f"email,start\n{MARIA},03/04/2020\n,2020-08-31\n")
    (refused,) = said(world)
    assert "drop it here once more. Write `dmy` (day first) or `mdy` (month first)" in str(
        refused.blocks[-1]
    )
    drop(world, "ada", f"email,start\n{MARIA},03/04/2020\n", "mdy")
    assert "2020-03-04" in said(world)[-1].reads()


def test_who_else_changes_is_shown_with_what_changes_and_not_with_what_it_says(
    world: World,
) -> None:
    drop(world, "ada", f"email,start,manager\n{MARIA},2020-08-31,\n")
    world.click("ada", "people_import_confirm")
    drop(
        world,
        "ada",
        "email,start,manager,end,leave from,leave to,country\n"
        f"{MARIA},2020-08-31,UTOM,,2026-01-01,2026-02-01,PT\n",
    )
    shown = said(world)[-1].reads()
    assert (
        "*Something else changes* (1)\n• Maria Silva: manager, country and leave (line 2)" in shown
    )
    assert "2026-01-01" not in shown


@pytest.mark.parametrize("dash", ["--", "—"])
def test_the_order_and_the_columns_can_be_written_beside_the_file(world: World, dash: str) -> None:
    text = f"{dash}date-format mdy {dash}map start=Since, email=Contact"
    drop(world, "ada", f"Contact,Since,Start\n{MARIA},03/04/2020,x\n", text)

    assert "2020-03-04" in said(world)[0].reads()


def test_what_changed_meanwhile_is_shown_before_it_is_imported(world: World) -> None:
    drop(world, "ada", f"email,start\n{MARIA},2020-08-31\n", name="old.csv")
    (old,) = said(world)
    drop(world, "ada", f"email,start\n{MARIA},2020-07-31\n", name="new.csv")
    world.click("ada", "people_import_confirm", message=said(world)[-1])

    world.click("ada", "people_import_confirm", message=old)

    assert "Something changed meanwhile" in said(world)[0].reads()
    assert "2020-07-31 → 2020-08-31" in said(world)[0].reads()
    assert spells(world) == [(date(2020, 7, 31), "hr")]


def test_a_message_that_slack_tells_of_again_is_answered_once(world: World) -> None:
    message = drop(world, "ada", GOOD)
    about = {"subtype": "file_share", "channel": message.channel, "channel_type": "im"}
    world.advance(seconds=2)

    world.engine.emit({**message.as_json(), **about})
    world.settle()

    assert len(said(world)) == 1


def test_words_alone_are_pointed_to_the_commands(world: World) -> None:
    dm = drop(world, "tom", GOOD).channel
    world.advance(seconds=2)
    world.engine.post("tom", dm, "hello")
    world.settle()

    assert said(world, "tom")[-1].reads() == listener.NO_TALK


def test_two_files_at_once_are_one_too_many(world: World) -> None:
    message = drop(world, "ada", GOOD)
    world.engine.workspace.forget(said(world)[0])
    again = replace(message, ts="1790000000.000100", files=message.files * 2)
    about = {"subtype": "file_share", "channel": message.channel, "channel_type": "im"}
    world.advance(seconds=2)
    world.engine.emit({**again.as_json(), **about})
    world.settle()

    assert said(world)[-1].reads() == listener.ONE_FILE


def test_without_the_scope_it_is_said_what_is_missing(world: World) -> None:
    world.engine.scopes -= {"files:read"}

    drop(world, "ada", GOOD)

    assert "files:read" in said(world)[0].reads()
    assert spells(world) == []


def test_a_file_that_is_gone_is_asked_for_again_and_the_buttons_stay(world: World) -> None:
    drop(world, "ada", GOOD)
    world.engine.workspace.files.clear()

    world.click("ada", "people_import_confirm")

    assert "no longer in Slack" in world.ephemerals("ada")[-1].reads()
    assert "people_import_confirm" in json.dumps(said(world)[0].blocks)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/hr.csv",
        "http://files.slack.com/hr.csv",
        "https://slack.com.evil.example/hr.csv",
        "https://evil.example/https://slack.com/",
        "https://user@evil.example/slack.com",
        "file:///etc/passwd",
        "",
    ],
)
def test_the_token_goes_to_slack_alone(url: str) -> None:
    client = WebClient(token="xoxb-secret", base_url="https://slack.com/api/")
    with pytest.raises(CannotDownloadError) as refused:
        download_file(client, url, most=10)
    assert "not kept by Slack" in str(refused.value)


def test_who_joins_slack_is_matched_by_e_mail_with_the_spells_of_the_file(world: World) -> None:
    drop(world, "ada", GOOD)
    world.click("ada", "people_import_confirm")

    joined = world.engine.add_user("nova", "Nova", email="new@acme.example")
    world.settle()

    def theirs(session: Any) -> Any:
        row = people.by_slack_id(session, workspace_id=world.workspace.id, slack_id=joined.id)
        assert row is not None
        return tenure.of_people(session, workspace_id=world.workspace.id, person_ids=[row.id])[
            row.id
        ]

    assert [row.started_on for row in world.database.read(theirs)] == [date(2026, 11, 2)]
