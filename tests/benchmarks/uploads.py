"""Spoiled uploads: 10,000 of them, and the largest that are taken. Never an error, 300 MB or 2 s."""

import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.benchmarks.report import Target, table

INPUTS = 10_000
LAUREL = 110.0  # MB that a running Laurel takes besides


class Found(NamedTuple):
    """What became of the inputs; seconds of CPU, megabytes."""

    outcomes: Counter[str]
    errors: list[str]
    worst: float
    worst_is: str
    at_first: float
    peak: float


def run() -> list[Target]:
    """Measure, print, and return the targets."""
    # Processes of their own: the memory that is measured is not to have any other use.
    with TemporaryDirectory() as folder:
        for work in (_make_largest, _fuzz):
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                found = pool.submit(work, folder).result()
    assert found is not None
    rows = sorted(found.outcomes.items(), key=lambda pair: -pair[1])
    table(("what became of them", "inputs"), rows)
    for error in found.errors[:10]:
        print(f"  {error}")
    print(f"  {sum(found.outcomes.values()):,} inputs; the slowest was {found.worst_is}")
    added = found.peak - found.at_first
    print(f"  {found.at_first:.0f} MB at first, {found.peak:.0f} MB at most")
    return [
        Target("inputs", sum(found.outcomes.values()), INPUTS, at_least=True),
        Target("unhandled errors", len(found.errors), 0),
        Target("the slowest upload, CPU", found.worst, 2, " s"),
        Target("most memory, with a running Laurel around it", LAUREL + added, 300, " MB"),
    ]


def _make_largest(folder: str) -> None:
    from tests.artwork.spoiled import largest

    for name, content in largest():
        (Path(folder) / name).write_bytes(content)


def _inputs(folder: str) -> Iterator[tuple[str, bytes]]:
    from tests.artwork.spoiled import spoiled

    for path in sorted(Path(folder).iterdir()):
        yield path.name, path.read_bytes()
    for number in range(INPUTS):
        yield f"spoiled picture {number}", spoiled(Random(number))


def _fuzz(folder: str) -> Found:
    from bot.artwork.uploads import PictureRefusedError, safe

    outcomes: Counter[str] = Counter()
    errors: list[str] = []
    worst, worst_is, at_first = 0.0, "", _memory()
    for name, content in _inputs(folder):
        for fit in ("crop", "pad") if name.startswith("largest") else ("crop",):
            began = time.process_time()
            try:
                safe(content, fit=fit)
                outcomes["taken"] += 1
            except PictureRefusedError as refused:
                outcomes[f"refused: {refused.reason}"] += 1
            # Any other error is what this looks for, and is counted.
            except BaseException as error:
                outcomes["an error"] += 1
                errors.append(f"{name}: {error!r}")
            took = time.process_time() - began
            if took > worst:
                worst, worst_is = took, f"{name}, {fit}: {took:.2f} s of CPU"
    return Found(outcomes, errors, worst, worst_is, at_first, _memory())


def _memory() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
