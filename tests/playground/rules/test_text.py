"""What people read, and who is notified."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.playground.rules import (
    Mentions,
    block_texts,
    mentions,
    message_mentions,
    message_text,
    visible_text,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Well done <@U1> and <@W2|tom>, <@U1>!", Mentions(users=("U1", "W2"))),
        ("see <#C1|general> and <#C2>", Mentions(channels=("C1", "C2"))),
        ("<!subteam^S1|@makers> <!subteam^S2>", Mentions(groups=("S1", "S2"))),
        (
            "<!here> <!channel|channel> <!everyone>",
            Mentions(broadcasts=("here", "channel", "everyone")),
        ),
        ("<!date^1800000000^{date}|that day> <https://x.test|@U1>", Mentions()),
        ("&lt;@U1&gt; &lt;!channel&gt; @here @maria <@ > <> <!> <@", Mentions()),
        ("", Mentions()),
    ],
)
def test_a_text_notifies_those_whom_it_marks(text: str, expected: Mentions) -> None:
    assert mentions(text) == expected


@given(st.text())
@settings(max_examples=100, deadline=None)
def test_escaped_text_notifies_nobody_and_reads_as_written(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert mentions(escaped) == Mentions()
    assert visible_text(escaped) == text


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Q&amp;A: 1 &lt; 2 &gt; 0", "Q&A: 1 < 2 > 0"),
        ("&amp;lt;", "&lt;"),
        ("<https://x.test/a?b=1&amp;c=2|the page>", "the page"),
        ("<https://x.test/a?b=1&amp;c=2>", "https://x.test/a?b=1&c=2"),
        ("<mailto:tom@x.test|Tom> <mailto:tom@x.test>", "Tom tom@x.test"),
        ("<@U1> <@U2|tom> <@U3>", "@Maria @tom @U3"),
        ("<#C1> <#C2|feed>", "#general #feed"),
        (
            "<!here> <!channel|channel> <!subteam^S1> <!subteam^S2|@makers>",
            "@here channel @S1 @makers",
        ),
        ("<!date^1800000000^{date}|a day>", "a day"),
        ("*bold* :tada:", "*bold* :tada:"),
    ],
)
def test_a_person_reads_labels_and_characters(text: str, read: str) -> None:
    assert visible_text(text, {"U1": "Maria", "C1": "general"}) == read


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


BLOCKS = [
    {"type": "header", "text": plain("An <award>")},
    {
        "type": "section",
        "text": {"type": "mrkdwn", "text": "<@U1> earned it"},
        "fields": [plain("Giver"), {"type": "mrkdwn", "text": "<@U2>"}],
        "accessory": {"type": "image", "image_url": "https://x.test/a.png", "alt_text": "A medal"},
    },
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "text": plain("Undo"),
                "accessibility_label": "Undo this award",
                "confirm": {
                    "title": plain("Sure?"),
                    "text": plain("It goes."),
                    "confirm": plain("Yes"),
                    "deny": plain("No"),
                },
            },
            {"type": "overflow", "options": [{"text": plain("Hide"), "value": "hide"}]},
        ],
    },
    {
        "type": "input",
        "label": plain("Reason"),
        "hint": plain("Seen by all"),
        "element": {
            "type": "plain_text_input",
            "placeholder": plain("Why?"),
            "initial_value": "Great!",
        },
    },
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "By <"},
                    {"type": "user", "user_id": "U3"},
                    {"type": "text", "text": "> in "},
                    {"type": "usergroup", "usergroup_id": "S1"},
                    {"type": "emoji", "name": "tada"},
                    {"type": "broadcast", "range": "here"},
                ],
            }
        ],
    },
    {"type": "table", "rows": [[{"type": "raw_text", "text": "Cell <@U9>"}]]},
    {"type": "image", "title": plain("Case"), "alt_text": "24 badges", "slack_file": {"id": "F1"}},
]
READ = [
    "An <award>",
    "@Maria earned it",
    "Giver",
    "@U2",
    "A medal",
    "Undo",
    "Undo this award",
    "Sure?",
    "It goes.",
    "Yes",
    "No",
    "Hide",
    "Reason",
    "Seen by all",
    "Why?",
    "Great!",
    "By <@U3> in @S1:tada:@here",
    "Cell <@U9>",
    "Case",
    "24 badges",
]


def test_blocks_are_read_in_order_with_labels_and_alternative_texts() -> None:
    assert block_texts(BLOCKS, {"U1": "Maria"}) == READ


def test_a_message_says_its_blocks_or_else_its_text() -> None:
    payload = {"text": "short", "blocks": BLOCKS}
    assert message_text(payload, {"U1": "Maria"}) == "\n".join(READ)
    assert message_text({"text": "Q&amp;A <@U1>", "blocks": []}) == "Q&A @U1"
    assert message_text({}) == ""


def test_a_whole_message_notifies_by_its_text_its_mrkdwn_and_its_rich_text() -> None:
    payload = {"text": "<@U1> <#C1>", "blocks": BLOCKS}
    assert message_mentions(payload) == Mentions(
        users=("U1", "U2", "U3"), channels=("C1",), groups=("S1",), broadcasts=("here",)
    )
