"""The trophy case of 24 badges: from warm tiles, unchanged, and cold."""

import statistics
import time

from bot.artwork import Trophy, TrophyCase
from bot.starters import ASSETS, starter_badges
from tests.benchmarks.report import Target, table

ROUNDS = 7


def run() -> list[Target]:
    """Measure, print, and return the targets; milliseconds."""
    badges = [badge for badge in starter_badges() if badge.picture][:24]
    originals = {badge.slug: (ASSETS / badge.picture).read_bytes() for badge in badges}

    every = [Trophy(b.name, b.slug, originals[b.slug], 1 + n % 3) for n, b in enumerate(badges)]

    cold, warm, unchanged = [], [], []
    TrophyCase().draw(every)  # Pillow and the fonts are loaded
    size = 0
    for number in range(ROUNDS):
        case = TrophyCase()
        cold.append(_milliseconds(case, every))
        # The same badges in another order: the picture is a new one, its tiles are not.
        other = every[number + 1 :] + every[: number + 1]
        warm.append(_milliseconds(case, other))
        unchanged.append(_milliseconds(case, other))
        size = len(case.draw(every))
    found = [statistics.median(times) for times in (cold, warm, unchanged)]
    names = ("cold", "from warm tiles", "unchanged")
    table(("trophy case of 24", "ms"), list(zip(names, found, strict=True)))
    print(f"  {size / 1000:,.0f} kB")
    return [
        Target("trophy case from warm tiles", found[1], 40, " ms"),
        Target("trophy case, unchanged", found[2], 2, " ms"),
    ]


def _milliseconds(case: TrophyCase, trophies: list[Trophy]) -> float:
    began = time.perf_counter()
    case.draw(trophies)
    return (time.perf_counter() - began) * 1000
