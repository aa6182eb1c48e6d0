"""What keeps a worker from doing its work on a lock: since when it may be held to its times."""

from datetime import datetime

from locks.providers import base
from tests.histories.house_clock import HouseClock

ACCOUNTS = (base.HubUnreachable, base.AuthFailed, base.Busy)
"""Troubles of a call that concern every lock of the account."""


class Obstacles:
    """Locks are named by their ids at the maker."""

    def __init__(self, clock: HouseClock):
        self._clock = clock
        self._standing: dict[str, set[str]] = {}
        self._account: set[str] = set()
        self._passed: dict[str, datetime] = {}
        self._passed_all: datetime | None = None

    def put(self, lock: str, what: str) -> None:
        """From now on the lock cannot be served."""
        self._standing.setdefault(lock, set()).add(what)

    def put_on_account(self, what: str) -> None:
        self._account.add(what)

    def clear(self, lock: str) -> None:
        """What stood is gone."""
        self._standing.pop(lock, None)
        self.hit(lock)

    def clear_account(self) -> None:
        self._account.clear()
        self.hit_all()

    def hit(self, lock: str, until: datetime | None = None) -> None:
        """Something went wrong with the lock just now (or holds it up until a moment), and is over then."""
        self._passed[lock] = max(until or self._clock.moment, self._passed.get(lock, self._clock.moment))

    def hit_all(self) -> None:
        self._passed_all = self._clock.moment

    def called(self, lock: str, error: base.ProviderError | None) -> None:
        """A call failed, or was not answered."""
        if isinstance(error, ACCOUNTS):
            self.hit_all()
        self.hit(lock)

    @property
    def on_account(self) -> bool:
        return bool(self._account)

    def standing(self, lock: str) -> set[str]:
        return self._standing.get(lock, set())

    def holds_writes(self, lock: str) -> bool:
        """Does the maker accept writes and carry none out?"""
        return "hold operations" in self.standing(lock)

    def stand(self, lock: str) -> bool:
        return bool(self._account or self._standing.get(lock))

    def over_since(self, lock: str, moment: datetime) -> datetime:
        """The later of `moment` and the end of the last obstacle."""
        ends = (self._passed.get(lock), self._passed_all)
        return max(moment, *(end for end in ends if end), moment)
