"""The doctor looks at everything, and says for each failure what to do."""

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.__main__ import main
from bot.access import slack_client
from bot.doctor import Doctor, look_at_clock, look_at_owners
from bot.finding import Finding
from bot.manifest import SCOPES
from storage.database import Database
from tests.cast import NOW
from tests.world import World


def examined(
    world: World, *, upload: bool = False, hints: bool = False, **settings: Any
) -> dict[str, list[Finding]]:
    """What the doctor says of a world, by check; without `hints` only what is not one."""
    changed = replace(world.settings, **settings)
    doctor = Doctor(
        changed,
        database=world.database,
        client=slack_client(changed),
        draw=lambda: b"a picture",  # a drawn one takes half a second, each time
        upload=upload,
        wait=lambda seconds: world.advance(seconds=seconds),
    )
    found: dict[str, list[Finding]] = {}
    for finding in doctor.examine():
        if hints or finding.state != "hint":
            found.setdefault(finding.check, []).append(finding)
    return found


def failure(world: World, check: str, **settings: Any) -> str:
    (finding,) = examined(world, **settings)[check]
    assert finding.state == "failed"
    return finding.sentence


def test_all_is_well_in_a_workspace_that_is_set_up(world: World) -> None:
    found = examined(world, app_token=world.engine.app_token)
    states = {check: {one.state for one in findings} for check, findings in found.items()}
    # The tables of this test were not made by migrations.
    assert states.pop("migrations") == {"failed"}
    assert states.pop("clock") == {"skipped"}  # the local workspace does not say the time
    assert states == {
        check: {"ok"}
        for check in (
            "version",
            "settings",
            "database",
            "pictures",
            "bot token",
            "scopes",
            "app token",
            "owners",
            "feed channel",
        )
    }


def test_it_hints_at_a_database_that_every_user_of_the_machine_can_read(world: World) -> None:
    file = Path(str(world.database.url.database))
    file.chmod(0o600)
    assert len(examined(world, hints=True)["database"]) == 1

    file.chmod(0o644)
    assert (
        "can read the database: `chmod 600" in examined(world, hints=True)["database"][1].sentence
    )


def test_it_says_how_many_can_administer_and_warns_where_nobody_can(world: World) -> None:
    (found,) = examined(world, admins=frozenset({"UTOM", "UGIL"}))["owners"]
    assert found.sentence.startswith("2 people are owners, by Slack's admins and LAUREL_ADMINS")

    world.engine.change_user("ada", is_admin=False)

    assert "owners" not in examined(world)  # a hint
    assert look_at_owners(0).state == "hint"
    assert "Set that to your Slack user id" in look_at_owners(0).sentence


def test_the_feed_channel_that_the_workspace_chose_is_looked_at(world: World) -> None:
    world.decide(feed_channel="C0GONE")

    assert "There is no channel C0GONE" in failure(world, "feed channel", feed_channel="")


def test_what_is_not_set_is_named(world: World) -> None:
    found = examined(world, bot_token="", signing_secret="")
    assert [one.sentence.split()[0] for one in found["settings"]] == [
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
    ]
    assert found["slack"][0].state == "skipped"


@pytest.mark.parametrize("error", ["invalid_auth", "account_inactive", "token_revoked"])
def test_a_token_that_slack_refuses_is_said(world: World, error: str) -> None:
    world.engine.break_token(error)
    sentence = failure(world, "bot token")
    assert sentence.startswith(f"SLACK_BOT_TOKEN: {error}. ")
    assert "install the app again" in sentence


def test_a_slack_that_cannot_be_reached_is_said(world: World) -> None:
    sentence = failure(world, "bot token", slack_api_url="http://127.0.0.1:9/api/")
    assert "cannot be reached from here: check the network" in sentence


@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_a_missing_scope_is_named_with_what_it_is_for(world: World, scope: str) -> None:
    world.engine.scopes = set(SCOPES) - {scope}
    assert failure(world, "scopes") == (
        f"The scope {scope} is missing. {SCOPES[scope]} Bring the app up to date with the output"
        " of `laurel manifest`, and install it again."
    )


def test_an_app_token_that_slack_refuses_is_said(world: World) -> None:
    what_to_do = (
        "Slack opens no connection with it: generate a new app-level token with the scope"
        " connections:write under “Basic Information” of the app at https://api.slack.com/apps, set"
        " it, and restart Laurel."
    )
    assert failure(world, "app token", app_token="xapp-old") == (
        f"SLACK_APP_TOKEN: invalid_auth. {what_to_do}"
    )
    world.engine.weather.refuse("apps.connections.open", error="missing_scope")
    assert failure(world, "app token", app_token=world.engine.app_token) == (
        f"SLACK_APP_TOKEN: missing_scope. {what_to_do}"
    )
    world.engine.weather.refuse("apps.connections.open", error="service_unavailable")
    assert failure(world, "app token", app_token=world.engine.app_token) == (
        "SLACK_APP_TOKEN: service_unavailable. Slack has trouble of its own; Laurel tries again."
    )


def test_a_feed_channel_that_does_not_exist_is_said(world: World) -> None:
    for name in ("nowhere", "C0NOWHERE1"):
        sentence = failure(world, "feed channel", feed_channel=name)
        assert sentence.startswith(f"There is no channel {name} that Laurel can see: choose one")


def test_a_feed_channel_that_laurel_is_not_in_is_said(world: World) -> None:
    away = world.channel("away", bot_member=False)
    for name in ("away", away.id):
        assert failure(world, "feed channel", feed_channel=name) == (
            "Laurel is not in #away: invite it there with /invite @Laurel."
        )


def test_an_archived_feed_channel_is_said(world: World) -> None:
    world.engine.archive(world.kudos)
    assert failure(world, "feed channel").startswith("#kudos is archived: unarchive it")


def test_no_feed_channel_is_a_hint_only(world: World) -> None:
    assert "feed channel" not in examined(world, feed_channel="")


def test_a_setting_that_is_misspelt_is_a_hint(world: World) -> None:
    unknown = ("LAUREL_FEED_CHANEL is set, and is no setting: LAUREL_FEED_CHANNEL is.",)
    found = examined(world, hints=True, unknown=unknown)["settings"]
    assert [(one.state, one.sentence) for one in found][1:] == [("hint", unknown[0])]


def test_a_clock_that_is_wrong_is_said() -> None:
    stamp = "Fri, 20 Nov 2026 15:30:00 GMT"
    assert look_at_clock(stamp, NOW.timestamp() - 20).state == "ok"
    wrong = look_at_clock(stamp, NOW.timestamp() + 400)
    assert wrong.state == "failed"
    assert wrong.sentence == (
        "This machine's clock differs from Slack's by 400 seconds, and from 300 on every request is"
        " refused: switch on time synchronisation."
    )


def test_a_database_that_is_away_is_said_without_its_password(world: World) -> None:
    away = Database("postgresql://laurel:hush@127.0.0.1:9/laurel")
    doctor = Doctor(world.settings, database=away, client=world.laurel.client, draw=bytes)
    (database,) = [one for one in doctor.examine() if one.check == "database"]
    assert database.state == "failed"
    assert "postgresql://laurel:***@127.0.0.1:9/laurel does not answer" in database.sentence
    assert "check DATABASE_URL" in database.sentence
    assert "hush" not in database.sentence


def test_tables_of_a_newer_version_are_a_hint(
    world: World, migrated_sqlite: Path, tmp_path: Path
) -> None:
    newer = Database(f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'newer.db')}")
    with newer.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_tomorrow'"))
    doctor = Doctor(world.settings, database=newer, client=world.laurel.client, draw=bytes)
    (found,) = [one for one in doctor.examine() if one.check == "migrations"]
    newer.close()
    assert found.state == "hint"
    assert found.sentence.startswith("The tables are those of a newer version of Laurel (9999_to")


def test_pictures_that_cannot_be_drawn_are_said(world: World) -> None:
    def fail() -> None:
        raise OSError("cannot open resource")

    doctor = Doctor(world.settings, database=world.database, client=world.laurel.client, draw=fail)
    (pictures,) = [one for one in doctor.examine() if one.check == "pictures"]
    assert pictures.state == "failed"
    assert "cannot open resource" in pictures.sentence
    assert "install Laurel again, with its assets" in pictures.sentence


def test_fonts_that_are_not_there_are_named(world: World, tmp_path: Path) -> None:
    doctor = Doctor(
        world.settings,
        database=world.database,
        client=world.laurel.client,
        draw=bytes,
        missing_fonts=lambda: [tmp_path / "Inter-Bold.otf"],
    )
    (pictures,) = [one for one in doctor.examine() if one.check == "pictures"]
    assert pictures.state == "failed"
    assert pictures.sentence == (
        f"Inter-Bold.otf should be in {tmp_path} and cannot be found, so pictures are spoiled or"
        " missing: install Laurel again, with its assets."
    )


def left_in_slack(world: World) -> list[str]:
    return [file.id for file in world.engine.files if file.name == "laurel-doctor.png"]


def test_a_test_picture_is_uploaded_only_if_asked_for_and_deleted_again(world: World) -> None:
    assert "upload" not in examined(world)
    world.engine.file_processing = timedelta(seconds=3)
    (found,) = examined(world, upload=True)["upload"]
    assert (found.state, found.sentence) == (
        "ok",
        "Slack took a test picture, which was ready after 3 s. It is deleted again.",
    )
    assert left_in_slack(world) == []


def test_a_picture_that_slack_refuses_or_never_has_ready_is_said(world: World) -> None:
    world.engine.weather.refuse("files.delete", error="cant_delete_file")
    world.engine.file_processing = timedelta(hours=1)
    (found,) = examined(world, upload=True, hints=True)["upload"]
    (left,) = left_in_slack(world)
    assert found.state == "hint"
    assert found.sentence == (
        "Slack took a test picture, but did not have it ready within 10 seconds; a post whose"
        " picture takes so long goes without. It could not be deleted again (cant_delete_file); it"
        f" is {left}, shared with nobody."
    )
    world.engine.weather.refuse("files.getUploadURLExternal", error="file_uploads_disabled")
    (found,) = examined(world, upload=True)["upload"]
    assert found.state == "failed"
    assert found.sentence == (
        "A test picture: file_uploads_disabled. The workspace takes no files; posts go without"
        " their picture."
    )


def test_the_command_prints_it_for_people_and_for_scripts(
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "SLACK_BOT_TOKEN": world.engine.bot_token,
        "SLACK_SIGNING_SECRET": "x",
        "SLACK_API_URL": world.engine.api_url,
        "LAUREL_FEED_CHANNEL": "kudos",
        "DATABASE_URL": f"sqlite:///{tmp_path}/l.db",
    }.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "l.db").touch()
    assert main(["doctor"]) == 1
    assert "FAILED   migrations: The tables are not up to date" in capsys.readouterr().out
    main(["db", "upgrade"])
    capsys.readouterr()
    assert main(["doctor", "--pictures", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert "upload" in {one["check"] for one in found}
    assert {one["state"] for one in found} <= {"ok", "hint", "skipped"}
    assert world.engine.bot_token not in str(found)
