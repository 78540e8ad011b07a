"""What stands in files, names and wishes pings nobody, links nowhere and formats nothing in what is said of it."""

from typing import Any
from uuid import UUID

import pytest

from bot.bulk_file import Refused
from bot.bulk_plan import Plan as Bulk
from bot.bulk_plan import Shown as Line
from bot.gifts import Awarded, Given, Left
from bot.grants import Limit
from bot.messages import bulk, confirmation, people_import, requests
from bot.messages.awards import Post
from bot.messages.message import Message
from bot.people_import.plans import Adjusted, Plan, Started, Stranger
from bot.requests.reading import Shown
from storage.requests import RequestRow
from tests.cast import NOW
from tests.messages.test_awards import badge, person

TYPED = "<!channel> @here <https://evil.example|Sign in>"
NAME = f"{TYPED} *loud*"
DAY = NOW.date()
LATER = (None, None, "")  # by whom and when it is decided, and in which words
NAMELESS = person(1, NAME)._replace(slack_id="")


def imported() -> Plan:
    row = Started(2, NAME, DAY, known_start=None, end=DAY)
    return Plan(
        people=9,
        new=[row],
        changed=[row],
        ended=[row],
        trusted=[row],
        adjusted=[Adjusted(3, NAME, ("the manager",))],
        strangers=[Stranger(4, NAME, TYPED, nearest=(NAME, NAME))],
        notes=[TYPED],
    )


def request(**changes: Any) -> Shown:
    """A wish for a colleague, by everybody's and everything's name."""
    wanted = badge(1, NAME)._replace(criteria=NAME)
    ids = {name: UUID(int=number) for number, name in enumerate(("id", "asker", "recipient"))}
    row = RequestRow(*ids.values(), wanted.id, wanted.version_id, TYPED, "open", NOW, *LATER)
    return Shown(row._replace(**changes), NAMELESS, NAMELESS, wanted, wanted, NAMELESS, False)


DECLINED = request(state="declined", decided_by=NAMELESS.id, decided_at=NOW, answer=TYPED)
SAID: dict[str, Message | Post] = {
    "a request": requests.asked(request(), fresh=True, awards=False),
    "a request to decide on": requests.to_decide(request()),
    "a request that was declined": requests.decided(DECLINED),
    "what the asker hears of it": requests.answer(DECLINED),
    "a preview of a file of people": people_import.previewed(imported(), NAME, value="x"),
    "what a file of people changed": people_import.imported(imported(), NAME),
    "a preview of an award to many": bulk.previewed(
        Bulk(
            first=[Line(2, NAMELESS, badge(1, NAME))],
            held=[Line(3, NAMELESS, badge(2, NAME))],
            refused=[Refused(4, f"I know nobody called {NAME}.")],
            badges={badge(1, NAME): 2, badge(2, NAME): 1},
        ),
        UUID(int=1),
        name=NAME,
        notes=[TYPED],
    ),
    "who cannot be awarded": confirmation.awarded(
        Awarded(
            (Given(NAMELESS, badge(1, NAME), "awarded", "A-0000001"),),
            UUID(int=1),
            left=(Left(Limit(5, "week"), 1, badge(1, NAME)),),
            refused=(TYPED,),
        ),
        refused=[TYPED],
        private=False,
        quiet=False,
    ),
}


def mrkdwn_in(part: Any) -> list[str]:
    """Every text of blocks in which Slack would read names, links and formatting."""
    if isinstance(part, list):
        return [text for one in part for text in mrkdwn_in(one)]
    if not isinstance(part, dict):
        return []
    if part.get("type") == "mrkdwn":
        return [part["text"]]
    return [text for one in part.values() for text in mrkdwn_in(one)]


@pytest.mark.parametrize("said", SAID.values(), ids=SAID)
def test_what_somebody_typed_is_shown_and_does_nothing(said: Message | Post) -> None:
    texts = [said.text, *mrkdwn_in(said.blocks)]

    assert any("&lt;!channel&gt;" in text for text in texts)
    for text in texts:
        assert not any(live in text for live in ("<!channel", "<https", "@here", "*loud*")), text
