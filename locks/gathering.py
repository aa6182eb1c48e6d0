"""Doing many visits' steps on the database together: a few threads with a connection each take whatever items wait for
the same step, and do it for all of them in one transaction."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, connections

from locks.leases import LeaseLost

log = logging.getLogger(__name__)

THREADS = 2
"""Few: what waits while they work is done together."""
MOST_AT_ONCE = 60
ENOUGH = 40
LINGER = 0.15
"""Seconds for which the first item of a step waits until enough others have come, where many are under way: one
transaction for twenty visits costs little more than one for a single visit, and a provider's call takes longer."""
MANY = 3 * ENOUGH

Step = Callable[[Sequence], list]


@dataclass
class _Waiting:
    """What waits for one step, and until when more may come."""

    items: list[tuple[Any, Future]] = field(default_factory=list)
    until: float = field(default_factory=lambda: time.monotonic() + LINGER)


class Gathering:
    """`with Gathering() as gathering:` any thread may call `gathering.run(step, item)` and waits for the result; whoever
    will do so several times says so: `with gathering.taking_part():`."""

    def __init__(self, threads: int = THREADS):
        self._waiting: OrderedDict[Step, _Waiting] = OrderedDict()
        self._changed = threading.Condition()
        self._ended = False
        self._under_way = 0
        self._threads = [threading.Thread(target=self._work, name=f"database-{n}") for n in range(threads)]

    def __enter__(self) -> "Gathering":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        """What was asked for is still done."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    @contextmanager
    def taking_part(self) -> Iterator[None]:
        """From now on until later steps may come."""
        with self._changed:
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1

    def run(self, step: Step, item: Any) -> Any:
        """Have `step` done for `item`. Raises what it raised, or LeaseLost."""
        done: Future = Future()
        with self._changed:
            waiting = self._waiting.setdefault(step, _Waiting())
            waiting.items.append((item, done))
            if len(waiting.items) in (1, ENOUGH):
                self._changed.notify()
        result = done.result()
        if isinstance(result, LeaseLost):
            raise result
        return result

    def _work(self) -> None:
        try:
            while (taken := self._take()) is not None:
                if connection.errors_occurred:  # it may be broken; a sound one is kept, a new one costs more
                    connection.close()
                _do(*taken)
        finally:
            connections.close_all()

    def _take(self) -> tuple[Step, list[tuple[Any, Future]]] | None:
        """The items of the step that waits longest, once there are enough or the first has waited; None at the end."""
        with self._changed:
            while True:
                self._changed.wait_for(lambda: self._waiting or self._ended)
                if not self._waiting:
                    return None
                step, waiting = next(iter(self._waiting.items()))
                left = waiting.until - time.monotonic()
                few = self._ended or self._under_way < MANY
                if few or left <= 0 or len(waiting.items) >= ENOUGH:
                    break
                self._changed.wait(left)
            del self._waiting[step]
            if len(waiting.items) > MOST_AT_ONCE:
                self._waiting[step] = _Waiting(waiting.items[MOST_AT_ONCE:], waiting.until)
                self._changed.notify()
            return step, waiting.items[:MOST_AT_ONCE]


def _do(step: Step, taken: list[tuple[Any, Future]]) -> None:
    """One item that cannot be done must not spoil the others': then each is done by itself."""
    try:
        results = step([item for item, _ in taken])
    except Exception as error:  # noqa: BLE001 - handed to whoever asked
        if len(taken) == 1:
            taken[0][1].set_exception(error)
            return
        log.warning(
            "%s for %d locks failed (%s); one by one", step.__name__, len(taken), type(error).__name__
        )
        for one in taken:
            _do(step, [one])
        return
    for (_, done), result in zip(taken, results, strict=True):
        done.set_result(result)
