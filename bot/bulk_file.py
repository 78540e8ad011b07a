"""A list of whom to award: read row by row, what is wrong with a row left to be shown; pure.

read(stream, most_rows=…, today=…) -> BulkFile      or FileRefusedError where it is no such list
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, NamedTuple

from bot import parsing
from bot.gifts import REASON_LIMIT
from bot.hr_file import FileRefusedError, visible
from bot.hr_file.columns import candidates, key_of
from bot.hr_file.dates import Unreadable, read_date
from bot.hr_file.problems import refuse
from bot.hr_file.table import Table, open_table
from bot.tenure import EARLIEST

MOST_BYTES = 10_000_000
_LONGEST = 255  # characters of a cell that names a person or a badge
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_SLACK = re.compile(r"(?:<@)?([UW][A-Z0-9]{2,20})(?:\|[^>]*)?>?")
# What the HR file calls the same, in the order in which it counts.
_WHO = ("email", "slack", "employee", "name")
_NAMES: dict[str, str] = {
    "person": "person, who, recipient, awardee, member, user, for, Empfänger, Empfängerin,"
    " destinataire, bénéficiaire, personne, persona, destinatario, pessoa, destinatário, ontvanger",
    "badge": "badge, award, badges, badge name, badge slug, Abzeichen, Auszeichnung, insigne,"
    " insignia, distintivo, emblema, medalla, medalha, distinzione",
    "reason": "reason, why, comment, note, message, Grund, Begründung, raison, motif, motivo, razón,"
    " razão, reden, motivazione",
    "date": "date, on, awarded on, award date, day, Datum, am, fecha, data, giorno",
    "private": "private, is private, privat, privé, privado, privato",
}
_FIELD_OF = {key_of(name): field for field, names in _NAMES.items() for name in names.split(",")}
_YES = frozenset("yes y true 1 x private ja oui sí si sim sì ✓".split())  # noqa: SIM905
_NO = frozenset(["", *"no n false 0 - public nein non não nee".split()])  # noqa: SIM905


class Who(NamedTuple):
    """Whom a cell means; `kind`: email, slack, employee or name."""

    kind: str
    value: str

    def __str__(self) -> str:
        """As the file has it, fit to be shown."""
        return visible(self.value)


class Row(NamedTuple):
    """A row that can be read; "" and None where it says nothing."""

    line: int
    who: Who
    badge: str
    reason: str
    on: date | None
    private: bool | None


class Refused(NamedTuple):
    """A row, or somebody, that is left out, and why: the rest of a sentence; `line` 0: no row."""

    line: int
    why: str

    def __str__(self) -> str:
        return f"Line {self.line:,}: {self.why}" if self.line else self.why


@dataclass(frozen=True)
class BulkFile:
    """What a list says."""

    rows: tuple[Row, ...]
    refused: tuple[Refused, ...]
    has_badges: bool  # it has a column for them
    notes: tuple[str, ...]


def read(stream: BinaryIO, *, most_rows: int, today: date) -> BulkFile:
    """Read a list; `today`: the latest day of an award.

    Raises FileRefusedError where it is none, or longer than `most_rows`.
    """
    with open_table(stream, most_bytes=MOST_BYTES, known=_known) as table:
        places = _places(table)
        rows: list[Row] = []
        refused: list[Refused] = []
        for line, cells in table.rows:
            if not any(map(str.strip, cells)):
                continue
            if len(rows) + len(refused) >= most_rows:
                raise refuse(
                    f"There are more than {most_rows:,} rows, which is the most at once: split it."
                )
            row = _row(line, _values(places, cells), today)
            if isinstance(row, Row):
                rows.append(row)
            else:
                refused.append(row)
        if not rows and not refused:
            raise refuse("The file has column names, but no rows.")
        return BulkFile(tuple(rows), tuple(refused), "badge" in places, _notes(table, places))


def _known(names: Sequence[str]) -> int:
    keys = [key_of(name) for name in names]
    return sum(key in _FIELD_OF for key in keys) + sum(map(len, candidates(keys).values()))


def _places(table: Table) -> Mapping[str, int]:
    """Where each field stands. Raises FileRefusedError."""
    keys = [key_of(name) for name in table.header]
    places: dict[str, int] = {}
    for place, key in enumerate(keys):
        field = _FIELD_OF.get(key)
        if field in places:
            names = f"“{visible(table.header[places[field]])}” and “{visible(table.header[place])}”"
            raise refuse(f"{names} both look like the {field}: keep one.", line=table.line)
        if field is not None:
            places[field] = place
    for field, several in candidates(keys).items():
        free = [place for place in several if place not in places.values()]
        if field in _WHO and free:
            places[field] = free[0]
    if not any(field in places for field in ("person", *_WHO)):
        shown = ", ".join(f"“{visible(name, 24)}”" for name in table.header[:8] if name.strip())
        raise refuse(
            "No column says whom to award: name one “person” in the first row, with an e-mail"
            f" address, Slack id, employee number or @name in each row. The columns here are {shown}.",
            line=table.line,
        )
    return places


def _values(places: Mapping[str, int], cells: Sequence[str]) -> dict[str, str]:
    return {
        field: parsing.typed(cells[place])
        for field, place in places.items()
        if place < len(cells) and cells[place].strip()
    }


def _row(line: int, values: Mapping[str, str], today: date) -> Row | Refused:
    who = _who(values)
    if who is None:
        return Refused(line, "nobody is named.")
    badge, reason = values.get("badge", ""), values.get("reason", "")
    if max(len(who.value), len(badge)) > _LONGEST:
        return Refused(line, f"a cell is longer than {_LONGEST} characters.")
    if len(reason) > REASON_LIMIT:
        return Refused(
            line, f"the reason has {len(reason):,} characters, and {REASON_LIMIT} is the most."
        )
    on = read_date(values["date"]) if "date" in values else None
    if isinstance(on, Unreadable):
        how = ": write it year first" if on.kind == "ambiguous date" else ""
        return Refused(line, f"{on.reason}{how}.")
    if on is not None and not EARLIEST <= on <= today:
        when = "yet to come" if on > today else "too long ago"
        return Refused(line, f"{on} is {when}.")
    said = values.get("private", "").casefold()
    if said not in _YES and said not in _NO:
        return Refused(line, f"private is “{visible(said)}”: write yes or no.")
    return Row(line, who, badge, reason, on, said in _YES if said else None)


def _who(values: Mapping[str, str]) -> Who | None:
    """Whom a row means: by a column of its own, else by one that an HR file has."""
    for field in ("person", *_WHO):
        text = values.get(field, "")
        if not text:
            continue
        if _EMAIL.fullmatch(text):
            return _named("email", text)
        if _SLACK.fullmatch(text):
            return _named("slack", text)
        if field in ("employee", "name"):
            return _named(field, text)
        if text.startswith(("@", "＠")) or not any(letter.isdigit() for letter in text):
            return _named("name", text)
        return _named("employee", text)
    return None


def _named(kind: str, value: str) -> Who:
    if kind == "email":
        value = value.lower()
    elif kind == "slack" and (found := _SLACK.fullmatch(value)):
        value = found[1]
    elif kind == "name":
        value = value.lstrip("@＠").strip()
    return Who(kind, value)


def _notes(table: Table, places: Mapping[str, int]) -> tuple[str, ...]:
    notes = [table.read_as]
    if table.encoding.guessed:
        notes[0] += " The file does not say its encoding, so look whether the names are right."
    unread = [
        visible(name)
        for place, name in enumerate(table.header)
        if name.strip() and place not in places.values()
    ]
    if unread:
        more = f" and {len(unread) - 10} more" if len(unread) > 10 else ""
        notes.append(f"Not read: {', '.join(f'“{name}”' for name in unread[:10])}{more}.")
    return tuple(notes)


__all__ = ["MOST_BYTES", "BulkFile", "FileRefusedError", "Refused", "Row", "Who", "read"]
