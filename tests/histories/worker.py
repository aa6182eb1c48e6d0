"""The worker of a history: the product's visits to the locks that are due by the history's own clock."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.db.models.functions import Greatest

from hospitality.models import Property
from locks import leases, reconcile
from locks.models import Lock
from tests.histories.changes import Changes
from tests.histories.house_clock import HouseClock
from tests.histories.watched import Killed

MOST_VISITS = 8
"""To one lock at one moment: more, and it never comes to rest."""


class Worker:
    """`after_visit(lock id)` is called after each visit."""

    def __init__(
        self, property: Property, clock: HouseClock, changes: Changes, after_visit: Callable[[int], None]
    ):
        self._property = property
        self._clock = clock
        self._changes = changes
        self._after_visit = after_visit
        self._read: list[tuple[int, datetime]] = []
        self._read_at: int | None = None

    def lease(self, lock_id: int) -> leases.Lease:
        """What a worker does to have a lock for itself (`leases.claim`, by the history's clock)."""
        token = uuid.uuid4()
        until = self._clock.now() + leases.LEASE
        Lock.objects.filter(pk=lock_id).update(lease_token=token, lease_until=until)
        return leases.Lease(lock_id, token)

    def visit(self, lock_id: int, run: Callable | None = None) -> None:
        """One visit. `run` hands the work on the database on."""
        reconcile.serve(self.lease(lock_id), *([run] if run else []))
        self._after_visit(lock_id)

    def killed_visit(self, lock_id: int, run: Callable | None = None) -> bool:
        """A visit that may be killed on its way: everything is left as it is. Was it?"""
        try:
            self.visit(lock_id, run)
        except Killed:
            self._after_visit(lock_id)
            return True
        return False

    def due(self) -> list[int]:
        """The locks to look at now that nobody is at."""
        now = self._clock.moment
        return [pk for pk, at in self._moments() if at <= now]

    def next_due(self, only: Iterable[int] | None = None) -> datetime | None:
        """When the next of the locks, or of these, is due."""
        chosen = None if only is None else set(only)
        return min((at for pk, at in self._moments() if chosen is None or pk in chosen), default=None)

    def work(self) -> None:
        """Visit every lock that is due, until none is. Raises AssertionError where that never ends."""
        visits: Counter[int] = Counter()
        while due := self.due():
            for lock_id in due:
                visits[lock_id] += 1
                assert visits[lock_id] <= MOST_VISITS, f"lock {lock_id} is due again and again"
                self.visit(lock_id)

    def work_until(self, moment: datetime, only: Callable[[], set[int]]) -> None:
        """Let time pass and serve, event by event, the locks that `only` names while it passes."""
        while chosen := only():
            due = self.next_due(chosen)
            if due is None or due > moment:
                break
            self._clock.jump(max(due, self._clock.moment) + timedelta(milliseconds=5))
            self.work()
        self._clock.jump(moment)

    def _moments(self) -> list[tuple[int, datetime]]:
        """Each lock that waits for a visit, and from when it can have one; the longest due first."""
        changes = self._changes.of(Lock._meta.db_table)
        if changes != self._read_at:
            waiting = Lock.objects.filter(property=self._property, due_at__isnull=False)
            free_at = Greatest(F("due_at"), F("lease_until"))
            self._read = list(waiting.order_by("due_at", "pk").values_list("pk", free_at))
            self._read_at = changes
        return self._read


def alone(step: Callable[[Sequence], list], item: Any) -> Any:
    """Have a step of a visit done for this item, as the product does it. Raises LeaseLost."""
    [result] = step([item])
    if isinstance(result, leases.LeaseLost):
        raise result
    return result
