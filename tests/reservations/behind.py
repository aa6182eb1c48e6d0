"""Two people at once, in a certain order: needs a database whose transactions are real."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, connections, transaction

from tests.locks.simulator_process import wait_until


def behind(first: Callable, second: Callable) -> Any:
    """What `second` returns or raises, begun while `first` is done but not committed: it waits, and then must see what
    `first` did."""

    def run():
        try:
            return second()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            job = pool.submit(run)
            wait_until(_somebody_waits, what="the second one waits")
        return job.result()


def _somebody_waits() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0]
