"""From a file's bytes to the people in it."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO

from bot.hr_file.columns import Columns, candidates, key_of, recognise
from bot.hr_file.dates import Order
from bot.hr_file.problems import FileRefusedError, Findings, refuse, visible
from bot.hr_file.roster import HrPerson, Roster
from bot.hr_file.rows import Reader
from bot.hr_file.table import Table, open_table

MOST_BYTES = 200_000_000
MOST_ROWS = 1_000_000
_REPORT_EVERY = 2_000  # rows

Progress = Callable[[float], object]  # how much is done, from 0 to 1


@dataclass(frozen=True)
class Options:
    """How to read a file, where it does not say so itself."""

    mapping: Mapping[str, str] = field(default_factory=dict)  # field → column
    order: Order | None = None
    most_bytes: int = MOST_BYTES
    most_rows: int = MOST_ROWS


@dataclass(frozen=True)
class HrFile:
    """A file that can be imported; `notes`: what its sender should know, in sentences."""

    people: tuple[HrPerson, ...]
    rows: int
    fields: frozenset[str]  # what it has columns for
    notes: tuple[str, ...]


def read(
    stream: BinaryIO,
    *,
    options: Options = Options(),
    today: date,
    progress: Progress = lambda _done: None,
) -> HrFile:
    """Read a file that can be sought in; `today`: the latest day on which somebody can have started.

    Raises FileRefusedError, and nothing else but what the stream raises.
    """
    size = stream.seek(0, io.SEEK_END)
    with open_table(stream, most_bytes=options.most_bytes, known=_known) as table:
        return _read(table, options, today, lambda: progress(stream.tell() / size))


def _known(names: Sequence[str]) -> int:
    return sum(len(some) for some in candidates([key_of(name) for name in names]).values())


def _read(
    table: Table,
    options: Options,
    today: date,
    report: Callable[[], object],
) -> HrFile:
    columns = recognise(table.header, options.mapping, line=table.line)
    findings = Findings()
    reader = Reader(columns, order=options.order, today=today, findings=findings)
    roster = Roster(findings)
    count = 0
    try:
        for line, cells in table.rows:
            if not any(map(str.strip, cells)):
                continue
            count += 1
            if count > options.most_rows:
                findings.add(line, f"there are more than {options.most_rows:,} rows: split it.")
                break
            row = reader.read(cells, line)
            if row is not None:
                roster.add(row)
            if count % _REPORT_EVERY == 0:
                report()
    except FileRefusedError as problem:
        if findings.count >= problem.count:  # there were too many to go on
            raise
        for one in problem.problems:
            findings.add(*one)
    people = tuple(roster.people())
    findings.settle()
    if not count:
        raise refuse("The file has column names, but no rows.")
    return HrFile(
        people,
        count,
        frozenset(columns.places),
        _notes(table, columns, reader, people),
    )


def _notes(
    table: Table,
    columns: Columns,
    reader: Reader,
    people: tuple[HrPerson, ...],
) -> tuple[str, ...]:
    notes = [table.read_as]
    if table.encoding.guessed:
        names = [person.name for person in people if not person.name.isascii()][:3]
        if names:
            shown = ", ".join(visible(name) for name in names)
            notes[0] += f" The file does not say its encoding, so look whether {shown} is right."
    if columns.unread:
        shown = ", ".join(f"“{name}”" for name in columns.unread[:10])
        more = f" and {len(columns.unread) - 10} more" if len(columns.unread) > 10 else ""
        notes.append(f"Not read: {shown}{more}.")
    for country, line in list(reader.unknown_countries.items())[:5]:
        notes.append(f"“{country}” (line {line:,}) is no country that I know, and was left out.")
    return tuple(notes)
