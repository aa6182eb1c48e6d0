"""Serving all due locks side by side, from one task: provider calls wait on the network, not on each other."""

import logging
import os
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

from django.db import close_old_connections, connection, connections

from locks import reconcile

log = logging.getLogger(__name__)

VISITS_AT_ONCE = 16
LASTS = 30.0
"""Seconds after which a sweep claims nothing more, well under the queue's time-out."""
LISTEN = 0.2
"""Seconds between two looks for newly due locks while visits are under way."""


def run() -> int:
    """Serve due locks until none is left, or `LASTS` is over; returns the number of visits. A no-op while
    another sweep of this node is at it."""
    # What still runs when the claiming ends is waited for outside: the next sweep need not wait for it.
    with (
        ThreadPoolExecutor(VISITS_AT_ONCE, thread_name_prefix="visit") as pool,
        _alone_on_this_node() as alone,
    ):
        return _serve_all(pool) if alone else 0


def _serve_all(pool: ThreadPoolExecutor) -> int:
    served, ends = 0, time.monotonic() + LASTS
    running: set[Future] = set()
    while time.monotonic() < ends:
        free = VISITS_AT_ONCE - len(running)
        leases = reconcile.claim(free) if free else []
        running |= {pool.submit(_visit, lease) for lease in leases}
        served += len(leases)
        if not running:
            break
        _, running = wait(running, timeout=LISTEN, return_when=FIRST_COMPLETED)
    return served


def _visit(lease: reconcile.Lease) -> None:
    """One lock's trouble stays its own: whatever goes wrong, its lease runs out and it is tried again."""
    try:
        close_old_connections()
        reconcile.serve(lease)
    except Exception:
        log.exception("the visit to lock %s failed; its lease runs out in seconds", lease.lock_id)
    finally:
        connections.close_all()


@contextmanager
def _alone_on_this_node() -> Iterator[bool]:
    """A PostgreSQL advisory lock in this node's name: the database lets go of it if we are killed."""
    key = [f"latchkey.sweep:{os.environ.get('LATCHKEY_NODE', '')}"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", key)
        mine = cursor.fetchone()[0]
        try:
            yield mine
        finally:
            if mine:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", key)
