"""What a workspace decided about anniversaries: kept as one setting, read with its defaults."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from functools import partial
from typing import Any, get_args, get_type_hints

from sqlalchemy import Connection

from bot.calendars import Calendar, Quiet
from bot.tenure import Length, Policies, Rule
from storage import again, settings
from storage.database import Database

KEY = "anniversaries"
_MOST_RULES = 50
_LONGEST = Length(100, "y")  # of service: nothing beyond is anybody's to reach
_SHORTEST_EVERY = Length(28, "d")
_NUMBERS = {
    "hour": (0, 23),
    "belated_days": (0, 365),
    "digest_above": (1, 50),
    "reminder_days": (0, 60),
}
# What decides which days milestones fall on, next to the lengths themselves.
_RECKONING = ("leap_day", "rehire", "subtract_leave")


def load(session: Connection, *, workspace_id: int) -> Policies:
    """The workspace's policies; what it did not decide has its default."""
    kept = settings.get(session, workspace_id=workspace_id, key=KEY)
    return parse(json.loads(kept)) if kept else Policies()


def save(session: Connection, *, workspace_id: int, policies: Policies, now: datetime) -> None:
    """Keep the workspace's policies. Raises ValueError with a sentence where they cannot be."""
    written = dump(policies)
    parse(written)
    before = load(session, workspace_id=workspace_id)
    settings.put(session, workspace_id=workspace_id, key=KEY, value=json.dumps(written), now=now)
    if reckons_anew(before, policies):
        again.begin(session, workspace_id=workspace_id, now=now)


def go_on(database: Database, *, workspace_id: int, now: datetime) -> None:
    """Have those spells looked at again that a change of policies left: a transaction for every few.

    Two may do it at once, and whoever comes after one that died goes on where that was.
    """
    while database.write(partial(again.go_on, workspace_id=workspace_id, now=now)):
        pass


def reckons_anew(before: Policies, after: Policies) -> bool:
    """Whether milestones fall on other days, so that every spell has to be looked at again."""
    return _lengths(before.rules) != _lengths(after.rules) or any(
        getattr(before, name) != getattr(after, name) for name in _RECKONING
    )


def following(policies: Policies, slug: str, renamed: str) -> Policies:
    """The same policies once the badge of a slug has another: each length goes on earning it."""
    rules = [
        replace(rule, badge=renamed) if rule.badge == slug else rule for rule in policies.rules
    ]
    length = Length.of_slug(slug)
    rule = policies.rule_for(length) if length else None
    if length and rule and not rule.badge:
        place = policies.rules.index(rule)
        named = replace(rule, length=length, every=False, badge=renamed)
        # One of the lengths of an `every` gets a rule of its own, before that.
        rules[place : place + 1] = [named, rule] if rule.every else [named]
    return replace(policies, rules=tuple(rules))


def _lengths(rules: Sequence[Rule]) -> set[tuple[Length, bool]]:
    """The lengths that are milestones, without those that are multiples of one that repeats."""
    repeated = [rule.length for rule in rules if rule.every]
    return {
        (rule.length, rule.every)
        for rule in rules
        if not any(
            one.unit == rule.length.unit
            and rule.length.number % one.number == 0
            and (one != rule.length or not rule.every)
            for one in repeated
        )
    }


def dump(policies: Policies) -> dict[str, Any]:
    """Policies as JSON has them; only what is not the default, so that better defaults reach everyone."""
    written: dict[str, Any] = {}
    for one in fields(Policies):
        value = getattr(policies, one.name)
        if value == getattr(Policies(), one.name):
            continue
        match value:
            case Calendar():
                days = [str(quiet) for quiet in value.quiet]
                written["calendar"] = asdict(value) | {"quiet": days}
            case tuple() if one.name == "rules":
                written["rules"] = [
                    {**asdict(rule), "length": str(rule.length)} for rule in policies.rules
                ]
            case tuple():
                written[one.name] = list(value)
            case _:
                written[one.name] = value
    return written


def parse(written: Mapping[str, Any]) -> Policies:
    """Policies from JSON. Raises ValueError with a sentence that says what is wrong."""
    kinds = get_type_hints(Policies)
    unknown = set(written) - set(kinds)
    if unknown:
        raise ValueError(f"There is no policy “{min(unknown)}”.")
    read: dict[str, Any] = {}
    for name, value in written.items():
        if name == "rules":
            read[name] = _rules(value)
        elif name == "calendar":
            read[name] = _calendar(value)
        elif name == "sources":
            if sorted(value) != sorted(Policies.sources):
                raise ValueError(f"Sources are {', '.join(Policies.sources)}, each once, in order.")
            read[name] = tuple(value)
        else:
            read[name] = _plain(name, kinds[name], value)
    return replace(Policies(), **read)


def _plain(name: str, kind: Any, value: Any) -> Any:
    choices = get_args(kind)
    if choices:
        if value not in choices:
            raise ValueError(f"“{name}” is one of {', '.join(choices)}, not “{value}”.")
    elif kind is bool:
        if not isinstance(value, bool):
            raise ValueError(f"“{name}” is true or false, not “{value}”.")
    else:
        least, most = _NUMBERS[name]
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"Please give a number from {least} to {most}, not “{value}”.")
    return value


def _rules(value: Any) -> tuple[Rule, ...]:
    rules = tuple(Rule(**{**rule, "length": Length.parse(rule["length"])}) for rule in value)
    if len(rules) > _MOST_RULES:
        raise ValueError(f"At most {_MOST_RULES} lengths, please; these are {len(rules)}.")
    lengths = [(rule.length, rule.every) for rule in rules]
    twice = next((one for one in lengths if lengths.count(one) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice[0].words} is there twice.")
    for rule in rules:
        if rule.length.days > _LONGEST.days:
            raise ValueError(f"{rule.length.words} is too long: at most {_LONGEST.words}.")
        if rule.every and rule.length.days < _SHORTEST_EVERY.days:
            raise ValueError(
                f"“Every {rule.length.words}” is too often: at least {_SHORTEST_EVERY.words} apart."
            )
    return rules


def _calendar(value: Mapping[str, Any]) -> Calendar:
    weekend = _plain("weekend", get_type_hints(Calendar)["weekend"], value["weekend"])
    try:
        quiet = tuple(Quiet.parse(text) for text in value["quiet"])
    except ValueError as problem:
        raise ValueError(f"{problem}.") from problem
    return Calendar(weekend, _plain("holidays", bool, value["holidays"]), quiet)
