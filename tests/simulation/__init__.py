"""A seeded simulation of the pure core: weeks of small hotels against locks in memory.

It drives `locks.plan`, `locks.lock_plan` and `locks.windows` through a miniature of the loop that `locks.reconcile`
runs, without database and network. What happens, what breaks and who edits what is drawn from a seed; what must hold
is in `invariants`. `python -m tests.simulation` plays many weeks.
"""

from tests.simulation.history import Failure, History


def run(seed: int, weeks: int) -> Failure | None:
    """Play this many weeks, the first with `seed` and each further one with the next number. Returns the first that
    fails, with its story. The functions of the plan are looked up in their modules when they are called."""
    for number in range(seed, seed + weeks):
        if History(number).play():
            return replay(number)
    return None


def replay(seed: int) -> Failure | None:
    """Play one week again, and keep what happens in it."""
    return History(seed, tells=True).play()
