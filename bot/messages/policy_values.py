"""Policies about anniversaries as people read them: what each does, and what it says, in words. Plain.

`bot.policy_words` has them as they are typed on the command line: `hour` is `9` there, and reads
“at 9:00” here.
"""

from collections.abc import Callable
from datetime import date

from bot import policy_words
from bot.messages import text
from bot.policy_words import Entry

_CHOICES: dict[str, dict[str, str]] = {
    "weekend": {
        "on_the_day": "on the day",
        "working_day_before": "on the working day before",
        "next_working_day": "on the next working day",
    },
    "leap_day": {"28_february": "on 28 February", "1_march": "on 1 March"},
    "rehire": {"bridged": "employments count together", "latest": "the latest alone counts"},
    "unless_chosen": {
        "feed": "told in the feed",
        "dm": "told to them alone",
        "nothing": "not told",
    },
    "past": {"highest": "the highest", "each": "each of them"},
    "hour": {str(hour): f"at {hour}:00" for hour in range(24)},
}
_SENTENCES = {
    "lengths": "The lengths of service that are milestones.",
    "weekend": "When I celebrate what falls on a weekend.",
    "quiet": "Days on which nothing is celebrated, every year or once.",
    "leap_day": "When years are complete that began on 29 February, where there is none.",
    "rehire": "Whether earlier employments count, without the days between.",
    "hour": "When anniversaries are announced.",
    "unless_chosen": "What holds for people who did not choose for themselves.",
    "belated_days": "How long something missed is still told; after that it is only recorded.",
    "past": "What I award of the milestones that are past when a start date is entered.",
    "digest_above": "Then one post in the feed tells of them all.",
    "reminder_days": "When a person’s manager is reminded.",
    "sources": "Where start dates differ, the first of these holds.",
}
_HINTS = {
    "lengths": "As in: 30 days, 6 months, every year.",
    "quiet": "As in: 12-24..01-01, 2026-05-04.",
    "belated_days": "A number of days; 0: not at all.",
    "digest_above": "A number.",
    "reminder_days": "A number of days; 0: never.",
    "sources": "With commas between.",
}
_LABELS = {
    "belated_days": "For how many days",
    "digest_above": "With more than how many in an hour",
    "reminder_days": "How many days before",
    "sources": "In this order",
}
OWN_WORDS = "my own words"


def sentence(entry: Entry) -> str:
    """What a policy does."""
    return _SENTENCES.get(entry.name, entry.sentence)


def label_of(entry: Entry) -> str:
    """What its field is called, where that says more than the policy's own name; else ""."""
    return _LABELS.get(entry.name, "")


def hint(entry: Entry) -> str:
    """How it is written, and what holds where nothing is."""
    default = value_words(entry.name, entry.default_shown)
    if entry.name.endswith(".message") and not entry.default:
        default = OWN_WORDS
    return f"{_HINTS.get(entry.name, '')} Left empty: {default}.".strip()


def options(name: str) -> dict[str, str]:
    """What can be chosen, as it is typed and as it reads; {} where it is written freely."""
    choices = policy_words.choices_of(name) or _CHOICES.get(name, ())
    return {one: text.sentence_case(value_words(name, one)) for one in choices}


def value_words(name: str, written: str) -> str:
    """What a policy says, from how that is typed: `7` as “7 days before”."""
    known = _CHOICES.get(name, {}).get(written)
    if known is not None:
        return known
    if name.endswith(".message") and written == policy_words.OWN_WORDS:
        return OWN_WORDS
    say = _SAY.get(name)
    return say(written) if say is not None and written not in ("none", "—") else written


def typed(entry: Entry) -> str:
    """What stands in the field in which a policy is written."""
    match entry.name:
        case "lengths":
            return _lengths(entry.shown)
        case "sources":
            return ", ".join(_source_words(entry.shown))
    return entry.shown


def refusal(name: str, sentence: str) -> str:
    """Why a policy cannot be as it was written, as people read it."""
    if name != "sources":
        return sentence
    return f"These are {text.in_words([*policy_words.SOURCES.values()])}: name each once, the most trusted first."


def _lengths(written: str) -> str:
    return ", ".join(length_words(one) for one in written.split(", "))


def length_words(written: str) -> str:
    """`30 days`, `every year`."""
    length, every = policy_words.read_length(written)
    if not every:
        return length.words
    return f"every {length.words}" if length.number > 1 else f"every {length.words[2:]}"


def _quiet(written: str) -> str:
    said = []
    for one in written.split(", "):
        first, _, last = one.partition("..")
        said.append(f"{_day(first)} to {_day(last)}" if last else _day(first))
    return ", ".join(said)


def _day(written: str) -> str:
    """`24 Dec`, which every year has, or `4 May 2026`."""
    once = len(written) == 10
    day = date.fromisoformat(written if once else f"2000-{written}")
    return f"{day.day} {day:%b}{f' {day.year}' if once else ''}"


def _sources(written: str) -> str:
    return ", then ".join(_source_words(written))


def _source_words(written: str) -> list[str]:
    return [policy_words.SOURCES.get(one, one) for one in written.split(", ")]


_SAY: dict[str, Callable[[str], str]] = {
    "lengths": _lengths,
    "quiet": _quiet,
    "sources": _sources,
    "belated_days": lambda n: f"for {text.count(int(n), 'day')}" if n != "0" else "not at all",
    "digest_above": lambda n: f"with more than {n} in an hour",
    "reminder_days": lambda n: f"{text.count(int(n), 'day')} before" if n != "0" else "never",
}
