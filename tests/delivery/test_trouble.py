"""What an admin is told about what could not be sent."""

import pytest

from bot.delivery import explain


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
    ],
)
def test_what_passes_by_itself_is_tried_again(error: str) -> None:
    assert not explain(error).permanent
