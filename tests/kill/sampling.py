"""Which points to take when there are more than there is time for."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from zlib import crc32

from tests.kill.points import EFFECT, Moments, Point

Choice = tuple[str, Point]
"""A scenario's name and a point of it."""
Gap = tuple[str, str]
"""Between two steps of a scenario that a kill cannot undo: whoever is killed in there leaves the same behind. Before the
first, and where threads work side by side: a file of the project."""


def choose(points: dict[str, Moments], count: int, seed: int) -> list[Choice]:
    """`count` points: first every write at a lock; then one from each gap, with lines that were not taken yet where it
    has any; then the lines that are left; then the others, one from each gap in turn. For the same seed they are the
    same but for the few that one run reaches and the next does not."""
    gaps = gaps_of(points)
    every = sorted(gaps, key=lambda choice: (_lot(choice, seed), choice))
    by_gap, by_line = defaultdict(list), defaultdict(list)
    for choice in every:
        by_gap[gaps[choice]].append(choice)
        by_line[choice[1].where].append(choice)
    rare = {where: len({gaps[choice] for choice in choices}) for where, choices in by_line.items()}
    taken = dict.fromkeys(by_line.pop(EFFECT, []))
    lines_taken = {EFFECT}

    def take(choices: list[Choice]) -> None:
        choice = min(choices, key=lambda choice: (choice[1].where in lines_taken, rare[choice[1].where]))
        lines_taken.add(choice[1].where)
        taken[choice] = None

    for choices in by_gap.values():
        take(choices)
    for where, choices in by_line.items():
        if where not in lines_taken:
            take(choices)
    rest = _in_turn((choice for choice in every if choice not in taken), gaps)
    return [*taken, *rest][:count]


def part(choices: list[Choice], number: int, parts: int) -> list[Choice]:
    """The `number`-th (from 1) of so many parts, about equal: each choice is always in the same one."""
    return [choice for choice in choices if _lot(choice) % parts == number - 1]


def _lot(choice: Choice, seed: int = 0) -> int:
    scenario, point = choice
    return crc32(f"{seed} {scenario} {point}".encode())


def gaps_of(points: dict[str, Moments]) -> dict[Choice, Gap]:
    """All points, each with its gap."""
    return {
        (name, Point(where, nth)): (name, str(moment.kept or where.partition(":")[0]))
        for name, moments in points.items()
        for where, times in moments.items()
        for nth, moment in enumerate(times, 1)
    }


def _in_turn(choices: Iterable[Choice], gaps: dict[Choice, Gap]) -> Iterator[Choice]:
    turns: Counter[Gap] = Counter()
    ranked: defaultdict[int, list[Choice]] = defaultdict(list)
    for choice in choices:
        ranked[turns[gaps[choice]]].append(choice)
        turns[gaps[choice]] += 1
    for rank in sorted(ranked):
        yield from ranked[rank]


def lines(choices: Iterable[Choice]) -> int:
    """How many different lines these are."""
    return len({point.where for _, point in choices} - {EFFECT})
