"""What is said of awards to many stays within what Slack takes, however many and however long."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from bot.bulk_file import Refused
from bot.bulk_plan import Plan, Shown
from bot.messages import bulk, bulk_form, search
from bot.messages.fitting import MOST_CHARACTERS, characters
from bot.messages.search import About
from bot.playground import rules
from bot.searching import Asked, Found, Line
from storage.awards import AwardRow
from storage.badges import BadgeRow
from storage.people import PersonRow
from tests.cast import NOW

LONG = "*_`<&>" + "W" * 249
ID = UUID(int=2**128 - 1)
BADGE = BadgeRow(
    ID, "s" * 80, "flair", False, True, True, None, 0, ID, LONG, LONG, "", LONG, None, ""
)
PERSON = PersonRow(ID, "U0123456789", LONG, "UTC", "en-GB", True, False, False, True)
AWARD = AwardRow(
    ID,
    "A-7K3QX9M",
    ID,
    ID,
    ID,
    ID,
    ID,
    "&" * 500,
    True,
    False,
    False,
    NOW,
    NOW,
    None,
    None,
    None,
    False,
    "k",
)


def badge(number: int) -> BadgeRow:
    return BADGE._replace(id=UUID(int=number), version_id=UUID(int=number))


def plan(count: int) -> Plan:
    shown = [Shown(20_000, PERSON, badge(number)) for number in range(count)]
    return Plan(
        lines=[],
        first=shown[:12],
        held=shown,
        refused=[Refused(20_000, f"{LONG} is a guest.") for _ in range(count)],
        badges={badge(number): 20_000 for number in range(count)},
        notes=(LONG, LONG),
    )


@pytest.mark.parametrize("count", [0, 1, 5_000])
@pytest.mark.parametrize("bulk_id", [ID, None])
def test_the_preview(count: int, bulk_id: UUID | None) -> None:
    said = bulk.previewed(plan(count), bulk_id, name=LONG, notes=(LONG,) * 20)

    assert rules.check_message(said.payload(), surface="message", editing=True) is None
    assert characters(said.blocks) <= MOST_CHARACTERS


def test_what_is_said_on_the_way_and_at_the_end() -> None:
    for said in (
        bulk.running(0, 20_000),
        bulk.running(20_000, 20_000),
        bulk.finished(20_000, 20_000, ID, feed=["C0123456789"] * 20),
        bulk.finished(0, 20_000, ID, feed=()),
        bulk.taking_back(20_000),
        bulk.taken_back(20_000, undone=True),
        bulk.taken_back(1, undone=False),
    ):
        assert rules.check_message(said.payload(), surface="message", editing=True) is None


@pytest.mark.parametrize("badges", [1, 3, 5_000])
@pytest.mark.parametrize("people", [0, 1, bulk.MENTIONED])
def test_the_digest_mentions_as_many_as_slack_takes_and_counts_the_others(
    badges: int, people: int
) -> None:
    given = [(badge(number), 20_000, number % 2) for number in range(badges)]
    named = {given[0][0]: [PERSON] * people}

    post = bulk.digest(given, named, giver=PERSON, reason="&" * 500, card=_card)

    assert (
        rules.check_message(
            {"text": post.text, "blocks": post.blocks}, surface="message", editing=True
        )
        is None
    )
    assert characters(post.blocks) <= MOST_CHARACTERS
    mentions = sum(str(block).count("<@U0123456789>") for block in post.blocks)
    assert mentions == people
    assert f"{20_000 - people:,} {'others' if people else 'colleagues'}" in str(post.blocks)


def test_the_search_and_its_forms() -> None:
    line = Line(AWARD, BADGE, PERSON, PERSON, PERSON, True)
    gone = line._replace(award=AWARD._replace(revoked_at=NOW, revoke_reason="&" * 500))
    others = [
        one._replace(award=one.award._replace(id=UUID(int=number)))
        for number, one in enumerate([line] * 7)
    ]
    asked = Asked("U0123456789", ID.hex, "U0123456789", "2026-01-01", "2026-12-31", "x" * 90)
    found = Found(asked, PERSON, (gone, *others), "n" * 80, "o" * 80, NOW, PERSON, PERSON, BADGE)
    about = About(ID, asked.kept())
    views: list[dict[str, Any]] = [
        search.results(found),
        search.results(replace(found, lines=(), now=NOW - timedelta(days=1))),
        search.form(asked, badge=BADGE),
        search.revoke_form(line, about),
        search.revoke_form(line, about, everything=True, count=20_000),
        search.reason_form(line, about),
        search.badge_form(line, about),
        bulk_form.form(groups="@" + "g" * 500),
    ]
    for view in views:
        assert rules.check_view(view) is None
    for view in views[3:7]:
        assert About.read(view) == about


def _card(_badge: BadgeRow) -> dict[str, Any]:
    return {"slack_file": {"id": "F0123456789"}}
