"""Rows put together to people: several rows are several employments, or several leaves, of one."""

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from bot.hr_file.problems import Findings, visible
from bot.hr_file.rows import Row
from bot.tenure import Pause


class HrSpell(NamedTuple):
    """One employment, its last day included."""

    line: int
    start: date
    end: date | None
    leave: tuple[Pause, ...] = ()


class HrPerson(NamedTuple):
    """Someone as the HR file has them; "" and None where it says nothing."""

    line: int
    email: str
    slack_id: str
    employee: str
    name: str
    spells: tuple[HrSpell, ...]  # in order
    manager: str
    country: str | None


class Roster:
    """Collects rows, finding whose they are; `people` tells who they make."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._drafts: list[Row | list[Row]] = []  # mostly one row each
        self._by: dict[str, dict[str, int]] = {"email": {}, "slack": {}, "employee": {}}

    def add(self, row: Row) -> None:
        """Take one more row."""
        keys = (("email", row.email), ("slack", row.slack_id), ("employee", row.employee))
        found = {
            kind: self._by[kind][value] for kind, value in keys if value and value in self._by[kind]
        }
        if len(set(found.values())) > 1:
            self._findings.add(row.line, self._torn(row, found))
            return
        if not found:
            place = len(self._drafts)
            self._drafts.append(row)
        else:
            place = next(iter(found.values()))
            rows = self._rows(place)
            problem = _contradiction(rows[0], row, found)
            if problem:
                self._findings.add(row.line, problem)
                return
            self._drafts[place] = [*rows, row]
        for kind, value in keys:
            if value:
                self._by[kind].setdefault(value, place)

    def people(self) -> Iterable[HrPerson]:
        """Everyone, in the order of the file; what contradicts itself goes to the findings."""
        for place, draft in enumerate(self._drafts):
            if isinstance(draft, Row):
                leave = (draft.leave,) if draft.leave else ()
                spells = (HrSpell(draft.line, draft.start, draft.end, leave),)
                yield _person([draft], draft, spells)
            else:
                rows = self._rows(place)
                latest = max(rows, key=lambda row: (row.start, row.line))
                yield _person(rows, latest, self._spells(rows))

    def _rows(self, place: int) -> list[Row]:
        draft = self._drafts[place]
        return [draft] if isinstance(draft, Row) else draft

    def _torn(self, row: Row, found: dict[str, int]) -> str:
        words = {"email": "e-mail address", "slack": "Slack id", "employee": "employee number"}
        parts = [
            f"the {words[kind]} is that of line {self._rows(place)[0].line:,}"
            for kind, place in found.items()
        ]
        return f"{', but '.join(parts)}: it cannot be both."

    def _spells(self, rows: list[Row]) -> tuple[HrSpell, ...]:
        merged: dict[tuple[date, date | None], HrSpell] = {}
        for row in rows:
            key = (row.start, row.end)
            spell = merged.get(key) or HrSpell(row.line, row.start, row.end)
            if row.leave is not None:
                spell = spell._replace(leave=_together([*spell.leave, row.leave]))
            merged[key] = spell
        in_order = sorted(merged.values(), key=lambda spell: (spell.start, spell.end or date.max))
        for before, after in pairwise(in_order):
            if before.end is None or after.start <= before.end:
                later, other = sorted((before, after), key=lambda spell: -spell.line)
                self._findings.add(
                    later.line,
                    f"this employment ({_span(later)}) overlaps the one on line"
                    f" {other.line:,} ({_span(other)}).",
                )
        return tuple(in_order)


def _contradiction(first: Row, row: Row, found: dict[str, int]) -> str:
    """Why a row is not of the person to whom it seems to belong; "" where it is."""
    if "email" in found:
        other = [
            words
            for words, one, two in (
                ("Slack id", first.slack_id, row.slack_id),
                ("employee number", first.employee, row.employee),
            )
            if one and two and one != two
        ]
        sure = any(kind in found for kind in ("slack", "employee"))
        if first.name and row.name and first.name.casefold() != row.name.casefold() and not sure:
            other.append("name")
        if other:
            return (
                f"{visible(row.email)} is on line {first.line:,} too, with another"
                f" {' and '.join(other)}: two people cannot have one e-mail address."
            )
        return ""
    kind, value = (
        ("Slack id", row.slack_id) if "slack" in found else ("employee number", row.employee)
    )
    if first.email and row.email and first.email != row.email:
        return (
            f"{kind} {visible(value)} is on line {first.line:,} too, with another e-mail address:"
            f" two people cannot have one {kind}."
        )
    return ""


def _person(rows: list[Row], latest: Row, spells: tuple[HrSpell, ...]) -> HrPerson:
    def said(field: str) -> str:
        value: str = getattr(latest, field)
        return value or next((found for row in rows if (found := getattr(row, field))), "")

    return HrPerson(
        rows[0].line,
        said("email"),
        said("slack_id"),
        said("employee"),
        said("name"),
        spells,
        latest.manager,
        latest.country,
    )


def _together(pauses: list[Pause]) -> tuple[Pause, ...]:
    merged: list[Pause] = []
    for pause in sorted(pauses):
        if merged and pause.first <= merged[-1].last:
            merged[-1] = Pause(merged[-1].first, max(merged[-1].last, pause.last))
        else:
            merged.append(pause)
    return tuple(merged)


def _span(spell: HrSpell) -> str:
    return f"{spell.start} to {spell.end or 'today'}"
