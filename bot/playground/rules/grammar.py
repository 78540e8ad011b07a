"""The small language in which the tables of rules are written.

Each rule checks one JSON value and appends a sentence in Slack's wording to `faults` for
whatever is wrong.  The wording follows Slack's published answers and its open-source JSON
schema validator.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

Faults = list[str]


class Rule(Protocol):
    """Anything that can check one JSON value found at the JSON pointer `at`."""

    def check(self, value: object, at: str, faults: Faults) -> None:
        """Append a sentence to `faults` for each thing wrong with `value`."""


def say(faults: Faults, message: str, at: str) -> None:
    """Append one fault in Slack's style, with the pointer to its place."""
    faults.append(f"{message} [json-pointer:{at}]")


def check_length(text: str, least: int, most: int, at: str, faults: Faults) -> None:
    """Check the number of characters; Slack words both bounds as strict ones."""
    if len(text) < least:
        say(faults, f"must be more than {least - 1} characters", at)
    elif len(text) > most:
        say(faults, f"must be less than {most + 1} characters", at)


@dataclass(frozen=True, slots=True)
class String:
    """A string of `least` to `most` characters, if `form` is given of that form."""

    most: int
    least: int = 0
    form: re.Pattern[str] | None = None
    wording: str = "has an invalid format"

    def check(self, value: object, at: str, faults: Faults) -> None:
        """Check type, length and form."""
        if not isinstance(value, str):
            say(faults, "must provide a string", at)
        elif not self.least <= len(value) <= self.most:
            check_length(value, self.least, self.most, at, faults)
        elif self.form is not None and not self.form.fullmatch(value):
            say(faults, self.wording, at)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few strings."""

    values: frozenset[str]

    def check(self, value: object, at: str, faults: Faults) -> None:
        """Check that the value is one of them."""
        if not isinstance(value, str):
            say(faults, "must provide a string", at)
        elif value not in self.values:
            say(faults, "must be a valid enum value", at)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number between two bounds, both allowed."""

    least: int
    most: int

    def check(self, value: object, at: str, faults: Faults) -> None:
        """Check type and bounds; JSON's true and false are no numbers."""
        if not isinstance(value, int) or isinstance(value, bool):
            say(faults, "must provide an integer", at)
        elif value < self.least:
            say(faults, f"must be greater than {self.least - 1}", at)
        elif value > self.most:
            say(faults, f"must be less than {self.most + 1}", at)


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def check(self, value: object, at: str, faults: Faults) -> None:
        """Check the type."""
        if not isinstance(value, bool):
            say(faults, "must be a boolean", at)


@dataclass(frozen=True, slots=True)
class Known:
    """The `type` by which a shape was chosen: nothing is left to check."""

    def check(self, value: object, at: str, faults: Faults) -> None:
        """Accept the value."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text object; `kinds` says whether mrkdwn is allowed beside plain_text."""

    most: int
    least: int = 1
    kinds: frozenset[str] = frozenset({"plain_text", "mrkdwn"})

    def check(self, value: object, at: str, faults: Faults) -> None:
        """Check kind, length and the one field that each kind may have besides."""
        if not isinstance(value, dict):
            say(faults, "must provide an object", at)
            return
        kind = value.get("type")
        if kind is None:
            say(faults, "missing required field: type", at)
        elif not isinstance(kind, str) or kind not in self.kinds:
            say(faults, "must be a valid enum value", f"{at}/type")
        text = value.get("text")
        if "text" not in value:
            say(faults, "missing required field: text", at)
        elif not isinstance(text, str):
            say(faults, "must provide a string", f"{at}/text")
        elif not self.least <= len(text) <= self.most:
            check_length(text, self.least, self.most, f"{at}/text", faults)
        if len(value) > 2:
            flag = "emoji" if kind == "plain_text" else "verbatim"
            for name in value:
                if name == flag:
                    FLAG.check(value[name], f"{at}/{name}", faults)
                elif name not in ("type", "text"):
                    say(faults, f"invalid additional property: {name}", at)


@dataclass(frozen=True, slots=True)
class Items:
    """A list of `least` to `most` items, each under the same rule."""

    of: Rule
    most: int
    least: int = 1

    def check(self, value: object, at: str, faults: Faults) -> None:
        """Check the number of items, then each of them."""
        if not isinstance(value, list):
            say(faults, "must provide an array", at)
            return
        if len(value) > self.most:
            say(faults, f"no more than {self.most} items allowed", at)
            return
        if len(value) < self.least:
            say(faults, f"must provide at least {self.least} items", at)
        check = self.of.check
        for place, item in enumerate(value):
            check(item, f"{at}/{place}", faults)


CrossCheck = Callable[[dict[str, object], str, Faults], None]


@dataclass(frozen=True, slots=True)
class Shape:
    """An object: what each field must be, which are required, and how they go together.

    `one_of`: exactly one of these fields; `some_of`: at least one; `also`: a rule about several
    fields that no table can say, called only when every field alone is right.
    """

    fields: Mapping[str, Rule]
    required: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    some_of: tuple[str, ...] = ()
    also: CrossCheck | None = None

    def check(self, value: object, at: str, faults: Faults) -> None:
        """Check required and unknown fields, each field, then the fields together."""
        if not isinstance(value, dict):
            say(faults, "must provide an object", at)
            return
        before = len(faults)
        for name in self.required:
            if name not in value:
                say(faults, f"missing required field: {name}", at)
        if self.some_of and value.keys().isdisjoint(self.some_of):
            names = " or ".join(f"`{name}`" for name in self.some_of)
            # Slack's own answer points to the type of a block that lacks both.
            say(faults, f"must define either {names}", f"{at}/type" if "type" in value else at)
        if self.one_of and len(value.keys() & self.one_of) != 1:
            names = " or ".join(f"`{name}`" for name in self.one_of)
            say(faults, f"must define exactly one of {names}", at)
        rules = self.fields
        for name, part in value.items():
            rule = rules.get(name)
            if rule is None:
                say(faults, f"invalid additional property: {name}", at)
            elif rule is not KNOWN:
                rule.check(part, f"{at}/{name}", faults)
        if self.also is not None and len(faults) == before:
            self.also(value, at, faults)


@dataclass(frozen=True, slots=True)
class Variant:
    """An object whose `type` says which shape it has; other types are refused."""

    shapes: Mapping[str, Rule] = field(default_factory=dict)

    def check(self, value: object, at: str, faults: Faults) -> None:
        """Choose the shape by `type` and check against it."""
        if not isinstance(value, dict):
            say(faults, "must provide an object", at)
            return
        kind = value.get("type")
        if kind is None:
            say(faults, "missing required field: type", at)
            return
        rule = self.shapes.get(kind) if isinstance(kind, str) else None
        if rule is None:
            say(faults, f"unsupported type: {kind}", f"{at}/type")
        else:
            rule.check(value, at, faults)


FLAG = Flag()
KNOWN = Known()


def plain(most: int) -> Text:
    """Return the rule for a text object that must be plain_text."""
    return Text(most, kinds=frozenset({"plain_text"}))


def choice(*values: str) -> Choice:
    """Return the rule for one of these strings."""
    return Choice(frozenset(values))
