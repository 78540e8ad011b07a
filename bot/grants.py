"""Whom something is given to, and how often something may be done: two small grammars, pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

Period = Literal["day", "week", "month", "quarter", "year"]

_USER = re.compile(r"[UW][A-Z0-9]{2,20}")
_GROUP = re.compile(r"S[A-Z0-9]{2,20}")
_LIMIT = re.compile(r"([1-9][0-9]{0,5})\s*(?:/|\s|per|an?)\s*([a-z]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Grant:
    """Everyone, people managers, these people and user groups; those denied are not among them."""

    everyone: bool = False
    managers: bool = False  # whoever manages somebody, as the HR file says
    people: frozenset[str] = frozenset()  # Slack user ids
    groups: frozenset[str] = frozenset()  # Slack user-group ids
    denied_people: frozenset[str] = frozenset()
    denied_groups: frozenset[str] = frozenset()

    @property
    def groups_asked(self) -> frozenset[str]:
        """The user groups whose members have to be known."""
        return self.groups | self.denied_groups

    def denies(self, slack_id: str, groups: frozenset[str]) -> bool:
        """Whether somebody in these groups is left out, whatever else is said of them."""
        return slack_id in self.denied_people or bool(groups & self.denied_groups)

    def __str__(self) -> str:
        """The grammar that `parse_grant` reads."""
        return ", ".join(self._words()) or "admins"

    def _words(self) -> Iterator[str]:
        if self.everyone:
            yield "everyone"
        if self.managers:
            yield "managers"
        yield from sorted(self.people)
        yield from sorted(self.groups)
        yield from (f"!{one}" for one in sorted(self.denied_people | self.denied_groups))


EVERYONE = Grant(everyone=True)
ADMINS = Grant()  # nobody but badge admins, who need no naming


def parse_grant(text: str) -> Grant:
    """Read `everyone`, `admins`, `managers`, user and user-group ids; `!` before an id denies it.

    `admins` is nobody but badge admins, who need no naming. Raises ValueError with a sentence's rest.
    """
    words = [word for word in re.split(r"[,\s]+", text) if word]
    kinds = {word.lower() for word in words} & {"everyone", "admins", "managers"}
    ids = [word for word in words if word.lower() not in kinds]
    allowed = frozenset(word for word in ids if not word.startswith("!"))
    denied = frozenset(word[1:] for word in ids if word.startswith("!"))
    strange = [word for word in ids if not _is_id(word.removeprefix("!"))]
    alone = kinds & {"everyone", "admins"}
    if alone and (allowed or len(kinds) > 1):  # they leave nothing for anybody else to add
        strange.insert(0, min(alone))
    if strange or not words:
        listed = ", ".join(f"“{word}”" for word in strange) or "nothing readable"
        raise ValueError(
            f"has {listed}: write `everyone`, `admins`, `managers`, or Slack ids of people (U…)"
            " and user groups (S…), separated by commas; `!` before an id leaves it out."
        )
    return Grant(
        everyone="everyone" in kinds,
        managers="managers" in kinds,
        people=frozenset(filter(_USER.fullmatch, allowed)),
        groups=frozenset(filter(_GROUP.fullmatch, allowed)),
        denied_people=frozenset(filter(_USER.fullmatch, denied)),
        denied_groups=frozenset(filter(_GROUP.fullmatch, denied)),
    )


def _is_id(word: str) -> bool:
    return bool(_USER.fullmatch(word) or _GROUP.fullmatch(word))


@dataclass(frozen=True)
class Limit:
    """At most so many in a period of the calendar."""

    most: int
    period: Period

    def __str__(self) -> str:
        """The grammar that `parse` reads: 5/week."""
        return f"{self.most}/{self.period}"

    @classmethod
    def parse(cls, text: str) -> "Limit":
        """Read `5/week`, `5 a week` or `5 per week`. Raises ValueError with a sentence."""
        found = _LIMIT.fullmatch(text.strip())
        period = found[2].lower() if found else ""
        for one in get_args(Period):
            if found and period in (one, f"{one}s"):
                return cls(int(found[1]), one)
        raise ValueError(
            f"“{text}” is not a limit I understand: write it like 5/week, with day, week, month,"
            " quarter or year."
        )

    def begins_on(self, today: date) -> date:
        """The first day of the period that a day is in; weeks begin on Monday (ISO 8601)."""
        match self.period:
            case "day":
                return today
            case "week":
                return today - timedelta(days=today.weekday())
            case "month":
                return today.replace(day=1)
            case "quarter":
                return today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
            case "year":
                return today.replace(month=1, day=1)

    def ends_on(self, today: date) -> date:
        """The first day of the period after the one that a day is in."""
        begins = self.begins_on(today)
        longest = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}[self.period]
        return self.begins_on(begins + timedelta(days=longest))
