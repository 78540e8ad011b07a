"""An organisation installs Laurel once: its workspaces are one, and other companies stay outside."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk import WebClient
from sqlalchemy import Connection

from bot import people, user_groups
from bot.delivery.slack import Slack
from bot.delivery.trouble import SlackTroubleError
from bot.deps import WorkspaceRef
from bot.playground import Engine
from bot.slack_files import upload_picture
from storage import people as kept_people
from storage.people import PersonRow
from tests.oauth.conftest import House


@pytest.fixture
def group(house: House) -> Engine:
    """The Acme Group, with Globex beside the workspace in which everybody is: yuki is in both."""
    engine = house.workspace("acme")
    engine.oauth.enterprise, engine.oauth.whole_organisation = ("E1", "Acme Group"), True
    engine.oauth.beside["T9GLOBEX"] = "Globex"
    engine.add_user("yuki", "Yuki", id="U9YUKI")
    engine.add_user("sam", "Sam", id="U9SAM")
    engine.change_user("yuki", also_in=("T9GLOBEX",))
    engine.change_user("sam", team="T9GLOBEX")
    return engine


def row(house: House, workspace: WorkspaceRef, slack_id: str) -> PersonRow | None:
    return house.database.read(
        lambda session: kept_people.by_slack_id(
            session, workspace_id=workspace.id, slack_id=slack_id
        )
    )


def read(house: House, workspace: WorkspaceRef) -> int | None:
    return people.sync(house.laurel.deps, workspace, pause=lambda _seconds: False)


def test_people_of_other_companies_are_strangers_to_an_organisation(
    house: House, group: Engine
) -> None:
    workspace = house.install(group)
    group.subscriptions.remove("team_join")
    group.add_user("eve", "Eve Elsewhere", id="U9EVE", is_admin=True, email="eve@acme.example")
    group.change_user("eve", team="T8OTHER")  # Laurel hears of it

    said = group.command("ada", "/award", "@eve team-player Hi", channel="kudos").reads()
    assert "Eve Elsewhere is from another workspace" in said
    said = group.command("eve", "/award", "@tom team-player Hi", channel="kudos").reads()
    assert said == "Only people of this workspace award badges here."

    (asked,) = people.look_up(house.laurel.deps, workspace, ["U9EVE"])
    assert (asked.stranger, asked.active) == (True, False)
    among = {"workspace_id": workspace.id}

    def kept(session: Connection) -> tuple[object, int]:
        return (
            kept_people.by_email(session, **among, email="eve@acme.example"),
            kept_people.count_owners(session, **among, slack_ids=()),
        )

    assert house.database.read(kept) == (None, 1)  # ada owns it


def test_everyone_of_every_workspace_is_read_and_whoever_is_in_two_once(
    house: House, group: Engine
) -> None:
    group.subscriptions.clear()
    workspace = house.install(group)
    everyone = [user.id for user in group.workspace.users.values()]
    assert read(house, workspace) == len(everyone)
    for slack_id in ("U9YUKI", "U9SAM", "U1TOM"):
        found = row(house, workspace, slack_id)
        assert found is not None
        assert found.active


class Tired:
    """A client that lists the people of one workspace, and then is interrupted."""

    def __init__(self, client: WebClient) -> None:
        self._client = client
        self._listed = False

    def auth_teams_list(self, **how: Any) -> Any:
        return self._client.auth_teams_list(**how)

    def users_list(self, **how: Any) -> Any:
        if self._listed:
            raise InterruptedError
        self._listed = True
        return self._client.users_list(**how)


def test_reading_an_organisation_goes_on_in_the_workspace_where_it_was_broken_off(
    house: House, group: Engine
) -> None:
    workspace = house.install(group)
    deps = house.laurel.deps
    tired = Tired(deps.slack(workspace))
    with pytest.raises(InterruptedError):
        people.sync(
            replace(deps, slack=lambda _workspace: tired),  # type: ignore[arg-type, return-value]
            workspace,
            pause=lambda _seconds: False,
        )
    before = house.front.asked.count("users.list")
    assert read(house, workspace) == 1  # sam: the others were read, yuki too
    assert house.front.asked.count("users.list") == before + 1


def test_user_groups_of_every_workspace_are_known(house: House, group: Engine) -> None:
    workspace = house.install(group)
    platform = group.add_group("platform", members=["sam", "yuki"])
    group.workspace.put_group(replace(platform, team="T9GLOBEX"))
    group.add_group("design", members=["tom"])
    listed = user_groups.listed(house.laurel.deps, workspace)
    assert {one["handle"] for one in listed} == {"platform", "design"}
    group.command("ada", "/award", "@platform team-player Well done!", channel="kudos")
    house.deliver()
    assert "@Sam and @Yuki received" in house.feed(group)[0]


def test_of_channels_with_the_same_name_laurel_means_the_one_it_is_in(
    house: House, group: Engine
) -> None:
    workspace = house.install(group)
    slack = Slack(house.laurel.deps.slack, upload_picture, house.now)
    there = group.add_channel("kudos", members=["sam"])
    group.workspace.put_channel(replace(there, team="T9GLOBEX"))
    group.remove(group.channel("C0000000001"), group.bot)
    assert slack.channel_named(workspace, "kudos") == there.id


def test_a_channel_is_found_in_an_organisation_of_any_number_of_workspaces(
    house: House, group: Engine
) -> None:
    workspace = house.install(group)
    slack = Slack(house.laurel.deps.slack, upload_picture, house.now)
    group.oauth.beside |= {f"T7X{number:03}": f"X{number}" for number in range(60)}
    there = group.add_channel("hall", members=["sam"])
    group.workspace.put_channel(replace(there, team="T9GLOBEX"))  # the last that is asked for
    with pytest.raises(SlackTroubleError, match="ratelimited"):
        slack.channel_named(workspace, "hall")
    house.advance(timedelta(minutes=1, seconds=1))
    assert slack.channel_named(workspace, "hall") == there.id
    assert house.front.asked.count("users.conversations") <= 64  # each once, and the refused one
