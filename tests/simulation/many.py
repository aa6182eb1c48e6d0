"""Many weeks, on several cores."""

import multiprocessing
import sys
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor

from django.conf import settings

from tests.simulation import Failure, replay
from tests.simulation.history import History

if not settings.configured:
    settings.configure(
        USE_I18N=False
    )  # the core's sentences are marked for translation; here nobody reads them

AT_ONCE = 50
"""Weeks that a process plays before it reports."""


def play(seed: int, weeks: int, cores: int) -> tuple[Failure | None, Counter[str]]:
    """Play the weeks with these seeds on so many cores; returns the first failure with its story, and how often
    what happened."""
    ends = seed + weeks
    parts = [range(first, min(first + AT_ONCE, ends)) for first in range(seed, ends, AT_ONCE)]
    if cores == 1:
        return _gather(map(_play_some, parts))
    with ProcessPoolExecutor(cores, mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            return _gather(pool.map(_play_some, parts))
        finally:
            pool.shutdown(cancel_futures=True)


def _play_some(seeds: range) -> tuple[int | None, Counter[str]]:
    counts: Counter[str] = Counter()
    for seed in seeds:
        history = History(seed)
        failure = history.play()
        counts += history.counts
        if failure:
            return seed, counts
    return None, counts


def _gather(results: Iterable[tuple[int | None, Counter[str]]]) -> tuple[Failure | None, Counter[str]]:
    counts: Counter[str] = Counter()
    for number, (failed, some) in enumerate(results, 1):
        counts += some
        if sys.stderr.isatty():
            print(f"\r{number * AT_ONCE:,} weeks", end="\r", file=sys.stderr, flush=True)
        if failed is not None:
            return replay(failed), counts
    return None, counts
