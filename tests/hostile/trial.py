"""Spoiled payloads sent to a world, and what came of each."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from bot.grants import ADMINS
from bot.playground.transports import Delivery
from tests.hostile.door import Door, mistakes
from tests.hostile.mutations import STRANGERS, spoiled
from tests.hostile.recorded import record
from tests.world import World

# What anybody may decide about themselves, and what Slack's own events say of people.
_THEIR_OWN = ("preference", "service_spell", "leave", "milestone")
_SLACKS = ("person", "person_identity", "user_group_member")
# Anybody may ask for a badge, which adds to these; what stands there is not theirs to change.
_ASKED = {"request": "open", "delivery": "request"}  # by what the new rows say


@dataclass
class Found:
    """What came of many."""

    statuses: Counter[int] = field(default_factory=Counter)
    changes: int = 0
    mistakes: list[str] = field(default_factory=list)
    unpermitted: list[str] = field(default_factory=list)


class Trial:
    """A world in which an owner did everything once, so that whatever is named is there."""

    def __init__(self, world: World, door: Door) -> None:
        self.door = door
        self.good: Sequence[Delivery] = record(world)
        world.decide(awarders=ADMINS)
        self._restore = door.keep()
        self._before = self._rows()

    def send(self, seed: int, found: Found) -> None:
        """Send one more, by somebody who may do nothing or, each third time, by whoever it says."""
        chance = Random(seed)
        by = "" if seed % 3 == 0 else chance.choice(STRANGERS)
        body, kind = spoiled(chance, list(self.good), by=by)
        version = self.door.version()
        what, status = f"payload {seed} by {by or 'anybody'}", 500
        with mistakes() as errors:
            try:
                status = self.door.post(body, kind).status
            # Any error is what this looks for, and is counted.
            except Exception as error:
                found.mistakes.append(f"{what}: {error!r}")
        found.statuses[status] += 1
        found.mistakes += [f"{what}: {error}" for error in errors]
        if status >= 500:
            found.mistakes.append(f"{what}: answered with {status}")
        if self.door.version() == version:
            return
        found.changes += 1
        if by:
            found.unpermitted += [f"{what}: {table}" for table in self._changed()]
        self._restore()

    def _rows(self) -> dict[str, list[tuple[object, ...]]]:
        kept = self.door.rows(but=[*_THEIR_OWN, *_SLACKS])
        return {table: list(rows) for table, rows in kept.items()}

    def _changed(self) -> list[str]:
        now = self._rows()
        return [
            table for table, rows in self._before.items() if not _may_be(table, rows, now[table])
        ]


def _may_be(table: str, before: list[tuple[object, ...]], now: list[tuple[object, ...]]) -> bool:
    """Whether somebody who may do nothing but ask can have made one of the other."""
    if table not in _ASKED:
        return before == now
    return set(before) <= set(now) and all(_ASKED[table] in row for row in set(now) - set(before))
