"""Policies by name: what each one does, what it says now, and how it is said in writing. Pure.

    entries(policies)                          every policy with its value, its default and a sentence
    changed(policies, "weekend", "next working day")     the policies with one of them said anew
    changed(policies, "weekend", None)                   … or as it is where nothing was decided

Names are those under which `bot.policies` keeps them; `5y.message` and its like are about one length.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from difflib import get_close_matches
from typing import Any, Literal, get_args, get_type_hints

from bot.calendars import Calendar, Quiet
from bot.policies import dump, parse
from bot.tenure import Length, Policies, Rule

MOST_MESSAGE = 500  # characters, as many as a reason may have
_ON, _OFF = ("on", "yes", "true"), ("off", "no", "false")
_NONE = ("", "none", "nothing", "-")
_LENGTH = re.compile(
    r"(?P<every>every[ -]*)?(?P<number>[1-9]\d{0,3})?[ -]*(?P<unit>d|m|y|days?|months?|years?)"
)
_FREE = (int, tuple[str, ...], tuple[Quiet, ...], None)  # kinds of policies that are written
_CALENDAR = tuple(one.name for one in fields(Calendar))

What = Literal["badge", "message", "feed"]
_ABOUT_LENGTHS: dict[What, str] = {
    "badge": "The badge it earns, by its slug.",
    "message": "What is said with it.",
    "feed": "Whether the feed is told; else the person alone.",
}
_LENGTHS = "lengths"
_SENTENCES = {
    _LENGTHS: "The lengths of service that are milestones: `30d, 6m, 5y, every year`.",
    "weekend": "What falls on a weekend is celebrated on_the_day, on the working_day_before or on"
    " the next_working_day.",
    "holidays": "Whether public holidays are left out, where a person’s country is known.",
    "quiet": "Days on which nothing is celebrated, every year or once: `12-24..01-01, 2026-05-04`.",
    "leap_day": "Years that began on 29 February are complete on 28_february or 1_march where there"
    " is none.",
    "rehire": "Employments are bridged, and the days between do not count; or the latest counts by"
    " itself.",
    "subtract_leave": "Whether unpaid leave is subtracted from service.",
    "hour": "The hour of the day at which Laurel celebrates, from 0 to 23.",
    "person_timezone": "Whether that hour is of each person’s own timezone; else of the workspace’s.",
    "guests": "Whether the anniversaries of guests are told, to them and in the feed.",
    "unless_chosen": "What holds for people who did not choose for themselves: feed, dm (they alone"
    " are told) or nothing, which makes it opt-in.",
    "belated_days": "For how many days something missed is still told; after that it is only recorded.",
    "past": "Of the milestones that are past when a start date is entered, the highest is awarded, or"
    " each.",
    "digest_above": "With more than this many in the feed in one hour, one post tells of them all.",
    "reminder_days": "How many days before the person’s manager is reminded; 0: never.",
    "sources": "Whose start dates are trusted, the most trusted first.",
}
SOURCES = {
    "hr": "the HR file",
    "entry": "what is entered in Slack",
    "slack": "Slack’s own start date",
    "field": "a profile field",
}
OWN_WORDS = "Laurel's own words"  # what a length's message is where nobody wrote one


@dataclass(frozen=True)
class Entry:
    """One policy; `value` and `default` as JSON has them, and `shown` as it can be typed."""

    name: str
    value: Any
    default: Any
    shown: str
    default_shown: str
    sentence: str
    about_length: bool = False

    @property
    def is_default(self) -> bool:
        """Whether it says what it says where nothing was decided."""
        return bool(self.value == self.default)


def entries(policies: Policies) -> list[Entry]:
    """Every policy, those of single lengths after the others."""
    found = []
    for name, sentence in _SENTENCES.items():
        value, default = _value(policies, name), _value(Policies(), name)
        shown, default_shown = _written(value), _written(default)
        found.append(Entry(name, value, default, shown, default_shown, sentence))
    for rule in policies.rules:
        base = _base(policies.rules, rule)
        for what, sentence in _ABOUT_LENGTHS.items():
            value, default = getattr(rule, what), getattr(base, what)
            shown, default_shown = (_of_length(rule, what, one) for one in (value, default))
            name = f"{_name_of(rule)}.{what}"
            found.append(Entry(name, value, default, shown, default_shown, sentence, True))
    return found


def changed(policies: Policies, name: str, text: str | None) -> Policies:
    """The policies with one of them said anew; `text` None: as it is where nothing was decided.

    Raises ValueError with a sentence.
    """
    name = name.strip().casefold()
    head, dot, what = name.rpartition(".")
    if dot and what in _ABOUT_LENGTHS:
        length, every = read_length(head)
        return _checked(replace(policies, rules=_about(policies.rules, length, every, what, text)))
    name = name.replace("-", "_").replace(" ", "_")
    if name not in _SENTENCES:
        near = get_close_matches(name, _SENTENCES, n=1)
        meant = f" Did you mean {near[0]}?" if near else ""
        raise ValueError(
            f"There is no policy “{name}”.{meant} `laurel anniversaries policies` lists them all."
        )
    if name == _LENGTHS:
        rules = Policies.rules if text is None else _rules(policies.rules, text)
        return _checked(replace(policies, rules=rules))
    value = _value(Policies(), name) if text is None else _read(policies, name, text)
    if name in _CALENDAR:
        written = asdict(policies.calendar) | {
            "quiet": [str(one) for one in policies.calendar.quiet]
        }
        return parse(dump(policies) | {"calendar": written | {name: value}})
    return parse(dump(policies) | {name: value})


def choices_of(name: str) -> tuple[str, ...]:
    """What a policy can say, where that is one of a few words; () where it can be written freely."""
    kind = (get_type_hints(Calendar) | get_type_hints(Policies)).get(name)
    return (_ON[0], _OFF[0]) if kind is bool else get_args(kind) if kind not in _FREE else ()


def explained(name: str, shown: str) -> str:
    """What a policy says, as the command line shows it: as it is typed, codes with what they mean."""
    if name != "sources":
        return shown
    return ", ".join(f"{one} ({SOURCES[one]})" for one in shown.split(", "))


def badge_named(name: str) -> bool:
    """Whether a policy is about the badge of a length: whoever changes it looks that there is one."""
    return name.strip().casefold().endswith(".badge")


def read_length(text: str) -> tuple[Length, bool]:
    """Read `30d`, `6 months`, `every year`: a length, and whether its multiples are meant too.

    Raises ValueError with a sentence.
    """
    found = _LENGTH.fullmatch(text.strip().casefold())
    if found is None or not (found["every"] or found["number"]):
        raise ValueError(
            f"“{text.strip()}” is no length: write days as 30d, months as 6m, years as 5y, and"
            " “every year” for each of them."
        )
    return Length(int(found["number"] or 1), found["unit"][0]), bool(found["every"])  # type: ignore[arg-type]


def _checked(policies: Policies) -> Policies:
    return parse(dump(policies))


def _read(policies: Policies, name: str, text: str) -> Any:
    now, text = _value(policies, name), text.strip()
    plain = text.casefold()
    if isinstance(now, bool):
        if plain not in (*_ON, *_OFF):
            raise ValueError(f"“{name}” is on or off, not “{text}”.")
        return plain in _ON
    if isinstance(now, int):
        digits = re.fullmatch(r"\d{1,4}", plain.removesuffix(":00") if name == "hour" else plain)
        return int(digits[0]) if digits else text
    if name == "sources":
        return _sources(plain)
    if isinstance(now, list):
        return [] if plain in _NONE else [one.strip() for one in plain.split(",") if one.strip()]
    return re.sub(r"[ -]+", "_", plain)


def _sources(plain: str) -> list[str]:
    """Codes from codes, or from words that are close to those that people read."""
    called = {one: one for one in SOURCES} | {
        words.casefold().replace("’", "'"): one for one, words in SOURCES.items()
    }
    found = [
        called[near[0]]
        for one in plain.replace("’", "'").split(",")
        if (near := get_close_matches(one.strip(), called, n=1, cutoff=0.7))
    ]
    if sorted(found) != sorted(SOURCES) or len(found) != len(plain.split(",")):
        every = explained("sources", ", ".join(SOURCES))
        raise ValueError(f"Sources are {every}: name each once, the most trusted first.")
    return found


def _value(policies: Policies, name: str) -> Any:
    """A policy as JSON has it."""
    if name == _LENGTHS:
        return [_spelt(rule) for rule in policies.rules]
    value = getattr(policies.calendar if name in _CALENDAR else policies, name)
    return [str(one) for one in value] if isinstance(value, tuple) else value


def _written(value: Any) -> str:
    """A value as it can be typed."""
    match value:
        case bool():
            return "on" if value else "off"
        case list():
            return ", ".join(value) or "none"
    return str(value)


# -- lengths -------------------------------------------------------------------------------------


def _spelt(rule: Rule) -> str:
    if not rule.every:
        return str(rule.length)
    return f"every {rule.length}" if rule.length.number > 1 else f"every {rule.length.words[2:]}"


def _name_of(rule: Rule) -> str:
    return _spelt(rule).replace(" ", "-")


def _of_length(rule: Rule, what: What, value: Any) -> str:
    if what == "feed":
        return _written(value)
    if what == "badge" and not value:
        return "named for the length" if rule.every else rule.length.slug
    return value or OWN_WORDS


def _rules(before: Sequence[Rule], text: str) -> tuple[Rule, ...]:
    """The lengths of a list, each with what was decided about it before."""
    if text.strip().casefold() in _NONE:
        return ()
    rules = []
    for length, every in map(read_length, text.strip().rstrip(",").split(",")):
        kept = next((one for one in before if (one.length, one.every) == (length, every)), None)
        rules.append(kept or Rule(length, every, feed=length.unit == "y"))
    return _in_order(rules)


def _in_order(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    # The first one that fits counts: a length's own, then the `every` with the fewest multiples.
    single = sorted((one for one in rules if not one.every), key=lambda one: one.length.days)
    every = sorted((one for one in rules if one.every), key=lambda one: -one.length.days)
    return (*single, *every)


def _base(rules: Sequence[Rule], rule: Rule) -> Rule:
    """What holds for a length of which nothing was said: as the `every` it is one of has it."""
    length = rule.length
    for one in rules if not rule.every else ():
        fits = one.every and one.length.unit == length.unit
        if fits and length.number % one.length.number == 0:
            return one
    return Rule(length, rule.every, feed=length.unit == "y")


def _about(
    rules: Sequence[Rule], length: Length, every: bool, what: str, text: str | None
) -> tuple[Rule, ...]:
    plain = Rule(length, every)
    base = _base(rules, plain)
    own = next((one for one in rules if (one.length, one.every) == (length, every)), None)
    if own is None and base not in rules:
        raise ValueError(
            f"{_spelt(plain)} is no milestone here: they are {_written([*map(_spelt, rules)])}."
            " Add it to lengths first."
        )
    if own is None:
        own = replace(base, length=length, every=False)
    value = getattr(base, what) if text is None else _READ[what](text)
    if getattr(own, what) == value:
        return tuple(rules)
    own = replace(own, **{what: value})
    others = [one for one in rules if (one.length, one.every) != (length, every)]
    if base in others and replace(base, length=length, every=False) == own:
        return _in_order(others)  # it says nothing of its own
    return _in_order([*others, own])


def _feed(text: str) -> bool:
    plain = text.strip().casefold()
    if plain not in (*_ON, *_OFF):
        raise ValueError(f"“feed” is on or off, not “{text.strip()}”.")
    return plain in _ON


def _message(text: str) -> str:
    said = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if not said:
        raise ValueError("A message has words; `unset` brings back Laurel's own.")
    if len(said) > MOST_MESSAGE:
        raise ValueError(
            f"A message has at most {MOST_MESSAGE} characters; this one has {len(said):,}."
        )
    if not all(letter.isprintable() or letter in "\n\u200d" for letter in said):
        raise ValueError("A message is plain text, without control characters.")
    return said


def _badge(text: str) -> str:
    if not text.strip():
        raise ValueError("A badge has a name; `unset` brings back the one named for the length.")
    return text.strip()


_READ: dict[str, Callable[[str], Any]] = {"feed": _feed, "message": _message, "badge": _badge}
