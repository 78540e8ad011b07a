"""One row of an HR file: what its cells say, or why they are refused."""

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from bot.hr_file.columns import Columns
from bot.hr_file.countries import read_country
from bot.hr_file.dates import Order, Unreadable, read_date
from bot.hr_file.problems import CONTROL, Findings, visible
from bot.tenure import EARLIEST, Pause

LONGEST = 200  # characters of a name, an address or a number
_EMAIL = re.compile(r"[^\s@,;:<>()\[\]\"\\]+@[^\s@,;:<>()\[\]\"\\]+")
_SLACK = re.compile(r"[UW][A-Z0-9]{2,20}")
_FORMULA = frozenset("=+-@")
_SIGNED = re.compile(r"[+-][\d\s().,/%€$£-]*|@[\w.]+")  # in a column that is not read: no formula
_DASHES = frozenset({"-", "–", "—"})
_OPEN_END = 9999  # SAP writes 9999-12-31 for “no end”


class Row(NamedTuple):
    """A row that can be used; "" and None where it says nothing."""

    line: int
    email: str
    slack_id: str
    employee: str
    name: str
    start: date
    end: date | None
    leave: Pause | None
    manager: str  # an e-mail address, a Slack id or an employee number
    country: str | None


class Reader:
    """Reads rows by their columns, adding to `findings` what is wrong with them."""

    def __init__(
        self, columns: Columns, *, order: Order | None, today: date, findings: Findings
    ) -> None:
        self._columns = columns
        self._order = order
        self._today = today
        self._findings = findings
        self._width = len(columns.names)
        read = frozenset(columns.places.values())
        self._unread = tuple(place for place in range(self._width) if place not in read)
        self.unknown_countries: dict[str, int] = {}  # with the first line

    def read(self, cells: Sequence[str], line: int) -> Row | None:
        """A row's content; None, with at least one more finding, where it is refused."""
        before = self._findings.count
        self._check_unread(cells, line)
        values = self._values(cells, line)
        if self._findings.count > before:
            return None
        email = values.get("email", "").lower()
        slack_id = values.get("slack", "").upper()
        employee = values.get("employee", "")
        if not (email or slack_id or employee):
            self._refuse(line, "there is no e-mail address, Slack id or employee number.")
        if email and not _EMAIL.fullmatch(email):
            self._refuse(line, f"“{visible(email)}” is not an e-mail address.")
        if slack_id and not _SLACK.fullmatch(slack_id):
            self._refuse(
                line, f"“{visible(slack_id)}” is not a Slack id; those look like U012AB3CD."
            )
        start, end = self._service(values, line)
        leave = self._leave(values, line, start, end)
        if self._findings.count > before:
            return None
        assert start is not None
        return Row(
            line,
            email,
            slack_id,
            employee,
            _name(values),
            start,
            end,
            leave,
            _manager(values.get("manager", "")),
            self._country(values.get("country", ""), line),
        )

    def _refuse(self, line: int, sentence: str) -> None:
        self._findings.add(line, sentence)

    def _values(self, cells: Sequence[str], line: int) -> dict[str, str]:
        """The cells that are read and not empty, by field."""
        values: dict[str, str] = {}
        for field, place in self._columns.places.items():
            if place >= len(cells):
                continue
            value = cells[place].strip()
            if not value or value in _DASHES:
                continue
            name = self._columns.name(field)
            if value[0] in _FORMULA:
                self._refuse(
                    line,
                    f"“{name}” begins with “{value[0]}”, as formulas do: give the value itself.",
                )
            elif CONTROL.search(value):
                self._refuse(line, f"“{name}” holds a line break or an invisible character.")
            elif len(value) > LONGEST:
                self._refuse(line, f"“{name}” is longer than {LONGEST} characters.")
            else:
                values[field] = value
        return values

    def _check_unread(self, cells: Sequence[str], line: int) -> None:
        for place in self._unread:
            if place >= len(cells):
                break
            value = cells[place].lstrip()
            if value and value[0] in _FORMULA and not _SIGNED.fullmatch(value.rstrip()):
                self._refuse(
                    line,
                    f"“{visible(self._columns.names[place])}” begins with “{value[0]}”, as"
                    " formulas do: give the value itself.",
                )
        if any(cell.strip() for cell in cells[self._width :]):
            self._refuse(
                line,
                f"there are {len(cells)} cells, but {self._width} columns: text with the"
                " separator in it must be in quotes.",
            )

    def _service(self, values: dict[str, str], line: int) -> tuple[date | None, date | None]:
        start, end = self._date(values, "start", line), self._date(values, "end", line)
        if "start" not in values:
            self._refuse(line, "there is no start date.")
        if start is not None and start < EARLIEST:
            self._refuse(line, f"the start date {start} is before 1950.")
        if start is not None and start > self._today:
            self._refuse(
                line,
                f"the start date {start} is in the future: leave the row out until then.",
            )
        if end is not None and end.year == _OPEN_END:
            end = None
        if start is not None and end is not None and end < start:
            self._refuse(line, f"the end date {end} is before the start date {start}.")
        return start, end

    def _leave(
        self, values: dict[str, str], line: int, start: date | None, end: date | None
    ) -> Pause | None:
        first = self._date(values, "leave_from", line)
        last = self._date(values, "leave_to", line)
        if ("leave_from" in values) != ("leave_to" in values):
            self._refuse(line, "leave needs both its first and its last day.")
        if first is None or last is None or start is None:
            return None
        if last < first:
            self._refuse(line, f"the leave ends on {last}, before it begins on {first}.")
        elif first < start or (end is not None and last > end):
            self._refuse(line, f"the leave from {first} to {last} is not within the employment.")
        return Pause(first, last)

    def _date(self, values: dict[str, str], field: str, line: int) -> date | None:
        text = values.get(field)
        if text is None:
            return None
        found = read_date(text, self._order)
        if isinstance(found, Unreadable):
            self._findings.add(
                line, f"in “{self._columns.name(field)}”, {found.reason}.", found.kind
            )
            return None
        return found

    def _country(self, text: str, line: int) -> str | None:
        if not text:
            return None
        country = read_country(text)
        if country is None and len(self.unknown_countries) < 100:
            self.unknown_countries.setdefault(visible(text), line)
        return country


def _name(values: dict[str, str]) -> str:
    whole = values.get("name") or f"{values.get('first', '')} {values.get('last', '')}"
    last, comma, first = whole.partition(",")  # “Silva, Maria”
    if comma and last.strip() and first.strip() and "," not in first:
        whole = f"{first} {last}"
    return " ".join(whole.split())


def _manager(text: str) -> str:
    return text.lower() if "@" in text else text
