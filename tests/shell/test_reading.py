"""Requests as Slack sends them over HTTP, read."""

import json
from urllib.parse import parse_qsl, quote_plus, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.web.reading import form_fields, request_of
from tests.shell.conftest import Served
from tests.world import World

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    "reason",
    [
        "payload",
        "for the payload=100 of the rocket & its crew",
        'payload={"type":"block_actions"}',
        "100 % + 5 %41 ; a=b",
        "{curly}",
    ],
)
def test_a_reason_arrives_whatever_words_are_in_it(served: Served, reason: str) -> None:
    said = served.world.engine.command("maria", "/award", f"@tom team-player {reason}")
    assert "now has *Team Player*" in said.reads()
    served.world.deliver()
    assert reason in served.world.feed()[0].reads()


def test_a_command_about_payloads_is_read_over_a_websocket_too(world: World) -> None:
    assert (
        "now has *Team Player*"
        in world.command("maria", "/award", "@tom team-player payload").reads()
    )


# Whatever is typed, and what forms are made of all over.
@given(st.text() | st.text('ab=&%+;{"4141ü\\xuN \n\x00\ud800'))
@example("a=1&a=2&b&=c&&d=%E2%82%AC%zz%+x")
@example(r"a=\x41%5Cx41&\N=%25\&b=%c3\n")
def test_a_form_is_read_as_the_standard_library_reads_it(body: str) -> None:
    assert form_fields(body) == dict(parse_qsl(body, keep_blank_values=True))


@given(st.dictionaries(st.text(), st.text()))
def test_a_form_that_was_written_is_read_back(fields: dict[str, str]) -> None:
    assert form_fields(urlencode(fields)) == fields


def test_a_payload_is_read_out_of_its_form_and_an_event_as_it_is() -> None:
    payload = {"type": "block_actions", "actions": [{"action_id": "é & ü"}]}
    within = request_of(f"payload={quote_plus(json.dumps(payload))}", FORM)
    assert (within.body, within.mode, within.raw_body[:8]) == (payload, "http", "payload=")
    event = {"type": "event_callback", "event": {"type": "team_join"}}
    kind = {"content-type": "application/json; charset=utf-8"}
    assert request_of(json.dumps(event), kind).body == event


def within(payload: object) -> str:
    """A form with this payload."""
    return urlencode({"payload": json.dumps(payload)})


@pytest.mark.parametrize(
    "body",
    [
        "payload={",
        "payload=",
        "payload=NaN&x",
        "{",
        within([1]),
        within(None),
        within("command=%2Faward"),
        within(json.dumps({"type": "event_callback"})),
    ],
)
def test_what_is_no_payload_is_refused(body: str) -> None:
    with pytest.raises(ValueError, match=r"payload|Expecting"):
        request_of(body, FORM)
