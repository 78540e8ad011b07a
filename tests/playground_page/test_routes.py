import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from .conftest import START, Town, home


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def field(block_id: str, element: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(block_id),
        "element": element,
    } | parts


def form(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "modal",
        "title": plain("Form"),
        "submit": plain("Send"),
        "blocks": list(blocks),
    }


TEXT = {"type": "plain_text_input", "action_id": "words"}
BUTTON = {"type": "button", "action_id": "go", "text": plain("Go"), "value": "7"}
BUTTONS = {
    "text": "Choose",
    "blocks": [
        {"type": "actions", "block_id": "one", "elements": [BUTTON | {"value": "first"}]},
        {"type": "actions", "block_id": "two", "elements": [BUTTON | {"value": "second"}]},
    ],
}


def payload_of(body: str) -> Any:
    from urllib.parse import parse_qs

    return json.loads(parse_qs(body)["payload"][0])


# -- looking ---------------------------------------------------------------------------------------


def test_the_page_and_its_parts_come_from_this_machine_alone(town: Town) -> None:
    with urlopen(town.engine.url + "/", timeout=30) as response:
        policy = response.headers["content-security-policy"]
        html = response.read().decode()
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "http://" not in html
    assert "https://" not in html
    for path in ("js/main.js", "css/base.css", "icons.svg"):
        with urlopen(f"{town.engine.url}/static/{path}", timeout=30) as response:
            assert response.status == 200


@pytest.mark.parametrize("path", ["static/../routes.py", "static/%2e%2e/routes.py", "fonts/x.otf"])
def test_nothing_else_of_the_machine_is_served(town: Town, path: str) -> None:
    with pytest.raises(HTTPError) as refused, urlopen(f"{town.engine.url}/{path}", timeout=30):
        pass
    refused.value.close()
    assert refused.value.code == 404


def test_a_person_sees_their_places_and_no_others(town: Town) -> None:
    town.engine.add_channel("secret", private=True, members=[town.tom])
    marias = {place["name"] for place in town.get("page/state", **{"as": "maria"})["places"]}
    toms = {place["name"] for place in town.get("page/state", **{"as": "tom"})["places"]}
    assert marias == {"general"}
    assert toms == {"general", "secret"}
    with pytest.raises(HTTPError) as refused:
        town.messages("maria", "secret")
    refused.value.close()
    assert refused.value.code == 404


def test_what_the_composer_completes_is_what_the_app_offers(town: Town) -> None:
    state = town.get("page/state")
    assert state["commands"] == [
        {"name": "/post", "description": "Post something", "usage": "[words]"}
    ]
    assert [step["title"] for step in state["steps"]] == ["Post"]
    assert [one["handle"] for one in state["people"] if one["id"] == state["me"]] == ["maria"]


def test_an_ephemeral_answer_is_seen_by_one_and_gone_when_dismissed(town: Town) -> None:
    town.answers.append({"text": "Only you"})
    assert town.act("maria", "command", channel="general", text="/post hello")["problem"] == ""
    (alone,) = town.messages("maria")
    assert (alone["text"], alone["ephemeral"]) == ("Only you", True)
    assert town.messages("tom") == []
    town.act("maria", "dismiss", ts=alone["ts"])
    assert town.messages("maria") == []


# -- acting ----------------------------------------------------------------------------------------


def test_people_write_answer_edit_and_delete(town: Town) -> None:
    ts = town.act("maria", "say", channel="general", text="Well done @tom & co")["ts"]
    town.act("tom", "say", channel="general", text="Thanks", thread=ts)
    (message,) = town.messages("maria")
    assert message["text"] == f"Well done <@{town.tom.id}|tom> &amp; co"
    assert message["answers"]["count"] == 1
    town.act("maria", "edit", channel="general", ts=ts, text="Well done")
    assert [(m["text"], m["edited"]) for m in town.messages("tom")] == [("Well done", True)]
    status, _ = town.post(
        "page/act", {"as": "tom", "verb": "delete", "channel": "general", "ts": ts}
    )
    assert status == 400
    town.act("maria", "delete", channel="general", ts=ts)
    assert town.messages("tom") == []


def test_a_command_nobody_knows_is_said_to_be_none(town: Town) -> None:
    town.act("maria", "command", channel="general", text="/pots hello")
    (said,) = town.messages("maria")
    assert said["text"] == "`/pots` is not a command that I know here."
    assert town.heard == []


def test_a_silent_app_is_told_to_whoever_typed(town: Town) -> None:
    town.engine.connect(None)
    town.act("maria", "command", channel="general", text="/post hello")
    (said,) = town.messages("maria")
    assert said["text"] == "`/post` failed because the app did not respond."


def test_a_deactivated_person_can_do_nothing(town: Town) -> None:
    town.engine.deactivate(town.tom)
    status, body = town.post(
        "page/act", {"as": "tom", "verb": "say", "channel": "general", "text": "Boo"}
    )
    assert (status, body["error"]) == (400, "tom is deactivated")


def test_of_two_buttons_with_one_name_the_one_meant_is_pressed(town: Town) -> None:
    town.answers.append(BUTTONS)
    town.act("maria", "command", channel="general", text="/post")
    (message,) = town.messages("maria")
    town.act("maria", "use", channel="general", ts=message["ts"], block_id="two", action_id="go")
    assert payload_of(town.heard[-1])["actions"][0]["value"] == "second"


def test_a_form_keeps_what_is_typed_and_shows_errors_at_fields(town: Town) -> None:
    shown = town.view("maria", form(field("reason", TEXT)))
    about = {"view": shown["id"], "texts": {"reason": {"words": ""}}}
    assert town.act("maria", "submit", **about)["errors"] == {
        "reason": "Please complete this required field."
    }
    town.answers.append({"response_action": "errors", "errors": {"reason": "Say more."}})
    about["texts"]["reason"]["words"] = "Hm"
    assert town.act("maria", "submit", **about)["errors"] == {"reason": "Say more."}
    values = town.get("page/screen", **{"as": "maria"})["modals"][0]["values"]
    assert values["reason"]["words"]["value"] == "Hm"
    town.act("maria", "submit", **about)
    assert town.get("page/screen", **{"as": "maria"})["modals"] == []


def test_a_choice_is_told_to_the_app_only_where_it_wants_to_know(town: Town) -> None:
    people = {"type": "multi_users_select", "action_id": "who"}
    shown = town.view("maria", form(field("quiet", people), field("told", people | {"action_id": "whom"}, dispatch_action=True)))  # fmt: skip
    choice = {"view": shown["id"], "value": [town.tom.id]}
    town.act("maria", "use", block_id="quiet", action_id="who", **choice)
    assert town.heard == []
    town.act("maria", "use", block_id="told", action_id="whom", **choice)
    sent = payload_of(town.heard[-1])
    assert sent["actions"][0]["selected_users"] == [town.tom.id]
    assert sent["view"]["state"]["values"]["quiet"]["who"]["selected_users"] == [town.tom.id]


def test_a_menu_asks_the_app_as_one_types(town: Town) -> None:
    menu = {"type": "external_select", "action_id": "badge", "min_query_length": 1}
    shown = town.view("maria", form(field("badge", menu)))
    option = {"text": plain("Ping"), "value": "p"}
    town.answers.append({"options": [option]})
    about = {"view": shown["id"], "block_id": "badge", "action_id": "badge"}
    assert town.act("maria", "suggest", value="pi", **about) == {"options": [option]}
    town.act("maria", "use", value=option, **about)
    town.act("maria", "submit", view=shown["id"])
    sent = payload_of(town.heard[-1])
    assert sent["view"]["state"]["values"]["badge"]["badge"]["selected_option"] == option


def test_a_file_is_uploaded_into_a_form(town: Town) -> None:
    shown = town.view("maria", form(field("picture", {"type": "file_input", "action_id": "file"})))
    status, file = town.post(
        "page/upload?as=maria&name=a%20badge.png",
        b"\x89PNG\r\n\x1a\n1234",
        **{"content-type": "application/octet-stream"},
    )
    assert (status, file["name"]) == (200, "a badge.png")
    town.act("maria", "use", view=shown["id"], block_id="picture", action_id="file", value=[file["id"]])  # fmt: skip
    town.act("maria", "submit", view=shown["id"])
    sent = payload_of(town.heard[-1])
    assert sent["view"]["state"]["values"]["picture"]["file"]["files"][0]["filetype"] == "png"
    with urlopen(f"{town.engine.url}/page/files/{file['id']}", timeout=30) as response:
        assert response.headers["content-type"] == "image/png"


def test_a_file_is_shared_by_whoever_uploaded_it_and_nobody_else(town: Town) -> None:
    _, file = town.post("page/upload?as=maria&name=people.csv", b"Name", **{"content-type": "application/octet-stream"})  # fmt: skip
    saying = {"verb": "say", "channel": "general", "text": "Ours", "file": file["id"]}
    status, body = town.post("page/act", {"as": "tom", **saying})
    assert (status, body["error"]) == (400, "That file is not theirs.")
    town.act("maria", **saying)
    (said,) = town.messages("tom")
    assert said["text"] == "Ours"
    assert said["files"] == [{"id": file["id"], "title": "people.csv", "picture": False}]


def test_nobody_uses_another_persons_form(town: Town) -> None:
    shown = town.view("maria", form(field("reason", TEXT)))
    status, body = town.post("page/act", {"as": "tom", "verb": "submit", "view": shown["id"]})
    assert (status, body["error"]) == (400, "That is not open any more.")


def test_a_shortcut_carries_its_message(town: Town) -> None:
    ts = town.act("tom", "say", channel="general", text="I fixed it")["ts"]
    town.act("maria", "message_shortcut", channel="general", ts=ts, callback_id="keep")
    sent = payload_of(town.heard[-1])
    assert (sent["callback_id"], sent["message"]["text"]) == ("keep", "I fixed it")


# -- the Home tab ---------------------------------------------------------------------------------


def test_a_home_tab_is_asked_for_shown_used_and_shown_anew(town: Town) -> None:
    assert town.get("page/state")["app"]["home"] is True
    assert town.act("maria", "open_home") == {"view": None}
    assert json.loads(town.heard[-1])["event"]["type"] == "app_home_opened"
    town.publish("maria", home("Welcome"))
    (shown, nothing) = (town.get("page/screen", **{"as": who})["home"] for who in ("maria", "tom"))
    assert [block["type"] for block in shown["blocks"]] == ["header", "section", "actions", "image"]
    assert nothing is None
    town.act("maria", "use", view=shown["id"], block_id="more", action_id="go")
    sent = payload_of(town.heard[-1])
    assert (sent["actions"][0]["value"], sent["view"]["type"]) == ("7", "home")
    town.publish("maria", home("Thank you"))
    assert town.act("maria", "open_home")["view"]["blocks"][0]["text"]["text"] == "Thank you"


def test_nobody_uses_another_persons_home_tab(town: Town) -> None:
    town.publish("maria", home("Welcome"))
    shown = town.get("page/screen", **{"as": "maria"})["home"]
    status, _ = town.post("page/act", {"as": "tom", "verb": "use", "view": shown["id"], "block_id": "more", "action_id": "go"})  # fmt: skip
    assert status == 400


# -- time and weather ------------------------------------------------------------------------------


def test_time_moves_for_all_and_the_app_is_woken(town: Town) -> None:
    status, clock = town.post("page/clock", {"as": "tom", "words": "tomorrow 09:00"})
    tomorrow = datetime(2026, 3, 3, 8, tzinfo=UTC)  # nine in Berlin
    assert (status, datetime.fromisoformat(clock["now"])) == (200, tomorrow)
    assert town.moved == [datetime(2026, 3, 2, 12, tzinfo=UTC), tomorrow]


def test_a_journey_rests_on_every_day(town: Town) -> None:
    town.post("page/clock", {"as": "maria", "words": "in 1 year"})
    days = [moment.date() for moment in town.moved]
    assert sorted(set(days)) == [START.date() + timedelta(days=n) for n in range(366)]
    assert town.moved[-1] == datetime(2027, 3, 2, 9, tzinfo=UTC)


def test_days_worth_seeing_are_offered_in_ones_own_time(town: Town) -> None:
    offered = town.get("page/state", **{"as": "tom"})["journeys"]
    assert offered == [{"name": "The day after", "words": "2026-03-03 13:00"}]
    status, clock = town.post("page/clock", {"as": "tom", "words": offered[0]["words"]})
    assert (status, clock["now"][:16]) == (200, "2026-03-03T12:00")


def test_unreadable_time_is_answered_with_examples_and_moves_nothing(town: Town) -> None:
    status, body = town.post("page/clock", {"as": "tom", "words": "whenever"})
    assert status == 400
    assert "I can’t read “whenever” as a time." in body["error"]
    assert town.engine.clock.now() == START


@pytest.mark.parametrize(("key", "status"), [("busy", 429), ("broken", 500)])
def test_weather_meets_the_app_until_it_is_calm_again(town: Town, key: str, status: int) -> None:
    call = Request(f"{town.engine.api_url}api.test", b"{}", {"content-type": "application/json"})
    town.post("page/weather", {"key": key})
    assert town.get("page/state")["weather"]["now"] == key
    with pytest.raises(HTTPError) as refused, urlopen(call, timeout=30):
        pass
    refused.value.close()
    assert refused.value.code == status
    town.post("page/weather", {"key": "calm"})
    with urlopen(call, timeout=30) as response:
        assert response.status == 200


# -- the inspector ---------------------------------------------------------------------------------


def test_the_inspector_shows_both_ways_and_goes_on_from_a_number(town: Town) -> None:
    town.answers.append({"text": "Done"})
    town.act("maria", "command", channel="general", text="/post hello")
    first = town.get("page/traffic")
    (told,) = first["exchanges"]
    assert (told["direction"], told["name"], told["status"]) == ("to_app", "/post", 200)
    assert told["request"]["text"] == "hello"
    assert told["answer"] == {"text": "Done"}
    assert town.get("page/traffic", after=str(first["last"]))["exchanges"] == []


def test_a_refused_payload_shows_the_rule_it_broke(town: Town) -> None:
    town.answers.append({"text": "x", "blocks": [{"type": "header", "text": {"type": "mrkdwn", "text": "*no*"}}]})  # fmt: skip
    done = town.act("maria", "command", channel="general", text="/post")
    assert done["problem"] == "invalid_blocks"
    (told,) = town.get("page/traffic")["exchanges"]
    assert any("/blocks/0/text" in rule for rule in told["broken"])
    (said,) = town.messages("maria")
    assert said["text"] == "`/post` failed because Slack refused the answer: invalid_blocks."


# -- who may ask -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"origin": "null"},
    ],
)
def test_another_web_page_cannot_act_here(town: Town, headers: dict[str, str]) -> None:
    body = {"as": "maria", "verb": "say", "channel": "general", "text": "Boo"}
    status, _ = town.post("page/act", body, **headers)
    assert status == 403
    assert town.messages("maria") == []


def test_a_name_that_only_leads_to_this_machine_is_refused(town: Town) -> None:
    asked = Request(f"{town.engine.url}/page/state", headers={"host": "rebind.example"})
    with pytest.raises(HTTPError) as refused, urlopen(asked, timeout=30):
        pass
    refused.value.close()
    assert refused.value.code == 400


# -- live ------------------------------------------------------------------------------------------


def test_an_open_page_hears_of_a_change_at_once(town: Town) -> None:
    heard: list[Any] = []
    opened, told = threading.Event(), threading.Event()

    def listen() -> None:
        with urlopen(f"{town.engine.url}/page/events", timeout=30) as stream:
            for line in stream:
                if not line.startswith(b"data: "):
                    continue
                heard.extend(json.loads(line[6:]))
                opened.set()
                if heard:
                    told.set()
                    return

    listener = threading.Thread(target=listen)
    listener.start()
    assert opened.wait(30)
    town.act("maria", "say", channel="general", text="Hello")
    assert told.wait(30)
    listener.join(30)
    assert ["message", town.general.id] in heard


def test_another_web_page_cannot_steer_the_workspace_either(town: Town) -> None:
    status, _ = town.post("_control/clock", {"seconds": 60}, origin="https://evil.example")
    assert status == 403
    assert town.engine.clock.now() == START
    status, _ = town.post("_control/clock", {"seconds": 60})
    assert status == 200
