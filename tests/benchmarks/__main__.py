"""Run all benchmarks, or the one that is named, and say which targets were reached."""

import os
import sys
import time

from tests.benchmarks import (
    anniversaries,
    awards,
    backlog,
    growth,
    home,
    hr_import,
    latency,
    memory,
    payloads,
    pictures,
    profiles,
    scale,
    sending,
    startup,
    uploads,
)
from tests.benchmarks.report import Target

BENCHMARKS = {
    "awards": awards,
    "profiles": profiles,
    "home": home,
    "pictures": pictures,
    "uploads": uploads,
    "payloads": payloads,
    "startup": startup,
    "hr_import": hr_import,
    "anniversaries": anniversaries,
    "scale": scale,
    "growth": growth,
    "latency": latency,
    "sending": sending,
    "backlog": backlog,
    "memory": memory,
}


def main(names: list[str]) -> int:
    """0 where every target was reached, 1 where not, 2 for an unknown benchmark."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"There is no benchmark {unknown[0]}: {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    missed: list[Target] = []
    began = time.perf_counter()
    for name in names or BENCHMARKS:
        print(f"\n{name}: {BENCHMARKS[name].__doc__}")
        busy = os.getloadavg()[0]
        if busy > 1:
            print(f"  (something else keeps the machine busy: load {busy:.1f})")
        targets = BENCHMARKS[name].run()
        print()
        for target in targets:
            print(target)
        missed += [target for target in targets if not target.reached]
    print(f"\n{time.perf_counter() - began:.0f} s; {len(missed)} missed.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
