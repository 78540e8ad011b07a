"""Badges in TOML: one `[[badge]]` each, every key but the first six left out where it says nothing."""

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from bot.artwork import Design
from bot.grants import Limit, parse_grant
from bot.hr_file.problems import Findings, refuse, visible
from bot.parsing import badge_key, names_a_badge
from bot.studio.slugs import checked

MOST_BADGES = 10_000
_MOST_MONTHS = 600
_LONGEST = {"name": 255, "category": 255, "description": 3_000, "criteria": 3_000}
_TABLE = re.compile(r"^[ \t]*\[\[[ \t]*badge[ \t]*\]\]", re.MULTILINE)
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}")
_PICTURE = re.compile(r"\.(png|jpe?g|gif|webp)$", re.IGNORECASE)


class BadgeEntry(NamedTuple):
    """A badge as the file has it; `picture` is a path beside the file or in the zip, "": none."""

    slug: str
    name: str
    description: str
    criteria: str
    category: str
    kind: str
    private: bool = False
    active: bool = True
    repeats: bool = True
    recipient_limit: str | None = None
    giver_limit: str | None = None
    expiry: str | None = None
    feed: bool = True
    feed_channel: str | None = None
    awarders: str | None = None
    design: str | None = None
    picture: str = ""


def read_entries(text: str) -> tuple[BadgeEntry, ...]:
    """The badges of a file, in its order. Raises FileRefusedError with every reason."""
    try:
        content = tomllib.loads(text)
    except ValueError as error:
        raise refuse(f"This is not TOML: {visible(str(error), 200)}. Please mend it.") from error
    except RecursionError:
        raise refuse("This is not a catalogue: it is nested too deeply.") from None
    findings = Findings()
    for key in sorted(set(content) - {"badge"}):
        findings.add(None, f"I do not know {visible(key)!r}: each badge begins with [[badge]].")
    tables = content.get("badge", [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise refuse("Each badge begins with [[badge]], with two brackets.")
    if len(tables) > MOST_BADGES:
        raise refuse(
            f"I take up to {MOST_BADGES:,} badges at a time, and these are {len(tables):,}."
        )
    starts = [text.count("\n", 0, found.start()) + 1 for found in _TABLE.finditer(text)]
    lines: list[int | None] = [*starts] if len(starts) == len(tables) else [None] * len(tables)
    entries = [
        _entry(table, number, line, findings)
        for number, (table, line) in enumerate(zip(tables, lines, strict=True), 1)
    ]
    _check_names(entries, lines, findings)
    findings.settle()
    return tuple(entries)


def _entry(
    table: Mapping[str, Any], number: int, line: int | None, findings: Findings
) -> BadgeEntry:
    known = table.get("slug")
    who = f"badge {visible(known)}" if isinstance(known, str) and known else f"badge {number}"

    def wrong(sentence: str) -> None:
        findings.add(line, f"{who}: {sentence}")

    for key in sorted(set(table) - _KEYS.keys()):
        wrong(f"I do not know “{visible(key)}”; there are {', '.join(_KEYS)}.")
    values: dict[str, Any] = {}
    for key, read in _KEYS.items():
        if key not in table:
            if key in _NEEDED:
                wrong(f"{key} is missing.")
                values[key] = ""
            continue
        try:
            values[key] = read(table[key])
        except ValueError as problem:
            wrong(f"{key} {problem}")
    if values.get("design") and values.get("picture"):
        wrong("has a design and a picture: leave one of them out.")
    values.pop("color", None)
    for key in _NEEDED:
        values.setdefault(key, "")
    values["private"] = values.pop("visibility", "public") == "private"
    return BadgeEntry(**values)


def _check_names(entries: list[BadgeEntry], lines: list[int | None], findings: Findings) -> None:
    slugs: set[str] = set()
    names: dict[str, BadgeEntry] = {}
    for entry, line in zip(entries, lines, strict=True):
        if entry.slug and entry.slug in slugs:
            findings.add(line, f"badge {entry.slug} is in the file twice: leave one of them out.")
        slugs.add(entry.slug)
        key = badge_key(entry.name)
        if entry.active and key and names.setdefault(key, entry).slug != entry.slug:
            findings.add(
                line,
                f"badge {entry.slug} has the name of {names[key].slug}: give one another name, or"
                " make it `active = false`.",
            )


# -- what each key may hold; the sentence of a ValueError goes on from the key ---------------------


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("has to be a text in quotes.")
    return value


def _one_line(key: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        text = " ".join(_text(value).split())
        if len(text) > _LONGEST[key]:
            raise ValueError(f"has {len(text):,} characters, and {_LONGEST[key]} is the most.")
        if key == "name" and not names_a_badge(text):
            raise ValueError("has to be something that people can type.")
        return text

    return read


def _paragraphs(key: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        text = _text(value).strip()
        if len(text) > _LONGEST[key]:
            raise ValueError(f"has {len(text):,} characters, and {_LONGEST[key]:,} is the most.")
        return text

    return read


def _either(*words: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value not in words:
            raise ValueError(f"is {_shown(value)}: write {' or '.join(words)}.")
        return str(value)

    return read


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"is {_shown(value)}: write true or false, without quotes.")
    return value


def _slug(value: object) -> str:
    try:
        slug = checked(_text(value))
    except ValueError as problem:
        raise ValueError(f"is {_shown(value)}. {problem}") from None
    if slug != value:
        raise ValueError(f"is {_shown(value)}: write {slug}.")
    return slug


def _limit(value: object) -> str:
    try:
        return str(Limit.parse(_text(value)))
    except ValueError as problem:
        raise ValueError(f"cannot be read: {problem}") from None


def _expiry(value: object) -> str:
    if type(value) is date:
        return value.isoformat()
    text = _text(value).strip()
    if text[:-1].isdecimal() and text.endswith("m") and 1 <= int(text[:-1][:6]) <= _MOST_MONTHS:
        return f"{int(text[:-1])}m"
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(
            f"is {_shown(value)}: write a number of months after the award like 12m, at most"
            f" {_MOST_MONTHS}, or a day like 2027-12-31."
        ) from None


def _channel(value: object) -> str:
    text = _text(value).strip()
    if not _CHANNEL.fullmatch(text):
        raise ValueError(f"is {_shown(value)}: write the id of a channel, like C0123456789.")
    return text


def _awarders(value: object) -> str:
    return str(parse_grant(_text(value)))


def _design(value: object) -> str:
    try:
        return str(Design.parse(_text(value)))
    except ValueError as problem:
        raise ValueError(f"cannot be drawn: {problem}") from None


def _picture(value: object) -> str:
    text = _text(value)
    parts = PurePosixPath(text).parts
    apart = not parts or text.startswith("/") or ".." in parts or re.search(r"[\\:\x00-\x1f]", text)
    if apart or len(text) > 300:
        raise ValueError(f"is {_shown(value)}: write a path within the folder of this file.")
    if not _PICTURE.search(text):
        raise ValueError(f"is {_shown(value)}: I take PNG, JPEG, GIF and WebP files.")
    return str(PurePosixPath(text))


def _shown(value: object) -> str:
    return f"“{visible(str(value))}”"


_KEYS: dict[str, Callable[[object], Any]] = {
    "slug": _slug,
    "name": _one_line("name"),
    "description": _paragraphs("description"),
    "criteria": _paragraphs("criteria"),
    "category": _one_line("category"),
    "kind": _either("flair", "achievement"),
    "visibility": _either("public", "private"),
    "active": _switch,
    "repeats": _switch,
    "recipient_limit": _limit,
    "giver_limit": _limit,
    "expiry": _expiry,
    "feed": _switch,
    "feed_channel": _channel,
    "awarders": _awarders,
    "design": _design,
    "picture": _picture,
    "color": _text,  # of the starter badges, for those who draw them
}
_NEEDED = ("slug", "name", "description", "criteria", "category", "kind")


# -- writing ---------------------------------------------------------------------------------------


def written(entries: Iterable[BadgeEntry]) -> str:
    """The file that `read_entries` reads as these badges; the same for the same, byte by byte."""
    return "\n".join(
        [
            "# The catalogue of badges; docs/catalog.md says what each line means.\n",
            *map(_table, entries),
        ]
    )


def _table(entry: BadgeEntry) -> str:
    usual = BadgeEntry("", "", "", "", "", "")
    lines = ["[[badge]]"]
    for key, value in entry._asdict().items():
        if key == "private":
            lines.append(f'visibility = "{"private" if value else "public"}"')
        elif key in _NEEDED or value != getattr(usual, key):
            lines.append(f"{key} = {_value(value)}")
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    lines = [_escaped(line) for line in str(value).split("\n")]
    if len(lines) == 1:
        return f'"{lines[0]}"'
    # A line of its own for each, so that a change of one shows as such.
    return '"""\n' + "\n".join(lines) + '"""'


def _escaped(line: str) -> str:
    # JSON's escapes are TOML's, but for one control character that JSON lets through.
    return json.dumps(line, ensure_ascii=False)[1:-1].replace("\x7f", "\\u007f")
