"""How much may be asked: of one account a token bucket in this process, and a pause for all of its locks when the
maker asks for one; of all accounts, so many calls at once.

Whoever asks waits here, on a thread that holds nothing; a wait that is too long ends the visit instead.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from locks.providers import base

BURST = 1.0
"""Seconds' worth of calls that may be made at once after a rest."""
MOST_WAIT = 5.0
"""Seconds; a longer wait is an answer in itself: Busy, with when to come back."""
CALLS_AT_ONCE = 200
"""Of this process, slow ones not counted."""
SLOW_AFTER = 1.0
"""Seconds after which a call gives its place to another: locks that never answer must not hold up those that do."""
MOST_SLOW = 700


class Budget:
    """`per_second`: calls a second over time, or None for no limit."""

    def __init__(self, per_second: float | None):
        self.per_second = per_second
        self._lock = threading.Lock()
        self._next = 0.0
        self._paused_until = 0.0

    def take(self) -> None:
        """Wait for one call's turn. Raises Busy where that would take too long."""
        wait = self._reserve(time.monotonic())
        if wait > 0:
            time.sleep(wait)

    def pause(self, seconds: float) -> None:
        """The maker asked to be left alone for so long."""
        with self._lock:
            self._paused_until = max(self._paused_until, time.monotonic() + seconds)

    def _reserve(self, now: float) -> float:
        with self._lock:
            turn = max(self._next, now - BURST) if self.per_second else now
            wait = max(turn, self._paused_until) - now
            if wait > MOST_WAIT:
                raise base.Busy("The account's calls are used up for now.", wait)
            if self.per_second:
                self._next = turn + 1 / self.per_second
            return max(wait, 0.0)


class Places:
    """So many calls at once, those that have become slow not counted, of which there may be so many more."""

    def __init__(self, places: int, slow_after: float, most_slow: int):
        self._places, self._slow_after, self._most_slow = places, slow_after, most_slow
        self._changed = threading.Condition()
        self._began: dict[object, float] = {}
        self._slow: set[object] = set()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Wait for a place and keep it for a call."""
        call = object()
        with self._changed:
            while not self._is_free():
                self._changed.wait(self._until_one_is_slow())
            self._began[call] = time.monotonic()
        try:
            yield
        finally:
            with self._changed:
                self._began.pop(call, None)
                self._slow.discard(call)
                self._changed.notify()

    def slow(self) -> int:
        """How many calls are slow now."""
        with self._changed:
            self._set_slow_ones_aside()
            return len(self._slow)

    def _is_free(self) -> bool:
        self._set_slow_ones_aside()
        return len(self._began) < self._places

    def _set_slow_ones_aside(self) -> None:
        since = time.monotonic() - self._slow_after
        while self._began and len(self._slow) < self._most_slow:
            longest = next(iter(self._began))
            if self._began[longest] > since:
                return
            del self._began[longest]
            self._slow.add(longest)

    def _until_one_is_slow(self) -> float | None:
        if len(self._slow) >= self._most_slow:
            return None
        return max(next(iter(self._began.values())) + self._slow_after - time.monotonic(), 0.0)


calls = Places(CALLS_AT_ONCE, SLOW_AFTER, MOST_SLOW)


class Metered:
    """A provider whose every call is counted against a budget. Implements the part of `base.Provider` that a visit
    uses."""

    def __init__(self, provider: base.Provider, budget: Budget):
        self._provider = provider
        self._budget = budget

    def device(self, ref: str) -> base.Device:
        return self._ask(self._provider.device, ref)

    def codes(self, ref: str) -> list[base.DeviceCode]:
        return self._ask(self._provider.codes, ref)

    def create_code(self, ref: str, code: base.Code) -> base.Result:
        return self._ask(self._provider.create_code, ref, code)

    def update_code(self, ref: str, code_ref: str, code: base.Code) -> base.Result:
        return self._ask(self._provider.update_code, ref, code_ref, code)

    def delete_code(self, ref: str, code_ref: str) -> base.Result:
        return self._ask(self._provider.delete_code, ref, code_ref)

    def pull_backup(self, ref: str, code_ref: str) -> base.DeviceCode:
        return self._ask(self._provider.pull_backup, ref, code_ref)

    def unlock(self, ref: str) -> base.Result:
        return self._ask(self._provider.unlock, ref)

    def poll(self, ref: str, operation: str) -> base.Result:
        return self._ask(self._provider.poll, ref, operation)

    def pair(self, ref: str) -> str:
        return self._ask(self._provider.pair, ref)

    def _ask(self, call: Callable, *args: Any) -> Any:
        self._budget.take()
        try:
            with calls.one():
                return call(*args)
        except base.Busy as busy:
            if busy.retry_after and not isinstance(busy, base.LockBusy):
                self._budget.pause(busy.retry_after)
            raise
