"""What an admin is told about what could not be sent."""

import socket
import ssl
from urllib.error import URLError

import pytest

from bot.delivery import SlackTroubleError, explain
from bot.delivery.trouble import ask, trouble_of, trouble_of_status
from bot.kept_alive import KeptAlive, NotConnectedError


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("channel_not_found", "LAUREL_FEED_CHANNEL"),
        ("not_in_channel", "/invite"),
        ("is_archived", "unarchive"),
        ("token_revoked", "SLACK_BOT_TOKEN"),
        ("account_inactive", "SLACK_BOT_TOKEN"),
        ("missing_scope", "laurel manifest"),
        ("cannot_dm_bot", "nothing to do"),
        ("gave_up:unreachable", "24 hours"),
        ("gave_up:unreachable", "check the network"),
        ("internal:KeyError", "mistake in Laurel"),
        ("something_new", "`something_new`"),
    ],
)
def test_what_stays_broken_comes_with_what_to_do(error: str, words: str) -> None:
    advice = explain(error)
    assert advice.permanent
    assert words in advice.sentence


@pytest.mark.parametrize(
    "error",
    ["invalid_auth", "token_revoked", "account_inactive", "missing_scope", "gave_up:token_expired"],
)
def test_where_workspaces_install_the_app_they_are_sent_there(error: str) -> None:
    advice = explain(error, install_url="https://laurel.example/slack/install")
    assert advice.permanent
    assert "again" in advice.sentence
    assert " at https://laurel.example/slack/install, then run `laurel" in advice.sentence
    assert "SLACK_BOT_TOKEN" not in advice.sentence


@pytest.mark.parametrize(
    "error",
    [
        "not_installed",
        "ratelimited",
        "internal_error",
        "http_502",
        "garbage",
        "no_answer",
        "unreachable",
        "expired_trigger_id",
        "hash_conflict",
    ],
)
def test_what_passes_by_itself_is_tried_again(error: str) -> None:
    assert not explain(error).permanent


def test_where_no_connection_came_about_nothing_can_have_been_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        client = KeptAlive("xoxb-1", base_url=url, retry_handlers=[], timeout=0.2)
        with pytest.raises(SlackTroubleError) as trouble:
            ask(lambda: client.chat_postMessage(channel="C1", text="Hi"))
    assert (trouble.value.code, trouble.value.in_doubt) == ("unreachable", False)


@pytest.mark.parametrize(
    ("problem", "in_doubt"),
    [
        (URLError(ConnectionResetError()), True),
        (URLError(TimeoutError()), True),
        (URLError(ConnectionRefusedError()), False),
        (URLError(socket.gaierror()), False),
        (URLError(ssl.SSLCertVerificationError()), False),
        (NotConnectedError(TimeoutError()), False),
    ],
)
def test_what_broke_before_an_answer_came_may_have_been_sent_unless_it_cannot_have_been(
    problem: URLError, in_doubt: bool
) -> None:
    trouble = trouble_of(problem)

    assert (trouble.code, trouble.in_doubt) == ("unreachable", in_doubt)


@pytest.mark.parametrize(
    ("named", "seconds"),
    [("7", 7), ("0", 1), ("-5", 1), ("1e99", 3600), ("inf", 3600), ("nan", 3600), ("soon", 30)],
)
def test_a_pause_is_kept_as_named_but_for_what_no_clock_can_hold(named: str, seconds: int) -> None:
    assert trouble_of_status(429, {"Retry-After": named}).retry_after == seconds
