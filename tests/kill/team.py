"""Many points on all cores: each process has a database and a simulator of its own."""

import contextlib
import multiprocessing
import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from django.db import connection

from tests.kill.points import Moments, Point
from tests.kill.runner import Outcome, Runner
from tests.kill.sampling import Choice
from tests.locks.simulator_process import SimulatorProcess

_runner: Runner | None = None


class Team:
    """`jobs` processes. The database server must be up."""

    def __init__(self, pool: ProcessPoolExecutor):
        self._pool = pool

    def points(self, names: Sequence[str]) -> dict[str, Moments]:
        """All points of these scenarios."""
        asked = {name: self._pool.submit(_points, name) for name in names}
        return {name: future.result() for name, future in asked.items()}

    def kill(self, choices: list[Choice]) -> Iterator[Outcome]:
        """What came of each, in any order. Points that are left when the caller stops asking are not taken."""
        tasks = [self._pool.submit(_kill, *choice) for choice in choices]
        try:
            for task in as_completed(tasks):
                yield task.result()
        finally:
            for task in tasks:
                task.cancel()


@contextlib.contextmanager
def of(jobs: int) -> Iterator[Team]:
    """The team, its databases and its simulators; all are gone at the end."""
    context = multiprocessing.get_context("fork")
    places = context.Queue()
    with contextlib.ExitStack() as stack:
        for number in range(jobs):
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="latchkey-kill-"))
            simulator = stack.enter_context(SimulatorProcess(Path(folder)))
            # By the number at its end, a database that a killed run has left is known and dropped by later runs.
            name = f"test_latchkey_kill{number}_{os.getpid()}"
            stack.callback(_drop, name)
            places.put((name, simulator.credentials))
        pool = ProcessPoolExecutor(jobs, context, _begin, (places,))
        yield Team(stack.enter_context(pool))


def _drop(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


# In each process


def _begin(places: multiprocessing.Queue) -> None:
    global _runner
    name, credentials = places.get()
    make_database(name)
    simulator = SimulatorProcess(Path(), token=credentials["token"])
    simulator.base_url, simulator.webhook_secret = credentials["base_url"], credentials["webhook_secret"]
    _runner = Runner(simulator)


def make_database(name: str) -> None:
    """An empty one, for this process. Nobody cuts its power, so that nothing need wait for the disk."""
    connection.settings_dict["TEST"]["NAME"] = name
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{name}" SET synchronous_commit TO off')
    connection.close()


def _points(name: str) -> Moments:
    return _runner.points(name)


def _kill(name: str, point: Point) -> Outcome:
    return _runner.kill(name, point)
