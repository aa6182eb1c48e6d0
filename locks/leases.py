"""Who may visit a lock: a lease on its row, on the database's clock, with a fencing token.

Every write of a visit goes through `locks.sheets`, which checks the token under the lock's row; nothing is held while
a provider is asked. Whoever is killed leaves a lease that runs out.
"""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection

LEASE = timedelta(seconds=30)
"""Longer than the longest provider call by far: it is renewed before each call."""
TRY_EVERY = 0.25
"""Seconds between two tries to have a lock for oneself, while a visit is at it."""


class LeaseLost(Exception):
    """Another worker has the lock now: stop, and write nothing."""


@dataclass(frozen=True)
class Lease:
    lock_id: int
    token: uuid.UUID


def anything_due() -> bool:
    """Is there a lock to look at that nobody is at? One read of the due index (for which the time must be stable)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM locks_lock WHERE due_at <= statement_timestamp() "
            "AND (lease_until IS NULL OR lease_until < statement_timestamp()))"
        )
        return cursor.fetchone()[0]


def claim_one(lock_id: int) -> Lease | None:
    """Lease this lock, due or not; None while somebody is at it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE locks_lock SET lease_token = gen_random_uuid(), lease_until = statement_timestamp() + %s "
            "WHERE id = %s AND (lease_until IS NULL OR lease_until < statement_timestamp()) "
            "RETURNING id, lease_token",
            [LEASE, lock_id],
        )
        row = cursor.fetchone()
        return Lease(*row) if row else None


@contextmanager
def soon(lock_id: int, is_wanted: Callable[[], bool]) -> Iterator[bool]:
    """Have this lock for oneself for one call, as soon as no visit is at it: True; or False once that is not wanted any
    more."""
    lease = None
    while (wanted := is_wanted()) and (lease := claim_one(lock_id)) is None:
        time.sleep(TRY_EVERY)
    try:
        yield wanted
    finally:
        if lease:
            give_back(lease)


def give_back(lease: Lease) -> None:
    """End a lease before its time; one that another worker has by now is left alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE locks_lock SET lease_token = NULL, lease_until = NULL WHERE id = %s AND lease_token = %s",
            [lease.lock_id, lease.token],
        )


def claim(limit: int) -> list[Lease]:
    """Lease up to `limit` due locks, longest due first. Two workers never get the same lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE locks_lock SET lease_token = gen_random_uuid(), lease_until = statement_timestamp() + %s "
            "WHERE id IN (SELECT id FROM locks_lock WHERE due_at <= statement_timestamp() "
            "  AND (lease_until IS NULL OR lease_until < statement_timestamp()) "
            "  ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED) "
            "RETURNING id, lease_token",
            [LEASE, limit],
        )
        return [Lease(*row) for row in cursor.fetchall()]
