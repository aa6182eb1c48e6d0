"""Serving all due locks side by side, from one task: provider calls wait on the network, not on each other.

Visits run on many threads that hold no database connection; what they have to read and write is gathered and done for
many at once (`locks.gathering`). So a call to a slow lock costs a thread that sleeps, and nothing else.
"""

import logging
import os
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

from django.db import connection

from locks import leases, reconcile
from locks.gathering import Gathering

log = logging.getLogger(__name__)

VISITS_AT_ONCE = 200
LASTS = 30.0
"""Seconds after which a sweep claims nothing more, well under the queue's time-out."""
LISTEN = 0.2
"""Seconds between two looks for newly due locks while visits are under way."""


def run() -> int:
    """Serve due locks until none is left, or `LASTS` is over; returns the number of visits. A no-op while
    another sweep of this node is at it."""
    # What still runs when the claiming ends is waited for outside: the next sweep need not wait for it.
    with (
        Gathering() as gathering,
        ThreadPoolExecutor(VISITS_AT_ONCE, thread_name_prefix="visit") as visits,
        _alone_on_this_node() as alone,
    ):
        return _serve_all(visits, gathering) if alone else 0


def _serve_all(visits: ThreadPoolExecutor, gathering: Gathering) -> int:
    served, ends = 0, time.monotonic() + LASTS
    running: set[Future] = set()
    while time.monotonic() < ends:
        free = VISITS_AT_ONCE - len(running)
        claimed = leases.claim(free) if free else []
        running |= {visits.submit(_visit, lease, gathering) for lease in claimed}
        served += len(claimed)
        if not running:
            break
        _, running = wait(running, timeout=LISTEN, return_when=FIRST_COMPLETED)
    return served


def _visit(lease: leases.Lease, gathering: Gathering) -> None:
    """One lock's trouble stays its own: whatever goes wrong, it is left alone for a while and tried again."""
    try:
        reconcile.serve(lease, gathering.run)
    except Exception:
        log.exception("the visit to lock %s failed; it is tried again later", lease.lock_id)
        try:
            gathering.run(reconcile.give_up, reconcile.Renewal(lease))
        except Exception:
            log.exception("lock %s could not be put off either; its lease runs out in seconds", lease.lock_id)


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
