"""What the Web API gives, and what it refuses with which of Slack's codes."""

import json
import urllib.request
from datetime import timedelta

import pytest

from tests.playground.conftest import START, Town
from tests.playground.pieces import home, modal, section


@pytest.mark.parametrize(
    ("token", "code"), [(None, "not_authed"), ("xoxb-somebody-else", "invalid_auth")]
)
def test_a_call_without_the_right_token_is_refused(town: Town, token: str, code: str) -> None:
    assert town.error("auth.test", token=token) == code


@pytest.mark.parametrize("code", ["token_revoked", "account_inactive"])
def test_a_token_that_broke_is_refused_until_it_is_mended(town: Town, code: str) -> None:
    town.engine.break_token(code)
    assert town.error("auth.test") == code
    town.engine.break_token(None)
    assert town.answer("auth.test")["user_id"] == town.engine.bot.id


def test_a_bot_token_opens_no_socket_and_an_app_token_posts_nothing(town: Town) -> None:
    assert town.error("apps.connections.open") == "not_allowed_token_type"
    code = town.error("chat.postMessage", token=town.engine.app_token, channel="C1", text="x")
    assert code == "not_allowed_token_type"


def test_a_missing_scope_is_named_with_those_there_are(town: Town) -> None:
    town.engine.scopes = {"users:read"}
    answer = town.answer("chat.postMessage", channel=town.kudos.id, text="x")
    assert (answer["error"], answer["needed"], answer["provided"]) == (
        "missing_scope",
        "chat:write",
        "users:read",
    )


def test_an_unknown_method_is_refused(town: Town) -> None:
    assert town.error("chat.postPoem") == "unknown_method"


def test_a_missing_argument_is_named(town: Town) -> None:
    answer = town.answer("chat.postMessage", text="x")
    assert answer["error"] == "invalid_arguments"
    assert "channel" in answer["response_metadata"]["messages"][0]


def test_arguments_may_come_as_a_form_with_the_token_inside(town: Town) -> None:
    blocks = json.dumps([section("Well done")])
    form = f"token={town.engine.bot_token}&channel={town.kudos.id}&text=hi&blocks={blocks}"
    request = urllib.request.Request(town.engine.api_url + "chat.postMessage", form.encode())
    with urllib.request.urlopen(request, timeout=30) as response:
        assert json.load(response)["ok"] is True
    assert town.engine.messages(town.kudos)[0].reads() == "Well done"


def test_a_body_that_is_not_json_is_refused(town: Town) -> None:
    headers = {"Content-Type": "application/json"}
    url = town.engine.api_url + "api.test"
    with urllib.request.urlopen(urllib.request.Request(url, b"{", headers), timeout=30) as response:
        assert json.load(response)["error"] == "invalid_json"


def test_a_second_post_to_a_channel_within_a_second_waits(town: Town) -> None:
    assert town.answer("chat.postMessage", channel=town.kudos.id, text="one")["ok"]
    with pytest.raises(Exception, match="ratelimited") as refused:
        town.client.chat_postMessage(channel=town.kudos.id, text="two")
    response = refused.value.response  # type: ignore[attr-defined]
    assert (response.status_code, response.headers["retry-after"]) == (429, "1")
    assert town.answer("chat.postMessage", channel=town.maria.id, text="elsewhere")["ok"]
    town.pass_time(seconds=1)
    assert town.answer("chat.postMessage", channel=town.kudos.id, text="two")["ok"]
    assert [m.text for m in town.engine.messages(town.kudos)] == ["one", "two"]


def test_the_twenty_first_call_of_tier_two_in_a_minute_waits_for_the_clock(town: Town) -> None:
    for _ in range(20):
        assert town.answer("users.list", limit=1)["ok"]
    assert town.error("users.list", limit=1) == "ratelimited"
    town.pass_time(seconds=59)
    assert town.error("users.list", limit=1) == "ratelimited"
    town.pass_time(seconds=1)
    assert town.answer("users.list", limit=1)["ok"]


def test_limits_can_be_scaled_and_switched_off(town: Town) -> None:
    town.engine.limits.scale = 0.05
    assert town.answer("users.list", limit=1)["ok"]
    assert town.error("users.list", limit=1) == "ratelimited"
    town.engine.limits.enabled = False
    assert town.answer("users.list", limit=1)["ok"]


def test_channels_that_cannot_be_posted_to_say_why(town: Town) -> None:
    engine = town.engine
    hidden = engine.add_channel("board", private=True, bot_member=False)
    foreign = engine.add_channel("random", bot_member=False)
    old = engine.add_channel("old", archived=True)
    engine.scopes -= {"chat:write.public"}
    found = [
        town.error("chat.postMessage", channel=ref, text="x")
        for ref in ("C0NOWHERE", hidden.id, foreign.id, old.id, "U0NOBODY")
    ]
    assert found == [
        "channel_not_found",
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "channel_not_found",
    ]
    engine.scopes |= {"chat:write.public"}
    assert town.answer("chat.postMessage", channel=foreign.id, text="x")["ok"]


def test_a_post_to_a_person_lands_in_their_direct_messages(town: Town) -> None:
    answer = town.answer("chat.postMessage", channel=town.maria.id, text="For you")
    assert answer["channel"].startswith("D")
    assert [m.text for m in town.engine.dms(town.maria)] == ["For you"]


def test_a_post_to_a_deactivated_person_succeeds_in_silence(town: Town) -> None:
    town.engine.deactivate(town.maria)
    assert town.answer("chat.postMessage", channel=town.maria.id, text="Still there?")["ok"]


def test_blocks_that_slack_would_refuse_are_refused_with_the_place(town: Town) -> None:
    blocks = [section("x" * 3001)]
    answer = town.answer("chat.postMessage", channel=town.kudos.id, text="x", blocks=blocks)
    assert answer["error"] == "invalid_blocks"
    assert "/blocks/0" in answer["response_metadata"]["messages"][0]
    assert town.engine.messages(town.kudos) == []


def test_an_update_shows_as_edited_and_keeps_the_metadata(town: Town) -> None:
    metadata = {"event_type": "delivery", "event_payload": {"id": "7"}}
    ts = town.answer("chat.postMessage", channel=town.kudos.id, text="old", metadata=metadata)["ts"]
    assert town.answer("chat.update", channel=town.kudos.id, ts=ts, text="new")["ok"]
    message = town.engine.messages(town.kudos)[0]
    assert (message.text, message.metadata, message.ts) == ("new", metadata, ts)
    assert message.edited


def test_an_update_of_text_alone_takes_the_blocks_away(town: Town) -> None:
    said = {"channel": town.kudos.id, "text": "short", "blocks": [section("Long")]}
    ts = town.answer("chat.postMessage", **said)["ts"]
    place = {"channel": town.kudos.id, "ts": ts}
    town.answer("chat.update", **place, blocks=[section("Longer")])
    message = town.engine.messages(town.kudos)[0]
    assert (message.text, message.reads()) == ("short", "Longer")
    town.answer("chat.update", **place, text="Only this")
    assert town.engine.messages(town.kudos)[0].reads() == "Only this"


def test_whoever_watches_hears_what_changes(town: Town) -> None:
    heard: list[tuple[str, str]] = []
    stop = town.engine.watch(lambda kind, key: heard.append((kind, key)))
    town.answer("chat.postMessage", channel=town.kudos.id, text="Hi")
    stop()
    town.engine.change_user(town.maria, title="Lead")
    assert heard == [("message", town.kudos.id)]


def test_only_ones_own_messages_can_be_changed(town: Town) -> None:
    message = town.engine.post(town.maria, town.kudos, "Mine")
    place = {"channel": town.kudos.id, "ts": message.ts}
    assert town.error("chat.update", **place, text="Yours") == "cant_update_message"
    assert town.error("chat.delete", **place) == "cant_delete_message"
    assert town.error("chat.update", channel=town.kudos.id, ts="1.2", text="x") == (
        "message_not_found"
    )
    assert town.engine.messages(town.kudos)[0].text == "Mine"


def test_a_deleted_message_is_gone(town: Town) -> None:
    ts = town.answer("chat.postMessage", channel=town.kudos.id, text="x")["ts"]
    town.answer("chat.delete", channel=town.kudos.id, ts=ts)
    assert town.engine.messages(town.kudos) == []
    assert town.error("chat.delete", channel=town.kudos.id, ts=ts) == "message_not_found"


def test_an_ephemeral_message_is_seen_by_one_person_of_the_channel(town: Town) -> None:
    ana = town.engine.add_user("ana")
    said = {"channel": town.kudos.id, "text": "Only you"}
    assert town.answer("chat.postEphemeral", user=town.maria.id, **said)["message_ts"]
    assert town.error("chat.postEphemeral", user=ana.id, **said) == "user_not_in_channel"
    assert town.error("chat.postEphemeral", user="U0NOBODY", **said) == "user_not_found"
    assert [m.text for m in town.engine.ephemerals(town.maria)] == ["Only you"]
    assert town.engine.ephemerals(town.tom) == []
    assert town.engine.messages(town.kudos) == []


def test_history_is_found_by_metadata_page_by_page(town: Town) -> None:
    town.engine.limits.enabled = False
    for number in range(5):
        town.pass_time(seconds=1)
        town.client.chat_postMessage(
            channel=town.kudos.id,
            text=str(number),
            metadata={"event_type": "n", "event_payload": {"number": number}},
        )
    seen, cursor = [], ""
    while True:
        page = town.answer(
            "conversations.history",
            channel=town.kudos.id,
            limit=2,
            cursor=cursor,
            include_all_metadata=True,
            oldest=str(START.timestamp() + 2.5),
        )
        seen += [m["metadata"]["event_payload"]["number"] for m in page["messages"]]
        cursor = page.get("response_metadata", {}).get("next_cursor", "")
        if not cursor:
            break
    assert seen == [4, 3, 2]
    plain = town.answer("conversations.history", channel=town.kudos.id)["messages"]
    assert "metadata" not in plain[0]
    town.engine.scopes -= {"channels:history"}
    assert town.error("conversations.history", channel=town.kudos.id) == "missing_scope"


def test_answers_in_a_thread_are_read_as_a_thread(town: Town) -> None:
    town.engine.limits.enabled = False
    ts = town.answer("chat.postMessage", channel=town.kudos.id, text="Root")["ts"]
    town.answer("chat.postMessage", channel=town.kudos.id, text="Reply", thread_ts=ts)
    root = town.engine.messages(town.kudos)
    assert [m.text for m in root] == ["Root"]
    assert [m.text for m in town.engine.thread(root[0])] == ["Reply"]
    replies = town.answer("conversations.replies", channel=town.kudos.id, ts=ts)["messages"]
    assert [m["text"] for m in replies] == ["Root", "Reply"]


def test_people_are_listed_by_pages_with_bots_and_those_who_left(town: Town) -> None:
    town.engine.deactivate(town.tom)
    town.engine.limits.enabled = False
    seen, cursor = [], ""
    while True:
        page = town.answer("users.list", limit=2, cursor=cursor, include_locale=True)
        seen += page["members"]
        cursor = page["response_metadata"]["next_cursor"]
        if not cursor:
            break
    by_name = {member["name"]: member for member in seen}
    assert set(by_name) == {"herald", "slackbot", "maria", "tom"}
    assert by_name["maria"]["locale"] == "pt-PT"
    assert by_name["tom"]["deleted"] is True
    assert "tz" not in by_name["tom"]
    assert by_name["herald"]["is_bot"] is True
    assert town.error("users.list", cursor="made up") == "invalid_cursor"


def test_a_large_workspace_must_be_listed_by_pages(town: Town) -> None:
    for number in range(5000):
        town.engine.add_user(f"person{number}")
    assert town.error("users.list") == "limit_required"
    assert len(town.answer("users.list", limit=999)["members"]) == 999


def test_an_email_needs_its_own_scope(town: Town) -> None:
    shown = town.answer("users.info", user=town.maria.id)["user"]["profile"]
    assert shown["email"] == "maria@example.com"
    town.engine.scopes -= {"users:read.email"}
    assert "email" not in town.answer("users.info", user=town.maria.id)["user"]["profile"]
    assert town.error("users.info", user="U0NOBODY") == "user_not_found"


def test_a_custom_profile_field_is_read_by_its_id(town: Town) -> None:
    field = town.engine.add_profile_field("Started", kind="date")
    ana = town.engine.add_user("ana", profile_fields={field: "2014-03-02"})
    known = town.answer("team.profile.get")["profile"]["fields"]
    assert [(f["id"], f["label"], f["type"]) for f in known] == [(field, "Started", "date")]
    profile = town.answer("users.profile.get", user=ana.id, include_labels=True)["profile"]
    assert profile["fields"][field] == {"value": "2014-03-02", "alt": "", "label": "Started"}


def test_a_token_of_an_organisation_names_the_workspace_that_it_asks_about(town: Town) -> None:
    engine = town.engine
    engine.oauth.enterprise, engine.oauth.beside = ("E1", "Acme Group"), {"T9GLOBEX": "Globex"}
    engine.workspace.grants[engine.bot_token].organisation = True
    engine.change_user(town.tom, team="T9GLOBEX")
    for method in ("users.list", "conversations.list", "usergroups.list"):
        assert town.error(method) == "missing_argument"
        assert town.error(method, team_id="T8OTHER") == "team_access_not_granted"
    assert town.error("usergroups.users.list", usergroup="S1") == "missing_argument"
    teams = [team["id"] for team in town.answer("auth.teams.list")["teams"]]
    assert teams == [engine.workspace.team_id, "T9GLOBEX"]
    members = town.answer("users.list", team_id="T9GLOBEX")["members"]
    found = {user["id"]: user.get("enterprise_user", {}) for user in members}
    assert found[town.tom.id]["teams"] == ["T9GLOBEX"]
    assert found[town.tom.id]["enterprise_id"] == "E1"
    assert town.maria.id not in found


def test_user_groups_tell_their_members(town: Town) -> None:
    group = town.engine.add_group("platform", members=[town.maria, town.tom])
    listed = town.answer("usergroups.list", include_users=True)["usergroups"]
    assert listed[0]["users"] == [town.maria.id, town.tom.id]
    assert town.answer("usergroups.users.list", usergroup=group.id)["users"] == listed[0]["users"]
    town.engine.change_group(group, disabled=True)
    assert town.answer("usergroups.list")["usergroups"] == []
    assert town.error("usergroups.users.list", usergroup=group.id) == "no_such_subteam"


def test_conversations_are_listed_by_kind_and_joined(town: Town) -> None:
    engine = town.engine
    random = engine.add_channel("random", bot_member=False)
    engine.add_channel("secret", private=True, bot_member=False)
    engine.add_channel("board", private=True)
    names = [
        [c["name"] for c in town.answer("conversations.list", types=types)["channels"]]
        for types in ("public_channel", "private_channel")
    ]
    assert names == [["kudos", "random"], ["board"]]
    assert town.answer("conversations.info", channel=random.id)["channel"]["is_member"] is False
    assert town.answer("conversations.join", channel=random.id)["channel"]["is_member"] is True
    members = town.answer("conversations.members", channel=random.id)["members"]
    assert members == [engine.bot.id]


def test_opening_a_conversation_twice_gives_the_same(town: Town) -> None:
    first = town.answer("conversations.open", users=town.maria.id)["channel"]["id"]
    assert town.answer("conversations.open", users=town.maria.id)["channel"]["id"] == first
    assert town.error("conversations.open", users="U0NOBODY") == "user_not_found"


def test_a_permalink_leads_to_the_message(town: Town) -> None:
    message = town.engine.post(town.maria, town.kudos, "Look")
    where = {"channel": town.kudos.id, "message_ts": message.ts}
    link = town.answer("chat.getPermalink", **where)["permalink"]
    assert link == town.engine.permalink(message)
    assert link.endswith(f"/archives/{town.kudos.id}/p{message.ts.replace('.', '')}")


def test_a_reaction_is_added_once(town: Town) -> None:
    message = town.engine.post(town.maria, town.kudos, "Look")
    where = {"channel": town.kudos.id, "timestamp": message.ts, "name": "tada"}
    assert town.answer("reactions.add", **where)["ok"]
    assert town.error("reactions.add", **where) == "already_reacted"


def _trigger(town: Town) -> str:
    town.answering()
    return town.engine.command(town.maria, "/form", channel=town.kudos).trigger_id


def test_a_trigger_opens_one_modal_within_three_seconds(town: Town) -> None:
    trigger = _trigger(town)
    town.pass_time(seconds=3)
    assert town.answer("views.open", trigger_id=trigger, view=modal())["ok"]
    assert town.error("views.open", trigger_id=trigger, view=modal()) == "exchanged_trigger_id"
    late = _trigger(town)
    town.engine.advance(timedelta(seconds=3, milliseconds=1))
    assert town.error("views.open", trigger_id=late, view=modal()) == "expired_trigger_id"
    assert town.error("views.open", trigger_id="1.2.3", view=modal()) == "invalid_trigger_id"


def test_a_malformed_modal_does_not_use_the_trigger_up(town: Town) -> None:
    trigger = _trigger(town)
    assert town.error("views.open", trigger_id=trigger, view=home()) == "invalid_arguments"
    assert town.answer("views.open", trigger_id=trigger, view=modal())["ok"]


def test_an_update_by_an_old_hash_conflicts(town: Town) -> None:
    view = town.answer("views.open", trigger_id=_trigger(town), view=modal())["view"]
    known = {"view_id": view["id"], "hash": view["hash"]}
    assert town.answer("views.update", **known, view=modal(section("Two")))["ok"]
    assert town.error("views.update", **known, view=modal(section("Three"))) == "hash_conflict"
    shown = town.engine.view(town.maria)
    assert shown is not None
    assert "Two" in shown.reads()
    assert town.error("views.update", view_id="V0GONE", view=modal()) == "not_found"


def test_a_home_tab_is_published_for_each_person(town: Town) -> None:
    view = town.answer("views.publish", user_id=town.maria.id, view=home(section("Hi Maria")))
    shown = town.engine.home(town.maria)
    assert shown is not None
    assert shown.reads() == "Hi Maria"
    assert town.engine.home(town.tom) is None
    again = {"user_id": town.maria.id, "view": home(section("Again"))}
    assert town.error("views.publish", hash="1.old", **again) == "hash_conflict"
    assert town.answer("views.publish", hash=view["view"]["hash"], **again)["ok"]
    assert town.error("views.publish", user_id="U0NOBODY", view=home(section("x"))) == (
        "user_not_found"
    )
