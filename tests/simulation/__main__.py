"""Plays many weeks on all cores: `python -m tests.simulation --weeks 52000 --seed 1` are a thousand hotel-years."""

import argparse
import os
import sys
import time

from tests.simulation.many import play


def main() -> int:
    """Play, print what was played and how long it took; 1 if an invariant did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the first week's seed (default: %(default)s)")
    parser.add_argument("--weeks", type=int, default=2000, help="how many weeks (default: %(default)s)")
    parser.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)))
    asked = parser.parse_args()
    began = time.monotonic()
    failure, counts = play(asked.seed, asked.weeks, asked.cores)
    print(
        f"{asked.weeks:,} weeks, seeds {asked.seed} to {asked.seed + asked.weeks - 1}, {asked.cores} cores:"
    )
    print(", ".join(f"{number:,} {kind}" for kind, number in sorted(counts.items())))
    if failure:
        print(failure)
        return 1
    print(f"Every invariant held. {time.monotonic() - began:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
