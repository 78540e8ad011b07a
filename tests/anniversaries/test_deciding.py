"""Who is told of a milestone, and how: decided when it is recorded, and again when it is sent."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest

from bot import milestones
from bot.milestones import Frame, Plan, may_be_told, plan
from bot.tenure import Policies, Spell
from storage.milestones import Recorded
from storage.nearing import Candidate
from storage.people import PersonRow
from storage.tenure import LOOK_NOW
from tests.cast import NOW

ID = UUID(int=1)
TODAY = NOW.date()  # Friday 20 November 2026, half past three
YEAR_AGO = date(2025, 11, 20)
MARIA = Candidate(
    id=ID,
    person_id=ID,
    started_on=YEAR_AGO,
    ended_on=None,
    source="entry",
    entered_at=datetime.min.replace(tzinfo=NOW.tzinfo),
    next_on=LOOK_NOW,
    timezone=None,
    active=True,
    guest=False,
    bot=False,
    slack_id="UMARIA",
    country=None,
    manager_id=None,
    choice=None,
    complex=False,
)
OPT_IN = {"unless_chosen": "nothing"}


def decided(
    who: dict[str, Any],
    policies: dict[str, Any],
    began: date = date(2020, 1, 1),
    on: date | None = None,
    recorded: Collection[Recorded] = (),
    **how: Any,
) -> list[Plan]:
    """What is decided about the milestones that somebody has reached."""
    candidate = MARIA._replace(**who)
    spells = [Spell(ID, candidate.started_on, candidate.ended_on)]
    frame = Frame(replace(Policies(), **policies), "UTC", NOW, began, on)
    plans, _next = plan(candidate, spells, recorded, frame, **how)
    return plans


def awarded(plans: list[Plan]) -> list[str]:
    return [str(one.length) for one in plans if one.award]


@pytest.mark.parametrize(
    ("who", "policies", "silent", "feed", "private"),
    [
        ({}, {}, "", True, False),
        ({"started_on": date(2026, 10, 21)}, {}, "", False, False),  # 30 days are not for the feed
        ({"ended_on": TODAY}, {}, "", True, False),
        ({"choice": "dm"}, {}, "", False, True),
        ({"choice": "feed"}, OPT_IN, "", True, False),
        ({"guest": True}, {"guests": True}, "", True, False),
        ({"started_on": date(2025, 11, 13)}, {}, "", True, False),  # a week late
        ({"started_on": date(2025, 11, 12)}, {}, milestones.LATE, False, False),
        (
            {"started_on": date(2025, 11, 18), "ended_on": date(2026, 11, 19)},
            {},
            milestones.LEFT,
            False,
            False,
        ),
        ({"bot": True}, {}, milestones.BOT, False, False),
        ({"active": False}, {}, milestones.GONE, False, False),
        ({"guest": True}, {}, milestones.GUEST, False, False),
        ({"choice": "nothing"}, {}, milestones.CHOSE, False, True),
        ({}, OPT_IN, milestones.UNASKED, False, True),
        ({"slack_id": None}, {}, milestones.NOT_IN_SLACK, False, False),
    ],
)
def test_who_is_told_of_what_is_reached(
    who: dict[str, Any], policies: dict[str, Any], silent: str, feed: bool, private: bool
) -> None:
    made = decided(who, policies)[-1]

    assert (made.silent, made.feed, made.dm, made.private) == (silent, feed, not silent, private)
    assert made.award is not MARIA._replace(**who).bot
    assert made.belated is (not silent and made.due.celebrated_on < TODAY)


@pytest.mark.parametrize(
    ("began", "on", "silent"),
    [
        (TODAY, None, ""),
        (date(2026, 11, 21), None, milestones.BEFORE),
        (date(2026, 11, 21), TODAY, ""),  # that day is asked for
    ],
)
def test_what_was_celebrated_before_laurel_began_is_past(
    began: date, on: date | None, silent: str
) -> None:
    assert decided({}, {}, began, on)[-1].silent == silent


@pytest.mark.parametrize(
    ("who", "began", "lengths"),
    [
        # Entered today: of what is past the highest, and what is reached today.
        ({"started_on": date(2023, 11, 20), "entered_at": NOW}, date(2020, 1, 1), ["2y", "3y"]),
        ({"choice": "nothing"}, date(2020, 1, 1), ["30d", "90d", "6m", "1y"]),
        ({"choice": "nothing"}, date(2026, 6, 1), ["6m", "1y"]),
    ],
)
def test_of_what_was_past_when_it_became_known_the_highest_is_awarded(
    who: dict[str, Any], began: date, lengths: list[str]
) -> None:
    assert awarded(decided(who, {}, began)) == lengths


def test_what_was_taken_back_is_decided_on_again_and_what_is_recorded_is_not() -> None:
    lines = [Recorded(ID, "1y", "withdrawn", 2), Recorded(ID, "6m", "silent", 0)]

    found = decided({}, {}, recorded=lines)

    assert [(str(one.length), one.again) for one in found] == [
        ("30d", None),
        ("90d", None),
        ("1y", 2),
    ]


def test_what_somebody_was_told_of_in_another_employment_is_neither_told_nor_awarded() -> None:
    made = decided({}, {}, told={"1y": UUID(int=2)})[-1]

    assert (made.silent, made.award, made.feed, made.dm) == (milestones.TOLD, False, False, False)


def test_whatever_is_still_told_of_late_is_among_what_is_recent() -> None:
    made = decided({"started_on": date(2025, 11, 13)}, {}, recent=True)

    assert [(str(one.length), one.belated) for one in made] == [("1y", True)]


@pytest.mark.parametrize(
    ("person", "asked", "policies", "told"),
    [
        ({}, {}, {}, ("", True, True)),
        ({}, {"ended_on": TODAY}, {}, ("", True, True)),
        ({}, {"choice": "dm"}, {}, ("", False, True)),
        ({}, {"choice": "feed"}, OPT_IN, ("", True, True)),
        ({"guest": True}, {}, {"guests": True}, ("", True, True)),
        ({}, {"ended_on": date(2026, 11, 19)}, {}, (milestones.LEFT, False, False)),
        ({}, {"removed": True}, {}, (milestones.LEFT, False, False)),
        ({"bot": True}, {}, {}, (milestones.BOT, False, False)),
        ({"active": False}, {}, {}, (milestones.GONE, False, False)),
        ({"guest": True}, {}, {}, (milestones.GUEST, False, False)),
        ({}, {"choice": "nothing"}, {}, (milestones.CHOSE, False, False)),
        ({}, {}, OPT_IN, (milestones.UNASKED, False, False)),
    ],
)
def test_who_may_be_told_is_asked_again_when_it_is_sent(
    person: dict[str, Any],
    asked: dict[str, Any],
    policies: dict[str, Any],
    told: tuple[str, bool, bool],
) -> None:
    row = PersonRow(ID, "UMARIA", "Maria Silva", None, None, True, False, False, False)

    found = may_be_told(
        row._replace(**person),
        **{"ended_on": None, "removed": False, "choice": None} | asked,
        policies=replace(Policies(), **policies),
        today=TODAY,
    )

    assert found == told
