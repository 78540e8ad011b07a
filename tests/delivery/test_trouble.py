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
    "error", ["ratelimited", "internal_error", "http_502", "garbage", "no_answer", "unreachable"]
)
def test_what_passes_by_itself_is_tried_again(error: str) -> None:
    assert not explain(error).permanent
