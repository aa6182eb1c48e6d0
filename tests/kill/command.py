"""`python -m tests.kill`: see the package."""

import argparse
import os
import signal
import time
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from typing import NoReturn

from hospitality import embedded
from tests.kill import planted, sampling, team
from tests.kill.points import Moments, Point
from tests.kill.runner import Outcome
from tests.kill.scenarios import SCENARIOS

TELL_EVERY = 5.0
ENOUGH = 20
"""So many points that came out wrong are enough to begin with."""
MAY_MISS = 0.02
"""Of all points: where digits drawn at random take fewer tries, a line is not reached so often as in the rehearsal."""
SEED = 3
FOUND = 3
"""The exit code when a point came out wrong: no error of the suite itself ends so."""


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit code: 0 when nothing was lost and nothing done twice."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.point and not given.scenario:
        parser.error("--point is a point of a --scenario")
    signal.signal(signal.SIGTERM, _end)
    if given.planted:
        planted.BUGS[given.planted]()
    with _database():
        return _replay(given.scenario, given.point) if given.point else _sample(given)


def _end(*_signal: object) -> NoReturn:
    """Whoever is told to end takes the simulators and databases along."""
    raise SystemExit("ended")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m tests.kill", description=__doc__)
    parser.add_argument("--points", type=int, default=1000, help="how many (1000)")
    parser.add_argument("--seed", type=int, default=SEED, help=f"which of all points are taken ({SEED})")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes (one a core)")
    parser.add_argument(
        "--part", type=_part, default=(1, 1), help="of these points alone: 2/3, the second third"
    )
    parser.add_argument(
        "--enough", type=int, default=ENOUGH, help=f"stop after so many wrong ones ({ENOUGH})"
    )
    parser.add_argument("--planted", choices=planted.BUGS, help="with this bug in the engine")
    parser.add_argument("--scenario", choices=SCENARIOS, help="this one alone")
    parser.add_argument("--point", type=Point.read, help="of a scenario: locks/codes.py:97#1, effect#1")
    return parser


def _part(text: str) -> tuple[int, int]:
    number, _, parts = text.partition("/")
    if not 1 <= int(number) <= int(parts):
        raise ValueError(text)
    return int(number), int(parts)


def _database() -> AbstractContextManager:
    return nullcontext() if os.environ.get("DATABASE_URL") else embedded.running()


def _replay(scenario: str, point: Point) -> int:
    with team.of(1) as alone:
        [outcome] = alone.kill([(scenario, point)])
    print("\n".join(_words(outcome)))
    if outcome.wrong:
        return FOUND
    return 0 if outcome.killed else 1


def _sample(given: argparse.Namespace) -> int:
    started = time.monotonic()
    with team.of(given.jobs) as workers:
        points = workers.points([given.scenario] if given.scenario else list(SCENARIOS))
        chosen = sampling.part(sampling.choose(points, given.points, given.seed), *given.part)
        print(_said_before(points, chosen, given.seed), flush=True)
        tally = _take(workers, chosen, given.enough)
    took = time.monotonic() - started
    print(
        f"{tally['taken']} points in {took:.0f} s: {tally['killed']} killed, "
        f"{tally['taken'] - tally['killed']} not reached, {tally['wrong']} wrong"
    )
    if tally["wrong"]:
        return FOUND
    if tally["killed"] < len(chosen) * (1 - MAY_MISS):
        print("Too few were killed: what the scenarios do differs from run to run.")
        return 1
    return 0


def _said_before(points: dict[str, Moments], chosen: list[sampling.Choice], seed: int) -> str:
    gaps = sampling.gaps_of(points)
    return (
        f"{len(chosen)} of {len(gaps)} points in {len(points)} scenarios (seed {seed}): "
        f"{sampling.lines(chosen)} of {sampling.lines(gaps)} lines, "
        f"{len({gaps[choice] for choice in chosen})} of {len(set(gaps.values()))} gaps between two commits or effects"
    )


def _take(workers: team.Team, chosen: list[sampling.Choice], enough: int) -> Counter:
    tally, told = Counter(), time.monotonic()
    for outcome in workers.kill(chosen):
        tally.update(taken=1, killed=int(outcome.killed), wrong=int(bool(outcome.wrong)))
        if outcome.wrong:
            print("\n".join(_words(outcome)), flush=True)
        if tally["wrong"] == enough:
            print("That is enough: stopped here.")
            break
        if time.monotonic() > told + TELL_EVERY:
            told = time.monotonic()
            print(f"{tally['taken']} of {len(chosen)}, {tally['wrong']} wrong", flush=True)
    return tally


def _words(outcome: Outcome) -> list[str]:
    """One point for a person, with the command that takes it again."""
    killed = "killed" if outcome.killed else "NOT REACHED"
    again = f'python -m tests.kill --scenario "{outcome.scenario}" --point "{outcome.point}"'
    wrong = [f"    {line}" for line in outcome.wrong] or ["    nothing lost, nothing twice"]
    return [f"{outcome.scenario}, {killed} at {outcome.point}", *wrong, f"    again: {again}"]
