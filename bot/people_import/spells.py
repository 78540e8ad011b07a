"""One person's employments as they are known against those in the file: pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from bot.hr_file import HrSpell
from storage.tenure import SpellRow

SOURCE = "hr"


@dataclass(frozen=True)
class Pairing:
    """A known employment and what the file makes of it."""

    before: SpellRow
    after: HrSpell

    @property
    def dates_change(self) -> bool:
        """Whether it begins or ends on another day."""
        known = (self.before.started_on, self.before.ended_on)
        return known != (self.after.start, self.after.end)


@dataclass(frozen=True)
class Reconciled:
    """What is to be done so that the known employments are those of the file."""

    added: tuple[HrSpell, ...] = ()
    paired: tuple[Pairing, ...] = ()
    removed: tuple[SpellRow, ...] = ()
    trusted: tuple[Pairing, ...] = ()  # known from where it is trusted more: left as it is


def reconcile(
    before: Sequence[SpellRow],
    after: Sequence[HrSpell],
    *,
    sources: Sequence[str],
    fields: Collection[str],
) -> Reconciled:
    """Pair known employments with those of the file: by the same first day, else by common days.

    What the file has no column for stays as it is. A known employment that shares no day with one of
    the file is history, and stays; one that shares a day with an employment of the file that is
    paired already was a mistake. `sources`: where dates come from, the most trusted first.
    """
    if not before:
        return Reconciled(added=tuple(after))
    left, open_ends = list(before), "end" not in fields
    pairs: dict[int, SpellRow] = {}
    for place, spell in enumerate(after):
        same = next((row for row in left if row.started_on == spell.start), None)
        if same is not None:
            left.remove(same)
            pairs[place] = same
    for place, spell in enumerate(after):
        if place not in pairs:
            near = next((row for row in left if _overlap(row, spell)), None)
            if near is not None:
                left.remove(near)
                pairs[place] = near
    added: list[HrSpell] = []
    paired: list[Pairing] = []
    trusted: list[Pairing] = []
    removed: list[SpellRow] = []
    for place, spell in enumerate(after):
        known = pairs.get(place)
        if known is None:
            added.append(spell)
            continue
        if open_ends and known.ended_on is not None and known.ended_on >= spell.start:
            spell = spell._replace(end=known.ended_on)
        pair = Pairing(known, spell)
        (trusted if _rank(known.source, sources) < _rank(SOURCE, sources) else paired).append(pair)
    for row in left:
        less = _rank(row.source, sources) >= _rank(SOURCE, sources)
        if less and any(_overlap(row, spell) for spell in after):
            removed.append(row)
    return Reconciled(tuple(added), tuple(paired), tuple(removed), tuple(trusted))


def is_the_same(before: Sequence[SpellRow], after: Sequence[HrSpell]) -> bool:
    """Whether one employment is known from an earlier file just as this one has it."""
    if len(before) != 1 or len(after) != 1:
        return False
    (known,), (spell,) = before, after
    return (
        known.started_on == spell.start
        and known.ended_on == spell.end
        and known.source == SOURCE
        and known.leave == spell.leave
    )


def _overlap(row: SpellRow, spell: HrSpell) -> bool:
    return row.started_on <= (spell.end or date.max) and spell.start <= (row.ended_on or date.max)


def _rank(source: str, sources: Sequence[str]) -> int:
    return sources.index(source) if source in sources else len(sources)
