"""How fast one account may be asked: a token bucket in this process, and a pause for all of its locks when the maker
asks for one.

Whoever asks waits here, on a thread that holds nothing; a wait that is too long ends the visit instead.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

from locks.providers import base

BURST = 1.0
"""Seconds' worth of calls that may be made at once after a rest."""
MOST_WAIT = 5.0
"""Seconds; a longer wait is an answer in itself: Busy, with when to come back."""


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

    def poll(self, ref: str, operation: str) -> base.Result:
        return self._ask(self._provider.poll, ref, operation)

    def pair(self, ref: str) -> str:
        return self._ask(self._provider.pair, ref)

    def _ask(self, call: Callable, *args: Any) -> Any:
        self._budget.take()
        try:
            return call(*args)
        except base.Busy as busy:
            if busy.retry_after:
                self._budget.pause(busy.retry_after)
            raise
