"""What a benchmark found, printed as tables, and whether it reached what was set."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """Something to reach: `found` is to be at most (or at least) `wanted`."""

    what: str
    found: float
    wanted: float
    unit: str = ""
    at_least: bool = False

    @property
    def reached(self) -> bool:
        """Whether it was."""
        return self.found >= self.wanted if self.at_least else self.found <= self.wanted

    def __str__(self) -> str:
        verdict = "reached" if self.reached else "MISSED "
        sign = "≥" if self.at_least else "≤"
        found = f"{_number(self.found)}{self.unit}"
        return f"  {verdict}  {self.what:<58} {found:>10}  ({sign} {self.wanted:g}{self.unit})"


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; numbers are right-aligned."""
    lines = [[_cell(cell) for cell in row] for row in rows]
    widths = [max(len(line[n]) for line in [list(heads), *lines]) for n in range(len(heads))]
    print("  " + "  ".join(_placed(head, width, n) for n, (head, width) in _across(heads, widths)))
    for line in lines:
        print(
            "  " + "  ".join(_placed(cell, width, n) for n, (cell, width) in _across(line, widths))
        )


def _across(cells: Sequence[str], widths: Sequence[int]) -> list[tuple[int, tuple[str, int]]]:
    return list(enumerate(zip(cells, widths, strict=True)))


def _placed(cell: str, width: int, column: int) -> str:
    return cell.ljust(width) if column == 0 else cell.rjust(width)


def _cell(value: object) -> str:
    return _number(value) if isinstance(value, float) else str(value)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
