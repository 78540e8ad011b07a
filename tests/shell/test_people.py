"""Who is in the workspace is kept in step with Slack, in pages, by one process at a time."""

import threading
import tracemalloc
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot import jobs, people
from bot.grants import Grant
from bot.people import profile_of
from bot.turns import LEASE
from storage import settings as kept
from storage import tenure, user_groups
from storage.people import PersonRow, by_slack_ids
from tests.world import MakeWorld, World


def known(world: World, *slack_ids: str) -> dict[str, PersonRow]:
    return world.database.read(
        lambda session: by_slack_ids(session, workspace_id=world.workspace.id, slack_ids=slack_ids)
    )


def sync(world: World, pause: people.Pause = lambda _seconds: False) -> int | None:
    return people.sync(world.laurel.deps, world.workspace, pause=pause)


def crowd(world: World, number: int) -> list[str]:
    """So many colleagues of whom Laurel has not heard."""
    subscribed = set(world.engine.subscriptions)
    world.engine.subscriptions.clear()
    before = len(world.engine.workspace.users)
    made = [
        world.engine.add_user(f"c{index}", f"Colleague {index}").id
        for index in range(before - 9, before - 9 + number)
    ]
    world.engine.subscriptions |= subscribed
    return made


def calls(world: World, method: str) -> int:
    return world.engine.traffic.counts[method]


def test_everyone_is_read_in_pages_with_name_timezone_and_locale(world: World) -> None:
    made = crowd(world, 450)
    world.engine.subscriptions.clear()
    world.engine.change_user("tom", display_name="Tommy", tz="Asia/Tokyo", locale="ja-JP")
    world.engine.deactivate("yuki")
    assert sync(world) == 450 + 9  # the cast, Laurel itself and Slackbot
    assert calls(world, "users.list") == 3
    people_now = known(world, made[-1], "UTOM", "UYUKI", "USLACKBOT", "UKIM")
    assert people_now[made[-1]].name == "Colleague 449"
    tom = people_now["UTOM"]
    assert (tom.name, tom.timezone, tom.locale) == ("Tommy", "Asia/Tokyo", "ja-JP")
    assert tom.id == world.people["tom"].id
    assert not people_now["UYUKI"].active
    assert people_now["USLACKBOT"].bot
    assert people_now["UKIM"].guest


def test_a_run_that_was_broken_off_goes_on_where_it_was(world: World) -> None:
    made = crowd(world, 450)
    asked = []

    def stop(seconds: float) -> bool:
        asked.append(seconds)
        return True

    world.engine.limits.scale = 0.05  # one call a minute
    assert sync(world, stop) == 200
    assert asked == [60]
    assert people.is_due(world.laurel.deps, world.workspace)
    world.advance(minutes=10)
    world.engine.limits.enabled = False
    assert sync(world) == 259
    assert len(known(world, *made)) == 450
    assert calls(world, "users.list") == 4  # one of them refused
    assert not people.is_due(world.laurel.deps, world.workspace)


def test_when_slack_asks_for_a_pause_it_gets_it(world: World) -> None:
    crowd(world, 450)
    world.engine.limits.scale = 0.05
    waited: list[float] = []

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        world.advance(seconds=seconds)
        return False

    assert sync(world, wait) == 459
    assert waited == [60, 60]


def test_a_place_in_the_list_that_slack_forgot_means_from_the_beginning(world: World) -> None:
    world.database.write(
        lambda session: kept.put(
            session,
            workspace_id=world.workspace.id,
            key="people.cursor",
            value="forgotten",
            now=world.now(),
        )
    )
    assert sync(world) == 9


def test_two_processes_do_not_read_everyone_at_once(world: World) -> None:
    crowd(world, 250)
    meanwhile: list[int | None] = []

    def wait(seconds: float) -> bool:
        meanwhile.append(sync(world))
        world.advance(seconds=seconds)
        return False

    world.engine.limits.scale = 0.05
    assert sync(world, wait) == 259
    assert meanwhile == [None]


def test_the_turn_of_a_process_that_died_passes_on(world: World) -> None:
    def died(session: Any) -> bool:
        return kept.take_turn(
            session,
            workspace_id=world.workspace.id,
            key="people.turn",
            holder="dead",
            now=world.now(),
            until=world.now() + LEASE,
        )

    assert world.database.write(died)
    assert sync(world) is None
    world.advance(minutes=1)
    assert sync(world) == 9


def test_it_is_due_once_a_day(world: World) -> None:
    deps = world.laurel.deps
    assert people.is_due(deps, world.workspace)
    sync(world)
    world.advance(hours=23)
    assert not people.is_due(deps, world.workspace)
    world.advance(hours=2)
    assert people.is_due(deps, world.workspace)


class Crowded:
    """A Slack with ever so many people, who are made up page by page."""

    def __init__(self, number: int) -> None:
        self._number = number

    def users_list(self, *, limit: int, cursor: str, **_how: object) -> SimpleNamespace:
        begin = int(cursor or 0)
        end = min(self._number, begin + limit)
        members = [
            {
                "id": f"U{self._number}X{number}",
                "team_id": "T1",
                "tz": "Europe/Lisbon",
                "profile": {"real_name": f"Colleague {number}", "title": "x" * 500},
            }
            for number in range(begin, end)
        ]
        following = str(end) if end < self._number else ""
        return SimpleNamespace(
            data={"members": members, "response_metadata": {"next_cursor": following}}
        )


def test_reading_four_times_as_many_people_takes_no_more_memory(world: World) -> None:
    def most(number: int) -> int:
        deps = replace(world.laurel.deps, slack=lambda _workspace: Crowded(number))  # type: ignore[arg-type, return-value]
        tracemalloc.start()
        read = people.sync(deps, world.workspace, pause=lambda _seconds: False)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert read == number
        return peak

    most(199)  # what is made once is made now
    # A few pages are held for a moment, until Python collects them.
    assert most(1600) < most(400) * 2


def test_newcomers_and_changes_are_known_at_once(world: World) -> None:
    nina = world.engine.add_user("nina", "Nina Nova", tz="Europe/Oslo")
    assert known(world, nina.id)[nina.id].timezone == "Europe/Oslo"
    world.engine.change_user(nina, display_name="Nini")
    assert known(world, nina.id)[nina.id].name == "Nini"
    world.engine.deactivate(nina)
    assert not known(world, nina.id)[nina.id].active


def told(world: World, updated: Any, **changes: Any) -> PersonRow:
    """Who Tom is, once Slack has told of this change of then."""
    user = world.engine.user_json(replace(world.users["tom"], **changes), locale=True)
    world.engine.emit({"type": "user_change", "user": {**user, "updated": updated}})
    world.settle()
    return known(world, "UTOM")["UTOM"]


def test_news_of_somebody_that_come_late_undo_nothing(world: World) -> None:
    assert not told(world, 2000, deleted=True).active
    late = told(world, 1999, is_admin=True, start_date="2019-03-01")
    assert (late.active, late.slack_admin) == (False, False)
    began = world.database.read(
        lambda session: tenure.of_people(
            session, workspace_id=world.workspace.id, person_ids=[late.id]
        )
    )
    assert not began
    assert told(world, 2000).active  # two changes within a second
    assert told(world, 2001.5, real_name="Tom O.").name == "Tom O."
    assert not told(world, None, deleted=True).active
    assert not told(world, 2000.5).active  # news without a time make nothing forgotten


@pytest.mark.parametrize("updated", [None, "soon", 10**30, float("inf"), -1])
def test_news_without_a_time_are_as_new_as_can_be(world: World, updated: Any) -> None:
    told(world, 2000)
    assert not told(world, updated, deleted=True).active


def test_what_slack_is_asked_for_is_true_whatever_it_told(world: World) -> None:
    assert not told(world, 4 * 10**9, deleted=True).active
    [tom] = people.look_up(world.laurel.deps, world.workspace, ["UTOM"])
    assert tom.active
    assert not told(world, 4 * 10**9 - 1, deleted=True).active  # the newest is what was asked for


@pytest.mark.parametrize("method", ["users_info", "users_list"])
def test_who_leaves_between_slacks_answer_and_its_keeping_has_left(
    world: World, method: str
) -> None:
    deps = world.laurel.deps
    client = deps.slack(world.workspace)

    def slow(**how: Any) -> Any:
        said = getattr(client, method)(**how)
        world.advance(seconds=1)
        world.engine.deactivate("tom")
        world.settle()
        world.advance(seconds=1)
        return said

    asking = replace(deps, slack=lambda _workspace: SimpleNamespace(**{method: slow}))
    if method == "users_list":
        people.sync(asking, world.workspace, pause=lambda _seconds: False)
    else:
        [tom] = people.look_up(asking, world.workspace, ["UTOM"])
        assert not tom.active
    assert not known(world, "UTOM")["UTOM"].active


def test_someone_unknown_is_looked_up_and_awarded(world: World) -> None:
    (stranger,) = crowd(world, 1)
    outcome = world.command("maria", "/award", "@c0 team-player")
    assert outcome.acknowledged
    assert known(world, stranger)[stranger].name == "Colleague 0"
    world.deliver()
    assert "Team Player" in world.dms(stranger)[0].reads()


def test_whom_slack_does_not_know_either_is_left_out(world: World) -> None:
    assert people.look_up(world.laurel.deps, world.workspace, ["U0NOBODY"]) == []


def test_groups_that_may_award_follow_slack(make_world: MakeWorld) -> None:
    world = make_world(awarders=Grant(groups=frozenset({"SLEADS"})))
    group = world.engine.add_group("leads", members=["maria"], id="SLEADS")
    world.settle()
    assert groups_of(world, "maria") == {"SLEADS"}
    world.engine.change_group(group, members=["tom"])
    world.settle()
    assert groups_of(world, "maria") == set()
    assert groups_of(world, "tom") == {"SLEADS"}


def test_who_may_award_by_a_group_need_not_wait_until_everyone_was_read(
    make_world: MakeWorld,
) -> None:
    world = make_world(awarders=Grant(groups=frozenset({"SLEADS"})))
    world.engine.subscriptions.clear()
    world.engine.add_group("leads", members=["maria"], id="SLEADS")
    world.engine.weather.error_500("users.list")
    with pytest.raises(SlackApiError):
        jobs.sync_people(world.laurel.deps, world.workspace, threading.Event())
    assert "Tom Okafor now has" in world.command("maria", "/award", "@tom team-player hi").reads()


def test_a_group_that_slack_does_not_tell_at_first_is_read_once_everyone_is_known(
    make_world: MakeWorld,
) -> None:
    world = make_world(awarders=Grant(groups=frozenset({"SLEADS"})))
    made = crowd(world, 3)
    world.engine.subscriptions.clear()
    world.engine.add_group("leads", members=["maria", *made], id="SLEADS")
    world.engine.weather.rate_limit("users.info", retry_after=90)
    jobs.sync_people(world.laurel.deps, world.workspace, threading.Event())
    assert set(known(world, *made)) == set(made)
    assert groups_of(world, "maria") == {"SLEADS"}


def groups_of(world: World, name: str) -> frozenset[str]:
    return world.database.read(
        lambda session: user_groups.of_person(
            session,
            workspace_id=world.workspace.id,
            person_id=world.people[name].id,
            among=["SLEADS"],
        )
    )


def test_a_group_that_matters_to_nobody_costs_no_call(world: World) -> None:
    group = world.engine.add_group("lunch", members=["maria"])
    world.engine.change_group(group, members=["tom"])
    world.settle()
    assert calls(world, "usergroups.users.list") == 0


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ({"id": "U1", "name": "n", "profile": {"display_name": "D", "real_name": "R"}}, "D"),
        ({"id": "U1", "name": "n", "profile": {"display_name": "", "real_name": "R"}}, "R"),
        ({"id": "U1", "name": "n", "real_name": "Q", "profile": {}}, "Q"),
        ({"id": "U1", "name": "n"}, "n"),
        ({"id": "U1"}, "U1"),
        # What turns the words beside a name around, or ends what keeps the name apart from them.
        ({"id": "U1", "profile": {"display_name": "Tom\u202eecila"}}, "Tomecila"),
        ({"id": "U1", "profile": {"display_name": "א\u2069\u202etset"}}, "אtset"),
        ({"id": "U1", "name": "n", "profile": {"display_name": "\u202e\u200b "}}, "n"),
        ({"id": "U1", "name": "\u2066", "profile": {"display_name": "\u2069"}}, "U1"),
        ({"id": "U1", "name": "n", "profile": {"display_name": "\u2800"}}, "n"),
        ({"id": "U1", "name": "n", "profile": {"display_name": "\ufe0f\u0301"}}, "n"),
    ],
)
def test_people_are_called_what_they_call_themselves(user: dict[str, Any], expected: str) -> None:
    assert profile_of(user).name == expected


@pytest.mark.parametrize(
    ("user", "what"),
    [
        ({"is_bot": True}, "bot"),
        ({"is_workflow_bot": True}, "bot"),
        ({"is_restricted": True}, "guest"),
        ({"is_ultra_restricted": True}, "guest"),
        ({"is_owner": True}, "slack_admin"),
        ({"is_admin": True}, "slack_admin"),
    ],
)
def test_what_somebody_is_is_seen(user: dict[str, Any], what: str) -> None:
    profile = profile_of({"id": "U1", **user})
    assert [name for name in ("bot", "guest", "slack_admin") if getattr(profile, name)] == [what]
    assert profile.active


def test_strangers_from_shared_channels_cannot_be_awarded() -> None:
    assert not profile_of({"id": "U1", "is_stranger": True}).active
    assert not profile_of({"id": "U1", "team_id": "T2"}, team_id="T1").active
    in_the_same_organisation = {"id": "W1", "team_id": "T2", "enterprise_user": {"teams": ["T1"]}}
    assert profile_of(in_the_same_organisation, team_id="T1").active


def test_looking_a_few_up_gives_slack_the_rest_it_asks_for(world: World) -> None:
    world.engine.subscriptions.clear()
    for name in ("nina", "nora"):
        world.engine.add_user(name, id=f"U{name.upper()}")
    world.engine.weather.rate_limit("users.info", retry_after=7, times=2)
    rested: list[float] = []

    def rest(seconds: float) -> bool:
        rested.append(seconds)
        return False

    found = people.look_up(world.laurel.deps, world.workspace, ["UNINA", "UNORA"], pause=rest)

    assert sorted(str(row.slack_id) for row in found) == ["UNINA", "UNORA"]
    assert rested == [7, 7]
    world.engine.weather.rate_limit("users.info", retry_after=61, times=1)
    with pytest.raises(SlackApiError, match="ratelimited"):
        people.look_up(world.laurel.deps, world.workspace, ["UNINA"], pause=rest)


def test_no_end_waits_for_a_rest_that_slack_asks_for(make_world: MakeWorld) -> None:
    world = make_world(awarders=Grant(groups=frozenset({"SLEADS"})))
    world.engine.subscriptions.clear()
    world.engine.add_group("leads", members=[world.engine.add_user("nina").id], id="SLEADS")
    world.engine.weather.rate_limit("users.info", retry_after=50, times=1)
    stopping = threading.Event()
    stopping.set()

    with pytest.raises(SlackApiError, match="ratelimited"):
        jobs.sync_groups(world.laurel.deps, world.workspace, stopping)


def test_of_a_group_of_many_unknown_people_everyone_is_read_at_once(world: World) -> None:
    world.engine.subscriptions.clear()
    members = [world.engine.add_user(f"person{n}") for n in range(people.A_FEW + 1)]
    group = world.engine.add_group("everybody", members=members)

    people.look_up_groups(world.laurel.deps, world.workspace, [group.id])

    kept = world.database.read(
        lambda session: user_groups.members(
            session, workspace_id=world.workspace.id, group_id=group.id
        )
    )
    assert len(kept) == len(members)
    assert world.engine.traffic.calls("users.info") == []
