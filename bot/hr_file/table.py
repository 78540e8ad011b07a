"""A list as text: its encoding, its separator, and its rows with the lines on which they begin."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from bot.hr_file.encoding import Encoding, detect
from bot.hr_file.problems import refuse, visible

MOST_COLUMNS = 500
LONGEST_LINE = 100_000  # characters
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}

Known = Callable[[Sequence[str]], int]  # how many of these column names are recognised


@dataclass(frozen=True)
class Table:
    """A list that is being read; `rows` can be gone through once, while it is open."""

    encoding: Encoding
    separator: str
    line: int  # of the header
    header: tuple[str, ...]
    rows: Iterator[tuple[int, Sequence[str]]]

    @property
    def read_as(self) -> str:
        """How the file was understood, as a sentence."""
        separator = _SEPARATORS.get(self.separator, self.separator)
        return f"Read as {self.encoding.name}, columns separated by {separator}s."


@contextmanager
def open_table(stream: BinaryIO, *, most_bytes: int, known: Known) -> Iterator[Table]:
    """Read a stream that can be sought in as a list with a header; it is left open.

    Raises FileRefusedError, also while the rows are gone through.
    """
    size = stream.seek(0, io.SEEK_END)
    if size == 0:
        raise refuse("The file is empty.")
    if size > most_bytes:
        raise refuse(
            f"The file has {size / 1e6:,.0f} MB, and {most_bytes / 1e6:,.0f} MB are the"
            " most I read: split it, and import the parts."
        )
    encoding = detect(stream)
    text = io.TextIOWrapper(stream, encoding=encoding.codec, newline="")
    try:
        lines = _Lines(text, encoding)
        separator, first, before = _beginning(lines, known)
        rows = _rows(lines, separator, first, before)
        line, header = next(rows)
        if len(header) > MOST_COLUMNS:
            raise refuse(
                f"There are {len(header):,} columns: this is no list of people.", line=line
            )
        yield Table(encoding, separator, line, tuple(header), rows)
    finally:
        text.detach()  # the stream is not ours to close


def _beginning(lines: "_Lines", known: Known) -> tuple[str, str, int]:
    """The separator, the first line that is not empty, and how many lines stand before it."""
    said = ""
    for before, line in enumerate(lines):
        bare = line.strip("\ufeff \r\n")
        if bare.casefold().startswith("sep=") and len(bare) == 5:  # Excel's own hint
            said = bare[4]
        elif bare.strip(",;\t|"):
            return said or _separator(line, known), line.lstrip("\ufeff"), before
    raise refuse("The file is empty.")


def _separator(line: str, known: Known) -> str:
    def found(separator: str) -> tuple[int, int]:
        cells = _cells(line, separator)
        return known(cells), len(cells)

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
