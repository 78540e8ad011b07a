"""What people do in the workspace, what the app hears of it, and what they see."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from slack_sdk.webhook import WebhookClient

from bot.playground import CannotActError, Outcome
from tests.playground.conftest import Town
from tests.playground.pieces import (
    PNG,
    actions,
    button,
    entry,
    home,
    modal,
    option,
    plain,
    section,
    text_field,
)


def _form(body: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}


def _payload(body: str) -> dict[str, Any]:
    found = json.loads(_form(body)["payload"])
    assert isinstance(found, dict)
    return found


def test_names_that_slack_knows_arrive_as_mentions(town: Town) -> None:
    town.engine.add_group("platform", members=[town.tom], id="S0PLATFORM")
    heard = town.answering()
    typed = "@maria, @platform #kudos @nobody & <b> tom@example.com https://example.com"
    town.engine.command(town.tom, "/award", f"  {typed} ", channel=town.kudos)
    assert _form(heard[0][0])["text"] == (
        f"<@{town.maria.id}|maria>, <!subteam^S0PLATFORM|@platform> <#{town.kudos.id}|kudos>"
        " @nobody &amp; &lt;b&gt; <mailto:tom@example.com|tom@example.com> <https://example.com>"
    )


def test_without_escaping_the_text_arrives_as_typed(town: Town) -> None:
    heard = town.answering()
    town.engine.command(town.tom, "/award", "@maria & co", channel=town.kudos, escape=False)
    form = _form(heard[0][0])
    assert form["text"] == "@maria & co"
    assert (form["command"], form["user_id"], form["channel_name"]) == (
        "/award",
        town.tom.id,
        "kudos",
    )


def test_a_plain_answer_is_seen_by_the_person_alone(town: Town) -> None:
    town.answering(body="Well done")
    outcome = town.engine.command(town.tom, "/award", channel=town.kudos)
    assert outcome.acknowledged
    assert (outcome.text, outcome.reads()) == ("Well done", "Well done")
    assert town.engine.ephemerals(town.tom) == [outcome.message]
    assert town.engine.messages(town.kudos) == []


def test_an_answer_in_the_channel_is_seen_by_all(town: Town) -> None:
    town.answering(body=json.dumps({"response_type": "in_channel", "text": "Hear <@U1|you>"}))
    town.engine.command(town.tom, "/award", channel=town.kudos)
    assert [m.reads() for m in town.engine.messages(town.kudos)] == ["Hear @you"]


def test_a_malformed_answer_is_a_failure_that_the_person_sees(town: Town) -> None:
    town.answering(body=json.dumps({"blocks": [{"type": "poem"}]}))
    outcome = town.engine.command(town.tom, "/award", channel=town.kudos)
    assert outcome.problem == "invalid_blocks"
    assert outcome.message is None


def test_an_app_that_fails_is_a_failure_that_the_person_sees(town: Town) -> None:
    town.answering(status=500)
    outcome = town.engine.command(town.tom, "/award", channel=town.kudos)
    assert (outcome.status, outcome.problem) == (500, "dispatch_failed")
    assert "did not respond" in outcome.reads()
    town.engine.connect(None)
    assert town.engine.command(town.tom, "/award", channel=town.kudos).status is None


def test_one_command_delivered_three_times_is_the_same_request(town: Town) -> None:
    heard = town.answering(body="Once")
    outcome = town.engine.command(town.tom, "/award", channel=town.kudos, deliver_times=3)
    assert len({body for body, _ in heard}) == 1
    assert [answer.status for answer in outcome.repeats] == [200, 200]
    assert len(town.engine.ephemerals(town.tom)) == 1


def test_who_left_or_is_not_in_a_private_channel_cannot_act(town: Town) -> None:
    board = town.engine.add_channel("board", private=True)
    with pytest.raises(CannotActError, match="not in board"):
        town.engine.command(town.tom, "/award", channel=board)
    town.engine.deactivate(town.tom)
    with pytest.raises(CannotActError, match="deactivated"):
        town.engine.command(town.tom, "/award", channel=town.kudos)


def _respond(outcome: Outcome, **payload: Any) -> tuple[int, str]:
    response = WebhookClient(outcome.response_url).send_dict(payload)
    return response.status_code, str(response.body)


def test_a_response_url_takes_five_answers(town: Town) -> None:
    town.answering()
    outcome = town.engine.command(town.tom, "/award", channel=town.kudos)
    for number in range(5):
        assert _respond(outcome, text=str(number)) == (200, "ok")
    status, body = _respond(outcome, text="one more")
    assert (status, json.loads(body)["error"]) == (404, "used_url")
    assert [m.text for m in town.engine.ephemerals(town.tom)] == ["0", "1", "2", "3", "4"]


def test_a_response_url_lives_half_an_hour(town: Town) -> None:
    town.answering()
    outcome = town.engine.command(town.tom, "/award", channel=town.kudos)
    town.pass_time(minutes=30)
    assert _respond(outcome, text="in time")[0] == 200
    town.pass_time(seconds=1)
    status, body = _respond(outcome, text="late")
    assert (status, json.loads(body)["error"]) == (404, "expired_url")


def test_a_response_url_refuses_malformed_blocks_and_goes_on(town: Town) -> None:
    town.answering()
    outcome = town.engine.command(town.tom, "/award", channel=town.kudos)
    status, body = _respond(outcome, blocks=[{"type": "poem"}], text="x")
    assert (status, json.loads(body)["error"]) == (404, "invalid_blocks")
    assert _respond(outcome, text="Better", response_type="in_channel")[0] == 200
    assert [m.text for m in town.engine.messages(town.kudos)] == ["Better"]


def test_a_click_replaces_and_deletes_the_message_it_was_on(town: Town) -> None:
    blocks = [section("Given"), actions(button("Undo", "undo", "A-1"))]
    town.answering(body=json.dumps({"text": "Given", "blocks": blocks}))
    shown = town.engine.command(town.tom, "/award", channel=town.kudos).message
    heard = town.answering()
    outcome = town.engine.click(town.tom, "undo", ephemeral=shown)
    payload = _payload(heard[0][0])
    assert payload["actions"][0]["value"] == "A-1"
    assert payload["container"]["is_ephemeral"] is True
    assert "message" not in payload
    _respond(outcome, text="Taken back", replace_original=True)
    assert [m.reads() for m in town.engine.ephemerals(town.tom)] == ["Taken back"]
    _respond(outcome, delete_original=True)
    assert town.engine.ephemerals(town.tom) == []


def test_a_button_is_found_by_what_it_says(town: Town) -> None:
    blocks = [actions(button("Yes", "answer_yes"), button("No", "answer_no"))]
    town.client.chat_postMessage(channel=town.kudos.id, text="?", blocks=blocks)
    heard = town.answering()
    town.engine.click(town.maria, text="No", times=2)
    clicks = [_payload(body) for body, _ in heard]
    assert [click["actions"][0]["action_id"] for click in clicks] == ["answer_no", "answer_no"]
    assert clicks[0]["trigger_id"] != clicks[1]["trigger_id"]
    assert clicks[0]["message"]["text"] == "?"
    with pytest.raises(CannotActError, match="Maybe"):
        town.engine.click(town.maria, text="Maybe")


def test_nobody_clicks_in_what_only_someone_else_sees(town: Town) -> None:
    blocks = [actions(button("Undo", "undo"))]
    town.answering(body=json.dumps({"text": "x", "blocks": blocks}))
    shown = town.engine.command(town.tom, "/award", channel=town.kudos).message
    with pytest.raises(CannotActError):
        town.engine.click(town.maria, "undo", ephemeral=shown)


def _open(town: Town, view: dict[str, Any]) -> list[tuple[str, dict[str, list[str]]]]:
    heard = town.answering()
    trigger = town.engine.command(town.maria, "/form", channel=town.kudos).trigger_id
    town.client.views_open(trigger_id=trigger, view=view)
    heard.clear()
    return heard


EVERY_INPUT = [
    entry("why", text_field("words")),
    entry("mail", {"type": "email_text_input", "action_id": "mail_address"}, optional=True),
    entry("count", {"type": "number_input", "action_id": "n", "is_decimal_allowed": False}),
    entry(
        "badge",
        {
            "type": "static_select",
            "action_id": "one",
            "options": [option("gold"), option("silver")],
            "initial_option": option("gold"),
        },
    ),
    entry(
        "badges",
        {
            "type": "multi_static_select",
            "action_id": "many",
            "options": [option("gold"), option("silver")],
        },
    ),
    entry("who", {"type": "multi_users_select", "action_id": "people"}),
    entry("boss", {"type": "users_select", "action_id": "person"}),
    entry("where", {"type": "conversations_select", "action_id": "place"}),
    entry("room", {"type": "channels_select", "action_id": "channel"}),
    entry("day", {"type": "datepicker", "action_id": "date"}),
    entry("hour", {"type": "timepicker", "action_id": "time"}),
    entry("extras", {"type": "checkboxes", "action_id": "ticks", "options": [option("quiet")]}),
    entry("kind", {"type": "radio_buttons", "action_id": "dot", "options": [option("public")]}),
    entry("art", {"type": "file_input", "action_id": "art_file"}),
]


def test_every_kind_of_input_arrives_as_slack_writes_it(town: Town) -> None:
    heard = _open(town, modal(*EVERY_INPUT))
    file = town.engine.upload(town.maria, "star.png", PNG)
    outcome = town.engine.submit(
        town.maria,
        values={
            "why": "Great",
            "n": 3,
            "badges": ["silver", "Gold"],
            "who": [town.maria, town.tom],
            "boss": town.tom,
            "where": town.kudos,
            "room": town.kudos,
            "day": "2026-03-02",
            "hour": "09:30",
            "extras": ["quiet"],
            "kind": "public",
            "art": [file],
        },
    )
    assert outcome.errors == {}
    values = _payload(heard[0][0])["view"]["state"]["values"]
    assert values["why"]["words"] == {"type": "plain_text_input", "value": "Great"}
    assert values["mail"]["mail_address"] == {"type": "email_text_input", "value": None}
    assert values["count"]["n"] == {"type": "number_input", "value": "3"}
    assert values["badge"]["one"]["selected_option"]["value"] == "gold"
    chosen = values["badges"]["many"]["selected_options"]
    assert [chosen_option["value"] for chosen_option in chosen] == ["silver", "gold"]
    assert values["who"]["people"]["selected_users"] == [town.maria.id, town.tom.id]
    assert values["boss"]["person"]["selected_user"] == town.tom.id
    assert values["where"]["place"]["selected_conversation"] == town.kudos.id
    assert values["room"]["channel"]["selected_channel"] == town.kudos.id
    assert values["day"]["date"]["selected_date"] == "2026-03-02"
    assert values["hour"]["time"]["selected_time"] == "09:30"
    assert [o["value"] for o in values["extras"]["ticks"]["selected_options"]] == ["quiet"]
    assert values["kind"]["dot"]["selected_option"]["value"] == "public"
    assert values["art"]["art_file"]["files"][0]["id"] == file.id


def test_what_slack_checks_itself_never_reaches_the_app(town: Town) -> None:
    heard = _open(
        town,
        modal(
            entry("why", text_field("words", min_length=3)),
            entry("count", {"type": "number_input", "action_id": "n", "is_decimal_allowed": False}),
            entry("who", {"type": "users_select", "action_id": "person"}),
        ),
    )
    outcome = town.engine.submit(town.maria, values={"why": "ab", "count": "two"})
    assert set(outcome.errors) == {"why", "count", "who"}
    assert outcome.status is None
    assert heard == []


def test_only_what_a_menu_offers_can_be_chosen(town: Town) -> None:
    _open(town, modal(*EVERY_INPUT))
    with pytest.raises(CannotActError, match="bronze"):
        town.engine.submit(town.maria, values={"badge": "bronze"})


def test_errors_of_the_app_stand_at_their_field(town: Town) -> None:
    _open(town, modal(entry("why", text_field("words"))))
    answer = {"response_action": "errors", "errors": {"why": "Say more."}}
    town.answering(body=json.dumps(answer))
    outcome = town.engine.submit(town.maria, values={"why": "x"})
    assert outcome.errors == {"why": "Say more."}
    assert outcome.reads() == "Say more."
    assert outcome.view is not None
    assert outcome.view.values["why"]["words"]["value"] == "x"


def test_errors_at_a_field_that_is_not_there_are_trouble(town: Town) -> None:
    _open(town, modal(entry("why", text_field("words"))))
    town.answering(body=json.dumps({"response_action": "errors", "errors": {"who": "No."}}))
    outcome = town.engine.submit(town.maria, values={"why": "x"})
    assert outcome.problem.startswith("invalid_response_action")
    assert town.engine.view(town.maria) is not None


def test_a_submission_updates_pushes_clears_or_closes(town: Town) -> None:
    engine = town.engine
    _open(town, modal(entry("why", text_field("words")), title="One"))
    two = modal(section("More"), title="Two")
    town.answering(body=json.dumps({"response_action": "push", "view": two}))
    pushed = engine.submit(town.maria, values={"why": "x"}).view
    assert pushed is not None
    assert pushed.title == "Two"
    assert [view.title for view in engine.views(town.maria)] == ["One", "Two"]
    three = modal(section("Changed"), title="Three")
    town.answering(body=json.dumps({"response_action": "update", "view": three}))
    updated = engine.submit(town.maria).view
    assert updated is not None
    assert (updated.title, updated.id) == ("Three", pushed.id)
    town.answering()
    below = engine.submit(town.maria).view
    assert below is not None
    assert below.title == "One"
    assert below.values["why"]["words"]["value"] == "x"
    town.answering(body=json.dumps({"response_action": "clear"}))
    assert engine.submit(town.maria).view is None
    assert engine.view(town.maria) is None


def test_three_views_stand_on_each_other_and_no_more(town: Town) -> None:
    buttons = actions(button("More", "more"))
    _open(town, modal(buttons))
    for _ in range(2):
        trigger = town.engine.click(town.maria, "more").trigger_id
        assert town.answer("views.push", trigger_id=trigger, view=modal(buttons))["ok"]
    trigger = town.engine.click(town.maria, "more").trigger_id
    code = town.error("views.push", trigger_id=trigger, view=modal(buttons))
    assert code == "push_limit_reached"
    assert len(town.engine.views(town.maria)) == 3


def test_an_impatient_person_submits_twice(town: Town) -> None:
    heard = _open(town, modal(entry("why", text_field("words"))))
    outcome = town.engine.submit(town.maria, values={"why": "x"}, times=2)
    assert len(heard) == 2
    assert len(outcome.repeats) == 1
    assert outcome.view is None


def test_closing_tells_the_app_only_where_it_asked(town: Town) -> None:
    heard = _open(town, modal(notify_on_close=True))
    town.engine.close(town.maria)
    assert _payload(heard[0][0])["type"] == "view_closed"
    heard = _open(town, modal())
    town.engine.close(town.maria)
    assert heard == []
    with pytest.raises(CannotActError, match="no modal"):
        town.engine.close(town.maria)


EXTERNAL = {"type": "multi_external_select", "action_id": "badges", "min_query_length": 2}


def test_typing_ahead_offers_what_the_app_finds(town: Town) -> None:
    _open(town, modal(entry("badge", EXTERNAL), entry("why", text_field("words"))))
    heard = town.answering(body=json.dumps({"options": [option("ping-pong", "Ping-Pong")]}))
    assert town.engine.type_ahead(town.maria, "badges", "p") == []
    assert heard == []
    offered = town.engine.type_ahead(town.maria, "badges", "pi")
    assert [o["value"] for o in offered] == ["ping-pong"]
    payload = _payload(heard[0][0])
    assert (payload["type"], payload["value"]) == ("block_suggestion", "pi")
    view = town.engine.view(town.maria)
    assert view is not None
    filled = town.engine.fill(view, {"badges": ["Ping-Pong"]})
    chosen = filled.values["badge"]["badges"]["selected_options"]
    assert [o["value"] for o in chosen] == ["ping-pong"]


def test_a_malformed_list_of_options_offers_nothing(town: Town) -> None:
    _open(town, modal(entry("badge", EXTERNAL)))
    town.answering(body=json.dumps({"options": [{"value": "no text"}]}))
    assert town.engine.type_ahead(town.maria, "badges", "pi") == []


def test_a_choice_is_told_where_the_block_dispatches(town: Town) -> None:
    element = {"type": "users_select", "action_id": "person"}
    heard = _open(
        town,
        modal(
            entry("who", element, dispatch_action=True),
            entry("boss", {**element, "action_id": "other"}),
        ),
    )
    town.engine.choose(town.maria, "other", users=town.tom)
    assert heard == []
    town.engine.choose(town.maria, "person", users=town.tom)
    payload = _payload(heard[0][0])
    assert payload["actions"][0]["selected_user"] == town.tom.id
    assert payload["view"]["state"]["values"]["boss"]["other"]["selected_user"] == town.tom.id


def test_what_was_entered_survives_an_update_of_the_view(town: Town) -> None:
    _open(town, modal(entry("why", text_field("words"))))
    view = town.engine.view(town.maria)
    assert view is not None
    town.engine.fill(view, {"why": "Kept"})
    more = modal(section("Preview"), entry("why", text_field("words")))
    town.client.views_update(view_id=view.id, view=more)
    after = town.engine.view(town.maria)
    assert after is not None
    assert after.values["why"]["words"]["value"] == "Kept"


def test_a_menu_in_a_message_tells_its_choice(town: Town) -> None:
    overflow = {"type": "overflow", "action_id": "menu", "options": [option("hide")]}
    block = {**section("Award"), "accessory": overflow}
    town.client.chat_postMessage(channel=town.kudos.id, text="x", blocks=[block])
    heard = town.answering()
    town.engine.choose(town.maria, "menu", option="hide")
    assert _payload(heard[0][0])["actions"][0]["selected_option"]["value"] == "hide"


def test_a_message_shortcut_carries_the_message(town: Town) -> None:
    message = town.engine.post(town.tom, town.kudos, "I fixed it")
    heard = town.answering()
    outcome = town.engine.message_shortcut(town.maria, "award_this", message)
    payload = _payload(heard[0][0])
    assert (payload["type"], payload["callback_id"]) == ("message_action", "award_this")
    assert payload["message"]["user"] == town.tom.id
    assert town.answer("views.open", trigger_id=outcome.trigger_id, view=modal())["ok"]


def test_a_global_shortcut_has_no_message(town: Town) -> None:
    heard = town.answering()
    town.engine.global_shortcut(town.maria, "award")
    assert _payload(heard[0][0])["type"] == "shortcut"


def test_opening_the_home_tab_is_an_event_with_the_view_shown(town: Town) -> None:
    heard = town.answering()
    town.client.views_publish(user_id=town.maria.id, view=home(section("Hello")))
    shown = town.engine.open_home(town.maria)
    event = json.loads(heard[0][0])["event"]
    assert (event["type"], event["user"], event["tab"]) == (
        "app_home_opened",
        town.maria.id,
        "home",
    )
    assert shown is not None
    assert event["view"]["id"] == shown.id


def test_a_message_tells_what_is_read_and_who_is_notified(town: Town) -> None:
    group = town.engine.add_group("platform")
    words = f"<@{town.maria.id}> and <!subteam^{group.id}> &lt;!channel&gt; <!here>"
    blocks = [section(words), actions({**button("Go", "go"), "text": plain("Go")})]
    town.client.chat_postMessage(channel=town.kudos.id, text="short", blocks=blocks)
    message = town.engine.messages(town.kudos)[0]
    assert message.reads() == "@Maria Silva and @platform <!channel> @here\nGo"
    assert message.pings() == {town.maria.id, group.id, "!here"}


def test_an_app_that_is_slow_is_told_to_have_been(town: Town) -> None:
    town.answering(body="Done")
    outcome = town.engine.command(town.tom, "/award", channel=town.kudos)
    assert 0 < outcome.acknowledged_in < 3
    assert town.engine.advance(timedelta(0)) == town.engine.clock.now()
