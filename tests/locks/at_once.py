"""Twenty threads that hand out from a pool of five, round after round. What a worker would do between two rounds is
written as it stands after it."""

import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Barrier

from django.db import connection
from django.db.models import CharField, F
from django.db.models.functions import Cast

from locks import backups, codes
from locks.capabilities import as_json
from locks.models import AccessCode, Lock
from locks.providers.base import Capabilities
from tests.factories import LockFactory, now

THREADS, POOL = 20, 5
GUESTS = 10
"""Each of them is asked for twice at once: fewer codes than guests, and two clicks for each."""
ON_ONE_LOCK = 250
"""Rounds, before another lock takes over: for 90 days no two codes of a lock begin alike."""


@dataclass
class Tally:
    """What came of all rounds: `waits` is in seconds, one for each call."""

    handed_out: set[int] = field(default_factory=set)
    none_left: int = 0
    waits: list[float] = field(default_factory=list)


def rounds(count: int) -> Tally:
    """Play them. Raises AssertionError for a code that goes to two guests or twice, and for a pool that is said to be
    empty while it is not; whatever else a thread raises (a deadlock), this raises."""
    tally = Tally()
    gate = Barrier(THREADS)
    with ThreadPoolExecutor(THREADS) as threads:
        for number in range(count):
            if number % ON_ONE_LOCK == 0:
                lock, guests = _new_lock()
            _fill(lock)
            results = list(threads.map(_hand_out, guests * 2, [gate] * THREADS))
            _check(lock, results, tally)
        list(threads.map(_close, [gate] * THREADS))
    return tally


def _new_lock() -> tuple[Lock, list[AccessCode]]:
    """A common door with a pool, and the guests' codes for it."""
    lock = LockFactory(common=True, capabilities=as_json(Capabilities()))
    backups.resize(lock, POOL, by=None)
    starts_at, ends_at = now() - timedelta(hours=1), now() + timedelta(days=1)
    for number in range(GUESTS):
        codes.grant(
            lock.property,
            by=None,
            name=f"Guest {number}",
            locks=[lock],
            starts_at=starts_at,
            ends_at=ends_at,
        )
    guests = AccessCode.objects.filter(lock=lock, is_backup=False)
    return lock, list(guests.select_related("lock__property"))


def _fill(lock: Lock) -> None:
    """The guests of the round before have left, their codes are off the lock, and those that were drawn in their place
    are confirmed."""
    AccessCode.objects.filter(lock=lock, is_backup=False).update(pulled_backup=None)
    spent = AccessCode.objects.filter(lock=lock, handed_out_at__isnull=False, live=True)
    spent.update(wanted=False, live=False, observed="absent")
    backups.stock(lock).update(
        status="set",
        observed="present",
        observed_at=now(),
        observed_ref=Cast("pk", CharField()),
        observed_pin_index=F("pin_index"),
        pending_mutations=[],
    )
    assert backups.healthy(lock).count() == POOL


def _hand_out(guest: AccessCode, gate: Barrier) -> tuple[int, int | None, float]:
    """Which guest, which code (None: none left), and how long it took."""
    gate.wait()
    begun = time.monotonic()
    try:
        backup = backups.hand_out(guest, by=None).pk
    except backups.NoneLeft:
        backup = None
    return guest.pk, backup, time.monotonic() - begun


def _check(lock: Lock, results: list[tuple[int, int | None, float]], tally: Tally) -> None:
    got = defaultdict(set)
    for guest, backup, waited in results:
        got[guest].add(backup)
        tally.waits.append(waited)
    assert all(len(told) == 1 for told in got.values()), "one guest was told two things"
    given = [backup for told in got.values() for backup in told if backup]
    assert len(given) == len(set(given)) == POOL, f"{len(given)} guests got {len(set(given))} of {POOL} codes"
    assert not tally.handed_out & set(given), "a code was handed out a second time"
    assert AccessCode.objects.filter(lock=lock, pulled_for__isnull=False).count() == POOL
    tally.handed_out |= set(given)
    tally.none_left += GUESTS - POOL


def _close(gate: Barrier) -> None:
    gate.wait()
    connection.close()
