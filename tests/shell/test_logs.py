"""Logs say what happened, in one line, and give nobody away."""

import io
import json
import logging
import re
import threading
from collections.abc import Iterator
from urllib.error import URLError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot import logs
from bot.logs import SoonHandler, redacted
from bot.parsing import AWARD_CODE
from tests.world import World


class Written(io.StringIO):
    """What was logged, to the last line."""

    def getvalue(self) -> str:
        logging.getLogger().handlers[0].flush()
        return super().getvalue()


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged as text."""
    yield from _logged("text")


@pytest.fixture
def json_lines() -> Iterator[io.StringIO]:
    """What is logged as JSON."""
    yield from _logged("json")


def _logged(log_format: str) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    sdk = logging.getLogger("slack_sdk")
    sdk_level = sdk.level
    stream = Written()
    logs.set_up(log_format, stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    sdk.setLevel(sdk_level)


def test_a_thing_that_happened_is_a_line_with_its_ids(lines: io.StringIO) -> None:
    logging.getLogger("x").info("delivery sent", extra={"kind": "announce", "note": "two words"})
    line = lines.getvalue()
    assert line.endswith('Z INFO delivery sent kind=announce note="two words"\n')
    assert line[:20].count(":") == 2


def test_nothing_can_begin_a_line_of_its_own(lines: io.StringIO) -> None:
    logging.getLogger("x").info("one\n2026 two", extra={"note": "three\n2026 four"})
    assert lines.getvalue().count("\n") == 1


def test_json_lines_hold_the_same_and_what_was_raised(json_lines: io.StringIO) -> None:
    try:
        raise ValueError("no xoxb-12-secret here")
    except ValueError:
        logging.getLogger("x").exception("job failed", extra={"job": "people", "times": 3})
    said = json.loads(json_lines.getvalue())
    assert (said["event"], said["level"], said["job"], said["times"]) == (
        "job failed",
        "ERROR",
        "people",
        3,
    )
    assert "ValueError" in said["raised"]
    assert "secret" not in json_lines.getvalue()


def test_what_slack_answered_is_not_quoted_by_its_own_client(
    world: World, lines: io.StringIO
) -> None:
    world.engine.weather.garbage("users.info", times=1)
    with pytest.raises(SlackApiError):
        world.laurel.client.users_info(user="UMARIA")
    with pytest.raises(URLError):
        WebClient(base_url="http://127.0.0.1:9/", retry_handlers=[]).api_test()
    assert lines.getvalue() == ""


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("token xoxb-123-456-abcDEF failed", "token xoxb-… failed"),
        ("xapp-1-A0-12-abc", "xapp-…"),
        ("xoxe.xoxp-1-abc", "xoxe.xoxp-…"),
        ("Authorization: Bearer abcdefgh1234", "Authorization: Bearer …"),
        ("POST https://hooks.slack.com/actions/T1/2/abc", "POST https://hooks.slack.com/actions/…"),
        ("wss://wss-primary.slack.com/link/?ticket=abc&app_id=1", "ticket=…"),
        ("postgresql://laurel:hush@db/laurel", "postgresql://laurel:…@db/laurel"),
        ("asked for maria.silva+x@acme.example.", "asked for …@…."),
    ],
)
def test_tokens_and_addresses_are_left_out(text: str, left: str) -> None:
    assert left in redacted(text)
    for secret in ("456-abcDEF", "12-abc", "1-abc", "abcdefgh1234", "T1/2/abc", "hush", "maria"):
        assert secret not in redacted(text)


def test_tokens_in_extras_and_tracebacks_are_left_out_too(lines: io.StringIO) -> None:
    try:
        raise RuntimeError("Bearer xoxb-1-secret for tom@acme.example")
    except RuntimeError:
        logging.getLogger("x").exception("failed", extra={"error": "xapp-1-secret"})
    assert "RuntimeError" in lines.getvalue()
    assert "secret" not in lines.getvalue()
    assert "tom@" not in lines.getvalue()


@settings(max_examples=50, deadline=None)
@given(st.text(), st.from_regex(r"[A-Za-z0-9-]{6,30}", fullmatch=True))
def test_no_text_around_a_token_saves_it(around: str, token: str) -> None:
    assert f"xoxb-{token}" not in redacted(f"{around} xoxb-{token} {around}")


def test_awards_are_told_of_by_their_ids_and_nothing_else(world: World, lines: io.StringIO) -> None:
    given = world.command("tom", "/award", "@maria @yuki team-player Great final!").reads()
    first, second = sorted(AWARD_CODE.findall(given))
    world.command("tom", "/award", f"revoke {first} a mistake")
    world.click("tom", "award_undo")

    awarded, revoked, undone = lines.getvalue().splitlines()
    batch = re.escape(awarded.partition("batch=")[2].partition(" ")[0])
    assert re.fullmatch(rf"\S+Z INFO awarded batch={batch} awards=(\S+)", awarded)
    assert sorted(AWARD_CODE.findall(awarded)) == [first, second]
    assert revoked.endswith(f"Z INFO revoked award={first}")
    assert re.fullmatch(rf"\S+Z INFO undone batch={batch} awards={second}", undone)


class Noticed(io.StringIO):
    """Tells when something was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()

    def flush(self) -> None:
        self.written.set()


def say(handler: SoonHandler, words: str, level: int = logging.INFO) -> None:
    handler.handle(logging.makeLogRecord({"msg": words, "levelno": level}))


def test_a_warning_is_written_at_once_with_all_before_it_and_other_lines_soon() -> None:
    stream = Noticed()
    handler = SoonHandler(stream)
    say(handler, "one")
    say(handler, "two")
    say(handler, "three", logging.WARNING)
    assert stream.getvalue() == "one\ntwo\nthree\n"
    stream.written.clear()
    say(handler, "four")
    assert stream.written.wait(30)
    assert stream.getvalue().endswith("three\nfour\n")


def test_a_log_that_cannot_be_written_is_nobodys_trouble() -> None:
    stream = io.StringIO()
    handler = SoonHandler(stream)
    stream.close()
    say(handler, "nobody reads this", logging.WARNING)
