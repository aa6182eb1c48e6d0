"""One at a time on each worker node."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def on_this_node(name: str) -> Iterator[bool]:
    """True for the first on this node who does the work `name`. A PostgreSQL advisory lock in the node's name: the
    database lets go of it if we are killed."""
    key = [f"latchkey.{name}:{os.environ.get('LATCHKEY_NODE', '')}"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", key)
        mine = cursor.fetchone()[0]
        try:
            yield mine
        finally:
            if mine:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", key)
