"""The maker's account: its knobs, its clock, and how much it may ask."""

import asyncio
import math
import random
import time
from datetime import UTC, datetime, timedelta

from locks.simulator.store import Store

KNOBS = {
    "down": False,
    "auth": True,
    "webhooks": "deliver",
    "clock_offset_seconds": 0,
    "rate": None,
    "latency_seconds": None,
}


class Account:
    """What holds for all locks. Its settings are in the store; its bucket of requests is full at the start."""

    def __init__(self, store: Store):
        self._store = store
        self._tokens = math.inf
        self._filled_at = time.monotonic()

    def knob(self, name: str) -> object:
        return self._store.setting(name, KNOBS[name])

    def knobs(self) -> dict:
        return {name: self.knob(name) for name in KNOBS}

    def turn(self, turned: dict) -> None:
        """Set these knobs. A rate that is set begins with a full bucket."""
        if "rate" in turned:
            self._tokens = math.inf
        with self._store.transaction():
            for name, value in turned.items():
                self._store.set_setting(name, value)
            self._store.append(None, "account.knobs", turned)

    @property
    def webhook(self) -> dict | None:
        """{"url", "secret"}, or None."""
        return self._store.setting("webhook", None)

    def now(self) -> datetime:
        """The time at the maker's: the real time, or one that was travelled to."""
        return datetime.now(UTC) + timedelta(seconds=self.knob("clock_offset_seconds"))

    def over_rate(self) -> float:
        """Take one request's token out of the bucket, which holds a second's worth. Returns 0, or where it is
        empty the seconds until it holds one again."""
        rate = self.knob("rate")
        if rate is None:
            self._tokens = math.inf
            return 0
        now = time.monotonic()
        most = max(rate, 1)
        self._tokens = min(most, self._tokens + (now - self._filled_at) * rate)
        self._filled_at = now
        if self._tokens < 1:
            return (1 - self._tokens) / rate
        self._tokens -= 1
        return 0

    async def delay(self) -> None:
        """The way to the maker's cloud takes as long as the account's knob says."""
        bounds = self.knob("latency_seconds")
        if bounds:
            await asyncio.sleep(random.uniform(*bounds))
