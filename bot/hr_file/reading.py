"""From a file's bytes to the people in it."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import BinaryIO

from bot.hr_file.columns import Columns, candidates, key_of, recognise
from bot.hr_file.dates import Order
from bot.hr_file.encoding import Encoding, detect
from bot.hr_file.problems import FileRefusedError, Findings, refuse, visible
from bot.hr_file.roster import HrPerson, Roster
from bot.hr_file.rows import Reader

MOST_BYTES = 200_000_000
MOST_ROWS = 1_000_000
MOST_COLUMNS = 500
LONGEST_LINE = 100_000  # characters
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
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
    if size == 0:
        raise refuse("The file is empty.")
    if size > options.most_bytes:
        raise refuse(
            f"The file has {size / 1e6:,.0f} MB, and {options.most_bytes / 1e6:,.0f} MB are the"
            " most I read: split it, and import the parts."
        )
    encoding = detect(stream)
    text = io.TextIOWrapper(stream, encoding=encoding.codec, newline="")
    try:
        return _read(text, encoding, options, today, lambda: progress(stream.tell() / size))
    finally:
        text.detach()  # the stream is not ours to close


def _read(
    text: io.TextIOWrapper,
    encoding: Encoding,
    options: Options,
    today: date,
    report: Callable[[], object],
) -> HrFile:
    lines = _Lines(text, encoding)
    separator, first, before = _beginning(lines)
    table = _rows(lines, separator, first, before)
    line, header = next(table)
    if len(header) > MOST_COLUMNS:
        raise refuse(f"There are {len(header):,} columns: this is no list of people.", line=line)
    columns = recognise(header, options.mapping, line=line)
    findings = Findings()
    reader = Reader(columns, order=options.order, today=today, findings=findings)
    roster = Roster(findings)
    count = 0
    try:
        for line, cells in table:
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
        _notes(encoding, separator, columns, reader, people),
    )


def _beginning(lines: "_Lines") -> tuple[str, str, int]:
    """The separator, the first line that is not empty, and how many lines stand before it."""
    said = ""
    for before, line in enumerate(lines):
        bare = line.strip("\ufeff \r\n")
        if bare.casefold().startswith("sep=") and len(bare) == 5:  # Excel's own hint
            said = bare[4]
        elif bare.strip(",;\t|"):
            return said or _separator(line), line.lstrip("\ufeff"), before
    raise refuse("The file is empty.")


def _separator(line: str) -> str:
    def found(separator: str) -> tuple[int, int]:
        cells = _cells(line, separator)
        known = sum(len(some) for some in candidates([key_of(cell) for cell in cells]).values())
        return known, len(cells)

    return max(_SEPARATORS, key=found)


def _cells(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


def _rows(
    lines: "_Lines", separator: str, first: str, before: int
) -> Iterator[tuple[int, Sequence[str]]]:
    """Each row with the line on which it begins. Raises FileRefusedError."""
    if len(separator) != 1 or separator in '"\r\n ':
        raise refuse(f"“{visible(separator)}” cannot separate columns.", line=1)
    table = csv.reader(chain([first], lines), delimiter=separator, strict=True)
    while True:
        line = before + table.line_num + 1
        try:
            cells = next(table)
        except StopIteration:
            return
        except csv.Error:
            raise refuse(
                "a quotation mark opens here that is not closed as it should be: text in quotes"
                " must end before the next separator.",
                line=line,
            ) from None
        yield line, cells


class _Lines(Iterator[str]):
    """The lines of a text. Raises FileRefusedError for what is no line of a list."""

    def __init__(self, text: io.TextIOWrapper, encoding: Encoding) -> None:
        self._read = text.readline
        self._encoding = encoding
        self._number = 0

    def __next__(self) -> str:
        self._number += 1
        try:
            line = self._read(LONGEST_LINE)
        except UnicodeError:
            raise refuse(
                f"from here on, the file is not the {self._encoding.name} that it began as.",
                line=self._number,
            ) from None
        if not line:
            raise StopIteration
        if len(line) >= LONGEST_LINE:
            raise refuse(
                f"the line is longer than {LONGEST_LINE:,} characters: this is no list of people.",
                line=self._number,
            )
        return line


def _notes(
    encoding: Encoding,
    separator: str,
    columns: Columns,
    reader: Reader,
    people: tuple[HrPerson, ...],
) -> tuple[str, ...]:
    notes = [
        f"Read as {encoding.name}, columns separated by {_SEPARATORS.get(separator, separator)}s."
    ]
    if encoding.guessed:
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
