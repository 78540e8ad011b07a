"""Laurel comes into workspaces by OAuth, and leaves them again."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from bot.delivery.trouble import SlackTroubleError
from bot.playground import Engine
from storage import badges, duties, installations, workspaces
from tests.oauth.conftest import House


def award(engine: Engine, badge: str = "team-player", reason: str = "Thanks!") -> str:
    return engine.command("ada", "/award", f"@tom {badge} {reason}", channel="kudos").reads()


def test_two_workspaces_install_it_and_each_has_its_own_awards(house: House) -> None:
    acme, globex = house.workspace("acme"), house.workspace("globex")
    house.install(acme)
    house.install(globex)
    for engine in (acme, globex):
        award(engine)
    award(acme, "customer-hero", "Only here.")
    house.deliver()
    assert [len(house.feed(acme)), len(house.feed(globex))] == [2, 1]
    assert not any("Only here." in text for text in house.feed(globex))
    # Which workspace a request is from is answered by the database.
    assert house.front.asked.count("auth.test") == 4  # two of the library's, two of ours


def test_where_it_is_not_installed_people_are_told_where_to(house: House) -> None:
    stranger = house.workspace("stranger")
    assert "https://laurel.example/slack/install" in award(stranger)
    assert house.database.read(workspaces.every) == []


def test_an_installation_that_did_not_work_out_says_why_and_keeps_nothing(house: House) -> None:
    acme = house.workspace("acme")
    begun = house.get("/slack/install")
    assert begun.status == 302
    assert begun.location.startswith("https://slack.com/oauth/v2/authorize?")
    state = begun.location.partition("state=")[2].partition("&")[0]
    said = [
        house.get("/slack/oauth_redirect?error=access_denied", begun.cookie),
        house.get(f"/slack/oauth_redirect?code=x&state={state}"),  # another browser
        house.get(f"/slack/oauth_redirect?code=x&state={state}", begun.cookie),
        house.get(f"/slack/oauth_redirect?code={acme.agree('ada')}&state={state}", begun.cookie),
    ]
    assert [page.status for page in said] == [200, 400, 401, 401]
    assert "Cancel" in said[0].text
    assert "another browser" in said[1].text
    assert "did not confirm" in said[2].text
    assert "finished already" in said[3].text  # a state is good for one way back
    assert house.database.read(workspaces.every) == []


def test_an_organisation_installs_it_for_all_of_its_workspaces(house: House) -> None:
    first = house.workspace("first")
    first.oauth.enterprise, first.oauth.whole_organisation = ("E1", "Acme Group"), True
    organisation = house.install(first)
    assert (organisation.team_id, organisation.enterprise_id) == ("", "E1")
    award(first)
    house.deliver()
    assert len(house.feed(first)) == 1
    # Another workspace of the organisation is the same place.
    space = first.workspace
    space.team_id = "T2SECOND"
    award(first, "customer-hero")
    house.deliver()
    assert len(house.feed(first)) == 2
    # A workspace outside of it is not.
    first.oauth.enterprise = ("E2", "Elsewhere")
    assert "is not installed" in award(first)


def test_what_is_removed_rests_and_a_new_installation_goes_on_with_it(house: House) -> None:
    acme, globex = house.workspace("acme"), house.workspace("globex")
    workspace = house.install(acme)
    house.install(globex)
    award(acme, reason="Not sent yet.")
    house.installed_on("2026-01-01")
    acme.uninstall()

    token = house.database.read(
        lambda session: installations.installed_at(
            session, team_id=workspace.team_id, enterprise_id=""
        )
    )
    assert token is None
    assert house.database.read(workspaces.installed)[0].name == "globex"
    house.forget()
    assert "is not installed in this workspace (any more)" in award(acme)
    with pytest.raises(SlackTroubleError, match="not_installed"):
        house.laurel.deps.slack(workspace)
    award(globex)
    house.deliver()
    assert [len(house.feed(acme)), len(house.feed(globex))] == [0, 1]

    assert house.install(acme) == workspace
    award(acme, "customer-hero", "Back again.")
    house.deliver()
    assert ["Not sent yet." in house.feed(acme)[0], "Back again." in house.feed(acme)[1]] == [
        True,
        True,
    ]


def test_news_of_a_removal_that_is_older_than_the_installation_changes_nothing(
    house: House,
) -> None:
    acme = house.workspace("acme")
    house.install(acme)
    house.installed_on("2030-01-01")
    acme.emit({"type": "app_uninstalled"})
    assert len(house.database.read(workspaces.installed)) == 1


def test_tokens_are_exchanged_before_they_run_out(house: House) -> None:
    acme = house.workspace("acme")
    acme.oauth.rotates = True
    workspace = house.install(acme)
    first = house.laurel.deps.slack(workspace).token
    with house.database.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE slack_bots SET bot_token_expires_at = ?",
            ((datetime.now(UTC) + timedelta(hours=1)).replace(tzinfo=None).isoformat(" "),),
        )
    house.forget()
    second = house.laurel.deps.slack(workspace).token
    assert first != second
    assert house.front.asked.count("oauth.v2.access") == 2
    house.forget()
    assert house.laurel.deps.slack(workspace).token == second  # kept, and good for half a day
    award(acme)
    house.deliver()
    assert len(house.feed(acme)) == 1


def test_tokens_show_nowhere(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    acme = house.workspace("acme")
    acme.oauth.rotates = True
    workspace = house.install(acme)
    award(acme)
    house.deliver()
    client = house.laurel.deps.slack(workspace)
    shown = " ".join([caplog.text, repr(client), repr(house.laurel), repr(workspace)])
    assert str(client.token) not in shown
    assert not any(token in shown for token in acme.oauth.refresh_tokens)
    assert "playground-client-secret" not in shown


def test_a_worker_minds_every_workspace_and_none_that_was_removed(house: House) -> None:
    acme, globex = house.workspace("acme"), house.workspace("globex")
    rows = [house.install(acme), house.install(globex)]
    rota = house.laurel.boot.rota
    rota.look()
    rota.stop(within=20)
    planned = house.database.read(duties.planned)
    assert {key[0] for key in planned} == {row.id for row in rows}
    house.database.write(
        lambda session: workspaces.uninstall(session, workspace_id=rows[0].id, now=house.now())
    )
    assert [row.name for row in house.database.read(house.laurel.boot.served)] == ["globex"]


def test_a_new_workspace_has_the_starter_catalogue_before_its_first_command(house: House) -> None:
    workspace = house.install(house.workspace("acme"))
    found = house.database.read(
        lambda session: badges.catalogue(session, workspace_id=workspace.id)
    )
    assert len(found) >= 24
