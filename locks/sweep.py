"""Serving all due locks side by side, from one task: provider calls wait on the network, not on each other.

Visits run on many threads that hold no database connection; what they have to read and write is handed to a few
threads that do. So a call to a slow lock costs a thread that sleeps, and nothing else.
"""

import logging
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Barrier
from typing import Any

from django.db import close_old_connections, connection, connections

from locks import leases, reconcile

log = logging.getLogger(__name__)

VISITS_AT_ONCE = 200
DATABASE_THREADS = 8
LASTS = 30.0
"""Seconds after which a sweep claims nothing more, well under the queue's time-out."""
LISTEN = 0.2
"""Seconds between two looks for newly due locks while visits are under way."""


def run() -> int:
    """Serve due locks until none is left, or `LASTS` is over; returns the number of visits. A no-op while
    another sweep of this node is at it."""
    # What still runs when the claiming ends is waited for outside: the next sweep need not wait for it.
    with (
        _database_threads() as database,
        ThreadPoolExecutor(VISITS_AT_ONCE, thread_name_prefix="visit") as visits,
        _alone_on_this_node() as alone,
    ):
        return _serve_all(visits, database) if alone else 0


def _serve_all(visits: ThreadPoolExecutor, database: ThreadPoolExecutor) -> int:
    served, ends = 0, time.monotonic() + LASTS
    running: set[Future] = set()
    while time.monotonic() < ends:
        free = VISITS_AT_ONCE - len(running)
        claimed = leases.claim(free) if free else []
        running |= {visits.submit(_visit, lease, database) for lease in claimed}
        served += len(claimed)
        if not running:
            break
        _, running = wait(running, timeout=LISTEN, return_when=FIRST_COMPLETED)
    return served


def _visit(lease: leases.Lease, database: ThreadPoolExecutor) -> None:
    """One lock's trouble stays its own: whatever goes wrong, it is left alone for a while and tried again."""

    def run(function: Callable, *args: Any) -> Any:
        return database.submit(_on_database, function, *args).result()

    try:
        reconcile.serve(lease, run)
    except Exception:
        log.exception("the visit to lock %s failed; it is tried again later", lease.lock_id)
        try:
            run(reconcile.give_up, lease)
        except Exception:
            log.exception("lock %s could not be put off either; its lease runs out in seconds", lease.lock_id)


def _on_database(function: Callable, *args: Any) -> Any:
    close_old_connections()
    return function(*args)


@contextmanager
def _database_threads() -> Iterator[ThreadPoolExecutor]:
    """Threads with a connection each, which is closed at the end."""
    pool = ThreadPoolExecutor(DATABASE_THREADS, thread_name_prefix="database")
    try:
        yield pool
    finally:
        # One task per thread: each waits for the others, so that every thread closes its own.
        all_here = Barrier(DATABASE_THREADS)
        for _ in range(DATABASE_THREADS):
            pool.submit(_close, all_here)
        pool.shutdown()


def _close(all_here: Barrier) -> None:
    all_here.wait()
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
